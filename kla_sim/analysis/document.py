"""The summary of a run as the JSON document of the command line; names are fixed (docs).

What the table of results asks for comes in sections of its own. `document_schema` says what such a
document may hold.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.replications import Replications
from kla_sim.engine.results import Axis, results_of
from kla_sim.engine.structure import Labels

SCHEMA_VERSION = 1
CATEGORIES_SHOWN = (*CATEGORIES, "no_award")


class Section(NamedTuple):
    """Where the document holds means, or shares, of results with the same axes."""

    axes: tuple[Axis, ...]
    results: dict[str, str]  # by their names inside; "" = the section is the one result
    is_share: bool


def sections() -> dict[str, Section]:
    """Return the sections that the table of results asks for, in its order."""
    found: dict[str, Section] = {}
    for result, row in results_of(Replications).items():
        if row.mean:
            name, _, inside = row.mean.partition(".")
            found.setdefault(name, Section(row.axes, {}, is_share=False)).results[inside] = result
        if row.share:
            found[row.share] = Section(row.axes[-1:], {"": result}, is_share=True)
    return found


def summary_document(summary: Summary) -> dict[str, Any]:
    """Return the parts of `run --json` that follow from the replications alone."""
    labels = summary.labels
    deadline = labels.start + dt.timedelta(days=summary.deadline_day)
    return {
        "target": {"category": CATEGORIES[summary.target], "deadline": deadline.isoformat()},
        "odds": _odds(summary),
        "may_be_narrow": [
            *(["all_cities"] * summary.is_joint_narrow),
            *(labels.cities[place] for place in summary.narrow_cities),
        ],
        "without_kaltara": _plain(summary.without_kaltara),
        "worlds": _plain(summary.worlds),
        "tau": [_plain(part) for part in summary.tau],
        "precision": summary.precision and _plain(summary.precision),
        "weakest_city": labels.cities[summary.weakest_city],
        "expected_cities": _plain(summary.expected_cities),
        "reached_50": _iso(summary.reached(0.5)),
        "reached_80": _iso(summary.reached(0.8)),
        "attainment": [_plain(point) for point in summary.attainment],
        "categories": _categories(summary),
        **{name: _means(section, summary) for name, section in sections().items()},
    }


def _odds(summary: Summary) -> dict[str, Any]:
    cities = zip(summary.labels.cities, summary.cities, strict=True)
    return {
        "all_cities": _plain(summary.all_cities),
        "counted": _plain(summary.counted),
        "counted_less_conditional": {**_plain(summary.check.difference), "z": summary.check.z},
        "variance_ratio": summary.variance_ratio,
        "all_cities_at_once_ever": _plain(summary.all_cities_at_once_ever),
        "on_claimed_scores": _plain(summary.on_claimed_scores),
        "cities": {city: _plain(estimate) for city, estimate in cities},
    }


def _categories(summary: Summary) -> dict[str, Any]:
    labels = summary.labels
    return {
        city: {
            str(cycle): dict(zip(CATEGORIES_SHOWN, map(float, shares), strict=True))
            for cycle, shares in zip(labels.cycles, by_cycle, strict=True)
        }
        for city, by_cycle in zip(labels.cities, summary.category_shares, strict=True)
    }


def _means(section: Section, summary: Summary) -> Any:
    arrays = summary.shares if section.is_share else summary.means
    inside = {name: arrays[result] for name, result in section.results.items()}
    return _by_label(inside, section.axes, summary.labels)


def _by_label(arrays: Mapping[str, FloatArray], axes: tuple[Axis, ...], labels: Labels) -> Any:
    """Return arrays as mappings from the labels of each axis, the names inside last."""
    if axes:
        return {
            str(label): _by_label(
                {name: array[place] for name, array in arrays.items()}, axes[1:], labels
            )
            for place, label in enumerate(getattr(labels, axes[0]))
        }
    values = {name: float(array) for name, array in arrays.items()}
    return values.get("", values)


def _plain(value: Any) -> Any:
    """Return a named tuple as a mapping, a date as text, and nothing for what is not known."""
    if hasattr(value, "_asdict"):
        return {name: _plain(entry) for name, entry in value._asdict().items()}
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()

"""What the plot of waiting shows: days per zone by cause, and what relieving a cause would add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from kla_sim.analysis.differences import RARE
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.language import number, text
from kla_sim.report.bar_charts import Bars
from kla_sim.report.charts import Figure
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.limits import below, noted, weakest_cities
from kla_sim.report.waiting import Waits, gain_of, gather_waits, waiting_bars
from kla_sim.report.words import phrase_cause, phrase_difference, phrase_percent, zones_ahead
from kla_sim.scenario.model import Scenario

_ = partial(text, "plots")


def waiting(
    summary: Summary,
    scenario: Scenario,
    footer: str,
    cases: Sequence[Mapping[str, Any]] = (),
) -> Bars:
    """Return the mean days that the work of a zone waits, by cause and by region.

    Where no region has a zone ahead, the days of all work, by place.

    Parameters
    ----------
    cases : what relieving one thing at a time does, where it is known: entries of `but_for`.
    """
    labels = summary.labels
    names = {cause: phrase_cause(cause, scenario) for cause in labels.causes}
    zones = np.array([zones_ahead(city, scenario) for city in labels.cities])
    places = {"province": _("province"), **dict(zip(labels.cities, labels.city_names, strict=True))}
    cities = weakest_cities(summary)
    rows = below(cities)
    waits = gather_waits(summary.wait_days, names)
    title = _title(waits.days.sum(axis=0), waits, int(zones.sum()))
    footer = noted(footer, "cities", cities, len(labels.cities))
    is_per_zone = bool(zones.any())
    if is_per_zone:
        shown = range(len(zones)) if cities is None else cities
        rows = tuple(1 + place for place in shown if zones[place])
        footer = _("waiting_note", province=number(float(waits.days[0].sum())), footer=footer)
        waits = waits._replace(days=_per_zone(waits.days, zones))
    gains = {
        cause: gain_of(cause, cases, is_rare=summary.all_cities.value < RARE)
        for cause in waits.keys
    }
    if any(gain is not None for gain in gains.values()):
        title = _with_gain(title, waits, gains, summary)
        say = partial(_named, is_rare=summary.all_cities.value < RARE)
        waits = waits._replace(names=tuple(map(say, waits.names, gains.values())))
    head = Figure("waiting", title, footer)
    return waiting_bars(head, waits, places, "place", rows, is_per_zone=is_per_zone)


def _per_zone(days: FloatArray, zones: FloatArray) -> FloatArray:
    """Return days by zone; of the province and of regions without a zone they are not known."""
    known = np.where(zones > 0, zones, np.nan)
    return np.vstack([np.full_like(days[:1], np.nan), days[1:] / known[:, None]])


def _title(totals: FloatArray, waits: Waits, n_zones: int) -> str:
    """Say how long the work of a zone waits and what for, of all work where there is no zone."""
    if totals.sum() <= 0:
        return _("waiting_title_none")
    largest = int(np.argmax(totals))
    fields = {
        "cause": waits.names[largest],
        "share": phrase_percent(float(totals[largest] / totals.sum())),
    }
    if not n_zones:
        return _("waiting_title", total=number(float(totals.sum())), **fields)
    return _("waiting_title_zone", days=number(float(waits.days[1:].sum()) / n_zones), **fields)


def _with_gain(
    title: str, waits: Waits, gains: dict[str, Estimate | None], summary: Summary
) -> str:
    """Add what relieving the largest cause would add to the odds."""
    largest = waits.keys[int(np.argmax(np.nan_to_num(waits.days).sum(axis=0)))]
    gain = gains[largest]
    if gain is None:
        return title
    is_rare = summary.all_cities.value < RARE
    phrase = phrase_number if is_rare else phrase_difference
    return _("waiting_relieved", title=title, gain=phrase(gain))


def _named(name: str, gain: Estimate | None, *, is_rare: bool) -> str:
    if gain is None:
        return name
    value = number(gain.value, 3) if is_rare else number(100 * gain.value, 1)
    say = "cause_relieved_regions" if is_rare else "cause_relieved_points"
    return _(say, cause=name, gain=("+" if gain.value > 0 else "") + value)

"""What figures of one run and of several share: money by year, causes of waiting, labels."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.language import day, number, text
from kla_sim.report.charts import (
    Columns,
    Figure,
    FloatArray,
    Span,
    StepLine,
)
from kla_sim.report.scales import (
    rupiah_axis,
)
from kla_sim.report.words import (
    phrase_cause,
    phrase_percent,
    phrase_share,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "figures")

_MOST_CAUSES = 8


def columns(
    summaries: list[Summary], names: list[str], head: Figure, *, is_by_city: bool
) -> Columns:
    """Return money by panel and year: the province, then each city or all cities together."""
    labels = summaries[0].labels
    years = sorted({year for summary in summaries for year in summary.labels.years})
    if is_by_city:
        groups = [slice(place, place + 1) for place in range(len(labels.accounts))]
        keys = tuple(labels.accounts)
        panel_labels = (_("province"), *labels.city_names)
    else:
        groups = [slice(0, 1), slice(1, None)]
        keys = ("province", "cities")
        panel_labels = (_("province"), _("cities_together", n=number(len(labels.cities))))
    appropriated, spent, lapsed = (
        np.stack([_by_year(summary, field, groups, years) for summary in summaries])
        for field in ("appropriated", "spent", "lapsed")
    )
    highest = np.nanmax(np.maximum(appropriated, spent + lapsed), axis=(0, 2), initial=0.0)
    province, others = float(highest[0]), float(highest[1:].max(initial=0.0))
    return Columns(
        head.name,
        head.title,
        head.footer,
        panel_keys=keys,
        panel_labels=panel_labels,
        panel_axes=(rupiah_axis(province), *[rupiah_axis(others)] * (len(groups) - 1)),
        year_labels=tuple(map(str, years)),
        run_keys=tuple(names),
        appropriated_label=_("appropriated"),
        spent_labels=tuple(_("spent_in", run=name) if name else _("spent") for name in names),
        lapsed_label=_("lapsed"),
        appropriated=appropriated,
        spent=spent,
        lapsed=lapsed,
        column_labels=tuple(
            tuple(
                tuple(
                    number(100 * ratio(used, amount)) if amount > 0 else ""
                    for used, amount in zip(*panel, strict=True)
                )
                for panel in zip(*run, strict=True)
            )
            for run in zip(spent, appropriated, strict=True)
        ),
    )


def _by_year(summary: Summary, field: str, groups: list[slice], years: list[int]) -> FloatArray:
    """Return (n_groups, n_years) rupiah; a year that a run lacks is unknown, not empty."""
    amounts = getattr(summary.money, field)
    by_year = np.full((len(groups), len(years)), np.nan)
    for column, year in enumerate(summary.labels.years):
        for place, group in enumerate(groups):
            by_year[place, years.index(year)] = amounts[group, column].sum()
    return by_year


class Causes(NamedTuple):
    """Causes drawn one by one, in the order of the plan, and those gathered in one."""

    shown: tuple[int, ...]
    others: tuple[int, ...]


def shown_causes(totals: FloatArray) -> Causes:
    """Choose the largest causes; what held nothing up is left out."""
    largest = [int(cause) for cause in np.argsort(-totals, kind="stable") if totals[cause] > 0]
    return Causes(tuple(sorted(largest[:_MOST_CAUSES])), tuple(sorted(largest[_MOST_CAUSES:])))


def gather(wait_days: FloatArray, causes: Causes) -> FloatArray:
    """Return (n_rows, n_shown) days, the others in one last column if there are any."""
    shown = wait_days[:, list(causes.shown)]
    if not causes.others:
        return shown
    return np.column_stack([shown, wait_days[:, list(causes.others)].sum(axis=1)])


def cause_keys(keys: list[str], causes: Causes) -> tuple[str, ...]:
    """Return the keys of the causes drawn."""
    return (*(keys[place] for place in causes.shown), *(["others"] if causes.others else []))


def cause_names(keys: list[str], causes: Causes, scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the causes drawn."""
    shown = [phrase_cause(keys[place], scenario) for place in causes.shown]
    return (*shown, *([_("other_causes")] if causes.others else []))


def with_value(line: StepLine, summary: Summary, odds: Estimate) -> StepLine:
    """Put the odds at the end of a line into its label.

    Parameters
    ----------
    odds : on the deadline; if no award follows it they are those at the end, and where they are
        next to 0 or 1 their interval says how near.
    """
    if not line.label:
        return line
    is_last = summary.deadline_day >= summary.curve.days[-1]
    value = phrase_share(odds) if is_last else phrase_percent(float(line.values[-1]), summary.n)
    return replace(line, label=_("line_label", name=line.label, value=value))


def joint_span(key: str, summary: Summary) -> Span:
    """Return the joint odds on the deadline with their interval."""
    odds = summary.all_cities
    return Span(key, summary.deadline_day, odds.value, odds.low, odds.high)


def total_labels(values: FloatArray) -> tuple[tuple[str, ...], ...]:
    """Return what stands at the end of each row of one panel."""
    return tuple((number(float(row.sum())),) for row in values)


def no_labels(values: FloatArray) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return an empty label for each part of a bar."""
    n_rows, n_panels, n_series = map(int, values.shape)
    return ((("",) * n_series,) * n_panels,) * n_rows


def ratio(part: float, whole: float) -> float:
    """Return a part of a whole; of nothing it is nothing."""
    return float(part) / float(whole) if whole > 0 else 0.0


def date_of(summary: Summary, day_number: int) -> str:
    """Return a day of a run as a date in words."""
    return day(summary.labels.start + dt.timedelta(days=day_number))

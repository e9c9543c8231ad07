"""What the plots of several runs side by side show, on common axes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from kla_sim.analysis.differences import Differences, is_shown
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import number, rupiah, text
from kla_sim.report.bar_charts import Bars, Columns
from kla_sim.report.charts import Figure, Tick
from kla_sim.report.drawable import Drawable
from kla_sim.report.figures import Caption
from kla_sim.report.limits import MOST_CITIES, below, best_runs, noted, weakest_cities
from kla_sim.report.line_charts import Span, StepLine, Steps
from kla_sim.report.odds_lines import with_value
from kla_sim.report.range_charts import Dots
from kla_sim.report.scales import calendar, levels, odds_axis, percent_axis
from kla_sim.report.spending import spending_columns
from kla_sim.report.waiting import gather_waits, waiting_bars
from kla_sim.report.words import (
    phrase_cause,
    phrase_day,
    phrase_odds,
    phrase_percent,
    phrase_share,
    zones_ahead,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "figures")
_plots = partial(text, "plots")


def compare_makers(
    summaries: list[Summary],
    scenarios: list[Scenario],
    names: list[str],
    caption: Caption,
    found: Sequence[Differences] = (),
) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures that lay runs side by side, on common axes, by their names.

    Parameters
    ----------
    found : differences of the other runs from the first, their cities in its order. With them
        intervals are those of the differences: two runs share their futures, so that their own
        intervals say little of how they differ. Without them each run has its own interval.
    """
    footer = caption.footer()
    return {
        "compare-odds": partial(compare_odds_over_time, summaries, names, footer, found),
        "compare-cities": partial(compare_cities, summaries, names, footer, found),
        "compare-waiting": partial(compare_waiting, summaries, scenarios, names, footer),
        "compare-spending": partial(compare_spending, summaries, names, footer),
    }


def compare_odds_over_time(
    summaries: list[Summary], names: list[str], footer: str, found: Sequence[Differences] = ()
) -> Steps:
    """Return the joint odds of each run over time, on an axis that ends at a fixed step."""
    first, drawn = summaries[0], best_runs(summaries)
    start = min(summary.labels.start for summary in summaries)
    shifts = [(summary.labels.start - start).days for summary in summaries]
    horizon = max(s.horizon_day + shift for s, shift in zip(summaries, shifts, strict=True))
    has_own_ends = len(_horizons(summaries)) > 1
    lines = [
        _joint_line(summary, name, shift, has_own_end=has_own_ends)
        for summary, name, shift in zip(summaries, names, shifts, strict=True)
    ]
    notes = [_("own_ends")] if has_own_ends else []
    if found:
        notes.append(_plots("paired_ends", run=names[0]))
    if drawn is not None:
        lines = [
            line if place in drawn else replace(line, label="", weight="faint")
            for place, line in enumerate(lines)
        ]
        notes.append(_("faint_runs", n=number(len(lines) - len(drawn))))
    deadline = first.deadline_day + shifts[0]
    ends = [_ends(s.all_cities, pair and pair.odds) for s, pair in _with_pairs(summaries, found)]
    highest = max([float(line.values.max()) for line in lines] + [high for _low, high in ends])
    axis = odds_axis(_plots("joint_odds_axis", category=CATEGORIES[first.target]), highest)
    return Steps(
        "compare-odds",
        _compare_title(summaries, names, found),
        footer,
        start=start,
        x=calendar(start, horizon)._replace(label="; ".join(notes)),
        y=axis,
        lines=tuple(lines),
        levels=tuple(level for level in levels() if level.place <= axis.high),
        deadline=Tick(deadline, _("deadline", date=phrase_day(first, first.deadline_day))),
        spans=tuple(
            Span(name, summary.deadline_day + shift, summary.all_cities.value, *span)
            for name, summary, shift, span in zip(names, summaries, shifts, ends, strict=True)
            if name != names[0] or not found
        ),
    )


def _with_pairs(
    summaries: list[Summary], found: Sequence[Differences]
) -> list[tuple[Summary, Differences | None]]:
    """Return each run with its differences from the first; the first has none."""
    pairs = [None, *found] if found else [None] * len(summaries)
    return list(zip(summaries, pairs, strict=True))


def _ends(odds: Estimate, difference: Estimate | None) -> tuple[float, float]:
    """Return the ends drawn around odds: those of the difference from the first run, if known."""
    if difference is None:
        return odds.low, odds.high
    ends = (odds.value + end - difference.value for end in (difference.low, difference.high))
    low, high = (min(1.0, max(0.0, end)) for end in ends)
    return low, high


def _joint_line(summary: Summary, name: str, shift: int, *, has_own_end: bool) -> StepLine:
    """Return the joint odds of a run up to its own horizon, never beyond."""
    line = StepLine(name, name, summary.curve.days + shift, summary.curve.joint)
    line = with_value(line, summary, summary.all_cities)
    if not has_own_end:
        return line
    label = _("line_label_until", label=line.label, end=phrase_day(summary, summary.horizon_day))
    return replace(line, label=label, end=float(summary.horizon_day + shift))


def _title_of(summaries: list[Summary]) -> str:
    """Return which title fits: amounts up to other days are not called the largest."""
    return "own_ends" if len(_horizons(summaries)) > 1 else "title"


def _horizons(summaries: list[Summary]) -> set[dt.date]:
    """Return the days on which runs end."""
    return {s.labels.start + dt.timedelta(days=s.horizon_day) for s in summaries}


def compare_cities(
    summaries: list[Summary], names: list[str], footer: str, found: Sequence[Differences] = ()
) -> Dots:
    """Return the odds of each city on the deadline, a mark per run."""
    cities = _union(
        [dict(zip(s.labels.cities, s.labels.city_names, strict=True)) for s in summaries]
    )
    keys = ("all_cities", *cities)
    own, paired = (
        np.array([_points(run, pair, keys, first) for run, pair in _with_pairs(summaries, pairs)])
        for first, pairs in ((summaries[0], ()), (summaries[0], found))
    )
    if found:
        paired[0, :, 0] = paired[0, :, 2] = paired[0, :, 1]
    first, runs, rows = summaries[0], best_runs(summaries), weakest_cities(summaries[0])
    axis = _plots(
        "city_odds_axis",
        category=CATEGORIES[first.target],
        deadline=phrase_day(first, first.deadline_day),
    )
    whose = _plots("paired_note", run=names[0]) if found else _plots("own_note")
    footer = f"{whose} {footer}"
    return Dots(
        "compare-cities",
        _cities_title(own[:, 1:, 1], list(cities.values()), found),
        noted(noted(footer, "runs", runs, len(names)), "cities", rows, len(cities)),
        x=percent_axis(axis),
        row_keys=keys,
        row_labels=(_("all_cities"), *cities.values()),
        series_keys=tuple(names),
        series_labels=tuple(names),
        points=paired,
        table_names=("run", "city", "paired_low", "odds", "paired_high", "low", "high"),
        beside=own[..., [0, 2]],
        is_first_apart=True,
        drawn_rows=below(rows),
        drawn_series=runs,
    )


def _points(
    run: Summary, pair: Differences | None, keys: Sequence[str], first: Summary
) -> list[tuple[float, float, float]]:
    """Return low, value and high of all cities and of each; NaN for those that a run lacks."""
    odds = {"all_cities": run.all_cities, **dict(zip(run.labels.cities, run.cities, strict=True))}
    known: dict[str, Estimate] = {}
    if pair is not None:
        known = {
            "all_cities": pair.odds,
            **dict(zip(first.labels.cities, pair.cities, strict=True)),
        }
    points = []
    for key in keys:
        estimate = odds.get(key)
        if estimate is None:
            points.append((math.nan,) * 3)
        else:
            low, high = _ends(estimate, known.get(key))
            points.append((low, estimate.value, high))
    return points


def compare_waiting(
    summaries: list[Summary], scenarios: list[Scenario], names: list[str], footer: str
) -> Bars:
    """Return the days waited by cause, a row per run."""
    causes = _union(
        [
            {cause: phrase_cause(cause, scenario) for cause in summary.labels.causes}
            for summary, scenario in zip(summaries, scenarios, strict=True)
        ]
    )
    totals = [
        dict(zip(s.labels.causes, s.wait_days.sum(axis=0).tolist(), strict=True)) for s in summaries
    ]
    by_cause = np.array([[run.get(cause, 0.0) for cause in causes] for run in totals])
    zones = np.array(
        [
            sum(zones_ahead(city, scenario) for city in summary.labels.cities)
            for summary, scenario in zip(summaries, scenarios, strict=True)
        ],
        dtype=float,
    )
    is_per_zone = bool(zones.all())
    waits = gather_waits(by_cause / zones[:, None] if is_per_zone else by_cause, causes)
    rows = best_runs(summaries) if len(names) > MOST_CITIES else None
    title = _waiting_title(waits.days.sum(axis=1), names, summaries, is_per_zone=is_per_zone)
    head = Figure("compare-waiting", title, noted(footer, "runs", rows, len(names)))
    labels = {name: name for name in names}
    return waiting_bars(head, waits, labels, "run", rows, is_per_zone=is_per_zone)


def _waiting_title(
    days: FloatArray, names: list[str], summaries: list[Summary], *, is_per_zone: bool
) -> str:
    """Name the run that waits longest, unless all wait as long to the day."""
    unit = "zone" if is_per_zone else "work"
    longest = number(float(days.max()))
    if number(float(days.min())) == longest:
        return _plots(f"compare_waiting_same_{unit}", days=longest)
    title = f"compare_waiting_{_title_of(summaries)}_{unit}"
    shortest = number(float(days.min()))
    return _plots(title, run=names[int(days.argmax())], days=longest, least=shortest)


def compare_spending(summaries: list[Summary], names: list[str], footer: str) -> Columns:
    """Return money spent against appropriations by year, a column per run."""
    most = int(np.argmax([float(summary.money.spent.sum()) for summary in summaries]))
    title = _(
        f"compare_spending_{_title_of(summaries)}",
        run=names[most],
        spent=rupiah(float(summaries[most].money.spent.sum())),
    )
    runs = best_runs(summaries)
    head = Figure("compare-spending", title, noted(footer, "runs", runs, len(names)))
    return replace(spending_columns(summaries, names, head, is_by_city=False), drawn_runs=runs)


def _cities_title(odds: FloatArray, names: list[str], found: Sequence[Differences]) -> str:
    """Say where runs differ most; (n_runs, n_cities) odds."""
    spread = np.nanmax(odds, axis=0) - np.nanmin(odds, axis=0)
    if found and not any(is_shown(city) for pair in found for city in pair.cities):
        return _plots("compare_cities_not_shown")
    place = int(np.argmax(spread))
    if spread[place] < 0.005:
        return _("compare_cities_same")
    return _(
        "compare_cities_title",
        city=names[place],
        low=phrase_percent(float(np.nanmin(odds[:, place]))),
        high=phrase_percent(float(np.nanmax(odds[:, place]))),
    )


def _compare_title(summaries: list[Summary], names: list[str], found: Sequence[Differences]) -> str:
    odds = [summary.all_cities.value for summary in summaries]
    best, worst = int(np.argmax(odds)), int(np.argmin(odds))
    deadline = phrase_day(summaries[0], summaries[0].deadline_day)
    low, high = (phrase_share(summaries[place].all_cities) for place in (worst, best))
    if found and low != high and not any(is_shown(pair.odds) for pair in found):
        return _plots("compare_odds_not_shown", run=names[0], low=low, high=high, deadline=deadline)
    return _(
        "compare_odds_title" if odds[best] > odds[worst] else "compare_odds_same",
        run=names[best],
        odds=phrase_odds(summaries[best].all_cities),
        deadline=deadline,
    )


def _union(names: list[dict[str, str]]) -> dict[str, str]:
    """Return the keys of several runs in order of appearance, each with its first name."""
    union: dict[str, str] = {}
    for entry in names:
        for key, name in entry.items():
            union.setdefault(key, name)
    return union

"""What the plots of several runs side by side show, on common axes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import number, rupiah, text
from kla_sim.report.charts import AnyFigure, Bars, Columns, Dots, Figure, StepLine, Steps, Tick
from kla_sim.report.figures import Caption
from kla_sim.report.limits import MOST_CITIES, below, best_runs, noted, weakest_cities
from kla_sim.report.odds_lines import joint_span, with_value
from kla_sim.report.scales import calendar, levels, percent_axis
from kla_sim.report.spending import spending_columns
from kla_sim.report.waiting import gather_waits, waiting_bars
from kla_sim.report.words import (
    phrase_cause,
    phrase_day,
    phrase_odds,
    phrase_percent,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "figures")


def compare_makers(
    summaries: list[Summary], scenarios: list[Scenario], names: list[str], caption: Caption
) -> dict[str, Callable[[], AnyFigure]]:
    """Return what makes the figures that lay runs side by side, on common axes, by their names."""
    footer = caption.footer()
    return {
        "compare-odds": partial(compare_odds_over_time, summaries, names, footer),
        "compare-cities": partial(compare_cities, summaries, names, footer),
        "compare-waiting": partial(compare_waiting, summaries, scenarios, names, footer),
        "compare-spending": partial(compare_spending, summaries, names, footer),
    }


def compare_odds_over_time(summaries: list[Summary], names: list[str], footer: str) -> Steps:
    """Return the joint odds of each run over time."""
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
    if drawn is not None:
        lines = [
            line if place in drawn else replace(line, label="", weight="faint")
            for place, line in enumerate(lines)
        ]
        notes.append(_("faint_runs", n=number(len(lines) - len(drawn))))
    deadline = first.deadline_day + shifts[0]
    return Steps(
        "compare-odds",
        _compare_title(summaries, names),
        footer,
        start=start,
        x=calendar(start, horizon)._replace(label="; ".join(notes)),
        y=percent_axis(_("joint_odds_axis", category=CATEGORIES[first.target])),
        lines=tuple(lines),
        levels=levels(),
        deadline=Tick(deadline, _("deadline", date=phrase_day(first, first.deadline_day))),
        spans=tuple(
            joint_span(name, summary)._replace(day=summary.deadline_day + shift)
            for name, summary, shift in zip(names, summaries, shifts, strict=True)
        ),
    )


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


def compare_cities(summaries: list[Summary], names: list[str], footer: str) -> Dots:
    """Return the odds of each city on the deadline, a mark per run."""
    cities = _union(
        [dict(zip(s.labels.cities, s.labels.city_names, strict=True)) for s in summaries]
    )
    odds = [
        {"all_cities": s.all_cities, **dict(zip(s.labels.cities, s.cities, strict=True))}
        for s in summaries
    ]
    keys = ("all_cities", *cities)
    missing = (math.nan,) * 3
    points = np.array(
        [
            [(e.low, e.value, e.high) if (e := run.get(key)) else missing for key in keys]
            for run in odds
        ]
    )
    first, runs, rows = summaries[0], best_runs(summaries), weakest_cities(summaries[0])
    axis = _(
        "city_odds_axis",
        category=CATEGORIES[first.target],
        deadline=phrase_day(first, first.deadline_day),
    )
    return Dots(
        "compare-cities",
        _cities_title(points[:, 1:, 1], list(cities.values())),
        noted(noted(footer, "runs", runs, len(names)), "cities", rows, len(cities)),
        x=percent_axis(axis),
        row_keys=keys,
        row_labels=(_("all_cities"), *cities.values()),
        series_keys=tuple(names),
        series_labels=tuple(names),
        points=points,
        table_names=("run", "city", "low", "odds", "high"),
        is_first_apart=True,
        drawn_rows=below(rows),
        drawn_series=runs,
    )


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
    waits = gather_waits(by_cause, causes)
    longest = int(np.argmax(waits.days.sum(axis=1)))
    rows = best_runs(summaries) if len(names) > MOST_CITIES else None
    title = _(
        f"compare_waiting_{_title_of(summaries)}",
        run=names[longest],
        days=number(float(waits.days[longest].sum())),
    )
    head = Figure("compare-waiting", title, noted(footer, "runs", rows, len(names)))
    return waiting_bars(head, waits, {name: name for name in names}, "run", rows)


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


def _cities_title(odds: FloatArray, names: list[str]) -> str:
    """Say where runs differ most; (n_runs, n_cities) odds."""
    spread = np.nanmax(odds, axis=0) - np.nanmin(odds, axis=0)
    place = int(np.argmax(spread))
    if spread[place] < 0.005:
        return _("compare_cities_same")
    return _(
        "compare_cities_title",
        city=names[place],
        low=phrase_percent(float(np.nanmin(odds[:, place]))),
        high=phrase_percent(float(np.nanmax(odds[:, place]))),
    )


def _compare_title(summaries: list[Summary], names: list[str]) -> str:
    odds = [summary.all_cities.value for summary in summaries]
    best = int(np.argmax(odds))
    return _(
        "compare_odds_title" if max(odds) > min(odds) else "compare_odds_same",
        run=names[best],
        odds=phrase_odds(summaries[best].all_cities),
        deadline=phrase_day(summaries[0], summaries[0].deadline_day),
    )


def _union(names: list[dict[str, str]]) -> dict[str, str]:
    """Return the keys of several runs in order of appearance, each with its first name."""
    union: dict[str, str] = {}
    for entry in names:
        for key, name in entry.items():
            union.setdefault(key, name)
    return union

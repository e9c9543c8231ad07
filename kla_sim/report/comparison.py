"""What the plots of several runs side by side show, on common axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import number, rupiah, text
from kla_sim.report.charts import (
    OTHERS,
    AnyFigure,
    Bars,
    Columns,
    Dots,
    Figure,
    FloatArray,
    StepLine,
    Steps,
    Tick,
)
from kla_sim.report.figures import Caption
from kla_sim.report.parts import (
    cause_keys,
    columns,
    date_of,
    gather,
    joint_span,
    no_labels,
    shown_causes,
    total_labels,
    with_value,
)
from kla_sim.report.scales import (
    calendar,
    days_axis,
    levels,
    percent_axis,
)
from kla_sim.report.words import (
    phrase_cause,
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


def compare_figures(
    summaries: list[Summary], scenarios: list[Scenario], names: list[str], caption: Caption
) -> list[AnyFigure]:
    """Return the figures that lay runs side by side."""
    return [make() for make in compare_makers(summaries, scenarios, names, caption).values()]


def compare_odds_over_time(summaries: list[Summary], names: list[str], footer: str) -> Steps:
    """Return the joint odds of each run over time."""
    first = summaries[0]
    start = min(summary.labels.start for summary in summaries)
    shifts = [(summary.labels.start - start).days for summary in summaries]
    horizon = max(s.horizon_day + shift for s, shift in zip(summaries, shifts, strict=True))
    lines = [
        StepLine(name, name, summary.curve.days + shift, summary.curve.joint)
        for name, summary, shift in zip(names, summaries, shifts, strict=True)
    ]
    deadline = first.deadline_day + shifts[0]
    return Steps(
        "compare-odds",
        _compare_title(summaries, names),
        footer,
        start=start,
        x=calendar(start, horizon),
        y=percent_axis(_("joint_odds_axis", category=CATEGORIES[first.target])),
        lines=tuple(
            with_value(line, summary, summary.all_cities)
            for line, summary in zip(lines, summaries, strict=True)
        ),
        levels=levels(),
        deadline=Tick(deadline, _("deadline", date=date_of(first, first.deadline_day))),
        spans=tuple(
            joint_span(name, summary)._replace(day=summary.deadline_day + shift)
            for name, summary, shift in zip(names, summaries, shifts, strict=True)
        ),
    )


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
    first = summaries[0]
    axis = _(
        "city_odds_axis",
        category=CATEGORIES[first.target],
        deadline=date_of(first, first.deadline_day),
    )
    return Dots(
        "compare-cities",
        _cities_title(points[:, 1:, 1], list(cities.values())),
        footer,
        x=percent_axis(axis),
        row_keys=keys,
        row_labels=(_("all_cities"), *cities.values()),
        run_keys=tuple(names),
        run_labels=tuple(names),
        points=points,
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
    choice = shown_causes(by_cause.sum(axis=0))
    values = gather(by_cause, choice)
    shown_names = [list(causes.values())[place] for place in choice.shown]
    longest = int(np.argmax(values.sum(axis=1)))
    return Bars(
        "compare-waiting",
        _("compare_waiting_title", run=names[longest], days=number(float(values[longest].sum()))),
        footer,
        x=days_axis(float(values.sum(axis=1).max(initial=0.0))),
        row_keys=tuple(names),
        row_labels=tuple(names),
        panel_keys=("",),
        panel_labels=("",),
        series_keys=cause_keys(list(causes), choice),
        series_labels=(*shown_names, *([_("other_causes")] if choice.others else [])),
        values=values[:, None, :],
        part_labels=no_labels(values[:, None, :]),
        end_labels=total_labels(values),
        palette="series",
        looks=(*choice.shown, OTHERS)[: values.shape[1]],
        table_names=("run", "panel", "cause", "days"),
    )


def compare_spending(summaries: list[Summary], names: list[str], footer: str) -> Columns:
    """Return money spent against appropriations by year, a column per run."""
    most = int(np.argmax([float(summary.money.spent.sum()) for summary in summaries]))
    title = _(
        "compare_spending_title",
        run=names[most],
        spent=rupiah(float(summaries[most].money.spent.sum())),
    )
    return columns(summaries, names, Figure("compare-spending", title, footer), is_by_city=False)


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
    best = max(range(len(names)), key=lambda place: summaries[place].all_cities.value)
    return _(
        "compare_odds_title",
        run=names[best],
        odds=phrase_odds(summaries[best].all_cities),
        deadline=date_of(summaries[0], summaries[0].deadline_day),
    )


def _union(names: list[dict[str, str]]) -> dict[str, str]:
    """Return the keys of several runs in order of appearance, each with its first name."""
    union: dict[str, str] = {}
    for entry in names:
        for key, name in entry.items():
            union.setdefault(key, name)
    return union

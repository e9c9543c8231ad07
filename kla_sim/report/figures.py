"""What the plots of a run and of a comparison show: numbers and texts, apart from the drawing.

Axes are fixed by target and calendar: odds and shares from 0 to 100 %, time from the start to the
horizon, scores from 400 to 1000 points, rupiah and days up to the next round number. Two runs of
one plan can therefore be laid side by side. Nothing here knows how it is drawn.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.report.charts import (
    OTHERS,
    AnyFigure,
    Axis,
    Bars,
    Columns,
    Dots,
    Figure,
    FloatArray,
    Mark,
    Scores,
    Span,
    StepLine,
    Steps,
    Tick,
    Trend,
)
from kla_sim.report.words import phrase_cause, phrase_odds, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "figures")

MOST_LINES = 8
"""Above so many cities their lines turn faint and only the weakest are named."""

_NAMED_AMONG_MANY = 3
_MOST_CAUSES = 8
_SCORES_FROM = 400.0
_RUPIAH_UNITS = ((1e12, "trillions"), (1e9, "billions"), (1e6, "millions"), (1.0, "ones"))
_ROUND_LIMITS = {
    1.0: 5, 1.2: 4, 1.5: 3, 2.0: 4, 2.5: 5, 3.0: 3, 4.0: 4, 5.0: 5, 6.0: 3, 8.0: 4, 10.0: 5,
}  # fmt: skip
"""Leading digits at which an axis may end, each with its number of parts."""


class Caption(NamedTuple):
    """What stands below every figure."""

    scenario: str
    digest: str
    seed: int
    replications: int
    version: str

    def footer(self) -> str:
        """Return the line below a figure."""
        return _(
            "footer",
            scenario=self.scenario,
            digest=self.digest,
            seed=str(self.seed),
            n=number(self.replications),
            version=self.version,
        )


def run_figures(summary: Summary, scenario: Scenario, caption: Caption) -> list[AnyFigure]:
    """Return the figures of one run."""
    footer = caption.footer()
    return [
        odds_over_time(summary, footer),
        category_shares(summary, footer),
        spending(summary, footer),
        waiting(summary, scenario, footer),
        scores(summary, scenario, footer),
        attainment(summary, scenario, footer),
    ]


def compare_figures(
    summaries: list[Summary], scenarios: list[Scenario], names: list[str], caption: Caption
) -> list[AnyFigure]:
    """Return the figures that lay runs side by side, on common axes."""
    footer = caption.footer()
    return [
        compare_odds_over_time(summaries, names, footer),
        compare_cities(summaries, names, footer),
        compare_waiting(summaries, scenarios, names, footer),
        compare_spending(summaries, names, footer),
    ]


# One run


def odds_over_time(summary: Summary, footer: str) -> Steps:
    """Return joint and per-city odds from the start to the horizon."""
    curve, labels = summary.curve, summary.labels
    n_cities = len(summary.cities)
    lines = [
        StepLine(city, name, curve.days, curve.cities[:, place])
        for place, (city, name) in enumerate(zip(labels.cities, labels.city_names, strict=True))
    ]
    note = ""
    if n_cities > MOST_LINES:
        lines = _faint_but_weakest(lines, curve.cities[-1])
        note = _("faint_lines", n=number(n_cities - _NAMED_AMONG_MANY))
    if n_cities > 1:
        lines.append(
            StepLine("all_cities", _("all_cities"), curve.days, curve.joint, weight="main")
        )
    else:
        lines = [replace(lines[0], weight="main")]
    deadline = _date(summary, summary.deadline_day)
    return Steps(
        "odds",
        _(
            "odds_title" if n_cities > 1 else "odds_title_one",
            n_cities=number(n_cities),
            city=labels.city_names[0],
            category=CATEGORIES[summary.target],
            deadline=deadline,
            odds=phrase_odds(summary.all_cities),
        ),
        footer,
        start=labels.start,
        x=_calendar(labels.start, summary.horizon_day)._replace(label=note),
        y=_percent_axis(_("odds_axis", category=CATEGORIES[summary.target])),
        lines=tuple(_with_value(line) for line in lines),
        levels=_levels(),
        deadline=Tick(summary.deadline_day, _("deadline", date=deadline)),
        spans=(_span("all_cities", summary),),
    )


def category_shares(summary: Summary, footer: str) -> Bars:
    """Return the shares of categories by city and cycle."""
    labels = summary.labels
    shares = summary.category_shares
    reached = shares[:, -1, summary.target : len(CATEGORIES)].sum(axis=1)
    place = int(np.argmin(reached))
    return Bars(
        "categories",
        _(
            "categories_title" if len(labels.cities) > 1 else "categories_title_one",
            city=labels.city_names[place],
            category=CATEGORIES[summary.target],
            cycle=str(labels.cycles[-1]),
            share=phrase_percent(float(reached[place])),
        ),
        footer,
        x=_percent_axis(_("share_axis"), (0, 50, 100)),
        row_keys=tuple(labels.cities),
        row_labels=tuple(labels.city_names),
        panel_keys=tuple(map(str, labels.cycles)),
        panel_labels=tuple(map(str, labels.cycles)),
        series_keys=(*CATEGORIES, "no_award"),
        series_labels=tuple(_(f"category_{name}") for name in (*CATEGORIES, "no_award")),
        values=shares,
        part_labels=_share_labels(shares),
        end_labels=(("",) * shares.shape[1],) * shares.shape[0],
        palette="categories",
        looks=tuple(range(shares.shape[2])),
        table_names=("city", "cycle", "category", "share"),
    )


def spending(summary: Summary, footer: str) -> Columns:
    """Return spent and lapsed money against appropriations, by account and year."""
    money, labels = summary.money, summary.labels
    total = float(money.appropriated.sum())
    return _columns(
        [summary],
        [""],
        Figure(
            "spending",
            _(
                "spending_title",
                appropriated=rupiah(total),
                spent=percent(_ratio(money.spent.sum(), total)),
                lapsed=percent(_ratio(money.lapsed.sum(), total)),
            ),
            footer,
        ),
        is_by_city=len(labels.cities) <= MOST_LINES - 2,
    )


def waiting(summary: Summary, scenario: Scenario, footer: str) -> Bars:
    """Return the mean days ready work waits, by cause and by city."""
    labels = summary.labels
    causes = _shown_causes(summary.wait_days.sum(axis=0))
    values = _gather(summary.wait_days, causes)
    names = _cause_names(summary.labels.causes, causes, scenario)
    totals = values.sum(axis=0)
    if totals.sum() > 0:
        largest = int(np.argmax(totals))
        title = _(
            "waiting_title",
            cause=names[largest],
            share=phrase_percent(float(totals[largest] / totals.sum())),
            total=number(float(totals.sum())),
        )
    else:
        title = _("waiting_title_none")
    return Bars(
        "waiting",
        title,
        footer,
        x=_days_axis(float(values.sum(axis=1).max(initial=0.0))),
        row_keys=("province", *labels.cities),
        row_labels=(_("province"), *labels.city_names),
        panel_keys=("",),
        panel_labels=("",),
        series_keys=_cause_keys(summary.labels.causes, causes),
        series_labels=names,
        values=values[:, None, :],
        part_labels=_no_labels(values[:, None, :]),
        end_labels=_total_labels(values),
        palette="series",
        looks=(*causes.shown, OTHERS)[: len(names)],
        table_names=("place", "panel", "cause", "days"),
    )


def scores(summary: Summary, scenario: Scenario, footer: str) -> Scores:
    """Return claimed beside verified scores, by city and cycle, over the bands of categories."""
    labels = summary.labels
    points = np.stack([summary.verified, summary.claimed])
    excess = points[1, :, :, 1] - points[0, :, :, 1]
    known = excess[~np.isnan(excess)]
    typical = float(np.median(known)) if known.size else 0.0
    bounds = [getattr(scenario.categories, name) for name in CATEGORIES[1:]]
    return Scores(
        "scores",
        _("scores_title", points=number(typical)) if typical >= 1 else _("scores_title_same"),
        footer,
        y=_scores_axis(float(np.nanmin(points, initial=MAXIMUM_SCORE)) if known.size else 1000.0),
        bands=tuple(
            Tick(bound, _(f"category_{name}"))
            for bound, name in zip((0.0, *bounds), CATEGORIES, strict=True)
        ),
        city_keys=tuple(labels.cities),
        city_labels=tuple(labels.city_names),
        cycle_labels=tuple(map(str, labels.cycles)),
        score_keys=("verified", "claimed"),
        score_labels=(_("verified"), _("claimed")),
        points=points,
    )


def attainment(summary: Summary, scenario: Scenario, footer: str) -> Trend:
    """Return the province's attainment over time, with what was claimed and what was verified."""
    start, points = summary.labels.start, summary.attainment
    first, last = points[0], points[-1]
    claim = scenario.attainment_claim
    said = [Mark("verified", 0, first.mean, _("measured", value=percent(first.mean)))]
    if claim is not None:
        label = _("said", value=percent(claim.value), said_by=claim.said_by)
        said.append(Mark("claimed", (claim.date - start).days, claim.value, label))
    change = round(100 * last.mean) - round(100 * first.mean)
    verb = "rises" if change > 0 else "falls" if change < 0 else "stays"
    return Trend(
        "attainment",
        _(
            f"attainment_title_{verb}",
            first=percent(first.mean),
            last=percent(last.mean),
            low=number(100 * last.p10),
            high=percent(last.p90),
            date=day(last.date),
        ),
        footer,
        start=start,
        x=_calendar(start, summary.horizon_day),
        y=_attainment_axis(min(point.p10 for point in points), said),
        days=np.array([(point.date - start).days for point in points], dtype=np.int64),
        mean=np.array([point.mean for point in points]),
        p10=np.array([point.p10 for point in points]),
        p90=np.array([point.p90 for point in points]),
        line_label=_("mean", value=percent(last.mean)),
        band_label=_("band", low=number(100 * last.p10), high=percent(last.p90)),
        said=tuple(said),
        deadline=Tick(
            summary.deadline_day,
            _("deadline", date=_date(summary, summary.deadline_day)),
        ),
    )


# Several runs


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
        x=_calendar(start, horizon),
        y=_percent_axis(_("joint_odds_axis", category=CATEGORIES[first.target])),
        lines=tuple(_with_value(line) for line in lines),
        levels=_levels(),
        deadline=Tick(deadline, _("deadline", date=_date(first, first.deadline_day))),
        spans=tuple(
            _span(name, summary)._replace(day=summary.deadline_day + shift)
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
        deadline=_date(first, first.deadline_day),
    )
    return Dots(
        "compare-cities",
        _cities_title(points[:, 1:, 1], list(cities.values())),
        footer,
        x=_percent_axis(axis),
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
    choice = _shown_causes(by_cause.sum(axis=0))
    values = _gather(by_cause, choice)
    shown_names = [list(causes.values())[place] for place in choice.shown]
    longest = int(np.argmax(values.sum(axis=1)))
    return Bars(
        "compare-waiting",
        _("compare_waiting_title", run=names[longest], days=number(float(values[longest].sum()))),
        footer,
        x=_days_axis(float(values.sum(axis=1).max(initial=0.0))),
        row_keys=tuple(names),
        row_labels=tuple(names),
        panel_keys=("",),
        panel_labels=("",),
        series_keys=_cause_keys(list(causes), choice),
        series_labels=(*shown_names, *([_("other_causes")] if choice.others else [])),
        values=values[:, None, :],
        part_labels=_no_labels(values[:, None, :]),
        end_labels=_total_labels(values),
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
    return _columns(
        summaries, names, Figure("compare-spending", title, footer), is_by_city=False
    )


# Parts of figures


def _columns(
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
    highest = np.maximum(appropriated, spent + lapsed).max(axis=(0, 2))
    province, others = float(highest[0]), float(highest[1:].max(initial=0.0))
    return Columns(
        head.name,
        head.title,
        head.footer,
        panel_keys=keys,
        panel_labels=panel_labels,
        panel_axes=(_rupiah_axis(province), *[_rupiah_axis(others)] * (len(groups) - 1)),
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
                    number(100 * _ratio(used, amount)) if amount > 0 else ""
                    for used, amount in zip(*panel, strict=True)
                )
                for panel in zip(*run, strict=True)
            )
            for run in zip(spent, appropriated, strict=True)
        ),
    )


def _by_year(
    summary: Summary, field: str, groups: list[slice], years: list[int]
) -> FloatArray:
    """Return (n_groups, n_years) rupiah; a year that a run lacks holds nothing."""
    amounts = getattr(summary.money, field)
    by_year = np.zeros((len(groups), len(years)))
    for column, year in enumerate(summary.labels.years):
        for place, group in enumerate(groups):
            by_year[place, years.index(year)] = amounts[group, column].sum()
    return by_year


class _Causes(NamedTuple):
    """Causes drawn one by one, in the order of the plan, and those gathered in one."""

    shown: tuple[int, ...]
    others: tuple[int, ...]


def _shown_causes(totals: FloatArray) -> _Causes:
    """Choose the largest causes; what held nothing up is left out."""
    largest = [int(cause) for cause in np.argsort(-totals, kind="stable") if totals[cause] > 0]
    return _Causes(tuple(sorted(largest[:_MOST_CAUSES])), tuple(sorted(largest[_MOST_CAUSES:])))


def _gather(wait_days: FloatArray, causes: _Causes) -> FloatArray:
    """Return (n_rows, n_shown) days, the others in one last column if there are any."""
    shown = wait_days[:, list(causes.shown)]
    if not causes.others:
        return shown
    return np.column_stack([shown, wait_days[:, list(causes.others)].sum(axis=1)])


def _cause_keys(keys: list[str], causes: _Causes) -> tuple[str, ...]:
    return (*(keys[place] for place in causes.shown), *(["others"] if causes.others else []))


def _cause_names(keys: list[str], causes: _Causes, scenario: Scenario) -> tuple[str, ...]:
    shown = [phrase_cause(keys[place], scenario) for place in causes.shown]
    return (*shown, *([_("other_causes")] if causes.others else []))


def _faint_but_weakest(lines: list[StepLine], final: FloatArray) -> list[StepLine]:
    """Return many lines faint and unnamed, the weakest of them named."""
    weakest = {int(place) for place in np.argsort(final, kind="stable")[:_NAMED_AMONG_MANY]}
    return [
        line if place in weakest else replace(line, label="", weight="faint")
        for place, line in enumerate(lines)
    ]


def _with_value(line: StepLine) -> StepLine:
    if not line.label:
        return line
    value = phrase_percent(float(line.values[-1]))
    return replace(line, label=_("line_label", name=line.label, value=value))


def _span(key: str, summary: Summary) -> Span:
    odds = summary.all_cities
    return Span(key, summary.deadline_day, odds.value, odds.low, odds.high)


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
        deadline=_date(summaries[0], summaries[0].deadline_day),
    )


def _share_labels(shares: FloatArray) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(
        tuple(tuple(phrase_percent(float(share)) for share in panel) for panel in row)
        for row in shares
    )


def _total_labels(values: FloatArray) -> tuple[tuple[str, ...], ...]:
    return tuple((number(float(row.sum())),) for row in values)


def _no_labels(values: FloatArray) -> tuple[tuple[tuple[str, ...], ...], ...]:
    n_rows, n_panels, n_series = values.shape
    return ((("",) * n_series,) * n_panels,) * n_rows


def _levels() -> tuple[Tick, ...]:
    return tuple(Tick(level, percent(level)) for level in (0.5, 0.8))


def _calendar(start: dt.date, horizon_day: int) -> Axis:
    """Return time from the start to the horizon; a tick is the 1 January of its year."""
    last = start + dt.timedelta(days=horizon_day)
    years = [
        Tick(float((dt.date(year, 1, 1) - start).days), str(year))
        for year in range(start.year + 1, last.year + 1)
    ]
    return Axis("", 0.0, float(max(horizon_day, 1)), (Tick(0.0, str(start.year)), *years))


def _percent_axis(label: str, ticks: tuple[int, ...] = (0, 20, 50, 80, 100)) -> Axis:
    places = [value / 100 for value in ticks]
    return Axis(label, places[0], places[-1], tuple(Tick(v, percent(v)) for v in places))


def _attainment_axis(lowest: float, said: list[Mark]) -> Axis:
    """Return half the scale, unless something lies in its lower half."""
    is_high = min(lowest, *(mark.value for mark in said)) >= 0.5
    ticks = (50, 60, 70, 80, 90, 100) if is_high else (0, 20, 40, 60, 80, 100)
    return _percent_axis(_("attainment_axis"), ticks)


def _scores_axis(lowest: float) -> Axis:
    """Return points up to 1000, from 400 or the hundred below the lowest score."""
    low = min(_SCORES_FROM, 100.0 * math.floor(lowest / 100.0))
    places = np.arange(low, MAXIMUM_SCORE + 1, 100.0)
    return Axis(_("scores_axis"), low, MAXIMUM_SCORE, tuple(Tick(v, number(v)) for v in places))


def _rupiah_axis(highest: float) -> Axis:
    limit, places = _round_limit(highest)
    size, unit = next((s, u) for s, u in _RUPIAH_UNITS if limit >= s)
    digits = 0 if all((place / size).is_integer() for place in places) else 1
    ticks = tuple(Tick(place, number(place / size, digits)) for place in places)
    return Axis(_(f"rupiah_{unit}"), 0.0, limit, ticks)


def _days_axis(highest: float) -> Axis:
    limit, places = _round_limit(highest)
    return Axis(
        _("waiting_axis"), 0.0, limit, tuple(Tick(place, number(place)) for place in places)
    )


def _round_limit(highest: float) -> tuple[float, list[float]]:
    """Return the next round number at or above a value, and round places up to it."""
    if highest <= 0:
        highest = 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    mantissa = next(m for m in _ROUND_LIMITS if m * power >= highest * (1 - 1e-9))
    limit, parts = mantissa * power, _ROUND_LIMITS[mantissa]
    return limit, [limit * part / parts for part in range(parts + 1)]


def _union(names: list[dict[str, str]]) -> dict[str, str]:
    """Return the keys of several runs in order of appearance, each with its first name."""
    union: dict[str, str] = {}
    for entry in names:
        for key, name in entry.items():
            union.setdefault(key, name)
    return union


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole > 0 else 0.0


def _date(summary: Summary, day_number: int) -> str:
    return day(summary.labels.start + dt.timedelta(days=day_number))

"""What the plots of a run show: numbers and texts, apart from the drawing.

The axes are those of `scales`. Nothing here knows how it is drawn; several runs side by side are
in `comparison`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.report.charts import (
    AnyFigure,
    Bars,
    Columns,
    Figure,
    Mark,
    Ranges,
    StepLine,
    Steps,
    Tick,
    Trend,
)
from kla_sim.report.limits import below, noted, spread_cycles, weakest_cities
from kla_sim.report.odds_lines import joint_span, with_value
from kla_sim.report.scales import (
    attainment_axis,
    calendar,
    levels,
    percent_axis,
    scores_axis,
)
from kla_sim.report.spending import spending_columns
from kla_sim.report.tile_figures import tile_map
from kla_sim.report.waiting import gather_waits, waiting_bars
from kla_sim.report.words import (
    money_shares,
    phrase_cause,
    phrase_day,
    phrase_odds,
    phrase_percent,
    phrase_range,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "figures")

MOST_LINES = 8
"""Above so many cities their lines turn faint and only the weakest are named."""

_NAMED_AMONG_MANY = 3


class Caption(NamedTuple):
    """What stands below every figure."""

    scenario: str
    digest: str
    seed: int
    replications: int
    version: str
    most_replications: int = 0  # where several runs hold different numbers of them

    def footer(self) -> str:
        """Return the line below a figure."""
        n = number(self.replications)
        if self.most_replications > self.replications:
            n = f"{n}-{number(self.most_replications)}"
        return _(
            "footer",
            scenario=self.scenario,
            digest=self.digest,
            seed=str(self.seed),
            n=n,
            version=self.version,
        )


def run_makers(
    summary: Summary, scenario: Scenario, caption: Caption
) -> dict[str, Callable[[], AnyFigure]]:
    """Return what makes the figures of one run, by their names."""
    footer = caption.footer()
    return {
        "odds": partial(odds_over_time, summary, footer),
        "tiles": partial(tile_map, summary, footer),
        "categories": partial(category_shares, summary, footer),
        "spending": partial(spending, summary, footer),
        "waiting": partial(waiting, summary, scenario, footer),
        "scores": partial(scores, summary, scenario, footer),
        "attainment": partial(attainment, summary, scenario, footer),
    }


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
    estimates = [*summary.cities, summary.all_cities][: len(lines)]
    deadline = phrase_day(summary, summary.deadline_day)
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
        x=calendar(labels.start, summary.horizon_day)._replace(label=note),
        y=percent_axis(_("odds_axis", category=CATEGORIES[summary.target])),
        lines=tuple(
            with_value(line, summary, estimate)
            for line, estimate in zip(lines, estimates, strict=True)
        ),
        levels=levels(),
        deadline=Tick(summary.deadline_day, _("deadline", date=deadline)),
        spans=(joint_span("all_cities", summary),),
    )


def category_shares(summary: Summary, footer: str) -> Bars:
    """Return the shares of categories by city and cycle."""
    labels = summary.labels
    shares = summary.category_shares
    reached = shares[:, -1, summary.target : len(CATEGORIES)].sum(axis=1)
    place = int(np.argmin(reached))
    cities, cycles = weakest_cities(summary), spread_cycles(len(labels.cycles))
    return Bars(
        "categories",
        _(
            "categories_title" if len(labels.cities) > 1 else "categories_title_one",
            city=labels.city_names[place],
            category=CATEGORIES[summary.target],
            cycle=str(labels.cycles[-1]),
            share=phrase_percent(float(reached[place]), summary.n),
        ),
        noted(
            noted(_("categories_note", footer=footer), "cycles", cycles, len(labels.cycles)),
            "cities",
            cities,
            len(labels.cities),
        ),
        x=percent_axis(_("share_axis"), (0, 50, 100)),
        row_keys=tuple(labels.cities),
        row_labels=tuple(labels.city_names),
        panel_keys=tuple(map(str, labels.cycles)),
        panel_labels=tuple(map(str, labels.cycles)),
        series_keys=(*CATEGORIES, "no_award"),
        series_labels=tuple(_(f"category_{name}") for name in (*CATEGORIES, "no_award")),
        values=shares,
        part_labels=_share_labels(shares, summary.n),
        end_labels=(("",) * shares.shape[1],) * shares.shape[0],
        palette="categories",
        looks=tuple(range(shares.shape[2])),
        table_names=("city", "cycle", "category", "share"),
        drawn_rows=cities,
        drawn_panels=cycles,
    )


def spending(summary: Summary, footer: str) -> Columns:
    """Return spent and lapsed money against appropriations, by account and year."""
    money, labels = summary.money, summary.labels
    shares = {name: share for name, (_amount, share) in money_shares(money).items()}
    nothing = percent(0.0)
    held = [
        _(f"spending_{name}", share=shares[name])
        for name in ("held", "unreleased")
        if name in shares
    ]
    return spending_columns(
        [summary],
        [""],
        Figure(
            "spending",
            _(
                "spending_title",
                appropriated=rupiah(float(money.appropriated.sum())),
                spent=shares.get("spent", nothing),
                lapsed=shares.get("lapsed", nothing),
                rest="".join(held),
            ),
            footer,
        ),
        is_by_city=len(labels.cities) <= MOST_LINES - 2,
    )


def waiting(summary: Summary, scenario: Scenario, footer: str) -> Bars:
    """Return the mean days ready work waits, by cause and by city."""
    labels = summary.labels
    cities = weakest_cities(summary)
    names = {cause: phrase_cause(cause, scenario) for cause in labels.causes}
    waits = gather_waits(summary.wait_days, names)
    totals = waits.days.sum(axis=0)
    title = _("waiting_title_none")
    if totals.sum() > 0:
        largest = int(np.argmax(totals))
        title = _(
            "waiting_title",
            cause=waits.names[largest],
            share=phrase_percent(float(totals[largest] / totals.sum())),
            total=number(float(totals.sum())),
        )
    return waiting_bars(
        Figure("waiting", title, noted(footer, "cities", cities, len(labels.cities))),
        waits,
        {
            "province": _("province"),
            **dict(zip(labels.cities, labels.city_names, strict=True)),
        },
        "place",
        below(cities),
    )


def scores(summary: Summary, scenario: Scenario, footer: str) -> Ranges:
    """Return claimed beside verified scores, by city and cycle, over the bands of categories."""
    labels = summary.labels
    cities = weakest_cities(summary)
    points = np.stack([summary.verified, summary.claimed])
    excess = points[1, :, :, 1] - points[0, :, :, 1]
    known = excess[~np.isnan(excess)]
    typical = float(np.median(known)) if known.size else 0.0
    lowest = float(np.nanmin(points, initial=MAXIMUM_SCORE)) if known.size else MAXIMUM_SCORE
    bounds = [getattr(scenario.categories, name) for name in CATEGORIES[1:]]
    return Ranges(
        "scores",
        _("scores_title", points=number(typical)) if typical >= 1 else _("scores_title_same"),
        noted(footer, "cities", cities, len(labels.cities)),
        panel_axes=(scores_axis(lowest),) * len(labels.cities),
        bands=tuple(
            Tick(bound, _(f"category_{name}"))
            for bound, name in zip((0.0, *bounds), CATEGORIES, strict=True)
        ),
        panel_keys=tuple(labels.cities),
        panel_labels=tuple(labels.city_names),
        cycle_labels=tuple(map(str, labels.cycles)),
        kind_keys=("verified", "claimed"),
        kind_labels=(_("verified"), _("claimed")),
        points=points,
        table_names=("score", "city", "cycle", "p10", "p50", "p90"),
        drawn_panels=cities,
    )


def attainment(summary: Summary, scenario: Scenario, footer: str) -> Trend:
    """Return the province's attainment over time, with what was claimed and what was verified."""
    start, points = summary.labels.start, summary.attainment
    first, last = points[0], points[-1]
    claim = scenario.attainment_claim
    said = [Mark("verified", 0, first.mean, _("measured", value=phrase_percent(first.mean)))]
    if claim is not None:
        label = _("said", value=phrase_percent(claim.value), said_by=claim.said_by)
        said.append(Mark("claimed", (claim.date - start).days, claim.value, label))
    change = round(100 * last.mean) - round(100 * first.mean)
    range_ = phrase_range(last.p10, last.p90)
    verb = "rises" if change > 0 else "falls" if change < 0 else "stays"
    return Trend(
        "attainment",
        _(
            f"attainment_title_{verb}",
            first=phrase_percent(first.mean),
            last=phrase_percent(last.mean),
            range=_("spread", range=range_) if range_ else "",
            date=day(last.date),
        ),
        footer,
        start=start,
        x=calendar(start, summary.horizon_day),
        y=attainment_axis(min(np.fmin(point.p10, point.mean) for point in points), said),
        days=np.array([(point.date - start).days for point in points], dtype=np.int64),
        mean=np.array([point.mean for point in points]),
        p10=np.array([point.p10 for point in points]),
        p90=np.array([point.p90 for point in points]),
        line_label=_("mean", value=phrase_percent(last.mean)),
        band_label=_("band", range=range_) if range_ else "",
        said=tuple(said),
        deadline=Tick(
            summary.deadline_day,
            _("deadline", date=phrase_day(summary, summary.deadline_day)),
        ),
    )


def _faint_but_weakest(lines: list[StepLine], final: FloatArray) -> list[StepLine]:
    """Return many lines faint and unnamed, the weakest of them named."""
    weakest = {int(place) for place in np.argsort(final, kind="stable")[:_NAMED_AMONG_MANY]}
    return [
        line if place in weakest else replace(line, label="", weight="faint")
        for place, line in enumerate(lines)
    ]


def _share_labels(shares: FloatArray, n: int) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(
        tuple(tuple(phrase_percent(float(share), n) for share in panel) for panel in row)
        for row in shares
    )

"""What the plots of a run show: numbers and texts, apart from the drawing.

The axes are those of `scales`. Nothing here knows how it is drawn; several runs side by side are
in `comparison`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.summary import NO_AWARD, Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE
from kla_sim.language import category, day, number, percent, rupiah, text
from kla_sim.report.arrival_figures import cost_and_date, odds_over_time
from kla_sim.report.bar_charts import Bars, Columns, Group
from kla_sim.report.charts import Figure, Tick
from kla_sim.report.drawable import Drawable
from kla_sim.report.limits import noted, spread_cycles, weakest_cities
from kla_sim.report.line_charts import Mark, Trend
from kla_sim.report.range_charts import Ranges
from kla_sim.report.scales import (
    calendar,
    percent_axis,
    scores_axis,
)
from kla_sim.report.spending import spending_columns
from kla_sim.report.tile_figures import tile_map
from kla_sim.report.waiting_figures import waiting
from kla_sim.report.words import (
    money_shares,
    phrase_day,
    phrase_percent,
    phrase_range,
    phrase_share,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "figures")
_plots = partial(text, "plots")

_MOST_ACCOUNTS = 12
"""Accounts of so many cities are drawn one by one."""


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
    summary: Summary,
    scenario: Scenario,
    caption: Caption,
    cases: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures of one run, by their names; none of awards without evaluations.

    Parameters
    ----------
    cases : what relieving one thing at a time does, where it is known: entries of `but_for`.
    """
    footer = caption.footer()
    makers: dict[str, Callable[[], Drawable]] = {
        "odds": partial(odds_over_time, summary, scenario, footer),
        "cost-and-date": partial(cost_and_date, summary, footer),
        "tiles": partial(tile_map, summary, footer),
        "categories": partial(category_shares, summary, footer),
        "spending": partial(spending, summary, footer),
        "waiting": partial(waiting, summary, scenario, footer, cases),
        "scores": partial(scores, summary, scenario, footer),
        "attainment": partial(attainment, summary, scenario, footer),
    }
    of_awards = () if summary.labels.cycles else ("categories", "scores")
    return {name: make for name, make in makers.items() if name not in of_awards}


def category_shares(summary: Summary, footer: str) -> Bars:
    """Return the shares of categories by city and cycle."""
    labels = summary.labels
    shares = summary.category_shares
    reached = shares[:, -1, summary.target : len(CATEGORIES)].sum(axis=1)
    place = int(np.argmin(reached))
    cities, cycles = weakest_cities(summary), spread_cycles(len(labels.cycles))
    groups = _around(summary.target)
    title = "categories_title" if len(labels.cities) > 1 else "categories_title_one"
    footer = noted(_plots("categories_note", footer=footer), "cycles", cycles, len(labels.cycles))
    return Bars(
        "categories",
        _plots(
            title,
            city=labels.city_names[place],
            category=CATEGORIES[summary.target],
            cycle=str(labels.cycles[-1]),
            share=phrase_percent(float(reached[place]), summary.n),
        ),
        noted(footer, "cities", cities, len(labels.cities)),
        x=percent_axis(_plots("share_axis"), (0, 50, 100)),
        row_keys=tuple(labels.cities),
        row_labels=tuple(labels.city_names),
        panel_keys=tuple(map(str, labels.cycles)),
        panel_labels=tuple(map(str, labels.cycles)),
        series_keys=(*CATEGORIES, "no_award"),
        series_labels=(*map(category, CATEGORIES), category("no_award")),
        values=shares,
        part_labels=_share_labels(shares, groups, summary.n),
        end_labels=(("",) * shares.shape[1],) * shares.shape[0],
        palette="categories",
        looks=tuple(range(shares.shape[2])),
        table_names=("city", "cycle", "category", "share"),
        drawn_rows=cities,
        drawn_panels=cycles,
        groups=groups,
    )


def _around(target: int) -> tuple[Group, ...]:
    """Return the target, what lies next to it, and the rest gathered: more cannot be read."""
    parts = [range(target - 1), [target - 1], [target], range(target + 1, len(CATEGORIES))]
    names = ("category_lower", "", "", "category_higher")
    groups = [
        Group(
            category(CATEGORIES[part[0]]) if len(part) == 1 else _plots(name),
            part[-1] if name == "category_lower" else part[0],
            tuple(part),
        )
        for part, name in zip(parts, names, strict=True)
        if len(part) and part[0] >= 0
    ]
    return (*groups, Group(category("no_award"), NO_AWARD, (NO_AWARD,)))


def spending(summary: Summary, footer: str) -> Columns:
    """Return spent and lapsed money against appropriations, by account and year."""
    money, labels = summary.money, summary.labels
    shares = {name: share for name, (_amount, share) in money_shares(money).items()}
    nothing = percent(0.0)
    held = [
        _plots(f"spending_{name}", share=shares[name])
        for name in ("held", "unreleased")
        if name in shares
    ]
    return spending_columns(
        [summary],
        [""],
        Figure(
            "spending",
            _plots(
                "spending_title",
                appropriated=rupiah(float(money.appropriated.sum())),
                spent=shares.get("spent", nothing),
                lapsed=shares.get("lapsed", nothing),
                rest="".join(held),
            ),
            footer,
        ),
        is_by_city=len(labels.cities) <= _MOST_ACCOUNTS,
    )


def scores(summary: Summary, scenario: Scenario, footer: str) -> Ranges:
    """Return claimed beside verified scores, by city and cycle, over the bands of categories."""
    labels = summary.labels
    cities = weakest_cities(summary)
    points = np.stack([summary.verified, summary.claimed])
    known = points[~np.isnan(points)]
    lowest = float(known.min(initial=MAXIMUM_SCORE))
    bounds = [getattr(scenario.categories, name) for name in CATEGORIES[1:]]
    target = bounds[max(summary.target, 1) - 1]
    name = category(CATEGORIES[summary.target])
    return Ranges(
        "scores",
        _scores_title(points),
        noted(footer, "cities", cities, len(labels.cities)),
        panel_axes=(scores_axis(lowest),) * len(labels.cities),
        bands=tuple(
            Tick(bound, category(name))
            for bound, name in zip((0.0, *bounds), CATEGORIES, strict=True)
        ),
        panel_keys=tuple(labels.cities),
        panel_labels=tuple(labels.city_names),
        cycle_labels=tuple(map(str, labels.cycles)),
        kind_keys=("verified", "claimed"),
        kind_labels=(_plots("verified"), _plots("claimed")),
        points=points,
        table_names=("score", "city", "cycle", "p10", "p50", "p90"),
        level=Tick(target, _plots("target_score", category=name, points=number(target))),
        drawn_panels=cities,
    )


def _scores_title(points: FloatArray) -> str:
    """Say how far claims lie above what is verified; at least so far where they reach the top.

    Parameters
    ----------
    points : (2, n_cities, n_cycles, 3) verified and claimed.
    """
    middle = points[..., 1]
    excess = middle[1] - middle[0]
    known = excess[~np.isnan(excess)]
    typical = float(np.median(known)) if known.size else 0.0
    if typical < 1:
        return _plots("scores_title_same")
    is_cut_off = bool((middle[1][~np.isnan(excess)] >= MAXIMUM_SCORE - 0.5).any())
    return _plots(
        "scores_title_at_least" if is_cut_off else "scores_title",
        points=number(typical),
        most=number(MAXIMUM_SCORE),
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
        _plots(
            "attainment_odds" if len(summary.cities) > 1 else "attainment_odds_one",
            title=_plots(
                f"attainment_title_{verb}",
                first=phrase_percent(first.mean),
                last=phrase_percent(last.mean),
                range=_plots("spread", range=range_) if range_ else "",
                date=day(last.date),
            ),
            n=number(len(summary.cities)),
            category=CATEGORIES[summary.target],
            odds=phrase_share(summary.all_cities),
        ),
        footer,
        start=start,
        x=calendar(start, summary.horizon_day),
        y=percent_axis(_("attainment_axis"), (0, 20, 40, 60, 80, 100)),
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


def _share_labels(
    shares: FloatArray, groups: tuple[Group, ...], n: int
) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(
        tuple(
            tuple(phrase_percent(float(panel[list(group.series)].sum()), n) for group in groups)
            for panel in row
        )
        for row in shares
    )

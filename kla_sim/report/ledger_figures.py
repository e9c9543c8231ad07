"""What the plots of `explain` show: points and days lost by reason, region and year."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from kla_sim.analysis.lost_futures import Ledgers, mean_points
from kla_sim.analysis.reasons import reasons_of
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.spells import WORK
from kla_sim.language import number, text
from kla_sim.report.bar_charts import OTHERS, Bars
from kla_sim.report.charts import Figure, Places
from kla_sim.report.drawable import Drawable
from kla_sim.report.ledger_words import phrase_reason
from kla_sim.report.limits import MOST_CITIES, MOST_CYCLES, below, noted
from kla_sim.report.scales import count_axis
from kla_sim.report.waiting import Waits, gather_waits
from kla_sim.scenario.model import Scenario

_ = partial(text, "explaining")


def explain_makers(
    ledgers: Ledgers, plan: Plan, scenario: Scenario, footer: str
) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures of `explain`, by their names."""
    return {
        "lost-points": partial(lost_points, ledgers, plan, scenario, footer),
        "lost-days": partial(lost_days, ledgers, plan, scenario, footer),
    }


def lost_points(ledgers: Ledgers, plan: Plan, scenario: Scenario, footer: str) -> Bars:
    """Return what Kaltara gave less than the full plan, by region and reason."""
    missing, _terms, lost = mean_points(ledgers)
    # dormancy is a difference of scores, right to the last bits only
    gathered = _gathered(np.maximum(lost, 0.0), plan, scenario)
    total = gathered.days.sum(axis=1)
    title = _("figure_shortfall_none")
    if total.any():
        worst = int(total.argmax())
        title = _(
            "figure_shortfall_title",
            name=plan.labels.city_names[worst],
            points=number(float(total[worst]), 1),
            reason=gathered.names[int(gathered.days[worst].argmax())],
        )
    ends = tuple(
        (_("figure_short_of", lost=number(float(a), 1), missing=number(float(b), 1)) if b else "",)
        for a, b in zip(total, missing, strict=True)
    )
    cities = _largest(total, MOST_CITIES)
    head = Figure("lost-points", title, noted_cities(footer, cities, len(total)))
    return _bars(
        head,
        gathered,
        gathered.days[:, None, :],
        _("figure_shortfall_axis"),
        dict(zip(plan.labels.cities, plan.labels.city_names, strict=True)),
        ("",),
        ends,
        ("city", "panel", "reason", "points"),
        (cities, None),
    )


def lost_days(ledgers: Ledgers, plan: Plan, scenario: Scenario, footer: str) -> Bars:
    """Return the days of waiting, rework and dormancy, by region and year."""
    labels = plan.labels
    days = ledgers.days / ledgers.n
    days[:, :, WORK] = 0.0
    n_groups, n_years, n_reasons = days.shape
    gathered = _gathered(days.reshape(-1, n_reasons), plan, scenario)
    values = gathered.days.reshape(n_groups, n_years, len(gathered.keys))
    totals = values.sum(axis=2)
    title = _("figure_days_none")
    if totals.any():
        year = int(totals.sum(axis=0).argmax())
        title = _(
            "figure_days_title",
            year=str(labels.years[year]),
            reason=gathered.names[int(values[:, year].sum(axis=0).argmax())],
        )
    cities = _largest(totals[1:].sum(axis=1), MOST_CITIES)
    years = _largest(totals.sum(axis=0), MOST_CYCLES)
    head = Figure("lost-days", title, noted_cities(footer, cities, len(labels.cities)))
    names = zip(labels.cities, labels.city_names, strict=True)
    return _bars(
        head,
        gathered,
        values,
        _("figure_days_axis"),
        {"province": _("province_work"), **dict(names)},
        tuple(map(str, labels.years)),
        (("",) * n_years,) * n_groups,
        ("place", "year", "reason", "days"),
        (below(cities), years),
    )


def noted_cities(footer: str, cities: Places, n: int) -> str:
    """Return a footer that says how many regions are drawn, where not all are."""
    return noted(footer, "cities", cities, n)


def _gathered(amounts: FloatArray, plan: Plan, scenario: Scenario) -> Waits:
    """Return the largest reasons, each with a look of its own."""
    keys = reasons_of(plan.labels.causes)
    found = gather_waits(amounts, {key: phrase_reason(key, scenario) for key in keys})
    looks = range(len(found.looks))
    own = tuple(
        look if old != OTHERS else OTHERS for look, old in zip(looks, found.looks, strict=True)
    )
    return found._replace(looks=own)


def _bars(
    head: Figure,
    gathered: Waits,
    values: FloatArray,
    axis: str,
    rows: dict[str, str],
    panels: tuple[str, ...],
    ends: tuple[tuple[str, ...], ...],
    table_names: tuple[str, str, str, str],
    drawn: tuple[Places, Places],
) -> Bars:
    highest = float(values.sum(axis=2).max(initial=0.0))
    return Bars(
        head.name,
        head.title,
        head.footer,
        x=count_axis(axis, highest),
        row_keys=tuple(rows),
        row_labels=tuple(rows.values()),
        panel_keys=panels,
        panel_labels=panels,
        series_keys=gathered.keys,
        series_labels=gathered.names,
        values=values,
        part_labels=((("",) * values.shape[2],) * values.shape[1],) * len(rows),
        end_labels=ends,
        palette="series",
        looks=gathered.looks,
        table_names=table_names,
        drawn_rows=drawn[0],
        drawn_panels=drawn[1],
    )


def _largest(totals: FloatArray, most: int) -> Places:
    """Return the places of the largest, in their order; None if all are drawn."""
    if len(totals) <= most:
        return None
    return tuple(sorted(np.argsort(-totals, kind="stable")[:most].tolist()))

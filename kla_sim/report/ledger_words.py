"""The ledgers of `explain` in words: tables of points, days and verdicts, and what is critical."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.ledger_points import TERMS
from kla_sim.analysis.lost_futures import Ledgers, losses_by_city, mean_points
from kla_sim.analysis.reasons import STAGE, reasons_of
from kla_sim.analysis.verdict_losses import LOSSES, POINTS
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.spells import WORK
from kla_sim.engine.structure.kinds import list_kinds
from kla_sim.language import number, text
from kla_sim.report.words import phrase_cause, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "explaining")

_MOST_REASONS = 6
_MOST_CRITICAL = 8


class Sheet(NamedTuple):
    """A table in words: everything behind the first column is a number."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def phrase_reason(reason: str, scenario: Scenario) -> str:
    """Return the name of a reason for which days or points are lost."""
    if reason in scenario.resources or reason in ("window", "wip_limit") or ":" in reason:
        return phrase_cause(reason, scenario)
    return _(f"reason_{reason}")


def verdicts_sheet(ledgers: Ledgers, plan: Plan) -> Sheet:
    """Return how each region failed, of all futures looked at."""
    counts = losses_by_city(ledgers)
    ways = [place for place in range(len(LOSSES)) if counts[:, place].any()]
    return Sheet(
        _("verdicts_title", n=number(ledgers.n)),
        (_("column_region"), _("column_failed"), *(_(f"loss_{LOSSES[way]}") for way in ways)),
        [
            (
                name,
                phrase_percent(float(row.sum() / ledgers.n), ledgers.n),
                *(number(float(row[way])) for way in ways),
            )
            for name, row in zip(plan.labels.city_names, counts, strict=True)
        ],
    )


def points_sheet(ledgers: Ledgers, plan: Plan) -> Sheet:
    """Return what adds up to the points that were missing, by region."""
    missing, terms, _lost = mean_points(ledgers)
    shown = [place for place in range(len(TERMS)) if (np.abs(terms[:, place]) >= 0.05).any()]
    counts = losses_by_city(ledgers)[:, POINTS]
    return Sheet(
        _("points_title"),
        (
            _("column_region"),
            _("column_verdicts"),
            *(_(f"term_{TERMS[place]}") for place in shown),
            _("column_missing"),
        ),
        [
            (name, number(float(n)), *_cells(terms[place, shown]), *_cells(missing[place, None]))
            for place, (name, n) in enumerate(zip(plan.labels.city_names, counts, strict=True))
            if n
        ],
    )


def shortfall_sheet(ledgers: Ledgers, plan: Plan, scenario: Scenario) -> Sheet:
    """Return the points that Kaltara gave less than in full, by region and reason."""
    lost = mean_points(ledgers)[2]
    order = np.argsort(-lost.sum(axis=0), kind="stable")
    shown = [int(place) for place in order[:_MOST_REASONS] if (lost[:, place] >= 0.05).any()]
    reasons = reasons_of(plan.labels.causes)
    rest = lost.sum(axis=1) - lost[:, shown].sum(axis=1)
    has_rest = bool((rest >= 0.05).any())
    return Sheet(
        _("shortfall_title"),
        (
            _("column_region"),
            _("column_lost"),
            *(phrase_reason(reasons[place], scenario) for place in shown),
            *([_("column_rest")] if has_rest else []),
        ),
        [
            (
                name,
                *_cells(lost[place].sum(keepdims=True)),
                *_cells(lost[place, shown]),
                *(_cells(rest[place, None]) if has_rest else ()),
            )
            for place, name in enumerate(plan.labels.city_names)
            if ledgers.points.is_booked[:, place].any()
        ],
    )


def days_sheet(ledgers: Ledgers, plan: Plan, scenario: Scenario) -> Sheet:
    """Return the days of each region and year by reason, mean of a future."""
    days = ledgers.days / ledgers.n
    total = days.sum(axis=(0, 1))
    reasons = reasons_of(plan.labels.causes)
    shown = [int(place) for place in np.argsort(-total, kind="stable") if total[place] >= 0.5]
    names = [_("province_work"), *plan.labels.city_names]
    return Sheet(
        _("days_title"),
        (
            _("column_region"),
            _("column_year"),
            *(phrase_reason(reasons[place], scenario) for place in shown),
        ),
        [
            (name, str(year), *(number(float(days[group, column, place])) for place in shown))
            for group, name in enumerate(names)
            for column, year in enumerate(plan.labels.years)
            if (days[group, column] >= 0.5).any()
        ],
    )


def critical_lines(ledgers: Ledgers, plan: Plan, scenario: Scenario) -> list[str]:
    """Say what stood most often on the chain behind the zone that mattered."""
    found = ledgers.critical
    if not found.n_verdicts:
        return []
    reasons = reasons_of(plan.labels.causes)
    held_up = found.reasons / found.n_verdicts
    held_up[[STAGE, WORK]] = 0.0
    kinds = [kind.activity.name or kind.name for kind in list_kinds(scenario)]
    work = _largest(found.activities / found.n_verdicts, kinds)
    held = _largest(held_up, [phrase_reason(reason, scenario) for reason in reasons])
    n = number(found.n_verdicts)
    lines = [_("critical_work", n=n, names=work)]
    return [*lines, _("critical_reasons", names=held)] if held else lines


def _largest(shares: FloatArray, names: list[str]) -> str:
    order = np.argsort(-shares, kind="stable")[:_MOST_CRITICAL]
    parts = [f"{names[place]} {phrase_percent(float(shares[place]))}" for place in order]
    return ", ".join(part for part, place in zip(parts, order, strict=True) if shares[place] > 0)


def _cells(values: FloatArray) -> tuple[str, ...]:
    return tuple(number(float(value), 1) for value in values)

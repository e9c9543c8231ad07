"""A typical failed future told in a few sentences: who failed, by how much, and what held it up."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.ledger_points import TERMS
from kla_sim.analysis.reasons import STAGE, reasons_of
from kla_sim.analysis.verdict_losses import LOSSES, NOT_LOST, POINTS
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.spells import WORK
from kla_sim.experiment.explain import LateZone, TypicalFuture
from kla_sim.language import number, text
from kla_sim.report.ledger_words import phrase_reason
from kla_sim.report.words import phrase_date, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "explaining")

_MOST_NAMED = 2
_LEAST_POINTS = 0.5
"""Below this a loss is not worth a sentence."""


def tell_future(future: TypicalFuture, n_failed: int, plan: Plan, scenario: Scenario) -> list[str]:
    """Return the sentences about one typical future.

    Parameters
    ----------
    n_failed : failed futures for which the typical ones stand together.
    """
    loss = future.ledgers.last.loss[0]
    lost = np.flatnonzero(loss != NOT_LOST)
    names = plan.labels.city_names
    told = [
        _(
            "future_who",
            replication=str(future.replication),
            share=phrase_percent(future.stands_for / n_failed, n_failed),
            names=_listed([names[city] for city in lost]),
        )
    ]
    if future.off_calendar:
        told.append(_("future_off_calendar", years=_listed([str(y) for y in future.off_calendar])))
    missing = future.ledgers.points.missing[0]
    by_points = lost[loss[lost] == POINTS]
    if len(by_points):
        worst = int(by_points[missing[by_points].argmax()])
        told += _told_by_points(future, worst, plan, scenario)
    told += [
        _(f"future_{LOSSES[way]}", names=_listed([names[city] for city in lost[loss[lost] == way]]))
        for way in np.unique(loss[lost])
        if way != POINTS
    ]
    return told


def _told_by_points(future: TypicalFuture, city: int, plan: Plan, scenario: Scenario) -> list[str]:
    points = future.ledgers.points
    terms = dict(zip(TERMS, points.terms[0, city].tolist(), strict=True))
    verified, missing = float(future.verified[city]), float(points.missing[0, city])
    luck = terms["strictness"] + terms["noise"]
    told = [
        _(
            "future_points",
            name=plan.labels.city_names[city],
            day=phrase_date(plan.labels.start, int(future.ledgers.last.evidence_day[0])),
            verified=number(verified),
            bound=number(verified + missing),
            missing=number(missing, 1),
            jury=_jury(luck),
        )
    ]
    lost, names = points.shortfall[0, city], _reason_names(plan, scenario)
    if lost.sum() >= _LEAST_POINTS:
        told.append(
            _(
                "future_kaltara",
                given=number(-terms["kaltara"], 1),
                lost=number(float(lost.sum()), 1),
                stood=number(float(points.zones_standing[0, city])),
                planned=number(float((plan.structure.zone_city == city).sum())),
                reasons=_largest(lost, names, "with_points", 1),
            )
        )
    late = future.late.get(city)
    if late is not None:
        told += _told_of_zone(late, names, plan)
    return told


def _jury(luck: float) -> str:
    if abs(luck) < _LEAST_POINTS:
        return _("jury_none")
    return _("jury_took" if luck > 0 else "jury_gave", points=number(abs(luck), 1))


def _told_of_zone(late: LateZone, names: list[str], plan: Plan) -> list[str]:
    held = late.days.astype(np.float64)
    held[[STAGE, WORK]] = 0.0
    if not held.any():
        return []
    fields = {"number": str(late.number), "reasons": _largest(held, names, "with_days", 0)}
    if late.launch_day < 0:
        return [_("future_zone_never", **fields)]
    return [_("future_zone", day=phrase_date(plan.labels.start, late.launch_day), **fields)]


def _reason_names(plan: Plan, scenario: Scenario) -> list[str]:
    return [phrase_reason(reason, scenario) for reason in reasons_of(plan.labels.causes)]


def _largest(amounts: FloatArray, names: list[str], key: str, digits: int) -> str:
    order = np.argsort(-amounts, kind="stable")[:_MOST_NAMED]
    return _listed(
        [
            _(key, name=names[place], amount=number(float(amounts[place]), digits))
            for place in order
            if amounts[place] >= _LEAST_POINTS
        ]
    )


def _listed(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("listed", before=", ".join(parts[:-1]), last=parts[-1])

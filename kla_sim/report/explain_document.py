"""What `explain --json` says of the ledgers, critical work and typical futures."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.analysis.ledger_points import TERMS
from kla_sim.analysis.lost_futures import Ledgers, losses_by_city, mean_points
from kla_sim.analysis.reasons import reasons_of
from kla_sim.analysis.verdict_losses import LOSSES, NOT_LOST, POINTS
from kla_sim.engine.plan import Plan
from kla_sim.engine.structure.kinds import list_kinds
from kla_sim.experiment.explain import TypicalFuture, Why
from kla_sim.scenario.model import Scenario

_KITS = ("province", "city", "zone")


def why_document(why: Why, scenario: Scenario) -> dict[str, Any]:
    """Return what is added to the document of `explain`."""
    ledgers, plan = why.ledgers, why.plan
    return {
        "looked_at": ledgers.n,
        "failed": why.n_failed,
        "days": _days(ledgers, plan),
        "points": _points(ledgers, plan),
        "criticality": _criticality(ledgers, plan, scenario),
        "typical": [_typical(future, why) for future in why.typical],
    }


def _days(ledgers: Ledgers, plan: Plan) -> dict[str, Any]:
    """Return mean activity-days (zone-days of dormancy) by place, year and reason."""
    reasons = reasons_of(plan.labels.causes)
    return {
        place: {
            str(year): {
                reason: float(days / ledgers.n)
                for reason, days in zip(reasons, ledgers.days[group, column], strict=True)
                if days
            }
            for column, year in enumerate(plan.labels.years)
        }
        for group, place in enumerate(plan.labels.accounts)
    }


def _points(ledgers: Ledgers, plan: Plan) -> dict[str, Any]:
    counts = losses_by_city(ledgers)
    missing, terms, lost = mean_points(ledgers)
    reasons = reasons_of(plan.labels.causes)
    found: dict[str, Any] = {}
    for place, city in enumerate(plan.labels.cities):
        found[city] = {"verdicts": dict(zip(LOSSES, counts[place].tolist(), strict=True))}
        if counts[place, POINTS]:
            found[city] |= {
                "missing": float(missing[place]),
                "terms": dict(zip(TERMS, terms[place].tolist(), strict=True)),
                "kaltara_less_than_in_full": dict(zip(reasons, lost[place].tolist(), strict=True)),
            }
    return found


def _criticality(ledgers: Ledgers, plan: Plan, scenario: Scenario) -> dict[str, Any]:
    found = ledgers.critical
    n = max(found.n_verdicts, 1)
    kinds = [f"{_KITS[kind.kit]}.{kind.name}" for kind in list_kinds(scenario)]
    reasons = reasons_of(plan.labels.causes)
    return {
        "verdicts": found.n_verdicts,
        "activities": dict(zip(kinds, (found.activities / n).tolist(), strict=True)),
        "reasons": dict(zip(reasons, (found.reasons / n).tolist(), strict=True)),
        "days": dict(zip(reasons, (found.days / n).tolist(), strict=True)),
    }


def _typical(future: TypicalFuture, why: Why) -> dict[str, Any]:
    plan, loss = why.plan, future.ledgers.last.loss[0]
    points, reasons = future.ledgers.points, reasons_of(why.plan.labels.causes)
    regions: dict[str, Any] = {}
    for city in np.flatnonzero(loss != NOT_LOST).tolist():
        region: dict[str, Any] = {"lost_to": LOSSES[loss[city]]}
        if not np.isnan(future.verified[city]):
            region["verified"] = float(future.verified[city])
        if loss[city] == POINTS:
            region |= {
                "missing": float(points.missing[0, city]),
                "terms": dict(zip(TERMS, points.terms[0, city].tolist(), strict=True)),
                "kaltara_less_than_in_full": dict(
                    zip(reasons, points.shortfall[0, city].tolist(), strict=True)
                ),
            }
        if city in future.late:
            late = future.late[city]
            region["zone"] = {
                "number": late.number,
                "launch_day": late.launch_day if late.launch_day >= 0 else None,
                "days": dict(zip(reasons, late.days.tolist(), strict=True)),
            }
        regions[plan.labels.cities[city]] = region
    return {
        "replication": future.replication,
        "stands_for": future.stands_for,
        "share_of_failed": future.stands_for / why.n_failed,
        "cycles_not_held": future.off_calendar,
        "regions": regions,
    }

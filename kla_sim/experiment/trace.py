"""One future in full: what happened on which day, every attempt at every activity, cash, scores.

Replication i traced alone equals replication i of any run. The document's names are fixed
(docs, `trace --json`); days count from the start, a finish is the day of completion.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.reference import Trace, trace
from kla_sim.engine.replications import Replications
from kla_sim.errors import UsageError
from kla_sim.experiment.size import Asked, reckon, refuse_too_large
from kla_sim.scenario.model import Scenario


class Future(NamedTuple):
    """One replication with its trace."""

    plan: Plan
    replication: int
    result: Replications  # one row
    trace: Trace


def trace_future(
    scenario: Scenario, seed: int, replication: int, *, central: bool = False
) -> Future:
    """Run one replication and keep all of it.

    Raises
    ------
    UsageError : seed or replication out of range.
    """
    if not 0 <= replication < 2**32:
        raise UsageError("replications_out_of_range", value=replication)
    if not 0 <= seed < 2**64:
        raise UsageError("seed_out_of_range", value=seed)
    refuse_too_large(reckon(scenario, Asked(replications=1, engine="reference", central=central)))
    plan = compile_plan(scenario, seed, central=central)
    result, events = trace(plan, replication)
    return Future(plan, replication, result, events)


def trace_document(future: Future) -> dict[str, Any]:
    """Return a future as the JSON document of `trace --json`."""
    labels = future.plan.labels
    return {
        "activities": {
            name: [[attempt.start, attempt.finish] for attempt in attempts]
            for name, attempts in zip(labels.activities, future.trace.attempts, strict=True)
            if attempts
        },
        "waits": {
            account: {
                cause: int(days) for cause, days in zip(labels.causes, row, strict=True) if days > 0
            }
            for account, row in zip(labels.accounts, future.result.wait_days[0], strict=True)
        },
        "money": _money(future),
        "dormant_days": {
            city: int(days)
            for city, days in zip(labels.cities, future.result.dormant_days[0], strict=True)
        },
        "scores": _scores(future),
        "standing": {
            city: CATEGORIES[category]
            for city, category in zip(labels.cities, future.result.standing[0], strict=True)
        },
    }


def _money(future: Future) -> dict[str, Any]:
    labels, result = future.plan.labels, future.result
    return {
        account: {
            str(year): {
                field: int(getattr(result, field)[0, place, column])
                for field in ("released", "spent", "lapsed")
            }
            for column, year in enumerate(labels.years)
        }
        for place, account in enumerate(labels.accounts)
    }


def _scores(future: Future) -> dict[str, Any]:
    labels, result = future.plan.labels, future.result
    return {
        city: {
            str(year): {
                "score": float(result.score[0, place, column]),
                "verified": float(result.verified[0, place, column]),
                "category": CATEGORIES[result.category[0, place, column]],
                "evidence_day": int(result.evidence_day[0, column]),
                "award_day": int(result.award_day[0, column]),
            }
            for column, year in enumerate(labels.cycles)
            if result.category[0, place, column] >= 0
        }
        for place, city in enumerate(labels.cities)
    }

"""The schedule over futures: when work happens, and what it uses of staff and money by month.

Simulated again from the first futures of a run, and nothing of it is stored: the same futures come
again from plan and seed (`unkept` does the same).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.flows import cash_of
from kla_sim.analysis.milestones import Moments, PlanMoments, WorkDays, plan_moments, work_days
from kla_sim.analysis.use_over_time import (
    Use,
    cash_use,
    join_use,
    monthly_use,
    months_of,
    staff_use,
)
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import Spells
from kla_sim.experiment.batches import EngineName, telling_engine_of
from kla_sim.experiment.run import cut

FEW, FEW_BY_REFERENCE = 300, 30
"""Futures of which a schedule is drawn beside a run: each engine simulates them in a second."""

_MOST_CELLS = 12_000_000
"""Days of pools, accounts and activities held at once: under 500 MB."""


class FuturesSchedule(NamedTuple):
    """When work happens over some futures of a plan, and what it uses by month."""

    moments: PlanMoments
    staff: Use
    cash: Use


def gantt_of(plan: Plan, first: int, last: int, engine: EngineName = "compiled") -> PlanMoments:
    """Return when the work of a plan happens over some of its futures.

    Parameters
    ----------
    first, last : number of the first future, and of the one behind the last.
    """
    s = plan.structure
    days = [work_days(s, spells) for _, _, spells in _told(plan, first, last, engine)]
    return plan_moments(s, _joined(days))


def futures_schedule(
    plan: Plan, first: int, last: int, engine: EngineName = "compiled"
) -> FuturesSchedule:
    """Return when the work of a plan happens over some of its futures, and what it uses.

    Parameters
    ----------
    first, last : number of the first future, and of the one behind the last.
    """
    days, uses = [], []
    for start, results, spells in _told(plan, first, last, engine):
        days.append(work_days(plan.structure, spells))
        uses.append(monthly_use(plan, start, cash_of(plan, start, results, spells), spells))
    use = join_use(uses)
    return FuturesSchedule(
        plan_moments(plan.structure, _joined(days)), staff_use(plan, use), cash_use(plan, use)
    )


def _told(
    plan: Plan, first: int, last: int, engine: EngineName
) -> Iterator[tuple[int, Replications, Spells]]:
    """Yield consecutive futures in pieces that memory holds, each with its first number."""
    s = plan.structure
    cells = (s.n_pools + s.n_accounts + 1) * (s.horizon_day + 2) + 20 * s.n_activities
    for start, stop in cut(first, last, max(1, _MOST_CELLS // cells)):
        yield start, *telling_engine_of(engine)(plan, start, stop)


def _joined(days: list[WorkDays]) -> WorkDays:
    return WorkDays(*(np.concatenate(arrays) for arrays in zip(*days, strict=True)))


def schedule_document(plan: Plan, found: FuturesSchedule) -> dict[str, Any]:
    """Return what `gantt --json` says: dates of zones and work, and use by month.

    A date is null where so many futures do not come to it up to the horizon.
    """
    s, labels, moments = plan.structure, plan.labels, found.moments
    zones = [
        f"{labels.cities[city]}/zone-{number}"
        for city, number in zip(s.zone_city.tolist(), s.zone_number.tolist(), strict=True)
    ]
    months = months_of(labels.start, s.horizon_day).keys
    return {
        "replications": moments.n,
        "zones": {
            name: {
                what: _dated(of, place, labels.start)
                for what, of in (
                    ("begun", moments.zone_start),
                    ("open", moments.zone_open),
                    ("launched", moments.zone_launch),
                )
            }
            for place, name in enumerate(zones)
        },
        "activities": {
            name: {
                "begun": _dated(moments.start, place, labels.start),
                "done": _dated(moments.done, place, labels.start),
            }
            for place, name in enumerate(labels.activities)
        },
        "staff": _by_month(found.staff, labels.pools, months),
        "cash": _by_month(found.cash, labels.accounts, months),
    }


def _dated(of: Moments, place: int, start: dt.date) -> dict[str, Any] | None:
    """Return when something happens; None where the plan has no such thing."""
    share = float(of.share[place])
    if math.isnan(share):
        return None
    dates = [
        None if math.isinf(day) else (start + dt.timedelta(days=int(day))).isoformat()
        for day in of.days[place].tolist()
    ]
    return {**dict(zip(("p10", "p50", "p90"), dates, strict=True)), "share": share}


def _by_month(use: Use, names: list[str], months: tuple[str, ...]) -> dict[str, Any]:
    fields = ("least", "p10", "p50", "p90", "most", "limit", "share_at_limit")
    return {
        name: {
            month: dict(zip(fields, map(float, row), strict=True))
            for month, row in zip(
                months,
                np.vstack([use.quantiles[place], use.limit[place], use.at_limit[place]]).T,
                strict=True,
            )
        }
        for place, name in enumerate(names)
    }

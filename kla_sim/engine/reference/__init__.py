"""The readable engine: one replication of the roll-out as a discrete-event simulation in SimPy.

Every event carries its place in the day as its SimPy priority (`clock`), so that one day always
runs in the three phases of docs/model.md: A completions, B calendar, C starts (three-phase method:
Tocher 1963; Pidd 2004). `work` starts activities all or nothing in priority order, `staff` keeps
posts, `treasury` money, `zones` what stands, `jury` scores and awards; `rollout` ties them together
and writes the results. The compiled engine must return equal arrays, bit for bit.
"""

from __future__ import annotations

import numpy as np

from kla_sim.engine.plan import Plan
from kla_sim.engine.reference.facts import Facts
from kla_sim.engine.reference.rollout import Rollout
from kla_sim.engine.reference.trace import Attempt, Trace, TraceEvent
from kla_sim.engine.replications import (
    Attempts,
    Replications,
    empty_attempts,
    empty_replications,
)
from kla_sim.engine.spells import Spells, arrange

__all__ = [
    "Attempt",
    "Trace",
    "TraceEvent",
    "simulate",
    "simulate_keeping",
    "simulate_telling",
    "trace",
]


def simulate(plan: Plan, first: int, last: int) -> Replications:
    """Run replications first to last - 1 of a plan.

    Returns
    -------
    arrays with last - first rows
    """
    out = empty_replications(plan.structure, last - first)
    facts = Facts(plan)
    for replication in range(first, last):
        Rollout(facts, replication, None).run(out, replication - first)
    return out


def simulate_keeping(plan: Plan, first: int, last: int) -> tuple[Replications, Attempts]:
    """Run replications first to last - 1 and keep when each activity was at work."""
    out = empty_replications(plan.structure, last - first)
    kept = empty_attempts(plan.structure, last - first)
    facts = Facts(plan)
    for row, replication in enumerate(range(first, last)):
        log = Trace.empty(plan)
        Rollout(facts, replication, log).run(out, row)
        for act, attempts in enumerate(log.attempts):
            if attempts:
                kept.start[row, act] = attempts[0].start
                kept.finish[row, act] = attempts[-1].finish
                kept.attempts[row, act] = len(attempts)
    return out, kept


def simulate_telling(plan: Plan, first: int, last: int) -> tuple[Replications, Spells]:
    """Run replications first to last - 1 and tell what every activity did from day to day."""
    out = empty_replications(plan.structure, last - first)
    complete_day = np.full((last - first, plan.structure.n_activities), -1, np.int32)
    facts = Facts(plan)
    entries: list[tuple[int, int, int, int, int]] = []
    for row, replication in enumerate(range(first, last)):
        log = Trace.empty(plan)
        Rollout(facts, replication, log).run(out, row)
        entries += [(row, *spell) for spell in log.spells]
        complete_day[row] = log.complete_day
    return out, arrange(np.array(entries, np.int64).reshape(-1, 5), complete_day)


def trace(plan: Plan, replication: int) -> tuple[Replications, Trace]:
    """Run one replication and keep every event of it; its row equals that of any run."""
    out = empty_replications(plan.structure, 1)
    log = Trace.empty(plan)
    Rollout(Facts(plan), replication, log).run(out, 0)
    return out, log

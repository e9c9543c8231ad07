"""How each region failed: by points, or by a rule of the evaluation although it had the points.

Looked at is the last evaluation that could have won: the last whose award comes out by the
deadline. A verdict with the points of the target that the confirmation of the standing category,
the rule that KLA is hardly given, or the one-step cap has kept from it is booked as such. Where a
later cycle was cancelled, merged into the next or published too late, and would on its scheduled
day have given the target on the same random numbers, the verdict is booked to the calendar.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.jury import KLA, awards_of, category_of
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.verdicts import Verdicts

LOSSES = ("points", "one_step_up", "confirmation", "kla_reach", "calendar", "no_evaluation")
POINTS, CAP, CONFIRMATION, REACH, CALENDAR, NO_EVALUATION = range(len(LOSSES))
NOT_LOST = -1


class LastVerdicts(NamedTuple):
    """The last evaluation of each future that could have won, and how each region failed in it."""

    cycle: IntArray  # (n,) -1 = none
    evidence_day: IntArray  # (n,) of that cycle; the deadline where there is none
    loss: IntArray  # (n, n_cities) one of LOSSES by place; NOT_LOST = at the target


def last_verdicts(
    plan: Plan, world: IntArray, results: Replications, drawn: Verdicts
) -> LastVerdicts:
    """Return how each region failed in each future.

    Parameters
    ----------
    world : (n,) place in `plan.worlds` of each replication.
    """
    s = plan.structure
    every = np.arange(len(world))
    in_time = (results.award_day >= 0) & (results.award_day <= s.deadline_day)
    order = np.where(in_time, results.award_day, -1).astype(np.int64) * (s.n_cycles + 1)
    order += np.arange(s.n_cycles)
    cycle = np.full(len(world), -1)
    if s.n_cycles:
        cycle = np.where(in_time.any(axis=1), order.argmax(axis=1), -1)
    is_judged = cycle >= 0
    evidence_day = np.full(len(world), s.deadline_day)
    evidence_day[is_judged] = results.evidence_day[every[is_judged], cycle[is_judged]]
    loss = np.full((len(world), s.n_cities), NOT_LOST)
    has_failed = results.standing < s.target
    loss[has_failed] = NO_EVALUATION
    for row, city in np.argwhere(has_failed & is_judged[:, None]):
        loss[row, city] = _kind_of_loss(plan, world, results, drawn, row, city, cycle[row])
    for later in range(s.n_cycles):
        # a cycle with an earlier schedule than the verdict's could have given nothing more
        is_missed = ~in_time[:, later] & (s.cycle_award_day[later] <= s.deadline_day)
        is_missed &= later > cycle
        would_win = _would_win(plan, world, results, drawn, later) & is_missed[:, None]
        loss[has_failed & would_win] = CALENDAR
    return LastVerdicts(cycle, evidence_day, loss)


def _kind_of_loss(
    plan: Plan,
    world: IntArray,
    results: Replications,
    drawn: Verdicts,
    row: int,
    city: int,
    cycle: int,
) -> int:
    bounds = plan.values[world[row]].bounds
    earned = category_of(float(results.verified[row, city, cycle]), bounds)
    if earned < plan.structure.target:
        return POINTS
    if drawn.is_confirmed[row, city, cycle]:
        return CONFIRMATION
    if plan.structure.target == KLA and not drawn.is_reached[row, city, cycle]:
        return REACH
    return CAP


def _would_win(
    plan: Plan, world: IntArray, results: Replications, drawn: Verdicts, cycle: int
) -> BoolArray:
    """Return who would reach the target in a cycle judged on its scheduled day, (n, n_cities)."""
    found = np.zeros(results.standing.shape, np.bool_)
    score = MAXIMUM_SCORE - results.gap[:, :, cycle] * results.remainder[:, :, cycle]
    verified: FloatArray = np.clip(score, 0.0, MAXIMUM_SCORE)
    verified = verified + drawn.strictness[:, cycle, None] + drawn.noise[:, :, cycle]
    verified = np.clip(verified, 0.0, MAXIMUM_SCORE)
    for number in np.unique(world):
        for city in range(plan.structure.n_cities):
            here = (world == number) & ~np.isnan(verified[:, city])
            found[here, city] = (
                awards_of(
                    verified[here, city],
                    results.standing[here, city].astype(np.int64),
                    plan.values[number].bounds,
                    drawn.is_capped[here, city, cycle],
                    drawn.is_confirmed[here, city, cycle],
                    drawn.is_reached[here, city, cycle],
                )
                >= plan.structure.target
            )
    return found

"""What each future costs and when it arrives: a cloud of the first ones, and the chance of both."""

from __future__ import annotations

import numpy as np

from kla_sim.analysis.conditional import Chances
from kla_sim.analysis.counting.awards import award_days, reached_by_day
from kla_sim.analysis.counting.by_world import CountsByWorld, Groups, Stretch
from kla_sim.analysis.summary import CostAndDate
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.engine.plan import Plan

MOST_KEPT = 10_000
"""Futures kept one by one: enough for shares to half a point, and memory stays small."""


class CostCounter:
    """Keeps what the first futures cost and when they arrive; counts those in time and money."""

    def __init__(self, plan: Plan) -> None:
        self._budget = float(np.mean([world.appropriation.sum() for world in plan.values]))
        self._days, self._deadline_day = award_days(plan), plan.structure.deadline_day
        self._within = CountsByWorld(plan)
        self._n_over = self._n_kept = 0
        self._spent = np.zeros(MOST_KEPT)
        self._arrival = np.zeros(MOST_KEPT, np.int64)

    def add(self, stretch: Stretch, chances: Chances) -> None:
        """Count replications with their chances."""
        spent = stretch.replications.spent.sum(axis=(1, 2)).astype(float)
        is_within = spent <= self._budget
        self._within.add_chances(stretch, chances.all_cities * is_within)
        self._n_over += int((~is_within).sum())
        if self._n_kept < MOST_KEPT:
            self._keep(stretch, spent)

    def _keep(self, stretch: Stretch, spent: FloatArray) -> None:
        reached = np.stack(
            [is_held.all(axis=1) for is_held in reached_by_day(stretch, self._days)], axis=1
        )
        arrival = arrival_days(reached, self._days, self._deadline_day)
        kept = slice(self._n_kept, min(self._n_kept + len(spent), MOST_KEPT))
        n_new = kept.stop - kept.start
        self._spent[kept], self._arrival[kept] = spent[:n_new], arrival[:n_new]
        self._n_kept = kept.stop

    def summarise(self, groups: Groups) -> CostAndDate:
        """Return the cloud and the chance of being in time and within the budget."""
        return CostAndDate(
            budget=self._budget,
            spent=self._spent[: self._n_kept].copy(),
            day=self._arrival[: self._n_kept].copy(),
            in_time_and_money=groups.chance(self._within.sums_of_chances()),
            share_over=self._n_over / float(groups.sizes.sum()),
        )


def arrival_days(reached: BoolArray, days: IntArray, deadline_day: int) -> IntArray:
    """Return the day from which all cities stand at the target; -1 = never up to the horizon.

    Where they do on the deadline, the day from which they have done so without a break; else the
    first one after it. So a future is in time just where it meets the target.

    Parameters
    ----------
    reached : (n, n_days) whether they do from each day on until the next one listed.
    """
    deadline = int(np.searchsorted(days, deadline_day, side="right")) - 1
    arrival = np.full(len(reached), -1, np.int64)
    for place in range(len(days) - 1, deadline, -1):
        arrival[reached[:, place]] = days[place]
    is_unbroken = np.ones(len(reached), np.bool_)
    for place in range(deadline, -1, -1):
        is_unbroken &= reached[:, place]
        arrival[is_unbroken] = days[place]
    return arrival

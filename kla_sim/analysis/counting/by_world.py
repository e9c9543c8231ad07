"""Counts by world, and the estimates that are made of them.

Replications of one world share what is not known; where there is one world only, they fall into
bundles (`estimate.n_groups`). Used by the counters of odds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.conditional import WorldNumbers
from kla_sim.analysis.estimate import (
    Estimate,
    estimate_chance,
    estimate_difference,
    estimate_share,
    n_groups,
)
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications

UNIT = 2.0**30
"""Chances are counted in whole parts of one: sums stay exact, to 8 billion replications a world."""


class Stretch(NamedTuple):
    """Consecutive replications of one plan."""

    plan: Plan
    first: int  # number of the first of them
    replications: Replications
    worlds: WorldNumbers
    world: IntArray  # (n,) place of each one's world in the plan
    group: IntArray  # (n,) that world, or the bundle within the only one


def stretch_of(plan: Plan, first: int, replications: Replications, worlds: WorldNumbers) -> Stretch:
    """Return consecutive replications with the worlds in which they ran."""
    number = np.arange(first, first + len(replications.is_met))
    groups = number % n_groups(plan.n_worlds)
    return Stretch(plan, first, replications, worlds, number % plan.n_worlds, groups)


def units_of(chances: FloatArray) -> IntArray:
    """Return chances in whole units."""
    return np.rint(chances * UNIT).astype(np.int64)


class CountsByWorld:
    """What is counted of each replication, summed by group; worlds of later rounds follow.

    Parameters
    ----------
    plan : of the worlds of the first round.
    shape : of what is counted of one replication; () = one number.
    """

    def __init__(self, plan: Plan, shape: tuple[int, ...] = ()) -> None:
        self._shape = shape
        self._rounds: dict[int, IntArray] = {}
        self._begin(plan)

    def _begin(self, plan: Plan) -> None:
        if plan.first_world not in self._rounds:
            shape = (n_groups(plan.n_worlds), *self._shape)
            self._rounds[plan.first_world] = np.zeros(shape, np.int64)

    def add(self, stretch: Stretch, counts: BoolArray | IntArray | int) -> None:
        """Add what was counted of each replication, (n, ...); 1 = the replications themselves."""
        self._begin(stretch.plan)
        np.add.at(self._rounds[stretch.plan.first_world], stretch.group, counts)

    def add_chances(self, stretch: Stretch, chances: FloatArray) -> None:
        """Add a chance of each replication, (n, ...)."""
        self.add(stretch, units_of(chances))

    def sums(self) -> IntArray:
        """Return the counts, (n_groups, ...), worlds in the order of their numbers."""
        return np.concatenate([self._rounds[first] for first in sorted(self._rounds)])

    def sums_of_chances(self) -> FloatArray:
        """Return the sums of chances, (n_groups, ...)."""
        return self.sums() / UNIT


class Groups(NamedTuple):
    """The replications of each group, and how sums over them become estimates."""

    sizes: FloatArray  # (n_groups,)
    is_one_world: bool
    is_conditional: bool  # chances are more than counted hits

    def chance(self, sums: FloatArray) -> Estimate:
        """Estimate a probability from sums of chances, (n_groups,)."""
        if self.is_conditional:
            return estimate_chance(sums, self.sizes, is_one_world=self.is_one_world)
        return self.share(np.rint(sums))

    def share(self, hits: FloatArray | IntArray) -> Estimate:
        """Estimate a probability from hits, (n_groups,)."""
        if self.is_one_world:
            return estimate_share(np.array([float(hits.sum())]), np.array([self.sizes.sum()]))
        return estimate_share(hits.astype(float), self.sizes)

    def difference(self, sums: FloatArray) -> Estimate:
        """Estimate the mean of differences between chances from their sums, (n_groups,)."""
        return estimate_difference(sums, self.sizes, is_one_world=self.is_one_world)

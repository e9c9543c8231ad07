"""The odds that the target is met: conditional chances by world, and plain counting beside them."""

from __future__ import annotations

import numpy as np

from kla_sim.analysis.conditional import Chances, last_cycle
from kla_sim.analysis.counting.by_world import UNIT, CountsByWorld, Groups, Stretch
from kla_sim.analysis.estimate import (
    Check,
    Estimate,
    WorldRange,
    check_against_counting,
    estimate_mean,
    n_groups,
    range_across_worlds,
    variance_ratio,
)
from kla_sim.analysis.togetherness import TauOdds, odds_over_tau
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan


class OddsCounter:
    """Counts chances and hits by world.

    Parameters
    ----------
    plan : of the worlds that the run begins with.
    """

    def __init__(self, plan: Plan) -> None:
        self.n = 0
        self._is_one_world = plan.n_worlds == 1
        self._is_conditional = last_cycle(plan.structure) is not None
        self._n_cities = plan.structure.n_cities
        self._sizes = CountsByWorld(plan)
        self._met = CountsByWorld(plan)
        self._met_once = CountsByWorld(plan)
        self._chances = CountsByWorld(plan)
        self._squares = CountsByWorld(plan)
        self._city_chances = CountsByWorld(plan, (self._n_cities,))
        self._taus = {plan.first_world: _taus_of(plan)}

    def add(self, stretch: Stretch, chances: Chances) -> None:
        """Count replications with their chances."""
        plan, r = stretch.plan, stretch.replications
        if plan.first_world not in self._taus:
            self._taus[plan.first_world] = _taus_of(plan)
        self.n += len(r.is_met)
        self._sizes.add(stretch, 1)
        self._met.add(stretch, r.is_met)
        self._met_once.add(stretch, r.is_met_once)
        self._chances.add_chances(stretch, chances.all_cities)
        self._squares.add_chances(stretch, chances.all_cities**2)
        self._city_chances.add_chances(stretch, chances.cities)

    @property
    def groups(self) -> Groups:
        """The replications of each world, or bundle."""
        sizes = self._sizes.sums().astype(float)
        return Groups(sizes, self._is_one_world, self._is_conditional)

    @property
    def chances(self) -> FloatArray:
        """The sum of the chances that every city meets the target, (n_groups,)."""
        return self._chances.sums_of_chances()

    @property
    def mean(self) -> float:
        """The odds so far."""
        return float(self.chances.sum()) / self.n

    @property
    def city_means(self) -> FloatArray:
        """The odds of each city so far, (n_cities,)."""
        return np.asarray(self._city_chances.sums().sum(axis=0) / UNIT / self.n)

    def all_cities(self) -> Estimate:
        """Return the odds that every city is at the target on the deadline."""
        return self.groups.chance(self.chances)

    def counted(self) -> Estimate:
        """Return the same odds by plain counting."""
        return self.groups.share(self._met.sums())

    def at_once_ever(self) -> Estimate:
        """Return the odds that all cities are at the target at once on some day."""
        return self.groups.chance(self.chances + self._met_once.sums() - self._met.sums())

    def cities(self) -> list[Estimate]:
        """Return the odds of each city."""
        groups = self.groups
        return [groups.chance(sums) for sums in self._city_chances.sums_of_chances().T]

    def expected_cities(self) -> Estimate:
        """Return how many cities meet the target on average."""
        sums = self._city_chances.sums().sum(axis=1) / UNIT
        return estimate_mean(sums, self.groups.sizes, (0.0, float(self._n_cities)))

    def check(self) -> Check:
        """Hold the chances against plain counting."""
        n_met, chances, squares = self._totals()
        return check_against_counting(n_met, chances, squares, self.n)

    def variance_ratio(self) -> float | None:
        """Return by how much a chance varies less than a yes or no."""
        _, chances, squares = self._totals()
        return variance_ratio(chances, squares, self.n)

    def _totals(self) -> tuple[int, float, float]:
        squares = self._squares.sums_of_chances()
        return int(self._met.sums().sum()), float(self.chances.sum()), float(squares.sum())

    def worlds(self) -> WorldRange:
        """Return how the odds differ between worlds."""
        if self._is_one_world:
            return WorldRange(1, None, None, None, None)
        squares = self._squares.sums_of_chances()
        return range_across_worlds(self.chances, self.groups.sizes, squares)

    def over_tau(self) -> tuple[TauOdds, ...]:
        """Return the odds where places of a province move together least, and most."""
        groups = self.groups

        def estimate(sums: FloatArray, sizes: FloatArray) -> Estimate:
            return groups._replace(sizes=sizes).chance(sums)

        taus = np.concatenate([self._taus[first] for first in sorted(self._taus)])
        return odds_over_tau(taus, self.chances, groups.sizes, estimate)


def _taus_of(plan: Plan) -> FloatArray:
    """Return the tau of each group; bundles of one world have none to differ in."""
    if plan.n_worlds == 1:
        return np.zeros(n_groups(1))
    return np.array([world.tau for world in plan.worlds], dtype=float)

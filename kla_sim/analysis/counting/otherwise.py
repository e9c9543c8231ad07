"""The odds of the same futures judged otherwise: without Kaltara, and on claimed scores."""

from __future__ import annotations

import numpy as np

from kla_sim.analysis.conditional import conditional_chances
from kla_sim.analysis.counting.awards import award_days, reached_by_day, standing_on
from kla_sim.analysis.counting.by_world import CountsByWorld, Groups, Stretch
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import WithoutKaltara
from kla_sim.arrays import FloatArray
from kla_sim.engine.counterfactual import without_kaltara
from kla_sim.engine.plan import Plan


class WithoutKaltaraCounter:
    """Counts what the futures would be had nothing been replicated."""

    def __init__(self, plan: Plan) -> None:
        self._chances = CountsByWorld(plan)
        self._won = self._lost = 0
        self._days = award_days(plan)
        self._by_day = np.zeros(len(self._days), np.int64)
        self._deadline_day = plan.structure.deadline_day

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        plan, first, r, worlds, world, _ = stretch
        bare = without_kaltara(plan, first, world, r)
        chances = conditional_chances(plan, first, bare, worlds).all_cities
        self._chances.add_chances(stretch, chances)
        self._won += int((r.is_met & ~bare.is_met).sum())
        self._lost += int((bare.is_met & ~r.is_met).sum())
        for place, is_reached in enumerate(
            reached_by_day(stretch._replace(replications=bare), self._days)
        ):
            self._by_day[place] += is_reached.all(axis=1).sum()

    def by_day(self, groups: Groups) -> FloatArray:
        """Return the odds without from each day on, (n_days,).

        Conditional ones where the deadline falls, as in the curve with it.
        """
        odds = self._by_day / groups.sizes.sum()
        deadline = int(np.searchsorted(self._days, self._deadline_day, side="right")) - 1
        odds[deadline] = groups.chance(self._chances.sums_of_chances()).value
        return np.asarray(odds)

    def summarise(self, chances: FloatArray, groups: Groups) -> WithoutKaltara:
        """Return the odds without, and what the replication adds to them.

        Parameters
        ----------
        chances : (n_groups,) sums of the chances with it.
        """
        without = self._chances.sums_of_chances()
        return WithoutKaltara(
            all_cities=groups.chance(without),
            difference=groups.difference(chances - without),
            won=self._won,
            lost=self._lost,
            same=int(groups.sizes.sum()) - self._won - self._lost,
        )


class ClaimCounter:
    """Counts the replications in which every city's last claimed score is at the target."""

    def __init__(self, plan: Plan) -> None:
        self._met = CountsByWorld(plan)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        s, r, worlds = stretch.plan.structure, stretch.replications, stretch.worlds
        bound = worlds.bound[stretch.world][:, None, None]
        is_claimed = (r.claimed >= bound) if s.target == 1 else (r.claimed > bound)
        last = standing_on(
            s.deadline_day,
            (worlds.standing[stretch.world] >= s.target).astype(np.int64),
            r._replace(category=is_claimed.astype(np.int8)),
        )
        self._met.add(stretch, np.all(last, axis=1))

    def summarise(self, groups: Groups) -> Estimate:
        """Return the odds on claimed scores."""
        return groups.share(self._met.sums())

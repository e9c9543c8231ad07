"""Awards as they are published: who stands at the target on which day, and categories by cycle."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kla_sim.analysis.counting.by_world import CountsByWorld, Groups, Stretch
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import NO_AWARD, OddsCurve
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications


def standing_on(day: int, starts: IntArray, r: Replications) -> IntArray:
    """Return each city's category on a day: the latest award published by then.

    Parameters
    ----------
    starts : (n, n_cities) category held at the start.

    Returns
    -------
    (n, n_cities) category numbers
    """
    n_cycles = r.award_day.shape[1]
    is_out = (r.award_day >= 0) & (r.award_day <= day)
    order = np.where(
        is_out, r.award_day.astype(np.int64) * (n_cycles + 1) + np.arange(n_cycles), -1
    )
    if n_cycles == 0:
        return starts
    latest = order.argmax(axis=1)
    awarded = np.take_along_axis(r.category, latest[:, None, None], axis=2)[:, :, 0]
    has_award = np.any(is_out, axis=1, keepdims=True)
    return np.where(has_award, awarded, starts)


def award_days(plan: Plan) -> IntArray:
    """Return day 0 and every day up to the horizon on which an award may come, (n_days,)."""
    s = plan.structure
    days = {0, *s.cycle_award_day.tolist(), *s.cycle_slipped_award_day.tolist()}
    return np.array(sorted(day for day in days if day <= s.horizon_day), np.int64)


def reached_by_day(stretch: Stretch, days: IntArray) -> Iterator[BoolArray]:
    """Yield for each day who stands at the target then, (n, n_cities)."""
    starts = stretch.worlds.standing[stretch.world]
    for day in days.tolist():
        standing = standing_on(day, starts, stretch.replications)
        yield standing >= stretch.plan.structure.target


class CurveCounter:
    """Counts who stands where from each day on which an award may come."""

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._deadline_day = s.deadline_day
        self._target = s.target
        self._days = award_days(plan)
        self._joint = CountsByWorld(plan, (len(self._days),))
        self._standing = np.zeros((len(self._days), s.n_cities, len(CATEGORIES)), np.int64)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        starts = stretch.worlds.standing[stretch.world]
        is_joint = np.zeros((len(starts), len(self._days)), np.bool_)
        for place, day in enumerate(self._days.tolist()):
            standing = standing_on(day, starts, stretch.replications)
            is_joint[:, place] = (standing >= self._target).all(axis=1)
            for category in range(len(CATEGORIES)):
                self._standing[place, :, category] += (standing == category).sum(axis=0)
        self._joint.add(stretch, is_joint)

    def summarise(
        self, groups: Groups, odds: Estimate, city_odds: FloatArray, without: FloatArray
    ) -> OddsCurve:
        """Return the counted odds by day, the conditional ones where the deadline falls.

        Parameters
        ----------
        odds, city_odds : conditional, of all cities and of each (n_cities,).
        without : (n_days,) joint odds had nothing been replicated.
        """
        standing = self._standing / groups.sizes.sum()
        joint = [groups.share(hits) for hits in self._joint.sums().T]
        deadline = int(np.searchsorted(self._days, self._deadline_day, side="right")) - 1
        joint[deadline] = odds
        standing[deadline] = _with_odds(standing[deadline], city_odds, self._target)
        cities = standing[:, :, self._target :].sum(axis=2)
        cities[deadline] = city_odds
        return OddsCurve(
            days=self._days,
            joint=np.array([estimate.value for estimate in joint]),
            cities=cities,
            ends=np.array([(estimate.low, estimate.high) for estimate in joint]),
            without=without,
            standing=standing,
        )


def _with_odds(standing: FloatArray, odds: FloatArray, target: int) -> FloatArray:
    """Return counted shares with as much at the target and above as the conditional odds say.

    Parameters
    ----------
    standing : (n_cities, 6) shares by category.
    odds : (n_cities,) of standing at the target.
    """
    scaled = standing.copy()
    for part, wanted, fallback in (
        (slice(target), 1.0 - odds, max(target - 1, 0)),
        (slice(target, None), odds, target),
    ):
        counted = standing[:, part].sum(axis=1)
        scaled[:, part] *= np.divide(
            wanted, counted, out=np.zeros_like(counted), where=counted > 0
        )[:, None]
        scaled[counted == 0, fallback] += wanted[counted == 0]
    return scaled


class CategoryCounter:
    """Counts the categories that each cycle publishes."""

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._counts = np.zeros((s.n_cities, s.n_cycles, NO_AWARD + 1), np.int64)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        category = stretch.replications.category
        published: IntArray = np.where(category < 0, NO_AWARD, category)
        for number in range(NO_AWARD + 1):
            self._counts[:, :, number] += (published == number).sum(axis=0)

    def shares(self, n: int) -> FloatArray:
        """Return the share of replications in each category, (n_cities, n_cycles, 7)."""
        return self._counts / n

"""Awards as they are published: who stands at the target on which day, and categories by cycle."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.counting.by_world import Stretch
from kla_sim.analysis.summary import NO_AWARD, OddsCurve
from kla_sim.arrays import BoolArray, FloatArray, IntArray
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
    """Counts who stands at the target from each day on which an award may come."""

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._deadline_day = s.deadline_day
        self._days = award_days(plan)
        self._joint = np.zeros(len(self._days), np.int64)
        self._cities = np.zeros((len(self._days), s.n_cities), np.int64)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        for place, is_reached in enumerate(reached_by_day(stretch, self._days)):
            self._joint[place] += is_reached.all(axis=1).sum()
            self._cities[place] += is_reached.sum(axis=0)

    def summarise(self, n: int, odds: float, city_odds: FloatArray) -> OddsCurve:
        """Return the counted odds by day, the conditional ones where the deadline falls."""
        joint, cities = self._joint / n, self._cities / n
        deadline = int(np.searchsorted(self._days, self._deadline_day, side="right")) - 1
        joint[deadline] = odds
        cities[deadline] = city_odds
        return OddsCurve(self._days, joint, cities)


class CategoryCounter:
    """Counts the categories that each cycle publishes."""

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._counts = np.zeros((s.n_cities, s.n_cycles, NO_AWARD + 1), np.int64)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        category = stretch.replications.category
        published: npt.NDArray[np.int64] = np.where(category < 0, NO_AWARD, category)
        for number in range(NO_AWARD + 1):
            self._counts[:, :, number] += (published == number).sum(axis=0)

    def shares(self, n: int) -> FloatArray:
        """Return the share of replications in each category, (n_cities, n_cycles, 7)."""
        return self._counts / n

"""How scores spread: histograms of what the jury and the cities say, and the attainment."""

from __future__ import annotations

import datetime as dt

import numpy as np

from kla_sim.analysis.counting.by_world import UNIT, Stretch, units_of
from kla_sim.analysis.estimate import FEWEST_FOR_SPREAD
from kla_sim.analysis.summary import Attainment
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.plan import Plan

_SCORE_BINS = 1001
_ATTAINMENT_BINS = 10_001
_QUANTILES = (0.1, 0.5, 0.9)


class ScoreCounter:
    """Counts one kind of score of every city and cycle, to whole points.

    Parameters
    ----------
    result : the name of the score among the results.
    """

    def __init__(self, plan: Plan, result: str) -> None:
        s = plan.structure
        self._result = result
        self._counts = np.zeros((s.n_cities, s.n_cycles, _SCORE_BINS), np.int64)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        scores: FloatArray = getattr(stretch.replications, self._result)
        known = ~np.isnan(scores)
        _, city, cycle = np.nonzero(known)
        bins = np.rint(scores[known]).astype(np.int64)
        np.add.at(self._counts, (city, cycle, bins), 1)

    def quantiles(self) -> FloatArray:
        """Return the 10, 50 and 90 % points, (n_cities, n_cycles, 3)."""
        return quantiles_of_bins(self._counts)


class AttainmentCounter:
    """Counts the attainment of the province at the start and on every scheduled evidence day."""

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._start, self._horizon_day = plan.labels.start, s.horizon_day
        self._days = [0, *s.cycle_evidence_day.tolist()]
        self._weight = s.population / s.population.sum()
        self._sums = np.zeros(len(self._days), np.int64)
        self._counts = np.zeros((len(self._days), _ATTAINMENT_BINS), np.int64)

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        r, worlds = stretch.replications, stretch.worlds
        gap = (worlds.gap * worlds.left)[stretch.world]
        scores = np.clip(MAXIMUM_SCORE - r.gap * r.remainder, 0.0, MAXIMUM_SCORE)
        attained = np.zeros((len(gap), len(self._days)))
        for city, share in enumerate(self._weight):  # an order that the rows cannot change
            attained[:, 0] += share * (MAXIMUM_SCORE - gap[:, city]) / MAXIMUM_SCORE
            attained[:, 1:] += share * scores[:, city] / MAXIMUM_SCORE
        known = np.nan_to_num(attained)  # evidence days past the horizon are not reported
        self._sums += units_of(known).sum(axis=0)
        bins = np.rint(known * (_ATTAINMENT_BINS - 1)).astype(np.int64)
        for place, column in enumerate(bins.T):
            self._counts[place] += np.bincount(column, minlength=_ATTAINMENT_BINS)

    def summarise(self, n: int) -> list[Attainment]:
        """Return the attainment on each day within the horizon."""
        points = quantiles_of_bins(self._counts) / (_ATTAINMENT_BINS - 1)
        return [
            Attainment(
                self._start + dt.timedelta(days=day),
                float(total / UNIT / n),
                float(low),
                float(high),
            )
            for day, total, (low, _, high) in zip(self._days, self._sums, points, strict=True)
            if day <= self._horizon_day
        ]


def quantiles_of_bins(counts: IntArray) -> FloatArray:
    """Return the 10, 50 and 90 % points of whole-point histograms.

    NaN where nothing fell; the outer points also where too little fell to know a spread.
    """
    below = counts.cumsum(axis=-1)
    total = below[..., -1:]
    points = np.stack(
        [(below >= share * total).argmax(axis=-1) for share in _QUANTILES], axis=-1
    ).astype(float)
    points[..., [0, -1]] = np.where(total >= FEWEST_FOR_SPREAD, points[..., [0, -1]], np.nan)
    return np.where(total > 0, points, np.nan)

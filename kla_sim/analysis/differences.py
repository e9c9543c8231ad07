"""How the same futures end under two plans: paired differences, each with its interval.

A difference of chances (`conditional`) varies far less than one of counts, and the differences of
one world hang together, so that worlds are the observations. Called by `experiment.compare`; which
runs pair at all is decided there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.estimate import (
    LEVEL,
    Estimate,
    estimate_amount_difference,
    estimate_difference,
    estimate_mean,
    estimate_paired_difference,
    n_groups,
)
from kla_sim.arrays import BoolArray, FloatArray, IntArray

RARE = 0.02
"""Joint odds below which the expected number of cities says more of a plan than they do."""

_RESAMPLES = 1_000
_RESAMPLING_SEED = 20_221_114
"""The bootstrap's own seed: the same outcomes, the same interval."""

_HALF = 0.5
_MOST_FUTURES = 10_000_000_000
"""Beyond so many futures it is said that no number will show the difference."""


class Outcomes(NamedTuple):
    """What consecutive replications of one plan say.

    Attributes
    ----------
    first : number of the first replication.
    n_worlds : replication i belongs to world i mod n_worlds.
    is_met : (n,) whether every city stands at the target on the deadline.
    all_cities : (n,) the chance of it.
    cities : (n, n_cities) the chance of each city.
    days : (n_days,) the days on which an award may come, counted from the start.
    reached : (n_groups, n_days, 1 + n_cities) replications in which all cities, and each, stand at
        the target from that day on until the next one listed; groups as in `estimate.n_groups`.
    spent : (n,) rupiah spent from all accounts up to the horizon.
    """

    first: int
    n_worlds: int
    is_met: BoolArray
    all_cities: FloatArray
    cities: FloatArray
    days: IntArray
    reached: IntArray
    spent: FloatArray

    @property
    def groups(self) -> IntArray:
        """The group of each replication, (n,)."""
        return np.arange(self.first, self.first + len(self.is_met)) % n_groups(self.n_worlds)


class HalfDates(NamedTuple):
    """The days from which a share of at least one half stands at the target; None = never.

    Attributes
    ----------
    a, b : day under each plan.
    days : of b less a; None where one of the two never arrives.
    low, high : the interval of that difference; infinite where it holds futures in which one never
        arrives.
    """

    a: int | None
    b: int | None
    days: int | None
    low: float
    high: float


class Needed(NamedTuple):
    """What a difference of this size would need to be seen.

    Attributes
    ----------
    futures : as many replications.
    worlds : spread over so many worlds, where those of the run do not suffice; None = they do.
    """

    futures: int
    worlds: int | None


class Differences(NamedTuple):
    """Plan b less plan a, over the same futures.

    Attributes
    ----------
    odds : of all cities, by chances.
    counted : the same by counting.
    won, lost : replications that meet the target under b only, under a only.
    expected_cities : number of cities at the target.
    cities : the odds of each city.
    half_dates : all cities together, then each city.
    spent : rupiah.
    needed_odds, needed_expected : what would show a difference like the one estimated; None where
        it is shown already, or nothing differs at all.
    """

    odds: Estimate
    counted: Estimate
    won: int
    lost: int
    expected_cities: Estimate
    cities: list[Estimate]
    half_dates: list[HalfDates]
    spent: Estimate
    needed_odds: Needed | None
    needed_expected: Needed | None

    def leading(self, *, is_rare: bool) -> Estimate:
        """Return the difference by which plans are ranked: where odds are rare, of the number."""
        return self.expected_cities if is_rare else self.odds


def is_shown(difference: Estimate) -> bool:
    """Return whether the interval of a difference excludes zero."""
    return not difference.low <= 0.0 <= difference.high


def differences(a: Outcomes, b: Outcomes) -> Differences:
    """Return how b differs from a, over the same replications."""
    groups, sizes = a.groups, np.bincount(a.groups).astype(float)
    in_odds = b.all_cities - a.all_cities
    by_city = b.cities - a.cities
    in_number = by_city.sum(axis=1)
    odds, expected = mean_changes(a, in_odds, in_number)
    cities = [
        estimate_difference(_sums(groups, column), sizes, is_one_world=a.n_worlds == 1)
        for column in by_city.T
    ]
    return Differences(
        odds=odds,
        counted=estimate_paired_difference(a.is_met, b.is_met, a.n_worlds),
        won=int(np.sum(b.is_met & ~a.is_met)),
        lost=int(np.sum(a.is_met & ~b.is_met)),
        expected_cities=expected,
        cities=cities,
        half_dates=half_dates(a, b),
        spent=estimate_amount_difference(_sums(groups, b.spent - a.spent), sizes),
        needed_odds=futures_needed(odds, groups, in_odds),
        needed_expected=futures_needed(expected, groups, in_number),
    )


def mean_changes(
    plan: Outcomes, in_odds: FloatArray, in_number: FloatArray
) -> tuple[Estimate, Estimate]:
    """Estimate mean changes of the odds and of the number of cities at the target.

    Parameters
    ----------
    plan : any outcomes of the same replications.
    in_odds, in_number : (n,) change of each replication.
    """
    sizes = np.bincount(plan.groups).astype(float)
    most = float(plan.cities.shape[1])
    return (
        estimate_difference(_sums(plan.groups, in_odds), sizes, is_one_world=plan.n_worlds == 1),
        estimate_mean(_sums(plan.groups, in_number), sizes, (-most, most)),
    )


def futures_needed(difference: Estimate, groups: IntArray, values: FloatArray) -> Needed | None:
    """Return how many futures would show a mean difference of the size estimated.

    The variance of the mean has a part that futures take away, and one between worlds that only
    more worlds take away (one-way analysis of variance; Searle, Casella and McCulloch 1992,
    Variance Components, section 3.6). Half-widths as of the normal distribution.

    Parameters
    ----------
    groups, values : (n,) world and difference of each replication.

    Returns
    -------
    None where the difference is shown, is exactly zero, could not be seen in 10^10 futures, or
    should be seen in those there are: then the interval is wider than the normal distribution says
    """
    from scipy.special import ndtri

    sizes = np.bincount(groups).astype(float)
    n_worlds, n = len(sizes), len(values)
    size = abs(difference.value)
    if is_shown(difference) or size == 0.0 or n_worlds < 2 or n <= n_worlds:
        return None
    means = _sums(groups, values) / np.maximum(sizes, 1.0)
    inner = float(np.sum((values - means[groups]) ** 2)) / (n - n_worlds)
    per_world = n / n_worlds
    between = max(0.0, float(np.var(means, ddof=1)) - inner / per_world)
    wanted = (size / float(ndtri((1 + LEVEL) / 2))) ** 2
    left = wanted - between / n_worlds
    if left > 0.5 * wanted:
        return _needed(inner / left, None, n)
    worlds = (between + inner / per_world) / wanted
    return _needed(worlds * per_world, worlds, n)


def _needed(futures: float, worlds: float | None, n: int) -> Needed | None:
    if not n < futures <= _MOST_FUTURES:
        return None
    return Needed(int(np.ceil(futures)), None if worlds is None else int(np.ceil(worlds)))


def half_dates(a: Outcomes, b: Outcomes) -> list[HalfDates]:
    """Return when half the futures stand at the target, for all cities and for each.

    Intervals by resampling worlds, the same ones for both plans (Efron and Tibshirani 1993, An
    Introduction to the Bootstrap, section 13.3, percentiles).
    """
    rng = np.random.default_rng(_RESAMPLING_SEED)
    groups = n_groups(a.n_worlds)
    sizes = np.bincount(a.groups, minlength=groups).astype(float)
    present = np.flatnonzero(sizes)
    picks = rng.multinomial(len(present), np.full(len(present), 1.0 / len(present)), _RESAMPLES)
    weights = np.zeros((1 + _RESAMPLES, groups))
    weights[0] = 1.0
    weights[1:, present] = picks
    totals = weights @ sizes
    of_a, of_b = (_first_days(weights, totals, plan) for plan in (a, b))
    apart = np.subtract(of_b, of_a, out=np.zeros_like(of_a), where=of_a != of_b)
    tail = (1 - LEVEL) / 2
    ends = np.quantile(apart[1:], (tail, 1 - tail), axis=0, method="closest_observation")
    arrives = np.isfinite(of_a[0]) & np.isfinite(of_b[0])
    return [
        HalfDates(_day(day_a), _day(day_b), int(days) if both else None, float(low), float(high))
        for day_a, day_b, days, both, low, high in zip(
            of_a[0], of_b[0], apart[0], arrives, *ends, strict=True
        )
    ]


def _first_days(weights: FloatArray, totals: FloatArray, plan: Outcomes) -> FloatArray:
    """Return the first day of a half, (n_weights, 1 + n_cities); inf = never."""
    n_groups_, n_days, n_columns = plan.reached.shape
    counts = weights @ plan.reached.reshape(n_groups_, -1)
    shares = counts.reshape(len(weights), n_days, n_columns) / totals[:, None, None]
    is_half = shares >= _HALF
    days = plan.days[is_half.argmax(axis=1)].astype(float)
    return np.where(is_half.any(axis=1), days, np.inf)


def _day(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def _sums(groups: IntArray, values: FloatArray) -> FloatArray:
    return np.bincount(groups, weights=values).astype(float)

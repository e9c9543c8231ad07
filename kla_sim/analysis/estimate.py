"""Estimates with intervals that treat worlds as clusters; never a bare number.

Replications of one world share what is not known, so they are not independent: the spread between
worlds decides how sure the odds are. Not here: which replications count as met (`summary`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.bounded import FEWEST_CARRIERS, MOST_BUNDLES, mean_interval, n_carriers
from kla_sim.arrays import BoolArray, FloatArray

LEVEL = 0.95
MINIMUM_PER_WORLD = 20
"""Below so many replications per world the range across worlds is withheld."""

FEWEST_FOR_SPREAD = 50
"""Below so many replications nothing is said of how they spread."""

_FEWEST_EVENTS = 5.0
"""Hits or misses that the chances must be worth before their variance is set against counting."""

_RARE = 0.1
"""Below this share, or above its complement, the range across worlds may rest on few of them."""

_MOST_WORTH = 100.0
"""Yes-or-no replications that one chance may stand for: rarer futures may not have come yet."""


class Estimate(NamedTuple):
    """A value, its interval, and how both came about."""

    value: float
    low: float
    high: float
    level: float
    method: str
    replications: int


class WorldRange(NamedTuple):
    """The true odds across worlds, the noise inside a world removed."""

    n: int
    p10: float | None
    p50: float | None
    p90: float | None
    share_of_variance: float | None
    withheld: str | None = None  # why nothing is said: few_futures, few_worlds


def estimate_share(hits: FloatArray, sizes: FloatArray, level: float = LEVEL) -> Estimate:
    """Estimate a probability from hits counted by world.

    Parameters
    ----------
    hits, sizes : (n_worlds,) replications that hit, and replications, of each world; worlds
        without a replication are left out.

    Returns
    -------
    the share of hits with an interval over worlds (`bounded.mean_interval`), no narrower than the
    exact binomial one; where all or none hit, worlds are counted instead of replications

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26(4), 404-413. doi:10.1093/biomet/26.4.404
    """
    hits, sizes = hits[sizes > 0], sizes[sizes > 0]
    n = float(sizes.sum())
    value = float(hits.sum() / n)
    binomial = _binomial_interval(value, n, level)
    if len(sizes) == 1:
        return Estimate(value, *binomial, level, "binomial", int(n))
    if value in {0.0, 1.0}:
        binomial = _binomial_interval(value, len(sizes), level)
        return Estimate(value, *binomial, level, "clustered", int(n))
    ends = _wider(mean_interval(hits, sizes, 0.0, 1.0, level), binomial)
    return Estimate(value, *ends, level, "clustered", int(n))


def estimate_chance(
    sums: FloatArray, sizes: FloatArray, level: float = LEVEL, *, is_one_world: bool = False
) -> Estimate:
    """Estimate a probability from a chance per replication (`conditional`), summed by group.

    Parameters
    ----------
    sums, sizes : (n,) sum of the chances, and replications, of each group (`n_groups`); a chance
        with a correction on it lies below 2, its mean within 0 and 1.
    is_one_world : the groups are bundles of one world's replications, not worlds.

    Returns
    -------
    the mean chance with an interval over groups (`bounded.mean_interval`), no narrower than if each
    chance were worth a hundred yes-or-no replications; where all chances are 0 or 1, worlds are
    counted, or in one world replications, for want of a spread

    References
    ----------
    Clopper and Pearson (1934), see `estimate_share`.
    """
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    n = float(sizes.sum())
    value = min(1.0, max(0.0, float(sums.sum() / n)))
    method = "conditional" if is_one_world else "conditional_clustered"
    highest = 1.0 if np.all(sums <= sizes) else 2.0
    if value in {0.0, 1.0}:
        ends = _binomial_interval(value, n if is_one_world else len(sizes), level)
    else:
        ends = _wider(
            mean_interval(sums, sizes, 0.0, highest, level),
            _binomial_interval(value, _MOST_WORTH * n, level),
        )
        ends = ends[0], min(1.0, ends[1])
    return Estimate(value, *ends, level, method, int(n))


class Check(NamedTuple):
    """The counted odds less the conditional ones, which on average are equal."""

    difference: Estimate
    z: float  # difference over its standard deviation; beyond 3 something is wrong


def unseen_share(n_worlds: int, level: float = LEVEL) -> float:
    """Return of what share of all worlds none may be among so many (Clopper and Pearson 1934)."""
    return _binomial_interval(0.0, n_worlds, level)[1]


def may_be_narrow(odds: Estimate, n_worlds: int) -> bool:
    """Return whether an interval leaves no room for worlds that a run may not have met.

    Worlds that carry all of rare odds, or all failures of nearly sure ones, may be of a kind that
    none of the run's is of; in them everything may be otherwise. Where they are met the interval
    makes room for more (`bounded.mean_interval`).

    Parameters
    ----------
    n_worlds : that the odds are estimated from; of one alone nothing of the kind is asked.
    """
    unseen = unseen_share(n_worlds, odds.level)
    return n_worlds > 1 and (odds.high < unseen or odds.low > 1.0 - unseen)


def check_against_counting(
    n_met: int, chances: float, squares: float, n: int, level: float = LEVEL
) -> Check:
    """Compare plain counting with the chances of the same replications.

    Given its chance p, a replication meets the target with a variance of p (1 - p), whatever world
    it is in. The variance of the sum is taken as at least 1, so that one rare hit is no alarm.

    Parameters
    ----------
    n_met : replications that met the target.
    chances, squares : sum of their chances, and of the squared chances.
    """
    surprise = n_met - chances
    spread = float(np.sqrt(max(1.0, chances - squares)))
    z = surprise / spread
    half = _student(level, max(n - 1, 1)) * spread / n
    value = surprise / n
    low, high = max(-1.0, value - half), min(1.0, value + half)
    return Check(Estimate(value, low, high, level, "paired", n), z)


def variance_ratio(chances: float, squares: float, n: int) -> float | None:
    """Return by how much one chance varies less than one yes or no, None where it cannot be said.

    Worlds included, as if each replication had a world of its own. Withheld where the chances do
    not vary, and where the few replications, or the few hits or misses that they are worth, would
    make it a ratio of what has not come yet.
    """
    mean = chances / n
    spread = squares / n - mean**2
    if n < FEWEST_FOR_SPREAD or spread <= 1e-12 or n * min(mean, 1.0 - mean) < _FEWEST_EVENTS:
        return None
    return mean * (1.0 - mean) / spread


def estimate_mean(
    sums: FloatArray, sizes: FloatArray, bounds: tuple[float, float], level: float = LEVEL
) -> Estimate:
    """Estimate the mean of a bounded quantity from sums by group.

    Parameters
    ----------
    sums, sizes : (n,) sum of the quantity, and replications, of each group (`n_groups`).
    bounds : between which the quantity lies.
    """
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    n = float(sizes.sum())
    low, high = mean_interval(sums, sizes, *bounds, level)
    return Estimate(float(sums.sum() / n), low, high, level, "clustered", int(n))


def estimate_difference(
    sums: FloatArray, sizes: FloatArray, level: float = LEVEL, *, is_one_world: bool = False
) -> Estimate:
    """Estimate a mean difference of two chances, or two outcomes, of the same replications.

    Parameters
    ----------
    sums, sizes : (n,) sum of the differences, and replications, of each group (`n_groups`).

    Returns
    -------
    the mean difference with an interval over groups (`bounded.mean_interval`); where none differs,
    the interval says how large a share of differing replications could have gone unseen
    """
    if sums.any():
        method = "paired" if is_one_world else "paired_clustered"
        return estimate_mean(sums, sizes, (-1.0, 1.0), level)._replace(method=method)
    counted = np.array([sizes.sum()]) if is_one_world else sizes
    unseen = estimate_share(np.zeros(len(counted)), counted, level).high
    return Estimate(0.0, -unseen, unseen, level, "paired_none_differs", int(sizes.sum()))


def estimate_paired_difference(
    is_met_a: BoolArray,
    is_met_b: BoolArray,
    n_worlds: int,
    level: float = LEVEL,
) -> Estimate:
    """Estimate the odds of B minus the odds of A from paired replications.

    Parameters
    ----------
    is_met_a, is_met_b : (n,) outcomes of the same replications, from replication 0 on.
    n_worlds : replication i belongs to world i mod n_worlds.
    """
    groups = np.arange(len(is_met_a)) % n_groups(n_worlds)
    differences = is_met_b.astype(float) - is_met_a.astype(float)
    return estimate_difference(
        np.bincount(groups, weights=differences).astype(float),
        np.bincount(groups).astype(float),
        level,
        is_one_world=n_worlds == 1,
    )


def estimate_amount_difference(
    sums: FloatArray, sizes: FloatArray, level: float = LEVEL
) -> Estimate:
    """Estimate a mean difference of an amount without bounds, such as rupiah.

    Parameters
    ----------
    sums, sizes : (n,) sum of the differences, and replications, of each group (`n_groups`).

    Returns
    -------
    the mean difference with Student's interval over the means of groups of nearly equal size; from
    a single group the interval is not known, and infinite
    """
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    n, value = len(sizes), float(sums.sum() / sizes.sum())
    if n == 1:
        return Estimate(value, -np.inf, np.inf, level, "student", int(sizes[0]))
    parts = (sums - value * sizes) / sizes.mean()
    half = _student(level, n - 1) * float(np.sqrt(np.sum(parts**2) / (n - 1) / n))
    return Estimate(value, value - half, value + half, level, "student", int(sizes.sum()))


def n_groups(n_worlds: int) -> int:
    """Return into how many groups replications fall: their worlds, or bundles within the only one.

    Replication i belongs to group i mod this number.
    """
    return n_worlds if n_worlds > 1 else MOST_BUNDLES


def range_across_worlds(
    sums: FloatArray, sizes: FloatArray, squares: FloatArray | None = None
) -> WorldRange:
    """Return the 10, 50 and 90 % points of the worlds' true odds: a beta with their variance.

    Parameters
    ----------
    sums, sizes : (n_worlds,) hits or chances, and replications, of each world; below
        MINIMUM_PER_WORLD replications in any world the range is withheld (None).
    squares : (n_worlds,) sum of the squared chances; None = hits, whose squares are themselves.

    Returns
    -------
    the range, and the share of one replication's variance that lies between worlds; withheld also
    where rare odds, or rare failures, rest on few worlds: the points would be theirs alone

    References
    ----------
    Kleinman, J. C. (1973). Proportions with extraneous variance. Journal of the American
    Statistical Association 68(341), 46-54. doi:10.1080/01621459.1973.10481332
    """
    from scipy.special import betaincinv

    n_worlds = len(sizes)
    withheld = _why_withheld(sums, sizes)
    if withheld:
        return WorldRange(n_worlds, None, None, None, None, withheld)
    mean, between = _across(sums, sizes, squares)
    chance = mean * (1 - mean)
    if between <= 0.0:
        return WorldRange(n_worlds, mean, mean, mean, 0.0)
    strength = chance / between - 1
    low, middle, high = betaincinv(mean * strength, (1 - mean) * strength, (0.1, 0.5, 0.9))
    return WorldRange(n_worlds, float(low), float(middle), float(high), between / chance)


def share_of_worlds_above(
    odds: float, sums: FloatArray, sizes: FloatArray, squares: FloatArray | None = None
) -> float | None:
    """Return the share of worlds whose true odds exceed a value, of the beta of their variance.

    Parameters
    ----------
    sums, sizes, squares : as in `range_across_worlds`, and withheld (None) where that is.
    """
    from scipy.special import betaincc

    if _why_withheld(sums, sizes):
        return None
    mean, between = _across(sums, sizes, squares)
    if between <= 0.0:
        return float(mean > odds)
    strength = mean * (1 - mean) / between - 1
    return float(betaincc(mean * strength, (1 - mean) * strength, odds))


def _why_withheld(sums: FloatArray, sizes: FloatArray) -> str | None:
    """Return why nothing is said of worlds: too few futures in each, or few that carry it all."""
    if len(sizes) < 2 or sizes.min() < MINIMUM_PER_WORLD:
        return "few_futures"
    shares = sums / sizes
    rare = shares if float(shares.mean()) <= 0.5 else 1.0 - shares
    return "few_worlds" if _is_carried_by_few(rare) else None


def _across(sums: FloatArray, sizes: FloatArray, squares: FloatArray | None) -> tuple[float, float]:
    """Return mean and variance of the worlds' true odds; no variance where they cannot vary."""
    shares = sums / sizes
    inner = np.maximum((sums if squares is None else squares) / sizes - shares**2, 0.0)
    mean = float(shares.mean())
    between = _positive_part(
        float(shares.var(ddof=1)), float(np.mean(inner / (sizes - 1))), len(sizes)
    )
    return mean, min(between, 0.999 * mean * (1 - mean))


def _is_carried_by_few(shares: FloatArray) -> bool:
    """Return whether rare odds that differ between worlds rest on few of them."""
    mean = float(shares.mean())
    return 0.0 < mean < _RARE and n_carriers(shares - mean) < FEWEST_CARRIERS


def _positive_part(total: float, inner: float, n_worlds: int) -> float:
    """Return the variance between worlds, which cannot be negative however noisy the difference.

    The mean of a normal around the difference, as sure as the total variance is, cut off at 0: the
    difference itself where it is clear, and what could hide behind the noise where it is not.
    """
    from scipy.special import ndtr

    difference = total - inner
    spread = total * float(np.sqrt(2.0 / (n_worlds - 1)))
    if spread <= 0.0:
        return 0.0
    clearness = difference / spread
    density = float(np.exp(-0.5 * clearness**2) / np.sqrt(2.0 * np.pi))
    return max(0.0, difference + spread * density / max(float(ndtr(clearness)), 1e-300))


def _wider(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def _binomial_interval(value: float, n: float, level: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    hits = value * n
    low = 0.0 if value <= 0.0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if value >= 1.0 else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def _student(level: float, degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1 - (1 - level) / 2))

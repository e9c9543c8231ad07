"""Estimates with intervals that treat worlds as clusters; never a bare number.

Replications of one world share what is not known, so they are not independent: the spread between
worlds decides how sure the odds are. Not here: which replications count as met (`summary`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LEVEL = 0.95
MINIMUM_PER_WORLD = 20
"""Below so many replications per world the range across worlds is withheld."""

_MOST_WORTH = 100.0
"""Yes-or-no replications that one chance may stand for: rarer futures may not have come yet."""

FloatArray = npt.NDArray[np.float64]


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


def estimate_share(hits: FloatArray, sizes: FloatArray, level: float = LEVEL) -> Estimate:
    """Estimate a probability from hits counted by world.

    Parameters
    ----------
    hits, sizes : (n_worlds,) replications that hit, and replications, of each world; worlds
        without a replication are left out.

    Returns
    -------
    the share of hits with an exact binomial interval at the effective number of replications;
    where all or none hit, worlds are counted instead of replications, for want of a spread

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small
    expected number of positive counts. Survey Methodology 24(2), 193-201.
    Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26(4), 404-413. doi:10.1093/biomet/26.4.404
    """
    hits, sizes = hits[sizes > 0], sizes[sizes > 0]
    n, n_worlds = float(sizes.sum()), len(sizes)
    value = float(hits.sum() / n)
    if n_worlds == 1:
        low, high = _binomial_interval(value, n, level)
        return Estimate(value, low, high, level, "binomial", int(n))
    effective = _effective_size(hits, sizes, value, level)
    low, high = _binomial_interval(value, effective, level)
    return Estimate(value, low, high, level, "clustered_binomial", int(n))


def estimate_chance(
    sums: FloatArray, sizes: FloatArray, squares: float, level: float = LEVEL
) -> Estimate:
    """Estimate a probability from a chance per replication (`conditional`), summed by world.

    Parameters
    ----------
    sums, sizes : (n_worlds,) sum of the chances, and replications, of each world.
    squares : sum of the squared chances of all replications; serves where there is one world.

    Returns
    -------
    the mean chance with an exact binomial interval at the number of yes-or-no replications that
    would be as precise, at most a hundred for each; where all chances are 0 or 1, worlds are
    counted, for want of a spread

    References
    ----------
    Korn and Graubard (1998), see `estimate_share`.
    """
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    n, n_worlds = float(sizes.sum()), len(sizes)
    value = min(1.0, max(0.0, float(sums.sum() / n)))
    if n_worlds == 1:
        variance = max(0.0, squares / n - value**2) / max(n - 1.0, 1.0)
        method = "conditional"
    else:
        variance = _cluster_variance(sums, sizes, value) / _student_ratio(n, n_worlds, level) ** 2
        method = "conditional_clustered"
    inner = value * (1.0 - value)
    if inner <= 0.0:
        effective = n if n_worlds == 1 else float(n_worlds)
    else:
        effective = min(inner / variance, _MOST_WORTH * n) if variance > 0.0 else _MOST_WORTH * n
    low, high = _binomial_interval(value, effective, level)
    return Estimate(value, low, high, level, method, int(n))


class Check(NamedTuple):
    """The counted odds less the conditional ones, which on average are equal."""

    difference: Estimate
    z: float  # difference over its standard deviation; beyond 3 something is wrong


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
    return Check(Estimate(value, value - half, value + half, level, "paired", n), z)


def variance_ratio(chances: float, squares: float, n: int) -> float | None:
    """Return by how much one chance varies less than one yes or no; None where it does not vary.

    Worlds included, as if each replication had a world of its own.
    """
    mean = chances / n
    spread = squares / n - mean**2
    return mean * (1.0 - mean) / spread if spread > 1e-12 else None


def estimate_mean(sums: FloatArray, sizes: FloatArray, level: float = LEVEL) -> Estimate:
    """Estimate a mean from sums by world, with a Student interval over worlds.

    Parameters
    ----------
    sums, sizes : (n_worlds,) sum of the quantity and number of replications of each world.
    """
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    n = float(sizes.sum())
    value = float(sums.sum() / n)
    if len(sizes) == 1:
        return Estimate(value, float("nan"), float("nan"), level, "one_world", int(n))
    half = _student(level, len(sizes) - 1) * np.sqrt(_cluster_variance(sums, sizes, value))
    return Estimate(value, value - float(half), value + float(half), level, "clustered", int(n))


def estimate_mean_in_one_world(
    total: float, squares: float, n: int, level: float = LEVEL
) -> Estimate:
    """Estimate a mean of independent replications, with a Student interval.

    Parameters
    ----------
    total, squares : sum of the n values, and of their squares.
    """
    value = total / n
    variance = max(0.0, squares / n - value**2) / (n - 1) if n > 1 else float("nan")
    half = _student(level, max(n - 1, 1)) * float(np.sqrt(variance))
    return Estimate(value, value - half, value + half, level, "student", n)


def estimate_paired_difference(
    is_met_a: npt.NDArray[np.bool_],
    is_met_b: npt.NDArray[np.bool_],
    n_worlds: int,
    level: float = LEVEL,
) -> Estimate:
    """Estimate the odds of B minus the odds of A from paired replications.

    Parameters
    ----------
    is_met_a, is_met_b : (n,) outcomes of the same replications, from replication 0 on.
    n_worlds : replication i belongs to world i mod n_worlds.

    Returns
    -------
    the mean difference with a Student interval over worlds; where no replication differs, the
    interval says how large a share of differing replications could have gone unseen
    """
    differences = is_met_b.astype(float) - is_met_a.astype(float)
    n = len(differences)
    worlds = np.arange(n) % n_worlds
    sizes = np.bincount(worlds, minlength=n_worlds).astype(float)
    if not differences.any():
        unseen = estimate_share(np.zeros(n_worlds), sizes, level).high
        return Estimate(0.0, -unseen, unseen, level, "paired_none_differs", n)
    if n_worlds == 1:
        total, squares = float(differences.sum()), float((differences**2).sum())
        return estimate_mean_in_one_world(total, squares, n, level)._replace(method="paired")
    sums = np.bincount(worlds, weights=differences, minlength=n_worlds).astype(float)
    return estimate_mean(sums, sizes, level)._replace(method="paired_clustered")


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
    the range, and the share of one replication's variance that lies between worlds

    References
    ----------
    Kleinman, J. C. (1973). Proportions with extraneous variance. Journal of the American
    Statistical Association 68(341), 46-54. doi:10.1080/01621459.1973.10481332
    """
    from scipy.special import betaincinv

    n_worlds = len(sizes)
    if n_worlds < 2 or sizes.min() < MINIMUM_PER_WORLD:
        return WorldRange(n_worlds, None, None, None, None)
    shares = sums / sizes
    inner = np.maximum((sums if squares is None else squares) / sizes - shares**2, 0.0)
    mean = float(shares.mean())
    between = _positive_part(
        float(shares.var(ddof=1)), float(np.mean(inner / (sizes - 1))), n_worlds
    )
    chance = mean * (1 - mean)
    if between <= 0.0 or chance <= 0.0:
        return WorldRange(n_worlds, mean, mean, mean, 0.0)
    between = min(between, 0.999 * chance)
    strength = chance / between - 1
    low, middle, high = betaincinv(mean * strength, (1 - mean) * strength, (0.1, 0.5, 0.9))
    return WorldRange(n_worlds, float(low), float(middle), float(high), between / chance)


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


def _cluster_variance(sums: FloatArray, sizes: FloatArray, mean: float) -> float:
    """Return the variance of a ratio of cluster sums (Cochran 1977, section 9A)."""
    n_worlds = len(sizes)
    residuals = sums - mean * sizes
    return float(n_worlds / (n_worlds - 1) * np.sum(residuals**2) / sizes.sum() ** 2)


def _effective_size(hits: FloatArray, sizes: FloatArray, value: float, level: float) -> float:
    n, n_worlds = float(sizes.sum()), len(sizes)
    variance = _cluster_variance(hits, sizes, value)
    if variance <= 0.0:
        return float(n_worlds)
    degrees = _student_ratio(n, n_worlds, level)
    return float(min(n, value * (1 - value) / variance * degrees**2))


def _student_ratio(n: float, n_worlds: int, level: float) -> float:
    """Return how much less sure the variance is that is known from worlds only."""
    return _student(level, int(n) - 1) / _student(level, n_worlds - 1)


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

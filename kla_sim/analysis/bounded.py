"""Intervals for the mean of bounded quantities that hold their promise for few and skewed ones too.

A variance estimated from few observations, or from many of which a few carry everything, says that
all is known when the observation that matters has not come yet. Here the interval makes room for
one more observation, unseen, at the end of the range. The observations are those of worlds, or of
bundles of futures where there is one world; `estimate` calls this.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from kla_sim.arrays import FloatArray

MOST_BUNDLES = 500
"""Worlds beyond so many are taken together: they are as good as a mean, and memory stays small."""

_FEWEST = 20
"""Below so many observations nothing is read from the largest of them."""

_ENOUGH = 122
"""Of so many worlds at least one belongs to any group of 3 %, with 97.5 %: 0.97^122 = 0.024."""

FEWEST_CARRIERS = 10.0
"""An excess that rests on fewer observations says nothing of those that have not come."""

_FEWEST_UPPER = 3
"""Of fewer observations above another the tail cannot be read."""

_REACH = 2.0
"""How fast the room beyond the largest shrinks with the number on which the excess rests."""

_SPREADS = 4.0
"""Standard deviations at which the search for an end begins: far out the sum below is not exact."""

_MOST_STEPS, _RELATIVE = 100, 1e-12
"""Of the search for an end."""

_DAMPED = 1e-9
_STEP = 0.08
_NEAR = np.exp(np.arange(-4.0, 3.2, _STEP))
_FAR = np.exp(np.arange(3.2, 9.0, _STEP))
"""Where the characteristic function is taken; even in the logarithm, so that the sum converges
geometrically. Before the first it is linear. Until the second its inverse is a number, below
exp(22.7**2 / 2), and many parts have damped it out."""


def mean_interval(
    sums: FloatArray, sizes: FloatArray, lowest: float, highest: float, level: float
) -> tuple[float, float]:
    """Return an interval for the mean of independent quantities in [lowest, highest].

    Each end is a quantile of the mean under random weights (exponential, so that their shares are
    uniform on the simplex) of the observations and of an unseen one. With the unseen one at the end
    of the range the interval is Gaffke's, which for yes and no is exactly that of Clopper and
    Pearson and has held at every number of observations wherever it was tried; from many
    observations that do not hang on few of them, the unseen one stands not far beyond the largest.

    Parameters
    ----------
    sums, sizes : (n,) sum of the quantity, and replications behind it, of each observation; equal
        sizes but for a replication more or less.

    References
    ----------
    Gaffke, N. (2005). Three test statistics for a nonparametric one-sided hypothesis on the mean of
    a nonnegative variable. Mathematical Methods of Statistics 14(4), 451-467.
    Phan, M., Thomas, P. S. and Learned-Miller, E. (2021). Towards practical mean bounds for small
    samples. Proceedings of Machine Learning Research 139, 8567-8576.
    Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9(1), 130-134.
    doi:10.1214/aos/1176345338
    """
    sums, sizes = _bundle(sums), _bundle(sizes)
    tail = (1.0 - level) / 2.0
    high = _upper_end(sums, sizes, lowest, highest, tail)
    low = -_upper_end(-sums, sizes, -highest, -lowest, tail)
    return max(low, lowest), min(high, highest)


def _bundle(values: FloatArray) -> FloatArray:
    if len(values) <= MOST_BUNDLES:
        return values
    bundles = np.arange(len(values)) % MOST_BUNDLES
    return np.bincount(bundles, weights=values).astype(float)


def _upper_end(
    sums: FloatArray, sizes: FloatArray, lowest: float, highest: float, tail: float
) -> float:
    """Return the mean that random weights exceed with the chance `tail`."""
    mean = float(sums.sum() / sizes.sum())
    unseen = unseen_value(sums / sizes, mean, lowest, highest)
    width = unseen - mean
    if width <= 1e-12 * (highest - lowest):
        return mean
    size = float(sizes.mean())
    all_sums, all_sizes = np.append(sums, unseen * size), np.append(sizes, size)

    def excess(value: float) -> float:
        return chance_above(all_sums - value * all_sizes) - tail

    parts = all_sums - mean * all_sizes
    reach = float(parts.sum() + _SPREADS * np.sqrt(np.sum(parts**2))) / float(all_sizes.sum())
    while mean + reach < unseen and excess(mean + reach) > 0.0:
        reach *= 2.0
    return root_between(excess, mean, min(mean + reach, unseen), 1e-6 * width)


def root_between(
    function: Callable[[float], float], low: float, high: float, tolerance: float
) -> float:
    """Return where a function of opposite signs at two ends is zero.

    The steps and their rounding are those of `scipy.optimize.brentq`, which takes a fifth of a
    second to load: more than all intervals of a run.

    References
    ----------
    Brent, R. P. (1973). Algorithms for Minimization without Derivatives, chapter 4. Prentice-Hall.
    """
    before, here = low, high
    of_before, of_here = function(before), function(here)
    if of_before == 0.0 or of_here == 0.0:
        return before if of_before == 0.0 else here
    if (of_before < 0.0) == (of_here < 0.0):
        raise ValueError((low, high))
    across, of_across, last_step, step = before, of_before, here - before, here - before
    for _ in range(_MOST_STEPS):
        if (of_before < 0.0) != (of_here < 0.0):
            across, of_across = before, of_before
            last_step = step = here - before
        if abs(of_across) < abs(of_here):
            before, here, across = here, across, here
            of_before, of_here, of_across = of_here, of_across, of_here
        least = (tolerance + _RELATIVE * abs(here)) / 2
        half = (across - here) / 2
        if of_here == 0.0 or abs(half) < least:
            break
        wanted = math.inf
        if abs(last_step) > least and abs(of_here) < abs(of_before):
            wanted = _interpolated((before, of_before), (here, of_here), (across, of_across))
        if 2.0 * abs(wanted) < min(abs(last_step), 3.0 * abs(half) - least):
            last_step, step = step, wanted
        else:
            last_step = step = half
        before, of_before = here, of_here
        here += step if abs(step) > least else math.copysign(least, half)
        of_here = function(here)
    return here


_Point = tuple[float, float]


def _interpolated(before: _Point, here: _Point, across: _Point) -> float:
    """Return the step from here to the root of a line, or of an inverse parabola, through points.

    Parameters
    ----------
    before, here, across : places and values of the function there.
    """
    (x0, y0), (x1, y1), (x2, y2) = before, here, across
    if x0 == x2:
        return -y1 * (x1 - x0) / (y1 - y0)
    slope_0, slope_2 = (y0 - y1) / (x0 - x1), (y2 - y1) / (x2 - x1)
    return -y1 * (y2 * slope_2 - y0 * slope_0) / (slope_2 * slope_0 * (y2 - y0))


def unseen_value(values: FloatArray, mean: float, lowest: float, highest: float) -> float:
    """Return where an observation may stand that has not come yet, on the upper side.

    At the end of the range where observations are few, where their excess over the mean rests on
    few of them, or where all stand at one end. Otherwise beyond the largest, by the mean excess of
    the upper ones on a logarithmic scale (Hill), the less of it the more carry the excess.

    References
    ----------
    Hill, B. M. (1975). A simple general approach to inference about the tail of a distribution.
    Annals of Statistics 3(5), 1163-1174. doi:10.1214/aos/1176343247
    """
    n = len(values)
    if n < _FEWEST or mean <= lowest or mean >= highest:
        return highest
    excess = np.sort(np.maximum(values - mean, 0.0))[::-1]
    if excess[0] <= 1e-12 * (highest - lowest):
        return mean
    carriers = n_carriers(excess)
    n_upper = min(math.ceil(math.sqrt(n)), int(np.count_nonzero(excess)) - 1)
    if n_upper < _FEWEST_UPPER or (n < _ENOUGH and carriers < FEWEST_CARRIERS):
        return highest
    steepness = float(np.mean(np.log(excess[:n_upper] / excess[n_upper])))
    beyond = excess[0] * np.exp(min(1.0, _REACH / carriers) * steepness)
    return min(highest, mean + float(beyond))


def n_carriers(deviations: FloatArray) -> float:
    """Return the number of equal excesses that would be as uneven as these; none = all alike.

    Parameters
    ----------
    deviations : (n,) from the mean; those below it do not count.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 8.2: the effective number of unequal weights.
    """
    excess = np.maximum(deviations, 0.0)
    squares = float(np.sum(excess**2))
    return float(excess.sum()) ** 2 / squares if squares > 0.0 else float(len(excess))


def chance_above(parts: FloatArray) -> float:
    """Return the chance that a sum of these parts, exponentially weighted, is above zero.

    References
    ----------
    Gil-Pelaez, J. (1951). Note on the inversion theorem. Biometrika 38(3-4), 481-482.
    doi:10.1093/biomet/38.3-4.481
    """
    if parts.min() >= 0.0 or parts.max() <= 0.0:
        return float(parts.max() > 0.0)
    scaled = parts / np.sqrt(np.sum(parts**2))
    turned = np.ones((len(scaled), len(_NEAR)), dtype=complex)
    turned.imag = np.outer(scaled, _NEAR)
    near = np.multiply.reduce(turned, axis=0)
    total = float(scaled.sum()) * float(_NEAR[0]) / math.expm1(_STEP)
    total += float(np.sum(near.imag / (near.real**2 + near.imag**2)))
    if abs(near[-1]) * _DAMPED <= 1.0:
        phases = np.outer(_FAR, scaled)  # of which the product would be beyond all numbers
        damping = np.exp(-0.5 * np.log1p(phases**2).sum(axis=1))
        total += float(np.dot(np.sin(np.arctan(phases).sum(axis=1)), damping))
    return 0.5 + _STEP / math.pi * total

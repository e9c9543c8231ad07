"""Lognormals by their own mean and spread, and how far the draws of a distribution can reach.

Uniform numbers have 53 bits, so that every draw has a largest value; the checks of a scenario
reckon with it. Pure functions; called by the engine's values and by the checks.
"""

from __future__ import annotations

import math
from statistics import NormalDist

LARGEST_CHANCE = 1.0 - 2.0**-53
LARGEST_NORMAL = NormalDist().inv_cdf(LARGEST_CHANCE)
"""The largest standard normal draw, about 8.2."""

_MOST_RATIO = 1e150  # its square is still a number
_MOST_LOG = 700.0  # e to this power is still a number


def lognormal_numbers(mean: float, sd: float) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm.

    Parameters
    ----------
    mean, sd : of the quantity itself, both above 0.
    """
    variance = math.log1p(min(sd / mean, _MOST_RATIO) ** 2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def shock_sigma(cv: float) -> float:
    """Return the standard deviation of the logarithm of a lognormal factor of mean 1."""
    return math.sqrt(math.log1p(cv * cv))


def largest_lognormal(mu: float, sigma: float) -> float:
    """Return the largest draw of a lognormal by mean and deviation of its logarithm."""
    return math.exp(min(_MOST_LOG, mu + sigma * LARGEST_NORMAL))


def largest_exponential(mean: float) -> float:
    """Return the largest draw of an exponential distribution."""
    return -mean * math.log1p(-LARGEST_CHANCE)

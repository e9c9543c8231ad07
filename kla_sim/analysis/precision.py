"""How sure the odds are when one looks again and again: a confidence sequence by betting.

A run that stops when its interval is narrow enough looks at the numbers before it stops, which an
ordinary interval does not survive. This one holds at all looks together: for each possible value of
the odds somebody bets against it, world by world; the values at which he would have become rich are
ruled out. Each observation is the mean chance of one world's replications, in [0, 1]; worlds are
independent. Who runs replications and when he looks is the affair of `experiment`.
"""

from __future__ import annotations

import numpy as np

from kla_sim.analysis.estimate import LEVEL, Estimate
from kla_sim.arrays import FloatArray

ROUND = 1000
"""Replications of one round; each round runs in worlds of its own."""

_LARGEST_STAKE = 0.5  # of what can be lost at once
_N_HALVINGS = 40


def look_counts(cap: int) -> list[int]:
    """Return the numbers of replications at which a run looks: 1000 x 2^k, and the cap."""
    counts = []
    look = ROUND
    while look < cap:
        counts.append(look)
        look *= 2
    return [*counts, cap]


def estimate_by_betting(
    observations: FloatArray,
    precision: float,
    per_round: int,
    replications: int,
    level: float = LEVEL,
) -> Estimate:
    """Estimate a mean with an interval that holds at every look.

    Parameters
    ----------
    observations : (n,) independent values in [0, 1] with the same mean, in order.
    precision : half-width to be reached, for which the bets are tuned; any value keeps the level.
    per_round : observations of one round.
    replications : behind the observations.

    References
    ----------
    Waudby-Smith, I. and Ramdas, A. (2024). Estimating means of bounded random variables by betting.
    Journal of the Royal Statistical Society B 86(1), 1-27, section 4.
    doi:10.1093/jrsssb/qkad009
    """
    stakes = _stakes(observations, precision, per_round, level)
    limit = float(np.log(2.0 / (1.0 - level)))
    value = float(observations.mean())
    low = _lower_bound(observations, stakes, limit)
    high = 1.0 - _lower_bound(1.0 - observations, stakes, limit)
    return Estimate(
        value, min(low, value), max(high, value), level, "betting_on_worlds", replications
    )


def half_width(estimate: Estimate) -> float:
    """Return half the width of an interval."""
    return (estimate.high - estimate.low) / 2.0


def _stakes(observations: FloatArray, precision: float, per_round: int, level: float) -> FloatArray:
    """Return how much is bet on each observation, from those before it alone.

    The stake that would be best at the look at which, by the spread so far, the half-width will be
    reached.
    """
    n = np.arange(1, len(observations) + 1, dtype=float)
    means = (0.5 + np.cumsum(observations)) / (n + 1.0)
    variances = (0.25 + np.cumsum((observations - means) ** 2)) / (n + 1.0)
    before = np.concatenate([[0.25], variances[:-1]])
    log_level = float(np.log(2.0 / (1.0 - level)))
    needed = np.maximum(n, 2.0 * log_level * before / precision**2)
    last_look = per_round * 2.0 ** np.ceil(np.log2(np.maximum(needed / per_round, 1.0)))
    return np.asarray(np.sqrt(2.0 * log_level / (before * last_look)))


def _lower_bound(observations: FloatArray, stakes: FloatArray, limit: float) -> float:
    """Return the smallest mean against which betting on more has never made enough.

    The smaller the mean in question, the more such bets win, so halving finds the bound.
    """
    refuted, possible = 0.0, 1.0
    for _ in range(_N_HALVINGS):
        mean = (refuted + possible) / 2.0
        bets = np.minimum(stakes, _LARGEST_STAKE / mean)
        if np.cumsum(np.log1p(bets * (observations - mean))).max() >= limit:
            refuted = mean
        else:
            possible = mean
    return refuted

"""Exact laws of whole days: what a plan must give where theory says it, rounded as here.

A law is an array: the chance of 0, 1, 2 ... days. Sums are convolutions, queues are recursions over
customers; nothing is drawn. Called by the closed forms, and by tests of their own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kla_sim.arrays import FloatArray

DAYS_PER_YEAR = 365.25
"""Written out once more: what is checked gives no number to its own check."""

LAST_DAY = 4_000
_LEAST = 1e-15
"""A tail beyond which so little is left is cut off."""


def whole_days(law: Any) -> FloatArray:
    """Return the law of a duration rounded half up to days, at least one.

    Parameters
    ----------
    law : a frozen distribution of scipy, in days.
    """
    at_most = law.cdf(np.arange(LAST_DAY + 1) + 0.5)
    at_most[0] = 0.0
    return _trimmed(np.diff(at_most, prepend=0.0))


def always(days: int) -> FloatArray:
    """Return the law of a number of days that is certain."""
    return np.asarray(np.eye(1, days + 1, days)[0])


def sum_of(*laws: FloatArray) -> FloatArray:
    """Return the law of a chain: independent durations one after the other."""
    total = np.ones(1)
    for law in laws:
        total = _trimmed(np.convolve(total, law))
    return total


def last_of(*laws: FloatArray) -> FloatArray:
    """Return the law of the day on which independent chains are all done."""
    width = max(len(law) for law in laws)
    at_most = np.ones(width)
    for law in laws:
        at_most *= np.cumsum(np.pad(law, (0, width - len(law))))
    return np.diff(at_most, prepend=0.0)


def kth_of(law: FloatArray, k: int, n: int) -> FloatArray:
    """Return the law of the day on which k of n equal and independent durations are done."""
    from scipy.special import bdtrc

    done = np.minimum(np.cumsum(law), 1.0)
    return np.asarray(np.diff(bdtrc(k - 1, n, done), prepend=0.0))


def moments(law: FloatArray) -> tuple[float, float]:
    """Return mean and standard deviation, days."""
    days = np.arange(len(law))
    mean = float(days @ law)
    return mean, math.sqrt(float((days - mean) ** 2 @ law))


def waits_for_one_post(gap: FloatArray, service: FloatArray, n: int) -> list[FloatArray]:
    """Return the law of the wait of each of n customers of one post, who begin with an empty line.

    The next wait is what the wait, the service and the gap to the next arrival leave, never below
    none; on whole days the recursion is exact.

    References
    ----------
    Lindley, D. V. (1952). The theory of queues with a single server. Mathematical Proceedings of
    the Cambridge Philosophical Society 48(2), 277-289. doi:10.1017/S0305004100027638
    """
    waits = [np.ones(1)]
    for _ in range(n - 1):
        left = np.convolve(np.convolve(waits[-1], service), gap[::-1])
        none = len(gap)  # from here on something is left
        waits.append(_trimmed(np.concatenate([[left[:none].sum()], left[none:]])))
    return waits


def waits_for_two_posts(
    gap: FloatArray, service: FloatArray, n: int, most: int = 120
) -> list[FloatArray]:
    """Return the law of the wait of each of n customers of two posts.

    Parameters
    ----------
    most : days of work that may lie before a post; more have a chance too small to matter.

    References
    ----------
    Kiefer, J. and Wolfowitz, J. (1955). On the theory of queues with many servers. Transactions of
    the American Mathematical Society 78(1), 1-18. doi:10.1090/S0002-9947-1955-0066408-7
    """
    state = np.zeros((most, most))  # work before the post that is free first, and before the other
    state[0, 0] = 1.0
    added = np.array([[_at(service, to - since) for since in range(most)] for to in range(most)])
    waits = []
    for _ in range(n):
        waits.append(state.sum(axis=1))
        state = _after_gap(_in_order(added @ state), gap)
    return waits


def _at(law: FloatArray, day: int) -> float:
    return float(law[day]) if 0 <= day < len(law) else 0.0


def _in_order(state: FloatArray) -> FloatArray:
    """Return the chances with the lesser work first."""
    return np.triu(state) + np.tril(state, -1).T


def _after_gap(state: FloatArray, gap: FloatArray) -> FloatArray:
    """Return what is left of the work before both posts at the next arrival."""
    most = len(state)
    after = np.zeros_like(state)
    for days in range(min(len(gap), most)):
        later = np.zeros_like(state)
        later[: most - days, : most - days] = state[days:, days:]
        later[0, : most - days] += state[:days, days:].sum(axis=0)
        later[0, 0] += state[:days, :days].sum()
        after += gap[days] * later
    after[0, 0] += float(gap[most:].sum())
    return after


def days_filled(stay: FloatArray, vacancy: FloatArray, n_days: int) -> FloatArray:
    """Return the chance of each day that somebody holds a post that begins filled.

    An alternating renewal process: filled still, or filled anew after a stay and a vacancy.

    References
    ----------
    Cox, D. R. (1962). Renewal Theory, chapter 7. Methuen.
    """
    renewal = np.pad(sum_of(stay, vacancy), (0, n_days))
    still = 1.0 - np.cumsum(np.pad(stay, (0, n_days)))
    filled = np.zeros(n_days)
    for day in range(n_days):
        filled[day] = still[day] + renewal[1 : day + 1] @ filled[:day][::-1]
    return filled


def _trimmed(law: FloatArray) -> FloatArray:
    """Return a law without the end of its tail."""
    beyond = np.cumsum(law[::-1])[::-1]
    return np.asarray(law[: max(1, int(np.count_nonzero(beyond > _LEAST)))])

"""Which of several plans is best: a choice with a promise, and futures put where they decide.

`knockout` promises to choose the best plan on common random numbers; `allotment` promises nothing
and only saves effort on the way there. Arrays in, decisions out: what an observation is, and where
it comes from, is decided in `experiment.optimise`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray

LEVEL = 0.95
"""The probability of choosing the best plan that is promised."""


class Knockout(NamedTuple):
    """How far a knockout among k plans has come.

    Attributes
    ----------
    alive : (k,) which plans are still in.
    n_used : observations of each plan that were looked at.
    best : the plan with the largest mean of those still in.
    is_decided : whether the promise holds for `best`.
    """

    alive: BoolArray
    n_used: int
    best: int
    is_decided: bool


def knockout(
    observations: FloatArray, n_first: int, apart: float, level: float = LEVEL
) -> Knockout:
    """Choose the plan with the largest mean by the fully sequential procedure KN.

    Plans are looked at together, one observation of each at a time, and one that lies clearly below
    another is out. If the best mean exceeds every other by at least `apart`, it is chosen with a
    probability of at least `level`: for normal observations, independent in the order of time and
    correlated between plans in any way, as on common random numbers.

    Parameters
    ----------
    observations : (k, n) the j-th of all plans being of the same futures; n at least `n_first`.
        Those of a plan after it is out are not looked at.
    n_first : observations from which the variances of the differences are taken, at least 2.
    apart : the smallest difference worth detecting.

    References
    ----------
    Kim, S.-H. and Nelson, B. L. (2001). A fully sequential procedure for indifference-zone
    selection in simulation. ACM Transactions on Modeling and Computer Simulation 11(3), 251-273.
    doi:10.1145/502109.502111
    """
    k, n = observations.shape
    means = observations[:, :n_first].mean(axis=1)
    if k == 1:
        return Knockout(np.ones(1, bool), n_first, 0, is_decided=True)
    centred = observations[:, :n_first] - means[:, None]
    spread = centred[:, None, :] - centred[None, :, :]
    variance = np.sum(spread**2, axis=2) / (n_first - 1)
    reach = squared_reach(k, n_first, level) * variance / apart**2
    alive = np.ones(k, dtype=bool)
    for seen in range(n_first, n + 1):
        means = np.where(alive, observations[:, :seen].mean(axis=1), -np.inf)
        slack = np.maximum(0.0, apart / (2 * seen) * (reach - seen))
        beaten = np.any(means[:, None] < means[None, :] - slack, axis=1)
        alive &= ~beaten
        best = int(np.argmax(np.where(alive, means, -np.inf)))
        most = np.floor(reach[np.ix_(alive, alive)]).max()
        if alive.sum() == 1 or seen > most:
            return Knockout(alive, seen, best, is_decided=True)
    return Knockout(alive, n, best, is_decided=False)


def squared_reach(k: int, n_first: int, level: float = LEVEL) -> float:
    """Return the constant h^2 of KN with c = 1: 2 eta (n_first - 1).

    eta = ((2 alpha / (k - 1)) ** (-2 / (n_first - 1)) - 1) / 2 (Kim and Nelson 2001).
    """
    alpha = 1 - level
    eta = ((2 * alpha / (k - 1)) ** (-2 / (n_first - 1)) - 1) / 2
    return float(2 * eta * (n_first - 1))


def level_of_each(k: int, level: float = LEVEL) -> float:
    """Return the level of k two-sided intervals whose lower ends hold together (Bonferroni)."""
    return 1 - 2 * (1 - level) / k


def allotment(means: FloatArray, deviations: FloatArray, total: int) -> IntArray:
    """Return how many observations each plan should have so that the largest mean is told best.

    Optimal computing budget allocation: plan i gets a share in proportion to (deviation over
    distance from the best) squared, the best one its deviation times the root of the summed squares
    of the others' shares over theirs.

    Parameters
    ----------
    means : (k,) estimated means, k at least 2.
    deviations : (k,) estimated standard deviations of one observation.
    total : observations of all plans together.

    Returns
    -------
    (k,) whole numbers that add up to the total, the remainder going to the largest parts

    References
    ----------
    Chen, C.-H., Lin, J., Yuecesan, E. and Chick, S. E. (2000). Simulation budget allocation for
    further enhancing the efficiency of ordinal optimization. Discrete Event Dynamic Systems 10,
    251-270. doi:10.1023/A:1008349927281
    """
    best = int(np.argmax(means))
    others = np.arange(len(means)) != best
    deviations = np.maximum(deviations, 1e-12)
    least = 1e-3 * float(deviations.max())
    distance = np.maximum(means[best] - means, least)
    shares = np.zeros(len(means))
    shares[others] = (deviations[others] / distance[others]) ** 2
    shares[best] = deviations[best] * np.sqrt(np.sum((shares[others] / deviations[others]) ** 2))
    exact = total * shares / shares.sum()
    whole: IntArray = np.floor(exact).astype(np.int64)
    largest = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[largest] += 1
    return whole

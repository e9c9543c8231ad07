"""The odds over one of the things not known: how strongly places of one province move together.

Tau is the spread of the logarithm of the rate that places of a province share; each world has one.
The worlds with the least and with the most of it are held against each other. Called by `summary`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.estimate import Estimate
from kla_sim.arrays import FloatArray

FEWEST_PER_THIRD = 10
"""Of fewer worlds in a third nothing is said."""

_SAME = 1e-9


class TauOdds(NamedTuple):
    """The odds in the worlds whose tau lies in a range."""

    low: float
    high: float
    odds: Estimate


def odds_over_tau(
    taus: FloatArray,
    sums: FloatArray,
    sizes: FloatArray,
    estimate: Callable[[FloatArray, FloatArray], Estimate],
) -> tuple[TauOdds, ...]:
    """Return the odds in the third of the worlds with the lowest tau, and with the highest.

    Parameters
    ----------
    taus, sums, sizes : (n_worlds,) tau, sum of the chances, and replications of each world; worlds
        without a replication are left out.
    estimate : the odds of some worlds, from their sums and sizes.

    Returns
    -------
    two, the lowest first; none where worlds are too few, or do not differ in tau
    """
    begun = sizes > 0
    taus, sums, sizes = taus[begun], sums[begun], sizes[begun]
    third = len(taus) // 3
    if third < FEWEST_PER_THIRD:
        return ()
    order = np.argsort(taus, kind="stable")
    lowest, highest = order[:third], order[-third:]
    if taus[highest].min() - taus[lowest].max() < _SAME:
        return ()
    return tuple(
        TauOdds(
            float(taus[worlds].min()),
            float(taus[worlds].max()),
            estimate(sums[worlds], sizes[worlds]),
        )
        for worlds in (lowest, highest)
    )

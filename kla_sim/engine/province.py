"""What the places of one province share: a part of how fast they rise.

The rate of a place is lognormal; a share of the variance of its logarithm is common to all places
of a province, the rest is the place's own. Here stand the common part on a grid, and what a value
of it means for quadrature nodes and for strata of the rate. Called by `analysis.calibration`, which
fits the share, and by `past`, which draws a province's part given all its awards.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import ndtr

from kla_sim.arrays import FloatArray

_STEP, _LAST = 0.5, 3.5
COMMON = np.arange(-_LAST, _LAST + _STEP / 2, _STEP)
"""(n_common,) the common part of a province, in standard deviations of itself."""

_DENSITY = np.exp(-0.5 * COMMON**2)
COMMON_CHANCES = _DENSITY / _DENSITY.sum()


def node_weights(share: float, n_rates: int) -> FloatArray:
    """Return the weight of each quadrature node of the rate, given the common part.

    The likelihood is a smooth function of the log rate: the polynomial through its values at the
    Gauss-Hermite nodes is integrated exactly over what the common part leaves open.

    Parameters
    ----------
    share : of the variance of log rates that is common, 0 to 1.

    Returns
    -------
    (n_common, n_rates) adding up to 1 over the nodes; single weights may be negative
    """
    inside = np.sqrt(share) * COMMON[:, None] + np.sqrt(1.0 - share) * _nodes(n_rates)
    by_node = np.stack([_basis(inside, place, n_rates) for place in range(n_rates)], axis=2)
    return np.asarray(np.einsum("ujr,j->ur", by_node, _weights(n_rates)))


@cache
def _nodes(n: int) -> FloatArray:
    return np.polynomial.hermite_e.hermegauss(n)[0]


@cache
def _weights(n: int) -> FloatArray:
    weights = np.polynomial.hermite_e.hermegauss(n)[1]
    return np.asarray(weights / weights.sum())


def _basis(x: FloatArray, place: int, n: int) -> FloatArray:
    """Return Lagrange's polynomial that is 1 at one node and 0 at the others."""
    nodes = _nodes(n)
    others = np.delete(nodes, place)
    return np.asarray(np.prod((x[..., None] - others) / (nodes[place] - others), axis=-1))


def own_part(share: float, common: float) -> tuple[float, float]:
    """Return mean and spread of a place's log rate, in standard deviations of all places'."""
    return float(np.sqrt(share)) * common, float(np.sqrt(max(1.0 - share, 1e-12)))


def stratum_chances(share: float, bounds: FloatArray, common: FloatArray) -> FloatArray:
    """Return the chance of each stratum of the rate, given the common part.

    Parameters
    ----------
    bounds : (n_strata - 1,) standard normal bounds between strata.
    common : (n_common,) the common part, in standard deviations of itself.

    Returns
    -------
    (n_common, n_strata) adding up to 1 over the strata
    """
    mean, spread = np.sqrt(share) * common, own_part(share, 0.0)[1]
    below = ndtr((bounds - mean[:, None]) / spread)
    edge = np.zeros((len(common), 1))
    return np.diff(np.hstack([edge, below, edge + 1.0]), axis=1)

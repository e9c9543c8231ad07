"""Which unknowns move an outcome: how its distribution changes once one of them is known.

PAWN on a sample that is already there: a run's worlds. Every unknown is cut into slices with as
many worlds each; its index is the mean over slices of the greatest distance between the
distribution of the outcome inside a slice and that of all worlds. Called by
`experiment.sensitivity`; methods that need futures of their own are in `variance_based`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.estimate import LEVEL
from kla_sim.arrays import FloatArray, IntArray

LEAST_WORLDS = 60
"""Below so many worlds three slices would hold fewer than twenty."""

_WORLDS_PER_SLICE = 30
_SLICES = 3, 10
_DRAWS = 200
_SEED = 20_180_101
"""Of permutations and resamples: the same worlds, the same answer."""


class Influence(NamedTuple):
    """What one unknown does to an outcome.

    Attributes
    ----------
    strength : the index, 0 where the outcome is the same whatever it is, at most 1.
    low, high : the interval of the index over resampled worlds.
    lowest, highest : mean outcome in the worlds where it is lowest, and highest.
    """

    strength: float
    low: float
    high: float
    lowest: float
    highest: float


class Pawn(NamedTuple):
    """The influence of every unknown on one outcome.

    Attributes
    ----------
    influences : in the order of the unknowns.
    floor : what the greatest index of all stays below, with a chance of 95 %, where none matters.
    n_slices : into which unknowns are cut; one with few values has fewer.
    """

    influences: list[Influence]
    floor: float
    n_slices: int


def pawn(values: FloatArray, outcome: FloatArray) -> Pawn:
    """Return the influence of unknowns on an outcome, with its interval and the noise floor.

    The floor shuffles the outcome against all unknowns at once, so that what unknowns share stays
    shared, and takes the greatest index of each shuffle: nothing is found among many by luck
    (Westfall and Young 1993). The interval holds percentiles of the bootstrap less its bias, since
    a resample repeats worlds and stands further from the whole than they do.

    Parameters
    ----------
    values : (n_worlds, n_unknowns), at least LEAST_WORLDS worlds.
    outcome : (n_worlds,)

    References
    ----------
    Pianosi, F. and Wagener, T. (2015). A simple and efficient method for global sensitivity
    analysis based on cumulative distribution functions. Environmental Modelling and Software 67,
    1-11. doi:10.1016/j.envsoft.2015.01.004
    Pianosi, F. and Wagener, T. (2018). Distribution-based sensitivity analysis from a generic
    input-output sample. Environmental Modelling and Software 108, 197-207.
    doi:10.1016/j.envsoft.2018.07.019
    Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing. Wiley, section 2.6.
    """
    n_worlds = len(outcome)
    n_slices = int(np.clip(n_worlds // _WORLDS_PER_SLICE, *_SLICES))
    slices = [slices_of(column, n_slices) for column in values.T]
    inside = np.concatenate([_indicators(places) for places in slices], axis=1)
    starts = np.cumsum([0, *(places.max() + 1 for places in slices[:-1])])
    found = _indices(inside, starts, outcome)
    rng = np.random.default_rng(_SEED)
    shuffled = [
        _indices(inside, starts, rng.permutation(outcome)).max(initial=0.0) for _ in range(_DRAWS)
    ]
    resampled = np.empty((_DRAWS, len(found)))
    for draw in range(_DRAWS):
        picks = rng.integers(0, n_worlds, n_worlds)
        resampled[draw] = _indices(inside[picks], starts, outcome[picks])
    tail = (1 - LEVEL) / 2
    ends = np.quantile(resampled, (tail, 1 - tail), axis=0) - (resampled.mean(axis=0) - found)
    lows, highs = np.clip(ends, 0.0, 1.0)
    return Pawn(
        [
            Influence(
                float(index),
                min(float(low), float(index)),
                max(float(high), float(index)),
                float(outcome[places == 0].mean()),
                float(outcome[places == places.max()].mean()),
            )
            for index, low, high, places in zip(found, lows, highs, slices, strict=True)
        ],
        float(np.quantile(shuffled, LEVEL)),
        n_slices,
    )


def slices_of(column: FloatArray, n_slices: int) -> IntArray:
    """Return the slice of each value, from 0: as many values in each as ties allow."""
    inner = np.quantile(column, np.arange(1, n_slices) / n_slices)
    places = np.searchsorted(inner, column, side="right")
    return np.unique(places, return_inverse=True)[1]


def _indicators(places: IntArray) -> FloatArray:
    """Return whether each world lies in each slice, (n_worlds, n_slices)."""
    return np.equal.outer(places, np.arange(places.max() + 1)).astype(float)


def _indices(inside: FloatArray, starts: IntArray, outcome: FloatArray) -> FloatArray:
    """Return the index of each unknown, (n_unknowns,).

    Parameters
    ----------
    inside : (n_worlds, all slices) whether a world lies in a slice.
    starts : (n_unknowns,) first slice of each unknown.
    """
    order = np.argsort(outcome, kind="stable")
    is_last_of_tie = np.append(np.diff(outcome[order]) > 0.0, True)
    counts = np.cumsum(inside[order], axis=0)
    sizes = counts[-1]
    below = counts[is_last_of_tie] / np.maximum(sizes, 1.0)
    of_all = (np.flatnonzero(is_last_of_tie) + 1) / len(outcome)
    distances = np.abs(below - of_all[:, None]).max(axis=0)
    n_filled = np.add.reduceat((sizes > 0).astype(float), starts)
    return np.asarray(np.add.reduceat(np.where(sizes > 0, distances, 0.0), starts) / n_filled)

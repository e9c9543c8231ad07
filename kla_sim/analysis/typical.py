"""Typical futures: a few that stand for all, each itself one of them (k-medoids).

References
----------
Kaufman, L. and Rousseeuw, P. J. (1990). Finding Groups in Data, chapter 2: partitioning around
medoids (PAM). Wiley. doi:10.1002/9780470316801
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray, IntArray


class Medoids(NamedTuple):
    """The places of typical entries, the one that stands for most first, and for how many."""

    places: IntArray  # (k,)
    sizes: IntArray  # (k,)


def medoids(features: FloatArray, most: int) -> Medoids:
    """Choose typical entries: they are built up greedily, then exchanged while that brings gain.

    Nothing is drawn: of equals the first is taken.

    Parameters
    ----------
    features : (n, n_features) in one unit; entries are as far apart as these differ in all.
    most : medoids wanted; fewer where fewer entries differ.
    """
    distance = np.array([np.abs(features - entry).sum(axis=1) for entry in features])
    distance = distance.reshape(len(features), len(features))
    chosen: list[int] = []
    nearest = np.full(len(features), np.inf)
    while len(chosen) < most and nearest.sum() > 0:
        best = int(np.minimum(distance, nearest).sum(axis=1).argmin())
        chosen.append(best)
        nearest = np.minimum(nearest, distance[best])
    while exchange := _best_exchange(distance, chosen):
        place, entry = exchange
        chosen[place] = entry
    whose = distance[chosen].argmin(axis=0) if chosen else np.zeros(0, np.int64)
    sizes = np.bincount(whose, minlength=len(chosen))
    order = np.argsort(-sizes, kind="stable")
    return Medoids(np.array(chosen, np.int64)[order], sizes[order])


def _best_exchange(distance: FloatArray, chosen: list[int]) -> tuple[int, int] | None:
    """Return which medoid is best exchanged for which entry; None if no exchange is a gain."""
    best, found = float(distance[chosen].min(axis=0).sum()) if chosen else 0.0, None
    for place in range(len(chosen)):
        others = [entry for number, entry in enumerate(chosen) if number != place]
        kept = distance[others].min(axis=0) if others else np.full(len(distance), np.inf)
        totals = np.minimum(distance, kept).sum(axis=1)
        if totals.min() < best * (1 - 1e-12):
            best, found = float(totals.min()), (place, int(totals.argmin()))
    return found

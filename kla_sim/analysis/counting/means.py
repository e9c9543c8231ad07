"""Means over replications of the results whose rows ask for them: money, waits, posts and zones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.counting.by_world import Stretch
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.results import results_of

_HALF = 32  # bits


class MeansCounter:
    """Sums results up, exactly."""

    def __init__(self, plan: Plan) -> None:
        rows = {name: row for name, row in results_of(Replications).items() if row.mean}
        sizes = {name: row.sizes(plan.structure) for name, row in rows.items()}
        self._sums: dict[str, npt.NDArray[Any]] = {
            name: np.zeros(sizes[name], object if row.dtype.itemsize == 8 else np.int64)
            for name, row in rows.items()
        }
        self._above_0 = {
            name: np.zeros(sizes[name][-1:], np.int64) for name, row in rows.items() if row.share
        }

    def add(self, stretch: Stretch) -> None:
        """Count replications."""
        results = stretch.replications._asdict()
        for name in self._sums:
            is_wide = results[name].dtype.itemsize == 8
            sums = exact_sums(results[name]) if is_wide else results[name].sum(0, np.int64)
            self._sums[name] += sums
        for name in self._above_0:
            other_axes = tuple(range(1, results[name].ndim - 1))
            self._above_0[name] += (results[name].sum(axis=other_axes) > 0).sum(axis=0)

    def means(self, n: int) -> dict[str, FloatArray]:
        """Return the mean of each result, by its axes."""
        return {name: sums.astype(float) / n for name, sums in self._sums.items()}

    def shares(self, n: int) -> dict[str, FloatArray]:
        """Return the share of replications in which a result is above 0, by its last axis."""
        return {name: n_above / n for name, n_above in self._above_0.items()}


def exact_sums(amounts: IntArray) -> npt.NDArray[np.object_]:
    """Return the sums over the first dimension, exact whatever their size.

    Parameters
    ----------
    amounts : (n, ...) with n up to 2**31; added up in two halves, so that neither leaves 64 bits.
    """
    high = (amounts >> _HALF).sum(axis=0, dtype=np.int64)
    low = (amounts & (2**_HALF - 1)).sum(axis=0, dtype=np.int64)
    return np.asarray(high.astype(object) * 2**_HALF + low.astype(object))

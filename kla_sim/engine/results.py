"""How a result is declared: its axes, unit, start, range and meaning, once for all who need them.

A `Result` stands in the annotation of every array of `Replications` and `Attempts`, which are the
tables; here they are read. The engines begin with the empty arrays, the store names its columns,
the analysis takes means and asks what is possible, sizes are reckoned and documents written by the
same rows. Not here: the results themselves (`replications`).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_type_hints

import numpy as np
import numpy.typing as npt

Axis = Literal["cities", "cycles", "accounts", "years", "causes", "pools", "activities"]
"""Dimensions behind the first, by the names of their labels (`structure.Labels`)."""

UNITS = {
    "points": "poin",
    "share": "bagian",
    "days": "hari",
    "rupiah": "rupiah",
    "post-days": "hari-posisi",
    "zone-days": "hari-kawasan",
    "zones": "kawasan",
}
"""Units in English and Indonesian; a category, a state and the day of something need none."""

_UNREAD = np.dtype(np.void)


class Result(NamedTuple):
    """One result of a replication, as its row in a table says.

    Parameters
    ----------
    axes : of the dimensions behind the first; none = one number for each replication.
    unit : of the values, one of UNITS; "" = none.
    start : what holds before anything happens; NaN = not known.
    low, high : what no engine goes below or above; NaN does neither.
    mean : where the summary of a run holds the mean over replications: a section, maybe with a name
        inside (`money.spent`); "" = nowhere.
    share : the section that holds the share of replications in which it is above 0, by its last
        axis, summed over the others; "" = none.
    en, id : what it is, in both languages.
    dtype : of the array; read from its annotation.
    """

    axes: tuple[Axis, ...] = ()
    unit: str = ""
    start: float = 0
    low: float = 0
    high: float = math.inf
    mean: str = ""
    share: str = ""
    en: str = ""
    id: str = ""
    dtype: np.dtype[Any] = _UNREAD

    def says(self, english: str, indonesian: str) -> Result:
        """Return the row with what it means."""
        return self._replace(en=english, id=indonesian)

    def meaning(self, language: str) -> str:
        """Return what it is, with its unit, in a language: `id` or `en`."""
        text, unit = (self.en, self.unit) if language == "en" else (self.id, UNITS.get(self.unit))
        return f"{text} ({unit})" if unit else text

    def sizes(self, dimensions: Any) -> tuple[int, ...]:
        """Return the lengths of its axes.

        Parameters
        ----------
        dimensions : what has an `n_cities`, `n_cycles` and so on for each of them.
        """
        return tuple(int(getattr(dimensions, f"n_{axis}")) for axis in self.axes)

    def empty(self, n: int, dimensions: Any) -> npt.NDArray[Any]:
        """Return the array of n replications in which nothing has happened."""
        shape = (n, *self.sizes(dimensions))
        if self.start == 0:
            return np.zeros(shape, self.dtype)
        return np.full(shape, self.start, self.dtype)

    def is_within(self, array: npt.NDArray[Any]) -> bool:
        """Return whether no value lies below the least or above the greatest."""
        is_below = bool((array < self.low).any())
        return not is_below and (self.high == math.inf or not bool((array > self.high).any()))


@cache
def results_of(table: type[tuple[Any, ...]]) -> dict[str, Result]:
    """Return the rows of a table by the names of its results, in order.

    Parameters
    ----------
    table : a NamedTuple of arrays, each annotated with its `Result`.
    """
    rows = {}
    for name, annotation in get_type_hints(table, include_extras=True).items():
        array, result = get_args(annotation)
        (scalar,) = get_args(get_args(array)[1])
        rows[name] = result._replace(dtype=np.dtype(scalar))
    return rows

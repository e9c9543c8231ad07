"""How entries become arrays: whole numbers, keys of random numbers, first places, days.

Called by all that write a part of the structure. Not here: what any of them means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np

from kla_sim.arrays import IntArray, StreamArray
from kla_sim.engine.draws import stream
from kla_sim.scenario.model import Scenario


def ints(values: Iterable[int]) -> IntArray:
    """Return whole numbers as an array."""
    return np.array(list(values), dtype=np.int64)


def streams(names: Iterable[str]) -> StreamArray:
    """Return the keys of the random numbers that have these names."""
    return np.array([stream(name) for name in names], dtype=np.uint64)


def first_places(sizes: Sequence[int]) -> IntArray:
    """Return where each of several lists begins that lie one behind the other, and where all end.

    Returns
    -------
    (n_lists + 1,)
    """
    return ints([0, *np.cumsum(sizes, dtype=np.int64)])


def day_number(scenario: Scenario, day: dt.date) -> int:
    """Return a date as days from the start."""
    return (day - scenario.start).days

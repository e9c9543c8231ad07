"""The first futures of a run, kept at hand while its parts pass: what would help is tried on them.

Gathered by `run`, used by `remedies`, which otherwise would read, unpack and check a whole part of
10,000 futures once more for the sake of a few hundred.
"""

from __future__ import annotations

from kla_sim.analysis.conditional import select_rows
from kla_sim.engine.replications import Replications, join_replications

MOST_TRIED = 600
"""Futures that each case is tried on: three of each of 200 worlds."""


class FirstFutures:
    """Gathers the first futures, as many as are tried; those behind them are passed over."""

    def __init__(self) -> None:
        self._pieces: list[Replications] = []
        self._n = 0

    def add(self, replications: Replications) -> None:
        """Keep what is still wanted of replications that follow those before."""
        wanted = slice(0, MOST_TRIED - self._n)
        if wanted.stop:
            some = select_rows(replications, wanted)
            self._pieces.append(Replications._make(array.copy() for array in some))
            self._n += len(some.is_met)

    def joined(self) -> Replications:
        """Return the futures gathered, in one piece."""
        return join_replications(self._pieces)

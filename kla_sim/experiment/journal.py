"""The journal of a search: what blocks of futures have said, so that none is simulated again.

A journal may have been changed by anyone; what is read from it is held against its own hash, and
against what any block can say. Called by `blocks`, which says what a block is.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kla_sim import store
from kla_sim.arrays import FloatArray
from kla_sim.errors import StoreError
from kla_sim.reading import read_bounded

GROUPS, PER_GROUP = 50, 10
"""Worlds of a block, and futures in each; of a plan with one world, bundles of futures."""

BLOCK = GROUPS * PER_GROUP

MOST_BYTES = 1 << 28
"""Some 35,000 blocks of six regions; read at once."""

_NAME = "journal.json"
_ROUNDING = 1e-9
_MOST_SPENT = 2.0**63


class Outcome(NamedTuple):
    """What the groups of some blocks say, sums over the futures of each.

    Attributes
    ----------
    odds : (n_groups,) chance that all cities stand at the target.
    cities : (n_groups, n_cities) chance of each.
    spent : (n_groups,) rupiah.
    """

    odds: FloatArray
    cities: FloatArray
    spent: FloatArray

    @property
    def expected(self) -> FloatArray:
        """The number of cities at the target, (n_groups,)."""
        return np.asarray(self.cities.sum(axis=1))

    @property
    def sizes(self) -> FloatArray:
        """Futures in each group, (n_groups,)."""
        return np.full(len(self.odds), float(PER_GROUP))


class Journal:
    """The blocks that are there already, in a folder that one process writes.

    Parameters
    ----------
    about : the question that the blocks answer; those of another are refused.
    n_cities : of every block.

    Raises
    ------
    StoreError : what is there is no journal of this question.
    """

    def __init__(self, folder: Path, about: str, n_cities: int) -> None:
        self._path, self._about = folder / _NAME, about
        try:
            self._kept = self._read(n_cities)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise StoreError("journal_broken", path=str(self._path)) from error

    def _read(self, n_cities: int) -> dict[str, Outcome]:
        if not self._path.is_file():
            return {}
        document = json.loads(read_bounded(self._path, MOST_BYTES))
        blocks = document["blocks"]
        if not isinstance(blocks, dict):
            raise TypeError("blocks")
        if document["sha256"] != _hash_of(blocks) or document["about"] != self._about:
            raise ValueError("changed")
        return {key: _outcome_of(block, n_cities) for key, block in blocks.items()}

    def find(self, key: str) -> Outcome | None:
        """Return a block that is there."""
        return self._kept.get(key)

    def add(self, found: dict[str, Outcome]) -> None:
        """Add blocks, all of them or none."""
        self._kept |= found
        blocks = {key: [part.tolist() for part in block] for key, block in self._kept.items()}
        document = {"about": self._about, "sha256": _hash_of(blocks), "blocks": blocks}
        store.write_atomic(self._path, json.dumps(document, sort_keys=True) + "\n")


def _hash_of(blocks: Any) -> str:
    return hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()


def _outcome_of(block: Any, n_cities: int) -> Outcome:
    """Return a block as it was kept.

    Raises
    ------
    ValueError : no block can say that.
    """
    odds, cities, spent = (np.array(part, float) for part in block)
    if (odds.shape, cities.shape, spent.shape) != ((GROUPS,), (GROUPS, n_cities), (GROUPS,)):
        raise ValueError("shape")
    chances = np.concatenate([odds, cities.ravel()])
    is_sound = ((chances >= 0.0) & (chances <= PER_GROUP + _ROUNDING)).all()
    if not (is_sound and ((spent >= 0.0) & (spent < _MOST_SPENT)).all()):  # nan is neither
        raise ValueError("numbers")
    return Outcome(odds, cities, spent)

"""Runs side by side on the same random numbers: paired differences, futures won and lost.

Replication i of two runs draws the same numbers wherever the same thing happens, so a difference
between them is the scenario's and not the luck's (common random numbers: Law 2015, section 11.2).
Futures are therefore paired by their number, over the numbers that both runs hold, and runs whose
futures are not the same futures, or whose odds are odds of another thing, are refused (`pairing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.estimate import Estimate, estimate_paired_difference
from kla_sim.experiment.pairing import check_pairing, terms_of_run
from kla_sim.experiment.run import StoredRun


class Comparison(NamedTuple):
    """B against A over the replications that both have."""

    a: str
    b: str
    first: int  # number of the first replication that both have
    last: int  # of the one behind the last
    difference: Estimate  # odds of B minus odds of A
    won: int  # futures that meet the target in B only
    lost: int  # in A only
    same: int

    @property
    def is_shown(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        return not self.difference.low <= 0.0 <= self.difference.high

    def document(self) -> dict[str, Any]:
        """Return one pair of `compare --json`."""
        return {
            "a": self.a,
            "b": self.b,
            "first": self.first,
            "last": self.last,
            "difference": self.difference._asdict(),
            "won": self.won,
            "lost": self.lost,
            "same": self.same,
            "is_shown": self.is_shown,
        }


def compare_runs(runs: list[StoredRun]) -> list[Comparison]:
    """Compare every run with the first.

    Raises
    ------
    UsageError : futures that do not pair or odds of unlike things; names every difference.
    """
    check_pairing([terms_of_run(run) for run in runs])
    first, *others = runs
    return [_compare_pair(first, other) for other in others]


def compare_outcomes(
    a: str,
    b: str,
    is_met_a: npt.NDArray[np.bool_],
    is_met_b: npt.NDArray[np.bool_],
    n_worlds: int,
    first: int = 0,
) -> Comparison:
    """Compare two runs' outcomes, (n,) each, of the same consecutive replications.

    Parameters
    ----------
    first : number of the first of these replications.
    """
    won = int(np.sum(is_met_b & ~is_met_a))
    lost = int(np.sum(is_met_a & ~is_met_b))
    # worlds are clusters whatever they are called: counted from `first`, the same ones share one
    difference = estimate_paired_difference(is_met_a, is_met_b, n_worlds)
    n = len(is_met_a)
    return Comparison(a, b, first, first + n, difference, won, lost, n - won - lost)


def _compare_pair(a: StoredRun, b: StoredRun) -> Comparison:
    first = max(a.folder.manifest.first, b.folder.manifest.first)
    last = min(a.folder.manifest.replications_done, b.folder.manifest.replications_done)
    return compare_outcomes(
        a.folder.path.name,
        b.folder.path.name,
        outcomes(a, first, last),
        outcomes(b, first, last),
        a.plan.n_worlds,
        first,
    )


def outcomes(run: StoredRun, first: int, last: int) -> npt.NDArray[np.bool_]:
    """Return whether the replications of these numbers meet the target, (last - first,).

    The files are checked against the manifest on the way.
    """
    return np.concatenate(list(_outcomes(run, first, last)))


def _outcomes(run: StoredRun, first: int, last: int) -> Iterator[npt.NDArray[np.bool_]]:
    for part in run.folder.read_parts(run.plan.labels, last):
        is_met = part.replications.is_met
        yield is_met[max(first - part.first, 0) : max(last - part.first, 0)]

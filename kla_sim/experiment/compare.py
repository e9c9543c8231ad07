"""Runs side by side on the same random numbers: paired differences, futures won and lost.

Replication i of two runs draws the same numbers wherever the same thing happens, so a difference
between them is the scenario's and not the luck's (common random numbers: Law 2015, section 11.2).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.estimate import Estimate, estimate_paired_difference
from kla_sim.errors import UsageError
from kla_sim.experiment.run import StoredRun


class Comparison(NamedTuple):
    """B against A over the replications that both have."""

    a: str
    b: str
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
    UsageError : seeds, numbers of worlds or targets differ, so that the futures do not pair.
    """
    first, *others = runs
    for other in others:
        _check_pairing(first, other)
    return [_compare_pair(first, other) for other in others]


def compare_outcomes(
    a: str, b: str, is_met_a: npt.NDArray[np.bool_], is_met_b: npt.NDArray[np.bool_], n_worlds: int
) -> Comparison:
    """Compare two runs' outcomes, (n,) each, in the order of the replications."""
    won = int(np.sum(is_met_b & ~is_met_a))
    lost = int(np.sum(is_met_a & ~is_met_b))
    difference = estimate_paired_difference(is_met_a, is_met_b, n_worlds)
    return Comparison(a, b, difference, won, lost, len(is_met_a) - won - lost)


def _compare_pair(a: StoredRun, b: StoredRun) -> Comparison:
    n = min(a.summary.n, b.summary.n)
    return compare_outcomes(
        a.folder.path.name,
        b.folder.path.name,
        a.folder.read_column("is_met", n),
        b.folder.read_column("is_met", n),
        a.plan.n_worlds,
    )


def _check_pairing(a: StoredRun, b: StoredRun) -> None:
    for what, of_a, of_b in (
        ("seed", a.folder.manifest.seed, b.folder.manifest.seed),
        ("worlds", a.plan.n_worlds, b.plan.n_worlds),
        ("rounds", a.folder.manifest.round_size, b.folder.manifest.round_size),
        ("target", a.scenario.target.category, b.scenario.target.category),
        ("deadline", a.scenario.target.deadline, b.scenario.target.deadline),
    ):
        if of_a != of_b:
            raise UsageError(
                "runs_do_not_pair",
                what=what,
                a=a.folder.path.name,
                b=b.folder.path.name,
                of_a=str(of_a),
                of_b=str(of_b),
            )

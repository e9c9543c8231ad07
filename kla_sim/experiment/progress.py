"""How far a run is: what is told while worlds are made and replications simulated."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from kla_sim.analysis.counting import Tally
from kla_sim.analysis.estimate import Estimate
from kla_sim.experiment.batches import Batch, Simulated


class Progress(NamedTuple):
    """How far a run is."""

    done: int
    asked: int
    odds: float
    replications_per_second: float
    seconds_left: float
    estimate: Estimate | None = None  # the odds with their interval, where one holds


class Preparing(NamedTuple):
    """How many of the worlds are made, before anything is simulated."""

    done: int
    asked: int


Report = Callable[[Progress | Preparing], None]
"""Is told how far a run is."""


def preparing(report: Report | None) -> Callable[[int, int], None] | None:
    """Return what tells of worlds that are made."""
    return None if report is None else lambda done, asked: report(Preparing(done, asked))


class RunningOdds:
    """Tells the odds of what was just simulated, before there is a whole part to count.

    Parameters
    ----------
    kept, asked : replications that were there already, and in all.
    """

    def __init__(self, report: Report | None, kept: int, asked: int) -> None:
        self._report, self._kept, self._asked = report, kept, asked
        self._tally: Tally | None = None
        self._begun = monotonic()

    def add(self, batch: Batch, simulated: Simulated) -> None:
        """Count a batch and tell how far the run is with it."""
        if self._report is None:
            return
        self._tally = self._tally or Tally(batch.plan)
        self._tally.add(batch.first, simulated.replications, batch.plan)
        n, estimate = self._tally.n, self._tally.odds_estimate
        rate = n / max(monotonic() - self._begun, 1e-9)
        left = (self._asked - self._kept - n) / rate
        done = self._kept + n
        self._report(Progress(done, self._asked, estimate.value, rate, left, estimate))

"""Why the futures of a run fail: ledgers of days and points, critical work, typical futures.

The first futures of the run are simulated once more by its engine, which tells what every activity
did from day to day; their results are those that the run holds. `but_for` says what would help.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import NamedTuple

import numpy as np

from kla_sim import execution
from kla_sim.analysis.chains import Chains
from kla_sim.analysis.criticality import zones_that_mattered
from kla_sim.analysis.lost_futures import Ledgers, features, join_ledgers, keep_ledgers
from kla_sim.analysis.typical import medoids
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import HELD
from kla_sim.errors import UsageError
from kla_sim.experiment.batches import Batch, telling_engine_of
from kla_sim.experiment.run import StoredRun, cut, here

MOST_TOLD = 2_000
"""Futures looked at day by day: the first of the run, which go through its worlds in turn."""

N_TYPICAL = 5
_MOST_CELLS = 300_000
"""Activities times futures of which the chains are followed at once."""


class LateZone(NamedTuple):
    """The zone that held a region back at its verdict, and the days on its critical chain."""

    number: int
    launch_day: int  # -1 = never
    days: IntArray  # (n_reasons,)


class TypicalFuture(NamedTuple):
    """A failed future that stands for others, and what it lost."""

    replication: int
    stands_for: int  # failed futures, itself included
    ledgers: Ledgers  # of itself alone
    verified: FloatArray  # (n_cities,) at the last verdict; NaN = none
    off_calendar: list[int]  # years of cycles cancelled or merged into the next
    late: dict[int, LateZone]  # by region, where a zone was missing or late


class Why(NamedTuple):
    """Why the futures of a run fail."""

    plan: Plan
    ledgers: Ledgers
    typical: list[TypicalFuture]

    @property
    def n_failed(self) -> int:
        """The number of failed futures among those looked at."""
        return int((~self.ledgers.is_met).sum())


def why(run: StoredRun) -> Why:
    """Return why futures of a run fail.

    Raises
    ------
    UsageError : the run has fresh worlds each round.
    """
    manifest, plan = run.folder.manifest, run.plan
    if manifest.round_size:
        raise UsageError("explain_of_rounds")
    last = manifest.first + min(run.summary.n, MOST_TOLD)
    size = max(1, min(500, _MOST_CELLS // max(1, plan.structure.n_activities)))
    batches = [Batch(plan, manifest.engine, a, b) for a, b in cut(manifest.first, last, size)]
    place = here(manifest.engine, os.cpu_count() or 1)
    with closing(execution.run_in_order(place, tell_batch, batches)) as parts:
        ledgers = join_ledgers(list(parts))
    failed = np.flatnonzero(~ledgers.is_met)
    chosen = medoids(features(ledgers)[failed], N_TYPICAL)
    typical = [
        _typical(plan, Batch(plan, manifest.engine, number, number + 1), size)
        for number, size in zip(
            (manifest.first + failed[chosen.places]).tolist(), chosen.sizes.tolist(), strict=True
        )
    ]
    return Why(plan, ledgers, typical)


def tell_batch(batch: Batch) -> Ledgers:
    """Simulate a batch that tells its days, and keep its ledgers."""
    results, spells = telling_engine_of(batch.engine)(batch.plan, batch.first, batch.last)
    return keep_ledgers(batch.plan, batch.first, results, spells)[0]


def _typical(plan: Plan, batch: Batch, stands_for: int) -> TypicalFuture:
    results, spells = telling_engine_of(batch.engine)(plan, batch.first, batch.last)
    ledgers, chains = keep_ledgers(plan, batch.first, results, spells)
    cycle = int(ledgers.last.cycle[0])
    off = [
        year
        for year, state in zip(plan.labels.cycles, results.cycle_state[0], strict=True)
        if state != HELD
    ]
    return TypicalFuture(
        batch.first,
        stands_for,
        ledgers,
        results.verified[0, :, cycle] if cycle >= 0 else np.full(plan.structure.n_cities, np.nan),
        off,
        _late_zones(plan, ledgers, chains, spells.complete_day[0].astype(np.int64)),
    )


def _late_zones(
    plan: Plan, ledgers: Ledgers, chains: Chains, complete_day: IntArray
) -> dict[int, LateZone]:
    """Return the zone that mattered in each region that failed by points."""
    s = plan.structure
    zones, ends = zones_that_mattered(s, ledgers.last.evidence_day, chains)
    return {
        city: LateZone(
            int(s.zone_number[zones[0, city]]),
            int(complete_day[ends[0, city]]),
            chains.days[0, ends[0, city]].astype(np.int64),
        )
        for city in np.flatnonzero(ledgers.points.is_booked[0] & (zones[0] >= 0)).tolist()
    }

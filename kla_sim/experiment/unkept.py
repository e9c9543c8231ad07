"""Futures looked at and not kept: mixtures of plans, plans with one thing relieved or varied."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing

from kla_sim import execution
from kla_sim.analysis.differences import Outcomes
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.experiment.batches import Batch, EngineName, join_simulated, simulate_batch
from kla_sim.experiment.compare import outcomes
from kla_sim.experiment.run import CHUNK_SIZES, StoredRun, cut, here
from kla_sim.scenario.model import Scenario

Tell = Callable[[int, int], None]
"""Is told how many of several plans have run, and of how many."""


def outcomes_like(scenario: Scenario, run: StoredRun, first: int, last: int) -> Outcomes:
    """Return what the same futures as those of a run say under another scenario.

    Parameters
    ----------
    run : plain, not in rounds; its seed, its engine and the order of its cities are taken.
    first, last : number of the first replication, and of the one behind the last.
    """
    manifest = run.folder.manifest
    plan = compile_plan(scenario, manifest.seed)
    return outcomes_of(plan, manifest.engine, first, last, run.plan.labels.cities)


def outcomes_of(
    plan: Plan,
    engine: EngineName,
    first: int,
    last: int,
    cities: Sequence[str] | None = None,
    n_workers: int | None = None,
) -> Outcomes:
    """Return what some futures of a plan say.

    Parameters
    ----------
    first, last : number of the first replication, and of the one behind the last.
    cities : their order in the outcomes, where it is not that of the plan.
    n_workers : None = one on each core.
    """
    batches = [
        Batch(plan, engine, start, stop) for start, stop in cut(first, last, CHUNK_SIZES[engine])
    ]
    place = here(engine, min(n_workers or os.cpu_count() or 1, len(batches)))
    with closing(execution.run_in_order(place, simulate_batch, batches)) as chunks:
        futures = join_simulated(list(chunks)).replications
    return outcomes(plan, first, futures, cities)

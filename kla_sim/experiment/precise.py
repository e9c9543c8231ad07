"""Runs that stop by themselves: as soon as the odds are known to the precision asked for.

They look at fixed numbers of replications (`analysis.precision.look_counts`), so that neither
workers nor interruptions change where they stop, and go on in fresh worlds (`rounds`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from time import monotonic

from kla_sim import execution, store
from kla_sim.analysis.precision import ROUND, half_width, look_counts
from kla_sim.errors import UsageError
from kla_sim.experiment.keeping import telling_what_is_kept
from kla_sim.experiment.rounds import RoundCounter, Worlds, cut_by_round
from kla_sim.experiment.run import (
    CHUNK_SIZES,
    Batch,
    EngineName,
    Progress,
    RunOutcome,
    RunRequest,
    Simulated,
    StoredRun,
    check_request,
    cut,
    executor_of,
    join_simulated,
    manifest_of,
    simulate_batch,
)

_ROUNDS_AT_ONCE = 10
_PART_SIZES: dict[EngineName, int] = {"reference": ROUND, "compiled": _ROUNDS_AT_ONCE * ROUND}


def run_to_precision(
    request: RunRequest,
    precision: float,
    report: Callable[[Progress], None] | None = None,
) -> RunOutcome:
    """Simulate until the half-width of the odds is at most the precision, or all are done.

    Parameters
    ----------
    precision : half-width of the interval of the odds that all cities meet the target, 0 to 0.5.
    report : called after each part with how far the run is.

    Raises
    ------
    UsageError : a number out of range, or one shard of a run.
    StoreError : the folder holds another run or cannot be written.
    IncompleteError : it was stopped, or workers or memory were lost; carries what is kept.
    """
    check_request(request)
    if not 0.0 < precision < 0.5:
        raise UsageError("precision_out_of_range", value=precision)
    if request.shard:
        raise UsageError("precision_of_a_shard")
    counter = RoundCounter(Worlds(request.scenario, request.seed, request.central))
    manifest = manifest_of(request).model_copy(update={"round_size": ROUND, "precision": precision})
    folder = store.open_or_create(request.results, manifest, request.resolved)
    folder.note_precision(precision)
    begun, simulated = monotonic(), 0
    with folder.gone_if_empty(), telling_what_is_kept(folder, request.replications):
        stored = folder.read_parts(counter.plan.labels, request.replications)
        part = next(stored, None)
        for look in look_counts(request.replications):
            while part is not None and part.first < look:
                counter.add(part.first, part.replications)
                part = next(stored, None)
            with closing(_simulate(request, counter, counter.n, look)) as parts:
                for first, (replications, attempts) in parts:
                    folder.add_part(
                        first,
                        replications,
                        counter.plan.labels,
                        counter.plan.n_worlds,
                        ROUND,
                        attempts,
                    )
                    counter.add(first, replications)
                    simulated += len(replications.is_met)
                    if report:
                        report(_progress(counter, simulated, request, monotonic() - begun))
            if half_width(counter.estimate(precision)) <= precision:
                break
    run = StoredRun(folder, request.scenario, counter.plan, counter.summarise(precision))
    return RunOutcome(run, monotonic() - begun, simulated)


def _simulate(
    request: RunRequest, counter: RoundCounter, done: int, last: int
) -> Generator[tuple[int, Simulated], None, None]:
    """Yield the missing replications as whole parts, in order, a few rounds under way at once."""
    size = min(CHUNK_SIZES[request.engine], ROUND // 2)
    for first, stop in cut(done, last, _ROUNDS_AT_ONCE * ROUND):
        batches = [
            Batch(counter.plan_of(start), request.engine, a, b, request.keeps_activities)
            for start, end in cut_by_round(first, stop)
            for a, b in cut(start, end, size)
        ]
        waiting: list[Simulated] = []
        begun = first
        with closing(
            execution.run_in_order(executor_of(request), simulate_batch, batches)
        ) as results:
            for batch, simulated in zip(batches, results, strict=True):
                waiting.append(simulated)
                is_full = batch.last - begun >= _PART_SIZES[request.engine]
                if batch.last == stop or (is_full and batch.last % ROUND == 0):
                    yield begun, join_simulated(waiting)
                    waiting, begun = [], batch.last


def _progress(
    counter: RoundCounter, simulated: int, request: RunRequest, seconds: float
) -> Progress:
    rate = simulated / seconds if seconds > 0 else 0.0
    left = (request.replications - counter.n) / rate if rate > 0 else 0.0
    return Progress(counter.n, request.replications, counter.odds, rate, left)

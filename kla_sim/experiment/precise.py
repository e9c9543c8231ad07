"""Runs that stop by themselves: as soon as the odds are known to the precision asked for.

They look at fixed numbers of replications (`analysis.precision.look_counts`), so that neither
workers nor interruptions change where they stop, and go on in fresh worlds (`rounds`).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING

from kla_sim import store
from kla_sim.analysis.precision import ROUND, half_width, look_counts
from kla_sim.errors import UsageError
from kla_sim.experiment.batches import Batch, EngineName, Simulated, join_simulated
from kla_sim.experiment.keeping import telling_what_is_kept
from kla_sim.experiment.progress import Progress, Report, RunningOdds, preparing
from kla_sim.experiment.rounds import RoundCounter, Worlds, cut_by_round
from kla_sim.experiment.run import (
    CHUNK_SIZES,
    RunOutcome,
    RunRequest,
    StoredRun,
    check_request,
    cut,
    kept_parts,
    manifest_of,
    open_kept,
    open_to_write,
    simulate_batches,
    size_of,
)
from kla_sim.experiment.size import refuse_too_large

if TYPE_CHECKING:
    from kla_sim.experiment.takeover import Takeover

MOST_WORLDS = 2**31
"""Their numbers are kept in 32 bits."""

_ROUNDS_AT_ONCE = 10
_PART_SIZES: dict[EngineName, int] = {"reference": ROUND, "compiled": _ROUNDS_AT_ONCE * ROUND}


def run_to_precision(
    request: RunRequest,
    precision: float,
    report: Report | None = None,
    takeover: Takeover | None = None,
) -> RunOutcome:
    """Simulate until the half-width of the odds is at most the precision, or all are done.

    Parameters
    ----------
    precision : half-width of the interval of the odds that all cities meet the target, 0 to 0.5.
    report : called for each world of the first round and after each part with how far the run is.
    takeover : lets the reference engine begin while the compiled one is not there yet.

    Raises
    ------
    UsageError : a number out of range, one shard of a run, or more than this machine can hold.
    StoreError : the folder holds another run, or cannot be written.
    IncompleteError : another process writes the folder, it was stopped, or workers or memory were
        lost; carries what is kept.
    """
    check_request(request)
    if not 0.0 < precision < 0.5:
        raise UsageError("precision_out_of_range", value=precision)
    if request.shard:
        raise UsageError("precision_of_a_shard")
    worlds_in_all = -(-request.replications // ROUND) * request.scenario.worlds
    if worlds_in_all >= MOST_WORLDS:
        most = MOST_WORLDS // request.scenario.worlds * ROUND
        raise UsageError("precision_of_too_many_worlds", value=request.replications, most=most)
    refuse_too_large(size_of(request, in_rounds=True))
    manifest = manifest_of(request).model_copy(update={"round_size": ROUND, "precision": precision})
    folder = open_kept(request, manifest)
    if takeover:
        takeover.is_short = folder is None
    if folder is not None and folder.manifest.precision == precision:
        outcome = _count(request, precision, folder)
        if outcome is not None:
            return outcome
    with store.writing(request.results / store.run_name(manifest)):
        folder = open_to_write(request, manifest)
        folder.note_precision(precision)
        return _continue(request, precision, folder, report, takeover)


def _count(request: RunRequest, precision: float, folder: store.RunFolder) -> RunOutcome | None:
    """Count what is there of a run; None if more has to be simulated."""
    counter = RoundCounter(Worlds(request.scenario, request.seed))
    parts = _Parts(folder, counter, request.replications)
    for look in look_counts(request.replications):
        parts.count_up_to(look)
        if counter.n < look:
            return None
        if half_width(counter.estimate(precision)) <= precision:
            break
    run = StoredRun(folder, request.scenario, counter.plan, counter.summarise(precision))
    return RunOutcome(run, 0.0, 0)


def _continue(
    request: RunRequest,
    precision: float,
    folder: store.RunFolder,
    report: Report | None,
    takeover: Takeover | None,
) -> RunOutcome:
    """Count what is there of a run, and simulate, keep and count what is missing."""
    worlds = Worlds(request.scenario, request.seed)
    counter = RoundCounter(worlds, preparing(report))
    labels, n_worlds = counter.plan.labels, counter.plan.n_worlds
    begun, simulated = monotonic(), 0
    with folder.gone_if_empty(), telling_what_is_kept(folder, request.replications):
        kept = _Parts(folder, counter, request.replications)
        for look in look_counts(request.replications):
            kept.count_up_to(look)
            if counter.n < look:
                folder.begin(request.replications)
            odds = RunningOdds(report, counter.n, request.replications)
            with closing(_simulate(request, counter, look, odds, takeover)) as parts:
                for first, (replications, attempts) in parts:
                    folder.add_part(first, replications, labels, n_worlds, ROUND, attempts)
                    counter.add(first, replications)
                    simulated += len(replications.is_met)
                    if report:
                        report(_progress(counter, simulated, request, monotonic() - begun))
            if half_width(counter.estimate(precision)) <= precision:
                break
    run = StoredRun(folder, request.scenario, counter.plan, counter.summarise(precision))
    return RunOutcome(run, monotonic() - begun, simulated)


class _Parts:
    """The parts of a run, counted as far as a look goes."""

    def __init__(self, folder: store.RunFolder, counter: RoundCounter, n: int) -> None:
        self._counter = counter
        self._stored = kept_parts(folder, counter.plan.labels, counter.plan_of, n)
        self._next = next(self._stored, None)

    def count_up_to(self, look: int) -> None:
        """Count the parts that begin before a number of replications."""
        while self._next is not None and self._next.first < look:
            self._counter.add(self._next.first, self._next.replications)
            self._next = next(self._stored, None)


def _simulate(
    request: RunRequest,
    counter: RoundCounter,
    last: int,
    odds: RunningOdds,
    takeover: Takeover | None,
) -> Generator[tuple[int, Simulated], None, None]:
    """Yield the missing replications as whole parts, in order, a few rounds under way at once."""
    size = min(CHUNK_SIZES[request.engine], ROUND // 2)
    for first, stop in cut(counter.n, last, _ROUNDS_AT_ONCE * ROUND):
        batches = [
            Batch(counter.plan_of(start), request.engine, a, b, request.keeps_activities)
            for start, end in cut_by_round(first, stop)
            for a, b in cut(start, end, size)
        ]
        waiting: list[Simulated] = []
        begun = first
        with closing(simulate_batches(request, batches, odds, takeover)) as results:
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

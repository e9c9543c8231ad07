"""The one loop over replications: simulate what is missing, keep it, count it.

The same call finishes what was cut off, continues with more replications, or reads the first ones
of a longer run. `cli` and `compare` call it; plots and words are made by `report`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from kla_sim import execution, store
from kla_sim.analysis.conditional import select_rows
from kla_sim.analysis.counting import Tally
from kla_sim.analysis.possible import is_possible
from kla_sim.analysis.precision import ROUND
from kla_sim.analysis.summary import Summary
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure import Labels
from kla_sim.errors import ScenarioError, StoreError, UsageError
from kla_sim.experiment.batches import (
    Batch,
    EngineName,
    Simulated,
    engine_of,
    join_simulated,
    simulate_batch,
)
from kla_sim.experiment.first_futures import FirstFutures
from kla_sim.experiment.keeping import telling_what_is_kept
from kla_sim.experiment.progress import Progress, Report, RunningOdds, preparing
from kla_sim.experiment.rounds import PLANS_KEPT, RoundCounter, Worlds, cut_by_round
from kla_sim.experiment.size import (
    GIGABYTE,
    Asked,
    Size,
    reckon,
    refuse_too_large,
    rows_of_part,
)
from kla_sim.language.signs import code_point, refused_sign
from kla_sim.scenario.loading import digest, load_scenario
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.origin import Origin

if TYPE_CHECKING:
    from kla_sim.experiment.takeover import Takeover

CHUNK_SIZES: dict[EngineName, int] = {"reference": 50, "compiled": 1_250}
_MOST_IN_ROUNDS = 1_000_000

MOST_REPLICATIONS = 2**32 - 1
"""Streams of random numbers are named by 32 bits of a replication's number."""

PART_SIZES: dict[EngineName, int] = {"reference": 500, "compiled": 10_000}
"""Replications handed to a worker at once, and kept in one file."""


_SHARD = re.compile(r"([0-9]{1,10})/([0-9]{1,10})")


class Shard(NamedTuple):
    """One of several equal stretches of a run, for job arrays; numbered from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``3/40``.

        Raises
        ------
        UsageError : it is not two whole numbers, the first from 1 to the second.
        """
        parts = _SHARD.fullmatch(text)
        if parts is None or not 1 <= int(parts[1]) <= int(parts[2]):
            raise UsageError("shard_unclear", value=text[:60])
        return cls(int(parts[1]), int(parts[2]))

    def span(self, n: int) -> tuple[int, int]:
        """Return the first replication of the shard and the one behind its last."""
        return n * (self.number - 1) // self.of, n * self.number // self.of

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True)
class RunRequest:
    """What to run, how often, and where."""

    scenario: Scenario
    digest: str
    resolved: str
    replications: int
    seed: int = 1
    engine: EngineName = "reference"
    n_workers: int = 1
    label: str = ""
    shard: Shard | None = None
    executor: str = "local"
    results: Path = Path("results")
    keeps_activities: bool = False
    overrides: tuple[str, ...] = ()  # what changed the scenario on the command line
    origin: Origin | None = None

    @property
    def span(self) -> tuple[int, int]:
        """The first replication of this run, and the one behind its last."""
        return self.shard.span(self.replications) if self.shard else (0, self.replications)


class StoredRun(NamedTuple):
    """A run with its folder and what it says."""

    folder: store.RunFolder
    scenario: Scenario
    plan: Plan
    summary: Summary
    beginning: Replications | None = None  # its first futures; None = each round has worlds anew


class RunOutcome(NamedTuple):
    """A finished run, how long the simulation took, and how many replications it added."""

    run: StoredRun
    seconds: float
    simulated: int


def run(
    request: RunRequest, report: Report | None = None, takeover: Takeover | None = None
) -> RunOutcome:
    """Simulate what is missing of a run, keep it and summarise it.

    Parameters
    ----------
    report : called for each world and after each part with how far the run is.
    takeover : lets the reference engine begin while the compiled one is not there yet.

    Raises
    ------
    UsageError : a number out of range, or more than this machine can hold.
    StoreError : the folder holds another run, or cannot be written.
    IncompleteError : another process writes the folder, it was stopped, or workers or memory were
        lost; carries what is kept.
    """
    check_request(request)
    manifest = manifest_of(request)
    is_new = not (request.results / store.run_name(manifest)).exists()
    refuse_too_large(size_of(request), request.results if is_new else None)
    if takeover:
        takeover.is_short = is_new
        if is_new and report and request.shard is None:
            takeover.preview(request.scenario, request.seed, request.replications, report)
    plan = compile_plan(request.scenario, request.seed, report=preparing(report))
    folder = open_kept(request, manifest)
    if folder is not None and folder.manifest.replications_done >= request.span[1]:
        return _continue(request, plan, folder, report, takeover)
    with store.writing(request.results / store.run_name(manifest)):
        folder = open_to_write(request, manifest)
        return _continue(request, plan, folder, report, takeover)


def _continue(
    request: RunRequest,
    plan: Plan,
    folder: store.RunFolder,
    report: Report | None,
    takeover: Takeover | None,
) -> RunOutcome:
    """Count what is there of a run, and simulate, keep and count what is missing."""
    first, last = request.span
    tally, beginning = Tally(plan), FirstFutures()
    with folder.gone_if_empty(), telling_what_is_kept(folder, last - first, first):
        for part in kept_parts(folder, plan.labels, lambda _: plan, last):
            tally.add(part.first, part.replications)
            beginning.add(part.replications)
        kept = tally.n
        is_whole = kept >= last - first
        if request.executor == "local" and not is_whole and takeover is None:
            engine_of(request.engine)(plan, first, first)  # compiles before the clock runs
        begun = monotonic()
        if not is_whole:
            folder.begin(last)
        odds = RunningOdds(report, kept, last - first)
        with closing(_simulate_parts(request, plan, (first + kept, last), odds, takeover)) as parts:
            for start, (replications, attempts) in parts:
                folder.add_part(start, replications, plan.labels, plan.n_worlds, attempts=attempts)
                tally.add(start, replications)
                beginning.add(replications)
                if report:
                    report(_progress(tally, kept, last - first, monotonic() - begun))
                del replications, attempts  # or they would stay while the next part is made
    seconds = monotonic() - begun
    summary = tally.summarise()
    stored = StoredRun(folder, request.scenario, plan, summary, beginning.joined())
    return RunOutcome(stored, seconds, tally.n - kept)


def open_kept(request: RunRequest, manifest: store.Manifest) -> store.RunFolder | None:
    """Open the folder of a run to read it, if it is there, and check that it is the run asked for.

    Raises
    ------
    StoreError : the folder holds another run, or its scenario was changed.
    """
    folder = store.open_to_read(request.results, manifest)
    if folder is not None and folder.read_scenario() != request.resolved:
        scenario_of(folder)  # the same plan in other words, or changed
    return folder


def open_to_write(request: RunRequest, manifest: store.Manifest) -> store.RunFolder:
    """Open the folder of a run to add to it, or create it; to be called by its one writer.

    Raises
    ------
    StoreError : the folder holds another run, its scenario was changed, or it cannot be written.
    """
    folder = open_kept(request, manifest)
    return folder or store.open_or_create(request.results, manifest, request.resolved)


def scenario_of(folder: store.RunFolder) -> Scenario:
    """Read the scenario of a run back, and hold it against the manifest.

    Raises
    ------
    StoreError : it was changed: its bytes or its digest, reckoned anew, are not the manifest's; or
        its futures are those of `--central` as it was before it gave one schedule.
    """
    if folder.manifest.central:
        raise StoreError("run_of_old_central", path=str(folder.path))
    folder.read_scenario()
    try:
        scenario = load_scenario(folder.path / "scenario.yaml")
    except ScenarioError as error:
        raise folder.changed() from error
    folder.check_digest(digest(scenario, folder.manifest.model_version))
    return scenario


def kept_parts(
    folder: store.RunFolder, labels: Labels, plan_of: Callable[[int], Plan], n: int | None = None
) -> Iterator[store.Part]:
    """Yield the parts of a run, each held against what the plan makes possible.

    Parameters
    ----------
    plan_of : returns the plan of the worlds in which a replication runs.
    n : only replications numbered below.

    Raises
    ------
    StoreError : a part is missing, or holds what was not written there.
    """
    for part in folder.read_parts(labels, n):
        first = part.first
        for start, stop in cut_by_round(first, first + len(part.replications.is_met)):
            some = select_rows(part.replications, slice(start - first, stop - first))
            if not is_possible(plan_of(start), start, some):
                raise folder.broken_at(start)
        yield part


def read_run(folder: store.RunFolder, n: int | None = None) -> StoredRun:
    """Read a run back, at most its first n replications; all of it is checked.

    Raises
    ------
    StoreError : something in the folder is missing, broken or changed, or there is no part yet.
    UsageError : this machine cannot hold its plan.
    """
    manifest = folder.manifest
    if not manifest.parts:
        raise StoreError("run_empty", path=str(folder.path))
    if manifest.round_size not in (0, ROUND):
        raise StoreError("manifest_broken", path=str(folder.path), what="round_size")
    scenario = scenario_of(folder)
    refuse_too_large(reckon(scenario, Asked(replications=1)))
    if manifest.round_size:
        return _read_rounds(folder, scenario, n)
    plan = compile_plan(scenario, manifest.seed)
    tally, beginning = Tally(plan), FirstFutures()
    for part in kept_parts(folder, plan.labels, lambda _: plan, n):
        tally.add(part.first, part.replications)
        beginning.add(part.replications)
    return StoredRun(folder, scenario, plan, tally.summarise(), beginning.joined())


def _read_rounds(folder: store.RunFolder, scenario: Scenario, n: int | None) -> StoredRun:
    manifest = folder.manifest
    counter = RoundCounter(Worlds(scenario, manifest.seed))
    for part in kept_parts(folder, counter.plan.labels, counter.plan_of, n):
        counter.add(part.first, part.replications)
    return StoredRun(folder, scenario, counter.plan, counter.summarise(manifest.precision))


def check_request(request: RunRequest) -> None:
    """Refuse numbers out of range, and a label with signs that no text holds.

    Raises
    ------
    UsageError : one of them.
    """
    refused = refused_sign(request.label)
    if refused:
        raise UsageError("text_refused", name="--label", sign=code_point(refused[0]))
    if request.replications < 1:
        raise UsageError("replications_out_of_range", value=request.replications)
    if not 0 <= request.seed < 2**64:
        raise UsageError("seed_out_of_range", value=request.seed)
    if request.n_workers < 1:
        raise UsageError("workers_out_of_range", value=request.n_workers)
    if request.shard and request.shard.of > request.replications:
        raise UsageError("shards_too_many", value=request.shard.of, n=request.replications)
    executor_of(request)
    if request.replications > MOST_REPLICATIONS:
        raise _beyond(request)


def _beyond(request: RunRequest) -> UsageError:
    """Return the refusal of more replications than can be numbered, with what they would take."""
    size = size_of(replace(request, shard=None))
    return UsageError(
        "replications_beyond",
        value=request.replications,
        most=MOST_REPLICATIONS,
        days=round(size.seconds / 86_400),
        memory=round(size.memory_bytes / GIGABYTE),
        disk=round(size.disk_bytes / GIGABYTE),
    )


def size_of(request: RunRequest, *, in_rounds: bool = False) -> Size:
    """Return what a run takes, by estimate, before anything of it is made.

    Parameters
    ----------
    in_rounds : whether each thousand replications have worlds of their own (`precise`). Such a run
        stops by itself; it is reckoned for a million replications at most.
    """
    return reckon(request.scenario, asked_of(request, in_rounds=in_rounds))


def asked_of(request: RunRequest, *, in_rounds: bool = False) -> Asked:
    """Return what of a run its size depends on; see `size_of`."""
    first, last = request.span
    n = min(last - first, _MOST_IN_ROUNDS) if in_rounds else last - first
    n_rounds = -(-n // ROUND) if in_rounds else 1
    return Asked(
        replications=n,
        engine=request.engine,
        n_workers=request.n_workers,
        n_copies=request.n_workers if _is_in_processes(request) else 1,
        part_size=PART_SIZES[request.engine],
        keeps_activities=request.keeps_activities,
        n_rounds=n_rounds,
        n_plans=min(n_rounds, PLANS_KEPT),
    )


def _is_in_processes(request: RunRequest) -> bool:
    """Return whether this machine's workers are processes, each with a plan of its own."""
    if request.executor == "local":
        return request.engine == "reference"
    return request.executor == "dask"


def manifest_of(request: RunRequest) -> store.Manifest:
    """Return the manifest of a run that begins now."""
    return store.new_manifest(
        scenario=request.scenario.name,
        digest=request.digest,
        seed=request.seed,
        engine=request.engine,
        label=request.label,
        shard=str(request.shard or ""),
        first=request.span[0],
        asked=request.span[1],
        keep="activities" if request.keeps_activities else "",
        overrides=request.overrides,
        origin=request.origin,
    )


def _simulate_parts(
    request: RunRequest,
    plan: Plan,
    span: tuple[int, int],
    odds: RunningOdds,
    takeover: Takeover | None,
) -> Generator[tuple[int, Simulated], None, None]:
    """Yield the missing replications as whole parts, in order."""
    done, last = span
    part_size = rows_of_part(request.scenario, asked_of(request))
    is_far = request.executor != "local"
    size = part_size if is_far else CHUNK_SIZES[request.engine]
    parts = [
        (first, min(first - first % part_size + part_size, last))
        for first in _part_starts(done, last, part_size)
    ]
    batches = [
        Batch(plan, request.engine, a, b, request.keeps_activities)
        for part in parts
        for a, b in cut(*part, size)
    ]
    with closing(simulate_batches(request, batches, odds, takeover)) as results:
        for part in parts:
            yield part[0], join_simulated([next(results) for _ in cut(*part, size)])


def simulate_batches(
    request: RunRequest, batches: list[Batch], odds: RunningOdds, takeover: Takeover | None
) -> Generator[Simulated, None, None]:
    """Yield the result of each batch, in order."""
    if takeover is None:
        return execution.run_in_order(executor_of(request), simulate_batch, batches)
    from kla_sim.experiment.takeover import simulate_meanwhile

    def open_workplace(engine: EngineName) -> execution.OpenWorkplace:
        return executor_of(replace(request, engine=engine))

    return simulate_meanwhile(takeover, batches, odds, open_workplace)


def _part_starts(done: int, asked: int, part_size: int) -> list[int]:
    aligned = range(done - done % part_size + part_size, asked, part_size)
    return [done, *aligned] if done < asked else []


def cut(first: int, last: int, size: int) -> list[tuple[int, int]]:
    """Return stretches of a size between two replications, the last one maybe shorter."""
    return [(start, min(start + size, last)) for start in range(first, last, size)]


def executor_of(request: RunRequest) -> execution.OpenWorkplace:
    """Return where the work of a request runs."""
    if request.executor == "local":
        return here(request.engine, request.n_workers)
    return cluster_of(request.executor, request.n_workers)


def cluster_of(executor: str, n_workers: int) -> execution.OpenWorkplace:
    """Return a workplace that is not simply this machine's.

    Raises
    ------
    UsageError : there is none of that name.
    """
    kind, _, address = executor.partition(":")
    if kind != "dask":
        raise UsageError("executor_unknown", value=executor)
    return execution.dask(address or None, n_workers, store.package_versions)


def here(engine: EngineName, n_workers: int) -> execution.OpenWorkplace:
    """Return where work runs on this machine: threads where the engine lets go of the lock."""
    if engine == "compiled" or n_workers == 1:
        return execution.threads(n_workers)
    return execution.processes(n_workers)


def _progress(tally: Tally, kept: int, asked: int, seconds: float) -> Progress:
    rate = (tally.n - kept) / seconds if seconds > 0 else 0.0
    left = (asked - tally.n) / rate if rate > 0 else 0.0
    return Progress(tally.n, asked, tally.odds, rate, left, tally.odds_estimate)

"""The one loop over replications: simulate what is missing, keep it, count it.

The same call finishes what was cut off, continues with more replications, or reads the first ones
of a longer run. `cli` and `compare` call it; plots and words are made by `report`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal, NamedTuple

from kla_sim import execution, store
from kla_sim.analysis.summary import Summary, Tally
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import (
    Attempts,
    Replications,
    join_attempts,
    join_replications,
)
from kla_sim.errors import StoreError, UsageError
from kla_sim.experiment.keeping import telling_what_is_kept
from kla_sim.experiment.rounds import RoundCounter, Worlds
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.model import Scenario

EngineName = Literal["reference", "compiled"]

CHUNK_SIZES: dict[EngineName, int] = {"reference": 50, "compiled": 1_250}
PART_SIZES: dict[EngineName, int] = {"reference": 500, "compiled": 10_000}
"""Replications handed to a worker at once, and kept in one file."""


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
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise UsageError("shard_unclear", value=text)
        return cls(int(number), int(of))

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
    central: bool = False
    label: str = ""
    shard: Shard | None = None
    executor: str = "local"
    results: Path = Path("results")
    keeps_activities: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The first replication of this run, and the one behind its last."""
        return self.shard.span(self.replications) if self.shard else (0, self.replications)


class Progress(NamedTuple):
    """How far a run is."""

    done: int
    asked: int
    odds: float
    replications_per_second: float
    seconds_left: float


class StoredRun(NamedTuple):
    """A run with its folder and what it says."""

    folder: store.RunFolder
    scenario: Scenario
    plan: Plan
    summary: Summary


class RunOutcome(NamedTuple):
    """A finished run, how long the simulation took, and how many replications it added."""

    run: StoredRun
    seconds: float
    simulated: int


class Batch(NamedTuple):
    """Consecutive replications of a plan, small enough to send to any worker."""

    plan: Plan
    engine: EngineName
    first: int
    last: int
    keeps_activities: bool = False


class Simulated(NamedTuple):
    """Replications, with their activities if these are kept."""

    replications: Replications
    attempts: Attempts | None = None


def join_simulated(chunks: list[Simulated]) -> Simulated:
    """Put consecutive chunks together."""
    attempts = [chunk.attempts for chunk in chunks if chunk.attempts is not None]
    return Simulated(
        join_replications([chunk.replications for chunk in chunks]),
        join_attempts(attempts) if attempts else None,
    )


def run(request: RunRequest, report: Callable[[Progress], None] | None = None) -> RunOutcome:
    """Simulate what is missing of a run, keep it and summarise it.

    Parameters
    ----------
    report : called after each part with how far the run is.

    Raises
    ------
    UsageError : a number out of range.
    StoreError : the folder holds another run or cannot be written.
    IncompleteError : it was stopped, or workers or memory were lost; carries what is kept.
    """
    check_request(request)
    plan = compile_plan(request.scenario, request.seed, central=request.central)
    folder = store.open_or_create(request.results, manifest_of(request), request.resolved)
    first, last = request.span
    tally = Tally(plan)
    with folder.gone_if_empty(), telling_what_is_kept(folder, last - first, first):
        for part in folder.read_parts(plan.labels, last):
            tally.add(part.first, part.replications)
        kept = tally.n
        if request.executor == "local" and kept < last - first:
            engine_of(request.engine)(plan, first, first)  # compiles before the clock runs
        begun = monotonic()
        with closing(_simulate_parts(request, plan, first + kept, last)) as parts:
            for start, (replications, attempts) in parts:
                folder.add_part(start, replications, plan.labels, plan.n_worlds, attempts=attempts)
                tally.add(start, replications)
                if report:
                    report(_progress(tally, kept, last - first, monotonic() - begun))
    seconds = monotonic() - begun
    stored = StoredRun(folder, request.scenario, plan, tally.summarise())
    return RunOutcome(stored, seconds, tally.n - kept)


def read_run(folder: store.RunFolder, n: int | None = None) -> StoredRun:
    """Read a run back, at most its first n replications.

    Raises
    ------
    StoreError : a part is missing or broken, or there is none yet.
    """
    manifest = folder.manifest
    if not manifest.parts:
        raise StoreError("run_empty", path=str(folder.path))
    scenario = load_scenario(folder.path / "scenario.yaml")
    if manifest.round_size:
        return _read_rounds(folder, scenario, n)
    plan = compile_plan(scenario, manifest.seed, central=manifest.central)
    tally = Tally(plan)
    for part in folder.read_parts(plan.labels, n):
        tally.add(part.first, part.replications)
    return StoredRun(folder, scenario, plan, tally.summarise())


def _read_rounds(folder: store.RunFolder, scenario: Scenario, n: int | None) -> StoredRun:
    manifest = folder.manifest
    counter = RoundCounter(Worlds(scenario, manifest.seed, manifest.central))
    for part in folder.read_parts(counter.plan.labels, n):
        counter.add(part.first, part.replications)
    return StoredRun(folder, scenario, counter.plan, counter.summarise(manifest.precision))


def simulate_batch(batch: Batch) -> Simulated:
    """Simulate one batch, in any process on any machine."""
    if batch.keeps_activities:
        return Simulated(*_keeping_engine_of(batch.engine)(batch.plan, batch.first, batch.last))
    return Simulated(engine_of(batch.engine)(batch.plan, batch.first, batch.last))


def engine_of(name: EngineName) -> Callable[[Plan, int, int], Replications]:
    """Return an engine's function; heavy libraries load here and not before."""
    if name == "reference":
        from kla_sim.engine.reference import simulate

        return simulate
    from kla_sim.engine.compiled import simulate as simulate_compiled

    return simulate_compiled


def _keeping_engine_of(
    name: EngineName,
) -> Callable[[Plan, int, int], tuple[Replications, Attempts]]:
    if name == "reference":
        from kla_sim.engine.reference import simulate_keeping

        return simulate_keeping
    from kla_sim.engine.compiled import simulate_keeping as simulate_keeping_compiled

    return simulate_keeping_compiled


def check_request(request: RunRequest) -> None:
    """Refuse numbers out of range.

    Raises
    ------
    UsageError : one of them.
    """
    if not 1 <= request.replications < 2**32:
        raise UsageError("replications_out_of_range", value=request.replications)
    if not 0 <= request.seed < 2**64:
        raise UsageError("seed_out_of_range", value=request.seed)
    if request.n_workers < 1:
        raise UsageError("workers_out_of_range", value=request.n_workers)
    if request.shard and request.shard.of > request.replications:
        raise UsageError("shards_too_many", value=request.shard.of, n=request.replications)
    executor_of(request)


def manifest_of(request: RunRequest) -> store.Manifest:
    """Return the manifest of a run that begins now."""
    return store.new_manifest(
        scenario=request.scenario.name,
        digest=request.digest,
        seed=request.seed,
        engine=request.engine,
        central=request.central,
        label=request.label,
        shard=str(request.shard or ""),
        first=request.span[0],
        asked=request.span[1],
        keep="activities" if request.keeps_activities else "",
    )


def _simulate_parts(
    request: RunRequest, plan: Plan, done: int, last: int
) -> Generator[tuple[int, Simulated], None, None]:
    """Yield the missing replications as whole parts, in order."""
    part_size = PART_SIZES[request.engine]
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
    with closing(execution.run_in_order(executor_of(request), simulate_batch, batches)) as results:
        for part in parts:
            chunks = [next(results) for _ in cut(*part, size)]
            yield part[0], join_simulated(chunks)


def _part_starts(done: int, asked: int, part_size: int) -> list[int]:
    aligned = range(done - done % part_size + part_size, asked, part_size)
    return [done, *aligned] if done < asked else []


def cut(first: int, last: int, size: int) -> list[tuple[int, int]]:
    """Return stretches of a size between two replications, the last one maybe shorter."""
    return [(start, min(start + size, last)) for start in range(first, last, size)]


def executor_of(request: RunRequest) -> execution.OpenWorkplace:
    """Return where work runs: threads where the engine lets go of the interpreter's lock."""
    kind, _, address = request.executor.partition(":")
    if kind == "dask":
        return execution.dask(address or None, request.n_workers, store.package_versions)
    if kind != "local" or address:
        raise UsageError("executor_unknown", value=request.executor)
    if request.engine == "compiled" or request.n_workers == 1:
        return execution.threads(request.n_workers)
    return execution.processes(request.n_workers)


def _progress(tally: Tally, kept: int, asked: int, seconds: float) -> Progress:
    rate = (tally.n - kept) / seconds if seconds > 0 else 0.0
    left = (asked - tally.n) / rate if rate > 0 else 0.0
    return Progress(tally.n, asked, tally.odds, rate, left)

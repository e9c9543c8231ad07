"""Nine ways to run the same futures, which must leave the same results bit for bit.

Other engine, more workers, shards put together, a Dask cluster, a run that was stopped and taken up
again, another hash seed of Python, another language and locale, another folder, and a clock that is
years ahead. Each is run as users run it, in a folder of its own that goes afterwards.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from kla_sim import store
from kla_sim.analysis.document import summary_document
from kla_sim.engine.replications import join_replications
from kla_sim.errors import StoppedError, UsageError
from kla_sim.experiment.merge import merge_runs
from kla_sim.experiment.progress import Preparing, Progress
from kla_sim.experiment.run import PART_SIZES, RunRequest, Shard, read_run, run
from kla_sim.experiment.selftest.laws import DAYS_PER_YEAR
from kla_sim.experiment.selftest.numbers import Check, zero
from kla_sim.experiment.selftest.sameness import fingerprint
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario

FEW = 60
"""Futures of the ways that need no more."""

_SCENARIO, _WORLDS = "kaltara_2022", 5
_YEARS_AHEAD = 7

_SHIFTED_CLOCK = f"""
import datetime, sys, time
AHEAD = {_YEARS_AHEAD * DAYS_PER_YEAR} * 86_400
real_time, real_datetime = time.time, datetime.datetime
class Shifted(real_datetime):
    @classmethod
    def now(cls, tz=None):
        return real_datetime.fromtimestamp(real_time() + AHEAD, tz)
time.time = lambda: real_time() + AHEAD
datetime.datetime = Shifted
from kla_sim.cli import main
main(sys.argv[1:])
"""


class Way(NamedTuple):
    """One way to run."""

    name: str
    run: Callable[[Bench], store.RunFolder]
    n: int = FEW
    is_program: bool = False  # starts a program of its own


@dataclass(frozen=True)
class Bench:
    """The run that all ways repeat, and the folder below which they do."""

    request: RunRequest
    file: Path
    folder: Path

    @classmethod
    def in_folder(cls, folder: Path, seed: int) -> Bench:
        """Return the run, its scenario written as one file into a folder."""
        loaded = read_scenario(shipped_scenario(_SCENARIO), overrides=[f"worlds={_WORLDS}"])
        resolved = dump_scenario(loaded)
        file = folder / "scenario.yaml"
        file.write_text(resolved, encoding="utf-8")
        request = RunRequest(
            scenario=loaded.scenario,
            digest=digest(loaded.scenario),
            resolved=resolved,
            replications=PART_SIZES["compiled"] + 500,
            seed=seed,
            engine="compiled",
        )
        return cls(request, file, folder)

    def few(self, name: str) -> RunRequest:
        """Return the run of a few futures in a results folder of its own."""
        return replace(self.request, replications=FEW, results=self.folder / name)

    def many(self, name: str) -> RunRequest:
        """Return the run of more futures than one part holds."""
        return replace(self.request, results=self.folder / name)

    def by_command(
        self, name: str, *start: str, environment: dict[str, str] | None = None
    ) -> store.RunFolder:
        """Run the command as a program of its own and open what it left."""
        results = self.folder / name
        results.mkdir()
        words = [
            "run", str(self.file), "-n", str(FEW), "--seed", str(self.request.seed),
            "--out", str(results), "--no-plots", "--quiet",
        ]  # fmt: skip
        package = str(Path(__file__).resolve().parents[3])
        known = os.environ.get("PYTHONPATH", "")
        paths = {"PYTHONPATH": os.pathsep.join([package, known] if known else [package])}
        subprocess.run(
            [sys.executable, *(start or ("-m", "kla_sim")), *words],
            check=True,
            capture_output=True,
            cwd=results,
            env={**os.environ, **paths, **(environment or {})},
        )
        (left,) = (path for path in results.iterdir() if path.is_dir())
        return store.open_folder(left)


def kept_hash(folder: store.RunFolder, n: int) -> str:
    """Return the SHA-256 of the first n futures that a run keeps, and of what is said of them."""
    stored = read_run(folder, n)
    parts = [part.replications for part in folder.read_parts(stored.plan.labels, n)]
    said = store.to_json(summary_document(stored.summary))
    return hashlib.sha256((fingerprint(join_replications(parts)) + said).encode()).hexdigest()


def _other_engine(bench: Bench) -> store.RunFolder:
    return run(replace(bench.few("engine"), engine="reference")).run.folder


def _workers(bench: Bench) -> store.RunFolder:
    return run(replace(bench.many("workers"), n_workers=3)).run.folder


def _shards(bench: Bench) -> store.RunFolder:
    request = bench.few("shards")
    shards = [run(replace(request, shard=Shard(number, 3))).run.folder for number in (2, 3, 1)]
    return merge_runs(shards, bench.folder / "merged").run.folder


def _dask(bench: Bench) -> store.RunFolder:
    return run(replace(bench.few("dask"), executor="dask", n_workers=2)).run.folder


def _stopped(bench: Bench) -> store.RunFolder:
    """Stop a run once its first part is kept, and give the same command again."""
    request = bench.many("stopped")

    def stop(progress: Progress | Preparing) -> None:
        if isinstance(progress, Progress) and progress.done >= PART_SIZES["compiled"]:
            raise StoppedError("stopped")

    try:
        run(request, stop)
    except StoppedError:
        return run(request).run.folder
    raise AssertionError("the run was over before it could be stopped")


def _hash_seed(bench: Bench) -> store.RunFolder:
    return bench.by_command("hash_seed", environment={"PYTHONHASHSEED": "4711"})


def _locale(bench: Bench) -> store.RunFolder:
    spoken = {"LC_ALL": "en_US.UTF-8", "LANG": "C", "KLA_SIM_LANGUAGE": "en", "TZ": "Asia/Jakarta"}
    return bench.by_command("locale", environment=spoken)


def _folder(bench: Bench) -> store.RunFolder:
    return bench.by_command("another folder, kota é 市")


def _clock(bench: Bench) -> store.RunFolder:
    return bench.by_command("clock", "-c", _SHIFTED_CLOCK)


MANY = PART_SIZES["compiled"] + 500

WAYS = (
    Way("other_engine", _other_engine),
    Way("workers", _workers, MANY),
    Way("shards", _shards),
    Way("dask", _dask),
    Way("stopped", _stopped, MANY),
    Way("hash_seed", _hash_seed, is_program=True),
    Way("locale", _locale, is_program=True),
    Way("folder", _folder, is_program=True),
    Way("clock", _clock, is_program=True),
)


def straight_hashes(bench: Bench) -> dict[int, str]:
    """Return the hashes of the plain run, by the number of futures."""
    folder = run(bench.many("straight")).run.folder
    return {n: kept_hash(folder, n) for n in (FEW, MANY)}


def compare(way: Way, bench: Bench, expected: dict[int, str]) -> Check | None:
    """Run one way and compare its hash; None where it needs an extra that is not installed."""
    try:
        found = kept_hash(way.run(bench), way.n)
    except UsageError as error:
        if error.code != "extra_missing":
            raise
        return None
    return Check(f"way_{way.name}", (zero("hash_differs", found != expected[way.n]),))

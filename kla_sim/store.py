"""What is kept of a run: a folder with manifest, resolved scenario, Parquet parts and summary.

Every file is written under another name and renamed, so that a killed process leaves whole files
only; a part not named in the manifest does not count. Parts hold consecutive replications, one row
each, with a column per result (`standing.jakarta_barat`, `spent.province.2024`).
Not here: what the numbers mean (`analysis`) and who runs what (`experiment`).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.structure import Labels
from kla_sim.errors import KlaSimError, StoreError
from kla_sim.language.safe import for_file_name, for_json
from kla_sim.scenario.model import MODEL_VERSION

PACKAGES = ("kla_sim", "simpy", "numpy", "scipy", "numba", "pydantic", "pyarrow", "matplotlib")

_IDENTITY = (
    "digest", "seed", "engine", "central", "model_version", "shard", "first", "round_size", "keep"
)  # fmt: skip
"""What two runs must have in common to be one."""

_AXES: dict[str, tuple[str, ...]] = {
    "is_met": (),
    "is_met_once": (),
    "standing": ("cities",),
    "category": ("cities", "cycles"),
    "score": ("cities", "cycles"),
    "verified": ("cities", "cycles"),
    "claimed": ("cities", "cycles"),
    "gap": ("cities", "cycles"),
    "remainder": ("cities", "cycles"),
    "cycle_state": ("cycles",),
    "evidence_day": ("cycles",),
    "award_day": ("cycles",),
    "appropriated": ("accounts", "years"),
    "released": ("accounts", "years"),
    "spent": ("accounts", "years"),
    "lapsed": ("accounts", "years"),
    "held": ("accounts", "years"),
    "wait_days": ("accounts", "causes"),
    "busy_days": ("pools",),
    "filled_days": ("pools",),
    "vacant_days": ("pools",),
    "dormant_days": ("cities",),
    "launches": ("cities", "years"),
    "n_events": (),
}
"""The labels behind each dimension of a result; waits go by account: the province, then cities."""


class KeptFile(BaseModel):
    """A file beside a part."""

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str


class PartEntry(BaseModel):
    """One part of a run: a file and the replications in it."""

    model_config = ConfigDict(frozen=True)

    file: str
    first: int
    last: int
    sha256: str
    activities: KeptFile | None = None  # the same replications' activities, if they are kept


class Manifest(BaseModel):
    """What a run was, and what of it is there."""

    schema_version: Literal[1] = 1
    scenario: str
    digest: str
    model_version: int = MODEL_VERSION
    seed: int
    engine: str
    central: bool = False
    label: str = ""
    shard: str = ""
    keep: Literal["", "activities"] = ""  # what is kept beside the results
    round_size: int = 0  # replications that share a round of worlds; 0 = all of them
    precision: float = 0.0  # half-width that the run was to reach; 0 = none was asked for
    first: int = 0
    replications_asked: int
    replications_done: int = 0
    parts: list[PartEntry] = []
    python: str
    packages: dict[str, str]
    cpu_family: str
    commit: str | None
    is_tree_clean: bool | None
    start: datetime
    end: datetime | None = None
    command: list[str]
    overrides: list[str] = []  # what `--set` changed in the plan, as it was written


class Part(NamedTuple):
    """Consecutive replications read back from a run."""

    first: int
    replications: Replications


class RunFolder:
    """A run on disk: its manifest and what may be read from or added to it."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    def read_parts(self, labels: Labels, n: int | None = None) -> Iterator[Part]:
        """Yield the parts in order, at most the first n replications.

        Raises
        ------
        StoreError : a part is missing or its bytes differ from the manifest.
        """
        for entry in sorted(self.manifest.parts, key=lambda part: part.first):
            if n is not None and entry.first >= n:
                return
            path = self.path / entry.file
            if not path.is_file() or _sha256(path) != entry.sha256:
                raise StoreError("part_broken", path=str(path), folder=str(self.path))
            rows = entry.last - entry.first if n is None else min(entry.last, n) - entry.first
            yield Part(entry.first, _read_part(path, labels, rows))

    def read_column(self, name: str, n: int) -> Any:
        """Return one column of the first n replications, (n,)."""
        import pyarrow.parquet as pq

        parts = sorted(self.manifest.parts, key=lambda part: part.first)
        columns = [
            pq.read_table(self.path / part.file, columns=[name])[name].to_numpy()
            for part in parts
            if part.first < n
        ]
        return np.concatenate(columns)[:n]

    def add_part(
        self,
        first: int,
        replications: Replications,
        labels: Labels,
        n_worlds: int,
        round_size: int = 0,
        attempts: Attempts | None = None,
    ) -> None:
        """Write one part and name it in the manifest.

        Parameters
        ----------
        n_worlds : worlds of one round.
        round_size : replications of one round; 0 = all replications share the same worlds.
        attempts : of the same replications, written beside the part.
        """
        name = f"part-{len(self.manifest.parts):05d}.parquet"
        path = self.path / name
        numbers = np.arange(first, first + len(replications.is_met), dtype=np.int64)
        rounds = numbers // round_size if round_size and n_worlds > 1 else 0
        _write_part(path, numbers, rounds * n_worlds + numbers % n_worlds, replications, labels)
        last = first + len(replications.is_met)
        entry = PartEntry(file=name, first=first, last=last, sha256=_sha256(path))
        if attempts is not None:
            beside = self.path / _beside(name)
            _write_attempts(beside, numbers, attempts, labels)
            kept = KeptFile(file=beside.name, sha256=_sha256(beside))
            entry = entry.model_copy(update={"activities": kept})
        self._update(parts=[*self.manifest.parts, entry], replications_done=last)

    def copy_part(self, part: PartEntry, source: Path) -> None:
        """Take over a part of another run as it is."""
        name = f"part-{len(self.manifest.parts):05d}.parquet"
        write_atomic(self.path / name, (source / part.file).read_bytes())
        entry = part.model_copy(update={"file": name})
        if part.activities is not None:
            beside = _beside(name)
            write_atomic(self.path / beside, (source / part.activities.file).read_bytes())
            kept = part.activities.model_copy(update={"file": beside})
            entry = entry.model_copy(update={"activities": kept})
        self._update(parts=[*self.manifest.parts, entry], replications_done=part.last)

    def note_precision(self, precision: float) -> None:
        """Note the half-width that the run is to reach, if it is another than so far."""
        if precision != self.manifest.precision:
            self._update(precision=precision)

    def finish(self, summary: dict[str, Any], asked: int) -> None:
        """Write the summary and note the end of the run."""
        write_atomic(self.path / "summary.json", to_json(summary))
        self._update(end=datetime.now(UTC), replications_asked=asked)

    @contextmanager
    def gone_if_empty(self) -> Iterator[None]:
        """Take the folder away again if work fails before its first part is whole."""
        try:
            yield
        except KlaSimError:
            if not self.manifest.parts:
                shutil.rmtree(self.path, ignore_errors=True)
            raise

    def _update(self, **changes: Any) -> None:
        self.manifest = self.manifest.model_copy(update=changes)
        write_atomic(self.path / "manifest.json", self.manifest.model_dump_json(indent=1) + "\n")


def run_name(manifest: Manifest) -> str:
    """Return the name of a run's folder."""
    name = f"{for_file_name(manifest.scenario)}-{manifest.digest[:8]}-{manifest.seed}"
    name += "-rounds" if manifest.round_size else ""
    name += "-central" if manifest.central else ""
    name += f"-{for_file_name(manifest.label)}" if manifest.label else ""
    return name + (f"-shard_{manifest.shard.replace('/', '_of_')}" if manifest.shard else "")


def open_or_create(results: Path, manifest: Manifest, resolved: str) -> RunFolder:
    """Open the folder of a run, or create it with its manifest and resolved scenario.

    Parameters
    ----------
    resolved : the resolved scenario as YAML.

    Raises
    ------
    StoreError : the folder holds another run (digest, seed, engine, model version), or cannot be
        written.
    """
    name = run_name(manifest)
    path = results / name
    if path.exists():
        return _open_to_continue(path, manifest)
    staging = results / f".{name}.{os.getpid()}"
    try:
        staging.mkdir(parents=True)
        (staging / "scenario.yaml").write_text(resolved, encoding="utf-8")
        (staging / "manifest.json").write_text(
            manifest.model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
        staging.rename(path)
    except OSError as error:
        raise StoreError("cannot_write", path=str(path), reason=error.strerror) from error
    return RunFolder(path, manifest)


def _open_to_continue(path: Path, wanted: Manifest) -> RunFolder:
    folder = open_folder(path)
    for field in _IDENTITY:
        found, asked = getattr(folder.manifest, field), getattr(wanted, field)
        if found != asked:
            raise StoreError(
                "other_run", path=str(path), field=field, found=str(found), asked=str(asked)
            )
    return folder


def open_folder(path: Path) -> RunFolder:
    """Open a run folder.

    Raises
    ------
    StoreError : there is no manifest, or it cannot be read.
    """
    file = path / "manifest.json"
    try:
        return RunFolder(path, Manifest.model_validate_json(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise StoreError("no_manifest", path=str(path)) from error


def list_runs(results: Path) -> list[RunFolder]:
    """Return the runs below a folder, oldest first; folders that are no runs are passed over."""
    folders = [
        open_folder(path.parent)
        for path in results.glob("*/manifest.json")
        if not path.parent.name.startswith(".")
    ]
    return sorted(folders, key=lambda folder: (folder.manifest.start, folder.path.name))


def find_run(results: Path, reference: str) -> RunFolder:
    """Find a run by its path, by a unique prefix of its name, or as `latest`.

    Raises
    ------
    StoreError : there is none, or the prefix fits several.
    """
    if (Path(reference) / "manifest.json").is_file():
        return open_folder(Path(reference))
    runs = list_runs(results)
    found = (
        runs[-1:]
        if reference == "latest"
        else [run for run in runs if run.path.name.startswith(reference)]
    )
    if len(found) == 1:
        return found[0]
    code = "no_such_run" if not found else "several_runs"
    names = ", ".join(run.path.name for run in (found or runs)[:8])
    raise StoreError(code, reference=reference, results=str(results), names=names)


def new_manifest(
    *,
    scenario: str,
    digest: str,
    seed: int,
    engine: str,
    central: bool,
    label: str,
    shard: str,
    first: int,
    asked: int,
    keep: Literal["", "activities"] = "",
    overrides: Sequence[str] = (),
) -> Manifest:
    """Return the manifest of a run that begins now, here; its parameters are its fields."""
    commit, is_clean = _commit()
    return Manifest(
        scenario=scenario,
        digest=digest,
        seed=seed,
        engine=engine,
        central=central,
        label=label,
        shard=shard,
        keep=keep,
        first=first,
        replications_asked=asked,
        replications_done=first,
        python=platform.python_version(),
        packages=package_versions(),
        cpu_family=cpu_family(),
        commit=commit,
        is_tree_clean=is_clean,
        start=datetime.now(UTC),
        command=["kla_sim", *sys.argv[1:]],
        overrides=list(overrides),
    )


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that results may depend on, here."""
    return {name: metadata.version(name) for name in PACKAGES}


def cpu_family() -> str:
    """Return the machine's architecture, within which results are promised equal to the bit."""
    return platform.machine() or "unknown"


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a whole file or nothing.

    Raises
    ------
    StoreError : the disk is full, or the folder cannot be written.
    """
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging.write_bytes(content.encode() if isinstance(content, str) else content)
        staging.replace(path)
    except OSError as error:
        staging.unlink(missing_ok=True)
        raise StoreError("cannot_write", path=str(path), reason=error.strerror) from error


def to_json(document: Any) -> str:
    """Return a document as JSON text, floats in their shortest exact form, NaN as null."""
    return for_json(json.dumps(_without_nan(document), indent=1, ensure_ascii=False)) + "\n"


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _write_part(
    path: Path, numbers: Any, worlds: Any, replications: Replications, labels: Labels
) -> None:
    import pyarrow as pa

    n = len(numbers)
    columns = {"replication": numbers, "world": worlds.astype(np.int32)}
    for field, array in replications._asdict().items():
        names = _column_names(field, labels)
        flat = np.ascontiguousarray(array.reshape(n, len(names)).T)
        columns.update(zip(names, flat, strict=True))
    table = pa.table(columns)
    floats = [name for name, array in columns.items() if array.dtype.kind == "f"]
    _write_table(path, table, floats)


def _write_attempts(path: Path, numbers: Any, attempts: Attempts, labels: Labels) -> None:
    import pyarrow as pa

    columns = {"replication": numbers}
    for field, array in attempts._asdict().items():
        names = [f"{field}.{name}" for name in labels.activities]
        columns.update(zip(names, np.ascontiguousarray(array.T), strict=True))
    _write_table(path, pa.table(columns), [])


def _beside(part: str) -> str:
    """Return the name of the file beside a part that holds its activities."""
    return part.replace("part-", "activities-")


def _write_table(path: Path, table: Any, floats: list[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=False,
        use_byte_stream_split=floats,
        write_statistics=False,
    )
    write_atomic(path, sink.getvalue().to_pybytes())


def _read_part(path: Path, labels: Labels, n: int) -> Replications:
    import pyarrow.parquet as pq

    table = pq.read_table(path).slice(0, n)
    arrays = []
    for field in Replications._fields:
        names = _column_names(field, labels)
        flat = np.array([table[name].to_numpy() for name in names]).reshape(len(names), n).T
        sizes = [len(_axis(labels, axis)) for axis in _AXES[field]]
        arrays.append(flat.reshape(n, *sizes))
    return Replications(*arrays)


def _column_names(field: str, labels: Labels) -> list[str]:
    names = [field]
    for axis in _AXES[field]:
        names = [f"{name}.{label}" for name in names for label in _axis(labels, axis)]
    return names


def _axis(labels: Labels, axis: str) -> list[Any]:
    return list(getattr(labels, axis))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _commit() -> tuple[str | None, bool | None]:
    """Return the checkout's commit and whether its tree is clean; None outside a checkout."""
    top = Path(__file__).resolve().parents[1]
    if not (top / ".git").exists():
        return None, None
    git = ["git", "-C", str(top)]
    try:
        commit = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
        )
        status = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None, None
    if commit.returncode or status.returncode:
        return None, None
    return commit.stdout.strip(), not status.stdout.strip()

"""The manifest of a run: what it was and what of it is there; and the one reader of manifests.

A manifest may have been written by another tool or changed by anyone, so that reading one checks
all that the program goes by: types, ranges, plain file names, parts without gap or overlap.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic import model_validator as validates_model

from kla_sim.errors import StoreError
from kla_sim.language.safe import for_file_name
from kla_sim.reading import UnfitFileError, read_bounded
from kla_sim.scenario.model import MODEL_VERSION
from kla_sim.scenario.origin import Change, Origin
from kla_sim.store.files import printable
from kla_sim.store.provenance import commit, cpu_family, package_versions

NAME = "manifest.json"
SCHEMA_VERSION = 1
MOST_BYTES = 16 * 2**20
MOST_ROWS_OF_PART = 100_000
"""Far above what a part is written with, and small enough to be read at once."""

_MOST_REPLICATIONS = 2**32
_YEARS = range(2000, 9000)

IDENTITY = (
    "digest", "seed", "engine", "central", "model_version", "shard", "first", "round_size", "keep"
)  # fmt: skip
"""What two runs must have in common to be one."""


def _near(moment: datetime) -> datetime:
    """Refuse moments that the calendar of some time zone does not hold."""
    if moment.year not in _YEARS:
        raise ValueError("year")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_near)]
Number = Annotated[int, Field(ge=0, lt=_MOST_REPLICATIONS)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PartName = Annotated[str, Field(pattern=r"^part-[0-9]{5,9}\.parquet$")]
BesideName = Annotated[str, Field(pattern=r"^activities-[0-9]{5,9}\.parquet$")]
Line = Annotated[str, Field(max_length=10_000)]


class KeptFile(BaseModel):
    """A file beside a part."""

    model_config = ConfigDict(frozen=True)

    file: BesideName
    sha256: Sha256


class PartEntry(BaseModel):
    """One part of a run: a file and the replications in it."""

    model_config = ConfigDict(frozen=True)

    file: PartName
    first: Number
    last: Number
    sha256: Sha256
    activities: KeptFile | None = None  # the same replications' activities, if they are kept


class KeptChange(BaseModel):
    """A value that differs from what the plan extends, or from its file (`scenario.origin`)."""

    model_config = ConfigDict(frozen=True)

    path: Line
    before: Line
    after: Line
    file: Line
    line: Number


class KeptOrigin(BaseModel):
    """Where the plan of a run comes from, see `scenario.origin`."""

    model_config = ConfigDict(frozen=True)

    files: Annotated[list[Line], Field(max_length=100)]
    changed: Annotated[list[KeptChange], Field(max_length=10_000)]
    set_here: Annotated[list[KeptChange], Field(max_length=10_000)]
    n_added: dict[Line, Number]


class Manifest(BaseModel):
    """What a run was, and what of it is there."""

    schema_version: Literal[1] = 1
    scenario: Line
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
    model_version: Annotated[int, Field(ge=0, lt=10**6)] = MODEL_VERSION
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    engine: Literal["reference", "compiled"]
    central: bool = False
    label: Line = ""
    shard: Annotated[str, Field(pattern=r"^([0-9]{1,10}/[0-9]{1,10})?$")] = ""
    keep: Literal["", "activities"] = ""  # what is kept beside the results
    round_size: Number = 0  # replications that share a round of worlds; 0 = all of them
    precision: Annotated[float, Field(ge=0.0, le=0.5, allow_inf_nan=False)] = 0.0
    """Half-width that the run was to reach; 0 = none was asked for."""
    first: Number = 0
    replications_asked: Number
    replications_done: Number = 0
    parts: list[PartEntry] = []
    scenario_sha256: Sha256 | Literal[""] = ""  # of scenario.yaml; earlier runs note none
    summary_sha256: Sha256 | Literal[""] = ""
    python: Line
    packages: dict[Line, Line]
    cpu_family: Line
    commit: Line | None
    is_tree_clean: bool | None
    start: Moment
    end: Moment | None = None
    updated: Moment | None = None
    command: list[Line]
    overrides: list[Line] = []  # what `--set` changed in the plan, as it was written
    origin: KeptOrigin | None = None  # earlier runs, and those of other tools, note none

    @validates_model(mode="after")
    def _is_whole(self) -> Manifest:
        """Refuse parts that leave a gap, overlap, are named twice or are not what is counted."""
        expected = self.first
        for part in self.parts:
            if part.first != expected or not 0 < part.last - part.first <= MOST_ROWS_OF_PART:
                raise ValueError("parts")
            if (part.activities is not None) != (self.keep == "activities"):
                raise ValueError("activities")
            expected = part.last
        if expected != self.replications_done or self.replications_asked < self.first:
            raise ValueError("replications_done")
        if (self.precision > 0.0) != (self.round_size > 0):
            raise ValueError("precision")
        if len({part.file for part in self.parts}) != len(self.parts):
            raise ValueError("file")
        beside = {part.activities.file for part in self.parts if part.activities}
        if self.keep and len(beside) != len(self.parts):
            raise ValueError("file")
        return self

    @property
    def n(self) -> int:
        """The number of replications that are there."""
        return self.replications_done - self.first

    @property
    def written(self) -> datetime:
        """When the run was last written to."""
        return self.updated or self.end or self.start

    @property
    def is_finished(self) -> bool:
        """Whether all that was asked for is there, with its summary."""
        return self.end is not None and self.replications_done >= self.replications_asked

    def content(self) -> bytes:
        """Return the manifest as it is written."""
        return (self.model_dump_json(indent=1) + "\n").encode()


def read_manifest(folder: Path) -> tuple[Manifest, bytes]:
    """Read the manifest of a run folder, and return it with the bytes it was read from.

    Raises
    ------
    StoreError : there is none, it is no regular file of bounded size, it is not one of ours, or a
        newer program wrote it.
    """
    path = folder / NAME
    try:
        content = read_bounded(path, MOST_BYTES)
    except UnfitFileError as error:
        raise StoreError("manifest_unfit", path=str(path), most="16 MiB") from error
    except OSError as error:
        raise StoreError("no_manifest", path=str(folder)) from error
    try:
        return Manifest.model_validate_json(content, strict=True), content
    except ValidationError as error:
        newer = _newer_schema(content)
        if newer:
            raise StoreError(
                "manifest_newer", path=str(path), found=newer, present=SCHEMA_VERSION
            ) from error
        raise StoreError("manifest_broken", path=str(path), what=_first_place(error)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise StoreError("manifest_broken", path=str(path), what="JSON") from error


def _newer_schema(content: bytes) -> int:
    """Return the schema of a manifest that a newer program wrote; 0 = it is none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return 0
    found = document.get("schema_version") if isinstance(document, dict) else None
    return found if isinstance(found, int) and found > SCHEMA_VERSION else 0


def _first_place(error: ValidationError) -> str:
    """Return the field that is wrong; of the whole, what is said of it."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["loc"]:
        return ".".join(str(step) for step in first["loc"])
    return str(first["ctx"]["error"]) if first["type"] == "value_error" else "JSON"


def is_there(folder: Path) -> bool:
    """Return whether something is called a manifest in a folder, whatever it is."""
    return os.path.lexists(folder / NAME)


def run_name(manifest: Manifest) -> str:
    """Return the name of a run's folder."""
    name = f"{for_file_name(manifest.scenario)}-{manifest.digest[:8]}-{manifest.seed}"
    name += "-rounds" if manifest.round_size else ""
    name += f"-{for_file_name(manifest.label)}" if manifest.label else ""
    return name + (f"-shard_{manifest.shard.replace('/', '_of_')}" if manifest.shard else "")


def new_manifest(
    *,
    scenario: str,
    digest: str,
    seed: int,
    engine: Any,
    label: str,
    shard: str,
    first: int,
    asked: int,
    keep: Literal["", "activities"] = "",
    overrides: Sequence[str] = (),
    origin: Origin | None = None,
) -> Manifest:
    """Return the manifest of a run that begins now, here; its parameters are its fields."""
    head, is_clean = commit()
    return Manifest(
        scenario=scenario,
        digest=digest,
        seed=seed,
        engine=engine,
        label=printable(label),
        shard=shard,
        keep=keep,
        first=first,
        replications_asked=asked,
        replications_done=first,
        python=platform.python_version(),
        packages=package_versions(),
        cpu_family=cpu_family(),
        commit=head,
        is_tree_clean=is_clean,
        start=datetime.now(UTC),
        command=["kla_sim", *map(printable, sys.argv[1:])],
        overrides=list(overrides),
        origin=None if origin is None else _kept(origin),
    )


def _kept(origin: Origin) -> KeptOrigin:
    def changes(some: Sequence[Change]) -> list[KeptChange]:
        return [KeptChange(**change._asdict()) for change in some]

    return KeptOrigin(
        files=list(map(printable, origin.files)),
        changed=changes(origin.changed),
        set_here=changes(origin.set_here),
        n_added=origin.n_added,
    )

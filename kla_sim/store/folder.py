"""A run folder: its manifest and what may be read from or added to it.

Parts hold consecutive replications; one that the manifest names is never written again, and the
manifest is renamed into place after what it names. So readers see the run as it was or as it is,
and a killed process leaves whole files only. Not here: what the numbers mean (`analysis`) and who
runs what (`experiment`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.structure import Labels
from kla_sim.errors import IncompleteError, KlaSimError, StoreError
from kla_sim.reading import read_bounded
from kla_sim.store import manifest as manifests
from kla_sim.store.files import (
    cannot_write,
    find_litter,
    hash_of,
    is_read_only,
    to_json,
    write_atomic,
)
from kla_sim.store.lock import LOCK, WRITER, check_there, writing
from kla_sim.store.manifest import IDENTITY, KeptFile, Manifest, PartEntry, read_manifest, run_name
from kla_sim.store.parts import (
    Part,
    PartBrokenError,
    most_bytes,
    read_columns,
    read_one,
    replications_of,
    world_numbers,
    write_attempts,
    write_part,
)

SCENARIO, SUMMARY = "scenario.yaml", "summary.json"
_MOST_PART_BYTES = 2**30
_MOST_SCENARIO_BYTES = 2**24
_MOST_SUMMARY_BYTES = 2**26
_OF_THE_MOMENT = ("run", "scenario", "seconds", "warnings")
"""What an answer says of the command and not of the run."""


class RunFolder:
    """A run on disk: its manifest and what may be read from or added to it.

    Parameters
    ----------
    content : the bytes that the manifest was read from; with them, a change by others is noticed.
    """

    def __init__(self, path: Path, manifest: Manifest, content: bytes | None = None) -> None:
        self.path = path
        self.manifest = manifest
        self._content = content

    def read_scenario(self) -> str:
        """Return the resolved scenario as YAML, held against the manifest.

        Raises
        ------
        StoreError : it is missing, cannot be read, or was changed.
        """
        path = self.path / SCENARIO
        try:
            content = read_bounded(path, _MOST_SCENARIO_BYTES)
            text = content.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self.changed() from error
        if self.manifest.scenario_sha256 not in ("", hash_of(content)):
            raise self.changed()
        return text

    def changed(self) -> StoreError:
        """Return the error that says that the scenario is not the one that was run."""
        return StoreError("scenario_changed", path=str(self.path / SCENARIO), folder=str(self.path))

    def note_hashes(self) -> list[str]:
        """Note the hashes of files that earlier versions did not note; return their names.

        To be called by the one writer of the folder, once all of it has been checked.

        Raises
        ------
        StoreError : a file cannot be read, or the manifest not be written.
        """
        fields = {"scenario_sha256": SCENARIO, "summary_sha256": SUMMARY}
        changes, noted = {}, []
        for field, name in fields.items():
            path = self.path / name
            if getattr(self.manifest, field) or not path.exists():
                continue
            try:
                changes[field] = hash_of(read_bounded(path, _MOST_SUMMARY_BYTES))
            except OSError as error:
                raise StoreError("part_broken", path=str(path), folder=str(self.path)) from error
            noted.append(name)
        if changes:
            self._update(**changes)
        return noted

    def check_digest(self, digest: str) -> None:
        """Refuse a scenario that is not the one that was run.

        Parameters
        ----------
        digest : reckoned anew from `scenario.yaml`.

        Raises
        ------
        StoreError : it differs from the manifest's.
        """
        if digest != self.manifest.digest:
            raise self.changed()

    def read_parts(self, labels: Labels, n: int | None = None) -> Iterator[Part]:
        """Yield the parts in order, replications numbered below n only.

        Raises
        ------
        StoreError : a part is missing, its bytes differ from the manifest, or it holds no part.
        """
        for entry in self.manifest.parts:
            if n is not None and entry.first >= n:
                return
            columns = self._columns(entry, labels)
            n_rows = (entry.last if n is None else min(entry.last, n)) - entry.first
            yield Part(entry.first, replications_of(columns, labels, n_rows))

    def read_column(self, name: str, n: int, labels: Labels | None = None) -> Any:
        """Return one column of the first n replications that are there, (n,).

        Parameters
        ----------
        labels : of the run's plan; with them all of a part is checked, not its bytes only.
        """
        columns, n_read = [], 0
        for entry in self.manifest.parts:
            if n_read >= n:
                break
            if labels is not None:
                columns.append(self._columns(entry, labels)[name])
            else:
                content = self._bytes_of(entry.file, entry.sha256, _MOST_PART_BYTES)
                n_rows = entry.last - entry.first
                try:
                    columns.append(read_one(content, name, n_rows, _MOST_PART_BYTES))
                except PartBrokenError as error:
                    raise self.broken(entry.file) from error
            n_read += entry.last - entry.first
        return np.concatenate(columns)[:n] if columns else np.empty(0)

    def broken(self, file: str) -> StoreError:
        """Return the error that says that a part is not what was written."""
        return StoreError("part_broken", path=str(self.path / file), folder=str(self.path))

    def broken_at(self, replication: int) -> StoreError:
        """Return the error of the part that holds a replication."""
        return next(
            self.broken(part.file)
            for part in self.manifest.parts
            if part.first <= replication < part.last
        )

    def _columns(self, entry: PartEntry, labels: Labels) -> dict[str, Any]:
        most = most_bytes(labels, entry.last - entry.first)
        content = self._bytes_of(entry.file, entry.sha256, most)
        try:
            return read_columns(content, labels, entry.first, entry.last)
        except PartBrokenError as error:
            raise self.broken(entry.file) from error

    def _bytes_of(self, file: str, sha256: str, most: int) -> bytes:
        try:
            content = read_bounded(self.path / file, most)
        except OSError as error:
            raise self.broken(file) from error
        if hash_of(content) != sha256:
            raise self.broken(file)
        return content

    def begin(self, asked: int) -> None:
        """Note that replications are being added, up to the one before this number."""
        self._update(replications_asked=asked, end=None)

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

        Raises
        ------
        IncompleteError : the folder was deleted or changed by others meanwhile.
        StoreError : it cannot be written.
        """
        name = self._next_name()
        last = first + len(replications.is_met)
        numbers = np.arange(first, last, dtype=np.int64)
        worlds = world_numbers(numbers, n_worlds, round_size)
        with self._unchanged():
            sha256 = write_part(self.path / name, numbers, worlds, replications, labels)
            entry = PartEntry(file=name, first=first, last=last, sha256=sha256)
            if attempts is not None:
                beside = _beside(name)
                sha256 = write_attempts(self.path / beside, numbers, attempts, labels)
                kept = KeptFile(file=beside, sha256=sha256)
                entry = entry.model_copy(update={"activities": kept})
        self._update(parts=[*self.manifest.parts, entry], replications_done=last)

    def copy_part(self, part: PartEntry, source: RunFolder, labels: Labels) -> None:
        """Take over a part of another run as it is."""
        name, n_rows = self._next_name(), part.last - part.first
        content = source._bytes_of(part.file, part.sha256, most_bytes(labels, n_rows))
        entry = part.model_copy(update={"file": name})
        with self._unchanged():
            write_atomic(self.path / name, content, makes_folder=False)
            if part.activities is not None:
                file, sha256 = part.activities.file, part.activities.sha256
                most = most_bytes(labels, n_rows, beside=True)
                content = source._bytes_of(file, sha256, most)
                write_atomic(self.path / _beside(name), content, makes_folder=False)
                kept = part.activities.model_copy(update={"file": _beside(name)})
                entry = entry.model_copy(update={"activities": kept})
        self._update(parts=[*self.manifest.parts, entry], replications_done=part.last)

    def _next_name(self) -> str:
        return f"part-{len(self.manifest.parts):05d}.parquet"

    def note_precision(self, precision: float) -> None:
        """Note the half-width that the run is to reach, if it is another than so far."""
        self._update(precision=precision)

    def finish(self, summary: dict[str, Any], asked: int) -> None:
        """Keep the answer and note the end of the run; what is noted already is not written again.

        Raises
        ------
        IncompleteError : the folder was deleted or changed by others, who may be at work.
        StoreError : it cannot be written.
        """
        is_noted = self.manifest.is_finished and self.manifest.replications_asked == asked
        if is_noted and self._says(summary) and not find_litter(self.path):
            return
        if not manifests.is_there(self.path):
            raise IncompleteError("folder_gone", path=str(self.path))
        try:
            with writing(self.path):
                if self._is_overtaken():
                    return
                self._finish(summary, asked)
        except StoreError as error:
            if not (is_noted and is_read_only(error)):
                raise

    def _finish(self, summary: dict[str, Any], asked: int) -> None:
        content = to_json(summary).encode()
        with self._unchanged():
            self._check_parts_there()
            if self._says(summary):
                content = read_bounded(self.path / SUMMARY, _MOST_SUMMARY_BYTES)
            write_atomic(self.path / SUMMARY, content, makes_folder=False)
        end = self.manifest.end
        self._update(
            end=end if end and self.manifest.replications_asked == asked else datetime.now(UTC),
            replications_asked=asked,
            summary_sha256=hash_of(content),
        )

    def _says(self, summary: dict[str, Any]) -> bool:
        """Return whether the answer kept is this one, whatever command printed it."""
        try:
            content = read_bounded(self.path / SUMMARY, _MOST_SUMMARY_BYTES)
            kept = json.loads(content)
            wanted = json.loads(to_json(summary))
        except (OSError, ValueError, RecursionError):
            return False
        if not isinstance(kept, dict) or self.manifest.summary_sha256 not in ("", hash_of(content)):
            return False
        return all(
            kept.get(key) == wanted.get(key)
            for key in {*kept, *wanted}
            if key not in _OF_THE_MOMENT
        )

    def read_answer(self) -> dict[str, Any] | None:
        """Return the answer as it was kept; None where there is none, or it was changed since."""
        try:
            content = read_bounded(self.path / SUMMARY, _MOST_SUMMARY_BYTES)
            kept = json.loads(content)
        except (OSError, ValueError, RecursionError):
            return None
        is_whole = isinstance(kept, dict) and hash_of(content) == self.manifest.summary_sha256
        return kept if is_whole else None

    def _is_overtaken(self) -> bool:
        """Return whether others have added replications since this run was read."""
        try:
            now, content = read_manifest(self.path)
        except StoreError as error:
            raise IncompleteError("folder_gone", path=str(self.path)) from error
        n = len(self.manifest.parts)
        if now.parts[:n] != self.manifest.parts:
            raise IncompleteError("folder_gone", path=str(self.path))
        if len(now.parts) == n:
            self.manifest, self._content = now, content
        return len(now.parts) > n

    @contextmanager
    def gone_if_empty(self) -> Iterator[None]:
        """Take the folder away again if work fails before its first part is whole."""
        try:
            yield
        except KlaSimError:
            if not self.manifest.parts and self._is_unchanged():
                self._take_away()
            raise

    def _take_away(self) -> None:
        """Remove the folder, the manifest after the parts: without it, parts are in the way."""
        for part in self.path.glob("*.parquet"):
            with suppress(OSError):
                part.unlink()
        shutil.rmtree(self.path, ignore_errors=True)

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Write inside only what is still the folder that was opened, as it was left."""
        self._check_unchanged()
        try:
            yield
        except StoreError:
            self._check_unchanged()  # what hinders is that it is gone
            raise

    def _check_unchanged(self) -> None:
        check_there(self.path)
        if not self._is_unchanged():
            raise IncompleteError("folder_gone", path=str(self.path))

    def _is_unchanged(self) -> bool:
        return self._has_manifest(self._content)

    def _has_manifest(self, content: bytes | None) -> bool:
        """Return whether the manifest is there with this content; with any, where none is given."""
        try:
            return content in (None, read_bounded(self.path / manifests.NAME, manifests.MOST_BYTES))
        except OSError:
            return False

    def _check_parts_there(self) -> None:
        for part in self.manifest.parts:
            files = [part.file, *([part.activities.file] if part.activities else [])]
            if not all((self.path / file).is_file() for file in files):
                raise IncompleteError("folder_gone", path=str(self.path))

    def _update(self, **changes: Any) -> None:
        if all(getattr(self.manifest, field) == value for field, value in changes.items()):
            return
        updated = {**changes, "updated": datetime.now(UTC)}
        changed = self.manifest.model_copy(update=updated)
        content = changed.content()
        with self._unchanged():
            try:
                write_atomic(self.path / manifests.NAME, content, makes_folder=False)
            finally:  # a network disk may rename and tell that it failed
                if self._has_manifest(content):
                    self.manifest, self._content = changed, content


def _beside(part: str) -> str:
    """Return the name of the file beside a part that holds its activities."""
    return part.replace("part-", "activities-")


def open_folder(path: Path) -> RunFolder:
    """Open a run folder to read it.

    Raises
    ------
    StoreError : there is no manifest, or it cannot be read or believed.
    """
    return RunFolder(path, *read_manifest(path))


def open_to_read(results: Path, manifest: Manifest) -> RunFolder | None:
    """Open the folder of a run if it is there; nothing is written and nothing is locked.

    Raises
    ------
    StoreError : the folder holds another run (digest, seed, engine, model version).
    """
    path = results / run_name(manifest)
    if not manifests.is_there(path):
        return None
    folder = open_folder(path)
    for field in IDENTITY:
        found, asked = getattr(folder.manifest, field), getattr(manifest, field)
        if found != asked:
            raise StoreError(
                "other_run", path=str(path), field=field, found=str(found), asked=str(asked)
            )
    return folder


def open_or_create(results: Path, manifest: Manifest, resolved: str) -> RunFolder:
    """Open the folder of a run, or create it with its manifest and resolved scenario.

    To be called by the one writer of the folder (`writing`).

    Parameters
    ----------
    resolved : the resolved scenario as YAML.

    Raises
    ------
    StoreError : the folder holds another run (digest, seed, engine, model version) or something
        else, or cannot be written.
    """
    folder = open_to_read(results, manifest)
    if folder is not None:
        return folder
    path = results / run_name(manifest)
    try:
        path.mkdir(parents=True, exist_ok=True)
        others = {*path.iterdir()} - {path / LOCK, path / WRITER, path / SCENARIO}
        others -= {*find_litter(path)}
    except OSError as error:
        raise cannot_write(path, error) from error
    if others:
        raise StoreError("no_manifest", path=str(path))
    content = resolved.encode()
    begun = manifest.model_copy(
        update={"scenario_sha256": hash_of(content), "updated": datetime.now(UTC)}
    )
    check_there(path)
    write_atomic(path / SCENARIO, content, makes_folder=False)
    write_atomic(path / manifests.NAME, begun.content(), makes_folder=False)
    return RunFolder(path, begun, begun.content())

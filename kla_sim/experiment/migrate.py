"""Old files in the shape of the present program: scenarios, and folders of runs.

A run's futures are never changed: what its earlier writer did not note is noted, once everything in
the folder has been held against its manifest. Called by the command `migrate`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from kla_sim import store
from kla_sim.errors import UsageError
from kla_sim.experiment.run import read_run, scenario_of
from kla_sim.scenario.migration import migrate_scenario
from kla_sim.scenario.model import MODEL_VERSION
from kla_sim.writing import made_whole


class Outcome(NamedTuple):
    """What became of an old file or folder.

    Attributes
    ----------
    path : where the present form is.
    before, after : schemas.
    noted : files of a run whose hashes were not noted before.
    model_version : of a run; None for a scenario.
    """

    path: Path
    before: int
    after: int
    noted: tuple[str, ...] = ()
    model_version: int | None = None

    @property
    def has_changed(self) -> bool:
        """Whether anything was to be done."""
        return self.before != self.after or bool(self.noted)

    @property
    def is_of_old_model(self) -> bool:
        """Whether a run was made by another model, so that it can be read but not continued."""
        return self.model_version not in (None, MODEL_VERSION)


def migrate(old: Path, new: Path | None) -> Outcome:
    """Bring a scenario file or a run folder to the present form.

    Parameters
    ----------
    new : where to write it; None = in place.

    Raises
    ------
    ScenarioError, StoreError, UsageError : it is none, it is newer than the program, what it holds
        was changed, or something is at the new place already.
    """
    if new is not None and new.exists():
        raise UsageError("file_exists", file=str(new))
    return _migrate_run(old, new) if old.is_dir() else _migrate_file(old, new)


def _migrate_file(old: Path, new: Path | None) -> Outcome:
    found = migrate_scenario(old)
    place = new or old
    if new is not None or found.before != found.after:
        store.write_atomic(place, found.text)
    return Outcome(place, found.before, found.after)


def _migrate_run(old: Path, new: Path | None) -> Outcome:
    _check_whole(store.open_folder(old))
    if new is None:
        with store.writing(old):
            return _noted(old)
    try:
        with made_whole(new) as staging:
            ours = shutil.ignore_patterns(".lock", ".writer")
            shutil.copytree(old, staging, ignore=ours, copy_function=_copied)
            outcome = _noted(staging)
    except OSError as error:
        raise store.cannot_write(new, error) from error
    return outcome._replace(path=new)


def _copied(source: str, target: str) -> None:
    """Copy a file; an error of ours ends the copying of a folder, which would collect others."""
    try:
        shutil.copy2(source, target)
    except OSError as error:
        raise store.cannot_write(Path(target), error) from error


def _noted(place: Path) -> Outcome:
    """Note in a run's manifest what its earlier writer did not."""
    folder = store.open_folder(place)
    noted = folder.note_hashes()
    version = folder.manifest.schema_version
    return Outcome(place, version, version, tuple(noted), folder.manifest.model_version)


def _check_whole(folder: store.RunFolder) -> None:
    """Refuse a run of which anything is missing or changed."""
    scenario_of(folder)
    if folder.manifest.parts:
        read_run(folder)

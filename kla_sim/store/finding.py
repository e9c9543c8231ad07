"""Which runs there are, and which one is meant: by path, exact name, unique prefix or `latest`.

A folder whose manifest is not one of ours is named to the caller and passed over, unless it is the
one that was asked for. Only the manifests that can be meant are read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kla_sim.errors import StoreError
from kla_sim.store.folder import RunFolder, open_folder
from kla_sim.store.manifest import is_there

LATEST = "latest"
_MOST_NAMED = 8

PassOver = Callable[[StoreError], None]
"""Told of each folder that is passed over, and why."""


def list_runs(results: Path, pass_over: PassOver | None = None) -> list[RunFolder]:
    """Return the runs below a folder, the one written to last at the end."""
    return _open_all(_folders(results), pass_over)


def find_run(results: Path, reference: str, pass_over: PassOver | None = None) -> RunFolder:
    """Find a run by its path, its exact name, a unique prefix of its name, or as `latest`.

    Raises
    ------
    StoreError : there is none, the prefix fits several, or what is meant cannot be read.
    """
    exact = [Path(reference)]
    if reference not in ("", LATEST) and Path(reference).name == reference:
        exact.append(results / reference)
    for path in exact:
        if _is_run(path):
            return open_folder(path)
    folders = _folders(results)
    is_latest = reference == LATEST
    meant = [path for path in folders if is_latest or path.name.startswith(reference)]
    refused: list[StoreError] = []
    runs = _open_all(meant, refused.append)
    if not runs and refused and not is_latest:
        raise refused[0]
    for error in refused:
        if pass_over is not None:
            pass_over(error)
    if runs and (is_latest or len(runs) == 1):
        return runs[-1]
    is_path = Path(reference).name != reference
    code = "several_runs" if runs else "no_run_at" if is_path else "no_such_run"
    named = [run.path.name for run in runs] or [path.name for path in folders]
    names = ", ".join(named[:_MOST_NAMED]) or "-"
    raise StoreError(code, reference=reference, results=str(results), names=names)


def _folders(results: Path) -> list[Path]:
    """Return the folders that have something called a manifest, hidden ones left out."""
    try:
        entries = sorted(results.iterdir())
    except (OSError, ValueError):
        return []
    return [path for path in entries if not path.name.startswith(".") and _is_run(path)]


def _is_run(path: Path) -> bool:
    try:
        return path.is_dir() and is_there(path)
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def _open_all(folders: list[Path], pass_over: PassOver | None) -> list[RunFolder]:
    runs = []
    for path in folders:
        try:
            runs.append(open_folder(path))
        except StoreError as error:
            if pass_over is not None:
                pass_over(error)
    return sorted(runs, key=lambda run: (run.manifest.written, run.path.name))

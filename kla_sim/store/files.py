"""Files written whole or not at all, and what killed writes left behind.

Content that is there already is not written again, so that a folder that needs nothing keeps its
bytes and times. Used by all who write results. Not here: how a file is put into its place whole
(`kla_sim.writing`), and who may write a folder (`lock`).
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from kla_sim.errors import StoreError
from kla_sim.language.safe import for_json
from kla_sim.reading import read_bounded
from kla_sim.writing import full_error, remove_left_by_the_dead, write_whole

READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
"""What the operating system answers where nothing may be written."""

_LITTER = re.compile(r"\..*\.(?:parquet|json|yaml|svg|png|csv|html|xlsx|writer)\.\d+")

_OF_FIRST = re.compile(r"first-\d+")
"""Below the plots of a run those of its first futures."""


def write_atomic(path: Path, content: str | bytes, *, makes_folder: bool = True) -> None:
    """Write a whole file or nothing; what is there already is not written again.

    What killed writes of the same file have left beside it is removed.

    Parameters
    ----------
    makes_folder : whether a missing folder is made.

    Raises
    ------
    FullError : the disk, a quota or a limit on files holds no more.
    StoreError : the folder cannot be written.
    """
    wanted = content.encode() if isinstance(content, str) else content
    remove_left_by_the_dead(path)
    if _holds(path, wanted):
        return
    try:
        if makes_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, wanted)
    except OSError as error:
        raise cannot_write(path, error, len(wanted)) from error


def cannot_write(path: Path, error: OSError, n_bytes: int = 0) -> StoreError:
    """Return the error that says that a file or folder cannot be written, and what to do.

    Parameters
    ----------
    n_bytes : of what was to be written.
    """
    full = full_error(path, error, n_bytes)
    return full or StoreError("cannot_write", path=str(path), reason=error)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.lstat().st_size == len(content) and read_bounded(path, len(content)) == content
    except (OSError, ValueError):
        return False


def is_read_only(error: StoreError) -> bool:
    """Return whether a write failed because nothing may be written there."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in READ_ONLY


def find_litter(folder: Path) -> list[Path]:
    """Return what killed writes left of a folder: files inside, half-made folders beside it."""
    beside = re.compile(rf"\.{re.escape(folder.name)}\.\d+")
    plots = folder / "plots"
    return [
        *(
            path
            for place in (folder, plots, folder / "export", *_entries(plots, _OF_FIRST))
            for path in _entries(place, _LITTER)
        ),
        *(path for path in _entries(folder.parent, beside) if path.is_dir()),
    ]


def remove_litter(folder: Path) -> None:
    """Remove what killed writes left; only the one writer of a folder may."""
    for path in find_litter(folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _entries(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if pattern.fullmatch(path.name)]
    except OSError:
        return []


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


def to_json(document: Any) -> str:
    """Return a document as JSON text, floats in their shortest exact form, NaN as null."""
    return for_json(json.dumps(_without_nan(document), indent=1, ensure_ascii=False)) + "\n"


def printable(text: str) -> str:
    """Return a text as UTF-8 can hold it: what a file's name has of other bytes is escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value

"""Writes files and folders whole or not at all, and removes what killed writes of them have left.

A file is made under another name beside its place, brought to the disk, and only then given its
own name; so is a folder. Callers catch `OSError` and say it in their own words; that a disk, a
quota or a limit holds no more is said in the same words by all (`full_error`). Not here: who may
write a run folder (`store.lock`).
"""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kla_sim.errors import FullError

_MEGABYTE = 1e6


def write_whole(path: Path, content: bytes) -> None:
    """Put a file into its place, whatever is there.

    Raises
    ------
    OSError : it cannot be written; what was there is there still.
    """
    with _staged(path, content) as staging:
        staging.replace(path)
    _sync_folder(path.parent)


def write_whole_new(path: Path, content: bytes) -> None:
    """Put a file where nothing is yet, and remove what killed writes of the same file have left.

    Raises
    ------
    FileExistsError : something is there.
    OSError : it cannot be written; nothing is there then.
    """
    remove_left_by_the_dead(path)
    with _staged(path, content) as staging:
        try:
            os.link(staging, path)
            staging.unlink()
        except OSError as error:
            # without hard links two at once may overwrite each other, but none is ever half there
            if isinstance(error, FileExistsError) or os.path.lexists(path) or is_full(error):
                raise
            staging.replace(path)
    _sync_folder(path.parent)


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """Let a folder be made under another name, and give it its own once the block has ended.

    Raises
    ------
    OSError : it cannot be put in its place; nothing is there then.
    """
    remove_left_by_the_dead(folder)
    staging = _staging(folder)
    try:
        yield staging
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _sync_folder(folder.parent)


@contextmanager
def _staged(path: Path, content: bytes) -> Iterator[Path]:
    """Write a content under a name of its own; where what follows fails, that is gone again."""
    staging = _staging(path)
    try:
        with staging.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield staging
    except BaseException:
        with suppress(OSError):  # on a disk that cannot be written there is nothing to remove
            staging.unlink(missing_ok=True)
        raise


def _staging(path: Path) -> Path:
    """Return the name under which this process makes a file or folder."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def remove_left_by_the_dead(path: Path) -> None:
    """Remove what killed writes of a file or folder have left beside its place."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.([0-9]{{1,10}})")
    with suppress(OSError):
        for name in os.listdir(path.parent):  # noqa: PTH208 - a path of each part takes too long
            left = pattern.fullmatch(name)
            if left and not is_alive(int(left[1])):
                _remove(path.with_name(name))


def _remove(entry: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
        return
    with suppress(OSError):
        entry.unlink()


def is_alive(process: int) -> bool:
    """Return whether a process of this machine lives; where asking could harm it, it does."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return process > 0


def _sync_folder(folder: Path) -> None:
    """Bring a rename to the disk, where folders can be opened for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_full(error: OSError) -> bool:
    """Return whether a write failed because the disk, a quota or a limit holds no more."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def full_error(path: Path, error: OSError, n_bytes: int = 0) -> FullError | None:
    """Return what to tell where a disk, a quota or a limit holds no more; None if it is not that.

    Parameters
    ----------
    n_bytes : of the file that did not fit.
    """
    if not is_full(error):
        return None
    megabytes = max(0.1, math.ceil(10 * n_bytes / _MEGABYTE) / 10)
    if error.errno == errno.EFBIG:
        return FullError("file_limit", path=str(path), megabytes=megabytes)
    folder = str(path.parent)
    return FullError("disk_full", path=str(path), reason=error, megabytes=megabytes, folder=folder)

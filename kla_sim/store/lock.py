"""One writer at a time per folder, held by the operating system.

The kernel lets go of a lock when its process ends, however it ends, so that a dead process blocks
nobody. The lock is a file inside the folder that is never removed by itself; beside it the holder
writes who it is, for the others to be told. Reading needs no lock: what a manifest names is never
written again.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from kla_sim.errors import IncompleteError, StoreError
from kla_sim.reading import read_bounded
from kla_sim.store.files import READ_ONLY, cannot_write, remove_litter, write_atomic
from kla_sim.writing import is_alive

LOCK, WRITER = ".lock", ".writer"
PATIENCE = 10.0
"""Seconds to wait for folders that are written within moments: plots, forecasts, posteriors."""

_LEAST_PATIENCE = 0.15
_PAUSE = 0.03
_ATTEMPTS = 40
_MOST_BYTES = 4096


class _Hold(NamedTuple):
    """A folder that this thread writes: what identifies it, kept open where that is possible."""

    identity: tuple[int, int]
    release: Callable[[], None]


class _Mine(threading.local):
    """What this thread holds, and until when."""

    def __init__(self) -> None:
        self.holds: dict[Path, _Hold] = {}
        self.scope: ExitStack | None = None


_mine = _Mine()


@contextmanager
def locks_kept() -> Iterator[None]:
    """Keep every folder that is taken inside until the block ends: the whole of a command."""
    if _mine.scope is not None:
        yield
        return
    with ExitStack() as scope:
        _mine.scope = scope
        try:
            yield
        finally:
            _mine.scope = None


@contextmanager
def writing(folder: Path, patience: float = 0.0) -> Iterator[None]:
    """Be the only writer of a folder, which is made if need be.

    Inside a block that holds the folder already nothing happens. Where the disk cannot be written
    nothing is held either, so that what needs no writing goes on; a write then fails by itself.

    Parameters
    ----------
    patience : seconds to wait for another writer.

    Raises
    ------
    IncompleteError : another process writes the folder, or it was deleted meanwhile.
    StoreError : the folder cannot be made.
    """
    place = folder.resolve()
    if place in _mine.holds:
        yield
    elif _mine.scope is not None:
        _mine.scope.enter_context(_holding(folder, place, patience))
        yield
    else:
        with _holding(folder, place, patience):
            yield


def check_there(folder: Path) -> None:
    """Refuse to go on in a folder that was deleted or replaced since it was taken.

    Raises
    ------
    IncompleteError : it was.
    """
    hold = _mine.holds.get(folder.resolve())
    try:
        is_same = hold is None or _identity(folder) == hold.identity
    except OSError:
        is_same = False
    if not is_same:
        raise IncompleteError("folder_gone", path=str(folder))


@contextmanager
def _holding(folder: Path, place: Path, patience: float) -> Iterator[None]:
    hold = _take(folder, patience)
    if hold is None:
        yield
        return
    _mine.holds[place] = hold
    try:
        remove_litter(folder)
        yield
        check_there(folder)
    finally:
        del _mine.holds[place]
        hold.release()


def _take(folder: Path, patience: float) -> _Hold | None:
    """Return the hold on a folder; None where the disk cannot be written."""
    from filelock import FileLock, Timeout

    for attempt in range(_ATTEMPTS):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / LOCK)
            lock.acquire(timeout=max(patience, _LEAST_PATIENCE), poll_interval=_PAUSE)
        except Timeout as error:
            raise IncompleteError("folder_busy", path=str(folder), **_holder(folder)) from error
        except OSError as error:
            is_vanishing = isinstance(error, FileNotFoundError) and attempt < _ATTEMPTS - 1
            if is_vanishing and folder.parent.is_dir():  # deleted between making and locking it
                time.sleep(_PAUSE)
                continue
            if error.errno in READ_ONLY and folder.is_dir():
                return None
            raise cannot_write(folder, error) from error
        return _hold_of(folder, lock)
    return None


def _hold_of(folder: Path, lock: Any) -> _Hold:
    handle: int | None = None
    with suppress(OSError):  # an open folder's number is not given to another one
        handle = os.open(folder, os.O_RDONLY)

    def release() -> None:
        with suppress(OSError):
            if _identity(folder) == identity:
                (folder / WRITER).unlink()
        if handle is not None:
            os.close(handle)
        lock.release()

    try:
        identity = _identity(folder)
    except OSError as error:
        lock.release()
        raise IncompleteError("folder_gone", path=str(folder)) from error
    with suppress(StoreError):  # a full disk: what is to be written will say so
        me = {"process": os.getpid(), "machine": platform.node()}
        write_atomic(folder / WRITER, json.dumps(me), makes_folder=False)
    return _Hold(identity, release)


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def _holder(folder: Path) -> dict[str, str]:
    """Return the process and machine that hold a folder; a word of a dead process is not told."""
    told = {"process": "?", "machine": "?"}
    for _ in range(_ATTEMPTS):
        with suppress(OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            said = json.loads(read_bounded(folder / WRITER, _MOST_BYTES))
            process, machine = int(said["process"]), str(said["machine"])[:100]
            if machine.isprintable() and (machine != platform.node() or is_alive(process)):
                return {"process": str(process), "machine": machine}
        time.sleep(_PAUSE)
    return told

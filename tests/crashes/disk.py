"""A disk that refuses, or a machine that dies, at one chosen touch of a folder.

Every call that changes something below the folder is counted: making and removing files and
folders, opening a file to write, each write, flush, close and fsync, each rename and link. The
chosen one is refused (the first half of a write is done before), or done and told as refused, as
may happen on a disk behind a network, or is the process's last. Wraps what `pathlib`, `shutil` and
`filelock` call in `os` and `io`.
"""

import errno
import io
import os
import shutil
import signal
from contextlib import contextmanager
from functools import partial
from pathlib import Path

NAMING = ("replace", "rename", "link")
REFUSABLE = ("mkdir", "rmdir", "unlink", *NAMING)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Disk:
    """Counts the touches of a folder, and does something at one of them.

    Parameters
    ----------
    at : number of the touch, counted from 1; 0 = none.
    error : what the touch is refused with; None kills the process instead.
    stays : whether all later touches are refused as well, as on a disk that is full.
    is_done : whether a file that is given another name has it, although that is refused.
    """

    def __init__(self, folder, at=0, error=None, *, stays=False, is_done=False):
        self.folder, self.at, self.error = str(folder), at, error
        self.stays, self.is_done = stays, is_done
        self.touches = []

    def is_below(self, path):
        if isinstance(path, int):
            path = Path(f"/proc/self/fd/{path}").readlink()
        return os.path.abspath(os.fsdecode(path)).startswith(self.folder)  # noqa: PTH100

    def touch(self, name, path, first=None):
        """Count a touch; `first` is what is done even if it is refused."""
        if not self.is_below(path):
            return
        self.touches.append(name)
        n = len(self.touches)
        if not self.at or n < self.at or (n > self.at and not self._is_refused_on(name)):
            return
        if first is not None:
            first()
        if self.error is None:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.error, os.strerror(self.error), str(path))

    def _is_refused_on(self, name):
        """Return whether a later touch is refused too; what takes no room a full disk allows."""
        takes_room = name not in ("unlink", "rmdir", "replace", "rename")
        return self.stays and (takes_room or self.error == errno.EROFS)


class _File:
    """A file opened to write, of which each step is a touch."""

    def __init__(self, file, disk, path):
        self._file, self._disk, self._path = file, disk, path

    def write(self, content):
        def first_half():
            self._file.write(content[: len(content) // 2])
            self._file.flush()

        self._disk.touch("write", self._path, first_half)
        return self._file.write(content)

    def flush(self):
        self._disk.touch("flush", self._path)
        self._file.flush()

    def close(self):
        is_open = not self._file.closed
        self._file.close()
        if is_open:
            self._disk.touch("close", self._path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getattr__(self, name):
        return getattr(self._file, name)


@contextmanager
def watched(disk, monkeypatch):
    """Let a disk see all touches inside the block."""
    plain_open, plain_io, plain_sync = os.open, io.open, os.fsync

    def refusing(name):
        plain = getattr(os, name)

        def call(path, *more, **named):
            is_done = disk.is_done and name in NAMING
            disk.touch(name, path, partial(plain, path, *more, **named) if is_done else None)
            return plain(path, *more, **named)

        return call

    def open_number(path, flags, *more, **named):
        if flags & _WRITING:
            disk.touch("open", path)
        return plain_open(path, flags, *more, **named)

    def open_file(path, mode="r", *more, **named):
        if not set(mode) & set("wax+") or isinstance(path, int) or not disk.is_below(path):
            return plain_io(path, mode, *more, **named)
        disk.touch("open", path)
        return _File(plain_io(path, mode, *more, **named), disk, path)

    def sync(file):
        disk.touch("fsync", file if isinstance(file, int) else file.fileno())
        return plain_sync(file)

    with monkeypatch.context() as patch:
        for name in REFUSABLE:
            patch.setattr(os, name, refusing(name))
        patch.setattr(os, "open", open_number)
        patch.setattr(io, "open", open_file)
        patch.setattr(shutil, "open", open_file, raising=False)
        patch.setattr(shutil, "_USE_CP_SENDFILE", False)  # copies are written, hence seen
        patch.setattr(os, "fsync", sync)
        yield disk


def contents(folder):
    """Return the content of every file below a folder by its path in it; folders end with `/`."""
    return {
        str(path.relative_to(folder)) + ("/" if path.is_dir() else ""): (
            b"" if path.is_dir() else path.read_bytes()
        )
        for path in sorted(Path(folder).rglob("*"))
    }

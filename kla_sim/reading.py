"""Reads files that somebody else may have put there: regular ones of a bounded size, no others.

A pipe or a device would block or never end, a huge file would fill the memory; both are refused
before a byte is read. Callers catch `OSError` and say it in their own words.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)  # fmt: skip

_MOST_IN_PLACE = 2**24


class UnfitFileError(OSError):
    """A file is not what may be read: no regular file, or larger than allowed."""


def read_bounded(path: Path, most_bytes: int, *, follows_links: bool = False) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    most_bytes : a larger file is refused unread.
    follows_links : whether the name may be a symbolic link.

    Raises
    ------
    UnfitFileError : it is no regular file, or larger.
    OSError : it is not there or cannot be read.
    """
    try:
        # A device can act on being opened: look before, and once more at what was opened.
        found = path.stat() if follows_links else path.lstat()
        _check(found, path, most_bytes)
        flags = _FLAGS | (0 if follows_links else getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(os.open(path, flags), "rb") as file:
            _check(os.fstat(file.fileno()), path, most_bytes)
            content = file.read(most_bytes + 1)
    except ValueError as error:  # a NUL in the name
        raise UnfitFileError(errno.EINVAL, os.strerror(errno.EINVAL), str(path)) from error
    if len(content) > most_bytes:
        raise _too_large(path)
    return content


def read_in_place(path: Path) -> str:
    """Return the text that stands in the place of a file to be written, to hold it against that.

    Nothing where it is no file to be read: whatever is to be written there, it is something else.
    Ends of lines are those of Python, as editors may have changed them.

    Raises
    ------
    OSError : it cannot be read.
    """
    try:
        content = read_bounded(path, _MOST_IN_PLACE, follows_links=True)
    except UnfitFileError:
        return ""
    return content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _check(found: os.stat_result, path: Path, most_bytes: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnfitFileError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    if found.st_size > most_bytes:
        raise _too_large(path)


def _too_large(path: Path) -> UnfitFileError:
    return UnfitFileError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))

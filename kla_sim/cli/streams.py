"""Standard output and error as they come: closed, full, broken, or of another encoding.

`cli.main` prepares both before anything is written, and asks at the end whether all of it arrived.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def prepare_streams() -> None:
    """Write UTF-8 whatever the terminal's locale says, and nowhere where a stream is closed."""
    _fill_closed_places()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _fill_closed_places() -> None:
    """Open nothing at 0, 1 and 2 where they are closed, lest the next file opened stand there."""
    for place in (0, 1, 2):
        try:
            os.fstat(place)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def flush_streams() -> None:
    """Write out what is still held back.

    Raises
    ------
    OSError : standard output does not take it.
    """
    sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()


def is_output_lost() -> bool:
    """Return whether standard output refuses what was written to it."""
    try:
        sys.stdout.flush()
    except OSError:
        return True
    return False


def silence_output() -> None:
    """Let go of what standard output refuses, so that nothing complains of it at the very end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.__stdout__.fileno() if sys.__stdout__ else 1)
        os.close(nowhere)
    sys.stdout = sys.__stdout__ or sys.stdout


def say(message: str) -> None:
    """Say something on standard error, if anybody can hear it."""
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)

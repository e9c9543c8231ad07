"""Standard output and error as they come: closed, full, broken, or of another encoding.

`cli.main` prepares both before anything is written, and asks at the end whether all of it arrived.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress


class _WatchedOutput(io.TextIOWrapper):
    """Standard output that remembers whether it ever refused what was written to it."""

    is_lost = False
    before: io.TextIOWrapper | None = None  # closes what both write to, once nobody holds it

    def write(self, text: str, /) -> int:
        """Write a text, noting a refusal."""
        try:
            return super().write(text)
        except OSError:
            self.is_lost = True
            raise

    def flush(self) -> None:
        """Write out what is held back, noting a refusal."""
        try:
            super().flush()
        except OSError:
            self.is_lost = True
            raise


def prepare_streams() -> None:
    """Write UTF-8 whatever the terminal's locale says, and nowhere where a stream is closed."""
    _fill_closed_places()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def watch_output() -> None:
    """Note from now on whether standard output takes what is written to it."""
    output = sys.stdout
    if isinstance(output, io.TextIOWrapper) and not isinstance(output, _WatchedOutput):
        watched = _WatchedOutput(
            output.buffer,
            encoding=output.encoding,
            errors=output.errors,
            line_buffering=output.line_buffering,
            write_through=output.write_through,
        )
        watched.before = output
        sys.stdout = watched


def is_output_lost() -> bool:
    """Return whether standard output refused what was written to it."""
    return isinstance(sys.stdout, _WatchedOutput) and sys.stdout.is_lost


def flush_streams() -> None:
    """Write out what is still held back.

    Raises
    ------
    OSError : standard output does not take it.
    """
    sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()


def silence_output() -> None:
    """Let go of what standard output refuses, so that nothing complains of it at the very end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def say(message: str) -> None:
    """Say something on standard error, if anybody can hear it."""
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def _fill_closed_places() -> None:
    """Open nothing at 0, 1 and 2 where they are closed, lest the next file opened stand there."""
    for place in (0, 1, 2):
        try:
            os.fstat(place)
        except OSError:
            os.open(os.devnull, os.O_RDWR)

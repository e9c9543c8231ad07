"""Ctrl-C and the signals that end a program: the first stops cleanly, the second at once.

`cli.main` listens while a command runs. Work that is under way when the first comes is given up,
what is kept is said, and the exit code is 128 and the number of the signal.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from types import FrameType
from typing import NoReturn

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_SECONDS_OF_ONE_STOP = 0.05
"""Signals closer than this are one: `timeout` sends to the program, and again to its group."""

_FIRST_CODE_OF_STOPS = 3
"""0 to 2 end a command in the common way; all others leave work behind."""

_SHOW_CURSOR = "\x1b[?25h"


class Stops:
    """The signals heard so far."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._heard_at = 0.0

    @property
    def exit_code(self) -> int:
        """128 and the signal that came first, as shells count; Ctrl-C where none was heard."""
        return 128 + (self._first or signal.SIGINT)

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Stop what runs; if that is under way already, end at once."""
        if self._first is None:
            self._first, self._heard_at = number, monotonic()
            raise KeyboardInterrupt
        if monotonic() - self._heard_at > _SECONDS_OF_ONE_STOP:
            _end_at_once(self.exit_code)


@contextmanager
def stopped_by_signals() -> Iterator[Stops]:
    """Listen to the signals that end a program, but for those that it was told to ignore."""
    stops = Stops()
    if threading.current_thread() is not threading.main_thread():
        yield stops
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    listened = [number for number in numbers if before[number] not in (signal.SIG_IGN, None)]
    try:
        for number in listened:
            signal.signal(number, stops.hear)
        yield stops
    finally:
        for number in listened:
            signal.signal(number, before[number])


def leave(code: int, *, is_program: bool) -> NoReturn:
    """Exit with a code; after a stop, not waiting for threads whose work nobody wants any more.

    Parameters
    ----------
    is_program : whether the process was started for this command, and so may end with it.
    """
    if not is_program or code < _FIRST_CODE_OF_STOPS:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _end_at_once(code: int) -> None:
    with suppress(Exception):  # a list that another thread changes; workers end by themselves too
        for worker in multiprocessing.active_children():
            worker.kill()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, _SHOW_CURSOR.encode())
    os._exit(code)

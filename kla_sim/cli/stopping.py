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

_SECONDS_TO_TRY_AGAIN = 0.02
_FIRST_CODE_OF_STOPS = 3
"""0 to 2 end a command in the common way; all others leave work behind."""

_SHOW_CURSOR = "\x1b[?25h"


class _Stop(KeyboardInterrupt):
    """What the first signal raises, where the program happens to be."""


class Stops:
    """The signals heard so far."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._heard_at = 0.0
        self._is_lost = False
        self._tell_dropped = sys.unraisablehook

    @property
    def exit_code(self) -> int:
        """128 and the signal that came first, as shells count; Ctrl-C where none was heard."""
        return 128 + (self._first or signal.SIGINT)

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Stop what runs; if that is under way already, end at once."""
        if self._first is None or self._is_lost:
            self._first, self._heard_at, self._is_lost = number, monotonic(), False
            raise _Stop
        if monotonic() - self._heard_at > _SECONDS_OF_ONE_STOP:
            _end_at_once(self.exit_code)

    def hear_of_lost(self, lost: sys.UnraisableHookArgs) -> None:
        """Stop again where the first stop was raised in code that cannot be stopped.

        Python drops what is raised while it collects garbage or is called back from machine code.
        Once a stop was heard, nothing else that is dropped is worth a word.
        """
        if self._first is None:
            self._tell_dropped(lost)
        elif isinstance(lost.exc_value, _Stop):
            self._is_lost = True
            again = threading.Timer(_SECONDS_TO_TRY_AGAIN, os.kill, (os.getpid(), self._first))
            again.daemon = True
            again.start()


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
    hook_before = sys.unraisablehook
    try:
        for number in listened:
            signal.signal(number, stops.hear)
        sys.unraisablehook = stops.hear_of_lost
        yield stops
    finally:
        sys.unraisablehook = hook_before
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

"""What every executor offers: where chunks are handed in, and how their results are waited for."""

from __future__ import annotations

import multiprocessing.resource_tracker
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

_TRACKER_IS_SILENT = "ignore:resource_tracker:UserWarning"


def await_result(future: Future[Any]) -> Any:
    """Wait for a result as long as it takes."""
    return future.result()


class Workplace(NamedTuple):
    """An executor, how many chunks it works on at once, and how to wait for a result of it."""

    executor: Executor
    n_workers: int
    await_result: Callable[[Future[Any]], Any] = await_result


OpenWorkplace = Callable[[], AbstractContextManager[Workplace]]
"""Opens a fresh workplace; called again when the last one broke."""


@contextmanager
def stop_signals_held(*more: signal.Signals) -> Iterator[None]:
    """Keep Ctrl-C and a lost terminal from processes started inside, which never hear of them.

    They inherit what is blocked here; the parent hears the signal as soon as the block ends. So
    the parent alone decides how work stops, and no worker prints a traceback of its own.

    Parameters
    ----------
    more : signals that wait as well; who starts a process has to let it hear them again.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP, *more})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_silent_tracker() -> None:
    """Start the process that takes away what killed processes leave, before others start it.

    It does so when the parent ends at once; that it then warns of a leak helps nobody.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, _TRACKER_IS_SILENT)))
    try:
        multiprocessing.resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before

"""Threads and processes on this machine, which end with the program however it ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from kla_sim.execution.workplace import (
    OpenWorkplace,
    Workplace,
    start_silent_tracker,
    stop_signals_held,
)

_SECONDS_TO_BURY = 5


def processes(n_workers: int) -> OpenWorkplace:
    """Return a way to open a pool of processes, started fresh so that no state is inherited."""

    @contextmanager
    def open_processes() -> Iterator[Workplace]:
        start_silent_tracker()
        context = _WorkerContext()
        executor = ProcessPoolExecutor(n_workers, mp_context=context)
        try:
            with _ended_at_once_on_error(executor):
                yield Workplace(executor, n_workers)
        except BaseException:
            context.kill_workers()
            raise

    return open_processes


def threads(n_workers: int) -> OpenWorkplace:
    """Return a way to open a pool of threads."""

    @contextmanager
    def open_threads() -> Iterator[Workplace]:
        executor = ThreadPoolExecutor(n_workers)
        with _ended_at_once_on_error(executor):
            yield Workplace(executor, n_workers)

    return open_threads


@contextmanager
def _ended_at_once_on_error(executor: Executor) -> Iterator[None]:
    """Wait for work that is done as asked; where it is stopped or fails, wait for none of it."""
    try:
        yield
        executor.shutdown()
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise


class _Worker(SpawnProcess):
    """A process that hears neither Ctrl-C nor the end of the terminal, and ends with its parent."""

    def start(self) -> None:
        """Start the process, deaf to what is meant for its parent."""
        with stop_signals_held():
            super().start()

    def run(self) -> None:
        """Work until told otherwise, or until the parent is gone."""
        threading.Thread(target=_end_with_parent, daemon=True).start()
        super().run()


class _WorkerContext(SpawnContext):
    """Starts the workers of one pool and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self._workers: list[_Worker] = []

    def Process(self, *args: Any, **kwargs: Any) -> _Worker:  # type: ignore[override]  # noqa: N802
        """Return a new worker; the pool calls this by the name that it has in Python."""
        worker = _Worker(*args, **kwargs)
        self._workers.append(worker)
        return worker

    def kill_workers(self) -> None:
        """End all workers now, whatever they are at."""
        started = [worker for worker in self._workers if worker.pid is not None]
        for worker in started:
            worker.kill()
        for worker in started:
            worker.join(_SECONDS_TO_BURY)


def _end_with_parent() -> None:
    """Wait for the end of the parent, even one by force, and end the process with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

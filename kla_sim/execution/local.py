"""Threads and processes on this machine, which end with the program however it ends.

Pools work on chunks; a `Companion` does one other thing, and whoever started it goes on without it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
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
        with stop_signals_held(signal.SIGTERM):  # a stop half-way would leave half a process
            super().start()

    def run(self) -> None:
        """Work until told otherwise, or until the parent is gone."""
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
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


class Companion:
    """A process that does one thing beside this one; started by `start`, ended by `kill`.

    Parameters
    ----------
    do : a function that can be pickled, called there with the subject; what it prints is lost.
    """

    def __init__(self, do: Callable[[Any], object], subject: Any) -> None:
        self._pipe, self._its_end = multiprocessing.Pipe()
        self._process = _Worker(target=_do_and_tell, args=(do, self._its_end), daemon=True)
        self._subject = subject
        self._fault: str | None = None

    def start(self) -> None:
        """Start the process.

        Raises
        ------
        OSError : the machine starts no more processes.
        """
        start_silent_tracker()
        self._process.start()
        self._its_end.close()
        threading.Thread(target=self._hand_over, daemon=True).start()

    def _hand_over(self) -> None:
        """Send the subject once the process is started, and not with what starts it.

        A process that is killed before it has read all of that would be waited for without end.
        """
        with suppress(OSError):  # it has ended, which `is_at_work` finds
            self._pipe.send(self._subject)

    @property
    def is_at_work(self) -> bool:
        """Whether the thing is neither done nor given up."""
        if self._fault is None and self._pipe.poll():
            try:
                self._fault = self._pipe.recv()
            except (EOFError, OSError):
                self._process.join(_SECONDS_TO_BURY)
                self._fault = f"exit code {self._process.exitcode}"
        return self._fault is None

    @property
    def fault(self) -> str:
        """What kept the thing from being done; empty where nothing did."""
        return self._fault or ""

    def kill(self) -> None:
        """End the process now, whatever it is at."""
        if self._process.pid is not None:
            self._process.kill()
            self._process.join(_SECONDS_TO_BURY)


def _do_and_tell(do: Callable[[Any], object], pipe: Connection) -> None:
    """Do a thing in silence, and send what went wrong; an empty text for nothing."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    try:
        do(pipe.recv())
    except Exception as error:  # told by the parent, which goes on
        pipe.send(f"{type(error).__name__}: {error}")
    else:
        pipe.send("")


def _end_with_parent() -> None:
    """Wait for the end of the parent, even one by force, and end the process with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""Where work runs: one `concurrent.futures.Executor` interface, results in order.

Work is cut into chunks of consecutive replications. Any executor, any number of workers and any
order give the same results; a chunk lost with its worker is submitted again. Not here: what a
chunk computes (`experiment`) and where results are kept (`store`).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, TypeVar

from kla_sim.errors import SimulationError, UsageError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_CHUNKS_AHEAD = 2
_MOST_LOSSES = 3
_SECONDS_TO_CONNECT = 10


class Workplace(NamedTuple):
    """An executor and how many chunks it works on at once."""

    executor: Executor
    n_workers: int


OpenWorkplace = Callable[[], AbstractContextManager[Workplace]]
"""Opens a fresh workplace; called again when the last one broke."""


def processes(n_workers: int) -> OpenWorkplace:
    """Return a way to open a pool of processes, started fresh so that no state is inherited."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    return lambda: _pool(ProcessPoolExecutor(n_workers, mp_context=context), n_workers)


def threads(n_workers: int) -> OpenWorkplace:
    """Return a way to open a pool of threads."""
    return lambda: _pool(ThreadPoolExecutor(n_workers), n_workers)


def dask(address: str | None, n_workers: int, versions: Callable[[], Any]) -> OpenWorkplace:
    """Return a way to open a Dask cluster: the one at an address, or a local one.

    Parameters
    ----------
    address : of a running scheduler, e.g. ``tcp://host:8786``; None starts a local cluster of
        n_workers processes. At an address, every thread of the cluster works.
    versions : what must be the same on every machine; called here and on each worker.

    Raises
    ------
    UsageError : dask is not installed, the address does not answer, no worker is there, or
        versions differ.
    """

    @contextmanager
    def open_dask() -> Iterator[Workplace]:
        with _client(address, n_workers) as client:
            _await_worker(client, address)
            _check_versions(client, versions)
            yield Workplace(client.get_executor(), sum(client.nthreads().values()))

    return open_dask


@contextmanager
def _pool(executor: Executor, n_workers: int) -> Iterator[Workplace]:
    with executor:
        yield Workplace(executor, n_workers)


@contextmanager
def _client(address: str | None, n_workers: int) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UsageError("extra_missing", extra="cluster") from error
    if address is None:
        with (
            LocalCluster(
                n_workers,
                threads_per_worker=1,
                dashboard_address=":0",
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError("cluster_unreachable", address=address) from error
    with client:
        yield client


def _await_worker(client: Any, address: str | None) -> None:
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise UsageError("cluster_empty", address=address or "local") from error


def _check_versions(client: Any, versions: Callable[[], Any]) -> None:
    mine = versions()
    for worker, theirs in client.run(versions).items():
        if theirs != mine:
            raise UsageError("versions_differ", worker=worker, mine=str(mine), theirs=str(theirs))


def run_in_order(
    open_workplace: OpenWorkplace, work: Callable[[Chunk], Result], chunks: Iterable[Chunk]
) -> Iterator[Result]:
    """Yield the result of each chunk, in the order of the chunks.

    Parameters
    ----------
    work : a function that can be pickled, called with one chunk.

    Raises
    ------
    SimulationError : workers died again and again on the same chunk.
    """
    left = deque(chunks)
    n_losses = 0
    while left:
        try:
            with open_workplace() as workplace:
                for result in _drain(workplace, work, left):
                    n_losses = 0
                    yield result
        except _lost_worker_errors() as error:
            n_losses += 1
            if n_losses >= _MOST_LOSSES:
                raise SimulationError("workers_lost", losses=n_losses) from error


def _lost_worker_errors() -> tuple[type[Exception], ...]:
    """Return what executors raise when a worker dies; Dask's own only once it is in use."""
    import sys

    scheduler = sys.modules.get("distributed.scheduler")
    return (BrokenExecutor, *([scheduler.KilledWorker] if scheduler else []))


def _drain(
    workplace: Workplace, work: Callable[[Chunk], Result], left: deque[Chunk]
) -> Iterator[Result]:
    """Yield results in order; a chunk leaves `left` only once its result was there."""
    under_way: deque[Future[Result]] = deque()
    try:
        while left:
            while len(under_way) < min(len(left), workplace.n_workers + _CHUNKS_AHEAD):
                under_way.append(workplace.executor.submit(work, left[len(under_way)]))
            result = under_way.popleft().result()
            left.popleft()
            yield result
    finally:
        for future in under_way:
            future.cancel()

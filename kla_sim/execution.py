"""Where work runs: one `concurrent.futures.Executor` interface, results in order.

Work is cut into chunks of consecutive replications. Any executor, any number of workers and any
order give the same results; a chunk lost with its worker is submitted again. Not here: what a
chunk computes (`experiment`) and where results are kept (`store`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from kla_sim.errors import SimulationError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_CHUNKS_AHEAD = 2
_MOST_LOSSES = 3

OpenExecutor = Callable[[], AbstractContextManager[Executor]]
"""Opens a fresh executor; called again when the last one broke."""


def processes(n_workers: int) -> OpenExecutor:
    """Return a way to open a pool of processes, started fresh so that no state is inherited."""
    import multiprocessing

    return lambda: ProcessPoolExecutor(n_workers, mp_context=multiprocessing.get_context("spawn"))


def threads(n_workers: int) -> OpenExecutor:
    """Return a way to open a pool of threads."""
    return lambda: ThreadPoolExecutor(n_workers)


def run_in_order(
    open_executor: OpenExecutor,
    n_workers: int,
    work: Callable[[Chunk], Result],
    chunks: Iterable[Chunk],
) -> Iterator[Result]:
    """Yield the result of each chunk, in the order of the chunks.

    Parameters
    ----------
    n_workers : at most so many chunks and a few more are under way at once.
    work : a function that can be pickled, called with one chunk.

    Raises
    ------
    SimulationError : workers died again and again on the same chunk.
    """
    left = deque(chunks)
    n_losses = 0
    while left:
        try:
            with open_executor() as executor:
                for result in _drain(executor, n_workers, work, left):
                    n_losses = 0
                    yield result
        except BrokenExecutor as error:
            n_losses += 1
            if n_losses >= _MOST_LOSSES:
                raise SimulationError("workers_lost", losses=n_losses) from error


def _drain(
    executor: Executor, n_workers: int, work: Callable[[Chunk], Result], left: deque[Chunk]
) -> Iterator[Result]:
    """Yield results in order; a chunk leaves `left` only once its result was there."""
    under_way: deque[Future[Result]] = deque()
    try:
        while left:
            while len(under_way) < min(len(left), n_workers + _CHUNKS_AHEAD):
                under_way.append(executor.submit(work, left[len(under_way)]))
            result = under_way.popleft().result()
            left.popleft()
            yield result
    finally:
        for future in under_way:
            future.cancel()

"""Handing out chunks and giving back their results in order, on any executor."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import BrokenExecutor, Future
from contextlib import closing
from typing import TypeVar

from kla_sim.errors import IncompleteError
from kla_sim.execution.workplace import OpenWorkplace, Workplace

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_CHUNKS_AHEAD = 2
_MOST_LOSSES = 3


def run_in_order(
    open_workplace: OpenWorkplace, work: Callable[[Chunk], Result], chunks: Iterable[Chunk]
) -> Generator[Result, None, None]:
    """Yield the result of each chunk, in the order of the chunks.

    Parameters
    ----------
    work : a function that can be pickled, called with one chunk.

    Raises
    ------
    IncompleteError : workers died again and again on the same chunk.
    """
    left = deque(chunks)
    n_losses = 0
    while left:
        try:
            with open_workplace() as workplace, closing(_drain(workplace, work, left)) as results:
                for result in results:
                    n_losses = 0
                    yield result
        except _lost_worker_errors() as error:
            n_losses += 1
            if n_losses >= _MOST_LOSSES:
                raise IncompleteError("workers_lost", losses=n_losses) from error


def _lost_worker_errors() -> tuple[type[Exception], ...]:
    """Return what executors raise when a worker dies; Dask's own only once it is in use."""
    scheduler = sys.modules.get("distributed.scheduler")
    return (BrokenExecutor, *([scheduler.KilledWorker] if scheduler else []))


def _drain(
    workplace: Workplace, work: Callable[[Chunk], Result], left: deque[Chunk]
) -> Generator[Result, None, None]:
    """Yield results in order; a chunk leaves `left` only once its result was there."""
    under_way: deque[Future[Result]] = deque()
    try:
        while left:
            while len(under_way) < min(len(left), workplace.n_workers + _CHUNKS_AHEAD):
                under_way.append(workplace.executor.submit(work, left[len(under_way)]))
            result: Result = workplace.await_result(under_way.popleft())
            left.popleft()
            yield result
    finally:
        for future in under_way:
            future.cancel()

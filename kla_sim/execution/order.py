"""Handing out chunks and giving back their results in order, on any executor."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import closing
from itertools import islice
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
    chunks : each is taken only when its turn comes, so that making them and working on them go on
        side by side.

    Raises
    ------
    IncompleteError : workers died again and again on the same chunk.
    """
    coming = iter(chunks)
    left: deque[Chunk] = deque()
    n_losses = 0
    while _holds(left, coming, 1):
        try:
            with (
                open_workplace() as workplace,
                closing(_drain(workplace, work, left, coming)) as results,
            ):
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


def _holds(left: deque[Chunk], coming: Iterator[Chunk], n: int) -> bool:
    """Return whether there are so many chunks without a result, taken from those to come."""
    left.extend(islice(coming, max(0, n - len(left))))
    return len(left) >= n


def _drain(
    workplace: Workplace,
    work: Callable[[Chunk], Result],
    left: deque[Chunk],
    coming: Iterator[Chunk],
) -> Generator[Result, None, None]:
    """Yield results in order; a chunk leaves `left` only once its result was there."""
    under_way: deque[Future[Result]] = deque()
    most = workplace.n_workers + _CHUNKS_AHEAD
    try:
        while True:
            while len(under_way) < most and _holds(left, coming, len(under_way) + 1):
                under_way.append(workplace.executor.submit(work, left[len(under_way)]))
            if not under_way:
                return
            result: Result = workplace.await_result(under_way.popleft())
            left.popleft()
            yield result
    finally:
        for future in under_way:
            future.cancel()

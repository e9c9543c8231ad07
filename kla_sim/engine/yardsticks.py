"""Two bare loops beside which the engines' time per event is read, so that a ratio cannot flatter.

A reference engine that is slow makes the compiled one look fast; a SimPy loop that does nothing
but wait, and a binary heap that does nothing but push and pop, do not. Only `bench` calls them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from kla_sim.engine.code_cache import njit


def run_simpy_timeouts(n_events: int) -> None:
    """Let one SimPy process wait n_events times, a day each."""

    def wait(env: simpy.Environment) -> Generator[simpy.Event, Any, None]:
        for _ in range(n_events):
            yield env.timeout(1)

    env = simpy.Environment()
    env.process(wait(env))
    env.run()


@njit(nogil=True)
def run_heap(n_events: int, size: int) -> int:
    """Pop the first entry of a binary heap of whole numbers and push another, n_events times.

    Parameters
    ----------
    size : entries that the heap holds all the while, as many as a roll-out has under way.

    Returns
    -------
    the last entry popped, so that no compiler can leave the loop out
    """
    heap = np.arange(size + 1)
    last = 0
    for number in range(n_events):
        last = heap[0]
        moved = heap[size - 1]
        place = 0
        while True:
            below = 2 * place + 1
            if below >= size - 1:
                break
            if below + 1 < size - 1 and heap[below + 1] < heap[below]:
                below += 1
            if heap[below] >= moved:
                break
            heap[place] = heap[below]
            place = below
        heap[place] = moved
        pushed = last + 1 + number * 7919 % 199
        place = size - 1
        while place > 0:
            above = (place - 1) // 2
            if heap[above] <= pushed:
                break
            heap[place] = heap[above]
            place = above
        heap[place] = pushed
    return last

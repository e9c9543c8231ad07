"""Bare loops beside which the engines' time per event is read, so that a ratio cannot flatter.

A reference engine that is slow makes the compiled one look fast; a SimPy loop that does nothing
but wait, and a binary heap that does nothing but push and pop, do not. All draws of a future in one
loop tell how much of an event is chance and how much is scheduling. Only `bench` calls them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from kla_sim.arrays import FloatArray, StreamArray
from kla_sim.engine.code_cache import njit
from kla_sim.engine.draws import fill_uniforms
from kla_sim.engine.formulas import EXPONENTIAL, FIXED, LOGNORMAL, NORMAL, UNIFORM, quantile
from kla_sim.engine.plan import Plan


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


Draws = tuple[np.uint64, StreamArray, FloatArray, FloatArray]
"""The seed, streams (n_draws,), their distributions (n_draws, 5) and the tables of quantiles."""


def draws_of(plan: Plan) -> Draws:
    """Return the draws of a future in which everything is begun once, in the plan's first world."""
    s, values = plan.structure, plan.values[0]
    post_resource = s.pool_resource[np.repeat(np.arange(s.n_pools), np.diff(s.pool_post_first))]
    by_cycle = s.n_cities * s.n_cycles
    chance, normal = [UNIFORM, 0.0, 1.0, 0.0, 0.0], [NORMAL, 0.0, 1.0, 0.0, 0.0]
    shock = values.own_shock
    own_shock = [LOGNORMAL if shock > 0 else FIXED, -shock * shock / 2.0, shock, 0.0, 0.0]
    departures = np.zeros((len(post_resource), 5))
    departures[:, 1] = values.turnover_days[post_resource]
    departures[:, 0] = np.where(departures[:, 1] > 0, EXPONENTIAL, FIXED)
    acceptances = np.tile(chance, (len(s.act_kind), 1))
    acceptances[values.success[s.act_kind] >= 1.0, 0] = FIXED
    drawn = [
        (s.duration_stream, values.duration[s.act_kind]),
        (s.cost_stream, values.cost[s.act_kind]),
        (s.acceptance_stream, acceptances),
        (s.departure_stream, departures),
        (s.own_shock_stream.ravel(), np.tile(own_shock, (s.n_accounts * s.n_years, 1))),
        (s.background_stream.ravel(), np.tile(normal, (by_cycle, 1))),
        (s.noise_stream.ravel(), np.tile(normal, (by_cycle, 1))),
        (s.cap_stream.ravel(), np.tile(chance, (by_cycle, 1))),
    ]
    streams = np.concatenate([streams for streams, _ in drawn])
    rows = np.concatenate([rows for _, rows in drawn])
    is_drawn = rows[:, 0] != FIXED
    return plan.seed, streams[is_drawn], rows[is_drawn], plan.tables


@njit(nogil=True)
def run_draws(
    seed: np.uint64,
    streams: StreamArray,
    rows: FloatArray,
    tables: FloatArray,
    first: int,
    last: int,
) -> float:
    """Draw everything of replications first to last - 1 and do nothing with it.

    Parameters
    ----------
    streams, rows, tables : see `Draws`.

    Returns
    -------
    the sum of all values, so that no compiler can leave the loop out
    """
    variates = np.empty(streams.shape[0])
    total = 0.0
    for replication in range(first, last):
        fill_uniforms(variates, seed, streams, replication, 0)
        for place in range(streams.shape[0]):
            total += quantile(rows[place], variates[place], tables)
    return total

"""What falls to the jury by chance in consecutive replications: strictness, noise and its habits.

The numbers of the replications themselves, to the bit, by their addresses. `counterfactual` judges
the same futures once more with them; `analysis.ledger_points` takes a verdict apart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray, StreamArray
from kla_sim.engine.code_cache import njit
from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import noise_factor, normal_quantile
from kla_sim.engine.plan import Plan


class Verdicts(NamedTuple):
    """What is drawn for each verdict, whether or not its cycle is held."""

    strictness: FloatArray  # (n, n_cycles) points
    noise: FloatArray  # (n, n_cities, n_cycles) points
    is_capped: BoolArray  # (n, n_cities, n_cycles)
    is_confirmed: BoolArray
    is_reached: BoolArray


def stacked(plan: Plan, field: str) -> Any:
    """Return one of the plan's numbers in each world, (n_worlds, ...)."""
    return np.array([getattr(values, field) for values in plan.values], dtype=np.float64)


def draw_verdicts(plan: Plan, first: int, world: IntArray) -> Verdicts:
    """Draw what falls to the jury by chance.

    Parameters
    ----------
    first : number of the first replication.
    world : (n,) place in `plan.worlds` of each replication.
    """
    s, n = plan.structure, len(world)
    by_city = (n, s.n_cities, s.n_cycles)
    out = Verdicts(
        np.empty((n, s.n_cycles)), np.empty(by_city), *(np.empty(by_city, np.bool_) for _ in "123")
    )
    _draw_all(
        plan.seed,
        first,
        world,
        (stacked(plan, "one_step_up"), stacked(plan, "confirmation"), stacked(plan, "kla_reach")),
        (stacked(plan, "strictness_mean"), stacked(plan, "strictness_sd"), stacked(plan, "noise")),
        (stacked(plan, "tail_share"), stacked(plan, "tail_factor")),
        (s.strictness_stream, s.noise_stream, s.cap_stream),
        out,
    )
    return out


@njit(nogil=True)
def _draw_all(
    seed: np.uint64,
    first: int,
    world: IntArray,
    habits: tuple[FloatArray, FloatArray, FloatArray],
    jury: tuple[FloatArray, FloatArray, FloatArray],
    tails: tuple[FloatArray, FloatArray],
    streams: tuple[StreamArray, StreamArray, StreamArray],
    out: Verdicts,
) -> None:
    one_step_up, confirmation, kla_reach = habits
    strictness_mean, strictness_sd, noise = jury
    tail_share, tail_factor = tails
    strictness_stream, noise_stream, cap_stream = streams
    n, n_cities, n_cycles = out.noise.shape
    for row in range(n):
        w, replication = world[row], first + row
        for cycle in range(n_cycles):
            out.strictness[row, cycle] = strictness_mean[w, cycle] + strictness_sd[
                w, cycle
            ] * normal_quantile(uniform(seed, strictness_stream[cycle], replication, 0))
            for city in range(n_cities):
                stream, habit = noise_stream[city, cycle], cap_stream[city, cycle]
                drawn = normal_quantile(uniform(seed, stream, replication, 0))
                chance = uniform(seed, stream, replication, 1)
                wide = noise_factor(tail_share[w], tail_factor[w], chance)
                place = row, city, cycle
                out.noise[place] = noise[w, cycle] * wide * drawn
                out.is_capped[place] = uniform(seed, habit, replication, 0) < one_step_up[w]
                out.is_confirmed[place] = uniform(seed, habit, replication, 1) < confirmation[w]
                out.is_reached[place] = uniform(seed, habit, replication, 2) < kla_reach[w]

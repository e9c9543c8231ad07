"""Pools of futures whose mean is known, and runs drawn from them as a run draws its futures.

Worlds first, then futures inside each, future i in world i mod the number of worlds; the mean over
the pool is the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.conditional import conditional_chances
from kla_sim.analysis.estimate import (
    Estimate,
    estimate_chance,
    estimate_difference,
    estimate_mean,
    estimate_share,
)
from kla_sim.arrays import FloatArray
from kla_sim.engine.counterfactual import without_kaltara
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.experiment.batches import engine_of
from kla_sim.scenario.budgets import PROVINCE
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.relief import relieve
from kla_sim.scenario.shipped import shipped_scenario

N_WORLDS = 200
POOL_WORLDS, POOL_DEPTH = 4_000, 25
RELIEVED_WORLDS = 400
RELIEVED = (("windows", ""), ("pool", "facilitators"), ("account", PROVINCE), ("upkeep", ""))
"""What is tried on the shipped scenario, kind and subject."""

Others = Callable[[np.random.Generator, tuple[int, int]], FloatArray]
"""What worlds hold that carry none of the odds."""


class Case(NamedTuple):
    """A pool of futures by world, (n_worlds, depth), and how its mean is estimated."""

    pool: FloatArray
    estimate: Callable[[FloatArray, FloatArray], Estimate]


def draw_run(
    pool: FloatArray, n: int, n_worlds: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return sums and sizes by world of a run of n futures.

    Parameters
    ----------
    pool : (n_worlds, depth) or, of several quantities of each future, (n_worlds, depth, k).
    """
    used = min(n, n_worlds)
    sizes = np.full(used, n // used)
    sizes[: n - used * (n // used)] += 1
    worlds = rng.integers(0, len(pool), used)
    futures = pool[worlds[:, None], rng.integers(0, pool.shape[1], (used, sizes.max()))]
    is_begun = np.arange(sizes.max()) < sizes[:, None]
    futures = futures * is_begun.reshape(is_begun.shape + (1,) * (pool.ndim - 2))
    return futures.sum(axis=1), sizes.astype(float)


def held(case: Case, n: int, n_worlds: int, trials: int, seed: int) -> int:
    """Return in how many runs of n futures the interval holds the mean of the pool."""
    rng, truth, found = np.random.default_rng(seed), float(case.pool.mean()), 0
    for _ in range(trials):
        estimate = case.estimate(*draw_run(case.pool, n, n_worlds, rng))
        if not math.isfinite(estimate.low) or not estimate.low <= estimate.value <= estimate.high:
            raise AssertionError(estimate)
        found += estimate.low <= truth <= estimate.high
    return found


def worlds_of(odds: FloatArray, seed: int = 2, depth: int = POOL_DEPTH) -> FloatArray:
    """Return a pool of chances that vary inside each world around its odds."""
    level = np.clip(odds, 1e-9, 1 - 1e-9)[:, None] * np.ones((1, depth))
    return np.random.default_rng(seed).beta(2 * level, 2 * (1 - level))


def carried_by_few(others: Others, share: float = 0.03) -> FloatArray:
    """Return a pool of which few worlds carry the odds."""
    rng = np.random.default_rng(3)
    shape = (POOL_WORLDS, POOL_DEPTH)
    is_carrier = rng.random((POOL_WORLDS, 1)) < share
    return np.where(is_carrier, rng.beta(3, 1, shape), others(rng, shape))


def nothing(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Return no chance at all."""
    return np.zeros(shape)


def next_to_nothing(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Return chances of some millionths, with a long tail."""
    return np.exp(rng.normal(-12.0, 2.0, shape))


def rare(strength: float = 6.0) -> FloatArray:
    """Return a pool with odds of 0.027 that differ between worlds the more, the less strength."""
    rng = np.random.default_rng(4)
    return worlds_of(rng.beta(0.027 * strength, 0.973 * strength, POOL_WORLDS))


@cache
def relieved() -> FloatArray:
    """Return what relieving each of `RELIEVED` does to the odds of the shipped scenario's futures.

    Returns
    -------
    (RELIEVED_WORLDS, POOL_DEPTH, k) odds of all cities, relieved less as planned
    """
    scenario = load_scenario(shipped_scenario("kaltara_2022"))
    scenario = scenario.model_copy(update={"worlds": RELIEVED_WORLDS})
    plans = [scenario]
    for kind, subject in RELIEVED:
        relief = relieve(scenario, kind, subject)
        if relief is None:
            raise AssertionError((kind, subject))
        plans.append(relief.scenario)
    planned, *others = [_joint_chances(compile_plan(plan, 777)) for plan in plans]
    return np.stack([other - planned for other in others], axis=-1)


def _joint_chances(plan: Plan) -> FloatArray:
    """Return the chance that all cities meet the target, (n_worlds, POOL_DEPTH)."""
    found = []
    for first in range(0, plan.n_worlds * POOL_DEPTH, plan.n_worlds):
        futures = engine_of("compiled")(plan, first, first + plan.n_worlds)
        found.append(conditional_chances(plan, first, futures).all_cities)
    return np.stack(found, axis=1)


@cache
def flagship() -> dict[str, Case]:
    """Return 100,000 futures of the shipped scenario in 4,000 worlds, as its estimates see them."""
    scenario = load_scenario(shipped_scenario("kaltara_2022"))
    plan = compile_plan(scenario.model_copy(update={"worlds": POOL_WORLDS}), 777)
    worlds = np.arange(POOL_WORLDS)
    joint, cities, without, met = [], [], [], []
    for first in range(0, POOL_WORLDS * POOL_DEPTH, POOL_WORLDS):
        futures = engine_of("compiled")(plan, first, first + POOL_WORLDS)
        chances = conditional_chances(plan, first, futures)
        bare = without_kaltara(plan, first, worlds, futures)
        joint.append(chances.all_cities)
        cities.append(chances.cities)
        without.append(conditional_chances(plan, first, bare).all_cities)
        met.append(futures.standing >= plan.structure.target)
    return _cases(
        *(np.stack(found, axis=1).astype(float) for found in (joint, cities, without, met))
    )


def _cases(
    joint: FloatArray, cities: FloatArray, without: FloatArray, met: FloatArray
) -> dict[str, Case]:
    n_cities = cities.shape[2]

    def expected_cities(sums: FloatArray, sizes: FloatArray) -> Estimate:
        return estimate_mean(sums, sizes, (0.0, n_cities))

    of_regions = {
        f"region {city}": Case(cities[..., city], estimate_chance) for city in range(n_cities)
    }
    return {
        "all regions": Case(joint, estimate_chance),
        "without Kaltara": Case(without, estimate_chance),
        "difference": Case(joint - without, estimate_difference),
        "regions on average": Case(cities.sum(axis=2), expected_cities),
        "all regions, counted": Case(met.all(axis=2).astype(float), estimate_share),
        **of_regions,
        "region 0, counted": Case(met[..., 0], estimate_share),
        "region 1 less region 0, counted": Case(met[..., 1] - met[..., 0], estimate_difference),
    }

"""Intervals of odds, means and differences: at every number of futures, and of rare odds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from kla_sim.analysis.estimate import (
    Estimate,
    check_against_counting,
    estimate_amount_difference,
    estimate_chance,
    estimate_difference,
    estimate_mean,
    estimate_share,
    may_be_narrow,
    n_groups,
    range_across_worlds,
)
from kla_sim.arrays import FloatArray
from kla_sim.experiment.coverage import pools
from kla_sim.experiment.coverage.pools import Case
from kla_sim.experiment.coverage.trials import LEVEL, Promise

_CARRIES = 0.1
"""Odds that tell the few worlds which carry all from the others."""

Draw = Callable[[np.random.Generator, int], FloatArray]
"""Draws the true odds of so many worlds."""

FLAGSHIP_NUMBERS = (1, 10, 50, 200, 1_000)

_Setting = tuple[Callable[[], FloatArray], int, int]
"""Pool, futures and worlds."""

RARE: dict[str, _Setting] = {
    "odds of 0.027, 400 futures in 20 worlds": (pools.rare, 400, 20),
    "odds of 0.027, 20 futures in 20 worlds": (pools.rare, 20, 20),
    "odds of 0.027, 1000 futures in 50 worlds": (pools.rare, 1_000, 50),
    "odds of 0.027, 4000 futures in 200 worlds": (pools.rare, 4_000, 200),
    "worlds that differ little": (partial(pools.rare, 60.0), 1_000, 50),
    **{
        f"3 % of {n_worlds} worlds, the others {name}": (
            partial(pools.carried_by_few, others), n, n_worlds,
        )
        for n_worlds, n in ((20, 400), (50, 1_000), (130, 130), (200, 4_000))
        for name, others in (("none", pools.nothing), ("next to none", pools.next_to_nothing))
    },
}  # fmt: skip
"""Odds of a few percent, or carried by few worlds."""

MIRRORED = ("odds of 0.027, 400 futures in 20 worlds", "3 % of 50 worlds, the others next to none")
"""Of which failures and differences are measured too: their intervals are those of the odds turned
round, so that the same runs hold them."""

TOO_RARE: dict[str, _Setting] = {
    f"{100 * share:g} % of {n_worlds} worlds, the others {name}": (
        partial(pools.carried_by_few, others, share), 20 * n_worlds, n_worlds,
    )
    for share, n_worlds in ((0.005, 130), (0.005, 200), (0.01, 200), (0.01, 300))
    for name, others in (("none", pools.nothing), ("next to none", pools.next_to_nothing))
}  # fmt: skip
"""A group of worlds so rare that a run may not have met it."""


def beta(mean: float, strength: float) -> Draw:
    """Return worlds whose odds are a beta."""
    return lambda rng, n: rng.beta(mean * strength, (1 - mean) * strength, n)


def two_kinds(rng: np.random.Generator, n: int) -> FloatArray:
    """Return worlds of two kinds, a quarter of them far better."""
    return np.where(rng.random(n) < 0.25, 0.5, 0.02) + rng.uniform(-0.005, 0.005, n)


def logit_normal(rng: np.random.Generator, n: int) -> FloatArray:
    """Return worlds whose odds are no beta."""
    return 1 / (1 + np.exp(-rng.normal(-4.5, 1.0, n)))


SHAPES: dict[str, Draw] = {
    "worlds differ much": beta(0.3, 4),
    "worlds differ little": beta(0.3, 60),
    "worlds differ hardly": beta(0.3, 200),
    "near none, much": beta(0.02, 10),
    "near none, little": beta(0.02, 60),
    "near all": beta(0.97, 20),
    "not a beta": logit_normal,
    "two kinds of worlds": two_kinds,
}


def run_of_shape(
    shape: str, per_world: int, trials: int, seed: int, *, is_counted: bool
) -> tuple[int, float | None]:
    """Return in how many runs of 200 worlds the interval holds the odds.

    Returns
    -------
    that number, and the mean share of worlds inside the range across worlds; None = withheld
    """
    rng = np.random.default_rng(seed)
    draw = SHAPES[shape]
    truth = np.sort(draw(rng, 200_000))
    sizes, found, mass = np.full(200, float(per_world)), 0, []
    for _ in range(trials):
        if is_counted:
            sums = rng.binomial(per_world, np.clip(draw(rng, 200), 0, 1)).astype(float)
            squares, estimate = sums, estimate_share(sums, sizes)
        else:
            sums, squares = _chances(draw, 200, per_world, rng)
            estimate = estimate_chance(sums, sizes)
        found += estimate.low <= truth.mean() <= estimate.high
        across = range_across_worlds(sums, sizes, squares)
        if across.p10 is not None and across.p90 is not None:
            ends = np.searchsorted(truth, [across.p10, across.p90])
            mass.append((ends[1] - ends[0]) / len(truth))
    return found, float(np.mean(mass)) if mass else None


def _chances(
    draw: Draw, n_worlds: int, per_world: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return worlds' sums and squares of chances that vary inside a world around its odds."""
    odds = np.clip(draw(rng, n_worlds), 1e-9, 1 - 1e-9)[:, None] * np.ones((1, per_world))
    chances = rng.beta(2 * odds, 2 * (1 - odds))
    return chances.sum(axis=1), (chances**2).sum(axis=1)


def held_or_said(name: str, trials: int, seed: int) -> int:
    """Return in how many runs the interval holds rare odds, or is said to be narrow perhaps."""
    make, n, n_worlds = TOO_RARE[name]
    pool, rng, found = make(), np.random.default_rng(seed), 0
    for _ in range(trials):
        odds = estimate_chance(*pools.draw_run(pool, n, n_worlds, rng))
        found += odds.low <= pool.mean() <= odds.high or may_be_narrow(odds, n_worlds)
    return found


def in_one_world(sums: FloatArray, sizes: FloatArray) -> Estimate:
    """Estimate a chance from bundles of the only world's futures."""
    return estimate_chance(sums, sizes, is_one_world=True)


def one_world_pool() -> FloatArray:
    """Return chances of futures that all belong to one world."""
    shape = (pools.POOL_WORLDS, pools.POOL_DEPTH)
    return np.random.default_rng(5).beta(0.05, 2.0, shape)


def mean_held(trials: int, seed: int) -> int:
    """Return how often the interval of a bounded mean holds it, 200 worlds of 8 futures."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(trials):
        centres = rng.normal(4.0, 1.0, 200)
        sums = rng.normal(centres[:, None], 2.0, (200, 8)).sum(axis=1)
        estimate = estimate_mean(sums, np.full(200, 8.0), (-30.0, 40.0))
        found += estimate.low <= 4.0 <= estimate.high
    return found


def amount_held(trials: int, seed: int) -> int:
    """Return how often Student's interval of rupiah holds the difference, 20 worlds of 4."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(trials):
        values = 5.0 + rng.normal(0.0, 3.0, 20)
        estimate = estimate_amount_difference(values * 4, np.full(20, 4.0))
        found += estimate.low <= 5.0 <= estimate.high
    return found


def check_held(n: int, trials: int, seed: int) -> int:
    """Return how often the check of counting against chances holds no difference."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(trials):
        chances = rng.beta(0.2, 1.0, n)
        n_met = int((rng.random(n) < chances).sum())
        check = check_against_counting(n_met, chances.sum(), (chances**2).sum(), n)
        found += check.difference.low <= 0.0 <= check.difference.high
    return found


def share_held(true_share: float, n: int, trials: int, seed: int) -> int:
    """Return how often the interval of a counted share holds it, n futures of one world."""
    rng, found = np.random.default_rng(seed), 0
    for hits in rng.binomial(n, true_share, trials):
        estimate = estimate_share(np.array([float(hits)]), np.array([float(n)]))
        found += estimate.low <= true_share <= estimate.high
    return found


def _of_pool(case: Callable[[], Case], n: int, n_worlds: int) -> Callable[[int, int], float]:
    return lambda trials, seed: pools.held(case(), n, n_worlds, trials, seed)


def _flagship(name: str, n: int) -> Promise:
    return Promise(
        name, f"kaltara_2022, {n}", _of_pool(lambda: pools.flagship()[name], n, pools.N_WORLDS)
    )


def _rare(name: str, known: float | None = None, *, is_mirrored: bool = False) -> list[Promise]:
    make, n, n_worlds = {**RARE, **TOO_RARE}[name]
    cases: dict[str, Callable[[], Case]] = {"odds": lambda: Case(make(), estimate_chance)}
    if is_mirrored:
        cases["odds_of_failure"] = lambda: Case(1.0 - make(), estimate_chance)
        cases["rare_difference"] = lambda: Case(-make(), estimate_difference)
    return [
        Promise(way, name, _of_pool(case, n, n_worlds), known=known) for way, case in cases.items()
    ]


def _of_met(name: str) -> float:
    """Return in what share of runs of rare odds any of the worlds is met that carry them."""
    make, _n, n_worlds = TOO_RARE[name]
    share = float(np.mean(make().mean(axis=1) > _CARRIES))
    return LEVEL * (1.0 - (1.0 - share) ** n_worlds)


def _shape(shape: str, *, is_counted: bool) -> Promise:
    name = "odds_counted" if is_counted else "odds"
    return Promise(
        name,
        f"{shape}, 5 x 200",
        lambda trials, seed: run_of_shape(shape, 5, trials, seed, is_counted=is_counted)[0],
    )


def promises(*, with_flagship: bool = True) -> list[Promise]:
    """Return every promise of an interval of odds, a mean or a difference."""
    shipped = (
        "all regions", "without Kaltara", "difference", "regions on average",
        "all regions, counted", "region 0", "region 1 less region 0, counted",
    )  # fmt: skip
    return [
        *(_flagship(name, n) for name in shipped for n in FLAGSHIP_NUMBERS if with_flagship),
        *(promise for name in RARE for promise in _rare(name, is_mirrored=name in MIRRORED)),
        *(promise for name in TOO_RARE for promise in _rare(name, known=_of_met(name))),
        *(Promise("odds_or_said", name, partial(held_or_said, name)) for name in TOO_RARE),
        *(_shape(shape, is_counted=counted) for shape in SHAPES for counted in (True, False)),
        *(
            Promise(
                "one_world",
                str(n),
                _of_pool(lambda: Case(one_world_pool(), in_one_world), n, n_groups(1)),
            )
            for n in (1, 10, 200, 3_000)
        ),
        *(
            Promise("binomial", f"{share:g}, {n}", partial(share_held, share, n))
            for share in (0.002, 0.3, 0.998)
            for n in (1, 20, 1_000)
        ),
        Promise("mean", "200 x 8", mean_held),
        Promise("rupiah", "20 x 4", amount_held),
        *(Promise("check", str(n), partial(check_held, n)) for n in (1, 10, 50)),
    ]

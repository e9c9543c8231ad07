"""What is told of the best of several: of remedies, and of plans that were searched for.

Whatever is chosen because it looks best looks better than it is; the futures that choose also tell.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from kla_sim.analysis.estimate import estimate_chance, estimate_difference
from kla_sim.analysis.selection import knockout, level_of_each
from kla_sim.arrays import FloatArray
from kla_sim.experiment.coverage import pools
from kla_sim.experiment.coverage.trials import Promise

_GROUPS, _PER_GROUP = 200, 10
"""Worlds and futures in each in which finalists are looked at."""

_JUST_BELOW = 1e-6

_OF_FEW = 0.92
"""What intervals of remedies that were tried on 200 futures keep; `run` tries them on 600."""


def best_chosen(trials: int, seed: int) -> int:
    """Return in how many trials KN chooses the best where all others lie just apart from it.

    The slippage configuration, on common random numbers: each future has a part that all plans
    share, of four times the variance of their own.
    """
    k, n_first, apart, n = 10, 20, 1.0, 400
    means = np.r_[apart, np.zeros(k - 1)]
    rng = np.random.default_rng(seed)
    right = 0
    for _ in range(trials):
        common = 4.0 * rng.standard_normal(n)
        observations = means[:, None] + common + 2.0 * rng.standard_normal((k, n))
        right += knockout(observations, n_first, apart).best == 0
    return right


def _finalists(rng: np.random.Generator, k: int, n_worlds: int) -> FloatArray:
    """Return the odds of k equally good plans in some worlds, which they largely share."""
    shared, own = rng.normal(size=n_worlds), 0.3 * rng.normal(size=(k, n_worlds))
    return np.asarray(1.0 / (1.0 + np.exp(1.0 - shared - own)))


@cache
def _odds_of_finalists() -> float:
    return float(_finalists(np.random.default_rng(1), 1, 2_000_000).mean())


def _looked_at(rng: np.random.Generator, k: int) -> FloatArray:
    """Return sums of the chances of k plans over the same futures, (k, _GROUPS)."""
    odds = _finalists(rng, k, _GROUPS)[:, :, None] * np.ones(_PER_GROUP)
    return np.asarray(rng.beta(2 * odds, 2 * (1 - odds)).sum(axis=2))


def chosen_held(k: int, trials: int, seed: int) -> int:
    """Return how often the odds told of the best of k equally good plans are held."""
    rng, found = np.random.default_rng(seed), 0
    sizes, right = np.full(_GROUPS, float(_PER_GROUP)), _odds_of_finalists()
    for _ in range(trials):
        sums = _looked_at(rng, k)
        estimate = estimate_chance(sums[sums.sum(axis=1).argmax()], sizes)
        found += estimate.low <= right <= estimate.high
    return found


def none_shown(k: int, trials: int, seed: int) -> int:
    """Return how often none of k plans is said to reach odds that all of them just miss."""
    rng, found = np.random.default_rng(seed), 0
    sizes, asked = np.full(_GROUPS, float(_PER_GROUP)), _odds_of_finalists() + _JUST_BELOW
    for _ in range(trials):
        looked = _looked_at(rng, k)
        lows = [estimate_chance(sums, sizes, level_of_each(k)).low for sums in looked]
        found += max(lows) < asked
    return found


def remedy_held(place: int, n: int, trials: int, seed: int) -> int:
    """Return how often the interval of what relieving one thing does holds it."""
    pool = pools.relieved()[..., place]
    return pools.held(pools.Case(pool, estimate_difference), n, pools.N_WORLDS, trials, seed)


def best_remedy_held(n: int, trials: int, seed: int) -> float:
    """Return how often the interval of what seems to help most holds it, of those told as a help.

    The one with the largest gain in the same futures, as `run` and `explain` choose it.
    """
    pool, rng, found, told = pools.relieved(), np.random.default_rng(seed), 0, 0
    truths = pool.mean(axis=(0, 1))
    for _ in range(trials):
        sums, sizes = pools.draw_run(pool, n, pools.N_WORLDS, rng)
        best = int(sums.sum(axis=0).argmax())
        estimate = estimate_difference(sums[:, best], sizes)
        if estimate.low > 0.0:
            found += estimate.low <= truths[best] <= estimate.high
            told += 1
    return trials * found / told if told else float(trials)


def promises(*, with_flagship: bool = True) -> list[Promise]:
    """Return every promise of a choice."""
    of_shipped = [
        *(
            Promise(
                "remedy",
                f"{kind} of kaltara_2022, {n}",
                partial(remedy_held, place, n),
                known=least,
            )
            for place, (kind, _subject) in enumerate(pools.RELIEVED)
            for n, least in ((200, _OF_FEW), (600, None))
        ),
        *(
            Promise("best_remedy", f"kaltara_2022, {n}", partial(best_remedy_held, n))
            for n in (200, 600)
        ),
    ]
    return [
        Promise("choice", "10", best_chosen),
        *(Promise("chosen", str(k), partial(chosen_held, k)) for k in (2, 10)),
        Promise("cheapest", "10", partial(none_shown, 10), cost=4),
        *(of_shipped if with_flagship else []),
    ]

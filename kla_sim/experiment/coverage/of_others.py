"""Intervals of other kinds: stopping rules, ranges, crossings, choices, worths, scores, dates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from kla_sim.analysis.crossings import trace_curve
from kla_sim.analysis.differences import Outcomes, half_dates
from kla_sim.analysis.estimate import Estimate, estimate_chance
from kla_sim.analysis.evppi import finding_out
from kla_sim.analysis.forecast_scores import allowed_shares, mean_difference
from kla_sim.analysis.pawn import pawn
from kla_sim.analysis.precision import estimate_by_betting, half_width, look_counts
from kla_sim.analysis.selection import knockout
from kla_sim.arrays import FloatArray
from kla_sim.experiment.coverage.of_odds import SHAPES, Draw, beta, run_of_shape
from kla_sim.experiment.coverage.trials import Promise

PER_ROUND = 200
"""Worlds of a thousand futures of a run that stops by itself."""

_CAP = 32_000
_TRUE_ROOT = 1.7


def rare(rng: np.random.Generator, n: int) -> FloatArray:
    """Return worlds of which two in a hundred carry nearly all of the odds."""
    return np.where(rng.random(n) < 0.02, 0.5, 0.001)


def alternating(rng: np.random.Generator, n: int) -> FloatArray:
    """Return worlds with all or nothing."""
    return (rng.random(n) < 0.5).astype(float)


STOPPING: dict[str, tuple[Draw, float]] = {
    "worlds differ much": (beta(0.3, 2.0), 0.3),
    "worlds differ little": (beta(0.3, 60.0), 0.3),
    "near none": (beta(0.016, 8.0), 0.016),
    "near all": (beta(0.97, 20.0), 0.97),
    "a few worlds decide": (rare, 0.02 * 0.5 + 0.98 * 0.001),
    "all or nothing": (alternating, 0.5),
}
"""Worlds, and the mean of their odds."""


def stopped_held(shape: str, precision: float, trials: int, seed: int, cap: int = _CAP) -> int:
    """Return in how many runs the truth is inside at every look up to the stop."""
    draw, true = STOPPING[shape]
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(trials):
        observations = draw(rng, cap * PER_ROUND // 1000)
        for look in look_counts(cap):
            seen = observations[: look * PER_ROUND // 1000]
            estimate = estimate_by_betting(seen, precision, PER_ROUND, look)
            is_inside = estimate.low <= true <= estimate.high
            if half_width(estimate) <= precision or not is_inside:
                break
        found += is_inside
    return found


def range_mass(shape: str, trials: int, seed: int) -> float:
    """Return the share of worlds inside the range across worlds, added up over runs."""
    mass = run_of_shape(shape, 50, trials, seed, is_counted=False)[1]
    return trials * (0.0 if mass is None else mass)


def sample_of_curve(
    rng: np.random.Generator, n_worlds: int = 60, per_world: int = 10
) -> Callable[[float], Estimate]:
    """Return what estimates odds over one sample of futures whose true root at 0.5 is 1.7.

    Each future succeeds with logistic chance around 2 (x - 1.7), shifted by its world: by symmetry
    the mean over all worlds is exactly one half at 1.7.
    """
    shifts = rng.normal(size=(n_worlds, 1)) + 0.5 * rng.normal(size=(n_worlds, per_world))
    sizes = np.full(n_worlds, float(per_world))

    def estimate_at(value: float) -> Estimate:
        chances = 1.0 / (1.0 + np.exp(-2.0 * (value - _TRUE_ROOT) - shifts))
        return estimate_chance(chances.sum(axis=1), sizes)

    return estimate_at


def crossing_held(trials: int, seed: int) -> int:
    """Return how often the interval of where a curve reaches one half holds the root."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(trials):
        scan = [1.0, 1.4, 1.8, 2.2, 2.6]
        (crossing,) = trace_curve(sample_of_curve(rng), scan, 0.5).crossings
        low = -np.inf if crossing.low is None else crossing.low
        high = np.inf if crossing.high is None else crossing.high
        found += low <= _TRUE_ROOT <= high
    return found


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


def worth_of_normal(mean: float, spread: float) -> float:
    """Return what knowing a normal difference of two plans is worth.

    References
    ----------
    Raiffa, H. and Schlaifer, R. (1961). Applied Statistical Decision Theory, section 5.3 (the unit
    normal linear loss). Harvard University.
    """
    from scipy.special import ndtr

    density = np.exp(-((mean / spread) ** 2) / 2) / np.sqrt(2 * np.pi)
    return float(spread * density - abs(mean) * ndtr(-abs(mean) / spread))


def worth_held(mean: float, trials: int, seed: int, spread: float = 0.05, n: int = 2_000) -> int:
    """Return how often the interval of the worth of finding out holds the closed form."""
    rng, right, found = np.random.default_rng(seed), worth_of_normal(mean, spread), 0
    for _ in range(trials):
        unknown = rng.normal(size=(n, 1))
        gain = mean + spread * unknown[:, 0] + rng.normal(0.0, 0.05, n)
        (worth,) = finding_out(unknown, np.stack([np.full(n, 0.3), 0.3 + gain])).worths
        found += worth.low <= right <= worth.high
    return found


def influence_held(trials: int, seed: int, n: int = 300, *, of_many: bool = False) -> int:
    """Return how often the interval of PAWN holds its index.

    Parameters
    ----------
    of_many : the index that very many worlds would have, instead of the mean one of as many worlds.
    """
    rng, found = np.random.default_rng(seed), 0
    right = _index_of_many(n) if of_many else _mean_index(n)
    for _ in range(trials):
        unknowns, outcome = _two_unknowns(rng, n)
        (influence,) = pawn(unknowns[:, None], outcome).influences
        found += influence.low <= right <= influence.high
    return found


def _two_unknowns(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    """Return one of two equal normal unknowns, and an outcome that is the sum of both."""
    unknown = rng.normal(size=n)
    return unknown, unknown + rng.normal(size=n)


@cache
def _mean_index(n: int) -> float:
    """Return the mean index of samples of n worlds."""
    rng = np.random.default_rng(1)
    return float(np.mean([_index(*_two_unknowns(rng, n), n) for _ in range(1_000)]))


@cache
def _index_of_many(n: int) -> float:
    """Return the index of very many worlds, with as many slices as n worlds have."""
    return _index(*_two_unknowns(np.random.default_rng(1), 200_000), n)


def _index(column: FloatArray, outcome: FloatArray, n: int) -> float:
    """Return the index of an unknown with as many slices as n worlds have, by plain counting."""
    ranks = (np.argsort(np.argsort(outcome)) + 1) / len(outcome)
    steps = np.arange(1, min(len(outcome), 2_000) + 1) / min(len(outcome), 2_000)
    slices = np.array_split(np.argsort(column), int(np.clip(n // 30, 3, 10)))
    return float(
        np.mean(
            [
                np.abs(
                    np.searchsorted(np.sort(ranks[chosen]), steps + 1e-9) / len(chosen) - steps
                ).max()
                for chosen in slices
            ]
        )
    )


def score_held(n_places: int, trials: int, seed: int) -> int:
    """Return how often the jackknife interval of a difference of scores holds it.

    Places have five moves each and a part of their own; differences are skewed.
    """
    rng, found = np.random.default_rng(seed), 0
    place = np.repeat(np.arange(n_places), 5)
    for _ in range(trials):
        own = rng.normal(0.0, 0.3, n_places)[place]
        scores = 0.1 + own + rng.exponential(0.5, len(place)) - 0.5
        difference = mean_difference(scores, np.zeros(len(place)), place)
        found += difference.low <= 0.1 <= difference.high
    return found


def band_held(chance: float, n: int, trials: int, seed: int) -> int:
    """Return how often the share that comes true lies in the band of a right forecast."""
    low, high = allowed_shares(chance, n)
    came = np.random.default_rng(seed).binomial(n, chance, trials) / n
    return int(np.sum((low <= came) & (came <= high)))


def date_held(trials: int, seed: int, n_worlds: int = 100, per_world: int = 20) -> int:
    """Return how often the interval of a difference of dates holds the 30 days that there are."""
    rng, days, found = np.random.default_rng(seed), np.arange(0, 801, 5), 0
    for _ in range(trials):
        arrival = 400 + 60 * rng.normal(size=(n_worlds, 1))
        arrival = arrival + 60 * rng.normal(size=(n_worlds, per_world))
        plans = [_arrivals(arrival + later, days) for later in (0.0, 30.0)]
        dates = half_dates(*plans)[0]
        found += dates.low <= 30.0 <= dates.high
    return found


def _arrivals(arrival: FloatArray, days: Any) -> Outcomes:
    """Return the outcomes of one region that stands at the target from a day on."""
    reached = (arrival[:, :, None] <= days).sum(axis=1)
    n = arrival.size
    return Outcomes(
        first=0,
        n_worlds=len(arrival),
        is_met=np.zeros(n, bool),
        all_cities=np.zeros(n),
        cities=np.zeros((n, 1)),
        days=days,
        reached=np.stack([reached, reached], axis=2),
        spent=np.zeros(n),
    )


def promises() -> list[Promise]:
    """Return every promise of another kind."""
    return [
        *(
            Promise("stopping", f"{shape}, 0.02", partial(stopped_held, shape, 0.02), cost=2)
            for shape in STOPPING
        ),
        *(
            Promise("range", f"{shape}, 50 x 200", partial(range_mass, shape), 0.8, 0.72, cost=2)
            for shape in SHAPES
        ),
        Promise("crossing", "60 x 10", crossing_held, cost=2),
        Promise("choice", "10", best_chosen),
        *(
            Promise(
                "worth", f"{mean:g}", partial(worth_held, mean), known=KNOWN_WORTH[mean], cost=10
            )
            for mean in (0.02, -0.05, 0.0)
        ),
        Promise("influence", "300", influence_held, known=KNOWN_INFLUENCE, cost=10),
        Promise(
            "influence_of_many",
            "300",
            partial(influence_held, of_many=True),
            known=KNOWN_INFLUENCE_OF_MANY,
            cost=10,
        ),
        *(Promise("score", str(n), partial(score_held, n)) for n in (10, 30, 100)),
        *(
            Promise("band", f"{chance:g}, {n}", partial(band_held, chance, n))
            for chance, n in ((0.1, 30), (0.5, 200))
        ),
        Promise("date", "100 x 20", date_held, cost=2),
    ]


KNOWN_WORTH = {0.02: 0.9, -0.05: 0.9, 0.0: 0.84}
"""By the mean difference of two plans: 91 and 92 of 100 were measured, 85 where both are alike."""

KNOWN_INFLUENCE = 0.9

KNOWN_INFLUENCE_OF_MANY = 0.1
"""Slices of thirty worlds lie further from the whole than slices of very many would."""

"""Intervals of other kinds: stopping rules, crossings, scores, bands of forecasts, dates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kla_sim.analysis.crossings import trace_curve
from kla_sim.analysis.differences import Outcomes, half_dates
from kla_sim.analysis.estimate import Estimate, estimate_chance
from kla_sim.analysis.forecast_scores import allowed_shares, mean_difference
from kla_sim.analysis.precision import estimate_by_betting, half_width, look_counts
from kla_sim.arrays import FloatArray
from kla_sim.experiment.coverage.of_odds import Draw, beta
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
        Promise("crossing", "60 x 10", crossing_held, cost=2),
        *(Promise("score", str(n), partial(score_held, n)) for n in (10, 30, 100)),
        *(
            Promise("band", f"{chance:g}, {n}", partial(band_held, chance, n))
            for chance, n in ((0.1, 30), (0.5, 200))
        ),
        Promise("date", "100 x 20", date_held, cost=2),
    ]

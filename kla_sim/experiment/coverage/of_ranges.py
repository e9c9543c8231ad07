"""Intervals along a curve and over parts of the worlds, and ranges that hold most futures.

A range promises no truth: it is to hold eight of ten futures, or of ten worlds, of the law. Its
measured coverage is the mean share of the law inside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from kla_sim.analysis.counting.by_world import Groups
from kla_sim.analysis.counting.scores import quantiles_of_bins
from kla_sim.analysis.estimate import estimate_chance
from kla_sim.analysis.milestones import moments
from kla_sim.analysis.togetherness import odds_over_tau
from kla_sim.arrays import FloatArray
from kla_sim.experiment.coverage.of_odds import SHAPES, run_of_shape
from kla_sim.experiment.coverage.trials import Promise

_CENTRE, _SPREAD = 400.0, 60.0
"""Of days, or points: worlds differ as much as futures of one world do."""

_DAYS = np.arange(150.0, 651.0, 50.0)
_HORIZON = 800


def range_mass(shape: str, trials: int, seed: int) -> float:
    """Return the share of worlds inside the range across worlds, added up over runs."""
    mass = run_of_shape(shape, 50, trials, seed, is_counted=False)[1]
    return trials * (0.0 if mass is None else mass)


def curve_held(n_worlds: int, per_world: int, trials: int, seed: int) -> float:
    """Return on what share of the days the band of the odds over time holds them, by runs."""
    rng, found = np.random.default_rng(seed), 0.0
    truth = _share_below(_DAYS)
    groups = Groups(np.full(n_worlds, float(per_world)), is_one_world=False, is_conditional=False)
    for _ in range(trials):
        arrivals = _drawn(rng, n_worlds, per_world)
        bands = [groups.share((arrivals <= day).sum(axis=1)) for day in _DAYS]
        pairs = zip(bands, truth, strict=True)
        found += float(np.mean([band.low <= odds <= band.high for band, odds in pairs]))
    return found


def days_inside(n: int, n_worlds: int, trials: int, seed: int) -> float:
    """Return the share of the law's futures between P10 and P90 of days, added up over runs."""
    rng, mass = np.random.default_rng(seed), 0.0
    for _ in range(trials):
        days = np.rint(_drawn(rng, n_worlds, n // n_worlds)).astype(np.int64)
        low, _middle, high = moments(days.reshape(-1, 1), _HORIZON).days[0]
        mass += _mass(low, high)
    return mass


def scores_inside(n: int, n_worlds: int, trials: int, seed: int) -> float:
    """Return the share of the law's futures between P10 and P90 of whole points, by runs."""
    rng, mass = np.random.default_rng(seed), 0.0
    for _ in range(trials):
        points = np.rint(_drawn(rng, n_worlds, n // n_worlds)).astype(np.int64)
        low, _middle, high = quantiles_of_bins(np.bincount(points.ravel(), minlength=_HORIZON))
        mass += _mass(low, high)
    return mass


def _drawn(rng: np.random.Generator, n_worlds: int, per_world: int) -> FloatArray:
    """Return a normal quantity of futures, (n_worlds, per_world)."""
    own = rng.normal(size=(n_worlds, per_world))
    return np.asarray(_CENTRE + _SPREAD * (rng.normal(size=(n_worlds, 1)) + own))


def _share_below(value: FloatArray | float) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr((value - _CENTRE) / (np.sqrt(2.0) * _SPREAD)))


def _mass(low: float, high: float) -> float:
    """Return the share of the law within whole numbers, both ends included."""
    return float(_share_below(high + 0.5) - _share_below(low - 0.5))


def _odds_of_tau(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    """Return tau of worlds, and their odds, which rise with it."""
    taus = rng.gamma(2.0, 0.2, n)
    return taus, 1.0 / (1.0 + np.exp(2.0 - 2.0 * taus - 0.5 * rng.normal(size=n)))


def tau_held(n_worlds: int, per_world: int, trials: int, seed: int) -> float:
    """Return how often the odds in the thirds of the worlds by tau are held, of both thirds."""
    rng, found = np.random.default_rng(seed), 0.0
    taus, odds = _odds_of_tau(np.random.default_rng(1), 300_000)
    by_tau = odds[np.argsort(taus)].reshape(3, -1).mean(axis=1)
    sizes = np.full(n_worlds, float(per_world))
    for _ in range(trials):
        taus, odds = _odds_of_tau(rng, n_worlds)
        sums = rng.beta(2 * odds, 2 * (1 - odds), (per_world, n_worlds)).sum(axis=0)
        ends = odds_over_tau(taus, sums, sizes, estimate_chance)
        found += float(
            np.mean(
                [
                    part.odds.low <= right <= part.odds.high
                    for part, right in zip(ends, by_tau[[0, 2]], strict=True)
                ]
            )
        )
    return found


def promises() -> list[Promise]:
    """Return every promise of a band, of a part of the worlds, and of a range."""
    inside: tuple[tuple[str, Callable[[int, int, int, int], float]], ...] = (
        ("days", days_inside),
        ("scores", scores_inside),
    )
    return [
        *(
            Promise("range", f"{shape}, 50 x 200", partial(range_mass, shape), 0.8, 0.72, cost=2)
            for shape in SHAPES
        ),
        *(
            Promise("futures", f"{name}, {n} in {n_worlds} worlds", partial(keep, n, n_worlds), 0.8)
            for name, keep in inside
            for n, n_worlds in ((50, 50), (1_000, 20), (1_000, 200))
        ),
        *(
            Promise("curve", f"{n_worlds} x {n}", partial(curve_held, n_worlds, n), cost=2)
            for n_worlds, n in ((20, 1), (200, 1), (200, 10))
        ),
        *(
            Promise("tau", f"{n_worlds} x {n}", partial(tau_held, n_worlds, n), cost=2)
            for n_worlds, n in ((30, 20), (200, 20))
        ),
    ]

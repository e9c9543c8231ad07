"""How good forecasts of awards were: log score, ranked probability score, calibration, sets.

Lower scores are better. Intervals of a difference treat the moves of one place as a cluster.
Pure functions on arrays of forecasts and outcomes; not here: where forecasts come from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray

LEVEL = 0.95

_LEAST_CHANCE = 1e-300
"""What a forecast of 0 counts as, lest what came without one made a score infinite."""


class Difference(NamedTuple):
    """A mean difference of scores between two forecasts and its interval."""

    value: float
    low: float
    high: float
    level: float


class CalibrationBand(NamedTuple):
    """Forecast chances of one band beside how often they came true."""

    low: float
    high: float
    forecast: float  # mean forecast chance
    observed: float  # share that came true
    n: int
    band_low: float  # the observed share should lie between these, were the forecasts right
    band_high: float


def log_scores(forecasts: FloatArray, outcomes: IntArray) -> FloatArray:
    """Return minus the log of the chance given to what came, (n_forecasts,).

    References
    ----------
    Good, I. J. (1952). Rational decisions. JRSS B 14(1), 107-114.
    """
    given = forecasts[np.arange(len(outcomes)), outcomes]
    return np.asarray(-np.log(np.maximum(given, _LEAST_CHANCE)))


def ranked_probability_scores(forecasts: FloatArray, outcomes: IntArray) -> FloatArray:
    """Return the mean squared error of the cumulative chances at the inner bounds, (n_forecasts,).

    References
    ----------
    Epstein, E. S. (1969). A scoring system for probability forecasts of ranked categories.
    Journal of Applied Meteorology 8(6), 985-987.
    """
    n_outcomes = forecasts.shape[1]
    cumulative = np.cumsum(forecasts, axis=1)[:, :-1]
    came = outcomes[:, None] <= np.arange(n_outcomes - 1)
    return np.asarray(np.mean((cumulative - came) ** 2, axis=1))


def mean_difference(scores: FloatArray, others: FloatArray, clusters: IntArray) -> Difference:
    """Return the mean of `scores - others` with a delete-one-cluster jackknife interval.

    References
    ----------
    Efron, B. and Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9(3),
    586-596. doi:10.1214/aos/1176345462
    """
    from scipy.special import stdtrit

    differences = scores - others
    _, number = np.unique(clusters, return_inverse=True)
    sums, sizes = np.bincount(number, differences), np.bincount(number)
    n_clusters = len(sums)
    value = float(differences.mean())
    if n_clusters < 2:
        return Difference(value, -np.inf, np.inf, LEVEL)
    left = (sums.sum() - sums) / (sizes.sum() - sizes)
    variance = (n_clusters - 1) / n_clusters * np.sum((left - left.mean()) ** 2)
    half = float(stdtrit(n_clusters - 1, (1 + LEVEL) / 2) * np.sqrt(variance))
    return Difference(value, value - half, value + half, LEVEL)


def calibration_table(
    forecasts: FloatArray, outcomes: IntArray, n_bands: int = 5
) -> list[CalibrationBand]:
    """Return forecast against observed shares in equal bands of forecast chance.

    Every forecast gives one chance to each outcome, and each counts. Empty bands are left out.
    """
    came = (outcomes[:, None] == np.arange(forecasts.shape[1])).ravel()
    return calibration_bands(forecasts.ravel(), came, n_bands=n_bands)


def calibration_bands(
    chances: FloatArray,
    came: BoolArray,
    clusters: IntArray | None = None,
    n_bands: int = 5,
) -> list[CalibrationBand]:
    """Return forecast against observed shares of single claims, in equal bands of chance.

    Parameters
    ----------
    chances, came : (n,) what was given to each claim, and whether it came true.
    clusters : (n,) claims of one cluster may move together, so that as many as there are clusters
        in a band count for what it allows; None = all stand apart.
    """
    number = np.minimum((chances * n_bands).astype(int), n_bands - 1)
    table = []
    for band in range(n_bands):
        inside = number == band
        n = int(inside.sum())
        if n == 0:
            continue
        forecast = float(chances[inside].mean())
        n_apart = n if clusters is None else len(np.unique(clusters[inside]))
        low, high = allowed_shares(forecast, n_apart)
        table.append(
            CalibrationBand(
                low=band / n_bands,
                high=(band + 1) / n_bands,
                forecast=forecast,
                observed=float(came[inside].mean()),
                n=n,
                band_low=low,
                band_high=high,
            )
        )
    return table


def allowed_shares(chance: float, n: int) -> tuple[float, float]:
    """Return between which shares of n the number that comes true should lie, at LEVEL."""
    from scipy.special import bdtrik

    tail = (1 - LEVEL) / 2
    low, high = (max(0.0, float(np.ceil(bdtrik(end, n, chance)))) / n for end in (tail, 1 - tail))
    return low, high


def smallest_sets(forecasts: FloatArray, level: float = 0.9) -> BoolArray:
    """Return the fewest outcomes that have a chance together, (n_forecasts, n_outcomes)."""
    order = np.argsort(-forecasts, axis=1, kind="stable")
    ranked = np.take_along_axis(forecasts, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    chosen = np.zeros(forecasts.shape, dtype=np.bool_)
    np.put_along_axis(chosen, order, before < level, axis=1)
    return chosen

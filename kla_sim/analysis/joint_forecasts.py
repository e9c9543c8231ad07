"""Forecasts of whole provinces: how many of their places will stand at or above each category.

The kind of number that the program exists to give, since places of one province share a jury and a
part of their rate. Beside the law stand the same law with independent places, and the table of
moves. Scored by `forecast_scores` and, for counts, here. Called by the back test.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray

LAW, INDEPENDENT, TABLE = "model", "independent_places", "table_of_moves"
JOINT_FORECASTERS = (LAW, INDEPENDENT, TABLE)


class JointCase(NamedTuple):
    """One province at one evaluation: forecasts of the count at or above each category."""

    province: str
    year: int
    n_places: int
    counts: tuple[int, ...]  # (n_categories,) places that came to stand at or above each
    chances: dict[str, FloatArray]  # forecaster to (n_categories, n_places + 1)


def count_chances(reached: FloatArray) -> FloatArray:
    """Return the chance of each number of places, given each place's own chance.

    Parameters
    ----------
    reached : (..., n_places) chances of independent places.

    Returns
    -------
    (..., n_places + 1)

    References
    ----------
    Hong, Y. (2013). On computing the distribution function for the Poisson binomial distribution.
    Computational Statistics and Data Analysis 59, 41-51. doi:10.1016/j.csda.2012.10.006
    """
    n_places = reached.shape[-1]
    chances = np.zeros((*reached.shape[:-1], n_places + 1))
    chances[..., 0] = 1.0
    for place in range(n_places):
        here = reached[..., place, None]
        moved = chances[..., :-1] * here
        chances = chances * (1.0 - here)
        chances[..., 1:] += moved
    return chances


def mixed_counts(reached: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the chance of each count when places are independent only given what they share.

    Parameters
    ----------
    reached : (n_shared, n_places) chance of each place, given each state of what is shared.
    weights : (n_shared,) adding up to 1.
    """
    return np.asarray(weights @ count_chances(reached))


class JointScores(NamedTuple):
    """Scores of every case, the mean over categories; (n_cases,) each."""

    log_score: FloatArray
    rps: FloatArray
    all_log_score: FloatArray  # of whether all places stand at or above a category


def joint_scores(cases: Sequence[JointCase], forecaster: str) -> JointScores:
    """Score the counts of every case.

    The ranked probability score is divided by the number of places, so that large and small
    provinces weigh alike.

    References
    ----------
    Epstein, E. S. (1969). Journal of Applied Meteorology 8(6), 985-987.
    """
    logs, ranked, alls = [], [], []
    for case in cases:
        chances = np.maximum(case.chances[forecaster], 1e-12)
        came = np.array(case.counts)
        row = np.arange(len(came))
        logs.append(float(-np.log(chances[row, came]).mean()))
        below = np.cumsum(chances, axis=1)[:, :-1]
        steps = came[:, None] <= np.arange(case.n_places)
        ranked.append(float(np.mean((below - steps) ** 2)))
        every = np.minimum(chances[:, -1], 1.0 - 1e-12)
        alls.append(float(-np.log(np.where(came == case.n_places, every, 1.0 - every)).mean()))
    return JointScores(np.array(logs), np.array(ranked), np.array(alls))


def randomised_pit(cases: Sequence[JointCase], forecaster: str, seed: int) -> FloatArray:
    """Return where each count fell in its forecast, uniform if forecasts are right.

    Returns
    -------
    (n_cases, n_categories) numbers between 0 and 1

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009). Predictive model assessment for count data.
    Biometrics 65(4), 1254-1261. doi:10.1111/j.1541-0420.2009.01191.x
    """
    generator = np.random.default_rng(seed)
    found = []
    for case in cases:
        chances, came = case.chances[forecaster], np.array(case.counts)
        row = np.arange(len(came))
        up_to = np.cumsum(chances, axis=1)[row, came]
        here = chances[row, came]
        found.append(up_to - here * generator.random(len(came)))
    return np.asarray(np.clip(np.array(found), 0.0, 1.0))


def claims_of_all(cases: Sequence[JointCase], forecaster: str) -> tuple[FloatArray, BoolArray]:
    """Return the chance that all places stand at or above a category, and whether they came to.

    Returns
    -------
    two arrays (n_cases, n_categories)
    """
    chances = np.array([case.chances[forecaster][:, -1] for case in cases])
    came = np.array([np.array(case.counts) == case.n_places for case in cases])
    return chances, came

"""The background law on a grid: what awards say about a city's gap, rate and next award.

The same law that a replication draws from (`formulas.background_step`, the jury's strictness and
noise, the cap of one step up), written as densities on cells of the background gap. Pure functions
of numpy. Called by the calibration, the forecasts of the back test, and by worlds whose baseline is
a history of awards. Not here: where the numbers of the law come from (`posterior`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE, SMALLEST_GAP
from kla_sim.engine.jury import BOUNDS, NO_STANDING

N_CATEGORIES = len(CATEGORIES)
N_RATES = 5
INSIDE_CELL = np.polynomial.legendre.leggauss(3)
"""Points, on a scale of -1 to 1, and weights, adding up to 2, that stand for a cell."""

_LEAST_SCALE = 1e-9
"""Points; a spread of none at all is taken as this, so that a distance can be divided by it."""

_LEAST_RATE = 1e-300
_MOST_LOG = 600.0
"""Of a factor; e to this power is still a number."""


class Grid(NamedTuple):
    """Cells of the background gap."""

    edges: FloatArray  # (n_cells + 1,) points
    centres: FloatArray  # (n_cells,) points


class Law(NamedTuple):
    """The background law of one kind of place, and the jury's habits."""

    rate_median: float  # per year
    rate_spread: float  # standard deviation of the log rate
    volatility: float  # points per square root of a year
    noise: float  # points
    tail_share: float  # share of verified scores whose noise is wide
    tail_factor: float  # how many times wider it then is
    one_step_up: float  # chance that the cap holds
    confirmation: float  # chance that the standing category is confirmed unseen
    kla_reach: float  # chance that a verdict of KLA is given as one; else it becomes utama
    first_mean: float  # score at the first evaluation on record, points
    first_sd: float  # points


@cache
def background_grid() -> Grid:
    """Return cells of 10 points where categories change hands, wider ones elsewhere."""
    edges = np.concatenate(
        [
            [SMALLEST_GAP, 25.0, 50.0, 70.0, 85.0],
            np.arange(100.0, 560.0, 10.0),
            np.arange(560.0, 700.0, 20.0),
            np.arange(700.0, MAXIMUM_SCORE + 1.0, 50.0),
        ]
    )
    return Grid(edges, (edges[1:] + edges[:-1]) / 2)


def rate_nodes(
    median: float, spread: float, n_rates: int = N_RATES
) -> tuple[FloatArray, FloatArray]:
    """Return the rates and weights that stand for a lognormal (Gauss-Hermite quadrature).

    Returns
    -------
    rates : (n_rates,) per year
    weights : (n_rates,) add up to 1
    """
    points, weights = _hermite(n_rates)
    return median * np.exp(np.minimum(spread * points, _MOST_LOG)), weights


@cache
def _hermite(n: int) -> tuple[FloatArray, FloatArray]:
    points, weights = np.polynomial.hermite_e.hermegauss(n)
    return points, weights / weights.sum()


def step_kernel(grid: Grid, rates: FloatArray, volatility: float, years: float = 1.0) -> FloatArray:
    """Return where the gap goes in one background step, reflected at 1 and 1000 points.

    Parameters
    ----------
    rates : (n_rates,) per year.
    volatility : points per square root of a year.

    Returns
    -------
    (n_rates, n_cells, n_cells) chance to go from the centre of a cell into another cell
    """
    mean = (grid.centres * np.exp(-rates * years)[:, None])[:, :, None]
    spread = step_spread(rates, volatility, years)
    scale = np.maximum(spread, _LEAST_SCALE)[:, None, None]

    def below(edges: FloatArray) -> FloatArray:
        return np.asarray(ndtr((edges - mean) / scale))

    kernel = np.diff(below(grid.edges), axis=2)
    near = int(np.searchsorted(grid.edges, SMALLEST_GAP + 150.0))
    kernel[:, :, :near] -= np.diff(below(2 * SMALLEST_GAP - grid.edges[: near + 1]), axis=2)
    far = int(np.searchsorted(grid.edges, MAXIMUM_SCORE - 300.0))
    kernel[:, :, far:] -= np.diff(below(2 * MAXIMUM_SCORE - grid.edges[far:]), axis=2)
    kernel = np.maximum(kernel, 0.0)
    return np.asarray(kernel / kernel.sum(axis=2, keepdims=True))


def step_spread(rates: FloatArray, volatility: float, years: float) -> FloatArray:
    """Return the standard deviation of the gap after a background step, (n_rates,) points."""
    rates = np.maximum(rates, _LEAST_RATE)
    return np.asarray(volatility * np.sqrt(-np.expm1(-2.0 * rates * years) / (2.0 * rates)))


def first_chances(grid: Grid, mean: float, sd: float) -> FloatArray:
    """Return the chance of each cell at the first evaluation: a normal score, cut to its range.

    Returns
    -------
    (n_cells,) adds up to 1
    """
    middle = MAXIMUM_SCORE - mean
    chances = np.maximum(np.diff(ndtr((grid.edges - middle) / max(sd, _LEAST_SCALE))), 0.0)
    if not chances.any():  # so far off the scale that only its nearest end is left
        chances[-1 if middle > MAXIMUM_SCORE else 0] = 1.0
    return np.asarray(chances / chances.sum())


def category_chances(grid: Grid, law: Law, strictness: float) -> FloatArray:
    """Return the chance that a verified score falls in each band, averaged over each cell.

    Parameters
    ----------
    strictness : points added to every verified score of the cycle; a strict jury is negative.

    Returns
    -------
    (n_categories, n_cells) none below 0, adding up to 1 in each cell

    References
    ----------
    Tukey, J. W. (1960). A survey of sampling from contaminated distributions. In: Contributions
    to Probability and Statistics, Stanford University Press, 448-485.
    """
    points, weights = INSIDE_CELL
    half = np.diff(grid.edges) / 2
    gaps = grid.centres[:, None] + half[:, None] * points
    distance = (BOUNDS[:, None, None] - (MAXIMUM_SCORE - gaps + strictness)) / max(
        law.noise, _LEAST_SCALE
    )
    narrow, wide = ndtr(distance), ndtr(distance / law.tail_factor)
    below = ((1.0 - law.tail_share) * narrow + law.tail_share * wide) @ (weights / 2)
    below = np.clip(below, 0.0, 1.0)  # weights add up to a little more or less than 1
    n_cells = len(grid.centres)
    chances = np.diff(np.vstack([np.zeros(n_cells), below, np.ones(n_cells)]), axis=0)
    return np.maximum(chances, 0.0)


def award_chances(grid: Grid, law: Law, strictness: float) -> FloatArray:
    """Return the chance of each award given the standing category and the gap.

    Returns
    -------
    (n_categories + 1, n_categories, n_cells) standing (the last: none on record), award, cell
    """
    free = category_chances(grid, law, strictness)
    withheld = (1.0 - law.kla_reach) * free[-1]
    free[-2] += withheld
    free[-1] -= withheld
    awards = np.empty((N_CATEGORIES + 1, N_CATEGORIES, len(grid.centres)))
    awards[NO_STANDING] = free
    at_least = np.cumsum(free[::-1], axis=0)[::-1]
    for standing in range(N_CATEGORIES):
        capped = np.zeros_like(free)
        highest = min(standing + 1, N_CATEGORIES - 1)
        capped[:highest] = free[:highest]
        capped[highest] = at_least[highest]
        awards[standing] = law.one_step_up * capped + (1.0 - law.one_step_up) * free
        awards[standing] *= 1.0 - law.confirmation
        awards[standing, standing] += law.confirmation
    return np.clip(awards, 0.0, 1.0)


def see_award(state: FloatArray, awards: FloatArray, seen: int | None) -> FloatArray:
    """Return what is believed after an award that was seen, or after one that is not known.

    Parameters
    ----------
    state : (n_rates, n_categories + 1, n_cells) joint chances of rate, standing and gap.
    awards : (n_categories + 1, n_categories, n_cells) as `award_chances` returns them.
    seen : category number; none if the award is not known.

    Returns
    -------
    as `state`, adding up to 1; an award that the law rules out stands and tells nothing
    """
    joint = np.einsum("rsb,scb->rcb", state, awards)
    after = np.zeros_like(state)
    if seen is None:
        after[:, :N_CATEGORIES] = joint
    else:
        after[:, seen] = joint[:, seen] if joint[:, seen].any() else state.sum(axis=1)
    return np.asarray(after / after.sum())

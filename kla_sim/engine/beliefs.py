"""What awards say about cities: the joint distribution of gap and rate, and draws from it.

Several cities are filtered at once, on the cells of `background` and with their rates in strata, so
that one transition kernel serves all of them. Called by `worlds`, for baselines
that are a history of awards and for what was observed since the start. Not here: the law itself
(`background`), and where its numbers come from (`posterior`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.background import (
    Law,
    award_chances,
    background_grid,
    first_chances,
    step_spread,
)
from kla_sim.engine.cells import IMPOSSIBLE, add_awards, fill_kernel
from kla_sim.engine.formulas import normal_quantile
from kla_sim.engine.jury import NO_STANDING

STRATUM_BOUNDS = np.array([-1.4, -0.6, 0.0, 0.5, 0.9, 1.3, 1.7, 2.2])
"""Standard normal bounds between strata of the rate, closer where rates differ most."""

_CHANCE_BELOW = np.array([0.0, *ndtr(STRATUM_BOUNDS), 1.0])
STRATUM_CHANCES = np.diff(_CHANCE_BELOW)
N_STRATA = len(STRATUM_CHANCES)
N_STANDINGS = NO_STANDING + 1
UNSEEN = -1
"""An award that is not known: every category is summed over."""

_LEAST_RATE, _LEAST_VOLATILITY = 1e-9, 1.0
"""A grid cannot follow a gap that stands still; it moves by a tenth of a cell instead."""

_LEAST_SPREAD = 1e-9
"""Points, of a step of hardly any time."""

_UNLIKELY = 1e-100
"""Beliefs that add up to less are made whole again, lest years of surprises come to nothing."""

_LAST = 1.0 - 2.0**-53
_MOST_LOG = 600.0


class Drawn(NamedTuple):
    """One city's gap (points), rate (per year) and standing category."""

    gap: float
    rate: float
    standing: int


class Own(NamedTuple):
    """What a city's province leaves open of its log rate, in standard deviations of a law's."""

    mean: float = 0.0
    spread: float = 1.0


ALONE = Own()
"""Of a city that shares nothing with others."""


def rate_at(law: Law, probability: float, own: Own = ALONE) -> float:
    """Return a quantile of the rates of a law, per year."""
    deviation = own.mean + own.spread * normal_quantile(probability)
    return law.rate_median * math.exp(min(_MOST_LOG, law.rate_spread * deviation))


def chances_given(own: Own) -> FloatArray:
    """Return the chance of each stratum of the rate, given what a province leaves open."""
    return np.diff(_below(own))


def _below(own: Own) -> FloatArray:
    return np.array([0.0, *ndtr((STRATUM_BOUNDS - own.mean) / own.spread), 1.0])


def strata(law: Law) -> FloatArray:
    """Return the middle rate of each stratum, (N_STRATA,) per year, at least a tiny one."""
    middles = (_CHANCE_BELOW[1:] + _CHANCE_BELOW[:-1]) / 2
    return np.maximum([rate_at(law, middle) for middle in middles], _LEAST_RATE)


def kernel_of(law: Law, years: float) -> FloatArray:
    """Return where a gap goes in some years, (N_STRATA, n_cells, n_cells)."""
    grid, rates = background_grid(), strata(law)
    volatility = max(law.volatility, _LEAST_VOLATILITY)
    spread = np.maximum(step_spread(rates, volatility, years), _LEAST_SPREAD)
    n_cells = len(grid.centres)
    kernel = np.empty((N_STRATA, n_cells, n_cells))
    fill_kernel(grid.edges, grid.centres, np.exp(-rates * years), spread, kernel)
    return kernel


def first_beliefs(law: Law, n_cities: int) -> FloatArray:
    """Return what is believed of cities of one kind before their first evaluation on record.

    Returns
    -------
    (N_STRATA, n_cities, N_STANDINGS, n_cells), adding up to 1 for each city
    """
    first = first_chances(background_grid(), law.first_mean, law.first_sd)
    beliefs = np.zeros((N_STRATA, n_cities, N_STANDINGS, len(first)))
    beliefs[:, :, NO_STANDING] = STRATUM_CHANCES[:, None, None] * first
    return beliefs


def after_step(beliefs: FloatArray, kernel: FloatArray) -> FloatArray:
    """Return what is believed after the background has moved."""
    n_strata, n_cities, n_standings, n_cells = beliefs.shape
    rows = beliefs.reshape(n_strata, n_cities * n_standings, n_cells)
    held = np.flatnonzero(rows.any(axis=(0, 2)))
    after = np.zeros_like(rows)
    after[:, held] = rows[:, held] @ kernel
    return after.reshape(beliefs.shape)


def after_awards(beliefs: FloatArray, law: Law, strictness: float, seen: IntArray) -> FloatArray:
    """Return what is believed after an evaluation.

    Parameters
    ----------
    seen : (n_cities,) category numbers; UNSEEN = not known.

    Returns
    -------
    as `beliefs`, up to a factor for each city; an award that the law rules out stands and tells
    nothing
    """
    return after_seen(beliefs, award_chances(background_grid(), law, strictness), seen)[0]


def after_seen(
    beliefs: FloatArray, chances: FloatArray, seen: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what is believed after an evaluation whose chances are known, see `after_awards`.

    Parameters
    ----------
    chances : (N_STANDINGS, n_categories, n_cells), see `background.award_chances`.

    Returns
    -------
    after : as `beliefs`
    factor : (n_cities,) what `after` has to be multiplied by to be joint with `beliefs`; 0 where
        the award is ruled out
    """
    after = np.zeros(beliefs.shape)
    add_awards(np.ascontiguousarray(beliefs), chances, np.ascontiguousarray(seen), after)
    factor = np.ones(len(seen))
    for city, total in enumerate(after.sum(axis=(0, 2, 3)).tolist()):
        if total < IMPOSSIBLE:
            after[:, city] = stubborn(beliefs[:, city], int(seen[city]))
            factor[city] = 0.0
        elif total < _UNLIKELY:
            after[:, city] /= total
            factor[city] = total
    return after, factor


def stubborn(beliefs: FloatArray, seen: int) -> FloatArray:
    """Return beliefs after an award that the law rules out: it stands, and tells nothing.

    Parameters
    ----------
    beliefs : (N_STRATA, N_STANDINGS, n_cells) of one city.
    seen : category number; UNSEEN = nothing was seen, so that nothing stands either.

    Returns
    -------
    as `beliefs`, adding up to 1
    """
    standing = beliefs
    if seen != UNSEEN:
        standing = np.zeros_like(beliefs)
        standing[:, seen] = beliefs.sum(axis=1)
    return np.asarray(standing / standing.sum())


def after_one(beliefs: FloatArray, chances: FloatArray, seen: int) -> FloatArray:
    """Return what is believed of one city after its award, up to the chance of what was seen.

    Parameters
    ----------
    beliefs : (N_STRATA, N_STANDINGS, n_cells).
    chances : (N_STANDINGS, n_categories, n_cells), see `background.award_chances`.
    seen : category number; UNSEEN = not known.
    """
    after = np.zeros(beliefs.shape)
    add_awards(np.ascontiguousarray(beliefs)[:, None], chances, np.array([seen]), after[:, None])
    return after


def draw(
    beliefs: FloatArray,
    law: Law,
    standing: int | None,
    chances: tuple[float, float, float],
    own: Own = ALONE,
) -> Drawn:
    """Draw one city's gap, rate and standing by inverse distribution functions, one by one.

    Parameters
    ----------
    beliefs : (N_STRATA, N_STANDINGS, n_cells) of this city, up to a factor.
    standing : the category it holds; None = drawn with the rest.
    chances : uniform numbers for standing, gap and rate.
    own : what the city's province leaves open of its rate; the beliefs hold it already.
    """
    by_standing = beliefs.sum(axis=(0, 2))
    if standing is None:
        standing, _ = pick(by_standing, chances[0])
    # an award that the law rules out tells nothing about gap and rate
    joint = beliefs[:, standing] if by_standing[standing] > 0.0 else beliefs.sum(axis=1)
    cell, inside = pick(joint.sum(axis=0), chances[1])
    stratum, within = pick(joint[:, cell], chances[2])
    edges = background_grid().edges
    low, high = _below(own)[stratum : stratum + 2].tolist()
    probability = min(_LAST, max(2.0**-53, low + within * (high - low)))
    return Drawn(
        gap=float(edges[cell] + inside * (edges[cell + 1] - edges[cell])),
        rate=rate_at(law, probability, own),
        standing=min(standing, NO_STANDING - 1),
    )


def pick(weights: FloatArray, chance: float) -> tuple[int, float]:
    """Return the place at a chance, and how far inside its own part the chance lies.

    Parameters
    ----------
    weights : of the places, up to a factor; none below 0. Where all are 0, each counts the same.
    chance : strictly between 0 and 1.
    """
    cumulative = np.cumsum(weights)
    if cumulative[-1] == 0.0:
        weights = np.ones_like(weights)
        cumulative = np.cumsum(weights)
    wanted = chance * cumulative[-1]
    place = int(np.searchsorted(cumulative, wanted, side="right"))
    if place == len(weights):  # a chance next to 1 may round up
        place = int(np.flatnonzero(weights)[-1])
    before = cumulative[place] - weights[place]
    return place, min(_LAST, max(2.0**-53, (wanted - before) / weights[place]))

"""A score of some stage as a reading of the verified score: what it says of gap and award.

A score A of a stage and the award of the same evaluation are two readings of one verified score v:
the award through bands, cap and confirmation, the score through an error v - A with a bias, a
spread and heavy tails; and with some chance it says nothing at all. Called by `past`. Not here: the
rule of the jury (`jury`) and the law of the gap (`background`).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE
from kla_sim.engine.background import INSIDE_CELL, Grid, Law
from kla_sim.engine.cells import fill_verdicts
from kla_sim.engine.code_cache import code_awaited
from kla_sim.engine.jury import BOUNDS, NO_STANDING, award_of

DEGREES = 4.0
_EDGES = np.arange(0.0, MAXIMUM_SCORE + 5.0, 10.0)
VERDICTS = np.concatenate([[0.0], (_EDGES[1:] + _EDGES[:-1]) / 2, [MAXIMUM_SCORE]])
"""Cells of the verified score, none across a bound; its ends, where it is clipped, apart."""

_BANDS = np.concatenate([[0], np.searchsorted(VERDICTS, BOUNDS)])
"""(n_categories,) the first cell of each band."""

_LEAST_SCALE = 1e-9


class Reading(NamedTuple):
    """A score and how it errs, points."""

    score: float
    bias: float  # mean of the verified score less this one
    spread: float  # scale of the error, Student's t with 4 degrees of freedom
    silent: float  # chance that the score says nothing


def verdicts(grid: Grid, law: Law, strictness: float) -> FloatArray:
    """Return the chance of each cell of the verified score, averaged over each cell of the gap.

    Returns
    -------
    (n_verdicts, n_cells) adding up to 1 over the verdicts, to `background.category_chances` by band
    """
    return _seen(_EDGES, grid, law, strictness)


def award_sights(
    grid: Grid, law: Law, strictness: float, accepted: FloatArray | None = None
) -> FloatArray:
    """Return the chance of each award given the standing category and the gap.

    Parameters
    ----------
    accepted : `acceptance` of the law, for callers that have it.

    Returns
    -------
    as `background.award_chances`, of which this is the quicker way
    """
    of_verdicts = acceptance(law) if accepted is None else accepted
    return np.asarray(of_verdicts[:, :, _BANDS] @ _seen(BOUNDS, grid, law, strictness))


def _seen(bounds: FloatArray, grid: Grid, law: Law, strictness: float) -> FloatArray:
    """Return the chance of a verdict between bounds, (n_bounds + 1, n_cells)."""
    points, weights = INSIDE_CELL
    gaps = grid.centres[:, None] + np.diff(grid.edges)[:, None] / 2 * points
    noise = np.array([max(law.noise, _LEAST_SCALE), law.tail_share, law.tail_factor])
    chances = np.empty((len(bounds) + 1, len(grid.centres)))
    fill_verdicts(bounds, gaps - strictness, weights / 2, noise, chances)
    return chances


@lru_cache(maxsize=64)
def densities(reading: Reading) -> FloatArray:
    """Return how likely the score is under each cell of the verified score, (n_verdicts,).

    References
    ----------
    Tukey, J. W. (1960), see `formulas.noise_factor`: an error that is sometimes of another kind.
    """
    middle, spread = reading.score + reading.bias, max(reading.spread, 1.0)
    below = stdtr(DEGREES, (_EDGES - middle) / spread)
    inside = np.diff(below) / np.diff(_EDGES)
    # beyond the ends of the scale nothing is seen; a verdict there counts like its neighbours
    telling = np.concatenate([inside[:1], inside, inside[-1:]])
    return np.asarray((1.0 - reading.silent) * telling + reading.silent / MAXIMUM_SCORE)


def acceptance(law: Law) -> FloatArray:
    """Return the chance of each award given the verdict and the standing category.

    Returns
    -------
    (n_standings, n_categories, n_verdicts); the last standing is none on record
    """
    shares = np.array([law.one_step_up, law.confirmation, law.kla_reach])
    chances = np.prod(np.where(_HABITS, shares, 1.0 - shares), axis=1)
    return np.asarray(np.tensordot(chances, _given_habits(), axes=1))


_HABITS = np.array(list(np.ndindex(2, 2, 2)), dtype=bool)
"""(8, 3) whether the jury caps, confirms, and lets KLA be reached."""


@cache
def _given_habits() -> FloatArray:
    """Return 1 where an award follows, (8, n_standings, n_categories, n_verdicts).

    A few hundred calls do not repay the second that it takes to compile the rule.
    """
    with code_awaited(lambda: True):
        by_band = np.array(
            [
                [
                    [award_of(verdict, standing, BOUNDS, *habit) for verdict in VERDICTS[_BANDS]]
                    for standing in range(NO_STANDING + 1)
                ]
                for habit in _HABITS.tolist()
            ]
        )
    awards = np.repeat(by_band, np.diff([*_BANDS, len(VERDICTS)]), axis=2)
    return np.asarray(awards[:, :, None] == np.arange(len(CATEGORIES))[:, None], dtype=float)

"""The rule of the jury: from a score to a verified one, its band, and the award that is published.

Scalar rules, called by both engines, the counterfactual, the simulated record and readings of a
score; the law on a grid (`background`) is the same rule as densities. Not here: when a jury sits,
and where its strictness, noise and habits come from (`values`, `worlds`).
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.domain.categories import CATEGORIES, LOWER_BOUNDS
from kla_sim.engine.code_cache import njit
from kla_sim.engine.formulas import clip_score

NO_STANDING = len(CATEGORIES)
"""The standing of a place before its first award on record: neither capped nor confirmed."""

KLA = CATEGORIES.index("kla")

BOUNDS = np.array(list(LOWER_BOUNDS.values()))
"""(5,) points; the bounds of the record."""


@njit()
def verified_score(score: float, strictness: float, noise: float) -> float:
    """Return what the jury finds of a score, points.

    Parameters
    ----------
    strictness : points common to all cities of a cycle; a strict jury is negative.
    noise : points of this city and cycle.
    """
    return clip_score(score + strictness + noise)


@njit(counts_references=False)
def category_of(score: float, bounds: FloatArray) -> int:
    """Return the category number of a score.

    Parameters
    ----------
    bounds : (5,) points; pratama begins at its bound, the others above theirs.
    """
    if score < bounds[0]:
        return 0
    category = 1
    for place in range(1, 5):
        if score > bounds[place]:
            category = place + 1
    return category


@njit(counts_references=False)
def award_of(
    verified: float,
    standing: int,
    bounds: FloatArray,
    is_capped: bool,
    is_confirmed: bool,
    is_reached: bool,
) -> int:
    """Return the category that is awarded.

    Parameters
    ----------
    standing : category number, or `NO_STANDING`.
    is_capped : whether the award rises by one step at most.
    is_confirmed : whether the standing category is confirmed, whatever the score.
    is_reached : whether a verdict of KLA is given as one; it becomes utama otherwise.
    """
    if is_confirmed and standing != NO_STANDING:
        return standing
    category = category_of(verified, bounds)
    if category == KLA and not is_reached:
        category = KLA - 1
    if is_capped and standing != NO_STANDING:
        category = min(category, standing + 1)
    return category


@njit()
def categories_of(scores: FloatArray, bounds: FloatArray) -> IntArray:
    """Return the category number of each score, (n,)."""
    found = np.empty(len(scores), np.int64)
    for place in range(len(scores)):
        found[place] = category_of(scores[place], bounds)
    return found


@njit()
def awards_of(
    verified: FloatArray,
    standing: IntArray,
    bounds: FloatArray,
    is_capped: BoolArray,
    is_confirmed: BoolArray,
    is_reached: BoolArray,
) -> IntArray:
    """Return the award of each place, (n,); see `award_of`."""
    found = np.empty(len(verified), np.int64)
    for place in range(len(verified)):
        found[place] = award_of(
            verified[place],
            standing[place],
            bounds,
            is_capped[place],
            is_confirmed[place],
            is_reached[place],
        )
    return found

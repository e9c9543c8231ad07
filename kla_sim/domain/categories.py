"""The award categories of Kota Layak Anak and the score each begins at.

Called by the scenario model (names and bounds), the engines (through the plan) and the report.
Not here: strictness, noise and the cap of one step up, which belong to the evaluation.
"""

from __future__ import annotations

from typing import Literal, get_args

Category = Literal["none", "pratama", "madya", "nindya", "utama", "kla"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
"""From worst to best; a category's place here is its number in every array."""

LOWER_BOUNDS: dict[Category, float] = {
    "pratama": 500.0,
    "madya": 600.0,
    "nindya": 700.0,
    "utama": 800.0,
    "kla": 900.0,
}
"""Points of 1000 (ANTARA Jawa Barat, 2023; Kompas, 20 September 2022: docs/sources.md)."""

MAXIMUM_SCORE = 1000.0

SMALLEST_GAP = 1.0
"""Points below the maximum where a background gap is reflected, as it is at the maximum itself."""


def category_number(category: Category) -> int:
    """Return the place of a category from worst (0) to best (5)."""
    return CATEGORIES.index(category)


def band_centre(category: Category, bounds: dict[Category, float]) -> float:
    """Return the middle of a category's band of scores.

    Parameters
    ----------
    bounds : the score each category but ``none`` begins at, points.
    """
    low, high = band(category, bounds)
    return (low + high) / 2


def band(category: Category, bounds: dict[Category, float]) -> tuple[float, float]:
    """Return the lowest and the highest score of a category's band, points."""
    edges = [0.0, *(bounds[name] for name in CATEGORIES[1:]), MAXIMUM_SCORE]
    number = category_number(category)
    return edges[number], edges[number + 1]

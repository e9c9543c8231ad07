"""Categories: their order, and the band of scores that each has."""

import pytest

from kla_sim.domain.categories import (
    CATEGORIES,
    LOWER_BOUNDS,
    MAXIMUM_SCORE,
    band,
    band_centre,
    category_number,
)

BANDS = {
    "none": (0, 500),
    "pratama": (500, 600),
    "madya": (600, 700),
    "nindya": (700, 800),
    "utama": (800, 900),
    "kla": (900, 1000),
}


def test_categories_go_from_worst_to_best():
    assert list(CATEGORIES) == list(BANDS)
    assert [category_number(name) for name in BANDS] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", BANDS)
def test_a_category_has_a_band_of_scores_and_its_middle(name):
    low, high = BANDS[name]
    assert band(name, LOWER_BOUNDS) == (low, high)
    assert band_centre(name, LOWER_BOUNDS) == (low + high) / 2


def test_bands_go_by_the_bounds_that_are_given():
    bounds = {"pratama": 100.0, "madya": 200.0, "nindya": 400.0, "utama": 700.0, "kla": 960.0}
    assert [band(name, bounds) for name in BANDS] == [
        (0, 100), (100, 200), (200, 400), (400, 700), (700, 960), (960, MAXIMUM_SCORE),
    ]  # fmt: skip
    assert band_centre("kla", bounds) == 980

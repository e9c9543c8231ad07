"""Closed forms of the jury's last day, held against plain numerical integration."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal, norm

from kla_sim.analysis.chances import (
    Awards,
    CityTerms,
    Jury,
    chance_above,
    chance_of_all,
    chance_of_each,
)
from kla_sim.analysis.chances import _bivariate_normal as bivariate_normal

NODES = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
"""Equally likely values of a standard normal: integration by the mid-point rule."""


def terms(gap, spread, remainder, noise, tail_share=0.0, tail_factor=1.0):
    numbers = (gap, spread, remainder, noise, tail_share, tail_factor)
    return CityTerms(*(np.array([float(number)]) for number in numbers))


def always(n_cities):
    """Return awards that go by the score alone."""
    return Awards(np.zeros((1, n_cities)), np.ones((1, n_cities)))


def folded(gap):
    """Reflect at 1 and 1000 by the remainder of a triangle wave."""
    place = np.mod(gap - 1.0, 1998.0)
    return 1.0 + np.where(place > 999.0, 1998.0 - place, place)


def integrated(level, gap, spread, remainder, noise):
    scores = np.clip(1000.0 - remainder * folded(gap - spread * NODES), 0.0, 1000.0)
    if noise == 0.0:
        return float(np.mean(scores > level))
    return float(np.mean(ndtr((scores - level) / noise)))


@pytest.mark.parametrize("noise", [0.0, 0.5, 10.0, 200.0])
@pytest.mark.parametrize("spread", [2.0, 30.0, 250.0, 1500.0])
@pytest.mark.parametrize(("gap", "remainder"), [(2, 0.9), (190, 0.7), (400, 1.3), (996, 1.0)])
def test_chances_agree_with_numerical_integration(gap, remainder, spread, noise):
    for level in (-40.0, 0.5, 300.0, 805.0, 940.0, 999.2, 1020.0):
        expected = integrated(level, gap, spread, remainder, noise)
        found = chance_above(np.array([level]), terms(gap, spread, remainder, noise))[0]
        # without noise, each of up to a dozen crossings of the level is known to half a node
        assert found == pytest.approx(expected, abs=1e-5 if noise else 6 / len(NODES))


@pytest.mark.parametrize("level", [-1.0, 0.0, 600.0, 1000.0, 1001.0])
def test_what_is_known_is_certain(level):
    known = terms(400, 0, 1, 0)
    assert chance_above(np.array([level]), known)[0] == float(level < 600.0)
    assert chance_above(np.array([level]), known, includes_bound=True)[0] == float(level <= 600.0)


def test_nothing_left_of_the_gap_is_a_score_of_1000():
    assert chance_above(np.array([999.0]), terms(300, 40, 0, 0))[0] == 1.0
    assert chance_above(np.array([1000.0]), terms(300, 40, 0, 5))[0] == pytest.approx(0.5)


CITIES = {
    "all smooth": [(180, 35, 0.9, 10), (240, 25, 0.8, 10), (205, 30, 1.0, 10)],
    "one much steeper": [(180, 35, 0.9, 10), (200, 2, 1.0, 1), (205, 30, 1.0, 10)],
    "a known score without noise": [(190, 0, 1.0, 0), (205, 30, 1.0, 10)],
    "only known scores": [(190, 0, 1.0, 0), (170, 0, 1.0, 0), (215, 0, 1.0, 0)],
    "some noise is wide": [(180, 35, 0.9, 10, 0.1, 6), (195, 20, 1.0, 5, 0.3, 4)],
    "wide noise without a step": [(190, 0, 0.9, 3, 0.2, 30), (205, 0, 1.0, 0, 0.2, 30)],
    "walls within reach": [(15, 60, 1.0, 3), (900, 300, 1.1, 20), (500, 800, 0.5, 0)],
}


@pytest.mark.parametrize("name", CITIES)
@pytest.mark.parametrize("sd", [0.0, 15.0, 80.0])
def test_the_common_strictness_is_integrated_with_all_cities_inside(name, sd):
    cities = [terms(*numbers) for numbers in CITIES[name]]
    jury = Jury(np.array([800.0]), np.array([-4.0]), np.array([sd]), includes_bound=False)
    grid = NODES[50::100]
    product = np.ones(len(grid))
    for city in cities:
        each = CityTerms(*(np.broadcast_to(array, len(grid)) for array in city))
        wide = each._replace(noise=each.noise * each.tail_factor)
        share = each.tail_share
        level = 804.0 - sd * grid
        product *= (1 - share) * chance_above(level, each) + share * chance_above(level, wide)
    found = chance_of_all(cities, always(len(cities)), jury)[0]
    assert found == pytest.approx(product.mean(), abs=3e-4)  # the grid's own error at a step
    for city in cities:
        alone = chance_of_all([city], always(1), jury)[0]
        assert chance_of_each(city, jury)[0] == pytest.approx(alone, abs=1e-6)


def test_shared_strictness_makes_cities_succeed_together():
    cities = [terms(200, 20, 1.0, 5)] * 3
    jury = Jury(np.array([800.0]), np.array([0.0]), np.array([40.0]), includes_bound=False)
    together = chance_of_all(cities, always(3), jury)[0]
    assert together > 1.5 * chance_of_each(cities[0], jury)[0] ** 3


def test_what_the_award_makes_of_the_score_comes_inside_the_integral():
    cities = [terms(190, 20, 1.0, 5), terms(210, 20, 1.0, 5)]
    jury = Jury(np.array([800.0]), np.array([0.0]), np.array([30.0]), includes_bound=False)
    both = chance_of_all(cities, always(2), jury)[0]
    first, second = (chance_of_each(city, jury)[0] for city in cities)
    capped = Awards(np.zeros((1, 2)), np.array([[0.1, 1.0]]))
    assert chance_of_all(cities, capped, jury)[0] == pytest.approx(0.1 * both)
    confirmed = Awards(np.array([[0.3, 0.0]]), np.array([[0.7, 1.0]]))
    assert chance_of_all(cities, confirmed, jury)[0] == pytest.approx(0.3 * second + 0.7 * both)
    assert both > first * second


@pytest.mark.parametrize("h", [-2.0, -0.3, 0.0, 1.1])
@pytest.mark.parametrize("k", [-1.4, 0.0, 0.4, 2.5])
@pytest.mark.parametrize("correlation", [-0.95, -0.2, 0.0, 0.6, 0.999])
def test_two_normals_lie_below_two_bounds_as_often_as_scipy_says(h, k, correlation):
    stretch = 1.0 / np.sqrt(1.0 - correlation**2)
    numbers = (np.array([number]) for number in (h, k, correlation, stretch))
    expected = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([h, k])
    assert bivariate_normal(*numbers)[0] == pytest.approx(expected, abs=2e-8)

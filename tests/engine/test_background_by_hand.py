"""The background law on a grid, number by number, against scipy's normal distribution."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from kla_sim.engine.background import (
    N_CATEGORIES,
    Grid,
    Law,
    award_chances,
    background_grid,
    category_chances,
    first_chances,
    rate_nodes,
    see_award,
    step_kernel,
    step_spread,
)
from kla_sim.engine.cells import fill_kernel, fill_verdicts

LAW = Law(
    rate_median=0.06,
    rate_spread=0.6,
    volatility=34.0,
    noise=12.0,
    tail_share=0.1,
    tail_factor=4.0,
    one_step_up=0.9,
    confirmation=0.2,
    kla_reach=0.4,
    first_mean=480.0,
    first_sd=110.0,
)
GRID = background_grid()
N_CELLS = len(GRID.centres)


def cell_of(gap):
    return int(np.searchsorted(GRID.edges, gap, side="right")) - 1


def test_cells_are_narrow_where_categories_change_hands():
    near, far = [1, 25, 50, 70, 85], [*range(560, 700, 20), *range(700, 1001, 50)]
    grid = background_grid.__wrapped__()  # made anew
    assert grid.edges.tolist() == [*near, *range(100, 560, 10), *far]
    assert grid.centres[:2].tolist() == [13.0, 37.5]
    assert grid.centres[-1] == 975.0


@pytest.mark.parametrize(("n", "spread"), [(5, 0.6), (3, 0.2)])
def test_nodes_of_the_rate_have_the_moments_of_its_logarithm(n, spread):
    rates, weights = rate_nodes(0.06, spread, n)
    logs = np.log(rates / 0.06)
    assert len(rates) == n
    moments = [weights @ logs**power for power in range(5)]
    assert moments == pytest.approx([1, 0, spread**2, 0, 3 * spread**4], abs=1e-12)


def test_a_rate_without_a_middle_stays_a_number():
    rates, _ = rate_nodes(2.0, 1e6)
    assert rates.max() == 2.0 * math.exp(600.0)
    assert rates.min() == 0.0


def test_a_step_spreads_as_the_law_of_its_noise_says():
    assert step_spread(np.array([0.5]), 34.0, 2.0) == pytest.approx(
        [34 * math.sqrt(1 - math.e**-2)]
    )
    assert step_spread(np.array([0.0]), 34.0, 4.0) == pytest.approx([68.0])


@pytest.mark.parametrize("start", [13.0, 37.5, 305.0, 825.0, 925.0, 975.0])
def test_a_step_is_normal_and_reflected_at_both_ends(start):
    kernel = step_kernel(GRID, np.array([0.0, 0.05]), 10.0, 2.0)
    assert kernel.shape == (2, N_CELLS, N_CELLS)
    assert kernel.sum(axis=2) == pytest.approx(np.ones((2, N_CELLS)), abs=1e-14)
    shrunk = math.exp(-0.1)
    law = norm(start * shrunk, 10 * math.sqrt((1 - shrunk**2) / 0.1))
    images = [GRID.edges, 2.0 - GRID.edges[::-1], 2000.0 - GRID.edges[::-1]]
    inside, below, above = (np.diff(law.cdf(edges)) for edges in images)
    expected = inside + below[::-1] + above[::-1]
    found = kernel[1, GRID.centres.tolist().index(start)]
    assert found == pytest.approx(expected / expected.sum(), abs=1e-12)


def test_a_step_without_noise_goes_to_one_cell():
    kernel = step_kernel(GRID, np.array([math.log(2.0)]), 0.0)
    assert kernel[0, cell_of(305.0), cell_of(152.5)] == 1.0


@pytest.mark.parametrize("spread", [3.0, 40.0, 400.0])
def test_the_quick_kernel_is_the_same_on_a_coarse_grid(spread):
    edges = np.array([1.0, 40.0, 151.0, 300.0, 500.0, 700.0, 900.0, 1000.0])
    grid = Grid(edges, (edges[1:] + edges[:-1]) / 2)
    rates, years = np.array([0.0, 0.3]), 1.5
    found = np.empty((2, 7, 7))
    volatility = spread / math.sqrt(years)
    spreads = step_spread(rates, volatility, years)
    fill_kernel(grid.edges, grid.centres, np.exp(-rates * years), spreads, found)
    expected = step_kernel(grid, rates, volatility, years)
    assert found == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("tail", [0.0, 0.25])
def test_the_quick_chances_of_verdicts_are_those_of_the_bands(tail):
    law = LAW._replace(tail_share=tail)
    points, weights = np.polynomial.legendre.leggauss(3)
    gaps = GRID.centres[:, None] + np.diff(GRID.edges)[:, None] / 2 * points
    found = np.empty((N_CATEGORIES, N_CELLS))
    noise = np.array([law.noise, law.tail_share, law.tail_factor])
    bounds = np.array([500.0, 600.0, 700.0, 800.0, 900.0])
    fill_verdicts(bounds, gaps - 7.0, weights / 2, noise, found)
    assert found == pytest.approx(category_chances(GRID, law, 7.0), abs=1e-14)


def test_first_scores_are_normal_within_their_range():
    expected = np.diff(norm(1000.0 - 480.0, 110.0).cdf(GRID.edges))
    found = first_chances(GRID, 480.0, 110.0)
    assert found == pytest.approx(expected / expected.sum(), rel=1e-12)
    assert found.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(("mean", "cell"), [(9e9, 0), (-9e9, N_CELLS - 1), (695.0, cell_of(305.0))])
def test_first_scores_off_the_scale_or_without_spread_lie_in_one_cell(mean, cell):
    found = first_chances(GRID, mean, 0.0)
    assert found[cell] == 1.0
    assert found.sum() == 1.0


def test_a_verdict_falls_into_bands_with_a_noise_that_is_sometimes_wide():
    found = category_chances(GRID, LAW, -10.0)
    assert found.sum(axis=0) == pytest.approx(np.ones(N_CELLS), abs=1e-15)
    points, weights = np.polynomial.legendre.leggauss(3)
    scores = 805.0 + 5.0 * points - 10.0  # of a gap of 190 to 200, then the jury
    at_most = [
        (0.9 * norm.cdf(bound, scores, 12.0) + 0.1 * norm.cdf(bound, scores, 48.0)) @ weights / 2
        for bound in (500, 600, 700, 800, 900)
    ]
    expected = np.diff([0.0, *at_most, 1.0])
    assert found[:, cell_of(195.0)] == pytest.approx(expected, abs=1e-14)


def test_awards_follow_bands_cap_and_confirmation():
    free = category_chances(GRID, LAW, 5.0)
    free[4] += 0.6 * free[5]
    free[5] *= 0.4
    found = award_chances(GRID, LAW, 5.0)
    assert found.shape == (N_CATEGORIES + 1, N_CATEGORIES, N_CELLS)
    assert found[N_CATEGORIES] == pytest.approx(free)
    for standing in range(N_CATEGORIES):
        highest = min(standing + 1, N_CATEGORIES - 1)
        capped = np.vstack([free[:highest], free[highest:].sum(axis=0), 0 * free[highest + 1 :]])
        expected = 0.8 * (0.9 * capped + 0.1 * free)
        expected[standing] += 0.2
        assert found[standing] == pytest.approx(expected, abs=1e-15)


def beliefs_of(n_cells=2):
    """Return beliefs of two rates: none on record, a quarter in the first cell."""
    state = np.zeros((2, N_CATEGORIES + 1, n_cells))
    state[:, N_CATEGORIES] = [[0.1, 0.3], [0.15, 0.45]]
    return state


def awards_of(*chances):
    """Return chances of awards that go by the cell alone: each of the first categories."""
    awards = np.zeros((N_CATEGORIES + 1, N_CATEGORIES, 2))
    awards[:, : len(chances)] = chances
    return awards


def test_an_award_seen_weighs_what_is_believed():
    awards = awards_of([0.5, 0.0], [0.5, 1.0])
    first = see_award(beliefs_of(), awards, 0)
    assert first[:, 0].tolist() == [[0.4, 0.0], [0.6, 0.0]]
    second = see_award(beliefs_of(), awards, 1)
    assert second[:, 1] == pytest.approx(np.array([[0.05, 0.3], [0.075, 0.45]]) / 0.875)
    assert second.sum() == pytest.approx(1.0)


def test_an_award_not_known_is_summed_over_and_one_ruled_out_tells_nothing():
    awards = awards_of([0.5, 0.0], [0.5, 1.0])
    unknown = see_award(beliefs_of(), awards, None)
    assert unknown[:, 0] == pytest.approx(np.array([[0.05, 0.0], [0.075, 0.0]]))
    assert unknown[:, 1] == pytest.approx(np.array([[0.05, 0.3], [0.075, 0.45]]))
    ruled_out = see_award(beliefs_of(), awards, 4)
    assert ruled_out[:, 4] == pytest.approx(np.array([[0.1, 0.3], [0.15, 0.45]]))
    assert ruled_out.sum() == pytest.approx(1.0)

"""Scalar formulas that both engines share, each by hand: their equality cannot judge them."""

import math

import numpy as np
import pytest
from scipy import stats

from kla_sim.engine import formulas
from kla_sim.engine.formulas import (
    background_step,
    clip_score,
    days_left,
    learning_multiplier,
    noise_factor,
    part_of,
    pert_fraction,
    quantile,
    reflect_gap,
    service_factor,
    triangular_quantile,
    whole_days,
    whole_rupiah,
)
from kla_sim.engine.jury import BOUNDS, NO_STANDING, awards_of
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.scenario.distributions import Lognormal, Pert


def test_work_is_tried_twenty_times():
    assert formulas.MAXIMUM_ATTEMPTS == 20


def test_the_noise_is_wide_below_the_share_of_tails():
    found = [noise_factor(0.3, 4.0, probability) for probability in (0.0, 0.2999, 0.3, 0.9)]
    assert found == [4.0, 4.0, 1.0, 1.0]


@pytest.mark.parametrize("innovation", [-1.5, 0.0, 2.0])
def test_the_background_moves_as_ornstein_and_uhlenbeck_wrote(innovation):
    years = 400 / 365.25
    spread = 34 * math.sqrt((1 - math.exp(-0.1 * years)) / 0.1)
    expected = 300 * math.exp(-0.05 * years) - spread * innovation
    assert background_step(300.0, 0.05, 34.0, 400, innovation) == pytest.approx(expected)
    free = 300 - 34 * math.sqrt(years) * innovation
    assert background_step(300.0, 0.0, 34.0, 400, innovation) == pytest.approx(free)


def test_gaps_are_reflected_and_scores_clipped():
    gaps = (1.0, 0.5, -3.0, 1000.0, 1001.5, 2001.0, -1000.0)
    assert [reflect_gap(gap) for gap in gaps] == [1.0, 1.5, 5.0, 1000.0, 998.5, 3.0, 998.0]
    assert [clip_score(score) for score in (-0.1, 0.0, 3.5, 1000.0, 1000.1)] == [
        0,
        0,
        3.5,
        1e3,
        1e3,
    ]


def test_learning_and_services_by_hand():
    assert learning_multiplier(0.9, 0.1, 0.5, 2, 2) == pytest.approx(0.9**2)
    assert learning_multiplier(0.9, 0.85, 0.5, 2, 2) == 0.85
    assert learning_multiplier(0.9, 0.1, 0.0, 0, 9) == 1.0
    assert service_factor(0.4, 0.5, 0.1, 0.25) == pytest.approx(0.8 * 0.975)
    assert service_factor(0.4, 1.5, 0.1, 1.5) == pytest.approx(0.6 * 0.9)


def test_both_end_cells_of_a_pert_are_power_laws_that_meet_their_neighbours():
    book = TableBook()
    row = distribution_row(Pert[float](low=0, likely=0.3, high=1), book)
    tables, number = book.array(), int(row[4])
    step = 1 / formulas.PERT_CELLS
    first, last = tables[number, 1], tables[number, formulas.PERT_CELLS - 1]
    low = pert_fraction(step / 3, 0.3, tables, number)
    assert low == pytest.approx(first * (1 / 3) ** (1 / 2.2))
    high = pert_fraction(1 - step / 3, 0.3, tables, number)
    assert 1 - high == pytest.approx((1 - last) * (1 / 3) ** (1 / 3.8))
    assert first == pytest.approx(stats.beta(2.2, 3.8).ppf(step))


def test_days_left_of_a_uniform_duration_are_those_beyond_what_has_gone():
    """Of 10 to 30 days, 15 gone, those of 15.5 and more are longer: the rest is 15.5 to 30."""
    row = np.array([formulas.UNIFORM, 10.0, 30.0, 0.0, 0.0])
    tables = np.zeros((1, formulas.PERT_CELLS + 1))
    for chance in (0.01, 0.25, 0.5, 0.75, 0.99):
        expected = math.floor(15.5 + 14.5 * chance + 0.5) - 15
        assert days_left(row, chance, tables, 1.0, 1.0, 15) == expected
        twice = math.floor(1 + 19.5 * chance)  # 20 to 60 days, of which those from 40.5 on are left
        assert days_left(row, chance, tables, 4.0, 0.5, 40) == twice
    assert days_left(row, 0.5, tables, 1.0, 1.0, 99) == 1


def test_awards_of_places_are_each_by_its_own_standing_and_habit():
    verified = np.array([850.0, 850.0, 850.0, 850.0, 950.0, 950.0])
    standing = np.array([1, 1, 1, NO_STANDING, 5, 5])
    capped = np.array([True, False, False, True, False, False])
    confirmed = np.array([False, True, False, True, False, False])
    reached = np.array([True, True, True, True, True, False])
    found = awards_of(verified, standing, BOUNDS, capped, confirmed, reached)
    assert found.tolist() == [2, 1, 4, 4, 5, 4]
    assert found.dtype == np.int64


def test_a_lognormal_without_spread_is_its_mean():
    row = distribution_row(Lognormal[float](distribution="lognormal", mean=5, sd=0), TableBook())
    assert row.tolist() == [formulas.FIXED, 5.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(("amount", "share", "part"), [(101, 3333, 33), (29_999, 5000, 14_999)])
def test_a_part_is_rounded_down_and_counts_what_is_left_of_whole_ten_thousands(amount, share, part):
    assert part_of(amount, share) == part
    assert part_of(amount + 10**18, share) == part + share * 10**14


def test_cells_between_the_ends_of_a_pert_are_straight():
    book = TableBook()
    row = distribution_row(Pert[float](low=0, likely=0.3, high=1), book)
    tables, number = book.array(), int(row[4])
    for cell in (1, 700, formulas.PERT_CELLS - 2):
        below, above = tables[number, cell : cell + 2]
        found = pert_fraction((cell + 0.25) / formulas.PERT_CELLS, 0.3, tables, number)
        assert found == pytest.approx(below + 0.25 * (above - below), rel=1e-13)


def test_a_narrow_triangle_is_no_point():
    root = math.sqrt(0.5)
    assert triangular_quantile(0.125, 2.0, 2.25, 2.5) == pytest.approx(2.0 + 0.125)
    assert triangular_quantile(0.5, 2.0, 2.0, 2.5) == pytest.approx(2.5 - 0.5 * root)
    assert triangular_quantile(0.7, 2.0, 2.0, 2.0) == 2.0


def test_a_normal_all_but_cut_off_stays_a_number():
    row = np.array([formulas.NORMAL, 5.0, 2.0, 0.9, 0.0])
    tables = np.zeros((1, formulas.PERT_CELLS + 1))
    assert quantile(row, 0.0, tables) == pytest.approx(5.0 + 2.0 * stats.norm.ppf(0.9))
    most = 5.0 + 2.0 * stats.norm.isf(2.0**-53)
    assert quantile(row, 1.0 - 2.0**-53, tables) == pytest.approx(most)


def test_days_left_of_a_pert_are_read_from_its_table():
    book = TableBook()
    row = distribution_row(Pert[float](low=10, likely=20, high=60), book)
    assert days_left(row, 0.5, book.array(), 1.0, 1.0, 0) == math.floor(
        quantile(row, 0.5, book.array()) + 0.5
    )


def test_days_and_rupiah_are_whole_within_their_ends():
    days = (0.0, 0.49, 1.49, 1.5, 2.5, 1e300)
    assert [whole_days(number) for number in days] == [1, 1, 1, 2, 3, formulas.LONGEST_DAYS]
    amounts = (-3.0, 0.49, 0.5, 2.5, 1e300)
    assert [whole_rupiah(number) for number in amounts] == [0, 0, 1, 3, formulas.DEAREST_RUPIAH]

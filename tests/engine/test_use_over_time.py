"""Use of staff and money by month: numbers worked by hand on the plan of two zones."""

import datetime as dt

import numpy as np
import pytest
from two_zones import of_chance, two_zones

from kla_sim.analysis.use_over_time import months_of
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.futures_schedule import futures_schedule


@pytest.fixture(scope="module")
def found():
    return futures_schedule(compile_plan(two_zones(), 1), 0, 6)


def test_months_are_cut_at_the_start_and_the_horizon():
    months = months_of(dt.date(2023, 11, 20), 72)
    assert months.keys == ("2023-11", "2023-12", "2024-01")
    assert months.first_days.tolist() == [0, 11, 42, 73]
    assert months.lengths.tolist() == [11, 31, 31]
    assert months.years.tolist() == [2023, 2023, 2024]
    one = months_of(dt.date(2024, 2, 29), 0)
    assert (one.keys, one.first_days.tolist()) == (("2024-02",), [0, 1])


def test_posts_at_work_are_the_mean_of_the_month(found):
    (crew,) = found.staff.quantiles
    # days 0-100 and 365-465: January to 10 April 2023, and 2024 with its 29 February to 9 April
    expected = np.zeros(24)
    expected[[0, 1, 2, 12, 13, 14]] = 1.0
    expected[3], expected[15] = 10 / 30, 9 / 30
    np.testing.assert_allclose(crew, np.tile(expected, (5, 1)), rtol=1e-12)
    np.testing.assert_allclose(found.staff.at_limit[0], expected, rtol=1e-12)
    assert found.staff.limit[0].tolist() == [1.0] * 24


def test_money_is_spent_since_new_year_against_what_there_was(found):
    province, region = found.cash.quantiles[:, 2]
    assert province.tolist() == [0, 0, 0, *[300] * 9, 0, 0, 0, *[300] * 9]
    assert region.tolist() == [1000, 1000, 1000, *[1300] * 9, 1300, 1300, 1300, *[1600] * 9]
    assert found.cash.limit.tolist() == [[500.0] * 24, [2000.0] * 24]


def test_the_region_is_at_its_limit_while_the_second_zone_waits_for_money(found):
    expected = np.zeros(24)
    expected[3], expected[4:12] = 20 / 30, 1.0  # day 100, 11 April, to New Year
    np.testing.assert_allclose(found.cash.at_limit[1], expected, rtol=1e-12)
    assert not found.cash.at_limit[0].any()


def test_what_is_carried_over_can_be_spent_in_the_next_year():
    accounts = {"cities": {"kota": {2023: 2000, 2024: 0}}, "province": {2023: 500, 2024: 0},
                "release": {"1 Januari": "100%"}, "lapse": "0%"}  # fmt: skip
    use = futures_schedule(compile_plan(two_zones(n=1, accounts=accounts), 1), 0, 2).cash
    # 700 are left of 2,000; 300 of them are the upkeep of 2024
    assert use.limit[1].tolist() == [2000.0] * 12 + [700.0] * 12
    assert use.quantiles[1, 2].tolist() == [1000, 1000, 1000, *[1300] * 9, *[300] * 12]


def test_quantiles_over_futures_are_what_futures_used():
    plan = compile_plan(of_chance(), 1)
    least, p10, p50, p90, most = futures_schedule(plan, 0, 50).staff.quantiles[0]
    assert (np.diff(np.array([least, p10, p50, p90, most]), axis=0) >= 0).all()
    assert (most > least).any()
    one = futures_schedule(plan, 7, 8).staff.quantiles[0]
    assert (one == one[0]).all()

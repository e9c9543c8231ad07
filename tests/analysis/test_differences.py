"""Paired differences: their values by hand, their intervals by simulation, their dates by day."""

import math

import numpy as np
import pytest

from kla_sim.analysis.differences import (
    HalfDates,
    Outcomes,
    differences,
    futures_needed,
    half_dates,
    is_shown,
)
from kla_sim.analysis.estimate import Estimate, estimate_amount_difference, estimate_difference
from kla_sim.experiment.coverage.of_odds import amount_held


def plan(all_cities, cities, spent, is_met=None, reached=None, days=(0,), n_worlds=2):
    n = len(all_cities)
    met = np.array([False] * n if is_met is None else is_met)
    no_days = np.zeros((n_worlds, len(days), 1 + len(cities[0])), np.int64)
    return Outcomes(
        first=0,
        n_worlds=n_worlds,
        is_met=met,
        all_cities=np.array(all_cities, float),
        cities=np.array(cities, float),
        days=np.array(days),
        reached=no_days if reached is None else np.array(reached),
        spent=np.array(spent, float),
    )


A = plan([0.1, 0.2, 0.3, 0.0], [[0.5, 0.2]] * 4, [100, 200, 300, 400], [True, False, False, False])
B = plan(
    [0.3, 0.2, 0.4, 0.1],
    [[0.6, 0.2], [0.5, 0.2], [0.7, 0.3], [0.6, 0.1]],
    [150, 200, 400, 450],
    [False, True, True, False],
)


def test_each_difference_is_the_mean_over_the_same_futures():
    found = differences(A, B)
    assert found.odds.value == pytest.approx((0.2 + 0.0 + 0.1 + 0.1) / 4)
    assert [city.value for city in found.cities] == pytest.approx([0.1, 0.0])
    assert found.expected_cities.value == pytest.approx((0.1 + 0.0 + 0.3 + 0.0) / 4)
    assert found.spent.value == pytest.approx((50 + 0 + 100 + 50) / 4)
    assert (found.won, found.lost) == (2, 1)
    assert found.counted.value == pytest.approx((2 - 1) / 4)


def test_turned_round_every_difference_changes_its_sign():
    there, back = differences(A, B), differences(B, A)
    assert back.odds.value == pytest.approx(-there.odds.value)
    assert back.odds.low == pytest.approx(-there.odds.high, abs=1e-6)
    assert (back.won, back.lost) == (there.lost, there.won)
    assert back.spent[:3] == pytest.approx(
        (-there.spent.value, -there.spent.high, -there.spent.low)
    )


def test_rupiah_have_students_interval_over_worlds():
    # worlds 0 and 1 differ by 75 and 25 on average: mean 50, standard error 25, t(1) = 12.7062
    found = differences(A, B).spent
    assert (found.low, found.high) == pytest.approx(
        (50 - 12.7062 * 25, 50 + 12.7062 * 25), rel=1e-5
    )


def test_of_one_world_rupiah_have_no_interval():
    found = estimate_amount_difference(np.array([30.0]), np.array([3.0]))
    assert found[:3] == (10.0, -math.inf, math.inf)


def test_the_interval_for_rupiah_covers_what_it_promises():
    n_covered = amount_held(2_000, seed=1)
    assert 0.95 - 4 * 0.0049 < n_covered / 2_000 < 0.95 + 4 * 0.0049


REACHED_A = [[[0, 1, 4], [2, 3, 4]], [[0, 1, 4], [2, 3, 4]]]  # of 4 futures a world
REACHED_B = [[[0, 3, 4], [1, 3, 4]], [[0, 3, 4], [1, 3, 4]]]


def dated(reached, days):
    return plan([0.0] * 8, [[0.0, 0.0]] * 8, [0] * 8, reached=reached, days=days)


def test_the_day_of_one_half_is_the_first_on_which_half_the_futures_are_there():
    both, first, second = half_dates(dated(REACHED_A, (0, 300)), dated(REACHED_B, (0, 280)))
    assert both == HalfDates(300, None, None, math.inf, math.inf)
    assert first == HalfDates(300, 0, -300, -300.0, -300.0)
    assert second == HalfDates(0, 0, 0, 0.0, 0.0)


def test_where_neither_plan_arrives_no_day_differs():
    never = [[[0, 0, 0], [1, 0, 0]]] * 2
    found = half_dates(dated(never, (0, 300)), dated(never, (0, 280)))
    assert found == [HalfDates(None, None, None, 0.0, 0.0)] * 3


def test_worlds_that_disagree_leave_the_date_open():
    split = [[[0, 0, 0], [4, 0, 0]], [[0, 0, 0], [0, 0, 0]]]
    both, *_cities = half_dates(dated(REACHED_A, (0, 300)), dated(split, (0, 300)))
    assert both.days == 0
    assert both.high == math.inf


def needed(values, n_worlds):
    groups = np.arange(len(values)) % n_worlds
    difference = estimate_difference(np.bincount(groups, values), np.bincount(groups).astype(float))
    return difference, futures_needed(difference, groups, values)


def test_what_would_show_a_difference_is_reckoned_from_the_spread_of_futures():
    # worlds alike, each future +-0.3 around 0.01: n = (1.96 * 0.3 / 0.01)^2 = 3457
    values = 0.01 + 0.3 * np.tile(np.repeat([1.0, -1.0], 10), 20)
    _difference, found = needed(values, 10)
    inner = 0.09 * 400 / 390  # within worlds, one degree of freedom lost for each
    assert found.worlds is None
    assert found.futures == math.ceil((1.959964 / 0.01) ** 2 * inner)


def test_a_difference_between_worlds_asks_for_more_worlds():
    values = 0.01 + np.tile(np.where(np.arange(20) % 2, 0.2, -0.2), 30)
    difference, found = needed(values, 20)
    assert not is_shown(difference)
    variance = 0.04 * 20 / 19
    assert found.worlds == math.ceil((1.959964 / 0.01) ** 2 * variance)
    assert found.futures == pytest.approx(found.worlds * 30, rel=0.01)


def test_so_many_futures_do_show_a_difference_of_that_size():
    rng = np.random.default_rng(4)
    values = np.clip(rng.normal(0.01, 0.3, 600), -1.0, 1.0)
    difference, found = needed(values, 20)
    assert not is_shown(difference)
    half_width = 1.96 * 0.3 / math.sqrt(found.futures)
    assert half_width == pytest.approx(abs(difference.value), rel=0.2)


def test_nothing_is_needed_where_it_is_shown_or_nothing_differs():
    shown = Estimate(0.1, 0.05, 0.15, 0.95, "paired", 100)
    none = Estimate(0.0, -0.01, 0.01, 0.95, "paired_none_differs", 100)
    groups, values = np.arange(100) % 10, np.zeros(100)
    assert futures_needed(shown, groups, values) is None
    assert futures_needed(none, groups, values) is None


def test_no_fewer_futures_are_asked_for_than_there_are():
    groups = np.arange(1000) % 20
    values = np.where(np.arange(1000) < 10, 1.0, 0.0)
    wide = Estimate(0.01, -1.0, 1.03, 0.95, "few_worlds", 1000)  # a bound that knows no spread
    assert not is_shown(wide)
    assert (1.959964 / 0.01) ** 2 * values.var() < 1000
    assert futures_needed(wide, groups, values) is None

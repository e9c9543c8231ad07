"""Scores of forecasts against values worked by hand, and the naive forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.award_forecasts import (
    Moves,
    forecast_by_table,
    forecast_no_change,
    moves_of,
)
from kla_sim.analysis.forecast_scores import (
    calibration_table,
    log_scores,
    mean_difference,
    ranked_probability_scores,
    smallest_sets,
)
from kla_sim.domain.record import AwardRecord

CHANCES = np.array([[0.1, 0.2, 0.4, 0.2, 0.1], [0.0, 0.0, 0.25, 0.5, 0.25]])


def test_log_score_is_minus_the_log_of_the_chance_given_to_what_came() -> None:
    scores = log_scores(CHANCES, np.array([2, 4]))
    np.testing.assert_allclose(scores, [-np.log(0.4), -np.log(0.25)])


def test_ranked_probability_score_equals_the_sum_worked_by_hand() -> None:
    # cumulative .1 .3 .7 .9 against 0 0 1 1, and 0 0 .25 .75 against 0 0 0 0
    by_hand = [(0.01 + 0.09 + 0.09 + 0.01) / 4, (0.0625 + 0.5625) / 4]
    np.testing.assert_allclose(ranked_probability_scores(CHANCES, np.array([2, 4])), by_hand)


def test_ranked_probability_score_forgives_a_near_miss() -> None:
    sure = np.array([[0.0, 0.0, 1.0, 0.0, 0.0]])
    near, far = (ranked_probability_scores(sure, np.array([came]))[0] for came in (3, 4))
    assert 0 < near < far


def test_interval_of_a_difference_is_students_when_each_place_has_one_forecast() -> None:
    generator = np.random.default_rng(1)
    one, other = generator.random(40), generator.random(40)
    found = mean_difference(one, other, np.arange(40))
    expected = stats.ttest_1samp(one - other, 0.0).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(one - other))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_forecasts_of_one_place_count_as_one_cluster() -> None:
    generator = np.random.default_rng(2)
    by_place = generator.standard_normal(30)
    scores, place = np.repeat(by_place, 4), np.repeat(np.arange(30), 4)
    once = mean_difference(by_place, np.zeros(30), np.arange(30))
    repeated = mean_difference(scores, np.zeros(120), place)
    assert (repeated.low, repeated.high) == pytest.approx((once.low, once.high))


def test_interval_of_a_difference_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(3)
    place = np.repeat(np.arange(40), 3)
    n_tries, n_covered = 600, 0
    for _ in range(n_tries):
        noise = generator.standard_normal(40)[place] + generator.standard_normal(120)
        found = mean_difference(noise, np.zeros(120), place)
        n_covered += found.low <= 0 <= found.high
    assert stats.binomtest(n_covered, n_tries, 0.95).pvalue > 1e-3


def test_a_single_cluster_says_nothing_of_the_error() -> None:
    found = mean_difference(np.array([1.0, 2.0]), np.zeros(2), np.array([7, 7]))
    assert (found.value, found.low, found.high) == (1.5, -np.inf, np.inf)


def test_calibration_counts_every_outcome_of_every_forecast_once() -> None:
    generator = np.random.default_rng(4)
    chances = generator.dirichlet(np.ones(5), 3_000)
    outcomes = np.array([generator.choice(5, p=row) for row in chances])
    table = calibration_table(chances, outcomes)
    assert sum(band.n for band in table) == chances.size
    inside = [band.band_low <= band.observed <= band.band_high for band in table]
    assert sum(inside) >= 4


def test_calibration_shows_forecasts_that_are_too_sure() -> None:
    chances = np.tile([0.9, 0.1, 0.0, 0.0, 0.0], (400, 1))
    outcomes = np.repeat([0, 1], 200)
    sure = next(band for band in calibration_table(chances, outcomes) if band.low >= 0.8)
    assert sure.observed == pytest.approx(0.5)
    assert sure.observed < sure.band_low


def test_binomial_band_holds_the_middle_of_the_binomial() -> None:
    chances = np.tile([0.3, 0.7, 0.0, 0.0, 0.0], (50, 1))
    band = next(b for b in calibration_table(chances, np.zeros(50, int)) if b.forecast > 0.6)
    low, high = stats.binom(50, 0.7).ppf([0.025, 0.975]) / 50
    assert (band.band_low, band.band_high) == pytest.approx((low, high))


def test_smallest_set_takes_the_likeliest_outcomes_until_they_reach_the_level() -> None:
    sets = smallest_sets(CHANCES, 0.8)
    np.testing.assert_array_equal(sets[0], [False, True, True, True, False])
    assert sets[1].sum() == 3


def _moves(earlier: list[int], later: list[int]) -> Moves:
    place = np.arange(len(earlier))
    return Moves(place, np.ones_like(place), np.array(earlier), np.array(later))


def test_table_of_moves_adds_a_half_to_every_cell() -> None:
    training = _moves([2, 2, 2], [2, 3, 3])
    forecast = forecast_by_table(training, _moves([2, 0], [0, 0]))
    np.testing.assert_allclose(forecast[0], np.array([0.5, 0.5, 1.5, 2.5, 0.5]) / 5.5)
    np.testing.assert_allclose(forecast[1], 0.2)


def test_no_change_keeps_the_training_share_and_spreads_the_rest() -> None:
    training = _moves([1, 2, 3, 4], [1, 2, 3, 3])
    forecast = forecast_no_change(training, _moves([3], [0]))[0]
    assert forecast[3] == pytest.approx(3.5 / 5)
    np.testing.assert_allclose(np.delete(forecast, 3), (1 - 3.5 / 5) / 4)


def test_only_adjacent_known_awards_make_a_move_and_kla_counts_as_utama() -> None:
    category = np.array([[1, -1, 2], [3, 5, -1], [-1, 2, 2]])
    record = AwardRecord(
        ("Kab. A", "Kota B", "Kota C"), ("Riau",) * 3, (2021, 2022, 2023), category, category < -9
    )
    moves = moves_of(record)
    np.testing.assert_array_equal(moves.place, [1, 2])
    np.testing.assert_array_equal(moves.evaluation, [1, 2])
    np.testing.assert_array_equal(moves.later, [4, 2])

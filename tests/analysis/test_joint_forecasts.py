"""Forecasts of counts against values worked by hand and by drawing, and their scores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.forecast_scores import allowed_shares, calibration_bands
from kla_sim.analysis.joint_forecasts import (
    LAW,
    JointCase,
    claims_of_all,
    count_chances,
    joint_scores,
    mixed_counts,
    randomised_pit,
)


def case(chances: list[list[float]], counts: tuple[int, ...]) -> JointCase:
    return JointCase("Riau", 2023, len(chances[0]) - 1, counts, {LAW: np.array(chances)})


def test_count_of_equal_places_is_binomial() -> None:
    expected = stats.binom.pmf(np.arange(6), 5, 0.3)
    np.testing.assert_allclose(count_chances(np.full(5, 0.3)), expected)


def test_count_of_two_unequal_places_is_worked_by_hand() -> None:
    np.testing.assert_allclose(count_chances(np.array([0.2, 0.5])), [0.4, 0.5, 0.1])


def test_places_that_share_a_state_all_rise_more_often_than_independent_ones() -> None:
    reached, weights = np.array([[0.1, 0.1, 0.1], [0.9, 0.9, 0.9]]), np.array([0.5, 0.5])
    together, apart = mixed_counts(reached, weights), count_chances(weights @ reached)
    assert together[3] == pytest.approx((0.9**3 + 0.1**3) / 2)
    assert apart[3] == pytest.approx(0.125)
    # the mean number is the same
    assert together @ np.arange(4) == pytest.approx(apart @ np.arange(4))


def test_scores_of_counts_equal_those_worked_by_hand() -> None:
    one = case([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], (2, 0))
    scores = joint_scores([one], LAW)
    assert scores.log_score[0] == pytest.approx(-(np.log(0.7) + np.log(0.5)) / 2)
    # cumulative .1 .3 against 0 0, and .5 .8 against 1 1
    assert scores.rps[0] == pytest.approx((0.01 + 0.09 + 0.25 + 0.04) / 4)
    # all two came to the first category, not to the second
    assert scores.all_log_score[0] == pytest.approx(-(np.log(0.7) + np.log(0.8)) / 2)


def test_randomised_places_of_right_forecasts_are_uniform() -> None:
    generator = np.random.default_rng(1)
    chances = count_chances(np.array([0.2, 0.4, 0.7]))
    cases = [case([chances.tolist()], (int(generator.choice(4, p=chances)),)) for _ in range(4_000)]
    places = randomised_pit(cases, LAW, 2).ravel()
    assert stats.kstest(places, "uniform").pvalue > 0.01
    # of forecasts that are too low the counts fall in the upper part
    low = [one._replace(chances={LAW: count_chances(np.full(3, 0.2))[None]}) for one in cases]
    assert stats.kstest(randomised_pit(low, LAW, 2).ravel(), "uniform").pvalue < 1e-6


def test_claims_of_all_are_the_last_chance_and_whether_every_place_came_to_it() -> None:
    chances, came = claims_of_all([case([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], (2, 1))], LAW)
    assert chances.tolist() == [[0.7, 0.2]]
    assert came.tolist() == [[True, False]]


def test_claims_of_one_cluster_count_once_for_what_is_allowed() -> None:
    chances, came = np.full(12, 0.3), np.arange(12) < 6
    (apart,) = calibration_bands(chances, came)
    (together,) = calibration_bands(chances, came, np.repeat(np.arange(4), 3))
    assert (apart.n, together.n, apart.observed, together.observed) == (12, 12, 0.5, 0.5)
    for band, n in ((apart, 12), (together, 4)):
        expected = [stats.binom.ppf(end, n, 0.3) / n for end in (0.025, 0.975)]
        assert [band.band_low, band.band_high] == pytest.approx(expected)
    assert together.band_high - together.band_low > apart.band_high - apart.band_low


@pytest.mark.parametrize("n", [1, 7, 25])
@pytest.mark.parametrize("chance", [0.0, 0.2, 0.5, 1.0])
def test_shares_that_are_allowed_are_points_of_the_binomial(n: int, chance: float) -> None:
    low, high = allowed_shares(chance, n)
    expected = [stats.binom.ppf(end, n, chance) / n for end in (0.025, 0.975)]
    assert [low, high] == pytest.approx(expected)

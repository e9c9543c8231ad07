"""Counts of places: against binomials, all combinations, scores by hand, and right forecasts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.joint_forecasts import (
    INDEPENDENT,
    LAW,
    TABLE,
    JointCase,
    count_chances,
    joint_scores,
    mixed_counts,
    randomised_pit,
)


def test_counts_of_places_that_are_alike_are_binomial() -> None:
    for n, chance in ((1, 0.3), (6, 0.25), (38, 0.9)):
        found = count_chances(np.full(n, chance))
        expected = stats.binom.pmf(np.arange(n + 1), n, chance)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_counts_of_places_that_differ_are_sums_over_every_combination() -> None:
    reached = np.array([[0.1, 0.5, 0.9, 0.35], [0.0, 1.0, 0.2, 0.6]])
    found = count_chances(reached)
    for row, chances in zip(reached, found, strict=True):
        expected = np.zeros(5)
        for combination in itertools.product((0, 1), repeat=4):
            chance = np.prod(np.where(combination, row, 1.0 - row))
            expected[sum(combination)] += chance
        np.testing.assert_allclose(chances, expected, atol=1e-14)


def test_places_that_share_something_are_mixed_over_it() -> None:
    reached = np.array([[0.9, 0.8], [0.1, 0.2]])
    weights = np.array([0.25, 0.75])
    found = mixed_counts(reached, weights)
    both = 0.25 * 0.9 * 0.8 + 0.75 * 0.1 * 0.2
    neither = 0.25 * 0.1 * 0.2 + 0.75 * 0.9 * 0.8
    np.testing.assert_allclose(found, [neither, 1.0 - both - neither, both])
    apart = count_chances(weights @ reached)
    assert found[2] > apart[2]
    assert found[0] > apart[0]
    np.testing.assert_allclose(found @ np.arange(3), apart @ np.arange(3))  # the mean is the same


def case(counts: tuple[int, ...], chances: list[list[float]], n_places: int) -> JointCase:
    return JointCase("Riau", 2023, n_places, counts, {LAW: np.array(chances)})


def test_scores_of_a_case_worked_by_hand() -> None:
    """Two places and two categories: one forecast half right, one that was sure and right."""
    one = case((1, 0), [[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]], 2)
    scores = joint_scores([one], LAW)
    assert scores.log_score[0] == pytest.approx(-np.log(0.5) / 2, rel=1e-9)
    # below: 0.2 and 0.7 against 0 and 1, then 1 and 1 against 1 and 1; four steps
    assert scores.rps[0] == pytest.approx((0.2**2 + 0.3**2) / 4, rel=1e-9)
    # all at or above: no (0.7 was given to it), and no (1)
    assert scores.all_log_score[0] == pytest.approx(-np.log(0.7) / 2, rel=1e-9)
    every = case((2, 0), [[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]], 2)
    assert joint_scores([every], LAW).all_log_score[0] == pytest.approx(-np.log(0.3) / 2, rel=1e-9)


def test_a_forecast_that_ruled_out_what_came_scores_badly_and_not_infinitely() -> None:
    wrong = case((2,), [[1.0, 0.0, 0.0]], 2)
    scores = joint_scores([wrong], LAW)
    assert scores.log_score[0] == pytest.approx(-np.log(1e-12))
    assert scores.rps[0] == pytest.approx(1.0)
    assert np.isfinite(scores.all_log_score).all()


def test_the_right_forecast_scores_best_on_average() -> None:
    rng = np.random.default_rng(2)
    truth, wrong = np.array([0.1, 0.2, 0.7]), np.array([0.25, 0.5, 0.25])
    cases = [
        JointCase(
            "Riau",
            2023,
            2,
            (int(count),),
            {LAW: truth[None], INDEPENDENT: wrong[None], TABLE: np.full((1, 3), 1 / 3)},
        )
        for count in rng.choice(3, 2000, p=truth)
    ]
    means = {name: joint_scores(cases, name) for name in (LAW, INDEPENDENT, TABLE)}
    for field in ("log_score", "rps", "all_log_score"):
        best = getattr(means[LAW], field).mean()
        assert best < getattr(means[INDEPENDENT], field).mean() - 0.01
        assert best < getattr(means[TABLE], field).mean() - 0.01
    entropy = -truth @ np.log(truth)
    error = np.std(means[LAW].log_score) / np.sqrt(2000)
    assert abs(means[LAW].log_score.mean() - entropy) < 4 * error


def drawn_cases(chances: np.ndarray, forecast: np.ndarray, n: int) -> list[JointCase]:
    rng = np.random.default_rng(6)
    return [
        JointCase("Riau", 2023, len(chances) - 1, (int(count),), {LAW: forecast[None]})
        for count in rng.choice(len(chances), n, p=chances)
    ]


def test_counts_fall_evenly_in_forecasts_that_are_right_and_in_no_others() -> None:
    right = count_chances(np.array([0.3, 0.6, 0.8, 0.5]))
    pit = randomised_pit(drawn_cases(right, right, 4000), LAW, 1)
    assert pit.shape == (4000, 1)
    assert stats.kstest(pit[:, 0], "uniform").pvalue > 0.001
    shy = count_chances(np.array([0.1, 0.4, 0.6, 0.3]))
    off = randomised_pit(drawn_cases(right, shy, 4000), LAW, 1)
    assert stats.kstest(off[:, 0], "uniform").pvalue < 1e-9
    assert off.mean() > 0.6  # more places rose than was forecast
    assert np.array_equal(pit, randomised_pit(drawn_cases(right, right, 4000), LAW, 1))

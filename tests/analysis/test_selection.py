"""Choosing the best of several plans: constants reckoned by hand, and the promise as measured."""

import numpy as np
import pytest

from kla_sim.analysis.estimate import estimate_share
from kla_sim.analysis.selection import allotment, knockout, squared_reach
from kla_sim.experiment.coverage.of_others import best_chosen


def test_the_constant_of_kn_is_that_of_its_formula():
    # k = 2, n0 = 3, alpha = 0.05: eta = ((0.1) ** -1 - 1) / 2 = 4.5, h^2 = 2 * 4.5 * 2
    assert squared_reach(2, 3) == pytest.approx(18.0)
    # k = 5, n0 = 10: eta = (0.025 ** (-2 / 9) - 1) / 2 = 0.635, h^2 = 18 eta
    assert squared_reach(5, 10) == pytest.approx(11.4294, abs=1e-3)


def test_a_plan_that_is_clearly_worse_goes_out_at_once():
    observations = np.array([[1.0, 1.2, 1.1], [0.0, 0.2, 0.1]])
    found = knockout(observations, 3, apart=0.5)
    assert (found.best, found.n_used, found.is_decided) == (0, 3, True)
    assert found.alive.tolist() == [True, False]


def test_a_plan_stays_as_long_as_the_difference_is_within_the_slack():
    # differences 1, -1, 1.5: mean 0.5, S^2 = 1.75; h^2 S^2 / apart^2 = 18 * 1.75 = 31.5,
    # slack (31.5 - 3) / 6 = 4.75 after three, and it would end after 32 at the latest
    observations = np.array([[1.0, 0.0, 1.5], [0.0, 1.0, 0.0]])
    found = knockout(observations, 3, apart=1.0)
    assert found.alive.tolist() == [True, True]
    assert (found.best, found.n_used, found.is_decided) == (0, 3, False)


def test_it_ends_where_the_sum_of_differences_exceeds_the_slack():
    # after the same three the differences go 1, -1, ...: their sum is 2.5 after an even number, and
    # (31.5 - 26) / 2 = 2.75 > 2.5 > (31.5 - 28) / 2 = 1.75
    first = np.tile([1.0, 0.0], 20)
    observations = np.array([np.r_[1.0, 0.0, 1.5, first], np.r_[0.0, 1.0, 0.0, 1.0 - first]])
    found = knockout(observations, 3, apart=1.0)
    assert (found.best, found.n_used, found.is_decided) == (0, 28, True)


def test_it_ends_with_the_larger_mean_where_the_variance_lets_it_go_no_further():
    # differences 1, -1, 1.5, then none: their sum is 1.5, the slack (31.5 - 28) / 2, then 1.25
    observations = np.array([np.r_[1.0, 0.0, 1.5, np.zeros(40)], np.r_[0.0, 1.0, np.zeros(41)]])
    assert knockout(observations, 3, apart=1.0).n_used == 29


def test_equal_plans_are_decided_without_a_difference():
    observations = np.ones((3, 4))
    assert knockout(observations, 4, apart=0.1).is_decided


def test_futures_go_where_they_decide():
    # distances 1 and 2 at equal deviations: shares 1 and 1/4, the best sqrt(1 + 1/16) = 1.0308
    counts = allotment(np.array([3.0, 2.0, 1.0]), np.ones(3), 2281)
    assert counts.tolist() == [1031, 1000, 250]
    # twice the deviation of the worst: its share is four times 1/4; the best
    # sqrt(1 + (1 / 2) ** 2) = 1.1180
    counts = allotment(np.array([3.0, 2.0, 1.0]), np.array([1.0, 1.0, 2.0]), 3118)
    assert counts.tolist() == [1118, 1000, 1000]


def test_plans_with_the_mean_of_the_best_are_told_apart_from_it_last():
    counts = allotment(np.array([1.0, 1.0, 0.0]), np.ones(3), 300)
    assert counts.sum() == 300
    assert counts[2] == 0


def test_the_best_is_chosen_as_often_as_promised_in_a_few_trials():
    assert best_chosen(100, seed=7) >= 95


@pytest.mark.long
def test_the_best_is_chosen_as_often_as_promised():
    n = 2_000
    share = best_chosen(n, seed=20_221_114) / n
    print(f"chosen rightly: {share:.4f} of {n}")
    assert estimate_share(np.array([share * n]), np.array([float(n)]), 0.99).low >= 0.95


def test_a_single_plan_is_chosen_without_a_comparison():
    found = knockout(np.array([[1.0, 0.0, 1.5]]), 3, apart=1.0)
    assert (found.best, found.n_used, found.is_decided) == (0, 3, True)
    assert found.alive.tolist() == [True]

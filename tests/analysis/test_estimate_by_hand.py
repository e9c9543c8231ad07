"""Estimates of few numbers, worked out by hand: the whole record, not the value alone."""

import math

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.bounded import mean_interval
from kla_sim.analysis.estimate import (
    Check,
    Estimate,
    WorldRange,
    check_against_counting,
    estimate_amount_difference,
    estimate_chance,
    estimate_difference,
    estimate_mean,
    estimate_paired_difference,
    estimate_share,
    may_be_narrow,
    n_groups,
    range_across_worlds,
    share_of_worlds_above,
    unseen_share,
    variance_ratio,
)


def assert_same(found, expected):
    assert found[:3] == pytest.approx(expected[:3], rel=1e-12)
    assert found[3:] == expected[3:]


def unseen(n, level=0.95):
    """Return the share that n trials without a hit may hide."""
    return 1 - ((1 - level) / 2) ** (1 / n)


def test_none_or_all_of_forty_worlds():
    sizes = np.full(40, 25.0)
    none = Estimate(0.0, 0.0, unseen(40), 0.95, "clustered", 1000)
    assert_same(estimate_share(np.zeros(40), sizes), none)
    every = Estimate(1.0, 1 - unseen(40, 0.8), 1.0, 0.8, "clustered", 1000)
    assert_same(estimate_share(sizes, sizes, 0.8), every)


def test_worlds_without_a_replication_are_left_out():
    hits, sizes = np.array([3.0, 0.0, 5.0]), np.array([10.0, 0.0, 10.0])
    whole = estimate_share(hits[[0, 2]], sizes[[0, 2]])
    assert estimate_share(hits, sizes) == whole
    assert (whole.value, whole.method, whole.replications) == (0.4, "clustered", 20)
    mean = estimate_mean(hits, sizes, (0.0, 1.0))
    assert (mean.value, mean.level, mean.method, mean.replications) == (0.4, 0.95, "clustered", 20)


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_counting_is_set_against_chances_by_their_own_variance(level):
    spread = math.sqrt(2.0 - 0.4)
    half = stats.t.ppf((1 + level) / 2, 19) * spread / 20
    expected = Estimate(0.05, 0.05 - half, 0.05 + half, level, "paired", 20)
    found = check_against_counting(3, 2.0, 0.4, 20, level)
    assert isinstance(found, Check)
    assert_same(found.difference, expected)
    assert found.z == pytest.approx(1 / spread)


def test_counting_against_chances_never_leaves_the_range_of_differences():
    found = check_against_counting(1, 0.5, 0.25, 1)
    assert found == (Estimate(0.5, -1.0, 1.0, 0.95, "paired", 1), 0.5)
    low, high = check_against_counting(2, 1.0, 0.6, 2).difference[1:3]
    half = stats.t.ppf(0.975, 1) / 2
    assert half > 1.5
    assert (low, high) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("chances", "squares", "n", "expected"),
    [
        (25.0, 20.0, 50, 0.25 / 0.15),
        (24.5, 20.0, 49, None),
        (5.0, 2.0, 50, 3.0),
        (4.99, 2.0, 50, None),
        (44.9, 44.0, 50, 0.898 * 0.102 / (0.88 - 0.898**2)),
        (45.1, 44.0, 50, None),
        (25.0, 12.5, 50, None),
    ],
)
def test_the_variance_ratio_by_hand(chances, squares, n, expected):
    found = variance_ratio(chances, squares, n)
    assert found is None if expected is None else found == pytest.approx(expected)


def test_a_difference_says_how_it_was_found():
    sums, sizes = np.array([1.0, 0.0, 2.0, -1.0]), np.full(4, 5.0)
    clustered = estimate_difference(sums, sizes, 0.9)
    assert (clustered.value, clustered.level, clustered.method) == (0.1, 0.9, "paired_clustered")
    one = estimate_difference(sums, sizes, is_one_world=True)
    assert (one.value, one.method, one.replications) == (0.1, "paired", 20)
    mean = estimate_mean(sums, sizes, (-1.0, 1.0))
    assert one == mean._replace(method="paired")


def test_a_difference_of_none_is_as_wide_as_what_may_go_unseen():
    sums, sizes = np.zeros(40), np.full(40, 25.0)
    of_worlds, of_futures = unseen(40, 0.9), unseen(1000)
    method = "paired_none_differs"
    assert_same(
        estimate_difference(sums, sizes, 0.9),
        Estimate(0.0, -of_worlds, of_worlds, 0.9, method, 1000),
    )
    assert_same(
        estimate_difference(sums, sizes, is_one_world=True),
        Estimate(0.0, -of_futures, of_futures, 0.95, method, 1000),
    )


@pytest.mark.parametrize(("n_worlds", "method"), [(1, "paired"), (2, "paired_clustered")])
def test_paired_outcomes_are_grouped_by_their_worlds(n_worlds, method):
    a = np.array([True, False, False, True, False, False, True, False] * 20)
    b = np.array([True, True, False, False, True, False, True, True] * 20)
    found = estimate_paired_difference(a, b, n_worlds, 0.9)
    groups = np.arange(160) % n_groups(n_worlds)
    sums = np.array([(b.astype(int) - a)[groups == one].sum() for one in range(groups.max() + 1)])
    sizes = np.array([(groups == one).sum() for one in range(groups.max() + 1)])
    expected = estimate_mean(sums.astype(float), sizes.astype(float), (-1.0, 1.0), 0.9)
    assert found == expected._replace(method=method)
    assert found.value == 0.25
    nothing = estimate_paired_difference(a, a, n_worlds)
    hidden = unseen(160 if n_worlds == 1 else 2)
    assert_same(nothing, Estimate(0.0, -hidden, hidden, 0.95, "paired_none_differs", 160))


def test_a_difference_of_amounts_has_students_interval():
    half = stats.t.ppf(0.95, 2) * math.sqrt((1 + 0.25 + 0.25) / 2 / 3)
    found = estimate_amount_difference(np.array([2.0, 5.0, 5.0]), np.full(3, 2.0), 0.9)
    assert_same(found, Estimate(2.0, 2 - half, 2 + half, 0.9, "student", 6))
    alone = estimate_amount_difference(np.array([10.0, 0.0]), np.array([4.0, 0.0]))
    assert alone == Estimate(2.5, -math.inf, math.inf, 0.95, "student", 4)


def test_one_world_is_many_bundles():
    assert [n_groups(1), n_groups(2), n_groups(500)] == [n_groups(1), 2, 500]
    assert n_groups(1) > 2


def test_worlds_that_do_not_differ_have_one_point():
    found = range_across_worlds(np.full(2, 10.0), np.full(2, 20.0), np.full(2, 5.0))
    assert found == WorldRange(2, 0.5, 0.5, 0.5, 0.0)
    assert share_of_worlds_above(0.4, np.full(2, 10.0), np.full(2, 20.0), np.full(2, 5.0)) == 1.0
    assert share_of_worlds_above(0.5, np.full(2, 10.0), np.full(2, 20.0), np.full(2, 5.0)) == 0.0


def test_below_twenty_futures_a_world_nothing_is_said_of_worlds():
    sums, sizes = np.array([10.0, 5.0]), np.array([20.0, 19.0])
    assert range_across_worlds(sums, sizes) == WorldRange(2, None, None, None, None, "few_futures")
    assert share_of_worlds_above(0.4, sums, sizes) is None
    assert range_across_worlds(sums[:1], sizes[:1]).withheld == "few_futures"


@pytest.mark.parametrize("squares", [None, np.array([12.0, 30.0, 45.0])])
def test_the_range_across_worlds_is_a_beta_of_their_variance_less_the_noise(squares):
    """The variance between worlds is the mean of a normal cut off at zero."""
    sums, sizes = np.array([20.0, 50.0, 60.0]), np.full(3, 100.0)
    shares = sums / 100
    inner = np.mean(((sums if squares is None else squares) / 100 - shares**2) / 99)
    total = shares.var(ddof=1)
    spread = total * math.sqrt(2 / 2)
    difference = total - inner
    between = stats.truncnorm(-difference / spread, np.inf, difference, spread).mean()
    mean = shares.mean()
    between = min(between, 0.999 * mean * (1 - mean))
    strength = mean * (1 - mean) / between - 1
    law = stats.beta(mean * strength, (1 - mean) * strength)
    found = range_across_worlds(sums, sizes, squares)
    assert found[0] == 3
    assert found[1:4] == pytest.approx(law.ppf([0.1, 0.5, 0.9]))
    assert found[4] == pytest.approx(between / (mean * (1 - mean)))
    assert found[5] is None
    assert share_of_worlds_above(0.3, sums, sizes, squares) == pytest.approx(law.sf(0.3))


def test_one_world_is_counted():
    law = stats.binomtest(7, 20).proportion_ci(0.9, "exact")
    found = estimate_share(np.array([7.0]), np.array([20.0]), 0.9)
    assert_same(found, Estimate(0.35, law.low, law.high, 0.9, "binomial", 20))


@pytest.mark.parametrize(("most", "bound"), [(9.0, 1.0), (10.0, 1.0), (10.5, 2.0)])
@pytest.mark.parametrize(
    ("is_one_world", "method"), [(True, "conditional"), (False, "conditional_clustered")]
)
def test_mean_chances_lie_within_what_their_groups_allow(most, bound, is_one_world, method):
    sums, sizes = np.array([3.0, 2.0, most]), np.full(3, 10.0)
    value = float(sums.sum() / 30)
    of_worlds = mean_interval(sums, sizes, 0.0, bound, 0.9)
    worth = stats.beta([value * 3000, value * 3000 + 1], [3001 - value * 3000, 3000 * (1 - value)])
    low, high = worth.ppf([0.05, 0.95])
    expected = Estimate(
        value, min(of_worlds[0], low), min(1.0, max(of_worlds[1], high)), 0.9, method, 30
    )
    assert_same(estimate_chance(sums, sizes, 0.9, is_one_world=is_one_world), expected)
    with_empty = np.insert(sums, 1, 0.0), np.insert(sizes, 1, 0.0)
    assert_same(estimate_chance(*with_empty, 0.9, is_one_world=is_one_world), expected)


def test_groups_of_amounts_may_be_single():
    sums, sizes = np.array([2.0, 5.0, 5.0]), np.array([1.0, 2.0, 2.0])
    parts = (sums - 2.4 * sizes) / (5 / 3)
    half = stats.t.ppf(0.975, 2) * math.sqrt(sum(parts**2) / 2 / 3)
    expected = Estimate(2.4, 2.4 - half, 2.4 + half, 0.95, "student", 5)
    assert_same(estimate_amount_difference(sums, sizes), expected)


def test_worlds_of_none_and_all_vary_no_more_than_a_chance_can():
    found = range_across_worlds(np.array([0.0, 100.0]), np.full(2, 100.0))
    assert found.share_of_variance == pytest.approx(0.999)
    assert (found.p10, found.p50, found.p90) == pytest.approx(
        stats.beta(*[0.5 * (1 / 0.999 - 1)] * 2).ppf([0.1, 0.5, 0.9])
    )


def worlds_at(share, n_carrying, n_worlds=128):
    """Return hits and replications of worlds of which a few carry everything."""
    sizes = np.full(n_worlds, 64.0)
    return np.where(np.arange(n_worlds) < n_carrying, share, 0.0) * sizes, sizes


@pytest.mark.parametrize(
    ("n_carrying", "withheld"), [(9, "few_worlds"), (10, None), (11, None), (0, None)]
)
def test_rare_odds_that_rest_on_fewer_than_ten_worlds_say_nothing_of_worlds(n_carrying, withheld):
    """Of 128 worlds; the failures of nearly sure odds are held alike."""
    hits, sizes = worlds_at(0.5, n_carrying)
    assert range_across_worlds(hits, sizes).withheld == withheld
    assert range_across_worlds(sizes - hits, sizes).withheld == withheld
    assert (share_of_worlds_above(0.2, hits, sizes) is None) == (withheld is not None)


def test_odds_that_are_not_rare_may_rest_on_few_worlds():
    hits, sizes = worlds_at(1.0, 2, 16)  # an eighth
    assert range_across_worlds(hits, sizes).withheld is None
    few, many = worlds_at(0.5, 5, 5), worlds_at(0.0, 0, 5)
    assert range_across_worlds(*few).withheld is None
    assert range_across_worlds(*many).withheld is None


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_worlds_that_may_be_missing_are_asked_for_at_the_level_of_the_odds(level):
    most = unseen(50, level)
    assert unseen_share(50, level) == pytest.approx(most)
    for end, is_narrow in ((0.9 * most, True), (1.1 * most, False)):
        rare = Estimate(end / 2, 0.0, end, level, "clustered", 1000)
        sure = Estimate(1.0 - end / 2, 1.0 - end, 1.0, level, "clustered", 1000)
        assert may_be_narrow(rare, 50) is may_be_narrow(sure, 50) is is_narrow
        assert not may_be_narrow(rare, 1)


def test_chances_with_a_correction_may_lie_above_one_but_their_mean_does_not():
    sizes = np.full(30, 10.0)
    sums = np.where(np.arange(30) < 3, 12.0, 4.0)
    found = estimate_chance(sums, sizes, 0.9)
    low, high = mean_interval(sums, sizes, 0.0, 2.0, 0.9)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert mean_interval(sums, sizes, 0.0, 3.0, 0.9)[1] > high + 0.01
    beyond = estimate_chance(np.full(30, 11.0), sizes, 0.9)
    assert (beyond.value, beyond.high) == (1.0, 1.0)
    assert beyond.low == pytest.approx(0.05 ** (1 / 30))


def test_an_interval_of_amounts_leaves_out_groups_without_a_replication():
    sums, sizes = np.array([30.0, 0.0, 10.0]), np.array([2.0, 0.0, 2.0])
    found = estimate_amount_difference(sums, sizes, 0.9)
    assert found == estimate_amount_difference(sums[::2], sizes[::2], 0.9)
    assert found.value == 10.0
    assert found.level == 0.9


def test_chances_of_one_kind_are_worth_at_most_a_hundred_outcomes_each():
    sums, sizes = np.full(40, 5.0), np.full(40, 10.0)
    found = estimate_chance(sums, sizes, 0.9)
    hits = 0.5 * 40_000
    assert found.low == pytest.approx(stats.beta.ppf(0.05, hits, hits + 1))
    assert found.high == pytest.approx(stats.beta.ppf(0.95, hits + 1, hits))


def test_shares_say_at_which_level():
    hits, sizes = np.array([3.0, 5.0, 4.0]), np.full(3, 10.0)
    assert estimate_share(hits, sizes, 0.5).level == 0.5


def test_a_share_of_few_worlds_has_the_wider_of_two_intervals():
    hits, sizes = np.array([9.0, 1.0, 5.0]), np.full(3, 10.0)
    found = estimate_share(hits, sizes, 0.9)
    low, high = mean_interval(hits, sizes, 0.0, 1.0, 0.9)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert low < stats.beta.ppf(0.05, 15, 16)


def test_where_no_future_of_one_world_could_succeed_futures_are_counted():
    chances, sizes = np.zeros(500), np.full(500, 2.0)
    found = estimate_chance(chances, sizes, is_one_world=True)
    assert (found.low, found.high) == (0.0, pytest.approx(unseen(1000)))
    assert estimate_chance(chances, sizes).high == pytest.approx(unseen(500))


def test_two_worlds_are_few_enough_to_miss_one():
    assert may_be_narrow(Estimate(0.1, 0.0, 0.2, 0.95, "clustered", 100), 2)

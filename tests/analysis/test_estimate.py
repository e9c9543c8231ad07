"""Estimates: exact where a closed form exists, and their coverage by simulation."""

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.estimate import (
    Estimate,
    check_against_counting,
    estimate_chance,
    estimate_paired_difference,
    estimate_share,
    may_be_narrow,
    range_across_worlds,
    unseen_share,
    variance_ratio,
)
from kla_sim.experiment.coverage.of_odds import SHAPES, mean_held, run_of_shape


def test_one_world_gives_the_exact_binomial_interval():
    estimate = estimate_share(np.array([7.0]), np.array([20.0]))
    expected = stats.binomtest(7, 20).proportion_ci(0.95, "exact")
    assert (estimate.low, estimate.high) == pytest.approx((expected.low, expected.high))
    assert estimate.value == 0.35
    assert estimate.method == "binomial"


@pytest.mark.parametrize("hits", [0.0, 25.0])
def test_odds_of_none_or_all_are_never_a_bare_bound(hits):
    estimate = estimate_share(np.full(40, hits), np.full(40, 25.0))
    assert estimate.low < estimate.value or estimate.high > estimate.value
    unseen = 1 - 0.025 ** (1 / 40)  # 40 worlds, not 1,000 futures: ignorance may be all there is
    assert estimate.high - estimate.low == pytest.approx(unseen)


def test_independent_worlds_of_one_replication_give_about_the_binomial_interval():
    hits = np.array([1.0, 0.0] * 200)
    clustered = estimate_share(hits, np.ones(400))
    plain = estimate_share(np.array([200.0]), np.array([400.0]))
    assert clustered.high - clustered.low == pytest.approx(plain.high - plain.low, rel=0.02)


def test_worlds_that_agree_within_widen_the_interval_to_that_of_the_worlds():
    hits = np.repeat([25.0, 0.0], 20)
    clustered = estimate_share(hits, np.full(40, 25.0))
    of_worlds = estimate_share(np.array([20.0]), np.array([40.0]))
    assert clustered.high - clustered.low == pytest.approx(of_worlds.high - of_worlds.low, rel=0.05)


def test_more_agreement_between_worlds_than_chance_does_not_narrow_below_the_binomial():
    clustered = estimate_share(np.full(40, 12.0), np.full(40, 25.0))
    plain = estimate_share(np.array([480.0]), np.array([1000.0]))
    assert clustered.high - clustered.low >= 0.99 * (plain.high - plain.low)


def _coverage(true_share: float, strength: float, per_world: int, seed: int) -> float:
    """Return how often the interval holds the true odds, in 1,000 runs of 60 worlds."""
    rng = np.random.default_rng(seed)
    covered = 0
    for _ in range(1000):
        shares = rng.beta(true_share * strength, (1 - true_share) * strength, 60)
        hits = rng.binomial(per_world, shares).astype(float)
        estimate = estimate_share(hits, np.full(60, float(per_world)))
        covered += estimate.low <= true_share <= estimate.high
    return covered / 1000


@pytest.mark.parametrize(("true_share", "strength"), [(0.3, 4.0), (0.05, 4.0), (0.9, 20.0)])
def test_the_interval_over_worlds_keeps_its_coverage(true_share, strength):
    # 1,000 runs: a true coverage of 92 % would be seen below 0.935 with a chance of over 95 %
    assert _coverage(true_share, strength, 10, seed=7) >= 0.935


def test_the_mean_over_worlds_keeps_its_coverage():
    assert 0.93 <= mean_held(1000, seed=3) / 1000 <= 0.97


def test_a_paired_difference_needs_less_than_two_separate_intervals():
    rng = np.random.default_rng(5)
    luck = rng.random(2000)
    a, b = luck < 0.40, luck < 0.45
    difference = estimate_paired_difference(a, b, 200)
    assert difference.low < 0.05 < difference.high
    one = estimate_share(
        np.bincount(np.arange(2000) % 200, weights=a).astype(float), np.full(200, 10.0)
    )
    assert difference.high - difference.low < (one.high - one.low) / 2


def test_two_equal_runs_differ_by_zero_within_what_could_go_unseen():
    same = np.array([True, False] * 500)
    difference = estimate_paired_difference(same, same, 100)
    assert difference.value == 0.0
    assert difference.low == -difference.high
    assert difference.high == pytest.approx(1 - 0.025 ** (1 / 100))


def test_the_range_across_worlds_is_withheld_below_twenty_replications_per_world():
    withheld = range_across_worlds(np.full(10, 5.0), np.full(10, 19.0))
    assert withheld.p10 is None
    assert withheld.share_of_variance is None


def test_the_range_across_worlds_is_a_point_where_worlds_do_not_differ():
    rng = np.random.default_rng(11)
    hits = rng.binomial(1000, 0.4, 100).astype(float)
    found = range_across_worlds(hits, np.full(100, 1000.0))
    assert found.p90 - found.p10 < 0.03
    assert found.share_of_variance < 0.002


def test_the_range_across_worlds_takes_the_noise_inside_a_world_away():
    rng = np.random.default_rng(12)
    true_shares = rng.beta(3, 7, 400)
    hits = rng.binomial(25, true_shares).astype(float)
    found = range_across_worlds(hits, np.full(400, 25.0))
    expected = stats.beta(3, 7).ppf([0.1, 0.5, 0.9])
    assert [found.p10, found.p50, found.p90] == pytest.approx(expected, abs=0.03)
    raw = np.quantile(hits / 25, [0.1, 0.9])
    assert found.p90 - found.p10 < raw[1] - raw[0] - 0.03


RUNS = 400


@pytest.mark.parametrize("is_counted", [True, False], ids=["hits", "chances"])
@pytest.mark.parametrize("per_world", [5, pytest.param(20, marks=pytest.mark.long), 50])
@pytest.mark.parametrize("shape", SHAPES)
def test_interval_and_range_keep_their_coverage(shape, per_world, is_counted):
    held, mass = run_of_shape(shape, per_world, RUNS, 21, is_counted=is_counted)
    # 400 runs at 95 %: fewer than 362 have a chance of 0.02 %; at 88 % 352 are expected
    assert held >= 362
    if per_world < 20:
        assert mass is None
    else:
        assert 0.72 <= mass <= 0.92  # meant: 0.80


def test_one_world_with_chances_is_as_sure_as_their_spread_allows():
    rng = np.random.default_rng(4)
    chances = rng.uniform(0.2, 0.4, 500)
    estimate = estimate_chance(chances, np.ones(500), is_one_world=True)
    expected = 1.96 * chances.std(ddof=1) / np.sqrt(500)
    # the normal interval, and room at both ends for the one future in 501 that has not come
    assert 2 * expected < estimate.high - estimate.low < 2.1 * expected
    assert estimate.method == "conditional"


@pytest.mark.parametrize("chance", [0.0, 1.0])
@pytest.mark.parametrize("n_worlds", [1, 30])
def test_odds_without_any_spread_are_never_a_bare_bound(chance, n_worlds):
    n_groups = 600 if n_worlds == 1 else n_worlds
    sizes = np.full(n_groups, 600.0 / n_groups)
    estimate = estimate_chance(sizes * chance, sizes, is_one_world=n_worlds == 1)
    assert estimate.value == chance
    unseen = 1 - 0.025 ** (1 / (600 if n_worlds == 1 else n_worlds))
    assert estimate.high - estimate.low == pytest.approx(unseen)


def test_counting_that_agrees_with_the_chances_raises_no_alarm():
    rng = np.random.default_rng(6)
    scores = []
    for _ in range(500):
        chances = rng.beta(0.3, 3.0, 400)
        n_met = int((rng.random(400) < chances).sum())
        scores.append(check_against_counting(n_met, chances.sum(), (chances**2).sum(), 400).z)
    assert np.std(scores) == pytest.approx(1.0, abs=0.1)
    assert abs(np.mean(scores)) < 0.15


def test_counting_that_disagrees_raises_an_alarm_and_one_rare_hit_does_not():
    assert check_against_counting(300, 200.0, 50.0, 1000).z > 3
    assert check_against_counting(100, 200.0, 50.0, 1000).z < -3
    assert abs(check_against_counting(1, 0.001, 1e-6, 1000).z) < 3
    check = check_against_counting(210, 200.0, 50.0, 1000)
    assert check.difference.value == pytest.approx(0.01)
    assert check.difference.low < 0.0 < check.difference.high


def test_the_variance_ratio_is_one_for_hits_and_larger_for_chances():
    assert variance_ratio(300.0, 300.0, 1000) == pytest.approx(1.0)
    assert variance_ratio(300.0, 150.0, 1000) == pytest.approx(0.21 / 0.06)
    assert variance_ratio(300.0, 90.0, 1000) is None


def test_the_range_does_not_vanish_where_noise_could_hide_a_difference():
    hits = np.tile([5.0, 7.0], 50)  # less spread than 20 replications of equal worlds would have
    found = range_across_worlds(hits, np.full(100, 20.0))
    assert 0.01 < found.p90 - found.p10 < 0.12


def test_chances_that_hardly_vary_do_not_claim_to_know_all():
    sizes = np.full(20, 50.0)
    sure = estimate_chance(sizes * 0.3, sizes)
    assert 0.002 < sure.high - sure.low < 0.01
    remote = estimate_chance(sizes * 1e-30, sizes)
    assert 1e-5 < remote.high < 1e-4


@pytest.mark.parametrize("is_one_world", [True, False])
def test_chances_above_one_before_they_are_averaged_still_have_an_interval(is_one_world):
    """Met at once ever adds one to a chance that may not be 0, which a few futures show."""
    odds = estimate_chance(np.array([0.8, 0.7, 1.1]), np.ones(3), is_one_world=is_one_world)
    assert odds.value == pytest.approx(2.6 / 3)
    assert 0.2 < odds.low < 0.5
    assert odds.high == 1.0


def test_of_200_worlds_none_may_be_of_a_kind_of_two_in_a_hundred():
    # 1 - 0.025^(1/200)
    assert unseen_share(200) == pytest.approx(0.018275, abs=1e-6)
    assert unseen_share(20) == pytest.approx(0.168433, abs=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "n_worlds", "is_narrow"),
    [
        (0.001, 0.0182, 200, True),
        (0.001, 0.0183, 200, False),
        (0.9818, 0.999, 200, True),
        (0.9817, 0.999, 200, False),
        (0.001, 0.0182, 300, False),  # fewer kinds are unseen among more worlds: 0.0122
        (0.0, 0.001, 1, False),  # one world: nothing of the kind is asked
        (0.02, 0.04, 200, False),
    ],
)
def test_an_interval_may_be_narrow_where_it_leaves_no_room_for_unseen_worlds(
    low, high, n_worlds, is_narrow
):
    odds = Estimate((low + high) / 2, low, high, 0.95, "conditional_clustered", 4_000)
    assert may_be_narrow(odds, n_worlds) is is_narrow


def test_odds_of_nothing_at_all_leave_room_by_themselves():
    none = estimate_chance(np.zeros(200), np.full(200, 20.0))
    assert none.high == unseen_share(200)
    assert not may_be_narrow(none, 200)

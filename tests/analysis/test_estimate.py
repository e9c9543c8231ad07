"""Estimates: exact where a closed form exists, and their coverage by simulation."""

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.estimate import (
    estimate_mean,
    estimate_paired_difference,
    estimate_share,
    range_across_worlds,
)


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
    assert clustered.high - clustered.low == pytest.approx(
        of_worlds.high - of_worlds.low, rel=0.05
    )


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
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(1000):
        centres = rng.normal(4.0, 1.0, 30)
        sums = rng.normal(centres[:, None], 2.0, (30, 8)).sum(axis=1)
        estimate = estimate_mean(sums, np.full(30, 8.0))
        covered += estimate.low <= 4.0 <= estimate.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_a_paired_difference_needs_less_than_two_separate_intervals():
    rng = np.random.default_rng(5)
    luck = rng.random(2000)
    a, b = luck < 0.40, luck < 0.45
    difference = estimate_paired_difference(a, b, 50)
    assert difference.low < 0.05 < difference.high
    one = estimate_share(
        np.bincount(np.arange(2000) % 50, weights=a).astype(float), np.full(50, 40.0)
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

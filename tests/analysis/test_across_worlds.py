"""Plans across worlds: worst tenth, regret and threshold, free of the luck of picking."""

import numpy as np
import pytest

from kla_sim.analysis.across_worlds import across_worlds
from kla_sim.analysis.differences import Outcomes
from kla_sim.analysis.estimate import share_of_worlds_above

N_WORLDS, PER_WORLD = 20, 40


def plan(odds_of_world, chances=None):
    n = N_WORLDS * PER_WORLD
    of_each = np.tile(odds_of_world, PER_WORLD) if chances is None else chances
    return Outcomes(
        0, N_WORLDS, np.zeros(n, bool), of_each, of_each[:, None], np.array([0]),
        np.zeros((N_WORLDS, 1, 2), np.int64), np.zeros(n),
    )  # fmt: skip


RISING = np.linspace(0.05, 0.95, N_WORLDS)


def test_the_worst_tenth_is_the_mean_of_the_worst_worlds():
    (found,) = across_worlds([plan(RISING)], 0.5)
    assert found.worst_tenth == pytest.approx(RISING[:2].mean())


def test_regret_is_what_the_best_plan_of_each_world_has_more():
    rising, falling = across_worlds([plan(RISING), plan(RISING[::-1])], 0.5)
    expected = np.maximum(RISING[::-1] - RISING, 0.0).mean()
    assert (rising.regret, falling.regret) == pytest.approx((expected, expected))


def test_a_plan_that_is_best_everywhere_has_no_regret():
    best, other = across_worlds([plan(RISING), plan(RISING / 2)], 0.5)
    assert best.regret == 0.0
    assert other.regret == pytest.approx((RISING / 2).mean())


def test_luck_alone_makes_no_worst_world_and_no_regret():
    rng = np.random.default_rng(5)
    alike = [
        plan(None, rng.beta(2.0, 2.0, N_WORLDS * PER_WORLD)) for _ in range(6)
    ]  # every world has odds of 0.5
    found = across_worlds(alike, 0.5)
    spread = np.sqrt(0.05 / (PER_WORLD / 2))
    assert np.mean([one.worst_tenth for one in found]) == pytest.approx(0.5, abs=4 * spread / 3.4)
    assert np.mean([one.regret for one in found]) == pytest.approx(0.0, abs=4 * spread / 7)


def test_the_share_above_a_threshold_is_that_of_the_worlds():
    (found,) = across_worlds([plan(RISING)], 0.5)
    assert found.share_above == pytest.approx(0.5, abs=0.02)
    (sure,) = across_worlds([plan(np.full(N_WORLDS, 0.7))], 0.5)
    assert sure.share_above == 1.0


def test_the_share_above_is_that_of_the_beta_with_the_worlds_variance():
    rng = np.random.default_rng(7)
    odds = rng.beta(2.0, 3.0, 4_000)
    sums, sizes = 50.0 * odds, np.full(4_000, 50.0)
    exact = 0.1792  # P(Beta(2, 3) > 0.6) = 4 (0.4)^3 - 3 (0.4)^4
    assert exact == pytest.approx(4 * 0.4**3 - 3 * 0.4**4)
    found = share_of_worlds_above(0.6, sums, sizes, 50.0 * odds**2)
    assert found == pytest.approx(exact, abs=0.02)


def test_of_few_futures_or_one_world_nothing_is_said():
    few = plan(RISING)._replace(
        is_met=np.zeros(100, bool), all_cities=np.zeros(100), cities=np.zeros((100, 1))
    )
    assert across_worlds([few], 0.5) is None
    assert across_worlds([plan(RISING)._replace(n_worlds=1)], 0.5) is None

"""The odds over tau: which worlds are held against each other, and when nothing is said."""

from __future__ import annotations

import numpy as np
import pytest

from kla_sim.analysis.estimate import estimate_chance
from kla_sim.analysis.togetherness import FEWEST_PER_THIRD, odds_over_tau

N = 3 * FEWEST_PER_THIRD


def test_the_thirds_with_the_least_and_the_most_are_estimated_apart() -> None:
    taus = np.random.default_rng(1).permutation(np.linspace(0.1, 0.7, 99))
    sizes = np.full(99, 20.0)
    sums = np.where(taus < 0.3, 2.0, np.where(taus > 0.5, 10.0, 5.0))
    weak, strong = odds_over_tau(taus, sums, sizes, estimate_chance)
    ordered = np.sort(taus)
    assert (weak.low, weak.high) == (ordered[0], ordered[32])
    assert (strong.low, strong.high) == (ordered[66], ordered[98])
    for part, chosen in ((weak, taus <= ordered[32]), (strong, taus >= ordered[66])):
        assert part.odds == estimate_chance(sums[chosen], sizes[chosen])
        assert part.odds.low < part.odds.value < part.odds.high
        assert part.odds.replications == 33 * 20
    assert weak.odds.value == pytest.approx(0.1, abs=0.01)
    assert strong.odds.value == pytest.approx(0.5, abs=0.01)


def test_of_too_few_worlds_nothing_is_said() -> None:
    taus, sizes = np.linspace(0.1, 0.7, N), np.ones(N)
    assert len(odds_over_tau(taus, sizes / 2, sizes, estimate_chance)) == 2
    assert odds_over_tau(taus[:-1], sizes[:-1] / 2, sizes[:-1], estimate_chance) == ()


def test_worlds_that_have_no_replication_yet_do_not_count() -> None:
    taus, sizes = np.linspace(0.1, 0.7, N), np.ones(N)
    sizes[0] = 0.0
    assert odds_over_tau(taus, sizes / 2, sizes, estimate_chance) == ()


@pytest.mark.parametrize("tau", [0.0, 0.3])
def test_where_all_worlds_share_one_tau_nothing_is_said(tau: float) -> None:
    sizes = np.ones(N)
    assert odds_over_tau(np.full(N, tau), sizes / 2, sizes, estimate_chance) == ()


def test_where_the_middle_reaches_into_both_thirds_they_cannot_be_told_apart() -> None:
    taus = np.full(N, 0.3)
    taus[:3], taus[-3:] = 0.1, 0.5
    sizes = np.ones(N)
    assert odds_over_tau(taus, sizes / 2, sizes, estimate_chance) == ()

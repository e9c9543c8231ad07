"""The interval of a run that stops by itself, bet by bet as the paper writes it."""

import math

import numpy as np
import pytest

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.precision import ROUND, estimate_by_betting, half_width, look_counts

LEVEL = 0.9
LIMIT = math.log(2.0 / 0.1)


def stakes_of(observations, precision, per_round):
    """Return the stakes one by one: from what was seen before, for the look that will be enough."""
    total = squares = 0.0
    variance, found = 0.25, []
    for n, here in enumerate(observations, 1):
        needed = max(n, 2.0 * LIMIT * variance / precision**2)
        look = per_round
        while look < needed:
            look *= 2
        found.append(math.sqrt(2.0 * LIMIT / (variance * look)))
        total += here
        mean = (0.5 + total) / (n + 1)
        squares += (here - mean) ** 2
        variance = (0.25 + squares) / (n + 1)
    return found


def is_refuted(mean, observations, stakes):
    """Return whether somebody who bets on more than a mean has ever become rich."""
    wealth, most = 0.0, -math.inf
    for here, stake in zip(observations, stakes, strict=True):
        wealth += math.log1p(min(stake, 0.5 / mean) * (here - mean))
        most = max(most, wealth)
    return most >= LIMIT


def lower_end(observations, stakes):
    """Return the bound by looking at a fine grid."""
    refuted = [mean for mean in np.arange(1, 4000) / 4000 if is_refuted(mean, observations, stakes)]
    return max(refuted, default=0.0)


@pytest.mark.parametrize(
    ("observations", "precision", "per_round"),
    [
        (np.tile([0.9, 0.6, 1.0, 0.7], 60), 0.05, 40),
        (np.tile([0.0, 0.1, 0.0, 0.0, 0.3], 80), 0.02, 100),
        (np.full(64, 0.5), 0.1, 8),
        (np.array([1.0, 0.0, 1.0]), 0.01, 1000),
    ],
)
def test_the_interval_is_what_no_bet_has_refuted(observations, precision, per_round):
    found = estimate_by_betting(observations, precision, per_round, 4321, LEVEL)
    stakes = stakes_of(observations, precision, per_round)
    low, high = lower_end(observations, stakes), 1.0 - lower_end(1.0 - observations, stakes)
    assert found.low == pytest.approx(low, abs=1 / 3999)
    assert found.high == pytest.approx(high, abs=1 / 3999)
    assert (found.level, found.method, found.replications) == (LEVEL, "betting_on_worlds", 4321)
    assert found.value == pytest.approx(observations.mean())


def test_an_interval_holds_its_own_value_and_95_percent_is_the_level_of_a_run():
    early = estimate_by_betting(np.array([1.0] * 60 + [0.0] * 400), 0.05, 20, 460)
    assert early.low <= early.value <= early.high
    assert early.value == pytest.approx(60 / 460)
    assert early.low == early.value  # ones came first: more was refuted than the mean in the end
    assert early.level == 0.95


def test_half_a_width_is_half_of_it():
    assert half_width(Estimate(0.4, 0.3, 0.7, 0.95, "any", 10)) == pytest.approx(0.2)


def test_looks_double_from_a_round_to_the_cap():
    assert ROUND == 1000
    assert look_counts(1000) == [1000]
    assert look_counts(1001) == [1000, 1001]
    assert look_counts(9000) == [1000, 2000, 4000, 8000, 9000]

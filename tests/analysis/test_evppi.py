"""The value of finding out: a closed form, noise, and unknowns of few values."""

import numpy as np
import pytest
from scipy.stats import norm

from kla_sim.analysis.evppi import basis_of, finding_out
from kla_sim.experiment.coverage.of_studies import worth_of_normal

N = 2_000
RNG = np.random.default_rng(3)
INPUTS = np.column_stack([RNG.normal(size=(N, 3)), RNG.integers(0, 2, N)])
LUCK = RNG.normal(0.0, 0.05, N)


def two_plans(mean, spread):
    """Return a plan that gives 0.3, and one that gives more by a normal unknown and some luck."""
    return np.stack([np.full(N, 0.3), 0.3 + mean + spread * INPUTS[:, 0] + LUCK])


@pytest.mark.parametrize(("mean", "spread"), [(0.02, 0.05), (-0.05, 0.05)])
def test_two_plans_and_one_normal_unknown_give_the_closed_form(mean, spread):
    """Of 12 samples the mean is right within three standard errors; most intervals hold it."""
    right = worth_of_normal(mean, spread)
    worths = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        unknown = rng.normal(size=(N, 1))
        gain = mean + spread * unknown[:, 0] + rng.normal(0.0, 0.05, N)
        found = finding_out(unknown, np.stack([np.full(N, 0.3), 0.3 + gain]))
        assert found.perfect >= found.worths[0].value
        worths += found.worths
    values = np.array([worth.value for worth in worths])
    assert abs(values.mean() - right) < 3 * values.std(ddof=1) / 12**0.5
    assert values.mean() == pytest.approx(right, rel=0.08)
    assert sum(worth.low <= right <= worth.high for worth in worths) >= 9


def test_the_choice_changes_where_the_other_plan_becomes_better():
    found = finding_out(INPUTS, two_plans(0.05, 0.05))
    assert found.best == 1
    worth = found.worths[0]
    assert (worth.plan, worth.is_high) == (0, False)
    assert worth.change == pytest.approx(norm.cdf(-1.0), abs=0.03)


def test_unknowns_that_do_not_matter_stay_below_the_floor():
    found = finding_out(INPUTS, two_plans(0.0, 0.1))
    assert max(worth.value for worth in found.worths[1:]) < found.floor


def test_a_plan_that_is_better_everywhere_leaves_nothing_to_find_out():
    found = finding_out(INPUTS, np.stack([INPUTS[:, 0], INPUTS[:, 0] + 1.0]))
    assert found.best == 1
    assert [worth.value for worth in found.worths] == pytest.approx([0.0] * 4, abs=1e-12)
    assert [worth.change for worth in found.worths] == [0.0] * 4


def test_an_unknown_of_two_values_is_worth_the_mean_of_the_better_plans():
    """The second plan gains 1 in one half of the worlds and loses 1 in the other."""
    coin = np.tile([0.0, 1.0], N // 2)
    found = finding_out(coin[:, None], np.stack([np.zeros(N), 2 * coin - 1]))
    assert found.worths[0].value == pytest.approx(0.5)
    assert found.perfect == pytest.approx(0.5)


def test_curves_hold_every_cubic():
    column = INPUTS[:, 1]
    basis = basis_of(column)
    cubic = 1 - column + 0.5 * column**3
    assert basis @ (basis.T @ cubic) == pytest.approx(cubic, abs=1e-9)


def test_the_high_end_holds_what_equally_good_plans_would_be_worth():
    """A mean that is not shown to differ from none is taken for none; one that is stays."""
    rng = np.random.default_rng(11)
    unknown = rng.normal(size=(N, 1))
    luck = rng.normal(0.0, 0.05, N)
    luck -= luck.mean() + 0.05 * unknown.mean()
    half = 1.959964 * np.std(0.05 * unknown[:, 0] + luck, ddof=1) / N**0.5

    def worth(mean):
        plans = np.stack([np.full(N, 0.3), 0.3 + mean + 0.05 * unknown[:, 0] + luck])
        return finding_out(unknown, plans).worths[0]

    equal, near, apart = worth(0.0), worth(-0.9 * half), worth(-1.1 * half)
    assert near.value < equal.value
    assert near.high - near.value > near.value - near.low
    assert near.high - equal.value == pytest.approx(near.value - near.low)
    assert apart.high - apart.value == pytest.approx(apart.value - apart.low)

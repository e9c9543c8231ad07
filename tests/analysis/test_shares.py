"""Shares of a change: Shapley values by hand, their sum the whole difference."""

import numpy as np
import pytest

from kla_sim.analysis.differences import Outcomes
from kla_sim.analysis.shares import shapley_shares
from kla_sim.scenario.mixing import Block

MONEY, STAFF, ORDER = (Block(((name,),), ()) for name in ("money", "staff", "order"))


def mixture(chance):
    n = 40
    return Outcomes(
        0, 4, np.zeros(n, bool), np.full(n, chance), np.full((n, 2), chance), np.array([0]),
        np.zeros((4, 1, 3), np.int64), np.zeros(n),
    )  # fmt: skip


def found(odds):
    return {frozenset(subset): mixture(chance) for subset, chance in odds.items()}


def test_parts_that_need_each_other_share_what_they_do_together():
    money, staff = shapley_shares(
        [MONEY, STAFF], found({(): 0.1, (0,): 0.1, (1,): 0.2, (0, 1): 0.6})
    )
    # money: alone 0, after staff 0.4; staff: alone 0.1, after money 0.5
    assert (money.odds.value, staff.odds.value) == pytest.approx((0.2, 0.3))
    assert (money.expected_cities.value, staff.expected_cities.value) == pytest.approx((0.4, 0.6))


def test_three_parts_are_weighed_over_all_six_orders():
    odds = {
        (): 0.0, (0,): 0.1, (1,): 0.2, (2,): 0.0,
        (0, 1): 0.5, (0, 2): 0.1, (1, 2): 0.4, (0, 1, 2): 0.9,
    }  # fmt: skip
    shares = shapley_shares([MONEY, STAFF, ORDER], found(odds))
    # money comes first twice (0.1), second after either (0.3 and 0.1), last twice (0.5)
    assert shares[0].odds.value == pytest.approx((2 * 0.1 + 0.3 + 0.1 + 2 * 0.5) / 6)
    assert sum(share.odds.value for share in shares) == pytest.approx(0.9)


def test_a_part_without_effect_has_no_share():
    first, second = shapley_shares(
        [MONEY, STAFF], found({(): 0.1, (0,): 0.3, (1,): 0.1, (0, 1): 0.3})
    )
    assert first.odds.value == pytest.approx(0.2)
    assert (second.odds.value, second.odds.method) == (0.0, "paired_none_differs")

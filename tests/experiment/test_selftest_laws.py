"""The exact laws that the selftest compares with: small cases worked by hand."""

import numpy as np
import pytest
from scipy import stats

from kla_sim.experiment.selftest import laws

COIN = np.array([0.0, 0.5, 0.5])  # one or two days


def test_days_are_rounded_half_up_and_at_least_one():
    found = laws.whole_days(stats.uniform(0, 3))
    assert found == pytest.approx([0.0, 0.5, 1 / 3, 1 / 6])


def test_a_chain_of_two_coins_takes_two_to_four_days():
    assert laws.sum_of(COIN, COIN) == pytest.approx([0, 0, 0.25, 0.5, 0.25])
    assert laws.moments(laws.sum_of(COIN, COIN)) == pytest.approx((3.0, 0.5**0.5))


def test_the_later_of_two_coins_is_two_in_three_of_four_cases():
    assert laws.last_of(COIN, COIN) == pytest.approx([0, 0.25, 0.75])


def test_the_second_of_three_coins_is_one_where_two_or_three_are():
    assert laws.kth_of(COIN, 2, 3) == pytest.approx([0, 0.5, 0.5])
    assert laws.kth_of(COIN, 1, 3) == pytest.approx([0, 0.875, 0.125])


def test_waits_for_one_post_follow_the_hand_worked_line():
    """Work of two days: after a gap of one day the next waits one day, after two none."""
    first, second, third = laws.waits_for_one_post(COIN, laws.always(2), 3)
    assert first == pytest.approx([1.0])
    assert second == pytest.approx([0.5, 0.5])
    # waits 0: gaps (2, 2), (2, 1)->1, (1, 2)->1, (1, 1)->2
    assert third == pytest.approx([0.25, 0.5, 0.25])


def test_waits_for_two_posts_follow_the_hand_worked_line():
    """Work of three days, a customer each day: the third waits one day, the fourth one day."""
    found = laws.waits_for_two_posts(laws.always(1), laws.always(3), 5, most=10)
    waits = [int(np.argmax(law)) for law in found]
    assert waits == [0, 0, 1, 1, 2]
    assert all(law.sum() == pytest.approx(1.0) for law in found)


def test_one_post_and_two_posts_agree_where_the_second_is_always_busy():
    """A work of 200 days holds one of two posts: what is left is the line of one post."""
    gap = laws.whole_days(stats.expon(scale=3))
    alone = laws.waits_for_one_post(gap, COIN, 6)
    state = np.zeros((250, 250))
    state[0, 200] = 1.0
    added = np.array(
        [[COIN[to - at] if 0 <= to - at < 3 else 0.0 for at in range(250)] for to in range(250)]
    )
    for law in alone:
        assert state.sum(axis=1)[: len(law)] == pytest.approx(law, abs=1e-6)
        state = laws._after_gap(laws._in_order(added @ state), gap)


def test_a_post_that_is_left_after_one_day_for_one_day_is_filled_every_other_day():
    assert laws.days_filled(laws.always(1), laws.always(1), 6) == pytest.approx([1, 0] * 3)


def test_a_post_left_by_a_coin_has_the_chances_of_its_paths():
    """Stays one or two days, then is empty one: day 1 in half, day 2 after a stay of one."""
    assert laws.days_filled(COIN, laws.always(1), 4) == pytest.approx([1.0, 0.5, 0.5, 0.75])

"""When all cities arrive and at what cost: four futures reckoned by hand, and every short history.

Of the four futures (`four_futures`) the first is there from the first award on, the second loses it
again, the third never has it, the fourth has it from the second award on; their chances are 1, 0.2,
0.8 and 0.8.
"""

from itertools import product

import four_futures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla_sim.analysis.counting import Tally
from kla_sim.analysis.counting.costs import MOST_KEPT, arrival_days

MILLION = 1_000_000


def summary(**changes):
    plan = four_futures.plan(**changes)
    tally = Tally(plan)
    tally.add(0, four_futures.futures(plan))
    return tally.summarise()


def test_each_future_arrives_on_the_day_from_which_it_holds_the_target_on_the_deadline():
    costs = summary().costs
    assert costs.day.tolist() == [203, -1, -1, 569]
    assert (costs.spent / MILLION).tolist() == [786.0, 796.0, 806.0, 816.0]


def test_being_in_time_and_within_the_budget_is_the_chance_of_those_who_spend_no_more():
    whole = summary().costs
    assert whole.budget == 900 * MILLION
    assert whole.in_time_and_money.value == pytest.approx((1.0 + 0.2 + 0.8 + 0.8) / 4)
    assert whole.share_over == 0.0
    # with 796 million the first two spend no more: the second just as much as that
    tight = summary(accounts=four_futures.accounts(296)).costs
    assert tight.budget == 796 * MILLION
    assert tight.in_time_and_money.value == pytest.approx((1.0 + 0.2) / 4)
    assert tight.share_over == 0.5


def test_the_curve_tells_categories_as_counted_and_on_the_deadline_as_the_odds_say():
    curve = summary().curve
    assert curve.days.tolist() == [0, 203, 569]
    np.testing.assert_allclose(curve.standing[1, 0], [0, 0, 0, 0.5, 0.5, 0])
    np.testing.assert_allclose(curve.standing[1, 1], [0, 0, 0, 0.25, 0.75, 0])
    # counted nindya, utama, utama, kla; the odds are 0.9 where counting says 0.75
    np.testing.assert_allclose(curve.standing[2, 0], [0, 0, 0, 0.1, 0.6, 0.3], atol=1e-9)
    np.testing.assert_allclose(curve.standing[2, 1], [0, 0, 0, 0.25, 0.75, 0], atol=1e-9)
    np.testing.assert_allclose(curve.cities[2], [0.9, 0.75], atol=1e-9)


def test_the_curve_has_an_interval_each_day_and_that_of_the_odds_on_the_deadline():
    found = summary()
    assert tuple(found.curve.ends[2]) == (found.all_cities.low, found.all_cities.high)
    low, high = found.curve.ends[1]
    assert 0.0 < low < 0.5 < high < 1.0
    assert found.curve.ends[0, 0] == 0.0  # of none of four, up to the exact binomial end
    assert found.curve.ends[0, 1] == pytest.approx(1.0 - 0.025 ** (1 / 4))


def test_without_kaltara_the_curve_has_its_own_odds_on_the_deadline():
    found = summary()
    assert found.curve.without[2] == found.without_kaltara.all_cities.value
    assert found.curve.without.tolist()[:2] == [0.0, 0.0]


@pytest.mark.parametrize("deadline", [0, 1, 2, 3])
def test_every_history_of_four_days_arrives_as_its_definition_says(deadline):
    days = np.array([0, 10, 20, 30])
    histories = np.array(list(product([False, True], repeat=4)))
    found = arrival_days(histories, days, int(days[deadline]))
    for history, day in zip(histories, found, strict=True):
        if history[deadline]:
            begins = next(k for k in range(deadline + 1) if history[k : deadline + 1].all())
            assert day == days[begins]
        else:
            later = [k for k in range(deadline + 1, 4) if history[k]]
            assert day == (days[later[0]] if later else -1)


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=9))
def test_a_future_is_in_time_just_where_it_holds_the_target_on_the_deadline(histories):
    reached = np.array(histories)
    arrival = arrival_days(reached, np.array([0, 10, 20]), 15)
    np.testing.assert_array_equal((arrival >= 0) & (arrival <= 15), reached[:, 1])


def test_of_many_futures_the_first_are_kept_and_all_are_counted():
    plan = four_futures.plan(accounts=four_futures.accounts(296))
    futures, tally = four_futures.futures(plan), Tally(plan)
    n_times = MOST_KEPT // 4 + 1
    many = type(futures)(*(np.concatenate([part] * n_times) for part in futures))
    tally.add(0, many)
    tally.add(len(many.is_met), futures)
    costs = tally.summarise().costs
    assert len(costs.spent) == len(costs.day) == MOST_KEPT
    assert costs.share_over == 0.5
    assert costs.in_time_and_money.replications == 4 * n_times + 4

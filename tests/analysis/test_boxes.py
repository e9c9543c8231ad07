"""Rules for when something happens: planted ones are found, and none in noise."""

import numpy as np
import pytest

from kla_sim.analysis.box_search import Condition, Search, inside, rounded_bounds
from kla_sim.analysis.boxes import find_rules

N_WORLDS, OF_EACH, N_COLUMNS = 120, 25, 12
N = N_WORLDS * OF_EACH
WORLD = np.arange(N) % N_WORLDS


def columns(seed):
    """Return columns of worlds, of futures, and one of yes and no."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(N, N_COLUMNS))
    values[:, :4] = rng.normal(size=(N_WORLDS, 4))[WORLD]
    values[:, 11] = rng.random(N) < 0.2
    return values, rng


def test_bounds_are_the_round_numbers_of_a_reader():
    found = rounded_bounds(np.linspace(0.0, 12_345.0, 1_000))
    assert len(found) > 10
    assert np.all(found % 1_000 == 0.0)
    assert rounded_bounds(np.array([0.0, 1.0, 1.0])).tolist() == [1.0]
    assert rounded_bounds(np.array([2.0, np.nan])).tolist() == []


def test_what_is_not_known_meets_no_condition():
    values = np.array([[1.0], [np.nan], [3.0]])
    assert inside(values, (Condition(0, True, 2.0),)).tolist() == [False, False, True]
    assert inside(values, (Condition(0, False, 2.0),)).tolist() == [True, False, False]


def test_a_box_of_two_conditions_is_recovered_with_its_density():
    """Half of the worlds and a third of the futures meet the conditions: 90 % against 20 %."""
    values, rng = columns(1)
    is_planted = (values[:, 2] >= 0.0) & (values[:, 7] < -0.4)
    happens = rng.random(N) < np.where(is_planted, 0.9, 0.2)
    found = find_rules(values, happens, WORLD, N_WORLDS)
    (rule,) = found.rules
    assert {condition[:2] for condition in rule.conditions} == {(2, True), (7, False)}
    bounds = {condition.column: condition.bound for condition in rule.conditions}
    assert bounds[2] == pytest.approx(0.0, abs=0.15)
    assert bounds[7] == pytest.approx(-0.4, abs=0.15)
    assert rule.density == pytest.approx(0.9, abs=0.05)
    assert rule.held_out.low < 0.9 < rule.held_out.high
    assert rule.baseline == pytest.approx(happens.mean())
    is_inside = inside(values, rule.conditions)
    assert rule.coverage == pytest.approx(np.sum(happens & is_inside) / happens.sum())


def test_a_yes_that_one_in_five_says_is_a_rule():
    values, rng = columns(2)
    happens = rng.random(N) < np.where(values[:, 11] == 1.0, 0.95, 0.3)
    (rule,) = find_rules(values, happens, WORLD, N_WORLDS).rules
    assert rule.conditions == (Condition(11, True, 1.0),)


def test_two_causes_give_two_rules_the_second_of_what_is_left():
    values, rng = columns(3)
    is_first, is_second = values[:, 11] == 1.0, values[:, 8] >= 1.0
    happens = rng.random(N) < np.where(is_first, 1.0, np.where(is_second, 0.8, 0.1))
    first, second = find_rules(values, happens, WORLD, N_WORLDS).rules
    assert first.conditions == (Condition(11, True, 1.0),)
    assert first.density == 1.0
    assert [condition[:2] for condition in second.conditions] == [(8, True)]
    assert second.baseline == pytest.approx(happens[~is_first].mean())
    assert second.density == pytest.approx(0.8, abs=0.08)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_found_where_worlds_differ_by_what_no_column_says(seed):
    values, rng = columns(100 + seed)
    happens = rng.random(N) < rng.beta(1, 2, N_WORLDS)[WORLD]
    found = find_rules(values, happens, WORLD, N_WORLDS)
    assert found.rules == []
    assert found.luck > 0.0


def test_rules_are_judged_in_worlds_that_the_search_does_not_see():
    """What holds in the worlds that are searched, and nowhere else, is no rule."""
    values, rng = columns(4)
    is_seen = WORLD % 3 != 2
    happens = rng.random(N) < np.where(is_seen & (values[:, 7] < 0.0), 0.9, 0.2)
    found = find_rules(values, happens, WORLD, N_WORLDS)
    assert found.quality > found.luck
    assert found.rules == []


def test_quality_is_the_excess_times_the_root_of_the_number_inside():
    """Of 100 futures 50 lie below, 40 of which fail, against 50 of all."""
    column = np.arange(100.0)
    happens = np.zeros(100, dtype=bool)
    happens[:40] = happens[90:] = True
    search = Search(column[:, None], [np.array([50.0])])
    box = search.best(happens, np.ones(100, dtype=bool))
    assert box.conditions == (Condition(0, False, 50.0),)
    assert box.quality == pytest.approx((0.8 - 0.5) * 50**0.5)


def test_the_front_holds_no_box_that_another_beats_in_both():
    values, rng = columns(5)
    happens = rng.random(N) < np.where(values[:, 7] < 0.0, 0.8, 0.2)
    front = find_rules(values, happens, WORLD, N_WORLDS).looked_at
    assert np.all(np.diff(front[:, 0]) < 0.0)
    assert np.all(np.diff(front[:, 1]) > 0.0)

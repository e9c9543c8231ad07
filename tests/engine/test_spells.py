"""What both engines tell of every day: the same, without a hole, and adding up to the results."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import scenarios

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.spells import DORMANT, REWORK, WORK, arrange
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario
from tests.without_compiler import sized

SEED = 20221114


def assert_same(left, right):
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def summed(spells, is_counted, group, shape, last):
    """Return days by replication and group and maybe cause, cut at a day."""
    days = np.zeros(shape, np.int64)
    keys = [spells.row, group] if len(shape) == 2 else [spells.row, group, spells.kind]
    length = np.minimum(spells.until, last) - spells.since
    np.add.at(days, tuple(key[is_counted] for key in keys), length[is_counted])
    return days


def assert_adds_up(plan, results, spells):
    s = plan.structure
    is_wait, is_dormant = spells.kind >= 0, spells.kind == DORMANT
    group = np.where(is_dormant, spells.act, 0)
    group[~is_dormant] = 1 + s.act_city[spells.act[~is_dormant]]
    last = s.horizon_day + 1
    np.testing.assert_array_equal(
        summed(spells, is_wait, group, results.wait_days.shape, last), results.wait_days
    )
    np.testing.assert_array_equal(
        summed(spells, is_dormant, group, results.dormant_days.shape, last), results.dormant_days
    )


@settings(max_examples=sized(60, 12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_engines_tell_the_same_and_it_adds_up_to_the_results(scenario):
    plan = compile_plan(scenario, SEED)
    results, told = compiled.simulate_telling(plan, 0, 5)
    assert_same(reference.simulate_telling(plan, 0, 5)[1], told)
    assert_adds_up(plan, results, told)


@settings(max_examples=sized(40, 8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_the_spells_of_an_activity_leave_no_hole_but_before_work_that_must_be_ready_first(scenario):
    plan = compile_plan(scenario, SEED)
    _, told = compiled.simulate_telling(plan, 0, 5)
    of_work = told.kind != DORMANT
    row, act, kind, since, until = (array[of_work] for array in told[:5])
    follows = (row[1:] == row[:-1]) & (act[1:] == act[:-1])
    np.testing.assert_array_equal(since[1:][follows], until[:-1][follows])
    is_last = np.append(~follows, True)[: len(row)]
    done = told.complete_day[row[is_last], act[is_last]]
    was_completed = done >= 0
    np.testing.assert_array_equal(until[is_last][was_completed], done[was_completed])
    assert np.isin(kind[is_last][was_completed], [WORK, REWORK]).all()


@pytest.mark.parametrize("name", ["kaltara_2022", "kaltara_2026"])
def test_engines_tell_the_same_of_shipped_scenarios(name):
    plan, n = compile_plan(load_scenario(shipped_scenario(name)), SEED), sized(40, 3)
    results, told = compiled.simulate_telling(plan, 0, n)
    assert_same(reference.simulate_telling(plan, 0, n)[1], told)
    assert_adds_up(plan, results, told)
    assert_same(
        [array for name, array in results._asdict().items() if name == "wait_days"],
        [compiled.simulate(plan, 0, n).wait_days],
    )


def test_waits_for_one_cause_that_touch_are_one_and_attempts_stay_apart():
    entries = np.array(
        [
            [0, 3, 2, 5, 9],
            [0, 3, 2, 1, 5],
            [0, 3, WORK, 9, 12],
            [0, 3, REWORK, 12, 14],
            [0, 3, REWORK, 14, 17],
            [0, 3, DORMANT, 4, 6],
            [1, 3, 2, 9, 10],
        ]
    )
    told = arrange(entries, np.full((2, 4), -1, np.int32))
    assert np.column_stack(told[:5]).tolist() == [
        [0, 3, 2, 1, 9],
        [0, 3, WORK, 9, 12],
        [0, 3, REWORK, 12, 14],
        [0, 3, REWORK, 14, 17],
        [0, 3, DORMANT, 4, 6],
        [1, 3, 2, 9, 10],
    ]


def test_spells_are_put_in_order_and_waits_that_touch_become_one():
    assert (WORK, REWORK, DORMANT) == (-1, -2, -3)
    entries = [
        # row, act, kind, since, until
        (1, 0, 2, 5, 9),
        (0, 1, WORK, 4, 8),
        (0, 1, REWORK, 8, 12),
        (0, 1, REWORK, 12, 14),
        (0, 0, DORMANT, 0, 3),
        (0, 0, DORMANT, 3, 6),
        (0, 1, 0, 2, 4),
        (0, 1, 0, 0, 2),
        (0, 0, 3, 9, 11),
        (0, 0, 2, 7, 9),
        (0, 0, 3, 12, 15),
        (1, 0, 2, 9, 10),
        (0, 2, 2, 9, 9),
    ]
    complete = np.array([[-1, 14, -1], [10, -1, -1]], np.int32)
    found = arrange(np.array(entries, np.int64), complete)
    assert np.column_stack(found[:5]).tolist() == [
        [0, 0, 2, 7, 9],
        [0, 0, 3, 9, 11],
        [0, 0, 3, 12, 15],
        [0, 1, 0, 0, 4],
        [0, 1, WORK, 4, 8],
        [0, 1, REWORK, 8, 12],
        [0, 1, REWORK, 12, 14],
        [0, 2, 2, 9, 9],
        [0, 0, DORMANT, 0, 3],
        [0, 0, DORMANT, 3, 6],
        [1, 0, 2, 5, 10],
    ]
    assert found.complete_day is complete
    assert [len(column) for column in arrange(np.empty((0, 5), np.int64), complete)[:5]] == [0] * 5

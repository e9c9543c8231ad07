"""The limit of zones in progress may be uncertain: each world has its own whole number."""

import pytest
from plans import city, scenario
from test_equality import differences

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.checks import check_plan
from kla_sim.scenario.nodes import Mapping, Place

NOTHING = Mapping({}, Place(""))


def a_plan(low, high):
    """Return a city that plans six zones of 30 days with an uncertain limit around 2."""
    return scenario(
        cities={"kota": city(zones={"planned": 6})},
        work={"zone": {"site": {"duration": 30, "launches": True}}},
        policy={"wip_limit": 2},
        uncertain={"policy.wip_limit": {"low": low, "likely": 2, "high": high, "by": "value"}},
        worlds=40,
    )


def test_it_is_accepted_down_to_one_and_refused_below():
    assert check_plan(a_plan(1, 4), NOTHING) == []
    assert [p.code for p in check_plan(a_plan(0, 4), NOTHING)] == ["uncertain_end_impossible"]


def test_each_world_keeps_to_its_own_limit_in_both_engines():
    plan = compile_plan(a_plan(1, 4), 1)
    limits = [values.wip_limit for values in plan.values]
    assert {1, 2, 3} <= set(limits)
    results = compiled.simulate(plan, 0, 40)
    assert differences(reference.simulate(plan, 0, 40), results) == []
    for limit, waits in zip(limits, results.wait_days[:, 1].sum(axis=1), strict=True):
        # zones start in rounds of `limit`, a round every 30 days
        rounds = [zone // limit for zone in range(6)]
        assert waits == sum(30 * number for number in rounds)


@pytest.mark.parametrize("low", [1, 2])
def test_the_central_case_has_the_limit_as_written(low):
    plan = compile_plan(a_plan(low, 4), 1, central=True)
    assert [values.wip_limit for values in plan.values] == [2]

"""The two engines agree on small plans, a few of them a test, so that each runs in a moment.

Unlike `test_equality`, which looks far and wide, these are quick without the compiler too: hunts of
mutants (`tests/mutation`) and measurements of coverage run them.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from plans import city, scenario
from strategies import scenarios
from test_observed import observed_in

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.selftest.sameness import differences, full_of_chance
from kla_sim.experiment.trace import trace_future
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.observed import Observed

CASES = sorted((Path(__file__).parents[1] / "data" / "conformance").glob("case-*.yaml"))


LAW = {"tail_share": 0.4, "tail_factor": 3.0, "confirmation": 0.3, "kla_reach": 0.5}


def assert_all_same(plan, first, last):
    """Compare results, when each activity was at work, and every spell of waiting."""
    for how in ("simulate_keeping", "simulate_telling"):
        (ours, mine), (theirs, others) = (
            getattr(engine, how)(plan, first, last) for engine in (reference, compiled)
        )
        assert differences(ours, theirs) == []
        for name, one, other in zip(mine._fields, mine, others, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_engines_agree_on_an_odd_plan(case):
    assert_all_same(compile_plan(load_scenario(case), 1), 0, 1)


@pytest.mark.parametrize("first", range(4))
def test_engines_agree_on_a_jury_with_tails_and_habits(first):
    plan = full_of_chance(["barat", "timur"])
    evaluation = plan.evaluation.model_copy(update=LAW)
    arrays = compile_plan(plan.model_copy(update={"evaluation": evaluation}), 3)
    assert_all_same(arrays, first, first + 1)


@pytest.mark.parametrize("number", range(30))
def test_engines_agree_on_four_small_plans(number):
    @seed(number)
    @settings(
        max_examples=4, phases=[Phase.generate], database=None, deadline=None, derandomize=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(scenarios())
    def agree(plan):
        arrays = compile_plan(plan, number)
        assert differences(reference.simulate(arrays, 0, 2), compiled.simulate(arrays, 0, 2)) == []

    agree()


@pytest.mark.parametrize("first", range(6))
def test_engines_agree_on_a_small_plan_full_of_chance(first):
    plan = compile_plan(full_of_chance(["barat", "timur"]), 3)
    found = compiled.simulate(plan, first, first + 1)
    assert differences(reference.simulate(plan, first, first + 1), found) == []


def test_engines_agree_on_work_that_is_given_up():
    work = {"province": {"rule": {"duration": 3, "success": 0.02}}}
    plan = compile_plan(scenario(work=work, horizon="2023-12-31"), 1)
    assert set(reference.__all__) <= set(vars(reference))
    assert reference.simulate_keeping(plan, 0, 4)[1].attempts.max() == 20
    assert_all_same(plan, 0, 4)


def test_engines_give_up_all_that_waits_though_some_of_it_is_given_up_before():
    """What ends both paths of a diamond is come upon twice, before the first that waits."""
    work = {
        "zone": {
            "site": {"duration": 1, "success": "0.0000001%"},
            **{name: {"duration": 1, "after": ["site"]} for name in ("first", "left", "right")},
            "end": {"duration": 1, "after": ["left", "right"]},
        }
    }
    cities = {"kota": city(zones={"planned": 2})}
    plan = compile_plan(scenario(cities=cities, work=work, policy={"wip_limit": 1}), 1)
    assert_all_same(plan, 0, 1)
    starts = compiled.simulate_keeping(plan, 0, 1)[1].start[0]
    named = dict(zip(plan.labels.activities, starts.tolist(), strict=True))
    assert (named["kota/zone-1/site"], named["kota/zone-2/site"]) == (0, 20)


@pytest.mark.parametrize("payer", ["province", "city"])
def test_engines_start_work_on_the_day_that_its_account_holds_just_enough(payer):
    work = {"city": {"a": {"duration": 1, "cost": 200, "paid_by": {payer: "100%"}}}}
    accounts = {
        "province": {2023: 200},
        "cities": {"kota": {2023: 200}},
        "grows": 0,
        "release": {"1 Januari": "50%", "1 Juli": "50%"},
        "lapse": "100%",
    }
    plan = compile_plan(scenario(work=work, accounts=accounts), 1)
    assert_all_same(plan, 0, 1)
    assert compiled.simulate_keeping(plan, 0, 1)[1].start.tolist() == [[181]]


def test_engines_tell_alike_of_zones_that_sleep_and_of_work_that_is_not_in_the_order_of_the_plan():
    upkeep = {"per_zone": 60, "paid_by": {"city": "100%"}}
    work = {
        "zone": {"late": {"duration": 9, "rank": 1, "launches": True}, "soon": {"duration": 4}},
        "city": {"own": {"duration": 3, "rank": 2}, "other": {"duration": 2}},
    }
    cities = {name: city(zones={"existing": 1, "planned": 1}) for name in ("barat", "timur")}
    accounts = {
        "cities": {"barat": {2023: 100, 2024: 100}, "timur": {2023: 0, 2024: 0}},
        "grows": 0,
        "release": {"1 Maret": "100%"},
        "lapse": "100%",
    }
    plan = compile_plan(
        scenario(cities=cities, work=work, upkeep=upkeep, accounts=accounts, horizon="2024-12-31"),
        1,
    )
    assert_all_same(plan, 0, 2)
    sleeping = compiled.simulate(plan, 0, 1).dormant_days[0].tolist()
    # barat: the one of the start to 1 March of each year, the new one through 2024
    assert sleeping == [59 + 60 + 366, 365 + 2 * 366]


def test_layouts_of_the_latest_plans_are_kept():
    compiled._layouts.clear()
    plans = [compile_plan(scenario(), seed) for seed in range(6)]
    for plan in plans:
        compiled.simulate(plan, 0, 1)
    assert list(compiled._layouts) == [id(plan) for plan in plans[2:]]
    assert set(compiled.__all__) <= set(vars(compiled))


def test_engines_count_the_first_work_of_a_plan_that_waits_behind_a_zone_under_way_to_the_end():
    plan = compile_plan(
        scenario(
            cities={"kota": city(zones={"planned": 2})},
            work={"zone": {"site": {"duration": 400, "launches": True}}},
            policy={"wip_limit": 1},
            observed={
                "date": "2023-02-01",
                "work": {"kota/zone-2/site": {"started": "2023-01-20"}},
            },
        ),
        1,
    )
    assert_all_same(plan, 0, 1)
    waits = dict(
        zip(plan.labels.causes, compiled.simulate(plan, 0, 1).wait_days[0, 1], strict=True)
    )
    assert waits["wip_limit"] == 334  # from 1 February to the end of the year


def assert_same_rest(plan, day):
    """Compare how the engines go on from a day of a plan's first future."""
    seen = Observed.model_validate(observed_in(plan, trace_future(plan, 1, 0), day))
    rest = compile_plan(plan.model_copy(update={"observed": seen}), 2)
    assert_all_same(rest, 0, 2)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_engines_agree_on_the_rest_of_an_odd_plan(case):
    plan = load_scenario(case)
    assert_same_rest(plan, (plan.target.deadline - plan.start).days // 3)


@pytest.mark.parametrize("day", [60, 120, 180, 360, 540, 720])
def test_engines_agree_on_the_rest_of_a_plan_full_of_chance(day):
    assert_same_rest(full_of_chance(["barat", "timur"]), day)

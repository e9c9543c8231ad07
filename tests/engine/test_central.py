"""A world without chance: what is left of every draw, and engines that cannot tell."""

import numpy as np
import plans
import pytest
from test_equality import differences

from kla_sim.engine import compiled, reference
from kla_sim.engine.central import without_chance
from kla_sim.engine.formulas import FIXED
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.trace import trace_document, trace_future
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

KALTARA = load_scenario(shipped_scenario("kaltara_2022"))


@pytest.mark.parametrize("name", ["kaltara_2022", "kaltara_2026", "half_the_money"])
def test_both_engines_give_the_one_schedule_whatever_the_seed_and_the_replication(name):
    scenario = load_scenario(shipped_scenario(name))
    one, other = (compile_plan(scenario, seed, central=True) for seed in (1, 7))
    told = reference.simulate(one, 0, 1)
    assert differences(told, compiled.simulate(one, 0, 1)) == []
    assert differences(told, compiled.simulate(other, 0, 1)) == []
    assert differences(told, compiled.simulate(one, 5, 6)) == []


def test_nothing_is_left_to_chance():
    plan = compile_plan(KALTARA, 1, central=True)
    (values,) = plan.values
    assert set(values.duration[:, 0]) == set(values.cost[:, 0]) == {FIXED}
    assert set(values.success) == {1.0}
    nothing = (
        values.turnover_days, values.cancelled, values.slip, values.strictness_sd, values.noise,
    )  # fmt: skip
    assert not any(np.any(numbers) for numbers in nothing)
    assert (values.common_shock, values.own_shock, values.volatility) == (0.0, 0.0, 0.0)
    assert {values.one_step_up, values.confirmation, values.kla_reach} <= {0.0, 1.0}


def test_every_distribution_becomes_its_median():
    """Uniform 10 to 30: 20; exponential of mean 10: 10 ln 2; triangular 0, 0, 10: 10 - sqrt 50."""
    work = {
        "uniform": {"distribution": "uniform", "low": 10, "high": 30},
        "exponential": {"distribution": "exponential", "mean": 10},
        "triangular": {"distribution": "triangular", "low": 0, "likely": 0, "high": 10},
        "fixed": 7,
    }
    scenario = plans.scenario(
        work={"city": {name: {"duration": duration} for name, duration in work.items()}}
    )
    (values,) = compile_plan(scenario, 1, central=True).values
    medians = [20.0, 10 * np.log(2), 10 - np.sqrt(50), 7.0]
    assert values.duration[:, 1] == pytest.approx(medians)


def test_what_is_certain_happens_and_what_is_not_does_not():
    cycles = {
        year: {"evidence_closes": f"{year}-06-15", "award": f"{year}-07-23", "cancelled": chance}
        for year, chance in ((2023, "100%"), (2024, "99%"))
    }
    scenario = plans.scenario(
        horizon="2024-12-31", evaluation={"one_step_up": "50%", "cycles": cycles}
    )
    (values,) = compile_plan(scenario, 1, central=True).values
    assert values.cancelled.tolist() == [1.0, 0.0]
    assert values.one_step_up == 1.0
    told = trace_document(trace_future(scenario, 1, 0, central=True))
    assert list(told["scores"]["kota"]) == ["2024"]


def test_nothing_of_a_small_plan_is_left_to_chance():
    staff = {"scope": "city", "capacity": 1, "turnover": 0.5}
    replacement = {"distribution": "uniform", "low": 10, "high": 30}
    scenario = plans.scenario(
        work={"city": {"a": {"duration": 3, "success": "20%", "needs": {"staff": 1}}}},
        resources={"staff": {**staff, "replacement": replacement}},
        accounts={
            "release": {"1 Januari": "100%"},
            "lapse": "100%",
            "shock": {"common": 0.1, "own": 0.2},
        },
    )
    (values,) = compile_plan(scenario, 1, central=True).values
    assert values.turnover_days.tolist() == [0.0]
    assert values.replacement.tolist() == [[FIXED, 20.0, 0.0, 0.0, 0.0]]
    assert values.duration.tolist() == [[FIXED, 3.0, 0.0, 0.0, 0.0]]
    assert values.success.tolist() == [1.0]
    assert (values.common_shock, values.own_shock) == (0.0, 0.0)


def test_values_without_chance_stay_as_they_are():
    plan = compile_plan(KALTARA, 1, central=True)
    (values,) = plan.values
    again = without_chance(values, plan.tables)
    for field, one, other in zip(values._fields, values, again, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=field)

"""The two engines agree on small plans, a few of them a test, so that each runs in a moment.

Unlike `test_equality`, which looks far and wide, these are quick without the compiler too: hunts of
mutants (`tests/mutation`) and measurements of coverage run them.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from strategies import scenarios
from test_observed import observed_in

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.selftest.sameness import differences, full_of_chance
from kla_sim.experiment.trace import trace_future
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.observed import Observed

CASES = sorted((Path(__file__).parents[1] / "data" / "conformance").glob("case-*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_engines_agree_on_an_odd_plan(case):
    plan = compile_plan(load_scenario(case), 1)
    assert differences(reference.simulate(plan, 0, 1), compiled.simulate(plan, 0, 1)) == []


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


def assert_same_rest(plan, day):
    """Compare how the engines go on from a day of a plan's first future."""
    seen = Observed.model_validate(observed_in(plan, trace_future(plan, 1, 0), day))
    rest = compile_plan(plan.model_copy(update={"observed": seen}), 2)
    assert differences(reference.simulate(rest, 0, 2), compiled.simulate(rest, 0, 2)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_engines_agree_on_the_rest_of_an_odd_plan(case):
    plan = load_scenario(case)
    assert_same_rest(plan, (plan.target.deadline - plan.start).days // 3)


@pytest.mark.parametrize("day", [60, 120, 180, 360, 540, 720])
def test_engines_agree_on_the_rest_of_a_plan_full_of_chance(day):
    assert_same_rest(full_of_chance(["barat", "timur"]), day)

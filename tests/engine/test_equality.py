"""The two engines return equal arrays: whole numbers identical, floats equal to the last bit."""

import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import scenarios

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.replications import join_replications
from kla_sim.experiment.selftest.books import runnable_names
from kla_sim.experiment.selftest.sameness import differences
from kla_sim.scenario.loading import load_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from tests.without_compiler import sized

SEED = 20221114

WITHOUT_COMPILER = """
import pickle, sys
from kla_sim.engine import compiled
plans = pickle.load(sys.stdin.buffer)
found = [compiled.simulate(plan, first, last) for plan, first, last in plans]
pickle.dump(found, sys.stdout.buffer)
"""


@settings(max_examples=sized(60, 15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_engines_agree_on_random_scenarios(scenario):
    plan = compile_plan(scenario, SEED)
    assert differences(reference.simulate(plan, 0, 5), compiled.simulate(plan, 0, 5)) == []


@pytest.mark.long
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_engines_agree_on_many_random_scenarios(scenario):
    plan = compile_plan(scenario, SEED + 1)
    assert differences(reference.simulate(plan, 0, 8), compiled.simulate(plan, 0, 8)) == []


@pytest.mark.parametrize("name", runnable_names())
def test_engines_agree_on_shipped_scenarios(name):
    plan, n = compile_plan(load_scenario(shipped_scenario(name)), SEED), sized(200, 3)
    assert differences(reference.simulate(plan, 0, n), compiled.simulate(plan, 0, n)) == []


def test_shares_closed_by_wide_work_multiply_in_the_order_of_the_plan_whatever_its_rank():
    overrides = [
        "worlds=3",
        "work.city.task_force.rank=9",
        "work.city.kha_training.closes_gap.institutions=0.37",
        "work.city.action_plan.closes_gap.institutions=0.07",
    ]
    loaded = read_scenario(shipped_scenario("kaltara_2022"), overrides=overrides)
    plan = compile_plan(loaded.scenario, SEED)
    n = sized(60, 4)
    assert differences(reference.simulate(plan, 0, n), compiled.simulate(plan, 0, n)) == []


def test_results_do_not_depend_on_where_chunks_are_cut():
    plan = compile_plan(load_scenario(shipped_scenario("kaltara_2022")), SEED)
    last, n = sized(199, 8), sized(300, 10)
    whole = compiled.simulate(plan, 0, n)
    cuts = [(0, 1), (1, 7), (7, last), (last, n)]
    parts = [compiled.simulate(plan, first, last) for first, last in cuts]
    assert differences(whole, join_replications(parts)) == []


def test_compiled_engine_gives_the_same_without_the_compiler():
    names = ["kaltara_2022", "weakest_first"]
    plans = [(compile_plan(load_scenario(shipped_scenario(name)), SEED), 40, 44) for name in names]
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_COMPILER],
        input=pickle.dumps(plans),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr.decode()
    for (plan, first, last), found in zip(plans, pickle.loads(answer.stdout), strict=True):
        assert differences(compiled.simulate(plan, first, last), found) == []

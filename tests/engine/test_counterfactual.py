"""Without Kaltara: the futures that follow from kept results equal those of a plan without work."""

import numpy as np
import pytest

from kla_sim.engine import reference
from kla_sim.engine.counterfactual import standing_without_kaltara
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario

N = 60


def plan_of(name, *overrides):
    loaded = read_scenario(shipped_scenario(name), overrides=["worlds=7", *overrides])
    return compile_plan(loaded.scenario, 3)


@pytest.mark.parametrize(
    "override", ["evaluation.noise=10", "evaluation.one_step_up=50%", "target.deadline=2025-12-31"]
)
def test_it_equals_the_same_futures_of_a_plan_without_work(override):
    plan, bare = plan_of("kaltara_2022", override), plan_of("no_kaltara", override, "upkeep=null")
    first = 14
    with_work = reference.simulate(plan, first, first + N)
    without_work = reference.simulate(bare, first, first + N)
    world = np.arange(first, first + N) % plan.n_worlds
    standing = standing_without_kaltara(plan, first, world, with_work)
    np.testing.assert_array_equal(standing, without_work.standing)
    assert not np.array_equal(standing, with_work.standing)

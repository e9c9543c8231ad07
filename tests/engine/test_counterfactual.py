"""Without Kaltara: the futures that follow from kept results equal those of a plan without work."""

import numpy as np
import pytest

from kla_sim.engine import compiled
from kla_sim.engine.counterfactual import without_kaltara
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from tests.without_compiler import sized

N = sized(400, 14)
JUDGED = ("is_met", "is_met_once", "standing", "category", "score", "verified", "remainder")


def plan_of(name, *overrides):
    loaded = read_scenario(shipped_scenario(name), overrides=["worlds=7", *overrides])
    return compile_plan(loaded.scenario, 3)


@pytest.mark.parametrize(
    "override",
    [
        "worlds=7",
        "evaluation.one_step_up=50%",
        "target.deadline=2025-12-31",
        "target.category=madya",
    ],
)
def test_it_equals_the_same_futures_of_a_plan_without_work(override):
    plan, bare = plan_of("kaltara_2022", override), plan_of("no_kaltara", override, "upkeep=null")
    first = 14
    with_work = compiled.simulate(plan, first, first + N)
    without_work = compiled.simulate(bare, first, first + N)
    world = np.arange(first, first + N) % plan.n_worlds
    found = without_kaltara(plan, first, world, with_work)
    for field in JUDGED:
        np.testing.assert_array_equal(
            getattr(found, field), getattr(without_work, field), err_msg=field
        )
    assert not np.array_equal(found.standing, with_work.standing)

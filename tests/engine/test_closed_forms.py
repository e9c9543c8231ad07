"""Plans whose law is known: both engines against it, by z-score, and plans without any chance.

The closed forms are those of `selftest`, which runs them on the compiled engine with many futures.
Seeds are fixed, so a test passes always or never.
"""

import numpy as np
import pytest
from plans import scenario

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import trace
from kla_sim.experiment.selftest import money_forms, verdict_forms, work_forms, world_forms
from kla_sim.experiment.selftest.laboratory import Laboratory
from kla_sim.experiment.selftest.numbers import z_limit
from tests.without_compiler import sized

OF_ENGINES = (*work_forms.FORMS, *money_forms.FORMS, *verdict_forms.FORMS)
LIMIT = z_limit(280)
"""Standard errors that are too many for one of as many numbers as a selftest compares."""


def names(forms):
    return [form.name for form in forms]


def assert_right(form, engine, n, seed):
    numbers = list(form.compare(Laboratory(engine, n, seed)))
    assert [number for number in numbers if not number.is_right(LIMIT)] == []
    assert len(numbers) > 0


@pytest.mark.parametrize("form", OF_ENGINES, ids=names(OF_ENGINES))
def test_the_reference_engine_keeps_the_closed_form(form):
    assert_right(form, reference.simulate_keeping, sized(1_500, 300), seed=1)


@pytest.mark.parametrize("form", OF_ENGINES, ids=names(OF_ENGINES))
def test_the_compiled_engine_keeps_the_closed_form(form):
    assert_right(form, compiled.simulate_keeping, sized(40_000, 300), seed=2)


@pytest.mark.parametrize("form", world_forms.FORMS, ids=names(world_forms.FORMS))
def test_worlds_keep_the_closed_form(form):
    assert_right(form, compiled.simulate_keeping, sized(3_000, 300), seed=1)


def attempts_of(plan, n):
    """Return for n replications the attempts at each activity by name."""
    compiled_plan = compile_plan(plan, 1)
    activities = compiled_plan.labels.activities
    return [
        dict(zip(activities, trace(compiled_plan, i)[1].attempts, strict=True)) for i in range(n)
    ]


def test_fixed_queue_on_one_post_is_the_schedule_worked_by_hand():
    days = {"a": (5, 0, 2), "b": (3, 1, 0), "c": (7, 0, 1)}  # duration, ready, rank
    kit = {
        name: {"duration": d, "needs": {"staff": 1}, "rank": rank, "after": [f"w{ready}"]}
        for name, (d, ready, rank) in days.items()
        if ready
    } | {
        name: {"duration": d, "needs": {"staff": 1}, "rank": rank}
        for name, (d, ready, rank) in days.items()
        if not ready
    }
    kit["w1"] = {"duration": 1}
    resources = {"staff": {"scope": "city", "capacity": 1}}
    (found,) = attempts_of(scenario(work={"city": kit}, resources=resources), 1)
    schedule = {name: found[f"kota/{name}"][0][:2] for name in days}
    # c begins (rank 1 before 2); b has the best rank but comes on day 1 and waits for day 7
    assert schedule == {"c": (0, 7), "b": (7, 10), "a": (10, 15)}


@pytest.mark.parametrize("seed", range(12))
def test_plan_without_chance_ends_on_its_critical_path(seed):
    generator = np.random.default_rng(seed)
    n = 25
    before = {
        k: sorted({int(j) for j in generator.integers(0, k, 3)}) if k else [] for k in range(n)
    }
    days = generator.integers(1, 12, n)
    kit = {
        f"a{k}": {"duration": int(days[k]), "after": [f"a{j}" for j in before[k]]}
        for k in generator.permutation(n)
    }
    (found,) = attempts_of(scenario(work={"city": kit}), 1)
    longest = {}
    for k in range(n):
        longest[k] = max((longest[j] for j in before[k]), default=0) + days[k]
    assert {k: found[f"kota/a{k}"][0].finish for k in range(n)} == longest

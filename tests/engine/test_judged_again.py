"""Verdicts drawn again and futures judged once more, on a plan small enough for any interpreter."""

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine import reference
from kla_sim.engine.counterfactual import judged_again, without_kaltara
from kla_sim.engine.draws import stream, uniform
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.verdicts import draw_verdicts, stacked

N, FIRST, SEED = 12, 4, 3
CYCLES = {
    2023: {"evidence_closes": "2023-03-01", "award": "2023-06-01"},
    2024: {"evidence_closes": "2024-03-01", "award": "2024-06-01"},
    2025: {"evidence_closes": "2025-03-01", "award": "2025-06-01"},
}
LAW = {
    "noise": 60,
    "strictness": {"mean": -5, "sd": 25},
    "tail_share": 0.4,
    "tail_factor": 3,
    "one_step_up": 0.6,
    "confirmation": 0.3,
    "kla_reach": 0.5,
}


def plan_of(*, with_work=True, horizon="2025-12-31", deadline="2025-06-01", slip=None):
    """Return a plan of two cities near their target, with zones that serve or without."""
    work = {
        "city": {"rule": {"duration": 40, "closes_gap": {"institutions": "50%"}}},
        "zone": {"site": {"duration": 90, "opens": "education_culture", "launches": True}},
    }
    effects = {"services": {"education_culture": "90%"}, "integration": 0.2}
    cities = {
        name: city(
            baseline={"score": score, "sd": 40},
            zones={"existing": 1, "planned": 3} if with_work else {"existing": 1},
        )
        for name, score in (("barat", 860), ("timur", 820))
    }
    cycles = {**CYCLES, 2024: {**CYCLES[2024], "slip": slip}} if slip else CYCLES
    return compile_plan(
        scenario(
            cities=cities,
            horizon=horizon,
            target={"category": "nindya", "deadline": deadline},
            work=work if with_work else {},
            effects=effects,
            background={"rate": {"median": 0.05, "spread": 0.4}, "volatility": 40},
            evaluation={**LAW, "cycles": cycles},
            worlds=5,
        ),
        SEED,
    )


WORLD = np.arange(FIRST, FIRST + N) % 5


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"horizon": "2025-05-01", "deadline": "2025-05-01"},
        {"deadline": "2024-12-31"},
        {"slip": {"chance": 0.5, "months": 11}},
    ],
)
def test_futures_without_kaltara_are_those_of_a_plan_without_work(changes):
    plan, bare = plan_of(**changes), plan_of(with_work=False, **changes)
    with_work = reference.simulate(plan, FIRST, FIRST + N)
    without_work = reference.simulate(bare, FIRST, FIRST + N)
    before = [array.copy() for array in with_work]
    found = without_kaltara(plan, FIRST, WORLD, with_work)
    comes_out = without_work.category >= 0
    assert comes_out.any(axis=(0, 1)).tolist() == [True, True, "horizon" not in changes]
    for field in ("is_met", "is_met_once", "standing", "category", "score", "verified"):
        expected = getattr(without_work, field)
        if field in ("score", "verified"):
            expected = np.where(comes_out, expected, np.nan)
        np.testing.assert_array_equal(getattr(found, field), expected, err_msg=field)
    np.testing.assert_array_equal(found.remainder, without_work.remainder)
    assert found.spent is with_work.spent
    for name, one, other in zip(with_work._fields, with_work, before, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    judged = ("is_met", "is_met_once", "standing", "category", "verified", "score")
    assert [name for name in judged if getattr(found, name) is getattr(with_work, name)] == []
    assert (with_work.score > found.score + 1.0).any()


def test_what_is_judged_again_is_what_the_jury_said():
    plan = plan_of()
    futures = reference.simulate(plan, FIRST, FIRST + N)
    found = judged_again(plan, FIRST, WORLD, futures)
    for name, one, other in zip(futures._fields, found, futures, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    assert found.score is not futures.score


def test_verdicts_are_the_scores_moved_by_strictness_and_noise():
    plan = plan_of()
    futures, drawn = reference.simulate(plan, FIRST, FIRST + N), draw_verdicts(plan, FIRST, WORLD)
    verified = futures.score + drawn.strictness[:, None, :] + drawn.noise
    np.testing.assert_array_equal(np.clip(verified, 0.0, 1000.0), futures.verified)


def test_habits_are_drawn_from_three_uses_of_one_stream():
    plan = plan_of()
    drawn = draw_verdicts(plan, FIRST, WORLD)
    habits = (drawn.is_capped, drawn.is_confirmed, drawn.is_reached)
    assert {habit.dtype.name for habit in habits} == {"bool"}
    for row in range(N):
        for place, name in enumerate(("barat", "timur")):
            for cycle, year in enumerate(CYCLES):
                number = plan.structure.cap_stream[place, cycle]
                assert number == stream(f"{name}/cycle-{year}/cap")
                chances = [uniform(np.uint64(SEED), number, FIRST + row, use) for use in range(3)]
                found = [bool(habit[row, place, cycle]) for habit in habits]
                assert found == [chances[0] < 0.6, chances[1] < 0.3, chances[2] < 0.5]


def test_numbers_of_worlds_are_stacked():
    plan = plan_of()
    assert stacked(plan, "noise").tolist() == [[60.0] * 3] * 5
    assert stacked(plan, "bounds").shape == (5, 5)
    assert stacked(plan, "bounds").dtype == np.float64

"""Results that an engine returns are possible; what was changed in them is not."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from kla_sim.analysis.possible import is_possible
from kla_sim.engine.compiled import simulate
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

sys.path.append(str(Path(__file__).parents[1] / "engine"))
from strategies import scenarios

OVERRIDES = ["worlds=3", "target.category=nindya"]
PLAN = compile_plan(load_scenario(shipped_scenario("kaltara_2022"), overrides=OVERRIDES), 1)
FIRST = 5
RESULTS = simulate(PLAN, FIRST, FIRST + 40)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios())
def test_whatever_an_engine_returns_is_possible(scenario):
    plan = compile_plan(scenario, 1)
    assert is_possible(plan, 3, simulate(plan, 3, 23))


def changed(field, change):
    array = getattr(RESULTS, field).copy()
    change(array)
    return RESULTS._replace(**{field: array})


def at(place, value):
    def change(array):
        array[place] = value

    return change


def known(field):
    """Return the place of a score that is known, of a cycle in its time."""
    on_time = RESULTS.evidence_day == PLAN.structure.cycle_evidence_day
    places = np.argwhere(~np.isnan(getattr(RESULTS, field)) & on_time[:, None, :])
    return tuple(places[0])


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("is_met", lambda array: np.logical_not(array, out=array)),
        ("is_met_once", lambda array: array.fill(False)),
        ("standing", at((0, 0), 6)),
        ("standing", at((0, 0), -1)),
        ("standing", lambda array: np.subtract(5, array, out=array)),
        ("category", at((0, 0, 0), 6)),
        ("category", at((0, 0, 0), -2)),
        ("category", lambda array: array.fill(1)),
        ("cycle_state", at((0, 0), 3)),
        ("evidence_day", at((0, 0), -2)),
        ("award_day", lambda array: array.fill(-1)),
        ("score", at((0, 0, 0), np.inf)),
        ("score", at(known("score"), 1.0)),
        ("score", at(known("score"), np.nan)),
        ("verified", at(known("score"), 1e9)),
        ("verified", at(known("score"), 500.0)),
        ("claimed", at(known("score"), -1.0)),
        ("gap", at(known("score"), 0.0)),
        ("gap", at((0, 0, 0), np.nan)),
        ("remainder", at(known("score"), 0.0)),
        ("remainder", at((0, 0, 0), -np.inf)),
        ("spent", at((0, 0, 0), -1)),
        ("wait_days", at((0, 0, 0), -1)),
        ("launches", at((0, 0, 0), -1)),
        ("n_events", at(0, -1)),
    ],
)
def test_what_no_engine_returns_is_not_possible(field, change):
    assert is_possible(PLAN, FIRST, RESULTS)
    assert not is_possible(PLAN, FIRST, changed(field, change))


def test_results_of_another_seed_or_under_other_numbers_are_not_possible():
    other = compile_plan(load_scenario(shipped_scenario("kaltara_2022"), overrides=OVERRIDES), 2)
    assert is_possible(other, FIRST, simulate(other, FIRST, FIRST + 40))
    assert not is_possible(other, FIRST, RESULTS)
    assert not is_possible(PLAN, FIRST + PLAN.n_worlds, RESULTS)

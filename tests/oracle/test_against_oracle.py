"""The engine against a day-by-day oracle on odd plans without chance: every day and rupiah.

The two share no code but the scenario model: the oracle walks through every day, looks at all work
anew and counts in whole numbers and fractions; the engine works from events, arrays and floats.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from odd_plans import SeededChoices, odd_plan, odd_plans, slipping_plans
from plain import plain_document

from kla_sim.experiment.trace import trace_document, trace_future
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.model import Scenario

CASES = sorted((Path(__file__).parents[1] / "data" / "conformance").glob("case-*.yaml"))
SCORE_TOLERANCE = 1e-9  # of two formulas equal in exact arithmetic; all else must be equal
LONG_SHARDS, PLANS_PER_SHARD = 20, 250


def differences(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Every place where two documents differ; what is absent equals what is zero or empty."""
    if isinstance(ours, dict) or isinstance(theirs, dict):
        ours, theirs = ours or {}, theirs or {}
        return [
            found
            for key in sorted({*ours, *theirs})
            for found in differences(ours.get(key), theirs.get(key), f"{place}/{key}")
        ]
    if place.endswith(("/score", "/verified")):
        ours, theirs = ours or 0.0, theirs or 0.0
        if math.isclose(ours, theirs, rel_tol=SCORE_TOLERANCE, abs_tol=SCORE_TOLERANCE):
            return []
    return [] if ours == theirs or not (ours or theirs) else [f"{place}: {ours} is not {theirs}"]


def engine_document(scenario: Scenario) -> dict[str, Any]:
    return trace_document(trace_future(scenario, seed=1, replication=0))


def disagreements(plan: dict[str, Any]) -> list[str]:
    scenario = Scenario.model_validate(plan)
    return differences(engine_document(scenario), plain_document(scenario))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_oracle_gives_the_known_results_of_a_conformance_case(case: Path) -> None:
    known = json.loads(case.with_suffix(".json").read_text(encoding="utf-8"))
    assert differences(plain_document(load_scenario(case)), known) == []


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(odd_plans())
def test_the_engine_and_the_oracle_agree_on_any_odd_plan(plan: dict[str, Any]) -> None:
    assert disagreements(plan) == []


@settings(max_examples=60, deadline=None)
@given(slipping_plans())
def test_the_engine_and_the_oracle_agree_on_calendars_that_slip_and_merge(
    plan: dict[str, Any],
) -> None:
    assert disagreements(plan) == []


@pytest.mark.long
@pytest.mark.parametrize("shard", range(LONG_SHARDS))
def test_the_engine_and_the_oracle_agree_on_thousands_of_odd_plans(shard: int) -> None:
    first = shard * PLANS_PER_SHARD
    found = {
        seed: disagreements(odd_plan(SeededChoices(seed)))
        for seed in range(first, first + PLANS_PER_SHARD)
    }
    assert {seed: differing for seed, differing in found.items() if differing} == {}


def test_a_difference_anywhere_in_a_document_is_seen() -> None:
    ours = {"waits": {"a": {"window": 3}}, "scores": {"a": {"2023": {"score": 700.0}}}}
    theirs = {"waits": {"a": {}}, "scores": {"a": {"2023": {"score": 700.1}}}}
    assert differences(ours, theirs) == [
        "/scores/a/2023/score: 700.0 is not 700.1",
        "/waits/a/window: 3 is not None",
    ]
    assert differences(ours, ours) == []

"""What a world knows of the cities before anything is drawn of them, in numbers worked by hand."""

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.worlds import score_for_policy, scores_of

CYCLES = {
    2022: {"evidence_closes": "2022-04-01", "award": "2022-06-01"},
    2023: {"evidence_closes": "2023-03-01", "award": "2023-05-01"},
}


def one_city(*, baseline, **changes):
    return scenario(cities={"kota": city(baseline=baseline)}, **changes)


def test_scores_of_a_baseline_without_error_are_what_its_stage_may_yet_lose():
    fall = {"distribution": "uniform", "low": 0, "high": 24}
    plan = one_city(
        baseline={"score": 700, "stage": "ministry"},
        evaluation={"one_step_up": "100%", "cycles": {}, "stage_fall": {"ministry": fall}},
    )
    scores = scores_of(plan)("kota")
    assert scores.shape == (24 * 24,)  # of each error each fall
    assert scores[:24] == pytest.approx(699.5 - np.arange(24))
    assert np.array_equal(scores.reshape(24, 24), np.tile(scores[:24], (24, 1)))


def test_scores_of_a_stage_that_loses_nothing_are_those_of_the_error_alone():
    scores = scores_of(one_city(baseline={"category": "madya"}))("kota")
    assert scores == pytest.approx(600 + 100 * (np.arange(24) + 0.5) / 24)


def test_policy_goes_by_the_last_award_observed_whatever_the_order():
    awards = {2023: {"kota": "nindya"}, 2022: {"kota": "pratama"}}
    plan = one_city(
        baseline={"score": 650},
        start="2022-01-01",
        evaluation={"one_step_up": "100%", "cycles": CYCLES},
        observed={"date": "2023-06-01", "awards": awards},
    )
    assert score_for_policy(plan, "kota") == 750.0
    assert score_for_policy(plan.model_copy(update={"observed": None}), "kota") == 650.0


def test_worlds_are_reported_before_each_and_at_the_end():
    told = []
    compile_plan(scenario(worlds=3), 1, report=lambda *counts: told.append(counts))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]

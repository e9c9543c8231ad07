"""Scores that the histories beside them all but rule out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from kla_sim.engine.contradiction import LEAST_CHANCE, contradictions, tail
from kla_sim.engine.readings import VERDICTS, Reading
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.shipped import shipped_scenario


def scenario(*overrides: str) -> Scenario:
    return read_scenario(shipped_scenario("kaltara_2022"), overrides=overrides).scenario


def sure_of(verdict: float) -> np.ndarray:
    return (np.abs(VERDICTS - verdict) < 1e-9).astype(float)


def test_chance_of_a_score_as_far_off_is_that_of_students_t_where_the_verdict_is_known() -> None:
    # 805 was verified; the stage scores 20 too low on average, so that 785 is to be expected
    for score in (664.0, 785.0, 900.0):
        expected, chance = tail(Reading(score, 20.0, 30.0, 0.15), sure_of(805.0))
        assert expected == 785.0
        by_hand = 2.0 * stats.t.sf(abs(score - 785.0) / 30.0, 4)
        assert chance == pytest.approx(by_hand)


def test_verdicts_that_are_open_are_mixed_by_their_chances() -> None:
    weights = 0.25 * sure_of(705.0) + 0.75 * sure_of(805.0)
    expected, chance = tail(Reading(500.0, 0.0, 30.0, 0.15), weights)
    assert expected == pytest.approx(780.0)
    below = 0.25 * stats.t.cdf(-205 / 30, 4) + 0.75 * stats.t.cdf(-305 / 30, 4)
    assert chance == pytest.approx(2.0 * below)


def test_the_scores_of_the_ministry_contradict_no_history_of_dki() -> None:
    assert contradictions(scenario()) == []


def test_a_score_of_pratama_beside_a_history_that_rose_to_utama_is_found() -> None:
    (found,) = contradictions(scenario("cities.jakarta_timur.baseline.score=404"))
    assert (found.city, found.score) == ("jakarta_timur", 404.0)
    assert found.chance < LEAST_CHANCE
    assert 800 < found.expected < 900  # utama was the last award


def test_a_wider_error_of_the_stage_excuses_the_same_score() -> None:
    low = "cities.jakarta_timur.baseline.score=404"
    assert len(contradictions(scenario(low, "cities.jakarta_timur.baseline.sd=40"))) == 1
    assert contradictions(scenario(low, "cities.jakarta_timur.baseline.sd=120")) == []


def test_a_score_alone_or_a_history_alone_contradicts_nothing() -> None:
    low = "cities.jakarta_timur.baseline.score=404"
    assert contradictions(scenario(low, "cities.jakarta_timur.baseline.history=null")) == []
    assert contradictions(read_scenario(Path(shipped_scenario("kaltara_2026"))).scenario) == []

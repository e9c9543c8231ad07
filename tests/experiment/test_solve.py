"""How much is enough: closed forms through the whole engine, maps, and what holds a plan back."""

from pathlib import Path

import pytest
from scipy.stats import norm

from kla_sim.errors import ScenarioError, UsageError
from kla_sim.experiment.solve import Goal, Question, solve, solve_map
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.varying import read_lever

KNOWN = """\
schema_version: 1
name: Diketahui
start: 2023-01-01
horizon: 2024-12-31
target: {category: utama, deadline: 2024-12-31}
worlds: 20
cities:
  kota:
    name: Kota
    districts: 10
    population: 1000000
    award: {category: nindya, date: 2022-07-22}
    baseline: {score: 780}
resources: {}
accounts: {province: {2023: 1 miliar}, grows: 0%, release: {1 Januari: 100%}, lapse: 100%}
background: {rate: {median: 0.0}, volatility: 0.0}
evaluation:
  noise: 20
  one_step_up: 100%
  cycles: {2024: {evidence_closes: 2024-06-15, award: 2024-07-23}}
"""
"""Odds of one city, known: the noise of 20 points decides over the bound of 800."""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("plans") / "known.yaml"
    file.write_text(KNOWN, encoding="utf-8")
    return file


def question(path: Path, goal, *levers, n=40, engine="reference"):
    loaded = read_scenario(path)
    found = tuple(read_lever(loaded.scenario, *lever) for lever in levers)
    return Question(loaded, path, (), goal, found, n, 1, engine, 1)


def test_the_score_needed_for_known_odds_is_the_closed_form(path):
    """P(score + 20 z > 800) is 0.8 where the score is 800 + 20 x the normal quantile of 0.8."""
    found = solve(question(path, Goal("odds", 0.8), ("cities.kota.baseline.score", "760:860")))
    needed = 800 + 20 * norm.ppf(0.8)
    assert found.least.value == pytest.approx(needed, abs=0.1)
    assert found.least.low < needed < found.least.high
    assert not found.is_met_at_low
    assert found.limits == []


def test_expected_regions_are_solved_like_odds(path):
    found = solve(question(path, Goal("regions", 0.5), ("cities.kota.baseline.score", "760:860")))
    assert found.least.value == pytest.approx(800.0, abs=0.1)


def test_a_goal_met_at_the_low_end_needs_nothing(path):
    found = solve(question(path, Goal("odds", 0.1), ("cities.kota.baseline.score", "790:860")))
    assert found.is_met_at_low
    assert found.is_reached
    assert found.least is None


def test_more_noise_first_helps_a_city_below_the_bound_and_never_beyond_one_half(path):
    found = solve(question(path, Goal("odds", 0.55), ("evaluation.noise", "5:200")))
    assert not found.is_reached
    best = found.curve.best
    assert best.value == 200.0
    assert best.estimate.value == pytest.approx(1 - norm.cdf(20 / 200), abs=1e-4)
    assert found.budgets == (2_000_000_000, 2_000_000_000)
    assert found.spent == 0.0


def test_a_sure_calendar_is_what_helps_a_plan_that_only_the_calendar_holds_back(tmp_path):
    file = tmp_path / "risky.yaml"
    risky = KNOWN.replace("  noise: 20", "  noise: 20\n  calendar: {cancelled: 50%}")
    file.write_text(risky, encoding="utf-8")
    found = solve(
        question(file, Goal("odds", 0.9), ("cities.kota.baseline.score", "780:900"), n=200)
    )
    assert [limit.relief.kind for limit in found.limits] == ["calendar"]
    (limit,) = found.limits
    assert found.curve.best.estimate.value + limit.difference.value == pytest.approx(1.0, abs=1e-4)


def test_a_map_holds_the_closed_form_at_each_point(path):
    levers = ("cities.kota.baseline.score", "760:840"), ("evaluation.noise", "10:50")
    found = solve_map(question(path, Goal("odds", 0.5), *levers))
    assert found.values == ([760.0, 780.0, 800.0, 820.0, 840.0], [10.0, 20.0, 30.0, 40.0, 50.0])
    for score, row in zip(found.values[0], found.estimates, strict=True):
        for noise, estimate in zip(found.values[1], row, strict=True):
            known = 1 - norm.cdf((800 - score) / noise)
            assert estimate.value == pytest.approx(known, abs=1e-4)


def test_two_levers_that_move_the_same_number_are_refused(path):
    levers = ("accounts.province.2023", "1:2"), ("accounts", "1:2")
    with pytest.raises(UsageError) as refused:
        solve_map(question(path, Goal("odds", 0.5), *levers))
    assert refused.value.code == "levers_overlap"


def test_more_regions_than_there_are_cannot_be_wanted(path):
    with pytest.raises(UsageError) as refused:
        solve(question(path, Goal("regions", 2.0), ("evaluation.noise", "5:50")))
    assert refused.value.code == "regions_out_of_range"


def test_a_range_that_leaves_what_is_possible_is_refused_before_any_future(path):
    told = []
    with pytest.raises(ScenarioError):
        solve(
            question(path, Goal("odds", 0.5), ("cities.kota.baseline.score", "800:1200")),
            lambda done, asked: told.append(done),
        )
    assert told == []


def test_both_engines_give_the_same_answer(path):
    lever = ("cities.kota.baseline.score", "760:860")
    one, other = (
        solve(question(path, Goal("odds", 0.5), lever, engine=engine))
        for engine in ("reference", "compiled")
    )
    assert one == other

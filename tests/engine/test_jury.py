"""One rule of the jury: whoever asks it gets the same answer, on both sides of every bound."""

from types import SimpleNamespace

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.analysis.conditional import conditional_chances
from kla_sim.analysis.lost_futures import keep_ledgers
from kla_sim.analysis.simulated_record import _judge
from kla_sim.analysis.verdict_losses import CONFIRMATION, REACH
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine import compiled, reference
from kla_sim.engine.background import Law, background_grid, category_chances
from kla_sim.engine.beliefs import ALONE
from kla_sim.engine.counterfactual import without_kaltara
from kla_sim.engine.jury import (
    BOUNDS,
    NO_STANDING,
    award_of,
    awards_of,
    categories_of,
    category_of,
    verified_score,
)
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.readings import acceptance, verdicts
from kla_sim.engine.status_date import _of_scores
from kla_sim.experiment import dki_case
from tests.without_compiler import sized

N = sized(20_000, 1_000)

EXPECTED = {
    0.0: "none",
    499.999: "none",
    500.0: "pratama",
    500.001: "pratama",
    599.999: "pratama",
    600.0: "pratama",
    600.001: "madya",
    699.999: "madya",
    700.0: "madya",
    700.001: "nindya",
    799.999: "nindya",
    800.0: "nindya",
    800.001: "utama",
    899.999: "utama",
    900.0: "utama",
    900.001: "kla",
    1000.0: "kla",
}
SCORES = np.array(list(EXPECTED))
NUMBERS = [CATEGORIES.index(name) for name in EXPECTED.values()]
N = len(SCORES)
QUIET = Law(0.05, 0.5, 34.0, 1e-9, 0.0, 1.0, 0.0, 0.0, 1.0, 480.0, 120.0)
"""A jury without strictness, noise, cap or confirmation, KLA within reach."""


def judged_once(target="pratama", **evaluation):
    """Return a plan with one city at each score, which nothing moves before its only cycle."""
    cities = {
        f"kota_{place}": city(
            baseline={"score": float(score)}, award={"category": "none", "date": "2022-01-01"}
        )
        for place, score in enumerate(SCORES)
    }
    cycles = {2023: {"evidence_closes": "2023-06-15", "award": "2023-07-23"}}
    return scenario(
        cities=cities,
        target={"category": target, "deadline": "2023-12-31"},
        evaluation={"one_step_up": 0, "cycles": cycles, **evaluation},
    )


def test_a_score_has_one_category():
    assert [category_of(score, BOUNDS) for score in SCORES] == NUMBERS
    assert categories_of(SCORES, BOUNDS).tolist() == NUMBERS


def test_a_verdict_has_one_award():
    free = (False, False, True)
    assert [award_of(score, NO_STANDING, BOUNDS, *free) for score in SCORES] == NUMBERS
    assert [award_of(score, 0, BOUNDS, *free) for score in SCORES] == NUMBERS
    habits = (np.full(N, value) for value in free)
    assert awards_of(SCORES, np.full(N, 0), BOUNDS, *habits).tolist() == NUMBERS


@pytest.mark.parametrize("standing", range(NO_STANDING + 1))
def test_habits_change_a_verdict_as_they_say(standing):
    has_one = standing != NO_STANDING
    for score, number in zip(SCORES, NUMBERS, strict=True):
        within_reach = min(number, 4)
        capped = min(number, standing + 1) if has_one else number
        capped_first = min(within_reach, standing + 1) if has_one else within_reach
        assert award_of(score, standing, BOUNDS, True, False, True) == capped
        assert award_of(score, standing, BOUNDS, False, False, False) == within_reach
        assert award_of(score, standing, BOUNDS, True, False, False) == capped_first
        confirmed = standing if has_one else capped
        assert award_of(score, standing, BOUNDS, True, True, True) == confirmed


def test_a_verified_score_stays_on_the_scale():
    assert verified_score(640.0, -15.0, 4.0) == 629.0
    assert verified_score(990.0, 15.0, 4.0) == 1000.0
    assert verified_score(10.0, -15.0, 4.0) == 0.0


@pytest.mark.parametrize("engine", [compiled, reference])
def test_both_engines_judge_alike(engine):
    found = engine.simulate(compile_plan(judged_once(), 1), 0, 2)
    # a gap is 1 point at least, and 999 points are a KLA as well
    assert found.category[:, :, 0].tolist() == [NUMBERS] * 2
    assert found.verified[0, :, 0] == pytest.approx(np.minimum(SCORES, 999.0), abs=1e-9)


def test_the_futures_without_kaltara_are_judged_alike():
    plan = compile_plan(judged_once(), 1)
    found = without_kaltara(plan, 0, np.zeros(2, np.int64), compiled.simulate(plan, 0, 2))
    assert found.category[:, :, 0].tolist() == [NUMBERS] * 2


@pytest.mark.parametrize("target", CATEGORIES[1:])
@pytest.mark.parametrize("noise", [0.0, 1e-7])
def test_chances_of_the_last_day_are_those_of_the_rule(target, noise):
    plan = compile_plan(judged_once(target, noise=noise), 1)
    chances = conditional_chances(plan, 0, compiled.simulate(plan, 0, 2)).cities
    is_met = np.array(NUMBERS) >= CATEGORIES.index(target)
    # with any noise a score exactly at a bound falls on both sides of it
    is_sure = np.array([noise == 0.0 or score not in BOUNDS for score in SCORES])
    assert chances[:, is_sure].tolist() == [is_met[is_sure].astype(float).tolist()] * 2
    assert chances[:, ~is_sure] == pytest.approx(
        np.where(SCORES[~is_sure] == BOUNDS[CATEGORIES.index(target) - 1], 0.5, is_met[~is_sure])[
            None
        ].repeat(2, axis=0),
        abs=1e-6,
    )


def test_simulated_records_judge_alike():
    law = QUIET._replace(noise=0.0)
    found = _judge(1000.0 - SCORES, None, law, 0.0, np.random.default_rng(1))
    assert found.tolist() == NUMBERS


def test_scores_of_a_baseline_stand_in_the_same_categories():
    for score, number in zip(SCORES, NUMBERS, strict=True):
        beliefs = _of_scores(np.array([score]), None, ALONE)
        assert np.flatnonzero(beliefs.any(axis=(0, 2))).tolist() == [number]


def test_the_case_of_dki_reads_a_score_by_the_same_rule(monkeypatch):
    name = next(one.name for one in dki_case._regions() if 2022 not in one.awards)
    for score, number in zip(SCORES, NUMBERS, strict=True):
        rows = [{"region": name, "score": str(score)}]
        monkeypatch.setattr(dki_case, "shipped_rows", lambda file, rows=rows: rows)
        monkeypatch.setattr(dki_case, "read_awards", lambda: SimpleNamespace(awards=()))
        assert [region.standing for region in dki_case._regions()] == [number]


def test_cells_of_the_gap_lie_on_one_side_of_each_bound_and_are_judged_so():
    grid = background_grid()
    chances = category_chances(grid, QUIET, 0.0)
    for score, number in zip(SCORES, NUMBERS, strict=True):
        gap = 1000.0 - score
        if gap in grid.edges or not grid.edges[0] < gap < grid.edges[-1]:
            continue
        cell = int(np.searchsorted(grid.edges, gap)) - 1
        expected = np.zeros(len(CATEGORIES))
        expected[number] = 1.0
        assert chances[:, cell] == pytest.approx(expected, abs=1e-12), score


def test_cells_of_a_verdict_lie_on_one_side_of_each_bound_and_are_judged_so():
    grid = background_grid()
    accepted = acceptance(QUIET)[NO_STANDING]
    assert np.array_equal(accepted.sum(axis=0), np.ones(accepted.shape[1]))
    # without noise the verdict is the score of the gap, so that both ways have to agree
    told = accepted @ verdicts(grid, QUIET, 0.0)
    inside = grid.centres > 1.0
    assert told[:, inside] == pytest.approx(category_chances(grid, QUIET, 0.0)[:, inside])


def out_of_reach(reach, target="kla", **changes):
    """Return a plan of two cities that stand near KLA and are judged with noise in 2023."""
    cities = {
        name: city(
            baseline={"score": score}, award={"category": award, "date": "2022-01-01"}, **changes
        )
        for name, score, award in (("a", 920.0, "utama"), ("b", 890.0, "kla"))
    }
    cycles = {2023: {"evidence_closes": "2023-06-15", "award": "2023-07-23"}}
    return scenario(
        cities=cities,
        target={"category": target, "deadline": "2023-12-31"},
        evaluation={
            "one_step_up": "90%",
            "confirmation": "10%",
            "noise": 30,
            "strictness": 15,
            "kla_reach": reach,
            "cycles": cycles,
        },
    )


@pytest.mark.parametrize("reach", [0.0, 0.3, 1.0])
def test_a_verdict_of_kla_is_given_as_often_as_it_is_in_reach(reach):
    found = compiled.simulate(compile_plan(out_of_reach(reach), 5), 0, N)
    verified, category = found.verified[:, 0, 0], found.category[:, 0, 0]
    above = verified > 900.0
    given = category[above] == 5
    # utama stands, so that the cap allows KLA, and a confirmation alone keeps utama
    expected, n = 0.9 * reach, above.sum()
    assert n > N / 2
    assert np.isin(category[above], (4, 5)).all()
    error = np.sqrt(max(expected * (1.0 - expected), 1e-12) / n)
    assert abs(given.mean() - expected) < 4.0 * error
    assert not (category[~above] == 5).any()


@pytest.mark.parametrize("reach", [0.0, 0.3, 1.0])
def test_engines_and_the_counterfactual_agree_on_what_is_out_of_reach(reach):
    plan, n = compile_plan(out_of_reach(reach), 5), sized(300, 40)
    slow, fast = reference.simulate(plan, 0, n), compiled.simulate(plan, 0, n)
    for one, other in zip(slow, fast, strict=True):
        assert one.tobytes() == other.tobytes()
    bare = without_kaltara(plan, 0, np.zeros(n, np.int64), fast)
    assert np.array_equal(bare.category, fast.category)


@pytest.mark.parametrize("reach", [0.0, 0.3, 1.0])
def test_conditional_odds_of_kla_agree_with_counting(reach):
    plan = compile_plan(out_of_reach(reach), 9)
    found = compiled.simulate(plan, 0, N)
    chances = conditional_chances(plan, 0, found)
    for of_each, came in (
        *zip(chances.cities.T, (found.standing == 5).T, strict=True),
        (chances.all_cities, found.is_met),
    ):
        error = np.sqrt(np.mean(of_each * (1.0 - of_each)) / len(came))  # given what is not chance
        assert abs(of_each.mean() - came.mean()) < 4.0 * max(error, 1e-9)
    if reach == 0.0:  # a KLA held is confirmed, no other is given
        assert chances.cities[:, 0].max() == 0.0
        assert chances.cities[:, 1] == pytest.approx(0.1)


def test_whether_kla_is_in_reach_changes_nothing_for_utama():
    found = []
    for reach in (0.0, 0.3, 1.0):
        plan = compile_plan(out_of_reach(reach, "utama"), 9)
        results = compiled.simulate(plan, 0, sized(500, 60))
        found.append((results.is_met.tolist(), conditional_chances(plan, 0, results).cities))
    assert found[0][0] == found[1][0] == found[2][0]
    assert np.array_equal(found[0][1], found[1][1])
    assert np.array_equal(found[0][1], found[2][1])


@pytest.mark.parametrize(("reach", "losses"), [(0.0, {CONFIRMATION, REACH}), (1.0, {CONFIRMATION})])
def test_a_verdict_of_kla_that_is_not_given_is_lost_to_the_rule_that_kept_it(reach, losses):
    plan, n = compile_plan(out_of_reach(reach), 5), sized(2_000, 200)
    results, spells = compiled.simulate_telling(plan, 0, n)
    ledgers, _ = keep_ledgers(plan, 0, results, spells)
    earned = results.verified[:, 0, 0] > 900.0
    kept = earned & (results.category[:, 0, 0] != 5)
    loss = ledgers.last.loss[:, 0]
    assert set(loss[kept]) == losses
    by_confirmation = (loss == CONFIRMATION)[earned].mean()
    assert abs(by_confirmation - 0.1) < 4.0 * np.sqrt(0.09 / earned.sum())

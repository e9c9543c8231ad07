"""The tally: what it says equals plain numpy on all replications, however they were cut."""

from itertools import pairwise

import numpy as np
import pytest
from evaluations import calm, city, scenario

from kla_sim.analysis.conditional import conditional_chances, select_rows
from kla_sim.analysis.counting import Tally
from kla_sim.analysis.counting.awards import standing_on
from kla_sim.analysis.document import summary_document
from kla_sim.engine import compiled
from kla_sim.engine.counterfactual import without_kaltara
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

N = 600
MANY_WORLDS = scenario(
    worlds=12,
    cities={
        name: {
            "name": name,
            "districts": 2,
            "population": population,
            "zones": {"planned": 2},
            "award": {"category": "unknown", "date": "2022-07-22"},
            "baseline": {"score": score, "sd": 30},
        }
        for name, score, population in (("a", 800, 900_000), ("b", 840, 100_000))
    },
)


@pytest.fixture(scope="module", params=["many worlds", "one world"])
def run(request):
    plan = compile_plan(MANY_WORLDS if request.param == "many worlds" else scenario(), 9)
    return plan, compiled.simulate(plan, 0, N)


def summarised(plan, futures, cuts=(0, N)):
    tally = Tally(plan)
    for first, last in pairwise(cuts):
        tally.add(first, select_rows(futures, slice(first, last)))
    return tally.summarise()


def test_the_summary_does_not_depend_on_how_replications_were_cut(run):
    whole = summary_document(summarised(*run))
    assert summary_document(summarised(*run, cuts=(0, 1, 7, 300, 301, N))) == whole


def test_odds_are_the_mean_chances(run):
    plan, futures = run
    summary = summarised(plan, futures)
    chances = conditional_chances(plan, 0, futures)
    assert summary.all_cities.value == pytest.approx(chances.all_cities.mean(), abs=1e-9)
    for place, estimate in enumerate(summary.cities):
        assert estimate.value == pytest.approx(chances.cities[:, place].mean(), abs=1e-9)
    expected = chances.cities.sum(axis=1)
    assert summary.expected_cities.value == pytest.approx(expected.mean(), abs=1e-8)
    if plan.n_worlds == 1:
        half = 1.964 * expected.std(ddof=1) / np.sqrt(N)
        # Student's half-width, and room for the one future in 601 that has not come
        assert half < summary.expected_cities.high - summary.expected_cities.value < 1.06 * half


def test_counting_stands_beside_with_its_difference(run):
    plan, futures = run
    summary = summarised(plan, futures)
    assert summary.counted.value == pytest.approx(futures.is_met.mean(), abs=1e-12)
    assert summary.check.difference.value == pytest.approx(
        summary.counted.value - summary.all_cities.value, abs=1e-8
    )
    assert abs(summary.check.z) < 4
    assert summary.variance_ratio > 1


def test_met_at_once_ever_is_never_less_likely_than_met_at_the_deadline(run):
    plan, futures = run
    summary = summarised(plan, futures)
    assert summary.all_cities_at_once_ever.value >= summary.all_cities.value
    counted = futures.is_met_once.mean() - futures.is_met.mean()
    found = summary.all_cities_at_once_ever.value - summary.all_cities.value
    assert found == pytest.approx(counted, abs=1e-9)


@pytest.mark.parametrize("first", [68, 72, 88, 92])
def test_a_plan_that_begins_at_its_target_is_summed_up_after_few_futures(first):
    cities = {name: city(score, "nindya") for name, score in (("a", 700), ("b", 690))}
    target = {"category": "nindya", "deadline": "2025-12-31"}
    plan = compile_plan(scenario(target=target, cities=cities), 1)
    futures = compiled.simulate(plan, first, first + 9)
    tally = Tally(plan)
    tally.add(first, futures)
    assert futures.is_met_once.all()  # on the first day
    chances = conditional_chances(plan, first, futures).all_cities
    once = tally.summarise().all_cities_at_once_ever
    assert once.value == pytest.approx((chances.sum() + 9 - futures.is_met.sum()) / 9, abs=1e-8)
    assert 0.0 < once.low < once.value <= once.high == 1.0


def test_attainment_is_the_mean_score_weighted_by_population(run):
    plan, futures = run
    weight = plan.structure.population / plan.structure.population.sum()
    scores = np.clip(1000.0 - futures.gap * futures.remainder, 0.0, 1000.0)
    expected = np.einsum("rcy,c->ry", scores, weight) / 1000.0
    found = summarised(plan, futures).attainment[1:]
    np.testing.assert_allclose([point.mean for point in found], expected.mean(axis=0), atol=1e-8)
    # quantiles are kept to a hundredth of a percentage point
    for points, share in (([p.p10 for p in found], 0.1), ([p.p90 for p in found], 0.9)):
        quantiles = np.quantile(expected, share, axis=0, method="inverted_cdf")
        np.testing.assert_allclose(points, quantiles, atol=1e-4)


def test_the_curve_counts_each_day_and_ends_at_the_odds_that_are_said(run):
    plan, futures = run
    summary = summarised(plan, futures)
    assert summary.curve.joint[-1] == pytest.approx(summary.all_cities.value)
    assert summary.curve.cities[-1] == pytest.approx([city.value for city in summary.cities])
    starts = np.stack([world.standing for world in plan.worlds])[np.arange(N) % plan.n_worlds]
    standing = standing_on(plan.structure.deadline_day, starts, futures)
    np.testing.assert_array_equal(standing, futures.standing)
    day = int(summary.curve.days[-2])
    reached = standing_on(day, starts, futures) >= plan.structure.target
    assert summary.curve.joint[-2] == pytest.approx(np.all(reached, axis=1).mean())


def test_what_kaltara_adds_is_the_paired_difference_of_the_same_futures(run):
    plan, futures = run
    summary = summarised(plan, futures)
    world = np.arange(N) % plan.n_worlds
    bare = without_kaltara(plan, 0, world, futures)
    without = summary.without_kaltara
    assert (without.won, without.lost) == (
        np.sum(futures.is_met & ~bare.is_met),
        np.sum(bare.is_met & ~futures.is_met),
    )
    assert without.won + without.lost + without.same == N
    assert without.difference.value == pytest.approx(
        summary.all_cities.value - without.all_cities.value
    )
    assert without.difference.low <= without.difference.value <= without.difference.high


def test_odds_on_claimed_scores_go_by_each_citys_last_claim(run):
    plan, futures = run
    target, n_claimed = plan.structure.target, 0
    for row in range(N):
        world = row % plan.n_worlds
        days = [(day, k) for k, day in enumerate(futures.award_day[row]) if day >= 0]
        counting = [k for day, k in sorted(days) if day <= plan.structure.deadline_day]
        if counting:
            bound = plan.values[world].bounds[target - 1]
            n_claimed += bool(np.all(futures.claimed[row, :, counting[-1]] > bound))
        else:
            n_claimed += bool(np.all(plan.worlds[world].standing >= target))
    assert summarised(plan, futures).on_claimed_scores.value == pytest.approx(n_claimed / N)


def test_memory_does_not_grow_with_the_number_of_replications(run):
    plan, futures = run

    def size(held):
        if isinstance(held, np.ndarray):
            return held.nbytes
        if isinstance(held, dict):
            return sum(map(size, held.values()))
        if isinstance(held, list | tuple) and not hasattr(held, "_asdict"):
            assert len(held) < 50
            return sum(map(size, held))
        return sum(map(size, vars(held).values())) if "counting" in type(held).__module__ else 0

    once, often = Tally(plan), Tally(plan)
    once.add(0, futures)
    for round_number in range(20):
        often.add(round_number * N, futures)
    assert size(once) == size(often)
    assert often.n == 20 * N


def test_without_chance_the_answer_is_certain_and_its_interval_is_not():
    sure = scenario(
        background={"rate": {"median": 0.0}, "volatility": 0.0},
        evaluation=calm(),
        target={"category": "pratama", "deadline": "2025-12-31"},
        work={},
    )
    plan = compile_plan(sure, 1)
    summary = summarised(plan, compiled.simulate(plan, 0, N))
    assert summary.all_cities.value == 1.0
    assert 0.99 < summary.all_cities.low < 1.0
    assert summary.variance_ratio is None
    assert summary.check.z == 0.0


def test_the_document_names_what_the_words_need(run):
    document = summary_document(summarised(*run))
    assert {"all_cities", "counted", "counted_less_conditional", "variance_ratio"} <= set(
        document["odds"]
    )
    assert document["odds"]["all_cities"]["method"].startswith("conditional")
    assert document["odds"]["counted"]["method"] in {"binomial", "clustered"}
    assert document["precision"] is None


@pytest.mark.parametrize("lapse", [10_000, 4_000])
def test_released_money_is_spent_lapses_or_is_held_at_the_horizon(lapse):
    shipped = load_scenario(shipped_scenario("kaltara_2022"))
    accounts = shipped.accounts.model_copy(update={"lapse": lapse})
    plan = compile_plan(shipped.model_copy(update={"worlds": 3, "accounts": accounts}), 4)
    money = summarised(plan, compiled.simulate(plan, 0, 30), (0, 30)).money
    gone = money.spent.sum(axis=1) + money.lapsed.sum(axis=1) + money.held[:, -1]
    np.testing.assert_allclose(money.released.sum(axis=1), gone, rtol=1e-12)
    assert (money.held[:, :-1].sum() > 0) == (lapse < 10_000)  # carried over, and counted once

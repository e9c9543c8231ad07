"""Cities on a status date, step by step: juries tried, what stands, what is left of the gap."""

import datetime as dt
import math

import numpy as np
import pytest
from laws import row
from plans import city, scenario
from scipy.special import ndtri
from test_background_by_hand import GRID, N_CELLS

from kla_sim.domain.indicators import GROUPS
from kla_sim.engine import beliefs as known
from kla_sim.engine import past, status_date
from kla_sim.engine.background import award_chances
from kla_sim.engine.beliefs import ALONE, Drawn, Own
from kla_sim.engine.formulas import background_step
from kla_sim.engine.start import Start
from kla_sim.engine.values import group_points, group_weights
from kla_sim.scenario.evaluation import Strictness

CYCLES = {
    2024: {"evidence_closes": "2024-03-01", "award": "2024-06-01", "strictness": 4, "noise": 0},
    2023: {"evidence_closes": "2023-03-01", "award": "2023-06-01"},
}


def seen(*, awards=None, cycles=None, strictness=None, **observed):
    """Return a plan of two cities on 1 December 2024, with an award or two behind them."""
    work = {
        "province": {"law": {"duration": 9, "closes_gap": {"institutions": "50%"}}},
        "city": {"rule": {"duration": 9, "closes_gap": {"institutions": "20%"}}},
        "zone": {"site": {"duration": 9, "opens": "education_culture", "launches": True}},
    }
    cities = {
        "barat": city(baseline={"score": 655.0}, zones={"existing": 1, "planned": 3}),
        "timur": city(baseline={"score": 755.0}),
    }
    observed = {"date": "2024-12-01", "awards": awards or {}, **observed}
    return scenario(
        cities=cities,
        horizon="2025-12-31",
        work=work,
        effects={"services": {"education_culture": "40%"}, "integration": 0.5},
        background={"rate": {"median": 0.06, "spread": 0.5}, "volatility": 30},
        evaluation={
            "noise": 20,
            "strictness": {"mean": -3, "sd": 12} if strictness is None else strictness,
            "one_step_up": "90%",
            "cycles": cycles or CYCLES,
        },
        observed=observed,
    )


BOTH = {2024: {"barat": "madya"}, 2023: {"barat": "nindya", "timur": "utama"}}


def test_cycles_observed_come_in_the_order_of_their_evidence_with_their_own_juries():
    first, second = status_date._cycles(seen(awards=BOTH))
    assert first == (2023, dt.date(2023, 3, 1), Strictness(mean=-3.0, sd=12.0), None)
    assert second == (2024, dt.date(2024, 3, 1), Strictness(sd=4.0), 0.0)
    none = seen(awards={2023: {"timur": "utama"}}, strictness=0)
    assert status_date._cycles(none)[0].strictness == Strictness(mean=0.0, sd=0.0)


@pytest.mark.parametrize(("n_cycles", "n_juries"), [(1, 9), (2, 5), (3, 3), (7, 3)])
def test_juries_tried_have_the_moments_of_their_law(n_cycles, n_juries):
    found = status_date._juries(Strictness(mean=-3.0, sd=12.0), n_cycles)
    chances, juries = np.array(found).T
    assert len(found) == n_juries
    assert chances.sum() == pytest.approx(1.0)
    assert chances @ juries == pytest.approx(-3.0)
    assert chances @ (juries + 3.0) ** 4 == pytest.approx(3 * 12.0**4)
    assert status_date._juries(Strictness(mean=-3.0, sd=0.0), n_cycles) == [(1.0, -3.0)]


def test_scores_lie_in_their_cells_with_the_award_held_or_their_own_band():
    scores = np.array([655.0, 655.0, 795.0, 1000.0, 0.0])
    free = status_date._of_scores(scores, None, ALONE)
    assert free.sum() == pytest.approx(5.0)
    assert free[0, 2].nonzero()[0].tolist() == [int(np.searchsorted(GRID.edges, 345.0)) - 1]
    assert free.sum(axis=(0, 2)).tolist() == pytest.approx([1, 0, 2, 1, 0, 1, 0])
    assert free[:, 5, 0].sum() == pytest.approx(1.0)  # a gap below the first edge
    assert free[:, 0, -1].sum() == pytest.approx(1.0)
    own = Own(0.4, 0.7)
    held = status_date._of_scores(scores, 3, own)
    assert held.sum(axis=(1, 2)) == pytest.approx(5.0 * known.chances_given(own))
    assert held[:, 3].sum() == pytest.approx(5.0)


def test_an_award_held_keeps_what_agrees_with_it_and_one_ruled_out_keeps_all():
    beliefs = np.zeros((known.N_STRATA, known.N_STANDINGS, N_CELLS))
    beliefs[1, 2, 5], beliefs[4, 3, 7] = 0.25, 0.75
    assert status_date._holding(beliefs, 3).sum() == 0.75
    assert status_date._holding(beliefs, 3)[4, 3, 7] == 0.75
    ruled_out = status_date._holding(beliefs, 5)
    assert (ruled_out[1, 5, 5], ruled_out[4, 5, 7], ruled_out.sum()) == (0.25, 0.75, 1.0)


def test_no_days_move_nothing_and_days_move_as_a_part_of_a_year():
    plan = seen()
    barat = plan.cities["barat"]
    beliefs = np.zeros((known.N_STRATA, known.N_STANDINGS, N_CELLS))
    beliefs[3, 2, 30] = 1.0
    assert status_date._step(plan, None, barat, 0)(beliefs) is beliefs
    kernel = known.kernel_of(past.law_for(plan, None, barat, None), 100 / 365.25)
    moved = status_date._step(plan, None, barat, 100)(beliefs)
    assert moved[3, 2] == pytest.approx(kernel[3, 30], abs=1e-16)
    assert moved.sum() == pytest.approx(1.0)


def test_the_jury_sees_what_kaltara_leaves_of_the_gap():
    found = status_date._seen_through(0.5)
    assert found.edges.tolist() == (GRID.edges / 2).tolist()
    assert found.centres.tolist() == (GRID.centres / 2).tolist()


def test_the_gap_left_counts_zones_launched_and_wide_work_finished_by_a_day():
    work = {
        "province/law": {"started": "2023-01-01", "finished": "2023-05-01"},
        "barat/rule": {"started": "2023-02-01", "finished": "2023-06-01"},
    }
    plan = seen(launched={"barat": {1: "2023-07-01", 2: "2023-08-01"}}, work=work)

    def left(name, day):
        return status_date.remainder_on(plan, name, dt.date.fromisoformat(day))

    by_group = group_weights(group_points(plan), plan.cities["barat"].baseline)
    weights = dict(zip(GROUPS, by_group, strict=True))
    own, served = weights["institutions"], weights["education_culture"]
    assert left("barat", "2023-04-30") == pytest.approx(1.0)
    assert left("barat", "2023-05-01") == pytest.approx(1.0 - own * 0.5)
    assert left("timur", "2023-05-31") == pytest.approx(1.0 - own * 0.5)
    assert left("timur", "2024-05-31") == pytest.approx(1.0 - own * 0.5)
    both = 1.0 - own * (1.0 - 0.5 * 0.8)
    assert left("barat", "2023-06-01") == pytest.approx(both)

    def with_zones(n_zones):  # beside the one that stood; of ten districts, all integrated
        c = (1 + n_zones) / 10
        rest, services = (1 - 0.5 * c) / (1 - 0.05), (1 - 0.4 * c) / (1 - 0.04)
        return rest * (both - served * (1.0 - services))

    assert left("barat", "2023-07-01") == pytest.approx(with_zones(1))
    assert left("barat", "2023-12-01") == pytest.approx(with_zones(2))
    assert status_date.left_today(plan, "barat") == left("barat", "2024-12-01")
    free = plan.model_copy(update={"observed": None})
    assert status_date.left_today(free, "barat") == 1.0


def test_cities_move_on_to_the_status_date_and_stay_where_there_is_none():
    plan = seen()
    cities = {"barat": Drawn(300.0, 0.08, 2), "timur": Drawn(200.0, 0.04, 3)}
    chances = {"barat/observed": 0.9, "timur/observed": 0.2}
    found = status_date.moved_on(plan, cities, chances.__getitem__)
    days = (dt.date(2024, 12, 1) - dt.date(2023, 1, 1)).days
    for name, one in cities.items():
        innovation = float(ndtri(chances[f"{name}/observed"]))
        gap = background_step(one.gap, one.rate, 30.0, days, innovation)
        assert found[name] == (pytest.approx(gap), one.rate, one.standing)
    free = plan.model_copy(update={"observed": None})
    assert status_date.moved_on(free, cities, chances.__getitem__) is cities


SCORES = {"barat": np.array([645.0, 655.0]), "timur": np.array([755.0])}
NOTHING_KNOWN = Start({"barat": ALONE, "timur": Own(0.3, 0.9)}, {}, 0)


def test_beliefs_at_the_start_are_those_of_scores_and_of_histories_that_moved():
    plan = seen()
    found = status_date.beliefs_at_start(plan, None, NOTHING_KNOWN, SCORES.__getitem__)
    barat = status_date._of_scores(SCORES["barat"], 2, ALONE) / 2
    assert found["barat"] == pytest.approx(barat)
    assert found["timur"].sum(axis=(1, 2)) == pytest.approx(known.chances_given(Own(0.3, 0.9)))
    before = np.zeros((known.N_STRATA, known.N_STANDINGS, N_CELLS))
    before[3, 2, 30], before[3, 4, 31] = 1.0, 3.0
    start = Start(NOTHING_KNOWN.own, {"barat": before}, 0)
    kept = status_date.beliefs_at_start(plan, None, start, SCORES.__getitem__)["barat"]
    assert (kept[3, 2, 30], kept.sum()) == (1.0, 1.0)  # madya is held


@pytest.mark.parametrize("strictness", [0, {"mean": -3, "sd": 12}])
def test_an_award_is_followed_under_each_jury_with_its_chance(strictness):
    plan = seen(awards={2023: {"barat": "nindya"}}, strictness=strictness)
    (cycle,) = status_date._cycles(plan)
    begun = status_date.beliefs_at_start(plan, None, NOTHING_KNOWN, SCORES.__getitem__)
    trail = status_date._Trail(-0.5, begun)
    found = status_date._after_cycle(plan, None, cycle, 0, [trail])
    juries = status_date._juries(cycle.strictness, 1)
    assert len(found) == len(juries)
    law = past.law_for(plan, None, plan.cities["barat"], None)
    for (chance, jury), after in zip(juries, found, strict=True):
        sight = award_chances(GRID, law, jury)
        joint = known.after_one(begun["barat"], sight, 3)
        log_chance = -0.5 + math.log(chance) + math.log(joint.sum())
        assert after.log_chance == pytest.approx(log_chance, abs=1e-9)
        assert after.beliefs["barat"] == pytest.approx(joint / joint.sum())
        assert after.beliefs["timur"].sum() == pytest.approx(1.0)


def test_an_award_ruled_out_stands_whatever_the_jury():
    exact = {2023: {**CYCLES[2023], "noise": 0}}
    plan = seen(awards={2023: {"timur": "none"}}, strictness=0, cycles=exact)
    (cycle,) = status_date._cycles(plan)
    begun = {
        name: status_date._of_scores(np.array([score]), 5, ALONE)
        for name, score in (("barat", 655.0), ("timur", 1000.0))
    }
    (found,) = status_date._after_cycle(plan, None, cycle, 0, [status_date._Trail(0.0, begun)])
    assert found.beliefs["timur"][:, 0].sum() == pytest.approx(1.0)
    assert found.log_chance == pytest.approx(math.log(1e-300), rel=1e-6)


@pytest.mark.parametrize("law", [None, row(strictness={2022: 0.0})])
def test_cities_are_drawn_from_the_trail_that_is_chosen(law):
    plan = seen(awards={2023: {"barat": "nindya"}}, strictness=0)
    chances = dict.fromkeys(
        [f"{name}/{what}" for name in SCORES for what in ("standing", "baseline", "rate")], 0.3
    )
    chances |= {"observed": 0.5, "barat/observed": 0.8, "timur/observed": 0.5}
    before = np.zeros((known.N_STRATA, known.N_STANDINGS, N_CELLS))
    before[3, 2, 30], before[5, 2, 31] = 1.0, 3.0
    start = Start(NOTHING_KNOWN.own, {"barat": before} if law else {}, 40)
    known_at = (plan, law, start, SCORES.__getitem__)
    found = status_date.draw_observed(plan, law, start, chances.__getitem__, SCORES.__getitem__)
    (cycle,) = status_date._cycles(plan)
    begun = status_date.beliefs_at_start(*known_at)
    days = (dt.date(2023, 3, 1) - dt.date(2023, 1, 1)).days
    (trail,) = status_date._after_cycle(plan, law, cycle, days, [status_date._Trail(0.0, begun)])
    of_barat = past.law_for(plan, law, plan.cities["barat"], None)
    at = known.draw(trail.beliefs["barat"], of_barat, None, (0.3, 0.3, 0.3), ALONE)
    since = (dt.date(2024, 12, 1) - dt.date(2023, 3, 1)).days
    gap = background_step(at.gap, at.rate, 30.0, since, float(ndtri(0.8)))
    assert found["barat"] == (pytest.approx(gap), pytest.approx(at.rate), 3)
    assert found["timur"].standing in range(6)

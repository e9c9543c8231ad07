"""Conditional odds: equal to counting on average, exact where nothing is left to chance."""

import numpy as np
import pytest
from evaluations import calm, city, scenario

from kla_sim.analysis.conditional import conditional_chances, last_cycle, select_rows
from kla_sim.analysis.counting import Tally
from kla_sim.engine import compiled
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.replications import CANCELLED, MERGED

N = 10_000


def simulated(plan_of, n=N, seed=3):
    plan = compile_plan(plan_of, seed)
    return plan, compiled.simulate(plan, 0, n)


def slip(months, chance="35%", cancelled="20%"):
    return {"calendar": {"cancelled": cancelled, "slip": {"chance": chance, "months": months}}}


def cycles(*years, **changes):
    written = {
        year: {"evidence_closes": f"{year}-06-15", "award": f"{year}-07-23"} for year in years
    }
    for name, entry in changes.items():
        written[int(name.removeprefix("of_"))] |= entry
    return {"cycles": written}


ODD = {
    "a slipped cycle is held or merged as the last one goes": {},
    "the last cycle still counts when it slips": {"evaluation": slip(3)},
    "a slip by two years lands on the last evidence day": {"evaluation": slip(24)},
    "slips of both lengths meet": {
        "evaluation": {
            **slip(12),
            **cycles(2023, 2024, 2025, of_2023={"slip": {"chance": 0.5, "months": 24}}),
        }
    },
    "a slipped cycle closes after the last one": {
        "evaluation": {
            **slip(12, "60%"),
            **cycles(2023, 2024, 2025, of_2024={"evidence_closes": "2024-06-20"}),
        }
    },
    "a later cycle, past the deadline, swallows the last": {
        "horizon": "2026-12-31",
        "evaluation": {
            **slip(3, "50%"),
            **cycles(2023, 2024, 2025, 2026, of_2026={"evidence_closes": "2025-09-01"}),
        },
    },
    "work that is done between the last evidence day and its slip": {
        "work": {
            "city": {
                "push": {
                    "duration": 920,
                    "closes_gap": {"institutions": 0.3, "civil_rights": 0.3, "family_care": 0.3},
                }
            }
        },
        "evaluation": slip(3, "50%"),
    },
    "two late awards, one step up each": {
        "target": {"category": "nindya", "deadline": "2025-12-31"},
        "cities": {"a": city(740, "pratama"), "b": city(760, "pratama")},
        "evaluation": {
            **slip(12, "80%", "40%"),
            **cycles(
                2023,
                2024,
                2025,
                of_2023={"slip": {"chance": 0.9, "months": 24}, "cancelled": 0.0},
                of_2024={"evidence_closes": "2024-06-20", "cancelled": 0.0},
                of_2025={"cancelled": 0.6},
            ),
        },
    },
    "an award that slips past the deadline, not past the horizon": {
        "horizon": "2026-12-31",
        "target": {"category": "utama", "deadline": "2025-12-31"},
        "evaluation": slip(12, "60%"),
    },
    "one cycle alone": {"evaluation": {**slip(2), **cycles(2025)}},
    "a slip by no time": {"evaluation": slip(0)},
    "kla, with noise that reaches the end of the scale": {
        "target": {"category": "kla", "deadline": "2025-12-31"},
        "cities": {"a": city(950, "kla"), "b": city(930, "utama")},
        "evaluation": {"noise": 60.0, "strictness": 30.0},
    },
    "kla, out of reach more often than not": {
        "target": {"category": "kla", "deadline": "2025-12-31"},
        "cities": {"a": city(950, "kla"), "b": city(930, "utama")},
        "evaluation": {"noise": 60.0, "strictness": 30.0, "kla_reach": "40%"},
    },
    "a step that the walls throw back": {
        "cities": {"a": city(985, "kla"), "b": city(20, "none")},
        "target": {"category": "pratama", "deadline": "2025-12-31"},
        "background": {"rate": {"median": 0.0}, "volatility": 350.0},
    },
    "strictness alone": {
        "background": {"rate": {"median": 0.1}, "volatility": 0.0},
        "evaluation": {"noise": 0.0, "strictness": 25.0},
    },
    "some noise is wide, some awards are confirmed unseen": {
        "evaluation": {"tail_share": "25%", "tail_factor": 6, "confirmation": "30%"},
    },
    "worlds differ": {
        "worlds": 7,
        "uncertain": {
            "background.volatility": {"low": 5, "likely": 25, "high": 60, "by": "value"},
            "evaluation.calendar.cancelled": {
                "low": 0.0,
                "likely": 0.2,
                "high": 0.9,
                "by": "value",
            },
        },
    },
}


@pytest.mark.parametrize("case", ODD)
def test_chances_agree_with_counting(case):
    plan, futures = simulated(scenario(**ODD[case]))
    chances = conditional_chances(plan, 0, futures)
    is_met = futures.standing >= plan.structure.target
    assert 0.01 < is_met.all(axis=1).mean() < 0.99, "a case in which nothing is at stake"
    pairs = [
        (is_met.all(axis=1), chances.all_cities),
        *zip(is_met.T, chances.cities.T, strict=True),
    ]
    for counted, chance in pairs:
        surprise = counted - chance
        for weight in (np.ones(N), chance - chance.mean()):  # on average, and for low and high
            part = surprise * weight
            if part.any():
                # about 100 z-scores in all; odds of 30 % wrong by 2 points show with z above 4
                assert abs(part.mean()) < 4.0 * part.std() / np.sqrt(N)
    assert chances.all_cities.min() >= 0.0
    assert chances.all_cities.max() <= 1.0


def test_each_branch_of_the_calendar_occurs_in_the_cases():
    _, futures = simulated(scenario(), 300)
    states = futures.cycle_state[:, -1]
    assert {CANCELLED} < set(states.tolist())
    assert (futures.cycle_state[:, 1] == MERGED).any()
    is_late = futures.award_day[:, -1] > futures.award_day[:, -1][states == 0].min()
    assert is_late.any()


def test_the_variance_is_smaller_than_that_of_counting():
    plan, futures = simulated(scenario())
    chances = conditional_chances(plan, 0, futures).all_cities
    assert futures.is_met.var() > 1.5 * chances.var()


def test_chances_do_not_depend_on_how_replications_are_cut():
    plan, futures = simulated(scenario(**ODD["worlds differ"]), 200)
    whole = conditional_chances(plan, 0, futures)
    for first, last in ((0, 1), (1, 64), (64, 200)):
        part = conditional_chances(plan, first, select_rows(futures, slice(first, last)))
        np.testing.assert_array_equal(part.all_cities, whole.all_cities[first:last])
        np.testing.assert_array_equal(part.cities, whole.cities[first:last])


CALM = {"background": {"rate": {"median": 0.1}, "volatility": 0.0}, "evaluation": calm()}
CERTAIN = {
    "nothing is left to chance": {},
    "an award that the cap takes": {
        "cities": {"a": city(900, "madya")},
        "evaluation": calm() | cycles(2025),
    },
    "a cap that never applies": {
        "cities": {"a": city(900, "none")},
        "evaluation": calm() | cycles(2025) | {"one_step_up": 0.0},
    },
    "no evaluation at all": {"evaluation": calm(cycles={})},
    "the last award comes after the deadline": {
        "target": {"category": "utama", "deadline": "2025-07-22"}
    },
    "the only award comes after the deadline": {
        "target": {"category": "nindya", "deadline": "2025-07-22"},
        "evaluation": calm() | cycles(2025),
    },
    "every evaluation is cancelled": {
        "target": {"category": "madya", "deadline": "2025-12-31"},
        "evaluation": calm() | slip(0, "0%", "100%"),
    },
    "every evaluation slips": {"evaluation": calm() | slip(12, "100%", "0%")},
    "a score at the bound is not above it": {
        "cities": {"a": city(800, "nindya", zones={"planned": 0})},
        "background": {"rate": {"median": 0.0}, "volatility": 0.0},
    },
    "a score at the lowest bound is enough": {
        "cities": {"a": city(500, "none", zones={"planned": 0})},
        "background": {"rate": {"median": 0.0}, "volatility": 0.0},
        "target": {"category": "pratama", "deadline": "2025-12-31"},
    },
}


@pytest.mark.parametrize("case", CERTAIN)
def test_without_chance_the_odds_are_the_outcome_itself(case):
    plan, futures = simulated(scenario(**{**CALM, **CERTAIN[case]}), 40)
    chances = conditional_chances(plan, 0, futures)
    np.testing.assert_array_equal(chances.all_cities, futures.is_met.astype(float))
    np.testing.assert_array_equal(
        chances.cities, (futures.standing >= plan.structure.target).astype(float)
    )


def test_the_odds_of_one_city_and_one_evaluation_are_the_normal_tail():
    from scipy.stats import norm

    plan, futures = simulated(
        scenario(
            cities={"a": city(790, "nindya", zones={"planned": 0})},
            background={"rate": {"median": 0.0}, "volatility": 24.0},
            evaluation={**cycles(2023), "noise": 7.0, "calendar": {"cancelled": "20%"}},
        ),
        5,
    )
    days = plan.structure.cycle_evidence_day[0]
    spread = np.sqrt(24.0**2 * days / 365.25 + 7.0**2 + 15.0**2)
    expected = 0.8 * norm.sf(10.0 / spread)
    np.testing.assert_allclose(conditional_chances(plan, 0, futures).all_cities, expected, 1e-9)


def test_calendars_out_of_order_are_counted():
    later_first = scenario(evaluation=cycles(2023, 2024, 2025, of_2024={"award": "2025-12-01"}))
    plan, futures = simulated(later_first, 50)
    assert last_cycle(plan.structure) is None
    chances = conditional_chances(plan, 0, futures)
    np.testing.assert_array_equal(chances.all_cities, futures.is_met.astype(float))


@pytest.mark.parametrize(("award", "is_standing"), [("utama", True), ("nindya", False)])
def test_wide_noise_and_confirmed_awards_mix_two_normal_tails_with_what_stands(award, is_standing):
    from scipy.stats import norm

    plan, futures = simulated(
        scenario(
            cities={"a": city(790, award, zones={"planned": 0})},
            background={"rate": {"median": 0.0}, "volatility": 24.0},
            evaluation={
                **cycles(2023),
                "noise": 7.0,
                "tail_share": "20%",
                "tail_factor": 5,
                "confirmation": "30%",
                "calendar": {"cancelled": "10%"},
            },
        ),
        5,
    )
    spread = 24.0**2 * plan.structure.cycle_evidence_day[0] / 365.25 + 15.0**2
    narrow, wide = (norm.sf(10.0 / np.sqrt(spread + noise**2)) for noise in (7.0, 35.0))
    awarded = 0.3 * is_standing + 0.7 * (0.8 * narrow + 0.2 * wide)
    expected = 0.1 * is_standing + 0.9 * awarded
    np.testing.assert_allclose(conditional_chances(plan, 0, futures).all_cities, expected, 1e-6)


def test_the_interval_of_a_run_holds_the_true_odds_as_often_as_it_says():
    uncertain = {
        "background.volatility": {"low": 5, "likely": 25, "high": 60, "by": "value"},
        "evaluation.calendar.cancelled": {"low": 0.0, "likely": 0.2, "high": 0.9, "by": "value"},
        "cities.*.baseline.score": {"low": 0.95, "likely": 1.0, "high": 1.05, "by": "factor"},
    }
    large = compile_plan(scenario(worlds=3000, uncertain=uncertain), 77)
    truth = conditional_chances(large, 0, compiled.simulate(large, 0, 30_000)).all_cities.mean()
    small, held, width = scenario(worlds=40, uncertain=uncertain), 0, []
    for seed in range(160):
        plan = compile_plan(small, seed)
        tally = Tally(plan)
        tally.add(0, compiled.simulate(plan, 0, 200))
        estimate = tally.summarise().all_cities
        held += estimate.low <= truth <= estimate.high
        width.append(estimate.high - estimate.low)
    # 160 runs at 95 %: fewer than 142 have a chance of 0.1 %; the truth is known to a tenth of them
    assert held >= 142
    assert np.mean(width) < 0.3

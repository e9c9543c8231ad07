"""The ledgers on plans whose right answers can be reckoned, and that they add up on odd plans."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from plans import city, scenario
from strategies import scenarios

from kla_sim.analysis.ledger_points import TERMS, log_mean
from kla_sim.analysis.lost_futures import keep_ledgers, losses_by_city, mean_points
from kla_sim.analysis.reasons import GIVEN_UP, STAGE, reasons_of
from kla_sim.analysis.verdict_losses import (
    CALENDAR,
    CAP,
    LOSSES,
    NO_EVALUATION,
    NOT_LOST,
    POINTS,
)
from kla_sim.engine import compiled
from kla_sim.engine.jury import category_of
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.spells import DORMANT, REWORK, WORK
from tests.without_compiler import sized

SITE = {
    "duration": 30,
    "needs": {"facilitators": 1},
    "window": {"from": "1 Februari", "to": "30 September"},
    "opens": "family_care",
}
LAUNCH = {"after": ["site"], "duration": 10, "launches": True}


def ledgers_of(plan, n=1):
    results, spells = compiled.simulate_telling(plan, 0, n)
    return (results, *keep_ledgers(plan, 0, results, spells))


def two_zones(*, site=SITE, launch=LAUNCH, zones=2, evidence="2024-03-15", **changes):
    """Return a plan from 20 November 2023: two zones in two districts, one facilitator."""
    cycle = {"evidence_closes": evidence, "award": "2024-07-23"}
    parts = {
        "start": "2023-11-20",
        "horizon": "2024-12-31",
        "cities": {
            "kota": city(
                districts=2,
                zones={"planned": zones},
                baseline={"score": 700},
                award={"category": "nindya", "date": "2022-07-22"},
            )
        },
        "resources": {"facilitators": {"scope": "city", "capacity": 1}},
        "work": {"zone": {"site": site, "launch": launch}},
        "effects": {"services": {"family_care": 0.3}, "integration": 0.0},
        "evaluation": {"strictness": 0, "noise": 0, "cycles": {2024: cycle}},
        **changes,
    }
    return compile_plan(scenario(**parts), 1)


def by_reason(plan, values):
    reasons = reasons_of(plan.labels.causes)
    return {reason: value for reason, value in zip(reasons, values, strict=True) if value}


def test_days_go_to_the_first_failing_check_and_are_split_at_new_year():
    plan = two_zones()
    ledgers = ledgers_of(plan)[1]
    of_city = [by_reason(plan, row) for row in ledgers.days[1].tolist()]
    assert of_city == [
        {"window": 2 * 42},  # two zones from 20 November to New Year
        {"window": 2 * 31, "facilitators": 30, "work": 2 * 30 + 2 * 10},
    ]
    assert not ledgers.days[0].any()


def test_a_later_attempt_is_rework_and_what_is_given_up_stays_so_on_the_chain():
    site = {"duration": 5, "success": "0.0001%", "rework": "100%"}
    plan = two_zones(site=site, zones=1)
    _, ledgers, chains = ledgers_of(plan)
    days = ledgers.days.sum(axis=(0, 1))
    assert (days[WORK], days[REWORK]) == (5, 19 * 5)
    evidence_day = int(ledgers.last.evidence_day[0])
    launch = chains.days[0, -1]
    assert (launch[WORK], launch[REWORK], launch[GIVEN_UP]) == (5, 95, evidence_day - 100)


def test_a_chain_adds_up_to_the_day_on_which_its_activity_was_complete():
    plan = two_zones(evidence="2024-06-15")
    _, _, chains = ledgers_of(plan)
    first, second = chains.days[0, 1], chains.days[0, 3]
    assert by_reason(plan, first.tolist()) == {"window": 73, "work": 40}
    assert by_reason(plan, second.tolist()) == {"window": 73, "facilitators": 30, "work": 40}
    assert chains.due[0].tolist() == [103, 113, 133, 143]


def test_the_points_that_kaltara_lacks_go_to_the_days_lost_on_the_chain_of_the_missing_zone():
    plan = two_zones()
    ledgers = ledgers_of(plan)[1]
    missing, terms, lost = mean_points(ledgers)
    # 700 points and half the effect of 0.3 on five of 24 indicators: 300 * 5 / 24 * 0.15
    assert missing[0] == pytest.approx(800 - 709.375, abs=1e-9)
    found = dict(zip(TERMS, terms[0], strict=True))
    assert found["gap_at_start"] == pytest.approx(100, abs=1e-9)
    assert found["kaltara"] == pytest.approx(-9.375, abs=1e-9)
    assert sum(found.values()) == pytest.approx(90.625, abs=1e-9)
    assert by_reason(plan, lost[0]) == pytest.approx(
        {"window": 9.375 * 73 / 103, "facilitators": 9.375 * 30 / 103}, abs=1e-9
    )
    assert ledgers.points.zones_standing.tolist() == [[1]]


def test_a_zone_whose_stage_leaves_too_few_days_for_its_work_is_the_plans_own_loss():
    plan = two_zones(zones={2024: 2}, site={**SITE, "duration": 80}, launch=LAUNCH)
    lost = mean_points(ledgers_of(plan)[1])[2][0]
    # 74 days from New Year to the evidence, and 80 days of work
    assert by_reason(plan, lost) == pytest.approx({"stage": 18.75}, abs=1e-9)
    assert lost[STAGE] == lost.sum()


def test_what_no_day_was_lost_on_is_booked_to_the_work_itself():
    site = {"duration": {"low": 10, "likely": 11, "high": 400}, "opens": "family_care"}
    plan = two_zones(site=site, zones=1)
    _, ledgers, _ = ledgers_of(plan, 300)
    lost = ledgers.points.shortfall[:, 0]
    is_missing = lost.sum(axis=1) > 0
    assert 0 < is_missing.sum() < 300
    np.testing.assert_allclose(lost[is_missing, WORK], lost[is_missing].sum(axis=1))


def test_the_zone_that_mattered_is_critical_with_all_that_its_chain_holds():
    plan = two_zones()
    found = ledgers_of(plan)[1].critical
    assert found.n_verdicts == 1
    assert found.activities.tolist() == [1, 1]
    # the first zone had its service, and was to be launched ten days later
    assert by_reason(plan, found.days.tolist()) == {"window": 73, "facilitators": 30, "work": 13}


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        ({}, POINTS),
        ({"category": "pratama", "score": 850}, CAP),
        ({"score": 850, "cancelled": "100%"}, CALENDAR),
        ({"score": 650, "cancelled": "100%"}, NO_EVALUATION),
        ({"score": 850}, NOT_LOST),
    ],
)
def test_a_verdict_is_booked_to_what_kept_it_from_the_target(changes, loss):
    cycle = {"evidence_closes": "2024-06-15", "award": "2024-07-23"}
    cycle["cancelled"] = changes.get("cancelled", "0%")
    place = city(
        baseline={"score": changes.get("score", 650)},
        award={"category": changes.get("category", "nindya"), "date": "2022-07-22"},
    )
    plan = compile_plan(
        scenario(
            horizon="2024-12-31",
            cities={"kota": place},
            evaluation={
                "one_step_up": "100%",
                "strictness": 0,
                "noise": 0,
                "cycles": {2024: cycle},
            },
        ),
        1,
    )
    _, ledgers, _ = ledgers_of(plan)
    assert ledgers.last.loss.tolist() == [[loss]]
    assert losses_by_city(ledgers)[0].tolist() == [
        int(place == loss) for place in range(len(LOSSES))
    ]


def test_the_logarithmic_mean_of_one_and_e_is_e_less_one():
    found = log_mean(np.array([1.0, 5.0, 0.0]), np.array([np.e, 5.0, 3.0]))
    np.testing.assert_allclose(found, [np.e - 1, 5.0, 0.0], rtol=1e-15)


@settings(max_examples=sized(80, 15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_ledgers_add_up_on_odd_plans(plan):
    plan = compile_plan(plan, 7)
    results, ledgers, _ = ledgers_of(plan, 6)
    points, loss = ledgers.points, ledgers.last.loss
    n_causes = plan.structure.n_causes
    np.testing.assert_array_equal(
        ledgers.days[:, :, :n_causes].sum(axis=1), results.wait_days.sum(axis=0)
    )
    np.testing.assert_array_equal(
        ledgers.days[1:, :, DORMANT].sum(axis=1), results.dormant_days.sum(axis=0)
    )
    np.testing.assert_array_equal(loss == NOT_LOST, results.standing >= plan.structure.target)
    np.testing.assert_allclose(points.terms.sum(axis=2), points.missing, atol=1e-9)
    if not plan.structure.n_cycles:
        return
    last = np.arange(6), slice(None), np.maximum(ledgers.last.cycle, 0)
    score, verified = results.score[last], results.verified[last]
    within = points.is_booked & (verified > 0) & (verified < 1000) & (score > 0) & (score < 1000)
    # no rest is hidden in what the limits of scores or dormancy take
    assert np.abs(points.terms[within, TERMS.index("limits")]).max(initial=0) < 1e-9
    wide_awake = points.is_booked & (results.dormant_days == 0)
    assert np.abs(points.shortfall[wide_awake, DORMANT]).max(initial=0) < 1e-9
    assert points.shortfall.min(initial=0) > -1e-9
    for row, place in np.argwhere(loss > POINTS):
        if loss[row, place] < CALENDAR:
            bounds = plan.values[row % plan.n_worlds].bounds
            assert category_of(verified[row, place], bounds) >= plan.structure.target


@settings(max_examples=sized(60, 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_every_chain_reaches_from_the_start_to_its_end(plan):
    plan = compile_plan(plan, 8)
    _, ledgers, chains = ledgers_of(plan, 4)
    s = plan.structure
    ends = np.where(chains.is_done, chains.due, ledgers.last.evidence_day[:, None])
    begun_before = s.act_done | s.act_finished
    np.testing.assert_array_equal(chains.days.sum(axis=2)[:, ~begun_before], ends[:, ~begun_before])
    assert chains.days.min(initial=0) >= 0
    if all((values.success == 1.0).all() for values in plan.values):
        assert not chains.days[:, :, [GIVEN_UP, REWORK]].any()

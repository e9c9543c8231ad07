"""What lies behind a scenario, read from it and from the record of awards, fact by fact."""

import datetime as dt

import pytest
from laws import row
from plans import city, scenario

from kla_sim.domain.record import evaluation_years, evidence_day
from kla_sim.engine import past
from kla_sim.engine.beliefs import UNSEEN
from kla_sim.engine.readings import Reading

EVALUATION = {
    "noise": 15,
    "tail_share": 0.1,
    "tail_factor": 3,
    "one_step_up": 0.9,
    "confirmation": 0.2,
    "kla_reach": 0.6,
    "cycles": {},
}


def one(*, baseline=None, evaluation=None, start="2022-11-14", **changes):
    """Return a plan of one city with a law written out."""
    changes.setdefault("award", {"category": "madya", "date": "2022-07-22"})
    own = city(baseline=baseline or {"score": 650.0}, **changes)
    return scenario(
        cities={"kota": own},
        start=start,
        horizon="2024-12-31",
        province="DKI Jakarta",
        evaluation=evaluation or EVALUATION,
        background={"rate": {"median": 0.06, "spread": 0.5}, "volatility": 40.0},
    )


@pytest.mark.parametrize(
    ("status", "on_java", "kind"),
    [("kabupaten", False, 0), ("kota", False, 1), ("kabupaten", True, 2), ("kota", True, 3)],
)
def test_kinds_of_place_are_those_of_the_record(status, on_java, kind):
    assert past.kind_of(one(status=status, on_java=on_java).cities["kota"]) == kind


def test_a_city_shares_with_its_own_province_or_that_of_the_scenario():
    plan = one()
    assert past.province_of(plan, plan.cities["kota"]) == "DKI Jakarta"
    other = one(province="Banten")
    assert past.province_of(other, other.cities["kota"]) == "Banten"


def test_rates_are_those_of_a_row_for_its_kind_or_of_the_scenario():
    plan = one()
    own = plan.cities["kota"]
    assert past.rates_of(plan, None, own) == (0.06, 0.5)
    median, spread = past.rates_of(plan, row(), own)
    assert median == pytest.approx(0.06 * 2.718281828459045**0.3)
    assert spread == 0.6


def test_the_law_of_the_coming_cycles_is_what_the_scenario_writes():
    plan = one()
    law = past.law_for(plan, None, plan.cities["kota"], None)
    assert law == (0.06, 0.5, 40.0, 15.0, 0.1, 3.0, 0.9, 0.2, 0.6, 0.0, 1.0)
    assert past.law_for(plan, None, plan.cities["kota"], 4.0).noise == 4.0
    assert past.law_for(plan, None, plan.cities["kota"], 0.0).noise == 0.5


def test_what_a_scenario_does_not_write_of_the_law_does_nothing():
    plan = one(evaluation={"cycles": {}})
    law = past.law_for(plan, None, plan.cities["kota"], None)
    assert law == (0.06, 0.5, 40.0, 0.5, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0)
    still = plan.model_copy(
        update={"background": plan.background.model_copy(update={"volatility": None})}
    )
    assert past.law_for(still, None, plan.cities["kota"], None).volatility == 0.0


def test_evaluations_count_from_the_publication_of_their_awards():
    years = evaluation_years()
    assert past.past_of(one(), 2021).held == (2021, 2022)
    assert past.past_of(one(start="2022-07-21"), 2018).held == (2018, 2019, 2021)
    assert past.past_of(one(start="2022-07-22"), 2018).held == (2018, 2019, 2021, 2022)
    behind = past.past_of(one(), min(years))
    assert behind.days == (dt.date(2022, 11, 14) - evidence_day(2022)).days
    assert (
        past.past_of(one(start="2022-07-21"), 2018).days
        == (dt.date(2022, 7, 21) - evidence_day(2021)).days
    )


def test_awards_are_those_of_the_history_and_the_one_held_at_the_start():
    plan = one(baseline={"history": {2018: "pratama", 2021: "none"}})
    behind = past.past_of(plan, 2018)
    assert behind.cities == (("kota", "DKI Jakarta", (3, (1, UNSEEN, 0, 2))),)
    unknown = one(
        baseline={"history": {2021: "utama"}},
        award={"category": "unknown", "date": "2022-07-22"},
    )
    assert past.past_of(unknown, 2019).cities[0][2] == (3, (UNSEEN, 4, UNSEEN))
    written = one(baseline={"history": {2022: "pratama"}})
    assert past.past_of(written, 2022).cities[0][2] == (3, (1,))
    assert past.past_of(one(), 2018).cities == ()


def test_a_province_brings_the_awards_of_all_its_places_once_each():
    behind = past.past_of(one(baseline={"history": {2022: "pratama"}}), 2018)
    ((name, places),) = behind.provinces
    assert name == "DKI Jakarta"
    assert places == (
        (2, (UNSEEN, 1, 2, 3)),
        (3, (1, UNSEEN, UNSEEN, 3)),
        (3, (1, 2, 2, 2)),
        (3, (2, 3, 3, 4)),
        (3, (1, 2, 3, 3)),
    )
    assert behind.histories() == [behind.cities[0][2], *dict.fromkeys(places)]
    assert past.past_of(one(start="2010-01-01"), 2018).provinces == (("DKI Jakarta", ()),)


def test_a_jury_that_the_row_knows_is_taken_and_another_drawn():
    assert past.strictness_of(row(), 2021, {}.__getitem__) == 12.0
    chances = {"strictness-2023": 0.6914624612740131}
    assert past.strictness_of(row(), 2023, chances.__getitem__) == pytest.approx(9.0)


def test_a_score_beside_a_history_errs_as_its_stage_does():
    error = {"bias": 12, "spread": 30, "silent": 0.15}
    evaluation = {**EVALUATION, "stage_error": {"ministry": error}}

    def reading(**baseline):
        return past.readings_of(one(baseline=baseline, evaluation=evaluation))

    history = {2022: "nindya"}
    full = reading(history=history, score=700, stage="ministry")
    assert full == (("kota", Reading(700.0, 12.0, 30.0, 0.15)),)
    own = reading(history=history, score=700, stage="ministry", sd=5)
    assert own == (("kota", Reading(700.0, 12.0, 5.0, 0.15)),)
    plain = reading(history=history, score=700, sd=7)
    assert plain == (("kota", Reading(700.0, 0.0, 7.0, 0.0)),)
    assert reading(history=history) == reading(score=700) == ()

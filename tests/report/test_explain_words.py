"""The headline of `explain` and its table: what would help most, and whether it is enough."""

import pytest

from kla_sim import language
from kla_sim.analysis.differences import Differences
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.relieved import ButFor
from kla_sim.report.explain_words import case_cells, phrase_headline
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.relief import Relief
from kla_sim.scenario.shipped import shipped_scenario

PLAN = load_scenario(shipped_scenario("kaltara_2022"))


@pytest.fixture(autouse=True)
def english():
    language.use("en")


def estimate(value, half):
    return Estimate(value, value - half, value + half, 0.95, "paired_clustered", 4000)


def case(kind, subject, gain, odds, price=None, half=0.01):
    found = Differences(
        estimate(gain, half), estimate(gain, half), 70, 20, estimate(3 * gain, 3 * half), [], [],
        estimate(0.0, 1.0), None, None,
    )  # fmt: skip
    rupiah = 0 if price is None else round(price * 100 * gain)
    return ButFor(Relief(kind, subject, PLAN), found, 3_000, 1_000, rupiah, odds)


PUSAT = case("account", "accounts.cities.jakarta_pusat", 0.05, 0.2, 3.4e8)
CALENDAR = case("calendar", "", 0.40, 0.55)
NOTHING = case("rework", "", 0.001, 0.15)


def headline(cases, odds=0.15, *, is_rare=False):
    return phrase_headline(cases, odds, PLAN, is_rare=is_rare)


def test_the_headline_names_what_helps_most_and_that_it_is_not_enough():
    assert headline([PUSAT, NOTHING]) == (
        "What would help most is: 25 % more money: Jakarta Pusat, +5.0 percentage points "
        "(4.0 to 6.0); but no single thing is enough, the odds would be 20 %."
    )


def test_the_headline_names_everything_that_is_enough_by_itself():
    said = headline([CALENDAR, case("effects", "", 0.38, 0.53), PUSAT])
    assert said.startswith("What would help most is: every evaluation on time, +40.0")
    assert said.endswith(
        "Enough for even odds by itself: every evaluation on time, effects of Kaltara at the top "
        "of their range (assumption)."
    )


def test_what_is_not_shown_to_help_does_not_lead():
    assert headline([NOTHING]) == "No single thing tried here is shown to help."
    assert headline([]) == "No single thing tried here is shown to help."


def test_of_rare_odds_the_expected_regions_lead():
    assert ", +0.150 regions (0.120 to 0.180);" in headline([PUSAT], is_rare=True)


def test_even_odds_are_said_to_be_so():
    assert headline([PUSAT], 0.6).startswith("The odds are even or better as planned")


def test_a_row_counts_rescued_and_harmed_and_prices_a_point():
    assert case_cells(PUSAT, PLAN) == (
        "25 % more money: Jakarta Pusat", "70", "20", "+5.0 percentage points (4.0 to 6.0)",
        "+0.150 regions (0.120 to 0.180)", "Rp 340.0 million",
    )  # fmt: skip
    cells = case_cells(NOTHING, PLAN)
    assert cells[3].startswith("(")
    assert cells[5] == "-"


def test_a_pool_is_called_by_its_name():
    name = PLAN.resources["facilitators"].name
    assert case_cells(case("pool", "facilitators", 0.1, 0.2), PLAN)[0] == f"one post more: {name}"

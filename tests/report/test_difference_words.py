"""What a comparison says: the numbers, the words for them, and which of them come first."""

import datetime as dt
import math

import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.across_worlds import AcrossWorlds
from kla_sim.analysis.differences import Differences, HalfDates, Needed
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.shares import Share
from kla_sim.report.difference_words import (
    Names,
    phrase_number,
    phrase_pair,
    phrase_shares,
    phrase_spent,
    phrase_verdict,
    worlds_cells,
)
from kla_sim.scenario.mixing import Block, Change

NAMES = Names("Dasar", "Baru", ["Pusat", "Utara"], dt.date(2022, 11, 14))
SAME = HalfDates(None, None, None, 0.0, 0.0)


def estimate(value, half, n=4000):
    return Estimate(value, value - half, value + half, 0.95, "paired_clustered", n)


FOUND = Differences(
    odds=estimate(0.012, 0.003),
    counted=estimate(0.01, 0.01),
    won=60,
    lost=20,
    expected_cities=estimate(0.034, 0.050),
    cities=[estimate(0.02, 0.001), estimate(-0.01, 0.001)],
    half_dates=[SAME, HalfDates(976, 617, -359, -359.0, -10.0), SAME],
    spent=estimate(1.2e9, 0.1e9),
    needed_odds=None,
    needed_expected=Needed(8_649, None),
)


@pytest.fixture(autouse=True)
def english():
    language.use("en")


def test_a_pair_says_odds_regions_dates_and_money():
    assert phrase_pair(FOUND, NAMES, is_rare=False) == [
        "Baru against Dasar: +1.2 percentage points (0.9 to 1.5). Wins in 60 futures, loses in 20, "
        "same in 3,920.",
        "A difference is shown: the interval excludes zero.",
        "Baru against Dasar: +0.034 regions (-0.016 to 0.084) on average at the target.",
        "No difference shown. One of this size would need about 8,700 futures to be seen.",
        "Pusat: half the futures stand at the target from: Dasar 17 July 2025; Baru 23 July 2024.",
        "Spent up to the horizon: Rp 1.2 billion more in Baru than in Dasar "
        "(Rp 1.1 billion to Rp 1.3 billion).",
    ]


def test_where_odds_are_rare_the_expected_number_comes_first():
    lines = phrase_pair(FOUND, NAMES, is_rare=True)
    assert lines[0].startswith("Baru against Dasar: +0.034 regions")
    assert lines[2].startswith("Baru against Dasar: +1.2 percentage points")


def test_of_one_region_the_number_of_regions_is_not_said():
    alone = FOUND._replace(cities=FOUND.cities[:1], half_dates=[SAME, SAME])
    lines = phrase_pair(alone, NAMES._replace(cities=["Pusat"]), is_rare=False)
    assert not any("regions (" in line for line in lines)
    assert lines[2] == (
        "Half the futures at the target: not within the horizon, neither for all regions nor for "
        "any of them, in either plan."
    )


def test_more_worlds_are_asked_for_where_futures_are_not_enough():
    found = FOUND._replace(odds=estimate(0.001, 0.002), needed_odds=Needed(123_456, 812))
    said = phrase_pair(found, NAMES, is_rare=False)[1]
    assert "about 130,000 futures in 820 worlds" in said


def test_a_date_that_worlds_leave_open_says_so():
    open_dates = HalfDates(976, None, None, 0.0, math.inf)
    lines = phrase_pair(FOUND._replace(half_dates=[open_dates, SAME, SAME]), NAMES, is_rare=False)
    assert lines[4] == (
        "All regions: half the futures stand at the target from: Dasar 17 July 2025; Baru not "
        "within the horizon. Other worlds could as well give the same day."
    )


@pytest.mark.parametrize(
    ("value", "half", "said"),
    [
        (1.2, 0.2, "+1.20 regions (1.00 to 1.40)"),
        (-0.0352, 0.004, "-0.0352 regions (-0.0392 to -0.0312)"),
        (0.0, 0.0, "0.0000 regions (0.0000 to 0.0000)"),
    ],
)
def test_a_number_of_regions_is_said_finer_the_smaller_it_is(value, half, said):
    assert phrase_number(estimate(value, half)) == said


def test_the_verdict_follows_the_interval():
    verdicts = [phrase_verdict(estimate(value, 0.01)) for value in (0.02, -0.02, 0.005, 0.0)]
    assert verdicts == ["more likely", "less likely", "no difference shown", "unchanged"]


def test_a_difference_that_reads_as_nothing_is_not_called_one():
    tiny = estimate(-0.00002, 0.00001)
    assert phrase_verdict(tiny) == "practically unchanged"
    said = phrase_pair(FOUND._replace(odds=tiny, expected_cities=tiny), NAMES, is_rare=False)
    assert said[1] == said[3] == "A difference is shown, but too small to matter."
    assert phrase_verdict(estimate(-0.00006, 0.00001)) == "less likely"


def test_less_money_is_said_with_its_range_the_small_end_first():
    assert phrase_spent(estimate(-2e9, 1e9), "A", "B") == (
        "Spent up to the horizon: Rp 2.0 billion less in B than in A "
        "(Rp 1.0 billion to Rp 3.0 billion)."
    )
    assert phrase_spent(estimate(0.0, 0.0), "A", "B").endswith("the same in every future.")
    assert "less than Rp 3.0 billion either way" in phrase_spent(estimate(1e9, 2e9), "A", "B")


def share(odds, regions, *changes):
    return Share(Block((("p",),), changes), estimate(odds, 0.001), estimate(regions, 0.01))


CAPACITY = Change("resources.f.capacity", "3", "5")
REMOVED = Change("policy.wip_limit", "3", None)


def test_each_changed_part_is_told_with_its_share():
    lines = phrase_shares([share(0.03, 0.2, CAPACITY), share(0.01, 0.2, REMOVED)], is_rare=False)
    assert lines == [
        "  resources.f.capacity: 3 -> 5: +3.0 percentage points (2.9 to 3.1), 75 % of the change.",
        "  policy.wip_limit: 3 -> (nothing): +1.0 percentage points (0.9 to 1.1), 25 % of the "
        "change.",
    ]
    rare = phrase_shares([share(0.03, 0.2, CAPACITY), share(0.01, 0.2, REMOVED)], is_rare=True)
    assert all(line.endswith("50 % of the change.") for line in rare)


def test_of_no_change_there_are_no_shares():
    lines = phrase_shares([share(0.03, 0.2, CAPACITY), share(-0.03, 0.2, REMOVED)], is_rare=False)
    assert not any("of the change" in line for line in lines)


def test_of_many_changes_the_first_are_told_and_the_rest_counted():
    (line,) = phrase_shares([share(0.03, 0.2, *[CAPACITY] * 5)], is_rare=False)
    assert line.count("capacity") == 3
    assert "; and 2 more: +3.0" in line


def test_worlds_have_cells_in_percent_and_points():
    assert worlds_cells(AcrossWorlds(0.043, 0.0079, 0.17)) == ("4.3 %", "0.79", "17 %")
    assert worlds_cells(AcrossWorlds(0.0, -1e-5, None)) == ("<0.1 %", "0.00", "-")


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_every_sentence_exists_in_both_languages(spoken):
    language.use(spoken)
    lines = phrase_pair(FOUND, NAMES, is_rare=bool(np.True_))
    assert all("{" not in line and line for line in lines)

"""The first screen of a run: five lines at most, what would help, and nothing alarming lost."""

import invented
import pytest

from kla_sim import language
from kla_sim.analysis.estimate import Check, Estimate, WorldRange
from kla_sim.analysis.relieved import Remedy
from kla_sim.analysis.remedies import WITHHELD, Remedies, withhold
from kla_sim.analysis.summary import Precision, WithoutKaltara
from kla_sim.report.first_screen import (
    below_table,
    headlines,
    next_step,
    remedies_line,
    tried_lines,
)

PLAN = invented.scenario()


def estimate(value, half=0.01):
    return Estimate(value, value - half, value + half, 0.95, "paired_clustered", 600)


def remedy(kind, gain, odds, subject="", price=0, half=0.01):
    found = estimate(gain, half), estimate(4 * gain, 4 * half)
    return Remedy(kind, subject, 12, 500, 3, 100, odds, *found, price)


WINDOWS = remedy("windows", 0.02, 0.17)
PUSAT = remedy("account", 0.05, 0.2, "accounts.cities.jakarta_pusat", 1_215_000_000)
UNLIMITED = remedy("unlimited", 0.08, 0.23)
FOUND = Remedies(600, 0.15, (PUSAT, WINDOWS), UNLIMITED)


def line(found, spoken="en"):
    language.use(spoken)
    return remedies_line(found, PLAN)


def test_what_helps_most_has_its_interval_its_price_and_whom_it_harms():
    assert line(FOUND) == (
        "What would help most of 2 things tried: 25 % more money: Jakarta Pusat, +5.0 percentage "
        "points (4.0 to 6.0): 12 of 500 failing futures rescued, 3 harmed; it costs Rp 1.2 billion "
        "over all years. Even staff and money without limit, with any number of zones at once, "
        "would bring the odds to 23 % only: the rest lies in time, the scores at the start, the "
        "jury and the calendar of evaluations."
    )
    assert line(FOUND, "id") == (
        "Yang paling membantu dari 2 hal yang dicoba: Anggaran 25 % lebih banyak: Jakarta Pusat, "
        "+5,0 poin persen (4,0 sampai 6,0): 12 dari 500 simulasi yang gagal terselamatkan, "
        "3 dirugikan; biayanya Rp 1,2 miliar untuk semua tahun. Pegawai dan anggaran tanpa batas, "
        "dengan kawasan serentak sebanyak apa pun, hanya membawa peluang ke 23 %: sisanya "
        "terletak pada waktu, nilai awal, penilaian juri dan jadwal evaluasi."
    )


def test_a_remedy_without_a_price_says_so_and_one_is_not_the_best_of_several():
    said = line(FOUND._replace(tried=(WINDOWS,)))
    assert said.startswith("What would help, the 1 thing tried: no closed windows, +2.0 percentage")
    assert "3 harmed; its cost is not in the plan." in said


def test_where_odds_are_rare_the_number_of_regions_is_told():
    assert "no closed windows, +0.0800 regions (0.0400 to 0.1200): 12 of" in line(
        FOUND._replace(odds=0.01, tried=(WINDOWS,))
    )


def test_what_is_not_shown_or_tiny_does_not_help():
    said = line(FOUND._replace(tried=(remedy("windows", 0.005, 0.15), remedy("upkeep", 0.0, 0.15))))
    assert said.startswith(
        "What would help: in the first 600 futures nothing tried is shown to help noticeably (no "
        "closed windows; upkeep costs nothing). Even staff and money"
    )


def test_even_everything_may_not_be_shown_to_help_or_be_enough():
    nothing = remedy("unlimited", 0.005, 0.155)
    assert line(FOUND._replace(unlimited=nothing)).endswith(
        "Even staff and money without limit, with any number of zones at once, are not shown to "
        "change the odds: what decides are time, the scores at the start, the jury and the "
        "calendar of evaluations."
    )
    assert line(FOUND._replace(unlimited=remedy("unlimited", 0.4, 0.55))).endswith(
        "With staff and money without limit, and any number of zones at once, the odds would be "
        "55 %, +40.0 percentage points (39.0 to 41.0)."
    )
    assert line(Remedies(600, 0.15, (), None)).startswith("What would help: no work ever waited")


@pytest.mark.parametrize("odds", [0.15, 0.999])
def test_where_everything_leaves_the_odds_as_they_are_told_they_are_not_brought_there(odds):
    little = remedy("unlimited", 0.0004, odds + 0.0004, half=0.0002)
    told = "15 %" if odds == 0.15 else "99.9 %"
    assert line(FOUND._replace(odds=odds, unlimited=little)).endswith(
        f"would hardly raise the odds, which stay at {told}: what decides are time, the scores at "
        "the start, the jury and the calendar of evaluations."
    )


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_why_nothing_was_tried_is_said(spoken):
    said = {line(withhold(reason), spoken) for reason in WITHHELD}
    assert len(said) == len(WITHHELD)


def test_every_thing_tried_has_a_line_of_its_own():
    language.use("en")
    assert tried_lines(FOUND, PLAN) == [
        "Tried on the first 600 futures, each by itself:",
        "  25 % more money: Jakarta Pusat: +5.0 percentage points (4.0 to 6.0); 12 rescued, "
        "3 harmed",
        "  no closed windows: +2.0 percentage points (1.0 to 3.0); 12 rescued, 3 harmed",
        "  staff and money without limit, any number of zones at once: +8.0 percentage points "
        "(7.0 to 9.0); 12 rescued, 3 harmed",
    ]
    assert tried_lines(withhold("rounds"), PLAN) == []


WORLDS = WorldRange(200, 0.002, 0.1, 0.41, 0.24)


def summary(**changes):
    found = invented.summary(worlds=WORLDS)
    without = WithoutKaltara(
        invented.odds(100, 1000), Estimate(0.2, 0.1, 0.3, 0.95, "paired", 1000), 210, 10, 780
    )
    return found._replace(without_kaltara=without, **changes)


def test_the_first_screen_in_english():
    language.use("en")
    assert headlines(summary(), PLAN, withhold("rounds"), []) == [
        "Odds that all 3 regions hold category utama or above on 31 December 2026: 30 %, about 3 "
        "in 10 (27-33 %), 1,000 futures. Without Kaltara: 10 %, about 1 in 10 (8.2-13 %).",
        "Weakest region: Jakarta Pusat, 40 %, about 4 in 10 (36-44 %).",
        "What would help most is not tried with --precision; run without it.",
        "How sure: the interval above is only the precision of this reckoning. Across 200 worlds, "
        "each a combination of assumptions, the odds run from 0.2 % to 41 % (about the middle 80 % "
        "of them). 47 groups of numbers in this scenario are assumptions, the effects of Kaltara "
        "among them: see 'assumptions' in its file.",
        "Read on: add --details to this command; explain = why futures fail; report = a document "
        "to hand on.",
    ]


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_nothing_makes_the_first_screen_longer_than_five_lines(spoken):
    language.use(spoken)
    alarming = summary(check=Check(Estimate(0.1, 0.05, 0.15, 0.95, "x", 1000), 4.2))
    lines = headlines(alarming, PLAN, FOUND, ["a=b", "c=d"])
    assert len(lines) == 5
    assert not any("\n" in one for one in lines)
    one = invented.summary(city_hits=(400,), joint_hits=400, worlds=WORLDS)
    assert len(headlines(one, PLAN, FOUND, [])) == 4  # no weakest of one


def test_odds_that_cannot_be_right_are_said_before_how_sure_they_are():
    language.use("en")
    alarming = summary(check=Check(Estimate(0.1, 0.05, 0.15, 0.95, "x", 1000), -4.2))
    sure = headlines(alarming, PLAN, FOUND, [])[3]
    assert "4.2" in sure.split(". ")[0]
    assert sure.index("4.2") < sure.index("How sure")
    fine = summary(check=Check(Estimate(0.1, 0.05, 0.15, 0.95, "x", 1000), 2.9))
    assert headlines(fine, PLAN, FOUND, [])[3].startswith("How sure")


def test_a_plan_safe_on_claims_only_is_cautioned_against_below_the_table():
    language.use("en")
    claims = summary(on_claimed_scores=invented.odds(950, 1000))
    caution, waiting, money = below_table(claims, PLAN)
    assert caution.startswith("Caution: ")
    assert waiting.startswith("Ready work waited ")
    assert money.startswith("Money over the whole plan")
    assert len(below_table(summary(), PLAN)) == 2


def test_changes_of_the_plan_stand_before_its_odds():
    language.use("en")
    (odds, *_rest) = headlines(summary(), PLAN, FOUND, ["policy.wip_limit=1"])
    assert odds.startswith("The plan as changed by --set (policy.wip_limit = 1): Odds that all 3 ")


def test_without_kaltara_says_what_is_the_same_and_what_is_not_shown():
    language.use("en")
    same = invented.summary()
    assert "Without Kaltara the odds are the same." in headlines(same, PLAN, FOUND, [])[0]
    unsure = summary()
    unsure = unsure._replace(
        without_kaltara=unsure.without_kaltara._replace(difference=estimate(0.005))
    )
    assert headlines(unsure, PLAN, FOUND, [])[0].endswith("; no difference shown.")


def test_a_run_that_stops_by_itself_says_how_sure_it_became():
    language.use("en")
    reached = summary(precision=Precision(0.02, 0.018, True, 3))
    assert headlines(reached, PLAN, FOUND, [])[3].startswith("The precision asked for, ±2.0")


def test_the_next_step_is_why_it_fails_or_what_could_upset_it():
    language.use("en")
    assert next_step(summary(), "results/a").startswith(
        "Next step: python -m kla_sim explain results/a  "
    )
    safe = summary(all_cities=invented.odds(800, 1000))
    assert next_step(safe, "results/a").startswith(
        "Next step: python -m kla_sim sensitivity results/a  "
    )


def test_an_interval_that_may_be_narrow_is_said_to_be_beside_its_odds():
    language.use("en")
    rare = Estimate(0.004, 0.001, 0.009, 0.95, "conditional_clustered", 1_000)
    (odds, *others) = headlines(summary(all_cities=rare), PLAN, FOUND, [])
    assert (
        "(0.1-0.9 %), 1,000 futures. This interval may be narrow: of kinds of worlds rarer than "
        "1.8 % none may be among these 200, and it leaves no room for them. Without Kaltara" in odds
    )
    assert len(others) == 4
    assert "may be narrow" not in " ".join(headlines(summary(), PLAN, FOUND, []))

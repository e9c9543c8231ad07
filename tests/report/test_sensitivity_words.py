"""What `sensitivity` and `discover` say: sentences with numbers, units and what was seen."""

import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.box_search import Condition
from kla_sim.analysis.boxes import Rule, Rules
from kla_sim.analysis.designs import Effect, Interval
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.evppi import FindingOut, Worth
from kla_sim.analysis.pawn import Influence, Pawn
from kla_sim.engine.in_worlds import Unknown
from kla_sim.experiment.discover import Discovery
from kla_sim.experiment.finding_out import Choice
from kla_sim.experiment.happenings import Happening
from kla_sim.experiment.sensitivity import Sensitivity
from kla_sim.experiment.study import Study
from kla_sim.report.choice_words import phrase_choice, worth_cells
from kla_sim.report.discover_figures import rules_chart
from kla_sim.report.discover_words import phrase_discovery
from kla_sim.report.drawing import write_figures
from kla_sim.report.sensitivity_figures import effect_dots, influence_dots, worth_dots
from kla_sim.report.sensitivity_words import influence_cells, phrase_sensitivity
from kla_sim.report.study_words import column_names, effect_cells, phrase_study
from kla_sim.report.unknown_words import phrase_unknown
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

PLAN = load_scenario(shipped_scenario("kaltara_2022"))
FILE = "results/uji coba-1/scenario.yaml"
AGAIN = f"python -m kla_sim run '{FILE}'"
RATE = Unknown("rate", "jakarta_barat")
NOISE = Unknown("law", "evaluation.noise")
COST = Unknown("factor", "work.zone.*.cost")


@pytest.fixture(autouse=True)
def english():
    language.use("en")


def influences(is_rare=False, luck=0.2, strengths=(0.1, 0.4)):
    ends = [(1.0, 2.5), (0.05, 0.3)]
    both = [Influence(s, s - 0.05, s + 0.05, *e) for s, e in zip(strengths, ends, strict=True)]
    found = Pawn(both, 0.2, 4)
    return Sensitivity(is_rare, 200, 4_000, luck, (NOISE, RATE), found, found)


def test_unknowns_have_names_of_their_own_in_both_languages():
    assert phrase_unknown(RATE, PLAN) == "background rate of Jakarta Barat"
    assert phrase_unknown(NOISE, PLAN) == "noise of each verdict"
    assert phrase_unknown(COST, PLAN) == "factor on the cost of work on zones"
    assert phrase_unknown(Unknown("value", "work.zone.own.cost"), PLAN) == "work.zone.own.cost"
    language.use("id")
    assert phrase_unknown(RATE, PLAN) == "laju perbaikan latar Jakarta Barat"
    assert phrase_unknown(COST, PLAN) == "faktor atas biaya kegiatan kawasan"


def test_what_matters_most_is_said_with_the_odds_at_both_ends():
    said = phrase_sensitivity(influences(), PLAN, FILE)
    assert said == [
        "What moves the odds of all regions most: background rate of Jakarta Barat. In the 25 % of "
        "the worlds where it is lowest: 5.0 %; in the 25 % where it is highest: 30 %.",
        "1 of 2 unknowns stand out from the noise; of the others these 200 worlds show no "
        "influence (which is no proof that there is none).",
        "Of what the worlds differ by, 20 % is luck within worlds, not the worlds themselves.",
    ]


def test_where_nothing_stands_out_it_is_said_what_to_run():
    said = phrase_sensitivity(influences(strengths=(0.1, 0.15), luck=0.6), PLAN, FILE)
    assert said[0].startswith("Of 2 unknowns none stands out from the noise of 200 worlds.")
    assert said[0].endswith(f"{AGAIN} --set worlds=2000 -n 40000")
    assert said[-1].endswith("run with a larger -n.")


def test_of_rare_odds_the_number_of_regions_is_told():
    found = influences(is_rare=True)
    assert phrase_sensitivity(found, PLAN, FILE)[0].startswith("The joint odds lie below 2 %")
    cells = influence_cells(found, NOISE, found.odds.influences[0], PLAN)
    assert cells == ("noise of each verdict", "0.10", "0.05-0.15", "1.00", "2.50")


def choice(values=(0.03, 0.001), is_rare=False):
    worths = [
        Worth(value, value / 2, 2 * value, 0.25, 1, is_high)
        for value, is_high in zip(values, (True, False), strict=True)
    ]
    found = FindingOut(0, np.array([0.3, 0.28]), worths, 0.002, 0.05)
    return Choice(is_rare, 0, 4_000, 2_000, (RATE, NOISE), found)


def test_what_is_worth_finding_out_is_said_with_the_other_choice():
    said = phrase_choice(choice(), ["Ini", "Itu"], PLAN)
    assert said == [
        "The choice now: Ini (30 %); others: Itu (28 %).",
        "Most worth finding out before choosing: background rate of Jakarta Barat. In 25 % of the "
        "worlds, where it is high, Itu would be better; knowing it raises the odds of all regions "
        "by +3.0 percentage points (1.5 to 6.0).",
        "Knowing everything about the world is worth at most 5.00 percentage points; of a single "
        "unknown noise reaches 0.20 percentage points.",
    ]
    cells = worth_cells(choice(), RATE, choice().found.worths[0], ["Ini", "Itu"], PLAN)
    assert cells[2:] == ("Itu", "25 %")


def test_where_nothing_changes_the_choice_that_is_said():
    said = phrase_choice(choice((0.001, 0.0)), ["Ini", "Itu"], PLAN)
    assert said[1] == "None of 2 unknowns, once known, is seen to change that choice."


def study(method="sobol", is_rare=False, low=0.4):
    effects = [
        Effect(Interval(0.1, 0.05, 0.15), Interval(0.2, 0.15, 0.25)),
        Effect(Interval(0.5, low, 0.6), Interval(0.6, low, 0.7)),
    ]
    if method == "morris":
        effects = [effect._replace(total=Interval(0.05, None, None)) for effect in effects]
    return Study(method, is_rare, 16, 64, (NOISE, RATE), effects)


def test_studies_say_what_moves_the_odds_most_with_its_measure():
    assert phrase_study(study(), PLAN)[0].endswith(
        "background rate of Jakarta Barat (60 % of its variance, together with others included)."
    )
    assert "changes them by 50.0 percentage points" in phrase_study(study("morris"), PLAN)[0]
    assert "changes them by 0.500 regions" in phrase_study(study("morris", is_rare=True), PLAN)[0]
    assert phrase_study(study(low=-0.1), PLAN)[0].startswith("None of the 2 'uncertain' numbers")


def test_measures_stand_under_their_unit():
    found = study("morris")
    assert column_names(found)[0] == "Change per step (percentage points)"
    assert effect_cells(found, RATE, found.effects[1], PLAN)[1:] == ("50.0 (40.0; 60.0)", "5.0")
    assert effect_cells(study(), RATE, study().effects[1], PLAN)[2] == "60.0 (40.0; 70.0)"


COLUMNS = (
    RATE, Unknown("score", "jakarta_pusat"), Unknown("standing", "jakarta_selatan"), COST,
    Happening("waited", "facilitators"), Happening("launched", "2025"),
    Happening("launched_city", "jakarta_utara"), Happening("jury", "2026"),
    Happening("no_award", "2026"), Happening("appropriated"), Happening("dormant"),
    Happening("vacant", "facilitators"), Happening("lapsed"),
)  # fmt: skip


def rule(*conditions, density=0.94):
    held_out = Estimate(0.92, 0.87, 0.95, 0.95, "clustered", 800)
    return Rule(tuple(conditions), 0.4, density, 0.85, held_out, 0.84)


def discovery(*rules, city=""):
    looked_at = np.array([[0.9, 0.86], [0.4, 0.95]])
    return Discovery(city, 4_000, 200, COLUMNS, Rules(list(rules), 0.85, 0.84, 9.0, 4.0, looked_at))


def condition_words(column, is_above, bound):
    said = phrase_discovery(discovery(rule(Condition(column, is_above, bound))), PLAN, FILE)[1]
    return said.removeprefix("1. If ").partition(", 94.0 % fail")[0]


@pytest.mark.parametrize(
    ("column", "is_above", "bound", "words"),
    [
        (0, False, 0.11, "background rate of Jakarta Barat is below 0.11 per year"),
        (1, True, 690.0, "score of Jakarta Pusat at the start is at least 690 points"),
        (2, False, 2.0, "category of Jakarta Selatan at the start is below madya"),
        (3, True, 1.25, "factor on the cost of work on zones is at least 1.25 times as written"),
        (5, False, 14.0, "number of zones launched by the end of 2025 is below 14"),
        (6, True, 3.0, "number of zones launched in Jakarta Utara is at least 3"),
        (7, False, -12.5, "verdict of the jury of 2026 less the true score is below -12.5 points"),
        (8, True, 1.0, "the evaluation of 2026 brings no award by the deadline"),
        (8, False, 1.0, "the evaluation of 2026 brings an award by the deadline"),
        (9, False, 4.5e10, "the whole budget is below Rp 45.0 billion"),
        (10, True, 1200.0, "time that zones lay dormant is at least 1,200 zone-days"),
        (12, True, 9e9, "money that lapsed is at least Rp 9.0 billion"),
    ],
)
def test_conditions_are_told_with_their_units(column, is_above, bound, words):
    assert condition_words(column, is_above, bound) == words


def test_rules_are_sentences_and_later_ones_speak_of_the_rest():
    both = rule(Condition(0, False, 0.11), Condition(8, True, 1.0))
    said = phrase_discovery(discovery(both, rule(Condition(8, True, 1.0))), PLAN, FILE)
    assert said[0] == (
        "Without any condition 85 % of 4,000 futures fail (not all regions are at the target)."
    )
    assert said[1] == (
        "1. If background rate of Jakarta Barat is below 0.11 per year and the evaluation of 2026 "
        "brings no award by the deadline, 94.0 % fail; in worlds not used in the search 92.0 % "
        "(87-95.0 %), without the condition 84 %. This covers 40 % of all failures."
    )
    assert said[2].startswith("2. Of the rest 85 % fail. If the evaluation of 2026")
    assert said[3].startswith("The rest, 20 % of all failures")


def test_where_there_is_nothing_to_find_that_is_said():
    said = phrase_discovery(discovery(city="jakarta_barat"), PLAN, FILE)
    assert said[0].endswith("that may still succeed: Jakarta Barat.")
    assert said[1].endswith("(Jakarta Barat is not at the target).")
    assert said[2].startswith("No short rule does better than luck")
    assert said[2].endswith(f"{AGAIN} --set worlds=2000 -n 40000")


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_figures_are_drawn_with_their_numbers(tmp_path, spoken):
    language.use(spoken)
    chosen = discovery(rule(Condition(0, False, 0.11)))
    drawn = write_figures(
        {
            "sensitivity": lambda: influence_dots(influences(), PLAN, "footer"),
            "finding-out": lambda: worth_dots(choice(), PLAN, "footer"),
            "sobol": lambda: effect_dots(study(), PLAN, "footer"),
            "discover": lambda: rules_chart(chosen, PLAN, "footer"),
        },
        tmp_path,
    )
    assert drawn.missing == {}
    assert (tmp_path / "sensitivity.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "pawn,cities.jakarta_barat.rate_at_start,0.35000000000000003,0.4,0.45",
        "pawn,evaluation.noise,0.05,0.1,0.15000000000000002",
    ]
    assert (tmp_path / "discover.csv").read_text(encoding="utf-8").splitlines() == [
        "box,coverage,density,low,high,baseline", "front,0.9,0.86,,,0.84", "front,0.4,0.95,,,0.84",
        "rule_1,0.4,0.92,0.87,0.95,0.84",
    ]  # fmt: skip
    assert (tmp_path / "finding-out.csv").read_text(encoding="utf-8").splitlines()[1] == (
        "evppi,cities.jakarta_barat.rate_at_start,1.5,3.0,6.0"
    )
    assert (tmp_path / f"sobol.{spoken}.svg").stat().st_size > 5_000

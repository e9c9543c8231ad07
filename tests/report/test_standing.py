"""The figures of the back tests: one file, which the page on calibration and reports repeat."""

import json
import re
from pathlib import Path

import pytest

import kla_sim
from kla_sim import language
from kla_sim.experiment.standing import standing_document, write_standing
from kla_sim.report.chapters.standing import FIGURES, read_figures, standing_chapter
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario
from tests.report.conftest import perform

PAGE = (Path(kla_sim.__file__).parents[1] / "docs" / "calibration.md").read_text("utf-8")
SINGLE = {
    "model": "model", "mean of model and logit": "pooled", "logit": "logit",
    "table of moves": "table_of_moves", "nothing changes": "no_change",
}  # fmt: skip
JOINT = {
    "the law": "model", "the same law, independent places": "independent_places",
    "table of moves": "table_of_moves",
}  # fmt: skip

CASE = {
    "scores as exact to 10 points": "score", "histories and scores": "model",
    "histories alone": "history", "`kaltara_2022` as it ships, simulated": "kaltara_2022",
    "mean of histories and scores with the table": "pooled",
    "table of moves": "table_of_moves", "nothing changes": "no_change",
}  # fmt: skip
STARTS = ("score", "model", "history")
WORDS = " ".join(PAGE.split())


def rows_after(heading):
    """Return the cells of the first table of the page after some words."""
    table = PAGE.split(heading, 1)[1].split("\n|", 1)[1].split("\n\n", 1)[0]
    lines = ("|" + table).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    ("heading", "way"),
    [("**Places left out (ten", "left_out"), ("**Rolling in time**: 172", "rolling")],
)
def test_page_on_calibration_repeats_the_scores_of_single_places(heading, way):
    found = read_figures()["single"][way]
    rows = rows_after(heading)
    assert [row[0] for row in rows] == list(SINGLE)
    for name, log_score, rps in rows:
        assert log_score == f"{found['log_score'][SINGLE[name]]:.3f}"
        assert rps == f"{found['rps'][SINGLE[name]]:.4f}"


@pytest.mark.parametrize(
    ("heading", "way"),
    [("**Provinces left out whole**", "left_out"), ("**Rolling in time** (18", "rolling")],
)
def test_page_on_calibration_repeats_the_scores_of_provinces(heading, way):
    found = read_figures()["joint"][way]
    rows = rows_after(heading)
    assert [row[0] for row in rows] == list(JOINT)
    for name, log_score, rps, of_all in rows:
        assert log_score == f"{found['log_score'][JOINT[name]]:.3f}"
        assert rps == f"{found['rps'][JOINT[name]]:.4f}"
        assert of_all == f"{found['all_log_score'][JOINT[name]]:.3f}"


def test_page_on_calibration_repeats_what_chances_came_to():
    bands = read_figures()["single"]["left_out"]["calibration"]
    rows = rows_after("Differences of log scores with 95 % intervals")
    assert len(rows) == len(bands) == 5
    for row, band in zip(rows, bands, strict=True):
        assert row[1:3] == [f"{band['forecast']:.1%}", f"{band['observed']:.1%}"]
        assert row[4] == str(band["n"])


def interval(found):
    """Return a difference as the page writes it."""
    return f"{found['value']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})"


def test_page_on_calibration_repeats_the_differences_of_scores():
    single, joint = read_figures()["single"], read_figures()["joint"]
    for found in single.values():
        to_table, to_nothing = (
            interval(found["log_score_difference"][name])
            for name in ("table_of_moves", "no_change")
        )
        assert f'model minus table {to_table}, model minus "nothing changes" {to_nothing},' in WORDS
    left_out, rolling = (joint[way]["differences"] for way in ("left_out", "rolling"))
    alone, table = "independent_places", "table_of_moves"
    assert (
        f"The law minus independence: {interval(left_out['log_score'][alone])}, "
        f'of "all" {interval(left_out["all_log_score"][alone])}.'
    ) in WORDS
    assert f"The law minus the table: {interval(left_out['log_score'][table])}." in WORDS
    assert (
        f"The law minus independence: {interval(rolling['log_score'][alone])}; "
        f"minus the table: {interval(rolling['log_score'][table])}."
    ) in WORDS
    assert f"are too few: {interval(left_out['log_score'][alone])} against" in WORDS


def test_page_on_calibration_repeats_where_counts_fell():
    joint = read_figures()["joint"]
    left_out, rolling = (
        [f"{100 * share:.0f}" for share in joint[way]["pit"]["model"]]
        for way in ("left_out", "rolling")
    )
    assert f"({', '.join(left_out[:4])} and {left_out[4]} % in the five fifths)" in WORDS
    assert f"({', '.join(rolling[:4])} and {rolling[4]} %)" in WORDS
    assert f"evaluation {rolling[0]} % fell in the lowest fifth" in WORDS
    assert f"(95 % band: up to {100 * joint['rolling']['pit_band'][1]:.0f} %)" in WORDS


def test_page_on_calibration_repeats_the_case_of_jakarta():
    case = read_figures()["dki"]
    rows = rows_after("*histories alone*.")
    assert [row[0] for row in rows] == list(CASE)
    for start, *scores, in_set, size in rows:
        name = CASE[start]
        groups = ("stated", "inferred", "all")
        assert scores == [f"{case['log_score'][group][name]:.3f}" for group in groups]
        assert in_set == f"{case['outcomes_in_set'][name]} of {len(case['forecasts'])}"
        assert size == f"{case['mean_set_size'][name]:.1f}"


def test_page_on_calibration_repeats_the_chances_given_to_what_jakarta_became():
    case = read_figures()["dki"]
    forecasts = case["forecasts"]
    rows = rows_after(f"| nothing changes | {case['log_score']['stated']['no_change']:.3f}")
    assert len(rows) == len(forecasts) == 12
    for row, found in zip(rows, forecasts, strict=True):
        how = "stated" if found["stated"] else "inferred"
        assert row[:4] == [found["region"], str(found["year"]), found["outcome"], how]
        assert row[4:] == [chance_given(found, start) for start in STARTS]


def chance_given(found, start):
    """Return the chance that a forecast gave to what came, as the page writes it."""
    chance = found["chances"][start][found["outcome"]]
    shown = f"{chance:.1%}".replace("%", " %") if chance >= 0.001 else "< 0.1 %"
    return shown if found["outcome"] in found["sets"][start] else f"{shown} (missed)"


def test_what_is_wrong_comes_before_what_was_tested():
    with language.speaking("en"):
        chapter = standing_chapter(load_scenario(shipped_scenario("kaltara_2022")))
    titles = [block.title for block in chapter.blocks if block.kind == "part"]
    assert titles[0] == "What is known to be wrong or not proved"
    wrong = chapter.blocks[1].blocks[0].entries
    assert any("log score 0.788 against 0.809" in line for line in wrong)
    assert any("Kepulauan Seribu 2025" in line and "0.1 %" in line for line in wrong)


def test_plan_with_a_law_of_its_own_is_told_that_the_tests_are_not_of_it():
    plan = Path(__file__).parents[1] / "data" / "broken" / "plan.yaml"
    with language.speaking("en"):
        chapter = standing_chapter(load_scenario(plan))
    assert chapter.blocks[0].text.startswith("This plan gives its own law")


def test_figures_are_rounded_and_written_whole(tmp_path):
    file = tmp_path / "figures.json"
    write_standing(file, {"a": 1 / 3})
    assert json.loads(file.read_text()) == {"a": 1 / 3}
    assert not re.search(r"\d\.\d{7}", FIGURES.read_text())
    assert callable(standing_document)


@pytest.mark.parametrize("words", [("--joint",), ("--panel", "x.csv")])
def test_figures_are_those_of_all_tests_on_the_shipped_record(capsys, tmp_path, words):
    file = tmp_path / "figures.json"
    perform("backtest", *words, "--standing", file, "--language", "en", code=2)
    assert "Leave out --joint and --panel" in capsys.readouterr().err
    assert not file.exists()

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


def test_what_is_wrong_comes_before_what_was_tested():
    with language.speaking("en"):
        chapter = standing_chapter(load_scenario(shipped_scenario("kaltara_2022")))
    titles = [block.title for block in chapter.blocks if block.kind == "part"]
    assert titles[0] == "What is known to be wrong or not proved"
    wrong = chapter.blocks[1].blocks[0].entries
    assert any("log score 0.788 against 0.809" in line for line in wrong)
    assert any("Kepulauan Seribu 2025" in line and "0.2 %" in line for line in wrong)


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

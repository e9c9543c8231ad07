"""The report on a run: it says what the run says, is whole, loads nothing and repeats."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from kla_sim import language
from kla_sim.errors import StoreError
from kla_sim.experiment.material import gather
from kla_sim.experiment.run import read_run
from kla_sim.report import document as document_module
from kla_sim.report.chapters.checklist import SECTIONS
from kla_sim.report.run_report import _facts, run_report
from kla_sim.store import open_folder
from tests.report.conftest import perform
from tests.report.reading import Reading


@pytest.fixture(scope="module")
def material(kaltara):
    return gather(read_run(open_folder(kaltara)))


@pytest.fixture(scope="module")
def english(material):
    with language.speaking("en"):
        return run_report(material)


@pytest.fixture(scope="module")
def read(english):
    return Reading(english)


def test_report_says_the_odds_that_the_run_keeps(kaltara, read):
    odds = json.loads((kaltara / "summary.json").read_text())["odds"]
    lead = next(words for words in read.paragraphs if words.startswith("The odds that all 6"))
    told = float(re.search(r"(\d+(?:\.\d+)?) %", lead)[1])
    assert told == pytest.approx(100 * odds["all_cities"]["value"], abs=0.51)
    rows = read.table("The odds of each region")[1:]
    assert [row[0] for row in rows] == [
        "Jakarta Pusat", "Jakarta Utara", "Jakarta Barat", "Jakarta Selatan", "Jakarta Timur",
        "Kepulauan Seribu",
    ]  # fmt: skip
    for (_, share, *_rest), kept in zip(rows, odds["cities"].values(), strict=True):
        assert float(share.split()[0]) == pytest.approx(100 * kept["value"], abs=0.51)


def test_report_of_a_run_that_was_stopped_says_so(material):
    manifest = material.run.folder.manifest
    assert _facts(material)[0] == "150 simulasi"
    stopped = manifest.model_copy(update={"replications_asked": 400, "end": None})
    run = material.run._replace(folder=SimpleNamespace(manifest=stopped))
    assert _facts(material._replace(run=run))[0] == "150 dari 400 simulasi, belum selesai"


def test_report_books_the_money_that_the_run_keeps(kaltara, read):
    money = json.loads((kaltara / "summary.json").read_text())["money"]
    total = read.table("Budget by year")[-1]
    spent = sum(year["spent"] for account in money.values() for year in account.values())
    assert total[0] == "Total"
    assert float(total[2].split()[1]) == pytest.approx(spent / 1e9, abs=0.051)
    of_pusat = next(row for row in read.table("Budget by account") if row[0] == "Jakarta Pusat")
    spent = sum(year["spent"] for year in money["jakarta_pusat"].values())
    assert float(of_pusat[2].split()[1]) == pytest.approx(spent / 1e9, abs=0.051)


def test_report_tells_in_one_order_what_a_reader_asks(read):
    chapters = [words for level, words in read.headings if level == 2]
    assert chapters == [
        "The answer", "In this report", "Why it fails", "The odds year by year", "Money and staff",
        "The schedule", *(["Other figures"] if "Other figures" in chapters else []),
        "Claimed and verified scores", "With and without Kaltara", "All assumptions and sources",
        "What was changed", "How far it can be believed", "STRESS-DES checklist", "Words",
        "Repeating this run",
    ]  # fmt: skip
    first_page = [words for _level, words in read.headings[:5]]
    assert first_page[2:] == [
        "Two kinds of uncertainty", "The weakest region", "What would help most"
    ]  # fmt: skip


def test_headings_descend_by_one_level_at_a_time(read):
    levels = [level for level, _words in read.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_all_that_is_referred_to_is_there(read):
    assert len(read.ids) == len(set(read.ids))
    assert len(read.targets) > 100
    assert set(read.targets) - set(read.ids) == set()


def test_report_loads_nothing(english, read):
    assert read.loads == []
    assert read.tags & {"script", "link", "img", "iframe", "object", "embed", "image"} == set()
    assert not re.search(r"@import|url\((?!#)", english)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', english)[1]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_every_figure_is_described(read):
    assert len(read.alts) >= 8
    assert all(len(alt) > 20 for alt in read.alts)


def test_report_of_the_shipped_plan_stays_below_a_megabyte(english):
    assert 200_000 < len(english.encode()) < 1_000_000


def test_checklist_answers_every_item_of_the_guidelines(read):
    items = [item for items in SECTIONS.values() for item in items]
    assert len(items) == 24  # 20 of the paper, of which 2.5 in its five parts
    numbered = [words for words in read.paragraphs if re.match(r"[1-6]\.\d(\.\d)? \w", words)]
    assert [words.split()[0] for words in numbered] == [
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4",
        "2.5.5", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4",
        "6.1",
    ]  # fmt: skip


def test_checklist_speaks_of_this_run(read):
    said = " ".join(read.paragraphs)
    assert "150 futures, taken in turn through 10 combinations of assumptions" in said
    assert "6 regions and their province" in said
    assert "1,508 days, from 14 November 2022 to 31 December 2026, with 4 evaluations" in said
    assert "seed 1." in said


def test_every_assumption_of_the_plan_is_listed_with_its_range(material, read):
    rows = {row[0]: row for row in read.table("47 groups of numbers that are assumed")[1:]}
    assert set(rows) == set(material.run.scenario.assumptions)
    assert rows["effects.integration"][1:3] == ["0.07", "0.0 - 0.20"]
    assert rows["policy.wip_limit"][1:3] == ["3", "2 - 6"]
    drawn = {row[0]: row for row in read.table("17 numbers that are not known")[1:]}
    assert drawn["learning.rate"][1:] == ["0.80 - 0.90 - 1.0", "the value itself", "PERT"]


def test_numbers_without_a_reason_are_named(tmp_path):
    plan = Path(__file__).parents[1] / "data" / "broken" / "plan.yaml"
    perform("run", plan, "-n", 20, "--no-plots", "--quiet", "--out", tmp_path)
    perform("report", "latest", "--results", tmp_path, "--language", "en", "--quiet")
    read = Reading(next(tmp_path.glob("*/report.en.html")).read_text("utf-8"))
    gaps = next(
        rows for caption, rows in read.tables.items() if "without a recorded reason" in caption
    )
    assert gaps[0] == ["Path", "Numbers", "The first"]
    assert len(gaps) > 3


def test_same_run_gives_the_same_bytes_in_another_process(tmp_path, kaltara):
    here, there = tmp_path / "here.html", tmp_path / "there.html"
    perform("report", kaltara, "--out", here, "--language", "en", "--quiet")
    subprocess.run(
        [sys.executable, "-m", "kla_sim", "report", kaltara, "--out", there, "--language", "en"],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LANG": "C"},
    )
    assert here.read_bytes() == there.read_bytes()


def test_commands_of_the_report_repeat_the_run(tmp_path, monkeypatch, results, facilitators):
    perform("report", facilitators, "--out", tmp_path / "r.html", "--language", "id", "--quiet")
    commands = [
        command
        for command in Reading((tmp_path / "r.html").read_text("utf-8")).commands
        if command.startswith("python -m kla_sim run")
    ]
    assert len(commands) == 2
    assert "--set worlds=10 --set policy.wip_limit=4 -n 150 --seed 1" in commands[0]
    (tmp_path / "results").symlink_to(results)
    monkeypatch.chdir(tmp_path)
    kept = json.loads((facilitators / "manifest.json").read_text())
    for place, command in enumerate(commands):
        shell = f"{command} --no-plots --quiet --out again-{place}"
        subprocess.run(
            ["sh", "-c", shell.replace("python ", f"{sys.executable} ", 1)],
            check=True,
            env={**os.environ, "PYTHONPATH": str(Path(document_module.__file__).parents[2])},
        )
        again = json.loads(next(tmp_path.glob(f"again-{place}/*/manifest.json")).read_text())
        assert again["digest"] == kept["digest"]
        assert [part["sha256"] for part in again["parts"]] == [
            part["sha256"] for part in kept["parts"]
        ]


def test_changed_values_stand_with_before_after_and_place(tmp_path, facilitators):
    perform("report", facilitators, "--out", tmp_path / "r.html", "--language", "en", "--quiet")
    read = Reading((tmp_path / "r.html").read_text("utf-8"))
    assert read.table("2 values set on the command line")[1:] == [
        ["policy.wip_limit", "3", "4", "--set"],
        ["worlds", "200", "10", "--set"],
    ]
    file = "shipped:two_more_facilitators"
    assert read.table("2 values that differ from the plan it builds on")[1:] == [
        ["resources.facilitators.capacity", "3", "5", f"{file}:13"],
        ["resources.facilitators.per_city.kepulauan_seribu", "2", "4", f"{file}:14"],
    ]
    chain = "shipped:two_more_facilitators → shipped:kaltara_2022 → shipped:base"
    assert any(words.endswith(chain) for words in read.paragraphs)


def test_a_figure_that_fails_is_said_in_its_place(material, monkeypatch):
    from kla_sim.report import figures

    def fail(*_):
        raise ValueError("no room")

    monkeypatch.setattr(figures, "waiting", fail)
    with language.speaking("en"):
        read = Reading(run_report(material))
    assert "The figure waiting could not be drawn: ValueError: no room" in read.paragraphs
    assert read.table("What ready work waits for")
    assert len(read.alts) >= 7


def test_what_cannot_be_looked_at_is_said_and_the_rest_stands(tmp_path):
    perform(
        "run", "kaltara_2022", "-n", 60, "--set", "worlds=4", "--precision", "0.4", "--no-plots",
        "--quiet", "--out", tmp_path,
    )  # fmt: skip
    perform("report", "latest", "--results", tmp_path, "--language", "en", "--quiet")
    read = Reading(next(tmp_path.glob("*/report.en.html")).read_text("utf-8"))
    assert any(words.startswith("This part is not available:") for words in read.paragraphs)
    assert read.table("The odds of each region")
    command = next(words for words in read.commands if "kla_sim run" in words)
    assert "--precision 0.4" in command


def test_report_says_size_and_time_and_takes_each_language_its_own_file(capsys, kaltara):
    for chosen, name in (("id", "report.html"), ("en", "report.en.html")):
        perform("report", kaltara, "--json", "--language", chosen)
        said = json.loads(capsys.readouterr().out)
        assert said["file"] == str(kaltara / name)
        assert said["bytes"] == (kaltara / name).stat().st_size
        assert said["seconds"] > 0
        assert said["missing"] == []
    assert '<html lang="id">' in (kaltara / "report.html").read_text("utf-8")
    assert '<html lang="en">' in (kaltara / "report.en.html").read_text("utf-8")


def test_a_folder_that_may_not_be_written_is_answered_with_out(capsys, monkeypatch, kaltara):
    def refuse(path, *_):
        error = StoreError("cannot_write", path=str(path), reason=PermissionError(13, "denied"))
        raise error from PermissionError(13, "denied")

    monkeypatch.setattr("kla_sim.store.write_atomic", refuse)
    perform("report", kaltara, "--language", "en", "--quiet", code=2)
    said = capsys.readouterr().err
    assert "may not be written" in said
    assert "--out report.en.html" in said


def test_a_folder_in_the_place_of_the_file_is_refused(capsys, tmp_path, kaltara):
    perform("report", kaltara, "--out", tmp_path, "--language", "en", code=2)
    assert f"for example {tmp_path}/report.html" in capsys.readouterr().err


def test_more_runs_than_can_be_seen_are_refused(capsys, results):
    perform("report", *["latest"] * 13, "--results", results, "--language", "en", code=2)
    assert "At most 12 runs" in capsys.readouterr().err


def test_a_run_that_was_changed_is_refused(capsys, tmp_path, kaltara):
    copy = tmp_path / kaltara.name
    copy.mkdir()
    for path in kaltara.iterdir():
        if path.is_file() and path.suffix != ".html":
            (copy / path.name).write_bytes(path.read_bytes())
    text = (copy / "scenario.yaml").read_text()
    (copy / "scenario.yaml").write_text(text.replace("Jakarta Pusat", "Jakarta Pusar"))
    perform("report", copy, "--language", "en", code=2)
    assert "scenario.yaml" in capsys.readouterr().err
    assert not list(copy.glob("report*"))

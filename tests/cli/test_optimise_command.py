"""`optimise` as its users meet it: a best plan with its file, and levers that leave no choice."""

import json
import shutil
from pathlib import Path

import pytest
from test_commands import kla_sim

PLAN = Path(__file__).parents[1] / "data" / "levers" / "plan.yaml"
SEARCH = ("optimise", "plan.yaml", "--trials", 10, "--workers", 1)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    shutil.copy(PLAN, folder / "plan.yaml")
    return folder


@pytest.fixture(scope="module")
def document(work):
    done = kla_sim(*SEARCH, "--json", cwd=work)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_plan_is_a_file_that_run_takes(work, document):
    assert set(document["files"]) == {"best", *(one["name"] for one in document["alternatives"])}
    best = document["files"]["best"]
    done = kla_sim("run", best, "-n", 20, "--engine", "reference", "--no-plots", "--json", cwd=work)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scenario"]["name"] == "Dua kota, terbaik"
    written = (work / best).read_text(encoding="utf-8")
    assert "extends: given.yaml" in written
    assert "A plan found by optimise (best)" in written


def test_plots_hold_the_plans_by_cost(work, document):
    lines = (work / document["folder"] / "plots" / "front.csv").read_text(encoding="utf-8")
    head, *rows = lines.splitlines()
    assert head == "kind,plan,cost_rupiah,value,low,high"
    best = next(row.split(",") for row in rows if row.startswith("best,best,"))
    assert float(best[2]) == document["best"]["cost"]
    assert float(best[3]) == pytest.approx(document["best"]["odds"]["value"])
    assert sum(row.startswith("tried,") for row in rows) == document["plans_tried"]


@pytest.mark.parametrize(
    ("spoken", "words"),
    [("id", "Rencana terbaik dari 10"), ("en", "Best of 10 plans tried")],
)
def test_the_answer_speaks_both_languages(work, document, spoken, words):
    done = kla_sim(*SEARCH, "--no-plots", cwd=work, language=spoken)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(words)
    assert "{" not in done.stdout


def test_how_the_best_was_chosen_is_told_on_request(work, document):
    done = kla_sim(*SEARCH, "--no-plots", "--details", cwd=work)
    assert "Against the given plan and the built-in rules, over the same futures:" in done.stdout


def test_a_plan_file_that_somebody_changed_is_not_overwritten(work, document):
    best = work / document["files"]["best"]
    before = best.read_text(encoding="utf-8")
    best.write_text("milik saya\n", encoding="utf-8")
    done = kla_sim(*SEARCH, "--no-plots", cwd=work)
    assert done.returncode == 2
    assert "is not overwritten" in done.stderr
    assert best.read_text(encoding="utf-8") == "milik saya\n"
    best.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("levers=null", "has no levers"),
        ("levers.limits.money=1 juta", "levers.limits.money: no plan meets it"),
        ("levers.posts.trainer={low: 1, high: 2}", "Did you mean trainers?"),
        ("levers.zones.low=x", "levers.zones.low"),
    ],
)
def test_levers_that_cannot_be_used_are_told(work, setting, said):
    done = kla_sim("optimise", "plan.yaml", "--set", setting, cwd=work)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scenario_without_levers_is_told_how_to_write_them(work):
    (work / "bare.yaml").write_text(
        "extends: shipped:kaltara_2022\nname: Polos\nlevers: null\n", encoding="utf-8"
    )
    done = kla_sim("optimise", "bare.yaml", cwd=work, language="id")
    assert done.returncode == 2
    assert "bare.yaml tidak punya levers" in done.stderr
    assert "levers: {priority: [listed, lowest_score_first]" in done.stderr

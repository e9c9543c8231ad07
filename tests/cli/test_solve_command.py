"""`solve` as its users meet it: an answer in both languages, JSON, plots, and what is refused."""

import json

import pytest
from test_commands import kla_sim

KNOWN = """\
schema_version: 1
name: Diketahui
start: 2023-01-01
horizon: 2024-12-31
target: {category: utama, deadline: 2024-12-31}
worlds: 4
cities:
  kota:
    name: Kota
    districts: 10
    population: 1000000
    award: {category: nindya, date: 2022-07-22}
    baseline: {score: 780}
accounts: {province: {2023: 1 miliar}, grows: 0%, release: {1 Januari: 100%}, lapse: 100%}
background: {rate: {median: 0.0}, volatility: 0.0}
evaluation:
  noise: 20
  one_step_up: 100%
  cycles: {2024: {evidence_closes: 2024-06-15, award: 2024-07-23}}
"""
SCORE = ("--vary", "cities.kota.baseline.score", "--range", "760:860")
FEW = ("-n", 8, "--engine", "reference")


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    (folder / "plan.yaml").write_text(KNOWN, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ("id", "Untuk peluang bersama 50 %, cities.kota.baseline.score sedikitnya 800 ("),
        ("en", "For joint odds of 50 %, cities.kota.baseline.score takes at least 800 ("),
    ],
)
def test_the_first_sentence_is_the_answer(work, spoken, said):
    done = kla_sim("solve", "plan.yaml", *SCORE, *FEW, "--no-plots", cwd=work, language=spoken)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(said)
    assert "{" not in done.stdout


def test_json_is_one_document_and_the_same_again(work):
    words = ("solve", "plan.yaml", *SCORE, *FEW, "--odds", "80%", "--no-plots", "--json")
    done = kla_sim(*words, cwd=work)
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert document["goal"] == {"of": "odds", "level": 0.8}
    (lever,) = document["levers"]
    assert (lever["reading"], lever["low"], lever["high"]) == ("number", 760.0, 860.0)
    assert document["least"]["value"] == pytest.approx(816.83, abs=0.1)
    assert [point["value"] for point in document["points"]] == sorted(
        point["value"] for point in document["points"]
    )
    assert kla_sim(*words, "--workers", 2, cwd=work).stdout == done.stdout


def test_the_numbers_of_the_plot_lie_beside_it(work):
    done = kla_sim("solve", "plan.yaml", *SCORE, *FEW, "--out", "drawn", cwd=work)
    assert done.returncode == 0, done.stderr
    (folder,) = (work / "drawn").iterdir()
    assert folder.name.startswith("solve-diketahui-")
    drawn = {path.name for path in folder.iterdir()}
    assert {"solve.csv", "solve.en.png", "solve.en.svg"} <= drawn
    rows = (folder / "solve.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "kind,lever,low,value,high"
    kind, lever, _low, value, _high = rows[-1].split(",")
    assert (kind, value) == ("crossing", "0.5")
    assert float(lever) == pytest.approx(800.0, abs=0.1)


def test_two_levers_make_a_map_with_its_numbers(work):
    words = (*SCORE, "--vary", "evaluation.noise", "--range", "10:30", *FEW, "--out", "map")
    done = kla_sim("solve", "plan.yaml", *words, cwd=work)
    assert done.returncode == 0, done.stderr
    assert "evaluation.noise 20.0: 800\n" in done.stdout
    (table,) = (work / "map").glob("*/solve-map.csv")
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1 + 5 * 5


def test_a_goal_out_of_reach_is_said_with_the_best_and_what_holds_it_back(work):
    words = ("--vary", "evaluation.noise", "--range", "5:40", "--odds", "0.8")
    done = kla_sim("solve", "plan.yaml", *words, *FEW, "--no-plots", cwd=work)
    assert done.returncode == 0, done.stderr
    assert "evaluation.noise from 5.0 to 40.0 is not enough; the best is 31 % (" in done.stdout
    assert "Relieving any one thing there is not shown to raise it." in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--vary", "accounts.provinse", "--range", "1:2"), "Did you mean accounts.province?"),
        (("--vary", "accounts.province", "--range", "3:1"), "3:1 does not rise."),
        (("--vary", "accounts.province"), "--range"),
        ((*SCORE, "--range", "1:2"), "there are 1 --vary and 2 --range"),
        ((*SCORE, "--odds", "1.5"), "odds lie between 0 and 1"),
        ((*SCORE, "--odds", "0.5", "--regions", "1"), "Give --odds or --regions, not both."),
        ((*SCORE, "--regions", "2"), "this plan has 1 regions"),
        ((*SCORE, "--regions", "many"), "--regions many is no number of regions"),
        ((*SCORE[:3], "800:1200"), "--vary cities.kota.baseline.score = 1050"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_to_do(work, words, said):
    done = kla_sim("solve", "plan.yaml", *words, *FEW, "--no-plots", cwd=work)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""

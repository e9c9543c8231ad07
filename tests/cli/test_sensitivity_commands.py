"""`sensitivity` and `discover` as their users meet them: words, JSON, plots, and refusals."""

import json

import pytest
from test_commands import kla_sim

PLAN = "extends: shipped:kaltara_2022\nname: Rencana\nworlds: 60\n"


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    done = kla_sim("run", "plan.yaml", "-n", 600, "--no-plots", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def plots_of(work):
    return sorted(path.name for path in work.glob("results/*/plots/*"))


def test_sensitivity_is_one_document_with_every_unknown(work):
    document = json.loads(kla_sim("sensitivity", "--json", "--no-plots", cwd=work).stdout)
    assert (document["method"], document["worlds"], document["slices"]) == ("pawn", 60, 3)
    assert document["outcome"] == "all_cities"
    unknowns = document["outcomes"]["all_cities"]["unknowns"]
    assert set(unknowns["effects.integration"]) == {
        "strength", "low", "high", "lowest", "highest",
    }  # fmt: skip
    assert unknowns.keys() == document["outcomes"]["expected_cities"]["unknowns"].keys()


def test_sensitivity_speaks_and_draws(work):
    done = kla_sim("sensitivity", "latest", cwd=work, language="id")
    assert done.returncode == 0, done.stderr
    assert "hal yang belum diketahui" in done.stdout
    assert "{" not in done.stdout
    assert {"sensitivity.id.png", "sensitivity.id.svg", "sensitivity.csv"} <= set(plots_of(work))


def test_discover_says_how_many_fail_and_draws(work):
    done = kla_sim("discover", cwd=work)
    assert done.returncode == 0, done.stderr
    assert "of 600 futures fail" in done.stdout
    assert "{" not in done.stdout
    assert {"discover.en.png", "discover.csv"} <= set(plots_of(work))


def test_discover_is_one_document(work):
    document = json.loads(kla_sim("discover", "--json", "--no-plots", cwd=work).stdout)
    assert (document["fails"], document["replications"], document["worlds"]) == (
        "all_cities", 600, 60,
    )  # fmt: skip
    assert 0.5 < document["baseline"] < 1.0
    assert document["covered"] == pytest.approx(sum(rule["coverage"] for rule in document["rules"]))
    assert document["boxes"][0].keys() == {"coverage", "density"}


def test_a_choice_between_few_worlds_says_what_to_run(work):
    done = kla_sim("sensitivity", "latest", "latest", cwd=work)
    assert done.returncode == 2
    assert "--set worlds=2000 and -n of at least 40000" in done.stderr


def test_a_run_in_rounds_is_refused_with_what_to_do(work):
    words = ("run", "plan.yaml", "--precision", "0.4", "-n", 1000, "--no-plots")
    assert kla_sim(*words, "--out", "rounds", cwd=work).returncode == 0
    done = kla_sim("discover", "latest", "--out", "rounds", cwd=work)
    assert done.returncode == 2
    assert "Run the scenario without --precision" in done.stderr


def test_studies_that_cannot_be_say_what_to_do(work):
    few = kla_sim("sensitivity", "plan.yaml", "--method", "sobol", "-n", 100, cwd=work)
    assert few.returncode == 2
    assert "it takes at least -n 30400" in few.stderr
    two = kla_sim("sensitivity", "plan.yaml", "plan.yaml", "--method", "morris", cwd=work)
    assert two.returncode == 2
    assert "studies one scenario, not 2" in two.stderr

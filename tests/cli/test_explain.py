"""`explain` as its users meet it: a run, what would help, and runs that it cannot explain."""

import json

import pytest
from test_commands import kla_sim

SMALL = "extends: shipped:kaltara_2022\nname: Rencana\nworlds: 2\n"


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    (folder / "plan.yaml").write_text(SMALL, encoding="utf-8")
    words = ("run", "plan.yaml", "-n", 12, "--engine", "reference", "--no-plots")
    done = kla_sim(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def document(work):
    done = kla_sim("explain", "latest", "--json", cwd=work)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def case_of(document, kind, subject=""):
    (found,) = [
        case for case in document["but_for"]
        if (case["relieved"], case["subject"]) == (kind, subject)
    ]  # fmt: skip
    return found


def test_each_case_counts_rescued_and_harmed_among_the_same_futures(document):
    for case in document["but_for"]:
        assert case["of_failed"] + case["of_met"] == document["replications"] == 12
        assert 0 <= case["rescued"] <= case["of_failed"]
        assert 0 <= case["harmed"] <= case["of_met"]
        gain = case["odds"] - document["odds"]["value"]
        assert case["difference"]["value"] == pytest.approx(gain, abs=1e-8)


def test_a_relieved_plan_is_the_plan_that_a_planner_would_write(work, document):
    """The case without a limit on zones is what `compare` finds for a file without it."""
    (work / "free.yaml").write_text(
        SMALL.replace("Rencana", "Bebas") + "policy: {wip_limit: null}\n", encoding="utf-8"
    )
    words = ("compare", "plan.yaml", "free.yaml", "-n", 12, "--engine", "reference")
    pair = json.loads(kla_sim(*words, "--no-plots", "--no-shares", "--json", cwd=work).stdout)[
        "pairs"
    ][0]
    case = case_of(document, "wip_limit")
    assert case["difference"] == pair["difference"]
    assert case["expected_cities"] == pair["expected_cities"]
    assert (case["rescued"], case["harmed"]) == (pair["won"], pair["lost"])


def test_the_best_comes_first_and_money_has_its_price(document):
    gains = [case["difference"]["value"] for case in document["but_for"]]
    assert gains == sorted(gains, reverse=True)
    assert case_of(document, "account", "accounts.province")["price"] > 0
    assert case_of(document, "turnover")["price"] == 0


@pytest.mark.parametrize(("spoken", "column"), [("id", "Terselamatkan"), ("en", "Rescued")])
def test_the_table_speaks_both_languages(work, spoken, column):
    done = kla_sim("explain", "latest", "-n", 2, cwd=work, language=spoken)
    assert done.returncode == 0, done.stderr
    assert column in done.stdout
    assert "{" not in done.stdout


def test_a_run_in_rounds_is_refused_with_what_to_do(work):
    words = ("run", "plan.yaml", "--precision", "0.4", "-n", 1000, "--engine", "reference")
    assert kla_sim(*words, "--out", "rounds", "--no-plots", cwd=work).returncode == 0
    done = kla_sim("explain", "latest", "--out", "rounds", cwd=work)
    assert done.returncode == 2
    assert "Run the scenario without --precision" in done.stderr


def test_the_ledgers_of_the_document_add_up(document):
    assert document["looked_at"] == 12
    for region in document["points"].values():
        if region["verdicts"]["points"]:
            assert sum(region["terms"].values()) == pytest.approx(region["missing"], abs=1e-6)
            assert sum(region["kaltara_less_than_in_full"].values()) >= 0
        failed = sum(region["verdicts"].values())
        assert 0 <= failed <= document["failed"]
    stands_for = [future["stands_for"] for future in document["typical"]]
    assert sum(stands_for) == document["failed"]
    assert stands_for == sorted(stands_for, reverse=True)


def test_the_days_waited_are_those_of_the_run(work, document):
    summary = (work / document["run"] / "summary.json").read_text(encoding="utf-8")
    waited = json.loads(summary)["waiting_days"]
    for place, by_cause in waited.items():
        for cause, days in by_cause.items():
            years = document["days"][place].values()
            assert sum(year.get(cause, 0.0) for year in years) == pytest.approx(days, abs=1e-6)


@pytest.mark.parametrize(
    ("spoken", "said"),
    [("id", ("Celah awal", "Simulasi nomor")), ("en", ("Gap at start", "Future number"))],
)
def test_why_futures_fail_is_told_and_drawn_in_both_languages(work, document, spoken, said):
    done = kla_sim("explain", document["run"], "--details", cwd=work, language=spoken)
    assert done.returncode == 0, done.stderr
    for words in said:
        assert words in done.stdout
    assert "{" not in done.stdout
    plots = work / document["run"] / "plots"
    for name in ("lost-points", "lost-days"):
        assert (plots / f"{name}.{spoken}.svg").stat().st_size > 0
        assert (plots / f"{name}.csv").read_text(encoding="utf-8").count("\n") > 1


def test_without_plots_none_is_written(work, document):
    done = kla_sim("explain", document["run"], "-n", 3, "--no-plots", "--quiet", cwd=work)
    assert (done.returncode, done.stdout) == (0, "")
    assert not (work / document["run"] / "plots" / "first-3").exists()

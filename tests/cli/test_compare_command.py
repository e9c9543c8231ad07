"""`compare` as its users meet it: refusals before work, names that tell runs apart, own folders."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from test_commands import kla_sim

from kla_sim import cli, language
from kla_sim.cli import compare as compare_command
from kla_sim.cli.compare import folder_name
from kla_sim.engine import code_cache
from kla_sim.experiment import run as run_module
from kla_sim.experiment.compare import Comparison

FEW = ("-n", 12, "--engine", "reference")
SMALL = "extends: shipped:kaltara_2022\nworlds: 2\n"


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder with two plans and some of their runs."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "plan.yaml").write_text(SMALL + "name: Rencana\n", encoding="utf-8")
    (folder / "long.yaml").write_text(
        SMALL + "name: Sampai 2028\nhorizon: 2028-12-31\n"
        "evaluation: {cycles: {2027: {evidence_closes: 2027-06-15, award: 2027-07-23}}}\n",
        encoding="utf-8",
    )
    for words in (
        ("plan.yaml",),
        ("plan.yaml", "--set", "policy.wip_limit=1"),
        ("plan.yaml", "--shard", "2/2", "--label", "b"),
    ):
        done = kla_sim("run", *words, *FEW, "--no-plots", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def spoken():
    yield language.use
    language.use("id")


def found(folder, pattern):
    (path,) = (folder / "results").glob(pattern)
    return path.relative_to(folder)


def test_a_shard_is_compared_over_its_own_futures(work):
    whole = next(
        path for path in (work / "results").iterdir()
        if path.name.startswith("rencana") and path.name.endswith("-1")
    )  # fmt: skip
    shard = found(work, "*-b-shard_2_of_2")
    done = kla_sim("compare", whole, shard, "--no-plots", cwd=work)
    assert done.returncode == 0, done.stderr
    assert "Paired by their numbers: the 6 futures, number 6 to 11, that both hold." in done.stdout


def test_a_changed_plan_is_told_apart_by_what_was_changed(work):
    runs = sorted((work / "results").glob("rencana-*-1"))
    done = kla_sim("compare", *runs, "--no-plots", cwd=work)
    assert "Rencana (changed: policy.wip_limit = 1)" in done.stdout
    assert done.returncode == 0


def test_what_differs_between_two_files_is_said_with_what_it_does(work):
    (work / "two.yaml").write_text(
        SMALL + "name: Dua\npolicy: {wip_limit: 1}\nresources: {facilitators: {capacity: 5}}\n",
        encoding="utf-8",
    )
    words = ("compare", "plan.yaml", "two.yaml", *FEW, "--out", "shares", "--no-plots")
    done = kla_sim(*words, cwd=work)
    assert done.returncode == 0, done.stderr
    assert "  resources.facilitators.capacity: 3 -> 5: " in done.stdout
    assert "  policy.wip_limit: " in done.stdout
    document = json.loads(kla_sim(*words, "--json", cwd=work).stdout)
    (pair,) = document["pairs"]
    parts = [change["expected_cities"]["value"] for change in pair["changes"]]
    assert len(parts) == 2
    assert sum(parts) == pytest.approx(pair["expected_cities"]["value"], abs=1e-12)
    silent = kla_sim(*words, "--no-shares", cwd=work)
    assert "policy.wip_limit: " not in silent.stdout


def test_across_worlds_is_said_or_why_it_cannot_be(work):
    words = ("compare", "plan.yaml", "two.yaml", "--engine", "reference", "--out", "worlds")
    few = kla_sim(*words, "-n", 12, "--no-plots", "--no-shares", "--worlds", cwd=work)
    assert "Across worlds nothing can be said" in few.stdout
    more = ("-n", 40, "--no-plots", "--no-shares", "--worlds", "--above", "30%")
    assert "Worlds above 30 %" in kla_sim(*words, *more, cwd=work).stdout
    document = json.loads(kla_sim(*words, *more, "--json", cwd=work).stdout)
    assert document["above"] == 0.3
    assert len(document["worlds"]) == 2


@pytest.mark.parametrize("given", ["0", "1", "100%", "setengah", "2.000"])
def test_a_threshold_that_is_no_odds_is_refused(work, given):
    done = kla_sim("compare", "plan.yaml", "long.yaml", "--above", given, cwd=work)
    assert done.returncode == 2
    assert done.stderr.startswith("--above")


def test_unlike_runs_are_refused_before_anything_is_run(work):
    before = sorted((work / "results").iterdir())
    shard = found(work, "*-b-shard_2_of_2")
    done = kla_sim("compare", shard, "long.yaml", "--seed", 4, *FEW, cwd=work, language="id")
    assert done.returncode == 2
    assert f"Benih acak berbeda: {shard.name} 1, Sampai 2028 4." in done.stderr
    assert sorted((work / "results").iterdir()) == before


def test_another_horizon_is_drawn_to_its_own_end_and_said(work):
    done = kla_sim("compare", "plan.yaml", "long.yaml", *FEW, "--out", "apart", cwd=work)
    assert done.returncode == 0, done.stderr
    said = "The horizons differ: Rencana 31 December 2026, Sampai 2028 31 December 2028."
    assert said in done.stdout
    (folder,) = (work / "apart").glob("compare-*")
    rows = (folder / "compare-odds.csv").read_text(encoding="utf-8").splitlines()
    last = {row.split(",")[0]: row.split(",")[1] for row in rows if row.endswith(",,")}
    assert last["Rencana"] < "2027-01-01" < last["Sampai 2028"]
    money = (folder / "compare-spending.csv").read_text(encoding="utf-8").splitlines()
    assert "Rencana,province,2027,,," in money


def test_plots_that_cannot_be_drawn_leave_the_table_and_the_document(work):
    (work / "file").write_text("no folder", encoding="utf-8")
    runs = sorted((work / "results").glob("rencana-*-1"))
    words = ("compare", *runs, "--out", "file")
    done = kla_sim(*words, cwd=work)
    assert done.returncode == 0
    assert "Wins in " in done.stdout
    assert "Plots:" not in done.stdout
    assert "The numbers of the answer are complete." in done.stderr
    assert "Traceback" not in done.stderr
    document = json.loads(kla_sim(*words, "--json", cwd=work).stdout)
    assert document["pairs"][0]["difference"]["replications"] == 12
    assert (document["pairs"][0]["first"], document["pairs"][0]["last"]) == (0, 12)


def entries(n, seed=1, n_futures=100, name="Rencana yang namanya panjang sekali nomor"):
    return [
        SimpleNamespace(
            scenario=SimpleNamespace(name=f"{name} {place}"),
            summary=SimpleNamespace(n=n_futures),
            folder=SimpleNamespace(
                path=SimpleNamespace(name=f"run-{place}"),
                manifest=SimpleNamespace(
                    digest=f"{place:064d}", seed=seed, round_size=0, overrides=[]
                ),
            ),
        )
        for place in range(n)
    ]


def pairs(n, last=100):
    return [Comparison("a", "b", 0, last, None, (), None)] * (n - 1)


def test_the_folder_of_many_variants_has_a_short_name():
    name = folder_name(entries(32), pairs(32))
    assert len(name) < 80
    assert name.startswith("compare-rencana_yang_namanya-rencana_yang_namanya-30_more-")


def test_every_other_request_has_another_folder():
    same = folder_name(entries(3), pairs(3))
    others = {
        folder_name(entries(3, seed=2), pairs(3)),
        folder_name(entries(3, n_futures=50), pairs(3)),
        folder_name(entries(3), pairs(3, last=50)),
        folder_name(entries(2), pairs(2)),
        folder_name(entries(3)[::-1], pairs(3)),
        folder_name(entries(3, name="Lain"), pairs(3)),
    }
    assert folder_name(entries(3), pairs(3)) == same
    assert len(others | {same}) == 7


def test_compare_says_on_a_terminal_that_it_compiles(work, monkeypatch, spoken, capsys):
    def stop(request, report, takeover):
        assert takeover.is_awaited
        raise KeyboardInterrupt

    def no_progress(*, is_quiet):
        return nullcontext()

    monkeypatch.setattr(code_cache, "is_kept", lambda function: False)
    monkeypatch.setattr(code_cache, "_FOLDER", work)
    monkeypatch.setattr(compare_command, "show_progress", no_progress)
    monkeypatch.setattr(run_module, "run", stop)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.chdir(work)
    with pytest.raises(SystemExit):
        cli.main(["compare", "plan.yaml", "long.yaml", "-n", "4", "--language", "en"])
    said = capsys.readouterr().err.splitlines()
    assert said[0].split(",")[0] == "Compiling the simulation engine in the background"
    assert said[1:] == ["Stopped."]

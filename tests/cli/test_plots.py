"""Plots come after the answer, cannot hide it, and are of the futures that its summary counts."""

import json
import os
from pathlib import Path

import pytest
from test_commands import kla_sim

from kla_sim import cli, language
from kla_sim.cli import plots, run_plots
from kla_sim.errors import StoreError
from kla_sim.report.files import Drawn

FEW = ("--engine", "reference", "--workers", 1)
PLAN = "extends: shipped:kaltara_2022\nname: Rencana\nworlds: 2\n"


@pytest.fixture
def work(tmp_path, monkeypatch):
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    language.use("id")


def run(*words, spoken="en"):
    """Run a command in this process; return its exit code."""
    words = [str(word) for word in words]
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "plan.yaml", *words, *map(str, FEW), "--language", spoken])
    return ended.value.code


def folder_of(work, pattern="rencana-*-1"):
    (folder,) = (work / "results").glob(pattern)
    return folder


@pytest.fixture
def marks(monkeypatch):
    """Draw quickly: each plot is a file that says of how many futures it is."""
    drawn = []

    def draw(run):
        folder = plots.plots_folder(run)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"odds.{language.current()}.svg"
        path.write_text(str(run.summary.n), encoding="utf-8")
        drawn.append(run)
        return Drawn([path], {})

    monkeypatch.setattr(run_plots, "draw_run", draw)
    return drawn


def test_the_answer_is_out_before_a_plot_is_drawn(work, capsys, monkeypatch):
    before = []

    def draw(run):
        before.append(capsys.readouterr().out)
        return Drawn([], {})

    monkeypatch.setattr(run_plots, "draw_run", draw)
    assert run("-n", 4) == 0
    assert "Odds that all 6 regions hold category utama" in before[0]
    assert "Results: results/rencana-" in before[0]
    assert run("-n", 4, "--json") == 0
    assert json.loads(before[1])["replications"] == 4


@pytest.mark.parametrize("error", [MemoryError(), OSError("no space"), ZeroDivisionError("x")])
def test_nothing_that_goes_wrong_in_a_plot_hides_the_answer(work, capsys, monkeypatch, error):
    def draw(run):
        raise error

    monkeypatch.setattr(run_plots, "draw_run", draw)
    assert run("-n", 4) == 0
    said = capsys.readouterr()
    assert "Odds that all 6 regions hold category utama" in said.out
    assert "Plots:" not in said.out
    assert said.err.startswith(f"Warning: the plots could not be drawn: {type(error).__name__}")
    assert said.err.rstrip().endswith("The numbers of the answer are complete.")
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("x"), StoreError("run_empty")])
def test_nothing_that_goes_wrong_in_trying_remedies_hides_the_answer(
    work, capsys, monkeypatch, error
):
    def try_remedies(*words):
        raise error

    monkeypatch.setattr("kla_sim.experiment.remedies.find_remedies", try_remedies)
    assert run("-n", 4, "--no-plots") == 0
    said = capsys.readouterr()
    assert "Odds that all 6 regions hold category utama" in said.out
    assert "What would help most could not be tried; a warning says why." in said.out
    assert said.err.startswith("Warning: what would help most could not be tried: ")
    assert said.err.rstrip().endswith("The numbers of the answer are complete.")
    assert len(said.err.splitlines()) == 1
    assert run("-n", 4, "--no-plots", "--json") == 0
    assert json.loads(capsys.readouterr().out)["remedies"]["withheld"] == "failed"
    kept = json.loads((folder_of(work) / "summary.json").read_text(encoding="utf-8"))
    assert kept["remedies"]["withheld"] == "failed"


def test_a_folder_of_plots_that_cannot_be_written_is_said_after_the_answer(work):
    words = ("run", "plan.yaml", "-n", 4, *FEW)
    assert kla_sim(*words, "--no-plots", cwd=work).returncode == 0
    (folder_of(work) / "plots").write_text("not a folder", encoding="utf-8")
    done = kla_sim(*words, cwd=work, language="id")
    assert done.returncode == 0
    assert "Peluang semua 6 wilayah" in done.stdout
    assert "Angka jawabannya lengkap." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_notebooks_backend_changes_nothing(work):
    backend = "module://matplotlib_inline.backend_inline"
    done = kla_sim("run", "plan.yaml", "-n", 4, *FEW, cwd=work, MPLBACKEND=backend)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((folder_of(work) / "plots").iterdir())) == 27


def test_a_shorter_look_leaves_the_plots_of_the_whole(work, capsys, marks):
    run("-n", 20)
    run("-n", 8)
    folder = folder_of(work)
    assert (folder / "plots" / "odds.en.svg").read_text(encoding="utf-8") == "20"
    assert (folder / "plots" / "first-8" / "odds.en.svg").read_text(encoding="utf-8") == "8"
    assert f"Plots: {folder.relative_to(work)}/plots/first-8" in capsys.readouterr().out
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["replications"] == 20


@pytest.mark.parametrize("more", [(), ("--no-plots",)])
def test_plots_of_fewer_futures_do_not_stay_beside_a_summary_of_more(work, marks, more):
    run("-n", 8, spoken="id")
    folder = folder_of(work)
    (folder / "plots" / "mine.txt").write_text("mine", encoding="utf-8")
    run("-n", 20, *more, spoken="en")
    stays = {"odds.en.svg"} - ({"odds.en.svg"} if more else set())
    assert {path.name for path in (folder / "plots").iterdir()} == stays | {"first-8", "mine.txt"}
    assert (folder / "plots" / "first-8" / "odds.id.svg").read_text(encoding="utf-8") == "8"


def test_a_pipe_in_the_place_of_an_answer_is_replaced_unread(work, marks):
    run("-n", 8)
    answer = folder_of(work) / "summary.json"
    answer.unlink()
    os.mkfifo(answer)
    assert run("-n", 8) == 0
    assert json.loads(answer.read_text(encoding="utf-8"))["replications"] == 8


def test_each_language_has_its_own_plots(work):
    for spoken in ("id", "en"):
        assert kla_sim(
            "run", "plan.yaml", "-n", 4, *FEW, cwd=work, language=spoken
        ).returncode == 0  # fmt: skip
    names = sorted(path.name for path in (folder_of(work) / "plots").iterdir())
    assert len(names) == 9 * 5
    assert {"odds.csv", "odds.en.png", "odds.en.svg", "odds.id.png", "odds.id.svg"} <= set(names)


def test_a_changed_plan_says_so_in_answer_document_and_manifest(work, capsys, marks):
    change = ("--set", "policy.wip_limit=1", "--set", "worlds=3", "--set", "learning.rate=0,95")
    assert run("-n", 4, *change) == 0
    said = capsys.readouterr().out
    assert (
        "The plan as changed by --set (policy.wip_limit = 1, worlds = 3, and 1 more): Odds" in said
    )
    manifest = marks[0].folder.manifest
    assert manifest.overrides == ["policy.wip_limit=1", "worlds=3", "learning.rate=0,95"]
    run("-n", 4, *change, "--json")
    assert json.loads(capsys.readouterr().out)["scenario"]["overrides"] == manifest.overrides


def test_what_changes_nothing_is_not_called_a_change(work, capsys, marks):
    assert run("-n", 4, "--set", "worlds=2") == 0
    assert "changed" not in capsys.readouterr().out
    assert marks[0].folder.manifest.overrides == []


def test_the_caption_of_a_changed_plan_names_the_change(work, monkeypatch):
    from kla_sim.report import drawing

    footers = []
    monkeypatch.setattr(
        drawing,
        "write_figures",
        lambda makers, folder: footers.append(makers["odds"]().footer) or Drawn([], {}),
    )
    run("-n", 4, "--set", "policy.wip_limit=1", spoken="id")
    assert footers[0].startswith("Rencana (diubah: policy.wip_limit = 1) · sidik ")


def test_a_trace_of_a_changed_plan_names_the_change(work, capsys):
    words = ["trace", "plan.yaml", "--set", "policy.wip_limit=1", "--language", "id"]
    with pytest.raises(SystemExit):
        cli.main(words)
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "Simulasi nomor 0 dari Rencana (diubah: policy.wip_limit = 1) (benih acak 1)"


def test_a_back_test_is_told_where_its_plots_cannot_be_written(work, capsys):
    panel = work / "panel.csv"
    panel.write_text(
        "city,province,y2021,y2022,y2023\nKab. A,Riau,madya,madya,nindya\n", encoding="utf-8"
    )
    (work / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(["backtest", "--panel", str(panel), "--out", "file", "--language", "en"])
    said = capsys.readouterr()
    assert (ended.value.code or 0) == 0
    assert "2 forecasts" in said.out
    warning = "Warning: the plots could not be drawn: file/backtest cannot be written"
    assert said.err.startswith(warning)


def test_calibrate_refuses_a_folder_that_cannot_be_written_before_the_long_fit(
    work, capsys, monkeypatch
):
    from kla_sim.experiment import calibrate

    def fit(request, report):
        raise AssertionError("the fit has begun")

    monkeypatch.setattr(calibrate, "calibrate", fit)
    (work / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(["calibrate", "--out", "file", "--language", "en"])
    assert ended.value.code == 2
    assert "file/calibration cannot be written" in capsys.readouterr().err


def test_a_plan_without_evaluations_is_drawn_and_reported_without_those_of_awards(tmp_path):
    plan = (Path(__file__).parents[1] / "data" / "levers" / "plan.yaml").read_text("utf-8")
    before, cycles, after = plan.partition("  cycles:\n")
    _award, rest = after.split("\n", 1)
    assert cycles
    (tmp_path / "plan.yaml").write_text(f"{before}  cycles: {{}}\n{rest}", encoding="utf-8")
    done = kla_sim("run", "plan.yaml", "-n", 4, "--engine", "reference", cwd=tmp_path)
    assert (done.returncode, "could not be drawn" in done.stderr) == (0, False)
    (plots,) = tmp_path.glob("results/*/plots")
    names = {path.name.split(".")[0] for path in plots.iterdir()}
    assert {"odds", "tiles", "spending"} <= names
    assert not {"categories", "scores"} & names
    assert kla_sim("report", "latest", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("count", ["0", "-8", "true", "9" * 400])
def test_a_summary_that_counts_no_futures_sets_no_plots_aside(work, marks, count):
    run("-n", 8)
    folder = folder_of(work)
    said = f'{{"replications": {count}}}'
    (folder / "summary.json").write_text(said, encoding="utf-8")
    assert run("-n", 20) == 0
    assert {path.name for path in (folder / "plots").iterdir()} == {"odds.en.svg"}

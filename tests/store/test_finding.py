"""Which run is meant: by exact name, prefix or path, or the one written to last."""

import datetime as dt
import json
import os

import pytest

from kla_sim import store
from kla_sim.cli import main
from kla_sim.errors import StoreError
from kla_sim.store.manifest import Manifest

WHEN = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)


def make(results, name, **changes):
    """Write a manifest of a run that holds nothing yet."""
    settings = {
        "scenario": "plan", "digest": "0" * 64, "seed": 1, "engine": "compiled",
        "replications_asked": 0, "python": "3", "packages": {}, "cpu_family": "x", "commit": None,
        "is_tree_clean": None, "start": WHEN, "command": [], **changes,
    }  # fmt: skip
    folder = results / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(Manifest(**settings).content())
    return folder


def names(runs):
    return [run.path.name for run in runs]


def test_an_exact_name_is_never_ambiguous(tmp_path):
    for name in ("plan-1", "plan-1-x", "plan-10"):
        make(tmp_path, name)
    assert store.find_run(tmp_path, "plan-1").path.name == "plan-1"
    with pytest.raises(StoreError) as refused:
        store.find_run(tmp_path, "plan")
    assert refused.value.code == "several_runs"
    assert store.find_run(tmp_path, "plan-1-").path.name == "plan-1-x"
    assert store.find_run(tmp_path, str(tmp_path / "plan-10")).path.name == "plan-10"


def test_latest_is_the_one_written_to_last_continued_runs_included(tmp_path):
    hour = dt.timedelta(hours=1)
    make(tmp_path, "a", start=WHEN, updated=WHEN + 5 * hour)
    make(tmp_path, "b", start=WHEN + 2 * hour, end=WHEN + 3 * hour)
    make(tmp_path, "c", start=WHEN + 4 * hour)
    assert names(store.list_runs(tmp_path)) == ["b", "c", "a"]
    assert store.find_run(tmp_path, "latest").path.name == "a"


def test_a_folder_of_another_tool_is_passed_over_with_a_word(tmp_path):
    make(tmp_path, "plan-1")
    (tmp_path / "plan-web").mkdir()
    (tmp_path / "plan-web" / "manifest.json").write_text('{"name": "web", "icons": []}')
    for reference in ("latest", "plan"):
        told = []
        assert store.find_run(tmp_path, reference, told.append).path.name == "plan-1"
        assert [error.code for error in told] == ["manifest_broken"]
    with pytest.raises(StoreError) as refused:
        store.find_run(tmp_path, "plan-web")
    assert refused.value.code == "manifest_broken"


def test_a_blocking_manifest_stops_nobody_who_asks_for_another_run(tmp_path):
    make(tmp_path, "plan-1")
    (tmp_path / "plan-pipe").mkdir()
    os.mkfifo(tmp_path / "plan-pipe" / "manifest.json")
    told = []
    assert names(store.list_runs(tmp_path, told.append)) == ["plan-1"]
    assert [error.code for error in told] == ["manifest_unfit"]
    assert store.find_run(tmp_path, "plan-1").path.name == "plan-1"
    with pytest.raises(StoreError) as refused:
        store.find_run(tmp_path, "plan-pipe")
    assert refused.value.code == "manifest_unfit"


@pytest.mark.parametrize("reference", ["", "x" * 5000, "a\0b"])
def test_what_names_no_run_is_said_to_name_none(tmp_path, reference):
    with pytest.raises(StoreError) as refused:
        store.find_run(tmp_path, reference)
    assert refused.value.code == "no_such_run"


@pytest.mark.parametrize("reference", ["../..", ".", "/", "gone/plan-1"])
def test_of_a_path_it_is_said_that_no_run_is_there(tmp_path, reference):
    told = {"reference": reference, "results": str(tmp_path), "names": "-"}
    assert refusal(tmp_path, reference) == ("no_run_at", told)


def refusal(results, reference):
    with pytest.raises(StoreError) as refused:
        store.find_run(results, reference)
    return refused.value.code, refused.value.fields


def test_what_fits_several_runs_or_none_is_told_with_the_first_eight_there_are(tmp_path):
    told = {"results": str(tmp_path), "names": "-"}
    assert refusal(tmp_path, "x") == ("no_such_run", {"reference": "x", **told})
    for number in range(9):
        make(tmp_path, f"plan-{number}", start=WHEN - dt.timedelta(hours=number))
    make(tmp_path, "other")
    fitting = ", ".join(f"plan-{number}" for number in (8, 7, 6, 5, 4, 3, 2, 1))  # oldest first
    assert refusal(tmp_path, "plan") == (
        "several_runs", {"reference": "plan", "results": str(tmp_path), "names": fitting},
    )  # fmt: skip
    there = ", ".join(["other", *(f"plan-{number}" for number in range(7))])
    assert refusal(tmp_path, "x") == (
        "no_such_run", {"reference": "x", "results": str(tmp_path), "names": there},
    )  # fmt: skip


def test_a_folder_called_latest_is_not_the_latest_run(tmp_path):
    make(tmp_path, "latest")
    make(tmp_path, "plan-1", start=WHEN + dt.timedelta(hours=1))
    assert store.find_run(tmp_path, "latest").path.name == "plan-1"


def test_of_several_folders_that_cannot_be_read_the_first_is_named(tmp_path):
    for name in ("plan-a", "plan-b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    code, fields = refusal(tmp_path, "plan")
    assert (code, fields["path"]) == ("manifest_broken", str(tmp_path / "plan-a" / "manifest.json"))


def listed(tmp_path, capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main(["runs", "--out", str(tmp_path), "--language", "en", *words])
    assert ended.value.code == 0
    return capsys.readouterr()


def test_runs_shows_local_time_and_names_what_it_passes_over(tmp_path, capsys, monkeypatch):
    make(tmp_path, "plan-1")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "manifest.json").write_text("{}")
    monkeypatch.setenv("TZ", "Asia/Jakarta")
    import time

    time.tzset()
    try:
        told = listed(tmp_path, capsys)
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert "2026-03-02 06:30" in told.out
    assert "Passed over: " in told.err
    assert str(tmp_path / "web") in told.err
    document = json.loads(listed(tmp_path, capsys, "--json").out)
    assert len(document["passed_over"]) == 1


def test_runs_counts_what_a_shard_holds(tmp_path, capsys):
    part = {"file": "part-00000.parquet", "first": 300, "last": 600, "sha256": "0" * 64}
    make(tmp_path, "plan-shard_2_of_3", shard="2/3", first=300, replications_asked=600,
         replications_done=600, parts=[part])  # fmt: skip
    assert "600" not in listed(tmp_path, capsys).out
    assert " 300 " in listed(tmp_path, capsys).out
    assert json.loads(listed(tmp_path, capsys, "--json").out)["runs"][0]["n"] == 300


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "\udcff", "x" * 300])
@pytest.mark.parametrize(
    "words",
    [
        ("compare", "NAME", "latest"),
        ("compare", "latest", "NAME"),
        ("trail", "NAME"),
        ("merge", "NAME"),
        ("runs", "--out", "NAME"),
        ("trail", "--out", "NAME"),
        ("run", "-n", "1", "--engine", "reference", "--out", "NAME"),
    ],
    ids=" ".join,
)
def test_a_name_that_no_file_can_have_gives_no_traceback(
    tmp_path, capsys, monkeypatch, words, name
):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "results", "plan-1")
    with pytest.raises(SystemExit) as ended:
        main([*(word.replace("NAME", name) for word in words), "--language", "en"])
    may_be_made = words[0] == "run" and name == "\udcff"
    lists_only = words[0] == "runs" or words[:2] == ("trail", "--out")
    assert ended.value.code in ((0, 2) if lists_only or may_be_made else (2,))
    assert "Traceback" not in capsys.readouterr().err

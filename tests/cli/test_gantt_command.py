"""Schedules as users meet them: drawn by `run`, whole by `gantt`, of one future by `trace`."""

import json

import pytest
from test_commands import kla_sim

from kla_sim import cli, language
from kla_sim.cli import gantt

PLAN = """\
schema_version: 1
name: Dua kawasan
start: 2023-01-01
horizon: 2024-12-31
target: {category: utama, deadline: 2024-12-31}
cities:
  kota:
    name: Kota
    districts: 10
    population: 1000000
    zones: {planned: 2}
    award: {category: madya, date: 2022-01-01}
    baseline: {score: 650}
resources: {crew: {scope: city, capacity: 1}}
accounts:
  province: {2023: 500, 2024: 500}
  cities: {kota: {2023: 2000, 2024: 2000}}
  release: {1 Januari: 100%}
  lapse: 100%
work:
  zone:
    site: {duration: 100, needs: {crew: 1}, cost: 1500, paid_by: {city: 100%}}
    launch: {after: [site], duration: 10, launches: true}
background: {rate: {median: 0.0}, volatility: 0.0}
evaluation: {strictness: 0, noise: 0, one_step_up: 100%, cycles: {}}
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    language.use("id")


def run(*words, spoken="en"):
    """Run a command in this process; return its exit code."""
    with pytest.raises(SystemExit) as ended:
        cli.main([*map(str, words), "--language", spoken])
    return ended.value.code


def names_in(folder, suffix=".png"):
    return sorted(path.name for path in folder.iterdir() if path.suffix == suffix)


def test_run_draws_the_schedule_of_the_zones_with_its_own_number_of_futures(work):
    assert run("run", "plan.yaml", "-n", 40) == 0
    (folder,) = (work / "results").glob("dua_kawasan-*-1/plots")
    assert "gantt.en.png" in names_in(folder)
    assert "staff-use.en.png" not in names_in(folder)
    rows = (folder / "gantt.csv").read_text(encoding="utf-8").splitlines()
    assert rows[2] == "kota/zone-1,launched,2023-04-21,2023-04-21,2023-04-21,1.0"
    assert rows[4] == "kota/zone-2,launched,2024-04-20,2024-04-20,2024-04-20,1.0"


def test_gantt_says_the_findings_and_draws_all_schedules(work, capsys):
    run("run", "plan.yaml", "-n", 40, "--no-plots", "--quiet")
    capsys.readouterr()
    assert run("gantt", "-n", 25) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("In half of the futures or more, 2 of 2 zones are launched")
    assert said[1].startswith("Staff most often used up: Kota, crew; on 27 % of the days")
    assert said[2].startswith("Money most often short: Kota; on 36 % of the days")
    (folder,) = (work / "results").glob("dua_kawasan-*-1/plots/first-25")
    assert names_in(folder) == [
        f"{name}.en.png"
        for name in ("cash-use", "gantt-kota", "gantt-work-launch", "gantt-work-site", "gantt",
                     "staff-use")
    ]  # fmt: skip


def test_gantt_as_a_document_of_the_futures_asked_for(work, capsys):
    run("run", "plan.yaml", "-n", 40, "--no-plots", "--quiet")
    capsys.readouterr()
    assert run("gantt", "-n", 25, "--no-plots", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema_version"], document["replications"]) == (1, 25)
    assert document["zones"]["kota/zone-2"]["launched"]["p50"] == "2024-04-20"
    assert document["zones"]["kota/zone-2"]["open"] is None
    assert document["cash"]["kota"]["2023-12"]["p50"] == 1500.0


def test_a_run_by_the_reference_engine_is_drawn_by_it_from_fewer_futures(work, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "kla_sim.experiment.futures_schedule.gantt_of",
        lambda plan, first, last, engine: asked.append((first, last, engine)) or 1 / 0,
    )
    run("run", "plan.yaml", "-n", 40, "--engine", "reference", "--workers", 1, "--quiet")
    assert asked == [(0, 30, "reference")]


def test_where_the_fast_engine_is_not_there_yet_the_schedule_says_how_to_draw_it(
    work, capsys, monkeypatch
):
    monkeypatch.setattr(gantt, "is_to_compile", lambda engine: engine == "compiled")
    assert run("run", "plan.yaml", "-n", 40) == 0
    said = capsys.readouterr()
    assert "Odds that" in said.out
    assert "Draw it later with: python -m kla_sim gantt dua_kawasan-" in said.err
    (folder,) = (work / "results").glob("dua_kawasan-*-1/plots")
    assert "gantt.en.png" not in names_in(folder)
    assert "odds.en.png" in names_in(folder)


def test_the_schedule_without_chance_is_drawn_below_out(work, capsys):
    assert run("run", "plan.yaml", "--central", "--out", "here", spoken="id") == 0
    (folder,) = (work / "here").glob("dua_kawasan-*-central/plots")
    assert names_in(folder) == ["central.id.png"]
    assert f"Grafik: here/{folder.parent.name}/plots" in capsys.readouterr().out
    assert run("runs", "--out", "here") == 0
    assert "central" not in capsys.readouterr().out


def test_a_traced_future_is_drawn_with_its_regions_if_asked_for_and_never_for_programs(work):
    assert run("trace", "plan.yaml", "--replication", 17, "--details") == 0
    (folder,) = (work / "results").glob("dua_kawasan-*-1-trace-17/plots")
    assert names_in(folder) == ["trace-17-kota.en.png", "trace-17.en.png"]
    assert run("trace", "plan.yaml", "--replication", 3, "--json") == 0
    assert run("trace", "plan.yaml", "--replication", 4, "--no-plots") == 0
    assert len(list((work / "results").iterdir())) == 1


def test_a_number_out_of_range_and_a_run_that_is_not_there_are_refused(work):
    for words in (("gantt", "-n", 0), ("gantt", "-n", 20_000), ("gantt", "nothing")):
        done = kla_sim(*words, cwd=work)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr

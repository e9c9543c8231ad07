"""A run: the same bytes however it was cut, interrupted, continued or spread over workers."""

import hashlib
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from kla_sim import store
from kla_sim.analysis.document import summary_document
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import trace
from kla_sim.engine.replications import Replications
from kla_sim.errors import StoreError, UsageError
from kla_sim.experiment import run as run_module
from kla_sim.experiment.batches import engine_of
from kla_sim.experiment.run import RunRequest, read_run, run
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario

LOADED = read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=3"])
SCENARIO = LOADED.scenario
DIGEST = digest(SCENARIO)


def request(folder, n, **changes):
    settings = {
        "scenario": SCENARIO,
        "digest": DIGEST,
        "resolved": dump_scenario(LOADED),
        "replications": n,
        "engine": "reference",
        "results": folder,
        **changes,
    }
    return RunRequest(**settings)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setitem(run_module.PART_SIZES, "reference", 8)
    monkeypatch.setitem(run_module.CHUNK_SIZES, "reference", 3)


def columns(outcome):
    """Return a hash of every column over all parts, in order."""
    parts = sorted(outcome.run.folder.manifest.parts, key=lambda part: part.first)
    tables = [pq.read_table(outcome.run.folder.path / part.file) for part in parts]
    return {
        name: hashlib.sha256(
            np.concatenate([table[name].to_numpy() for table in tables]).tobytes()
        ).hexdigest()
        for name in tables[0].column_names
    }


def test_any_number_of_workers_gives_the_same_bytes(tmp_path):
    one = run(request(tmp_path / "one", 20))
    two = run(request(tmp_path / "two", 20, n_workers=2))
    assert columns(one) == columns(two)
    assert store.to_json(summary_document(one.run.summary)) == store.to_json(
        summary_document(two.run.summary)
    )


def test_a_continued_run_gives_the_same_bytes_and_summary_as_a_straight_one(tmp_path):
    straight = run(request(tmp_path / "a", 20))
    for n in (5, 11, 20):
        continued = run(request(tmp_path / "b", n))
    assert columns(straight) == columns(continued)
    assert store.to_json(summary_document(straight.run.summary)) == store.to_json(
        summary_document(continued.run.summary)
    )
    assert continued.simulated == 9


def test_a_smaller_number_reads_the_first_replications_and_simulates_nothing(tmp_path):
    run(request(tmp_path, 20))
    first = run(request(tmp_path, 7))
    alone = run(request(tmp_path / "alone", 7))
    assert first.simulated == 0
    assert store.to_json(summary_document(first.run.summary)) == store.to_json(
        summary_document(alone.run.summary)
    )
    assert first.run.folder.manifest.replications_done == 20


def test_a_run_read_back_says_what_it_said(tmp_path):
    outcome = run(request(tmp_path, 12))
    stored = read_run(outcome.run.folder)
    assert store.to_json(summary_document(stored.summary)) == store.to_json(
        summary_document(outcome.run.summary)
    )


def test_parts_hold_every_result_of_every_replication(tmp_path):
    outcome = run(request(tmp_path, 10))
    plan = compile_plan(SCENARIO, 1)
    parts = list(outcome.run.folder.read_parts(plan.labels))
    direct = engine_of("reference")(plan, 0, 10)
    for field in Replications._fields:
        stored = np.concatenate([getattr(part.replications, field) for part in parts])
        np.testing.assert_array_equal(stored, getattr(direct, field), err_msg=field)
        assert stored.dtype == getattr(direct, field).dtype, field


def test_futures_of_chance_in_a_central_world_are_not_read_as_something_else(tmp_path):
    """`--central` gave those before it gave one schedule; what it wrote says so itself."""
    folder = run(request(tmp_path, 4)).run.folder
    old = folder.manifest.model_copy(update={"central": True})
    (folder.path / "manifest.json").write_bytes(old.content())
    with pytest.raises(StoreError) as refused:
        read_run(store.open_folder(folder.path))
    assert refused.value.code == "run_of_old_central"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"keeps_activities": True}, "keep"), ({"digest": f"{DIGEST[:8]}ff"}, "digest")],
)
def test_a_folder_of_another_run_is_refused(tmp_path, changes, field):
    run(request(tmp_path, 4))
    with pytest.raises(StoreError) as caught:
        run(request(tmp_path, 4, **changes))
    assert caught.value.fields["field"] == field


def test_a_broken_part_is_refused_and_named(tmp_path):
    outcome = run(request(tmp_path, 4))
    part = outcome.run.folder.path / outcome.run.folder.manifest.parts[0].file
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(StoreError) as caught:
        run(request(tmp_path, 8))
    assert caught.value.fields["path"] == str(part)


@pytest.mark.parametrize(
    "changes", [{"replications": 0}, {"seed": -1}, {"seed": 2**64}, {"n_workers": 0}]
)
def test_numbers_out_of_range_are_refused_before_anything_is_written(tmp_path, changes):
    with pytest.raises(UsageError):
        run(request(tmp_path / "results", 4, **changes))
    assert not (tmp_path / "results").exists()


def test_a_run_that_fails_before_its_first_part_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("kla_sim.execution.cluster.SECONDS_TO_CONNECT", 1)
    with pytest.raises(UsageError):
        run(request(tmp_path, 4, executor="dask:tcp://127.0.0.1:9"))
    assert not list(tmp_path.iterdir())


def test_another_seed_gives_other_futures(tmp_path):
    one, two = run(request(tmp_path, 8)), run(request(tmp_path, 8, seed=2))
    assert one.run.folder.path != two.run.folder.path
    name = "verified.jakarta_barat.2023"
    assert columns(one)[name] != columns(two)[name]


def _command(folder, n, *more):
    return [
        sys.executable, "-m", "kla_sim", "run", "-n", str(n), "--engine", "reference",
        "--no-plots", "--quiet", "--out", str(folder), *more,
    ]  # fmt: skip


def _hash_of_columns(folder):
    runs = store.list_runs(folder)
    tables = [
        pq.read_table(runs[0].path / part.file)
        for part in sorted(runs[0].manifest.parts, key=lambda part: part.first)
    ]
    names = tables[0].column_names
    data = [np.concatenate([table[name].to_numpy() for table in tables]) for name in names]
    return hashlib.sha256(b"".join(column.tobytes() for column in data)).hexdigest()


def test_two_hash_seeds_give_the_same_bytes(tmp_path):
    hashes = []
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run(_command(folder, 12, "--workers", "1"), check=True, env=environment)
        hashes.append(_hash_of_columns(folder))
    assert hashes[0] == hashes[1]


def test_a_killed_run_is_finished_by_the_same_command_with_the_same_bytes(tmp_path):
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    subprocess.run(_command(straight, 1500), check=True)
    process = subprocess.Popen(_command(killed, 1500), start_new_session=True)
    deadline = time.monotonic() + 300
    while not list(killed.glob("*/part-00000.parquet")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = store.list_runs(killed)[0].manifest.replications_done
    assert done < 1500
    subprocess.run(_command(killed, 1500), check=True)
    assert _hash_of_columns(straight) == _hash_of_columns(killed)
    assert not list(killed.glob(".*"))


def kept_activities(outcome):
    """Return the tables beside the parts, in order, their bytes held against the manifest."""
    folder = outcome.run.folder
    tables = []
    for part in sorted(folder.manifest.parts, key=lambda part: part.first):
        path = folder.path / part.activities.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == part.activities.sha256
        tables.append(pq.read_table(path))
    return tables


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_kept_activities_are_those_of_the_trace(tmp_path, engine):
    run(request(tmp_path, 9, engine=engine, keeps_activities=True))
    outcome = run(request(tmp_path, 20, engine=engine, keeps_activities=True))
    tables = kept_activities(outcome)
    assert len(tables) > 1
    rows = {}
    for table in tables:
        columns_here = {name: table[name].to_numpy() for name in table.column_names}
        for place, replication in enumerate(columns_here["replication"].tolist()):
            rows[replication] = {name: int(column[place]) for name, column in columns_here.items()}
    assert sorted(rows) == list(range(20))
    plan = outcome.run.plan
    for replication in (0, 7, 19):
        _, log = trace(plan, replication)
        row = rows[replication]
        for name, attempts in zip(plan.labels.activities, log.attempts, strict=True):
            assert row[f"attempts.{name}"] == len(attempts)
            assert row[f"start.{name}"] == (attempts[0].start if attempts else -1)
            assert row[f"finish.{name}"] == (attempts[-1].finish if attempts else -1)
        assert max(len(attempts) for attempts in log.attempts) > 1


def test_nothing_is_kept_of_activities_unless_asked(tmp_path):
    outcome = run(request(tmp_path, 20))
    assert not list(outcome.run.folder.path.glob("activities*"))
    with pytest.raises(StoreError, match="other_run"):
        run(request(tmp_path, 20, keeps_activities=True))

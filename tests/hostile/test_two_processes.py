"""Two processes on one run folder: each is refused or whole, and the folder is always in order."""

import json
import os
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from kla_sim import store
from kla_sim.experiment.run import read_run
from kla_sim.store.files import hash_of

TRIALS = int(os.environ.get("KLA_SIM_TRIALS", "3"))
"""How often two processes race; 200 for the full trial."""

SIZES = tuple(map(int, os.environ.get("KLA_SIM_TRIAL_SIZES", "1021,1442").split(",")))

PATIENCE = 300
"""Seconds that a run may take; on two cores at a load of 9 it takes up to 70."""


def command(folder, n, *more):
    return [
        sys.executable, "-m", "kla_sim", "run", "-n", str(n), "--label", "r", "--no-plots",
        "--json", "--language", "en", "--out", str(folder), *more,
    ]  # fmt: skip


@pytest.fixture
def start():
    """Start runs, none of which outlives the test, however it ends."""
    started = []

    def run(folder, n, *more):
        started.append(
            subprocess.Popen(
                command(folder, n, *more),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def check_folder(results, answers):
    """Hold manifest, parts, rows and hashes against each other and against what was answered."""
    (folder,) = store.list_runs(results)
    manifest = folder.manifest
    numbers = []
    for part in manifest.parts:
        content = (folder.path / part.file).read_bytes()
        assert hash_of(content) == part.sha256
        table = pq.read_table(folder.path / part.file)
        assert table.num_rows == part.last - part.first
        numbers += table["replication"].to_pylist()
    assert numbers == list(range(manifest.replications_done))
    assert manifest.is_finished
    summary = (folder.path / "summary.json").read_bytes()
    assert hash_of(summary) == manifest.summary_sha256
    assert json.loads(summary)["replications"] == manifest.replications_done
    for n, answer in answers.items():
        assert manifest.replications_done >= n
        assert answer["replications"] == n
        assert read_run(folder, n).summary.all_cities.value == answer["odds"]["all_cities"]["value"]
    names = {path.name for path in folder.path.iterdir()}
    parts = {part.file for part in manifest.parts}
    assert names == {"manifest.json", "scenario.yaml", "summary.json", ".lock", *parts}


@pytest.mark.long
@pytest.mark.parametrize("trial", range(TRIALS))
def test_two_processes_at_once_leave_a_whole_folder_and_true_answers(start, tmp_path, trial):
    started = {n: start(tmp_path, n) for n in (SIZES if trial % 2 else SIZES[::-1])}
    answers = {}
    for n, process in started.items():
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 3), err
        assert "Traceback" not in err
        if process.returncode == 0:
            answers[n] = json.loads(out)
        else:
            assert "is being written by process" in err
            assert any(f"process {other.pid} on " in err for other in started.values())
    assert answers
    check_folder(tmp_path, answers)


@pytest.mark.long
def test_a_killed_writer_blocks_nobody(start, tmp_path):
    killed = start(tmp_path, 1500, "--engine", "reference", "--workers", "1")
    deadline = time.monotonic() + PATIENCE
    while not list(tmp_path.glob("*/.writer")):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    again = start(tmp_path, 20, "--engine", "reference", "--workers", "1")
    out, err = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, err
    check_folder(tmp_path, {20: json.loads(out)})

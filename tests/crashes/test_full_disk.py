"""A disk that is full, a folder that may not be written, a limit on files: said and survived."""

import os
import re
import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import LEVERS

import kla_sim
from kla_sim import store
from kla_sim.experiment.run import read_run

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(kla_sim.__file__).parents[1])}
RUN = ("run", str(LEVERS), "--engine", "compiled", "--workers", "1", "--no-plots")
PART = 10_000
"""Futures of a part, which takes some 0.9 MB."""


def told(*words, **options):
    """Run the program; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "kla_sim", *map(str, words), "--language", "en"],
        capture_output=True, text=True, check=False, env=ENVIRONMENT, **options,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@contextmanager
def small_disk(folder, megabytes):
    """Mount a disk of its own in memory."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts")
def test_a_disk_that_fills_up_keeps_whole_parts_and_room_lets_the_run_finish(tmp_path):
    with small_disk(tmp_path / "disk", 20) as disk:
        out = disk / "results"
        assert told(*RUN, "-n", PART, "--out", out, "--quiet") == (0, "")
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(disk).free - 500_000))
        code, said = told(*RUN, "-n", 2 * PART, "--out", out, "--quiet")
        assert code == 3
        full, kept = said.strip().splitlines()
        assert "no space is left on the disk. Free at least " in full
        assert f" MB on the disk that holds {out}" in full
        assert kept.startswith("10,000 of 20,000 futures are kept in ")
        (left,) = store.list_runs(out)
        assert read_run(left).summary.n == PART
        ballast.unlink()
        assert told(*RUN, "-n", 2 * PART, "--out", out, "--quiet") == (0, "")
        (whole,) = store.list_runs(out)
        assert read_run(whole).summary.n == 2 * PART


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts")
def test_a_run_that_a_disk_cannot_hold_is_refused_before_it_begins(tmp_path):
    with small_disk(tmp_path / "disk", 2) as disk:
        code, said = told(*RUN, "-n", 2 * PART, "--out", disk / "results", "--quiet")
        assert code == 2
        needed, free = (float(found) for found in re.findall(r"([0-9.]+) GB", said))
        assert needed > free > 0.0015
        most = int(re.search(r"at most ([0-9,]+),", said)[1].replace(",", ""))
        assert most == pytest.approx(2 * PART * free / needed, rel=0.1)
        assert list(disk.iterdir()) == []


def limit_files(n_bytes):
    """Return what limits the size of any file that a process writes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


def test_a_limit_on_the_size_of_files_is_named_and_what_is_kept_as_well(tmp_path):
    out = tmp_path / "results"
    assert told(*RUN, "-n", 500, "--out", out, "--quiet") == (0, "")
    (before,) = store.list_runs(out)
    words = (*RUN, "-n", 3 * PART, "--out", out, "--quiet")
    code, said = told(*words, preexec_fn=limit_files(200_000))
    assert code == 3
    limit, kept = said.strip().splitlines()
    assert ": the limit on the size of files is reached (`ulimit -f`" in limit
    assert kept.startswith("500 of 30,000 futures are kept in ")
    (left,) = store.list_runs(out)
    assert left.manifest.parts == before.manifest.parts
    assert {path.name for path in left.path.iterdir()} == {
        ".lock", "manifest.json", "scenario.yaml", "part-00000.parquet", "summary.json",
    }  # fmt: skip
    assert told(*RUN, "-n", 1_000, "--out", out, "--quiet")[0] == 0
    (after,) = store.list_runs(out)
    assert read_run(after).summary.n == 1_000


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o555)
    code, said = told(*RUN, "-n", 10, "--out", tmp_path / "results", "--quiet")
    tmp_path.chmod(0o755)
    assert code == 2
    assert "Check whether writing is allowed there, or choose another folder." in said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts")
def test_a_read_only_disk_answers_what_is_there_and_refuses_what_is_not(tmp_path):
    with small_disk(tmp_path / "disk", 8) as disk:
        out = disk / "results"
        assert told(*RUN, "-n", 100, "--out", out, "--quiet")[0] == 0
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert told(*RUN, "-n", 100, "--out", out, "--quiet") == (0, "")
        code, said = told(*RUN, "-n", 200, "--out", out, "--quiet")
        assert code == 2
        assert "it is read-only. Check whether writing is allowed there" in said


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_for_the_machine_code_does_not_stop_a_run(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        (disk / "ballast").write_bytes(bytes(1_030_000))
        environment = {**ENVIRONMENT, "NUMBA_CACHE_DIR": str(disk)}
        done = subprocess.run(
            [sys.executable, "-m", "kla_sim", *RUN, "-n", "5", "--out", str(tmp_path / "results"),
             "--quiet", "--language", "en"],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr

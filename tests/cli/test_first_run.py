"""The first run after an installation, as a process: it answers, and leaves no compiler behind."""

import json
import os
import signal
import subprocess
import sys

import numba
import pytest
from programs import ENVIRONMENT, PATIENCE, all_gone, family, started, until, workers_of
from test_stopping import NOTHING_KEPT

from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.takeover import make_code
from kla_sim.scenario.loading import load_scenario

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them"),
    pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled"),
]

FIRST = ("run", "plan.yaml", "--no-plots", "--language", "en", "--workers", 1)
ENDLESS = (*FIRST, "-n", 1_000_000, "--quiet")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a plan of few worlds, where nothing is compiled yet."""
    (tmp_path / "plan.yaml").write_text("extends: shipped:kaltara_2022\nname: P\nworlds: 2\n")
    monkeypatch.setitem(ENVIRONMENT, "NUMBA_CACHE_DIR", str(tmp_path / "code"))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129), ("SIGKILL", -9)]
)
def test_the_compiler_ends_with_the_program_however_it_ends(place, name, code):
    with started(*ENDLESS, cwd=place) as process:
        below = workers_of(process, 1)
        send = os.killpg if name == "SIGINT" else os.kill
        send(process.pid, getattr(signal, name))  # Ctrl-C is heard by all, the others by one
        out, err = process.communicate(timeout=2 * PATIENCE)
        assert (process.returncode, out) == (code, "")
        assert err == ("" if code == -9 else NOTHING_KEPT)
        all_gone(below)


def test_a_run_whose_compiler_is_killed_goes_on_and_says_so(place):
    with started(*FIRST, "-n", 300, "--json", cwd=place) as process:
        (compiler,) = [one for one in workers_of(process, 1) if one.cpu_times().user > 1.0]
        compiler.kill()
        out, err = process.communicate(timeout=5 * PATIENCE)
    assert (process.returncode, err) == (0, "")
    document = json.loads(out)
    assert (document["engine"], document["replications"]) == ("compiled", 300)
    assert document["warnings"][-1].startswith("The engine could not be compiled (exit code -9)")


def test_a_short_first_run_waits_for_no_compiler_and_keeps_the_same_bytes(place, monkeypatch):
    with started(*FIRST, "-n", 30, "--out", "first", cwd=place) as process:
        below = until(lambda: family(process), "a process that compiles")
        out, err = process.communicate(timeout=2 * PATIENCE)
        assert (process.returncode, err) == (0, "")
        assert "Futures: 30 simulated in" in out
        all_gone(below)
    assert not list((place / "code").rglob("kernel.run_replications-*"))
    assert parts(place / "first") == warm_parts(place, 30, monkeypatch)


@pytest.mark.long
def test_a_first_run_that_is_taken_over_keeps_the_same_bytes(place, monkeypatch):
    with started(*FIRST, "-n", 12_000, "--out", "first", cwd=place) as process:
        _, err = process.communicate(timeout=30 * PATIENCE)
        assert (process.returncode, err) == (0, "")
    assert list((place / "code").rglob("kernel.run_replications-*.nbi"))
    assert parts(place / "first") == warm_parts(place, 12_000, monkeypatch)


def parts(results):
    return [path.read_bytes() for path in sorted(results.glob("*/part-*.parquet"))]


def warm_parts(place, n, monkeypatch):
    """Run as many futures with what is compiled already; that starts no process and loads none."""
    plan = compile_plan(load_scenario(place / "plan.yaml"), 1)
    make_code(plan)
    monkeypatch.undo()
    lines = f"""
import multiprocessing, sys
from kla_sim.cli import main
try:
    main({[*map(str, FIRST), "-n", str(n), "--out", "warm", "--quiet"]})
except SystemExit as ended:
    is_loaded = "kla_sim.experiment.takeover" in sys.modules
    print(ended.code, is_loaded, multiprocessing.active_children())
"""
    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=place, env=ENVIRONMENT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("0 False []\n", "")
    return parts(place / "warm")

"""Stopping: one signal stops cleanly and says what is kept, two at once; nobody stays behind."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from programs import ENVIRONMENT, all_gone, family, started, until, workers_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

ENDLESS = ("run", "-n", 1_000_000, "--no-plots", "--quiet", "--language", "en", "--workers", 2)
REFERENCE = (*ENDLESS, "--engine", "reference")
NOTHING_KEPT = (
    "Stopped.\nNo part was whole yet, so nothing is kept; the same command begins anew.\n"
)


def test_one_ctrl_c_stops_cleanly_without_a_word_of_the_workers(tmp_path):
    with started(*REFERENCE, "--out", tmp_path) as process:
        workers = workers_of(process, 2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes hear it
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (130, "", NOTHING_KEPT)
        all_gone(workers)
        assert list(tmp_path.iterdir()) == []


def test_ctrl_c_says_how_many_futures_are_kept_in_which_folder(tmp_path):
    with started(*ENDLESS, "--out", tmp_path) as process:
        part = until(lambda: next(tmp_path.glob("*/part-00000.parquet"), None), "a part")
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        n = 10_000 * len(list(part.parent.glob("part-*.parquet")))
        assert process.returncode == 130
        assert err == (
            f"Stopped.\n{n:,} of 1,000,000 futures are kept in {part.parent}; "
            "the same command goes on.\n"
        )


def test_two_ctrl_c_stop_at_once(tmp_path):
    with started(*REFERENCE, "--out", tmp_path) as process:
        workers = workers_of(process, 2)
        stop_twice(process, 0.1)
        all_gone(workers)


def stop_twice(process, seconds_between):
    """Send Ctrl-C twice to all that was started, and wait for the end, which is soon."""
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(seconds_between)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err


@pytest.mark.long
@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("number", range(20))
def test_two_ctrl_c_at_any_time_stop_at_once(tmp_path, engine, number):
    chance = random.Random(number)
    with started(*ENDLESS, "--engine", engine, "--out", tmp_path) as process:
        time.sleep(chance.uniform(0.3, 6.0))
        below = family(process)
        stop_twice(process, chance.choice([0.06, 0.1, 0.3]))
        all_gone(below)


@pytest.mark.parametrize(
    ("name", "code"), [("SIGKILL", -9), ("SIGTERM", 143), ("SIGHUP", 129)]
)  # fmt: skip
def test_workers_end_with_the_program_however_it_ends(tmp_path, name, code):
    with started(*REFERENCE, "--out", tmp_path) as process:
        workers = workers_of(process, 2)
        os.kill(process.pid, getattr(signal, name))  # the program alone, not its workers
        _, err = process.communicate(timeout=60)
        assert process.returncode == code
        assert err == ("" if code == -9 else NOTHING_KEPT)
        all_gone(workers)


@pytest.mark.long
@pytest.mark.parametrize(("name", "code"), [("SIGKILL", -9), ("SIGTERM", 143), ("SIGINT", 130)])
def test_workers_of_a_local_cluster_end_with_the_program_however_it_ends(tmp_path, name, code):
    pytest.importorskip("distributed")
    with started(*REFERENCE, "--executor", "dask", "--out", tmp_path) as process:
        workers = workers_of(process, 2)
        os.kill(process.pid, getattr(signal, name))
        _, err = process.communicate(timeout=60)
        assert process.returncode == code
        assert "Traceback" not in err
        all_gone(workers)


def run_listening(body, **options):
    """Run some lines while the program's own listening to signals is on."""
    code = (
        "import gc, os, signal, sys, time\n"
        "from kla_sim.cli.stopping import stopped_by_signals, leave\n"
        "with stopped_by_signals() as stops:\n"
        "    try:\n"
        + "".join(f"        {line}\n" for line in body)
        + "    except KeyboardInterrupt:\n"
        "        leave(stops.exit_code, is_program=True)\n"
    )
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60,
        env=ENVIRONMENT, **options,
    )  # fmt: skip


def test_a_stop_is_heard_even_where_python_drops_what_is_raised():
    done = run_listening(
        [
            "def collect(phase, info):",
            "    gc.callbacks.clear()",
            "    signal.raise_signal(signal.SIGTERM)",
            "gc.callbacks.append(collect)",
            "gc.collect()",
            "time.sleep(50)",
        ]
    )
    assert (done.returncode, done.stderr) == (143, "")


def test_what_else_python_drops_is_told_as_ever():
    done = run_listening(
        [
            "class Odd:",
            "    def __del__(self): raise ValueError('odd')",
            "Odd()",
        ]
    )
    assert done.returncode == 0
    assert "ValueError: odd" in done.stderr


def test_one_stop_sent_twice_in_a_moment_is_one_stop():
    done = run_listening(
        [
            "try:",
            "    signal.raise_signal(signal.SIGINT)",
            "finally:",
            "    signal.raise_signal(signal.SIGINT)",
            "    print('cleaned up')",
        ]
    )
    assert (done.returncode, done.stdout) == (130, "cleaned up\n")


def test_a_second_stop_does_not_wait_for_what_the_first_still_does():
    done = run_listening(
        [
            "try:",
            "    signal.raise_signal(signal.SIGTERM)",
            "finally:",
            "    time.sleep(0.2)",
            "    signal.raise_signal(signal.SIGINT)",
            "    print('cleaned up')",
        ]
    )
    assert (done.returncode, done.stdout) == (143, "")


def test_a_signal_that_the_program_was_told_to_ignore_stays_ignored():
    done = run_listening(
        ["os.kill(os.getpid(), signal.SIGHUP)", "time.sleep(0.1)", "print('went on')"],
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert (done.returncode, done.stdout) == (0, "went on\n")

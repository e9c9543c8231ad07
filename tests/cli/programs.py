"""Starts the program as a user does, and looks at what it leaves behind."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

import kla_sim

PROGRAM = [sys.executable, "-m", "kla_sim"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(kla_sim.__file__).parents[1])}
"""Finds the program that is tested from any folder."""

PATIENCE = 60
"""Seconds that a loaded machine may take for what takes one."""


@contextmanager
def started(*words, **options):
    """Start a command in a session of its own, and end all of it in the end."""
    process = subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        env={**ENVIRONMENT, "NUMBA_NUM_THREADS": "1"},
        **options,
    )
    below = []
    try:
        yield process
        below = family(process)
    finally:
        for one in below or family(process):
            one.kill()
        process.kill()
        process.communicate()


def family(process):
    """Return the living processes that a process has started, and those that these have."""
    try:
        return [one for one in psutil.Process(process.pid).children(recursive=True) if lives(one)]
    except psutil.NoSuchProcess:
        return []


def lives(process):
    """Return whether a process runs; one that nobody has buried yet does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(is_so, what):
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = is_so()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


def workers_of(process, n):
    """Wait until n worker processes are at work, and return them with all that was started."""

    def at_work():
        found = family(process)
        busy = [one for one in found if one.cpu_times().user > 1.0]
        return found if len(busy) >= n else None

    return until(at_work, f"{n} workers at work")


def all_gone(processes):
    """Wait until none of some processes lives any more."""
    until(lambda: not any(map(lives, processes)), f"the end of {processes}")

"""SIGKILL at random moments: the same command again gives what an uninterrupted one gives.

A few kills of each command in every run; as a program, as many as are asked for, in turn over all
commands: `python tests/crashes/test_kills.py 200` (a second number is the seed of the moments,
names of commands may follow). The process is ended with all that it started; some trials are killed
two or three times before they may finish.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from commands import COMMANDS, SEARCH, Command
from trials import Stage, load_everything

FRESH = {
    "run, two processes": Command(
        ("run", "levers.yaml", "-n", "300", "--engine", "reference", "--workers", "2",
         "--out", "OUT")
    ),
    "run, dask": Command(
        ("run", "plan.yaml", "-n", "24", "--executor", "dask", "--workers", "2", "--out", "OUT")
    ),
    "optimise, two processes": Command((*SEARCH[:4], "--workers", "2", *SEARCH[6:])),
}  # fmt: skip
"""Commands that start processes of their own."""

KILLED = {**COMMANDS, **FRESH}
IN_EVERY_RUN = ("run", "run on", "run, two processes")
MOST_KILLS = 3


def killed_and_finished(stage, chance, seconds):
    """Kill a command once or more, hold what is left against what may be there, and finish it."""
    stage.reset()
    n_killed = 0
    for _ in range(chance.randint(1, MOST_KILLS)):
        n_killed += stage.kill(chance.uniform(0.0, 1.05 * seconds))
        stage.check_between()
    stage.check_end()
    return n_killed


def timed(command, folder):
    """Return the stage of a command, and how long the command takes."""
    stage = Stage(command, folder)
    stage.reset()
    begun = time.monotonic()
    assert stage.say(stage.words)[0] == 0
    return stage, time.monotonic() - begun


@pytest.mark.parametrize("name", IN_EVERY_RUN)
def test_a_killed_command_is_finished_by_the_same_command(name, tmp_path):
    load_everything()
    stage, seconds = timed(KILLED[name], tmp_path / "work")
    for number in range(3):
        killed_and_finished(stage, Random(f"{name} {number}"), seconds)


@pytest.mark.long
@pytest.mark.parametrize("name", KILLED)
def test_a_command_killed_fifteen_times_is_finished_each_time(name, tmp_path):
    load_everything()
    stage, seconds = timed(KILLED[name], tmp_path / "work")
    n_killed = sum(
        killed_and_finished(stage, Random(f"{name} {number}"), seconds) for number in range(15)
    )
    assert n_killed > 5, "the moments lie within the command"


def main(n_trials, seed, names):
    """Print for each command how many trials there were, how many kills hit, and what was wrong."""
    load_everything()
    counted, n_wrong = Counter(), 0
    for place, name in enumerate(names):
        n = len(range(place, n_trials, len(names)))
        with tempfile.TemporaryDirectory() as folder:
            stage, seconds = timed(KILLED[name], Path(folder) / "work")
            n_killed = 0
            for number in range(n):
                try:
                    n_killed += killed_and_finished(
                        stage, Random(f"{name} {seed} {number}"), seconds
                    )
                except AssertionError as wrong:
                    n_wrong += 1
                    print(f"  {name}, trial {number}: {wrong}"[:600], flush=True)
            print(f"{name}: {n} trials, {n_killed} kills, {seconds:.1f} s", flush=True)
            counted.update(trials=n, kills=n_killed)
    print(f"{counted['trials']} trials, {counted['kills']} kills, {n_wrong} wrong")
    return int(n_wrong > 0)


if __name__ == "__main__":
    wanted = [word for word in sys.argv[1:] if not word.isdigit()]
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    sys.exit(main(*(numbers + [200, 1][len(numbers) :]), wanted or list(KILLED)))

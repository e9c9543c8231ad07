"""Many at once and very large: whole or told, with the time and the memory that it took.

Marked long. As a program it prints what was measured: `python tests/load/test_load.py`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from commands import PLAN
from test_two_processes import check_folder

import kla_sim
from kla_sim import store
from kla_sim.experiment.run import read_run

ENVIRONMENT = {
    **os.environ, "PYTHONPATH": str(Path(kla_sim.__file__).parents[1]), "NUMBA_NUM_THREADS": "1",
}  # fmt: skip
LEVERS = Path(__file__).parents[1] / "data" / "levers" / "plan.yaml"
AT_ONCE, CITIES, ZONES_OF_A_CITY = 8, 514, 25_000
PATIENCE = 900
"""Seconds on a crowded machine."""

MEASURED = """
import resource, sys, time
from kla_sim.cli import main
begun = time.monotonic()
try:
    main(sys.argv[1:])
except SystemExit as ended:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds, work = time.monotonic() - begun, used.ru_utime + used.ru_stime
    sys.stdout.flush()
    print(f"measured {seconds:.1f} {work:.1f} {used.ru_maxrss / 1024:.0f}", file=sys.stderr)
    sys.exit(ended.code)
"""


def begun(*words):
    """Begin a command."""
    return subprocess.Popen(
        [sys.executable, "-c", MEASURED, *map(str, words), "--language", "en"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=ENVIRONMENT,
    )  # fmt: skip


class Told:
    """How a command ended, and what it took: seconds, seconds of work, megabytes."""

    def __init__(self, process):
        self.out, self.err = process.communicate(timeout=PATIENCE)
        self.code = process.returncode
        assert "Traceback" not in self.err, self.err
        found = re.search(r"^measured (\S+) (\S+) (\S+)$", self.err, re.MULTILINE)
        self.seconds, self.work, self.megabytes = map(float, found.groups())


def told(*words):
    return Told(begun(*words))


def many_cities(folder):
    """Return a scenario of as many regions as Indonesia has."""
    city = (
        "  {key}:\n    name: {name}\n    districts: 5\n    population: 10\n"
        "    award: {{category: nindya, date: 2022-01-01}}\n    baseline: {{score: {score}}}\n"
    )
    cities = "".join(
        city.format(key=f"k{number:03}", name=f"Kota {number}", score=600 + number % 150)
        for number in range(CITIES)
    )
    text = re.sub(r"(?s)(?<=cities:\n).*?(?=accounts:)", lambda _: cities, PLAN)
    path = folder / "514.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def much_work():
    """Return the words that set a hundred thousand pieces of work in a plan of two cities."""
    zones = f"{{planned: {{2024: {ZONES_OF_A_CITY}}}}}"
    return (
        LEVERS, "--set", f"cities.a.zones={zones}", "--set", f"cities.b.zones={zones}",
        "--set", "levers=null", "--set", "worlds=10",
    )  # fmt: skip


@pytest.mark.long
def test_eight_runs_at_once_in_folders_of_their_own_say_what_one_says(tmp_path):
    words = ("run", LEVERS, "-n", 500, "--workers", 1, "--no-plots", "--json")
    alone = json.loads(told(*words, "--out", tmp_path / "alone").out)
    at_once = [begun(*words, "--out", tmp_path / str(number)) for number in range(AT_ONCE)]
    for number, process in enumerate(at_once):
        found = Told(process)
        assert found.code == 0, found.err
        assert json.loads(found.out)["odds"] == alone["odds"]
        check_folder(tmp_path / str(number), {500: json.loads(found.out)})


@pytest.mark.long
def test_of_eight_runs_at_once_in_one_folder_each_is_whole_or_told_who_writes(tmp_path):
    words = ("run", LEVERS, "-n", 500, "--engine", "reference", "--workers", 1, "--no-plots")
    at_once = [begun(*words, "--json", "--out", tmp_path) for _ in range(AT_ONCE)]
    ends = [Told(process) for process in at_once]
    assert {found.code for found in ends} <= {0, 3}
    whole = [json.loads(found.out) for found in ends if found.code == 0]
    assert whole
    assert all(one["odds"] == whole[0]["odds"] for one in whole)
    for found in ends:
        assert found.code == 0 or "is being written by process" in found.err
    check_folder(tmp_path, {500: whole[0]})


@pytest.mark.long
def test_a_scenario_of_all_regions_of_the_country_is_finished(tmp_path):
    found = told("run", many_cities(tmp_path), "-n", 100, "--out", tmp_path, "--json", "--no-plots")
    assert found.code == 0, found.err
    document = json.loads(found.out)
    assert len(document["odds"]["cities"]) == CITIES
    (folder,) = store.list_runs(tmp_path)
    assert read_run(folder).summary.n == 100
    assert found.megabytes < 1_000


@pytest.mark.long
def test_a_hundred_thousand_pieces_of_work_are_finished_or_refused_with_the_reason(tmp_path):
    found = told("run", *much_work(), "-n", 20, "--out", tmp_path, "--json", "--no-plots")
    if found.code == 0:
        assert json.loads(found.out)["replications"] == 20
        assert found.megabytes < 1_500
    else:
        assert (found.code, found.seconds < 30) == (2, True)
        assert re.search(r"takes about [0-9.]+ GB of memory, and this machine has", found.err)


def main():
    """Print what each trial took."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        trials = {
            "514 regions, 100 futures": (
                "run", many_cities(out), "-n", 100, "--out", out, "--quiet", "--no-plots"
            ),
            "514 regions, plots": (
                "run", many_cities(out), "-n", 100, "--out", out, "--quiet"
            ),
            "100,000 pieces of work, 20 futures": (
                "run", *much_work(), "-n", 20, "--out", out, "--quiet", "--no-plots"
            ),
            "100,000 pieces of work, validate": ("validate", *much_work()),
        }  # fmt: skip
        for title, words in trials.items():
            found = told(*words)
            print(
                f"{title}: exit code {found.code}, {found.seconds:.1f} s, {found.work:.1f} s of "
                f"work, {found.megabytes:.0f} MB",
                flush=True,
            )
        started = time.monotonic()
        words = ("run", LEVERS, "-n", 500, "--workers", 1, "--no-plots", "--quiet")
        for where in (lambda number: out / f"own-{number}", lambda _: out / "one"):
            ends = [
                Told(process)
                for process in [begun(*words, "--out", where(number)) for number in range(AT_ONCE)]
            ]
            codes = sorted(found.code for found in ends)
            print(f"eight at once: exit codes {codes}, {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()

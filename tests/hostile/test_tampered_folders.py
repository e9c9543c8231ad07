"""Run folders that somebody tampered with: no traceback, no hang, and never other odds."""

import json
import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from tampering import KINDS

from kla_sim.cli import main
from kla_sim.experiment import run as run_module
from kla_sim.report.files import Drawn

SECONDS = 60
IN_CI = 60
SEEDS = int(os.environ.get("KLA_SIM_TAMPERINGS", "1"))
"""How many times every kind meets every command in the long test."""

PLAN = (Path(__file__).parents[1] / "data" / "plans" / "two_regions.yaml").read_text("utf-8")


class HangError(BaseException):
    """A command took too long; no command catches it."""


@contextmanager
def time_limit(seconds):
    def stop(number, frame):
        raise HangError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Told:
    """What a command ended with and said."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def document(self):
        return json.loads(self.out)


@pytest.fixture(scope="module", autouse=True)
def _small_parts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(run_module.PART_SIZES, "compiled", 8)
        patch.setattr("kla_sim.cli.run_plots.draw_run", lambda run: Drawn([], {}))
        yield


class Bench:
    """A results folder, and commands on it."""

    def __init__(self, folder, capsys, seconds=SECONDS):
        self.results, self.plan, self._capsys = folder / "results", folder / "plan.yaml", capsys
        self._seconds = seconds

    def say(self, *words):
        self._capsys.readouterr()
        with time_limit(self._seconds), pytest.raises(SystemExit) as ended:
            main([*map(str, words), "--out", str(self.results), "--language", "en"])
        told = self._capsys.readouterr()
        return Told(ended.value.code, told.out, told.err)

    def name(self, label):
        names = [path.name for path in self.results.iterdir()]
        (found,) = [name for name in names if name.endswith(f"-{label}")]
        return found

    def run(self, n, label, *more):
        words = ("run", self.plan, "-n", n, "--label", label, "--no-plots", "--json")
        return self.say(*words, *more)


COMMANDS = {
    "runs": lambda bench: bench.say("runs", "--json"),
    "run again": lambda bench: bench.run(24, "victim"),
    "run on": lambda bench: bench.run(32, "victim"),
    "compare": lambda bench: bench.say(
        "compare", bench.name("victim"), bench.name("good"), "--json", "--no-plots"
    ),
    "compare others": lambda bench: bench.say(
        "compare", "latest", bench.name("good"), "--json", "--no-plots"
    ),
    "merge": lambda bench: bench.say(
        "merge",
        *(bench.results / bench.name(f"victim-shard_{number}_of_2") for number in (1, 2)),
        "--json",
    ),
    "trail": lambda bench: bench.say("trail", bench.name("victim"), "--json"),
}


def said(command, told):
    """Return what must be the same however the folder was tampered with."""
    document = told.document
    if command == "runs":
        return {
            (run["label"], run["shard"]): run["n"]
            for run in document["runs"]
            if run["label"] in ("good", "latest")
        }
    if command.startswith("compare"):
        return [[pair[key] for key in ("difference", "won", "lost")] for pair in document["pairs"]]
    if command == "trail":
        return [forecast["awards"] for forecast in document["forecasts"]]
    return document["odds"]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """Return a folder with runs, the victim among them."""
    folder = tmp_path_factory.mktemp("untouched")
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")

    class Silent:
        def readouterr(self):
            class Nothing:
                out = err = ""

            return Nothing

    bench = Bench(folder, Silent(), seconds=0)  # no limit: the engine may have to be compiled
    assert bench.run(24, "victim").code == 0
    assert bench.run(24, "good").code == 0
    assert bench.run(24, "other seed", "--seed", 2).code == 0
    for number in (1, 2):
        assert bench.run(48, "victim", "--shard", f"{number}/2").code == 0
    assert bench.run(24, "latest").code == 0
    return folder


def copied(untouched, folder, capsys):
    shutil.copytree(untouched, folder, dirs_exist_ok=True)
    return Bench(folder, capsys)


@pytest.fixture(scope="module")
def expected():
    """Return what each command says of the untouched folder, filled when first asked for."""
    return {}


def meet(name, command, seed, untouched, tmp_path, capsys, expected):
    """Tamper with the victim, give the command, and look at what it says."""
    if command not in expected:
        bench = copied(untouched, tmp_path / "before", capsys)
        told = COMMANDS[command](bench)
        assert told.code == 0, told.err
        expected[command] = said(command, told)
    bench = copied(untouched, tmp_path / "bench", capsys)
    victim = "victim-shard_1_of_2" if command == "merge" else "victim"
    KINDS[name](bench.results / bench.name(victim), Random(f"{name} {command} {seed}"))
    told = COMMANDS[command](bench)
    assert "Traceback" not in told.err, told.err
    assert told.code in (0, 2, 3), told.err
    if told.code == 0:
        assert said(command, told) == expected[command]
    else:
        assert told.err.strip()
    if command in ("runs", "compare others"):
        assert told.code == 0, told.err
    shutil.rmtree(tmp_path / "bench")


PAIRS = [(name, command) for name in KINDS for command in COMMANDS]
CHOSEN = Random(7).sample(PAIRS, IN_CI)


def test_there_are_as_many_kinds_as_were_found():
    assert len(KINDS) >= 75
    assert len(PAIRS) >= 500


@pytest.mark.parametrize(("name", "command"), CHOSEN, ids=lambda value: value.replace(" ", "_"))
def test_a_tampered_folder_misleads_nobody(name, command, untouched, tmp_path, capsys, expected):
    meet(name, command, 0, untouched, tmp_path, capsys, expected)


@pytest.mark.long
@pytest.mark.parametrize("name", KINDS, ids=lambda value: value.replace(" ", "_"))
def test_no_tampering_misleads_any_command(name, untouched, tmp_path, capsys, expected):
    for command in COMMANDS:
        for seed in range(SEEDS):
            meet(name, command, seed, untouched, tmp_path, capsys, expected)

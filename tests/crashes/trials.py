"""Breaks a command off again and again from the same beginning, and looks at what is left.

Every command runs in a process of its own, forked from one that has everything loaded, so that a
trial takes a fraction of a second. Parts are small (8 futures), and drawings are three short files
of the same names: what is drawn takes long and is not the question here.
"""

import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from contextlib import redirect_stdout, suppress
from functools import cache
from pathlib import Path

import pytest
from commands import LEVERS, PLAN, litter, timeless, words_of
from disk import Disk, contents, watched

from kla_sim import store
from kla_sim.experiment.run import read_run

PATIENCE = 600
"""Seconds after which a command that still runs counts as hung."""

_PART_SIZE = 8

LOADING = (("run", "-n", "2", "--workers", "1", "--no-plots"), ("trace", "--no-plots"))
"""Commands that go through what the others need, so that these find it loaded."""


class Stage:
    """A folder in which a command is broken off, and what it leaves when nothing happens.

    Attributes
    ----------
    before : contents of the results folder before the command.
    after : the same after it, without what tells the time.
    touches : what the command does to the folder, in order.
    """

    def __init__(self, command, folder):
        self.folder, self.out = Path(folder), Path(folder) / "results"
        self.refuses_again = command.refuses_again
        self._kept, self._said = self.folder / "before", self.folder / "said.txt"
        self.out.mkdir(parents=True)
        (self.folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
        shutil.copy(LEVERS, self.folder / "levers.yaml")
        for words in command.before:
            self._must_end_well(words_of(words, self.out))
        shutil.copytree(self.out, self._kept)
        self.before = contents(self.out)
        self.words = words_of(command.words, self.out)
        noted = self.folder / "touches.json"
        self._must_end_well(self.words, Disk(self.out), noted)
        self.touches = json.loads(noted.read_text(encoding="utf-8"))
        self.after = timeless(contents(self.out))
        assert not litter(self.after)

    def _must_end_well(self, words, disk=None, noted=None):
        code, said = self.say(words, disk, noted)
        assert code == 0, (code, said)

    def reset(self):
        """Bring the results folder back to its beginning."""
        shutil.rmtree(self.out)
        shutil.copytree(self._kept, self.out)

    def say(self, words, disk=None, noted=None):
        """Run a command; return its exit code, negative for a signal, and all that it said."""
        _, status = os.waitpid(self._start(words, disk, noted), 0)
        return os.waitstatus_to_exitcode(status), self._said.read_text(encoding="utf-8")

    def kill(self, seconds):
        """Run the command and kill it with all that it started; return whether it was at work."""
        child = self._start(self.words)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == -signal.SIGKILL

    def _start(self, words, disk=None, noted=None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which do not write
            child = os.fork()
        if child == 0:
            with suppress(OSError):
                os.setpgid(0, 0)
            self._perform([*words, "--language", "en"], disk, noted)
        with suppress(OSError):  # it may be far already
            os.setpgid(child, child)
        return child

    def _perform(self, words, disk, noted):
        """Run a command in this process, which ends with it."""
        code = 99
        try:
            file = os.open(self._said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for number in (1, 2):
                os.dup2(file, number)
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(PATIENCE)
            os.chdir(self.folder)
            patch = pytest.MonkeyPatch()
            _make_small(patch)
            with watched(disk or Disk("/nowhere"), patch):
                code = _ended(words)
            if noted:
                noted.write_text(json.dumps(disk.touches), encoding="utf-8")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def check_between(self):
        """Hold what is left after a failure against what may be there: old or new, never a mix."""
        found = contents(self.out)
        now = timeless({path: content for path, content in found.items() if not litter([path])})
        for path, content in now.items():
            if path.endswith("manifest.json"):
                check_run(self.out / path)
            elif Path(path).name not in (".lock", "journal.json"):
                old = timeless({path: self.before[path]}) if path in self.before else {}
                assert content in (old.get(path), self.after.get(path)), path
        return litter(found)

    def lacks(self):
        """Return the files that an uninterrupted run leaves and that are not there as it does."""
        found = timeless(contents(self.out))
        return [path for path, content in self.after.items() if found.get(path) != content]

    def check_end(self):
        """Run the command once more and hold what is there against an uninterrupted run."""
        code, said = self.say(self.words)
        assert code == 0 or (code == 2 and self.refuses_again), said
        found = timeless(contents(self.out))
        paths = {*found, *self.after}
        wrong = sorted(path for path in paths if found.get(path) != self.after.get(path))
        assert wrong == litter(found) == [], wrong or litter(found)


def check_run(manifest):
    """Read a run as a reader would, all of it."""
    folder = store.open_folder(manifest.parent)
    if folder.manifest.parts:
        assert read_run(folder).summary.n == folder.manifest.n


def _make_small(patch):
    from kla_sim.experiment import run
    from kla_sim.report import drawing
    from kla_sim.store import manifest

    patch.setitem(run.PART_SIZES, "compiled", _PART_SIZE)
    patch.setattr(drawing, "_files", _short_files)
    patch.setattr(manifest, "commit", lambda: (None, None))  # that of the checkout may change


def _short_files(make):
    for suffix in ("csv", "svg", "png"):
        yield suffix, suffix.encode() * 20


def _ended(words):
    from kla_sim.cli import main

    try:
        main(words)
    except SystemExit as ended:
        return ended.code
    return 98


@cache
def load_everything():
    """Load libraries and machine code into this process, from which all others are forked."""
    import matplotlib.figure  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import kla_sim.cli.app
    import kla_sim.engine.compiled
    import kla_sim.experiment.optimise
    import kla_sim.report.drawing
    import kla_sim.report.figures  # noqa: F401

    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        for words in LOADING:
            assert _ended([*words, str(LEVERS), "--out", folder, "--quiet"]) == 0

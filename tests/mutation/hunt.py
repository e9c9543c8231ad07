"""Mutation testing: `python tests/mutation/hunt.py TARGET... [--sample 40] [--seed 1]`.

A target is a file, or a folder with all files below it. Compilation is off, so that a mutant is a
change of what Python runs. The tests are collected once; each mutant then gets a process forked
from there, in which the code of its function is replaced, and runs the tests that call that
function, the quickest first, until one fails. Where code also runs as modules are loaded, all
modules and tests are loaded anew in the process. Tests that take longer than `--longest` seconds
are left out. Extra `[audit]`; `mutants` says which mutants there are.
"""

from __future__ import annotations

import os

os.environ["NUMBA_DISABLE_JIT"] = "1"

import argparse
import csv
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import takewhile, zip_longest
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import hypothesis
import numba  # noqa: F401  loaded before processes are forked
import pytest
import scipy.stats  # noqa: F401
from _pytest.runner import runtestprotocol
from mutants import ROOT, Mutant, codes_of, mutants_of

EXPLAINED = Path(__file__).with_name("explained.csv")
"""Survivors that change nothing that anybody could see, each with its reason."""

TESTS = {
    "kla_sim/engine": ["tests/engine", "tests/oracle"],
    "kla_sim/domain": ["tests/domain", "tests/engine", "tests/analysis", "tests/scenario"],
    "kla_sim/scenario": ["tests/scenario", "tests/hostile/test_bounds.py", "tests/engine"],
    "kla_sim/analysis": ["tests/analysis", "tests/experiment/test_joint.py"],
}
"""Where the tests of a package stand."""

KILLED, SURVIVED, TIMEOUT = 1, 0, 3
QUIET = [
    *("-q", "-s", "-o", "addopts=", "-m", "not long", "--tb=no", "--assert=plain", "--noconftest"),
    *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:terminalreporter"),
]
Reach = dict[str, tuple[float, list[str]]]
"""Of each test its seconds and the functions that it calls, as module:name."""


Job = TypeVar("Job")


IMPORT = re.compile(
    r"^ *from ([\w.]+) import (\([^)]*\)|[^\n]*)|^ *import ([\w., ]+)", re.MULTILINE
)


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Loads a module from the source of a mutant."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """Answer for the mutated module alone."""
        if name != self._mutant.module:
            return None
        path = ROOT / self._mutant.path
        below = [str(path.parent)] if path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, path, loader=self, submodule_search_locations=below
        )

    def get_filename(self, name: str) -> str:
        """Return where the source stands that was mutated."""
        return str(ROOT / self._mutant.path)

    def get_data(self, path: str) -> bytes:
        """Return the mutated source."""
        return self._mutant.source.encode()


class Options:
    """Stands in for `tests/conftest.py`, which makes machine code."""

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Know the option that tests of golden files ask for."""
        parser.addoption("--refresh-golden", action="store_true")


class Called:
    """Which functions of this project are called meanwhile."""

    def __enter__(self) -> set[str]:
        self.names: set[str] = set()
        root = str(ROOT / "kla_sim")

        def note(frame: Any, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(root):
                self.names.add(f"{frame.f_globals.get('__name__')}:{frame.f_code.co_qualname}")

        sys.setprofile(note)
        return self.names

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


class Hunt(Options):
    """Hunts mutants once the tests are collected."""

    def __init__(self, mutants: list[Mutant], wanted: argparse.Namespace, called: Called) -> None:
        self.mutants, self.wanted, self.called = mutants, wanted, called
        self.loading: set[str] = set()
        self.ends: dict[Mutant, str] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure what each test reaches, then run the mutants instead of the tests."""
        self.called.__exit__()
        self.items = {item.nodeid: item for item in session.items}
        self.reach = self._reach()
        self.live: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and (one.__module__ or "").startswith("kla_sim"):
                self.live[one.__module__, one.__qualname__].append(one)
        gc.freeze()
        self.ends = {
            one: known
            for one in self.mutants
            if (known := self.wanted.known.get((*one.key, one.line)))
        }
        self.codes = {
            path: codes_of((ROOT / path).read_text(), str(ROOT / path))
            for path in {mutant.path for mutant in self.mutants}
        }
        left = [one for one in self.mutants if one not in self.ends]
        stop = time.monotonic() + 60 * self.wanted.minutes
        in_time = takewhile(lambda _: time.monotonic() < stop, left)
        for mutant, code in _in_processes(in_time, self._try, self.wanted.processes):
            self.ends[mutant] = {SURVIVED: "survived", KILLED: "killed"}.get(code, "timeout")
            _keep_end(self.wanted.ends, mutant, self.ends[mutant])
            if self.ends[mutant] == "survived":
                done = f"{len(self.ends)}/{len(self.mutants)}"
                print(done, mutant.path, mutant.line, mutant.before, "->", mutant.after, flush=True)
        return True

    def _reach(self) -> Reach:
        """Measure the tests not measured yet, file by file; go on after one that takes too long."""
        kept = self.wanted.reach
        while True:
            known = _read(kept)
            missing: dict[Path, list[pytest.Item]] = defaultdict(list)
            for name, item in self.items.items():
                if name not in known:
                    missing[item.path].append(item)
            if not missing:
                break
            jobs = [tuple(items) for items in missing.values()]
            measure = partial(_measure, longest=self.wanted.longest, kept=kept)
            for job, code in _in_processes(jobs, measure, self.wanted.processes):
                if code != KILLED:
                    continue
                first = next(item for item in job if item.nodeid not in _read(kept))
                _note(kept, first, self.wanted.longest, set())
        usable = {name: known[name] for name in self.items if known[name][1]}
        print(f"{len(usable)} of {len(known)} tests pass in time without the compiler", flush=True)
        return usable

    def _try(self, mutant: Mutant) -> int:
        path = ROOT / mutant.path
        try:
            new = codes_of(mutant.source, str(path))
        except SyntaxError:
            return KILLED
        old = self.codes[mutant.path]
        changed = [name for name in new if old.get(name) != new[name]]
        called = {f"{mutant.module}:{name}" for name in changed}
        if not all(len(new[name]) == 1 and self.live[mutant.module, name] for name in changed) or (
            called & self.loading
        ):
            of_module = f"{mutant.module}:"
            chosen = self._chosen(lambda name: name.startswith(of_module), others=True)
            return _run_anew(mutant, chosen, self.wanted.budget)
        for name in changed:
            for function in self.live[mutant.module, name]:
                function.__code__ = new[name][0]
        chosen = self._chosen(called.__contains__, others=False)
        return _run([(self.items[name], seconds) for name, seconds in chosen])

    def _chosen(self, called: Callable[[str], bool], *, others: bool) -> list[tuple[str, float]]:
        """Return the tests that call such functions with their seconds, the quickest first.

        Parameters
        ----------
        others : whether the other tests come after them.
        """
        found = sorted(
            (not any(map(called, reached)), seconds, name)
            for name, (seconds, reached) in self.reach.items()
        )
        chosen, spent = [], 0.0
        for is_other, seconds, name in found:
            spent += seconds
            if (chosen and spent > self.wanted.budget) or (is_other and not others):
                break
            chosen.append((name, seconds))
        return chosen


def _in_processes(
    jobs: Iterable[Job], work: Callable[[Job], int], n_processes: int
) -> Iterator[tuple[Job, int]]:
    """Do each job in a process forked from here; yield it with the exit code as it ends."""
    waiting, running = iter(jobs), {}
    while True:
        while len(running) < n_processes and (job := next(waiting, None)) is not None:
            number = os.fork()
            if number == 0:
                _work_apart(partial(work, job))
            running[number] = job
        if not running:
            return
        number, status = os.wait()
        if number in running:
            yield running.pop(number), os.waitstatus_to_exitcode(status)


def _work_apart(work: Callable[[], int]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, most))
    try:
        os._exit(work())
    except BaseException:  # a mutant may break whatever it touches
        os._exit(KILLED)


def _measure(items: tuple[pytest.Item, ...], longest: float, kept: Path) -> int:
    """Note what each test reaches; those that fail or take too long reach nothing."""
    for place, item in enumerate(items):

        def stop(*_: object, item: pytest.Item = item) -> None:
            _note(kept, item, longest, set())
            os._exit(TIMEOUT)

        signal.signal(signal.SIGVTALRM, stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, longest)
        began = time.process_time()
        with Called() as names:
            is_passed = _passes(item, items[place + 1] if place + 1 < len(items) else None)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        _note(kept, item, time.process_time() - began, names if is_passed else set())
    return SURVIVED


def _note(kept: Path, item: pytest.Item, seconds: float, names: set[str]) -> None:
    with kept.open("a") as lines:
        lines.write(json.dumps({item.nodeid: (round(seconds, 3), sorted(names))}) + "\n")


def _read(kept: Path) -> Reach:
    found: Reach = {}
    for line in kept.read_text().splitlines() if kept.exists() else ():
        found |= json.loads(line)
    return found


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=following)
    return all(report.passed or report.skipped for report in reports)


def _run(chosen: list[tuple[pytest.Item, float]]) -> int:
    """Run tests until one fails; each may take five times as long as without the mutant."""
    signal.signal(signal.SIGVTALRM, lambda *_: os._exit(TIMEOUT))
    for place, (item, seconds) in enumerate(chosen):
        signal.setitimer(signal.ITIMER_VIRTUAL, 5 * seconds + 1)
        if not _passes(item, chosen[place + 1][0] if place + 1 < len(chosen) else None):
            return KILLED
    return SURVIVED


def _run_anew(mutant: Mutant, chosen: list[tuple[str, float]], budget: float) -> int:
    """Load the mutant, all that stands on it and the tests, and run them until one fails."""
    signal.signal(signal.SIGVTALRM, lambda *_: os._exit(TIMEOUT))
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * budget + 20)
    for name in _standing_on(mutant.module):
        del sys.modules[name]
        package, _, last = name.rpartition(".")
        if package in sys.modules:
            vars(sys.modules[package]).pop(last, None)
    sys.meta_path.insert(0, Mutated(mutant))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    names = [name for name, _ in chosen]
    return KILLED if pytest.main([*QUIET, "-x", *names], plugins=[Options()]) else SURVIVED


def _standing_on(module: str) -> set[str]:
    """Return the modules and tests that import a module or what stands on it, and itself."""
    imports: dict[str, set[str]] = {}
    for name, loaded in sys.modules.items():
        path = str(getattr(loaded, "__file__", None))
        if path.startswith(str(ROOT)) and name not in {"__main__", "mutants"}:
            imports[name] = set()
            for base, names, plain in IMPORT.findall(Path(path).read_text()):
                imports[name] |= {base, *re.findall(r"[\w.]+", plain)}
                imports[name] |= {f"{base}.{one}" for one in re.findall(r"\w+", names)}
    found, before = {module}, set()
    while found != before:
        before = set(found)
        found |= {name for name, ones in imports.items() if ones & before}
    return found & set(imports)


def _keep_end(kept: Path | None, mutant: Mutant, end: str) -> None:
    if kept:
        with kept.open("a") as lines:
            lines.write(json.dumps([*mutant.key, mutant.line, end]) + "\n")


def _known_ends(kept: Path | None) -> dict[tuple[str, ...], str]:
    """Return who was killed before; survivors are tried again, there may be new tests."""
    lines = kept.read_text().splitlines() if kept and kept.exists() else []
    ends = [json.loads(line) for line in lines]
    return {tuple(key): end for *key, end in ends if end != "survived"}


def _explained() -> dict[tuple[str, ...], str]:
    with EXPLAINED.open(newline="") as table:
        return {
            (row["path"], row["function"], row["before"], row["after"]): row["reason"]
            for row in csv.DictReader(table)
        }


def wilson(killed: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score (1927)."""
    z, share = 1.959964, killed / count
    middle = share + z * z / (2 * count)
    reach = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return tuple((middle + sign * reach) / (1 + z * z / count) for sign in (-1, 1))


def _told(counts: Counter[str]) -> str:
    n, alike = counts.total(), counts["explained"]
    if n == 0:
        return "no mutants"
    killed = counts["killed"] + counts["timeout"]
    low, high = wilson(killed, n)
    rest = f"{killed / (n - alike):.1%} without" if n > alike else "none without"
    return (
        f"{killed} of {n} killed ({counts['timeout']} by time), {killed / n:.1%} "
        f"[{low:.1%}, {high:.1%}], {rest} {alike} explained; {counts['survived']} open"
    )


def main() -> None:
    """Hunt, name the survivors, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="+", help="files or folders, from the root of the project")
    parser.add_argument("--sample", type=int, help="mutants by lot of each file; all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds of a test")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds of tests of a mutant")
    parser.add_argument("--reach", type=Path, help="file that keeps what each test reaches")
    parser.add_argument("--ends", type=Path, help="file that keeps who was killed")
    parser.add_argument("--tests", nargs="+", help="tests instead of those of the package")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop then, and count")
    parser.add_argument("--only", help="mutants whose function or line holds this alone")
    wanted = parser.parse_args()
    wanted.known = _known_ends(wanted.ends)
    paths = sorted({path for target in wanted.targets for path in _files(target)})
    by_file = [mutants_of(path, wanted.sample, wanted.seed) for path in paths]
    mutants = [
        mutant
        for turn in zip_longest(*by_file)  # so that a hunt that is stopped has been everywhere
        for mutant in turn
        if mutant and (wanted.only is None or wanted.only in f"{mutant.function} {mutant.before}")
    ]
    tests = wanted.tests or sorted({test for path in paths for test in _tests_of(path)})
    hypothesis.settings.register_profile(
        "hunt", derandomize=True, database=None, phases=["explicit", "generate"]
    )
    hypothesis.settings.load_profile("hunt")
    called = Called()
    hunt = Hunt(mutants, wanted, called)
    hunt.loading = called.__enter__()
    with tempfile.TemporaryDirectory() as folder:
        wanted.reach = wanted.reach or Path(folder) / "reach"
        pytest.main([*QUIET, *tests], plugins=[hunt])
    _report(hunt.ends)


def _report(ends: dict[Mutant, str]) -> None:
    explained = _explained()
    by_file: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in sorted(ends, key=lambda one: (one.path, one.line)):
        end = ends[mutant]
        if end == "survived":
            end = "explained" if mutant.key in explained else end
            print(f"{end}: {mutant.path}:{mutant.line} {mutant.function}")
            print(f"  - {mutant.before}\n  + {mutant.after}")
        by_file[mutant.path][end] += 1
    for path, counts in by_file.items():
        print(f"{path}: {_told(counts)}")
    print(f"all: {_told(sum(by_file.values(), Counter()))}")


def _files(target: str) -> Iterator[str]:
    place = ROOT / target
    for path in [place] if place.is_file() else place.rglob("*.py"):
        yield str(path.relative_to(ROOT))


def _tests_of(path: str) -> list[str]:
    return next(tests for start, tests in TESTS.items() if path.startswith(start))


if __name__ == "__main__":
    main()

"""Spoiled scenarios and `--set` values are read or refused, never more: no traceback, no hang.

A few hundred of each in every run; the long test takes as many as KLA_SIM_MUTANTS says (20,000 is
what a release is tried with, and a twentieth of it as `--set` values). Run this file as a program
to see a tally: `python tests/hostile/test_mutated_scenarios.py FIRST LAST`.
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from mutations import SHIPPED, SMALL, mutant, override

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import simulate
from kla_sim.errors import ScenarioError, UsageError
from kla_sim.language import LANGUAGES, describe, describe_fault, speaking
from kla_sim.language.safe import shown
from kla_sim.scenario.lint import lint_loaded
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario

PATIENCE = 5.0
"""Seconds of work a case may take."""
MOST_ZONES, MOST_CITIES, MOST_WORLDS, MOST_YEARS = 300, 20, 300, 40
"""Accepted plans beyond these sizes are not simulated here: what is large is slow, not wrong."""
N_LONG = int(os.environ.get("KLA_SIM_MUTANTS", "2000"))


class TooSlowError(Exception):
    """A case took longer than `PATIENCE`."""


@contextmanager
def patience():
    """Stop a case after `PATIENCE` seconds of work, or many more of waiting."""

    def stop(*_):
        raise TooSlowError

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, 1), (signal.SIGALRM, signal.ITIMER_REAL, 30))
    before = [signal.signal(number, stop) for number, _, _ in timers]
    for _, timer, factor in timers:
        signal.setitimer(timer, factor * PATIENCE)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def try_one(path, overrides=()):
    """Read a scenario, and where it is accepted use it; return what came of it.

    Everything but a scenario, or a fault that can be told in both languages, is an error.
    """
    with patience():
        try:
            loaded = read_scenario(path, overrides=overrides)
        except (ScenarioError, UsageError) as error:
            return told(error)
        for warning in lint_loaded(loaded):
            assert_told(warning)
        copy = path.with_name("resolved.yaml")
        copy.write_text(dump_scenario(loaded), encoding="utf-8")
        assert digest(read_scenario(copy).scenario) == digest(loaded.scenario)
        scenario = loaded.scenario
        if is_large(scenario):
            return "accepted"
        try:
            plan = compile_plan(scenario, 1)
        except (ScenarioError, UsageError) as error:
            return told(error)
        assert len(simulate(plan, 0, 2).is_met) == 2
        return "simulated"


def told(error):
    for language in LANGUAGES:
        with speaking(language):
            assert describe(error)
    for fault in getattr(error, "faults", ()):
        assert_told(fault)
    return f"refused: {error.faults[0].code}" if isinstance(error, ScenarioError) else error.code


def assert_told(fault):
    for language in LANGUAGES:
        with speaking(language):
            said = describe_fault(fault)
        assert shown(said) == said
        json.dumps(said).encode()
    assert fault.file
    assert fault.line or fault.file == "--set" or not fault.path


def is_large(scenario):
    cities = scenario.cities.values()
    planned = [city.zones.planned for city in cities]
    zones = sum(sum(one.values()) if isinstance(one, dict) else one for one in planned)
    zones += sum(city.zones.existing for city in cities)
    years = scenario.horizon.year - scenario.start.year
    return (
        zones > MOST_ZONES
        or len(cities) > MOST_CITIES
        or scenario.worlds > MOST_WORLDS
        or years > MOST_YEARS
        or any(step > 10_000 for step in _large_numbers(scenario))
    )


def _large_numbers(scenario):
    for resource in scenario.resources.values():
        for capacity in (resource.capacity, *resource.per_city.values()):
            yield from [capacity] if isinstance(capacity, int) else [one.posts for one in capacity]
    for kit in (scenario.work.province, scenario.work.city, scenario.work.zone):
        for activity in kit.values():
            yield from activity.needs.values()


def try_scenarios(seeds, folder):
    """Return a tally of what came of mutants, and those that broke."""
    return _tally(seeds, lambda seed: try_one(_written(folder, mutant(seed))))


def try_overrides(seeds, folder):
    """Return a tally of what came of `--set` values, and those that broke."""
    plan = _written(folder, SMALL[0].read_bytes())
    return _tally(seeds, lambda seed: try_one(plan, [override(seed)]))


def _written(folder, content):
    path = folder / "mutant.yaml"
    path.write_bytes(content)
    return path


def _tally(seeds, attempt):
    tally, broken, slowest = Counter(), [], (0.0, 0)
    simulate(compile_plan(read_scenario(SHIPPED[0]).scenario, 1), 0, 1)  # compiled before it counts
    for seed in seeds:
        begun = time.process_time()
        try:
            tally[attempt(seed)] += 1
        except Exception as error:  # the very thing that is looked for
            broken.append((seed, f"{type(error).__name__}: {error}"[:300]))
            print(*broken[-1], file=sys.stderr, flush=True)
        slowest = max(slowest, (time.process_time() - begun, seed))
    return tally, broken, slowest


def assert_varied(tally, n):
    assert tally.total() == n
    assert tally["simulated"] > n // 200, "some mutants stay whole"
    assert len(tally) > 8, "mutants break in many ways"


def test_mutated_scenarios_are_read_or_refused(tmp_path):
    tally, broken, _ = try_scenarios(range(250), tmp_path)
    assert broken == []
    assert_varied(tally, 250)


def test_mutated_values_of_the_command_line_are_read_or_refused(tmp_path):
    tally, broken, _ = try_overrides(range(150), tmp_path)
    assert broken == []
    assert_varied(tally, 150)


@pytest.mark.long
def test_very_many_mutated_scenarios_are_read_or_refused(tmp_path):
    tally, broken, _ = try_scenarios(range(1_000, 1_000 + N_LONG), tmp_path)
    assert broken == []
    assert_varied(tally, N_LONG)


@pytest.mark.long
def test_very_many_mutated_values_of_the_command_line_are_read_or_refused(tmp_path):
    n = max(200, N_LONG // 20)
    tally, broken, _ = try_overrides(range(1_000, 1_000 + n), tmp_path)
    assert broken == []
    assert_varied(tally, n)


if __name__ == "__main__":
    first, last = map(int, sys.argv[1:3])
    attempt = try_overrides if "--set" in sys.argv else try_scenarios
    with tempfile.TemporaryDirectory() as name:
        counts, wrong, longest = attempt(range(first, last), Path(name))
    print(json.dumps({"tally": dict(counts.most_common()), "broken": wrong, "slowest": longest}))

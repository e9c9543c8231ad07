"""How fast the engines are, measured side by side in one process, alternating, as medians.

Both engines are read beside bare loops (`engine.yardsticks`), so that neither looks good by the
other's weakness. Start-up, a long run and its memory are measured in processes of their own.
Figures are for reading; no test asserts them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from kla_sim import execution, store
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Replications
from kla_sim.experiment.batches import EngineName, engine_of
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.shipped import shipped_scenario

SCENARIO = "kaltara_2022"
NATIONAL_SIZES = (6, 38, 514)
"""Cities: the six of DKI, as many as there are provinces, and every city and regency."""
GROWTH_WITH_REPLICATIONS = (100, 1_000, 10_000, 100_000, 1_000_000)

GOALS = {"compiled_ns_per_event": 90.0, "ratio": 100.0, "growth_ratio": 1.2}
"""What a machine of two cores at 3 GHz should reach; printed beside what was measured."""

_HEAP_SIZE = 64
_DRAWN_FUTURES = 2_000
_SECONDS_EACH = 1.0
_CONDITIONAL_REPLICATIONS = 10_000


class Effort(NamedTuple):
    """How long a bench may take."""

    rounds: int
    replications: tuple[int, ...]

    @classmethod
    def of(cls, *, is_quick: bool) -> Effort:
        """Return the usual effort, or one that leaves out the longest runs."""
        return (
            cls(3, GROWTH_WITH_REPLICATIONS[:3]) if is_quick else cls(7, GROWTH_WITH_REPLICATIONS)
        )


def measure(effort: Effort, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything and return the document of `bench --json`.

    Parameters
    ----------
    tell : called with the name of each step before it begins.
    """
    scenario = load_scenario(shipped_scenario(SCENARIO))
    plan = compile_plan(scenario, 1)
    tell("engines")
    document = _engines(plan, effort.rounds)
    tell("threads")
    document["threads"] = _threads(plan, effort.rounds)
    tell("growth")
    document["growth"] = [_growth(scenario, n_cities) for n_cities in NATIONAL_SIZES]
    per_activity = [row["ns_per_activity"] for row in document["growth"]]
    document["growth_ratio"] = per_activity[-1] / per_activity[0]
    document["goals"] = GOALS
    tell("start_up")
    document["start_up"] = _start_up()
    tell("variance")
    document["variance_ratio"] = _variance_ratio()
    document["runs"] = []
    for n in effort.replications:
        tell("runs")
        document["runs"].append(_run_apart(n))
    document["memory_mb"] = document["runs"][-1]["memory_mb"]
    document["machine"] = _machine()
    return document


def national_scenario(scenario: Scenario, n_cities: int) -> Scenario:
    """Return a scenario with the cities of another repeated until there are n_cities.

    Province posts and money grow in proportion, so that a city finds about as much as before.
    """
    names = list(scenario.cities)
    copies = {
        f"{names[k % len(names)]}_{k // len(names)}": names[k % len(names)] for k in range(n_cities)
    }
    scale = n_cities / len(names)
    accounts, resources = scenario.accounts, scenario.resources
    return scenario.model_copy(
        update={
            "worlds": 1,
            "uncertain": {},
            "cities": {copy: scenario.cities[name] for copy, name in copies.items()},
            "accounts": accounts.model_copy(
                update={
                    "province": {y: round(a * scale) for y, a in accounts.province.items()},
                    "cities": {copy: accounts.cities[name] for copy, name in copies.items()},
                }
            ),
            "resources": {
                key: resource.model_copy(
                    update={
                        "per_city": {
                            copy: resource.per_city[name]
                            for copy, name in copies.items()
                            if name in resource.per_city
                        },
                        "capacity": round(resource.capacity * scale)
                        if resource.scope == "province" and isinstance(resource.capacity, int)
                        else resource.capacity,
                    }
                )
                for key, resource in resources.items()
            },
        }
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def _engines(plan: Plan, rounds: int) -> dict[str, Any]:
    """Time both engines and all yardsticks in turn, on one core."""
    from kla_sim.engine.yardsticks import draws_of, run_draws, run_heap, run_simpy_timeouts

    run_heap(1, _HEAP_SIZE)
    draws = draws_of(plan)
    run_draws(*draws, 0, 1)
    names: tuple[EngineName, ...] = ("reference", "compiled")
    n = {name: _fitting_number(plan, name) for name in names}
    n_timeouts, n_heap = 100_000, 2_000_000
    times: dict[str, list[float]] = {key: [] for key in (*n, "simpy_timeout", "heap", "draws")}
    for _ in range(rounds):
        for name, count in n.items():
            times[name].append(_seconds(partial(engine_of(name), plan, 0, count)))
        times["simpy_timeout"].append(_seconds(partial(run_simpy_timeouts, n_timeouts)))
        times["heap"].append(_seconds(partial(run_heap, n_heap, _HEAP_SIZE)))
        times["draws"].append(_seconds(partial(run_draws, *draws, 0, _DRAWN_FUTURES)))
    typical = {key: median(values) for key, values in times.items()}
    events = int(engine_of("compiled")(plan, 0, 200).n_events.sum()) / 200
    rate = {name: count / typical[name] for name, count in n.items()}
    per_event = {name: 1e9 / (rate[name] * events) for name in n}
    timeout, heap = 1e9 * typical["simpy_timeout"] / n_timeouts, 1e9 * typical["heap"] / n_heap
    drawing = 1e9 * typical["draws"] / _DRAWN_FUTURES
    return {
        "scenario": SCENARIO,
        "events_per_replication": events,
        "engines": {
            name: {"replications_per_second": rate[name], "ns_per_event": per_event[name]}
            for name in n
        },
        "ratio": rate["compiled"] / rate["reference"],
        "yardsticks": {
            "simpy_timeout_ns": timeout,
            "heap_push_pop_ns": heap,
            "draws_ns_per_future": drawing,
            "draws_ns_per_event": drawing / events,
            "reference_over_simpy_timeout": per_event["reference"] / timeout,
            "compiled_over_heap": per_event["compiled"] / heap,
        },
    }


def _fitting_number(plan: Plan, name: EngineName) -> int:
    """Return how many replications an engine does in about a second, once it is warm."""
    simulate = engine_of(name)
    simulate(plan, 0, 2)
    n = 10
    while (seconds := _seconds(partial(simulate, plan, 0, n))) < _SECONDS_EACH / 10:
        n *= 4
    return max(10, round(n * _SECONDS_EACH / seconds))


def _threads(plan: Plan, rounds: int) -> dict[str, float]:
    """Return replications per second of the compiled engine by number of threads."""
    size = _fitting_number(plan, "compiled") // 4
    rates: dict[str, list[float]] = {"1": [], "2": []}
    for _ in range(rounds):
        for name, found in rates.items():
            n_chunks = 8 * int(name)
            seconds = _seconds(partial(_run_in_threads, plan, int(name), n_chunks, size))
            found.append(n_chunks * size / seconds)
    return {name: median(found) for name, found in rates.items()}


def _run_in_threads(plan: Plan, n_threads: int, n_chunks: int, size: int) -> None:
    simulate = engine_of("compiled")

    def chunk(number: int) -> Replications:
        return simulate(plan, number * size, (number + 1) * size)

    for _ in execution.run_in_order(execution.threads(n_threads), chunk, range(n_chunks)):
        pass


def _growth(scenario: Scenario, n_cities: int) -> dict[str, Any]:
    plan = compile_plan(national_scenario(scenario, n_cities), 1)
    n = _fitting_number(plan, "compiled")
    simulate = engine_of("compiled")
    seconds = median(_seconds(partial(simulate, plan, 0, n)) for _ in range(3)) / n
    n_activities = len(plan.structure.act_kind)
    return {
        "cities": n_cities,
        "activities": n_activities,
        "seconds_per_replication": seconds,
        "ns_per_activity": 1e9 * seconds / n_activities,
    }


def _command(out: str, n: int, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "kla_sim", "run", SCENARIO, "-n", str(n), "--no-plots", "--json",
        "--out", out, *more,
    ]  # fmt: skip


def _start_up() -> dict[str, float]:
    """Return the seconds of one short command, cold (nothing compiled yet) and cached."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(Path(folder) / "cache")}
        found = {}
        for state in ("cold", "cached"):
            command = _command(str(Path(folder) / state), 1)
            found[f"{state}_seconds"] = _seconds(
                partial(subprocess.run, command, check=True, env=environment, capture_output=True)
            )
    return found


def _variance_ratio() -> float:
    """Return by how much conditioning shrinks the variance of the odds, from a run of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            _command(folder, _CONDITIONAL_REPLICATIONS), check=True, capture_output=True
        )
    return float(json.loads(done.stdout)["odds"]["variance_ratio"])


def _machine() -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": store.package_versions(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


_APART = """
import os, subprocess, sys, time
begun = time.perf_counter()
with open(sys.argv[1], "wb") as output:
    process = subprocess.Popen(sys.argv[2:], stdout=output)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - begun, usage.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command from a small process: the system counts the size of the one that starts it too."""


def _run_apart(n: int) -> dict[str, float]:
    """Run the command itself, in a process of its own, and return its time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "document.json"
        command = [sys.executable, "-c", _APART, str(written), *_command(folder, n)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        document = json.loads(written.read_text(encoding="utf-8"))
    seconds, memory = map(float, done.stdout.split())
    return {
        "replications": n,
        "seconds": seconds,
        "simulation_seconds": document["seconds"],
        "memory_mb": memory,
    }

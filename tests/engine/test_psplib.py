"""The 48 instances of PSPLIB j30 as plans of one zone: feasible, never better than the optimum.

Kolisch, R. and Sprecher, A. (1997). doi:10.1016/S0377-2217(96)00170-1; the parallel schedule
generation scheme is written anew here, by decision points, not by days.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import pytest
from plans import city, scenario, traced

FOLDER = Path(__file__).parents[1] / "data" / "psplib"


class Instance(NamedTuple):
    capacity: list[int]
    optimum: int
    duration: dict[int, int]
    units: dict[int, list[int]]
    before: dict[int, list[int]]


def rows(name):
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def read_instances():
    """Return the instances without their first and last job, which take no time."""
    optimum = {row["instance"]: int(row["optimum"]) for row in rows("optimum")}
    found = {
        row["instance"]: Instance(
            [int(row[f"r{k}"]) for k in range(1, 5)], optimum[row["instance"]], {}, {}, {}
        )
        for row in rows("capacities")
    }
    for row in rows("jobs"):
        job, instance = int(row["job"]), found[row["instance"]]
        if 1 < job < 32:
            instance.duration[job] = int(row["duration"])
            instance.units[job] = [int(row[f"r{k}"]) for k in range(1, 5)]
            instance.before.setdefault(job, [])
            for later in map(int, row["successors"].split()):
                if later < 32:
                    instance.before.setdefault(later, []).append(job)
    return found


INSTANCES = read_instances()


def tails(instance):
    """Return the longest path from the start of each job to the end of the plan."""
    after = {job: [] for job in instance.duration}
    for job, earlier in instance.before.items():
        for one in earlier:
            after[one].append(job)
    found = {}

    def tail(job):
        if job not in found:
            found[job] = instance.duration[job] + max(map(tail, after[job]), default=0)
        return found[job]

    return {job: tail(job) for job in instance.duration}


def ranks_of(instance, rule):
    if rule == "index":
        return dict.fromkeys(instance.duration, 0)
    return {job: -tail for job, tail in tails(instance).items()}


def parallel_schedule(instance, ranks):
    """Return start days: at each decision point, what fits starts, in the order of (rank, job)."""
    start, finish = {}, {}
    moment = 0
    while len(start) < len(instance.duration):
        running = [job for job in start if finish[job] > moment]
        free = [
            total - sum(instance.units[job][k] for job in running)
            for k, total in enumerate(instance.capacity)
        ]
        for job in sorted(instance.duration, key=lambda job: (ranks[job], job)):
            is_eligible = job not in start and all(
                finish.get(one, moment + 1) <= moment for one in instance.before[job]
            )
            if is_eligible and all(u <= f for u, f in zip(instance.units[job], free, strict=True)):
                start[job], finish[job] = moment, moment + instance.duration[job]
                free = [f - u for u, f in zip(instance.units[job], free, strict=True)]
        moment = min((day for day in finish.values() if day > moment), default=moment)
    return start


def simulated_schedule(instance, ranks):
    """Return start days as the engine plans them."""
    kit = {
        f"job_{job}": {
            "duration": instance.duration[job],
            "after": [f"job_{one}" for one in instance.before[job]],
            "needs": {f"r{k + 1}": units for k, units in enumerate(instance.units[job])},
            "rank": ranks[job],
        }
        for job in sorted(instance.duration)
    }
    plan = scenario(
        cities={"kota": city(zones={"planned": 1})},
        resources={
            f"r{k + 1}": {"scope": "province", "capacity": total}
            for k, total in enumerate(instance.capacity)
        },
        work={"zone": kit},
    )
    activities = traced(plan)["activities"]
    attempts = {job: activities[f"kota/zone-1/job_{job}"] for job in instance.duration}
    assert all(
        one == [[one[0][0], one[0][0] + instance.duration[job]]] for job, one in attempts.items()
    )
    return {job: one[0][0] for job, one in attempts.items()}


def assert_feasible(instance, start):
    for job, earlier in instance.before.items():
        for one in earlier:
            assert start[one] + instance.duration[one] <= start[job]
    for moment in set(start.values()):
        running = [j for j in start if start[j] <= moment < start[j] + instance.duration[j]]
        for k, total in enumerate(instance.capacity):
            assert sum(instance.units[job][k] for job in running) <= total


def test_all_instances_are_there():
    assert len(INSTANCES) == 48
    assert all(len(instance.duration) == 30 for instance in INSTANCES.values())


@pytest.mark.parametrize("rule", ["index", "longest_tail"])
@pytest.mark.parametrize("name", INSTANCES)
def test_schedule_is_feasible_and_equals_the_parallel_scheme(name, rule):
    instance = INSTANCES[name]
    ranks = ranks_of(instance, rule)
    start = simulated_schedule(instance, ranks)
    assert_feasible(instance, start)
    assert max(start[job] + instance.duration[job] for job in start) >= instance.optimum
    assert start == parallel_schedule(instance, ranks)

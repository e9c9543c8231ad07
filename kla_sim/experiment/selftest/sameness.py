"""What must be the same bit for bit: the two engines, and the luck that two plans share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.experiment.selftest.laboratory import Engine
from kla_sim.experiment.selftest.numbers import Number, zero
from kla_sim.experiment.selftest.small_plans import city, scenario
from kla_sim.scenario.model import Scenario

_RANGE = {"low": 20, "likely": 60, "high": 200}


def differences(left: Replications, right: Replications) -> list[str]:
    """Return the names of the results that are not the same in type, shape and every bit."""
    return [
        name
        for name, a, b in zip(Replications._fields, arrays_of(left), arrays_of(right), strict=True)
        if a.dtype != b.dtype or a.shape != b.shape or _bits(a) != _bits(b)
    ]


def fingerprint(results: Replications | Attempts) -> str:
    """Return the SHA-256 of results: names, types, shapes and every bit."""
    found = hashlib.sha256()
    for name, array in zip(results._fields, arrays_of(results), strict=True):
        found.update(f"{name} {array.dtype} {array.shape}\n".encode())
        found.update(_bits(array))
    return found.hexdigest()


def arrays_of(results: Replications | Attempts) -> list[npt.NDArray[Any]]:
    """Return the arrays of results, which have different types, in their order."""
    return [np.asarray(getattr(results, name)) for name in results._fields]


def _bits(array: npt.NDArray[Any]) -> bytes:
    if array.dtype == np.float64:
        # any NaN is as good as another, a zero is not as good as a negative zero
        array = np.where(np.isnan(array), np.nan, array)
    return array.tobytes()


def engines(here: Engine, other: Engine, plan: Scenario, n: int, seed: int) -> Iterator[Number]:
    """Compare what two engines return for the same futures."""
    compiled = compile_plan(plan, seed)
    (results, attempts), (others, their_attempts) = (
        engine(compiled, 0, n) for engine in (here, other)
    )
    yield zero("results_that_differ", len(differences(results, others)))
    is_other = fingerprint(attempts) != fingerprint(their_attempts)
    yield zero("attempts_that_differ", is_other)
    yield Number("events", float(others.n_events.sum()), float(results.n_events.sum()))


def full_of_chance(cities: list[str], extra: dict[str, Any] | None = None) -> Scenario:
    """Return a plan full of chance in which nobody shares anything."""
    paid = {"paid_by": {"city": "100%"}}
    return scenario(
        cities={
            name: city(
                zones={"planned": 1},
                award={"category": "unknown", "date": "2022-01-01"},
                baseline={"score": 700, "sd": 30},
            )
            for name in cities
        },
        work={
            "province": {"rule": {"duration": _RANGE, "success": 0.4}},
            "city": {"force": {"duration": _RANGE, "success": 0.5, "cost": _RANGE, **paid}},
            "zone": {**(extra or {}), "site": {"duration": _RANGE, "success": 0.6}},
        },
        accounts={
            "cities": {name: {2023: 10_000} for name in cities},
            "grows": 0,
            "release": {"1 Januari": "100%"},
            "lapse": "0%",
            "shock": {"common": 0.1, "own": 0.2},
        },
        background={"rate": {"median": 0.05, "spread": 0.4}, "volatility": 34},
        evaluation={
            "strictness": 15,
            "noise": 10,
            "one_step_up": "50%",
            "calendar": {"cancelled": "20%", "slip": {"chance": "20%", "months": 2}},
            "cycles": {
                year: {"evidence_closes": f"{year}-06-01", "award": f"{year}-08-01"}
                for year in (2023, 2024)
            },
        },
        horizon="2024-12-31",
        worlds=3,
    )


def common_luck(engine: Engine, n: int, seed: int) -> Iterator[Number]:
    """Add a city and an activity to a plan, and count what of all others is no longer the same."""
    before = compile_plan(full_of_chance(["barat", "timur"]), seed)
    extra = {"sign": {"duration": _RANGE, "success": 0.5}}
    after = compile_plan(full_of_chance(["pusat", "barat", "timur"], extra), seed)
    (results, attempts), (more, more_attempts) = engine(before, 0, n), engine(after, 0, n)
    place = {name: k for k, name in enumerate(after.labels.activities)}
    same = [place[name] for name in before.labels.activities]
    for field, mine, others in zip(Attempts._fields, attempts, more_attempts, strict=True):
        yield zero(f"{field}_moved", np.sum(mine != others[:, same]))
    cities = [after.labels.cities.index(name) for name in before.labels.cities]
    for field in ("category", "verified", "gap"):
        mine, others = getattr(results, field), getattr(more, field)[:, cities]
        is_same = (mine == others) | (np.isnan(mine) & np.isnan(others))
        yield zero(f"{field}_moved", np.sum(~is_same))
    accounts = [0, *(1 + number for number in cities)]
    yield zero("spent_moved", np.sum(results.spent != more.spent[:, accounts]))
    elsewhere = engine(compile_plan(full_of_chance(["barat", "timur"]), seed + 1), 0, n)[0]
    share = float(np.mean(results.verified == elsewhere.verified))
    yield zero("the_same_with_another_seed", share)

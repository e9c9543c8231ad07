"""Small plans whose law can be worked out: one city, no chance, and what a check changes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from kla_sim.scenario.model import Scenario

_CITY = {
    "name": "Kota",
    "districts": 10,
    "population": 1_000_000,
    "award": {"category": "madya", "date": "2022-01-01"},
    "baseline": {"score": 650.0},
}

_QUIET = {
    "schema_version": 1,
    "name": "test",
    "start": "2023-01-01",
    "horizon": "2023-12-31",
    "target": {"category": "utama", "deadline": "2023-12-31"},
    "accounts": {"release": {"1 Januari": "100%"}, "lapse": "100%"},
    "background": {"rate": {"median": 0.0}, "volatility": 0.0},
    "evaluation": {"one_step_up": "100%", "cycles": {}},
}


def city(**changes: Any) -> dict[str, Any]:
    """Return a city of ten districts, madya with 650 points, with some keys changed."""
    return {**deepcopy(_CITY), **changes}


def scenario(*, cities: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """Return a plan of 2023 without work, money or chance, with some parts changed."""
    parts = {**deepcopy(_QUIET), "cities": cities or {"kota": city()}, **changes}
    if "horizon" in changes and "target" not in changes:
        parts["target"]["deadline"] = changes["horizon"]
    return Scenario.model_validate(parts)


def exponential(mean: float) -> dict[str, Any]:
    """Return an exponential duration as a planner writes it, days."""
    return {"distribution": "exponential", "mean": mean}


def chain(*activities: dict[str, Any]) -> dict[str, Any]:
    """Return a kit of activities a0, a1 ... each after the one before."""
    return {
        f"a{k}": {**activity, **({"after": [f"a{k - 1}"]} if k else {})}
        for k, activity in enumerate(activities)
    }


def one_cycle(
    evidence: str = "2023-06-01", award: str = "2023-08-01", **changes: Any
) -> dict[str, Any]:
    """Return an evaluation of one cycle, in 2023, without a cap of one step."""
    cycle = {"evidence_closes": evidence, "award": award}
    return {"one_step_up": "0%", **changes, "cycles": {2023: cycle}}

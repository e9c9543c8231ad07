"""Small scenarios for the tests of the engine: one city, no chance, and what a test changes."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt

from kla_sim.engine.draws import stream, uniform
from kla_sim.experiment.trace import trace_document, trace_future
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


def traced(plan: Scenario, *, replication: int = 0, seed: int = 1) -> dict[str, Any]:
    """Return the document of one future."""
    return trace_document(trace_future(plan, seed, replication))


def filled_days(
    post: str, n_days: int, replication: int, turnover: float, vacancy: tuple[float, float]
) -> npt.NDArray[np.bool_]:
    """Return on which days somebody holds a post, worked out from its draws alone (seed 1).

    Parameters
    ----------
    vacancy : lowest and highest days, uniform between them.
    """
    filled = np.ones(n_days, np.bool_)
    day, use = 0, 0
    while day < n_days and turnover > 0:
        stay, gap = (
            uniform(np.uint64(1), stream(f"{post}/{what}"), replication, use)
            for what in ("departure", "replacement")
        )
        left = day + max(1, math.floor(-365.25 / turnover * math.log1p(-stay) + 0.5))
        day = left + max(1, math.floor(vacancy[0] + (vacancy[1] - vacancy[0]) * gap + 0.5))
        filled[left:day] = False
        use += 1
    return filled

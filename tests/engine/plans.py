"""Small scenarios for the tests of the engine: one city, no chance, and what a test changes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from kla_sim.engine.draws import stream, uniform
from kla_sim.experiment.selftest.small_plans import city, scenario
from kla_sim.experiment.trace import trace_document, trace_future
from kla_sim.scenario.model import Scenario

__all__ = ["city", "filled_days", "scenario", "traced"]


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

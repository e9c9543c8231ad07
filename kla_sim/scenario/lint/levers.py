"""Levers whose limits admit no plan at all, or no other than the given one."""

from __future__ import annotations

from collections.abc import Iterator

from kla_sim.scenario.candidates import Space
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.model import Scenario


def find_idle_levers(scenario: Scenario) -> Iterator[Problem]:
    """Yield what leaves `optimise` nothing to choose."""
    if scenario.levers is None:
        return
    space = Space(scenario)
    if space.refused_limit:
        yield Problem("LEVERS_ADMIT_NO_PLAN", ("levers", "limits", space.refused_limit))
    elif space.n_plans == 1:
        yield Problem("LEVERS_ADMIT_ONE_PLAN", ("levers",), {}, True)

"""Rules over the whole plan."""

from __future__ import annotations
from collections.abc import Iterator
from typing import Any, NamedTuple
from kla_sim.scenario.model import Scenario


class Problem(NamedTuple):
    """A broken rule: its code, the path of the value at fault, and the fields of its sentence."""

    code: str
    path: tuple[str, ...]
    fields: dict[str, Any] = {}
    of_key: bool = False


def check_plan(scenario: Scenario, removed: list[tuple[str, ...]]) -> list[Problem]:
    """Return what the whole plan breaks."""
    return []

"""What is left of a scenario with faults, so that the whole plan is checked all the same.

A planner should read every fault at once. So what the model refuses is taken out, and the rest is
checked; faults that only follow from what was taken out are not reported. Called by `loading`.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from kla_sim.scenario.checks import Problem
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.nodes import Mapping, plain_values
from kla_sim.scenario.refusals import broken_paths

Keys = tuple[str, ...]
_MOST_ROUNDS = 8


def salvage(tree: Mapping, error: ValidationError) -> tuple[Scenario | None, list[Keys]]:
    """Return what is valid of a scenario (None if too little is) and the paths taken out."""
    values = plain_values(tree)
    removed: list[Keys] = []
    for _ in range(_MOST_ROUNDS):
        for path in broken_paths(error):
            if not path:
                return None, removed
            removed.append(_take_out(values, path))
        try:
            return Scenario.model_validate(values, by_alias=True, by_name=False), removed
        except ValidationError as following:
            error = following
    return None, removed


def is_consequence(problem: Problem, removed: list[Keys]) -> bool:
    """Return whether a problem may only follow from what was taken out."""
    paths = [problem.path]
    if problem.path[0] in ("uncertain", "sources", "assumptions"):
        paths.append(tuple(problem.path[1].split(".")))
    names = {*str(problem.fields.get("named", "")).split("."), problem.path[-1]}
    return any(
        path[0] in _CONSEQUENCES.get(problem.code, ())
        or (_is_thing(path) and path[-1] in names)
        or any(_is_related(path, other) for other in paths)
        for path in removed
    )


def _is_thing(path: Keys) -> bool:
    """Return whether a path names a city, a resource or an activity, to which others refer."""
    return len(path) == (3 if path[0] == "work" else 2)


_CONSEQUENCES = {
    "demand_above_capacity": ("resources",),
    "demand_above_city": ("resources", "cities"),
    "stage_without_fall": ("evaluation",),
    "deadline_after_horizon": ("horizon",),
    "order_incomplete": ("cities",),
}
"""Rules that compare two parts of the plan, and the part whose loss breaks them."""


def _take_out(values: Any, path: Keys) -> Keys:
    """Delete what stands at a path; of a list, the whole list."""
    node, done = values, 0
    while done < len(path) - 1:
        below = node.get(path[done])
        if not isinstance(below, dict):
            break
        node, done = below, done + 1
    node.pop(path[done], None)
    return path[: done + 1]


def _is_related(one: Keys, other: Keys) -> bool:
    return all("*" in (a, b) or a == b for a, b in zip(one, other, strict=False))

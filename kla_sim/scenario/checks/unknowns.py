"""Paths that a scenario gives: `uncertain` numbers, and what `sources` and `assumptions` speak of.

An uncertain number has to exist, to be a number, to be one that worlds may change, and to stay
valid at both ends of its range.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from kla_sim.domain.pert import pert_range
from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.distributions import Law, Pert, Triangular, Uniform
from kla_sim.scenario.evaluation import CategoryBounds
from kla_sim.scenario.faults import nearest
from kla_sim.scenario.model import Scenario, Uncertainty
from kla_sim.scenario.nodes import Mapping, is_written
from kla_sim.scenario.paths import (
    changed_by,
    keys_of,
    matching_paths,
    quantities_in,
    shape_at,
    value_at,
    with_changes,
)
from kla_sim.scenario.shape import Shape, fields_of

_SAME_IN_EVERY_WORLD = (
    "schema_version",
    "worlds",
    "cities.*.population",
    "cities.*.zones.existing",
    "cities.*.zones.planned",
    "cities.*.zones.planned.*",
    "resources.*.capacity",
    "resources.*.per_city.*",
    "accounts.release.*",
    "work.*.*.needs.*",
    "work.*.*.paid_by.*",
    "work.*.*.rank",
    "work.*.*.window.*",
    "upkeep.paid_by.*",
    "evaluation.calendar.slip.months",
    "evaluation.cycles.*.slip.months",
    "attainment_claim.value",
    "observed.spent.province",
    "observed.spent.cities.*",
    "uncertain.*.*",
)
"""Numbers that shape the arrays of a plan, or that nothing drawn depends on."""

_COMPARISONS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "ge": (">=", operator.ge),
    "gt": (">", operator.gt),
    "le": ("<=", operator.le),
}
_SHOWN_IN_FULL = 1e6
_ORDERED = (Pert, Triangular, Uniform, CategoryBounds)


def check_unknowns(scenario: Scenario, tree: Mapping) -> Iterator[Problem]:
    """Yield paths that name nothing, and uncertain numbers that cannot be drawn."""
    for kind in ("sources", "assumptions"):
        for pattern in getattr(scenario, kind):
            if not is_written(tree, pattern) and not matching_paths(scenario, pattern):
                yield _no_such_path(scenario, kind, pattern)
    named: dict[Keys, str] = {}
    for pattern, uncertainty in scenario.uncertain.items():
        paths = matching_paths(scenario, pattern)
        if not paths:
            yield _no_such_path(scenario, "uncertain", pattern)
        problem = _named_twice(named, pattern, paths) or next(
            _check_uncertainty(scenario, pattern, uncertainty, paths), None
        )
        if problem:
            yield problem


def at_its_highest(scenario: Scenario) -> Scenario:
    """Return a scenario with every uncertain number at the upper end of its range.

    Parameters
    ----------
    scenario : one in which `check_unknowns` finds no fault.
    """
    changes: dict[Keys, Callable[[Any], Any]] = {}
    for pattern, uncertainty in scenario.uncertain.items():
        change = changed_by(uncertainty.by, _ends(uncertainty)[1])
        changes.update(dict.fromkeys(matching_paths(scenario, pattern), change))
    return with_changes(scenario, changes)


def _ends(uncertainty: Uncertainty) -> tuple[float, float]:
    """Return the ends of what may be drawn."""
    low, high = uncertainty.low, uncertainty.high
    if uncertainty.meaning == "p10-p90" and low < high:
        return pert_range(low, uncertainty.likely, high)
    return low, high


def _no_such_path(scenario: Scenario, kind: str, pattern: str) -> Problem:
    near = nearest_path(scenario, pattern)
    if near is not None:
        return Problem("no_such_path_near", (kind, pattern), {"nearest": near}, of_key=True)
    return Problem("no_such_path", (kind, pattern), of_key=True)


def nearest_path(scenario: Scenario, pattern: str) -> str | None:
    """Return a pattern that names nothing with the nearest key where it ends, if one is near."""
    parts = pattern.split(".")
    for place, part in enumerate(parts):
        if not matching_paths(scenario, ".".join(parts[: place + 1])):
            owners = matching_paths(scenario, ".".join(parts[:place])) if place else [()]
            known = {key: None for owner in owners for key in keys_of(value_at(scenario, owner))}
            near = nearest(part, list(known))
            return ".".join([*parts[:place], near, *parts[place + 1 :]]) if near else None
    return None


def _named_twice(named: dict[Keys, str], pattern: str, paths: list[Keys]) -> Problem | None:
    """Note the paths of an entry; a number must not be drawn by two entries."""
    found: Problem | None = None
    for path in paths:
        for length in range(1, len(path) + 1):
            other = named.get(path[:length])
            if other and other != pattern and found is None:
                fields = {"other": other, "named": ".".join(path)}
                found = Problem("uncertain_twice", ("uncertain", pattern), fields, of_key=True)
    for path in paths:
        named[path] = pattern
    return found


def _check_uncertainty(
    scenario: Scenario, pattern: str, uncertainty: Uncertainty, paths: list[Keys]
) -> Iterator[Problem]:
    where = ("uncertain", pattern)
    is_factor = uncertainty.by == "factor"
    for path in paths:
        fields = {"named": ".".join(path)}
        value = value_at(scenario, path)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number and not isinstance(value, Law):
            yield Problem("uncertain_not_a_number", where, fields, of_key=True)
        elif any(_is_like(path, fixed) for fixed in _SAME_IN_EVERY_WORLD):
            yield Problem("uncertain_fixed", where, fields, of_key=True)
        elif not is_factor and (not is_number or path == ("accounts", "lapse")):
            yield Problem("uncertain_by_factor_only", (*where, "by"), fields)
        elif not is_factor and not uncertainty.low <= value <= uncertainty.high:
            yield Problem("uncertain_off_value", where, {**fields, "central": value}, of_key=True)
    if is_factor and uncertainty.low < 0:
        yield Problem("uncertain_factor_below_zero", (*where, "low"))
    elif is_factor and not uncertainty.low <= 1 <= uncertainty.high:
        yield Problem("uncertain_off_one", where, of_key=True)
    yield from _check_ends(scenario, where, uncertainty, paths)


def _check_ends(
    scenario: Scenario, where: Keys, uncertainty: Uncertainty, paths: list[Keys]
) -> Iterator[Problem]:
    """Yield the ends of the range at which the numbers drawn are impossible ones."""
    for key, end in zip(("low", "high"), _ends(uncertainty), strict=True):
        change = changed_by(uncertainty.by, end)
        changed = with_changes(scenario, dict.fromkeys(paths, change))
        for path in paths:
            limit = _broken_limit(changed, path)
            if limit is not None:
                fields = {"named": ".".join(path), "limit": limit, "end": round(end, 6)}
                yield Problem("uncertain_end_impossible", (*where, key), fields)


def _broken_limit(scenario: Scenario, path: Keys) -> str | None:
    """Return the limit that the value at a path breaks, in signs such as `<= 1`."""
    value, owner = value_at(scenario, path), value_at(scenario, path[:-1])
    if isinstance(value, Law):
        fields = fields_of(type(value))
        broken = (_limit_of(number, fields[key].shape) for key, number in quantities_in(value))
        return next((limit for limit in broken if limit), None)
    limit = _limit_of(value, shape_at(path))
    if limit is None and isinstance(owner, _ORDERED):
        return _broken_order(owner)
    return limit


def _broken_order(owner: BaseModel) -> str | None:
    names = [name for name in fields_of(type(owner)) if name not in ("distribution", "meaning")]
    numbers = [getattr(owner, name) for name in names]
    is_strict = isinstance(owner, CategoryBounds)
    for place in range(1, len(numbers)):
        before, here = numbers[place - 1], numbers[place]
        if here < before or (is_strict and here == before):
            return f"{names[place - 1]} {'<' if is_strict else '<='} {names[place]}"
    return None


def _limit_of(value: Any, shape: Shape) -> str | None:
    """Return the first limit that a number breaks, be it alone or in a list."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    plain = shape.plain
    for rule, bound in plain.limits if plain else ():
        sign, is_kept = _COMPARISONS[rule]
        if not is_kept(value, bound):
            shown = f"{bound:g}" if abs(bound) < _SHOWN_IN_FULL else f"{bound:.0f}"
            return f"{sign} {shown}"
    return None


def _is_like(path: Keys, pattern: str) -> bool:
    parts = pattern.split(".")
    return len(parts) == len(path) and all(
        part in ("*", key) for part, key in zip(parts, path, strict=True)
    )

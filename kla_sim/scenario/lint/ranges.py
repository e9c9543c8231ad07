"""Numbers outside the range that their assumption calls reasonable.

A range covers every number below its path that is of its kind: of `[1, 8]` for a pool of staff the
posts by year, date and city, and neither the turnover nor the days of replacing. Its kind is that
of its units, or else of the first number below the path. Of several ranges the one written most
closely to a number holds. Spreads and chances are no values of a quantity and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kla_sim.scenario.budgets import yearly_amounts
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.model import Assumption, Scenario
from kla_sim.scenario.nodes import Scalar, Sequence, node_at
from kla_sim.scenario.numerals import SIZES
from kla_sim.scenario.paths import matching_paths, shape_at, value_at, written_below
from kla_sim.scenario.quantities import (
    BASIS_POINTS,
    COUNT,
    DAYS,
    DAYS_OF_UNIT,
    RATIO,
    RUPIAH,
)
from kla_sim.scenario.shape import Shape

Keys = tuple[str, ...]

_NO_VALUES = frozenset(("sd", "spread", "chances"))


_OF_MONEY = (RUPIAH, COUNT)
_OF_TIME = (DAYS,)
_OF_SHARES = (RATIO, BASIS_POINTS)


class _Number(NamedTuple):
    """A number, the path of it or of the list it stands in, and its kind."""

    path: Keys
    value: float
    kind: Any


def find_outside_range(loaded: LoadedScenario) -> Iterator[Problem]:
    """Yield the numbers outside their ranges, those of one range together."""
    scenario = loaded.scenario
    judged: set[Keys] = set()
    for pattern, assumption in _closest_first(scenario):
        below = _numbers_of_kind(loaded, pattern)
        outside = [number for number in below if number.path not in judged
                   and not _is_inside(number.value, assumption)]  # fmt: skip
        outside += _derived_outside(scenario, below, outside, judged, assumption)
        judged |= {number.path for number in below}
        if outside:
            yield _problem(loaded, outside, assumption)


def _closest_first(scenario: Scenario) -> list[tuple[str, Assumption]]:
    """Return the assumptions that have a range, the longest and plainest paths first."""
    ranged = [entry for entry in scenario.assumptions.items() if entry[1].range is not None]
    return sorted(ranged, key=lambda entry: (-entry[0].count("."), entry[0].count("*")))


def _is_inside(value: float, assumption: Assumption) -> bool:
    low, high = assumption.range or (value, value)
    return low <= value <= high


def _problem(loaded: LoadedScenario, outside: list[_Number], assumption: Assumption) -> Problem:
    low, high = assumption.range or (0.0, 0.0)
    first, *others = outside
    fields: dict[str, Any] = {"low": low, "high": high}
    if not isinstance(
        node_at(loaded.tree, first.path), Scalar
    ):  # a default, a list, a year reached
        fields["value"] = first.value
    also = dict.fromkeys(".".join(number.path) for number in others if number.path != first.path)
    return Problem("NUMBER_OUTSIDE_RANGE", first.path, {**fields, "also": list(also)})


def _numbers_of_kind(loaded: LoadedScenario, pattern: str) -> list[_Number]:
    """Return the numbers that a range at a path speaks of."""
    scenario = loaded.scenario
    numbers = [
        number
        for path in matching_paths(scenario, pattern)
        for number in _numbers(value_at(scenario, path), path)
    ]
    kinds = [number.kind for number in numbers]
    possible = _kinds_by_unit(loaded, pattern) or kinds
    kind = next((kind for kind in possible if kind in kinds), None)
    return [number for number in numbers if number.kind == kind]


def _kinds_by_unit(loaded: LoadedScenario, pattern: str) -> tuple[Any, ...]:
    """Return the kinds that the units of a range allow, the likeliest first; none without units."""
    written = node_at(loaded.tree, ("assumptions", pattern, "range"))
    items = written.items if isinstance(written, Sequence) else []
    words = [word for item in items if isinstance(item, Scalar) for word in _words(item.text)]
    if any(word in DAYS_OF_UNIT for word in words):
        return _OF_TIME
    if any(word == "rp" or word in SIZES for word in words):
        return _OF_MONEY
    return _OF_SHARES if "%" in words else ()


def _words(text: str) -> list[str]:
    bare = "".join(sign if sign.isalpha() or sign == "%" else " " for sign in text.lower())
    return bare.replace("%", " % ").split()


def _numbers(part: Any, path: Keys) -> Iterator[_Number]:
    """Yield the numbers at and below a path; those in a list stand at the list's own path."""
    return _numbers_in(part, path, shape_at(path))


def _numbers_in(part: Any, path: Keys, shape: Shape) -> Iterator[_Number]:
    if isinstance(part, int | float) and not isinstance(part, bool):
        yield _Number(path, part, shape.plain.reading if shape.plain else None)
    elif isinstance(part, list):
        for item in part:
            yield from (n._replace(path=path) for n in _numbers_in(item, path, shape.below(0)))
    else:
        for key, value in written_below(part, _NO_VALUES):
            yield from _numbers_in(value, (*path, key), shape.below(key))


def _derived_outside(
    scenario: Scenario,
    below: list[_Number],
    outside: list[_Number],
    judged: set[Keys],
    assumption: Assumption,
) -> Iterator[_Number]:
    """Yield the first unlisted year in which an account leaves its range by growth."""
    amounts = yearly_amounts(scenario)
    wrong = {number.path[:-1] for number in outside}
    accounts = {number.path[:-1]: number.kind for number in below if number.path not in judged}
    for path, kind in accounts.items():
        account = ".".join(path)
        if account not in amounts or path in wrong:
            continue
        listed = value_at(scenario, path)
        for year, amount in amounts[account].items():
            is_reached = year not in listed and year > min(listed)
            if is_reached and not _is_inside(amount, assumption):
                yield _Number((*path, str(year)), amount, kind)
                break

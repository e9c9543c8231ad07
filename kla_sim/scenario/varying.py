"""Levers: the numbers of a scenario that a planner may move, over a range, as `--set` would.

A lever is a path or a pattern, and a range. Amounts and times are multiplied by the numbers of a
plain range, since they differ from year to year and have units; every other number takes them as
they are. `1x:3x` multiplies anything, `2 miliar:5 miliar` sets amounts. Called by `solve`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from kla_sim.errors import Fault, ScenarioError, UsageError
from kla_sim.scenario.arguments import shortened
from kla_sim.scenario.checks import check_plan
from kla_sim.scenario.checks.unknowns import nearest_path
from kla_sim.scenario.distributions import Law
from kla_sim.scenario.loading import LoadedScenario, read_scenario
from kla_sim.scenario.merging import SET
from kla_sim.scenario.model import Accounts, CapacityStep, Scenario
from kla_sim.scenario.numerals import read_count, read_number, read_share
from kla_sim.scenario.paths import keys_of, matching_paths, shape_at, value_at
from kla_sim.scenario.quantities import BASIS_POINTS, COUNT, DAYS, RUPIAH, Days, Reading, Rupiah
from kla_sim.scenario.shape import quantity_fields

Kind = Literal["factor", "rupiah", "days", "whole", "number"]

_NO_LEVERS = frozenset(
    ("schema_version", "worlds", "uncertain", "sources", "assumptions", "waive",
     "attainment_claim", "observed", "release")
)  # fmt: skip
"""What a planner knows, believes or says, but does not decide; and shares that make one whole."""

_FACTOR = re.compile(r"(?P<number>.*\S)\s*[x×]", re.IGNORECASE)
_BARE = re.compile(r"[0-9.,+\-\s]*")
_POSTS = "posts"
_QUANTITIES: dict[str, TypeAdapter[Any]] = {
    "rupiah": TypeAdapter(Rupiah),
    "days": TypeAdapter(Days),
}

Path_ = tuple[str, ...]


class Lever(NamedTuple):
    """A number, or several moved together, and between what values.

    Attributes
    ----------
    pattern : as it was asked for.
    kind : factor = what is written times the lever's value; else the value itself, rupiah, days, a
        whole number or any number.
    low, high : the range, low < high.
    paths : the numbers that it names, one at least.
    """

    pattern: str
    kind: Kind
    low: float
    high: float
    paths: tuple[Path_, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it steps through whole numbers."""
        return self.kind == "whole"

    def grid(self, most: int) -> list[float]:
        """Return values from one end to the other, equally far apart, at most so many."""
        n_steps = most - 1
        if self.is_whole:
            n_steps = min(n_steps, round(self.high - self.low))
        values = [self.low + (self.high - self.low) * k / n_steps for k in range(n_steps + 1)]
        return [float(round(value)) for value in values] if self.is_whole else values


def read_lever(scenario: Scenario, pattern: str, text: str) -> Lever:
    """Find what a pattern names in a scenario, and read the range it is to be moved over.

    Raises
    ------
    UsageError : it names nothing or no numbers, or the range is none, reversed or not positive
        where it multiplies.
    """
    named = matching_paths(scenario, pattern)
    if not named or _NO_LEVERS & {named[0][0], named[0][-1]}:
        near = None if named else nearest_path(scenario, pattern)
        if near is not None:
            raise UsageError("lever_unknown_near", value=shortened(pattern), nearest=near)
        if named:
            raise UsageError("lever_not_decided", value=shortened(pattern))
        raise UsageError("lever_unknown", value=shortened(pattern))
    paths = tuple(path for one in named for path in _numbers_below(scenario, pattern, one))
    readings = {_reading_at(path) for path in paths}
    if len(readings) > 1:
        shown = ", ".join(".".join(path) for path in paths[:3])
        raise UsageError("lever_of_unlike_things", value=shortened(pattern), paths=shown)
    if not paths:
        raise UsageError("lever_not_a_number", value=shortened(pattern), path=pattern)
    low_text, colon, high_text = text.partition(":")
    if not colon:
        raise UsageError("range_unclear", lever=pattern, value=shortened(text))
    (low, kind), (high, other) = (
        _read_end(pattern, end.strip(), readings.copy().pop()) for end in (low_text, high_text)
    )
    if kind != other:
        raise UsageError("range_of_two_kinds", lever=pattern, value=shortened(text))
    if kind == "factor" and low <= 0:
        raise UsageError("range_not_positive", lever=pattern, value=shortened(text))
    if not low < high:
        raise UsageError("range_reversed", lever=pattern, value=shortened(text))
    return Lever(pattern, kind, low, high, paths)


def plan_at(
    path: Path,
    overrides: Sequence[str],
    loaded: LoadedScenario,
    levers: Sequence[Lever],
    values: Sequence[float],
) -> Scenario:
    """Return the plan with each lever at a value, read and checked as if it was set by hand.

    Numbers that are uncertain by a factor stay so around the value that they are given; ranges of
    values would draw over it, and go, as they do after `--set`.

    Parameters
    ----------
    path, overrides : from what `loaded` was read.

    Raises
    ------
    ScenarioError : no valid plan there; each fault says at which value of the lever.
    """
    moved = [
        text
        for lever, value in zip(levers, values, strict=True)
        for text in _overrides(loaded.scenario, lever, value)
    ]
    tried = ", ".join(
        f"--vary {lever.pattern} = {_plain(value)}{'x' if lever.kind == 'factor' else ''}"
        for lever, value in zip(levers, values, strict=True)
    )
    try:
        found = read_scenario(path, overrides=[*overrides, *moved])
    except ScenarioError as error:
        raise ScenarioError([_tried(fault, tried) for fault in error.faults]) from error
    uncertain = {
        pattern: entry
        for pattern, entry in loaded.scenario.uncertain.items()
        if pattern in found.scenario.uncertain or entry.by == "factor"
    }
    plan = found.scenario.model_copy(update={"uncertain": uncertain})
    broken = [
        _tried(found.fault(problem.code, problem.path, **problem.fields), tried)
        for problem in check_plan(plan, found.tree)
        if problem.elsewhere is None
    ]
    if broken:
        raise ScenarioError(broken)
    return plan


def dropped_ranges(loaded: LoadedScenario, lever: Lever) -> list[str]:
    """Return the `uncertain` entries that go while a lever is moved: ranges of its values."""
    scenario = loaded.scenario
    return [
        pattern
        for pattern, entry in scenario.uncertain.items()
        if entry.by == "value"
        and any(
            path[: len(own)] == own
            for path in matching_paths(scenario, pattern)
            for own in lever.paths
        )
    ]


def _tried(fault: Fault, tried: str) -> Fault:
    """Return a fault that names the value tried; its place, where it stands in a file."""
    if fault.file != SET and fault.line > 0:
        tried = f"{tried}  {fault.file}:{fault.line}:{fault.column}"
    return replace(fault, file=tried, line=0, column=0)


def _numbers_below(scenario: Scenario, pattern: str, path: Path_) -> Iterator[Path_]:
    """Yield the paths of numbers, distributions and capacities at a path, or in a mapping there."""
    value = value_at(scenario, path)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_steps = isinstance(value, list) and all(isinstance(step, CapacityStep) for step in value)
    if (is_number and not _is_calendar(path)) or isinstance(value, Law) or (is_steps and value):
        yield path
    elif isinstance(value, dict | Accounts):
        amounts = keys_of(value) if isinstance(value, dict) else ("province", "cities")
        for key in amounts:
            yield from _numbers_below(scenario, pattern, (*path, key))
    else:
        raise UsageError("lever_not_a_number", value=shortened(pattern), path=".".join(path))


def _is_calendar(path: Path_) -> bool:
    return any(reading.is_text for reading in shape_at(path).readings)


def _reading_at(path: Path_) -> Reading | None:
    plain = shape_at(path).plain
    return plain.reading if plain else None


def _read_end(lever: str, text: str, reading: Reading | None) -> tuple[float, Kind]:
    """Read one end of a range by the rules of numbers in scenarios."""
    times = _FACTOR.fullmatch(text)
    is_bare = bool(_BARE.fullmatch(text))
    try:
        if times:
            return float(read_share(times["number"])), "factor"
        if reading in (RUPIAH, DAYS):
            if is_bare:
                return float(read_share(text)), "factor"
            kind: Kind = "rupiah" if reading == RUPIAH else "days"
            return float(_QUANTITIES[kind].validate_python(text)), kind
        if reading == COUNT:
            return float(read_count(text)), "whole"
        return read_number(text), "number"
    except (PydanticCustomError, ValidationError) as refused:
        if isinstance(refused, ValidationError):
            readings = refused.errors()[0].get("ctx") or {}
        else:
            readings = refused.context or {}
        if {"decimal", "whole"} <= readings.keys():
            raise UsageError(
                "range_ambiguous",
                lever=lever,
                value=shortened(text),
                decimal=str(readings["decimal"]),
                whole=str(readings["whole"]),
            ) from refused
        raise UsageError("range_unclear", lever=lever, value=shortened(text)) from refused


def _overrides(scenario: Scenario, lever: Lever, value: float) -> Iterator[str]:
    """Yield what `--set` would be given to bring a lever to a value."""
    for path in lever.paths:
        written = value_at(scenario, path)
        reading = _reading_at(path)
        if lever.kind == "factor" and isinstance(written, Law):
            for name in quantity_fields(type(written)):
                scaled = _scaled(getattr(written, name), value, reading)
                yield f"{'.'.join((*path, name))}={scaled}"
        elif isinstance(written, list):
            steps = ", ".join(
                f"{{from: {step.from_.isoformat()}, {_POSTS}: {_moved(step.posts, lever, value)}}}"
                for step in written
            )
            yield f"{'.'.join(path)}=[{steps}]"
        else:
            yield f"{'.'.join(path)}={_moved(written, lever, value)}"


def _moved(written: Any, lever: Lever, value: float) -> str:
    reading = _reading_at(lever.paths[0])
    return _scaled(written, value, reading) if lever.kind == "factor" else _number(value, reading)


def _scaled(written: Any, factor: float, reading: Reading | None) -> str:
    if isinstance(written, list):
        return f"[{', '.join(_scaled(one, factor, reading) for one in written)}]"
    scale = 10_000 if reading == BASIS_POINTS else 1
    return _number(written * factor / scale, reading)


def _number(value: float, reading: Reading | None) -> str:
    """Write a number so that a scenario reads it in one way; whole ones rounded half up."""
    is_whole = reading in (RUPIAH, COUNT)
    if reading == BASIS_POINTS:
        return _plain(round(value, 4))
    return str(math.floor(value + 0.5)) if is_whole else _plain(value)


def _plain(value: float) -> str:
    """Write a number without an exponent, and never with three decimals: `2.500` has two readings.

    Ten decimals are more than any range is searched to.
    """
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text

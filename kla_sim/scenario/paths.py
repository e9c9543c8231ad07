"""Dotted paths into a scenario: which values a pattern names, and a copy with some of them changed.

`work.zone.*.duration` names the duration of every zone activity. Used by `uncertain`, by the
checks of `sources` and `assumptions`, and by the worlds of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, cast

from pydantic import BaseModel

from kla_sim.scenario.distributions import Law
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.shape import SCENARIO, Shape, fields_of, quantity_fields

Path = tuple[str, ...]
Change = Callable[[Any], Any]
"""From the old value at a path to the new one."""

_Way = dict[Any, "_Way | int"]
"""What is to be changed below a part or mapping by its own names, down to the number of the place.
"""


def matching_paths(root: Any, pattern: str) -> list[Path]:
    """Return every path that a dotted pattern names; `*` stands for any one key."""
    return list(_match(root, tuple(pattern.split(".")), ()))


def value_at(root: Any, path: Path) -> Any:
    """Return the value at a path that exists."""
    for key in path:
        root = _child(root, key)
    return root


def with_changes(scenario: Scenario, changes: dict[Path, Change]) -> Scenario:
    """Return a copy of a scenario in which the values at some paths are replaced.

    Parameters
    ----------
    changes : for each path a function from the old value to the new one. The copy is not validated
        again: whoever changes a value answers for its range.
    """
    return Places(scenario, changes).changed(list(changes.values()))


class Places:
    """Some places of a scenario, found once for many copies that differ there."""

    def __init__(self, scenario: Scenario, paths: Iterable[Path]) -> None:
        self._scenario = scenario
        self._tree: _Way = {}
        for number, path in enumerate(paths):
            node: Any = scenario
            way = self._tree
            for key in path[:-1]:
                way = cast("_Way", way.setdefault(_own_key(node, key), {}))
                node = _child(node, key)
            way[_own_key(node, path[-1])] = number

    def changed(self, changes: Sequence[Change]) -> Scenario:
        """Return a copy with a value changed at each place, see `with_changes`."""
        return cast(Scenario, _replaced(self._scenario, self._tree, changes))


def changed_by(kind: Literal["factor", "value"], drawn: float) -> Change:
    """Return what a drawn number does to the value at a path: multiply or replace it.

    Whole numbers stay whole. A distribution is multiplied in all its values.
    """
    if kind == "factor":
        return lambda value: _scaled(value, drawn)
    return lambda value: _like(value, drawn)


def shape_at(path: Path) -> Shape:
    """Return what may stand at a path that exists."""
    shape = SCENARIO
    for key in path:
        shape = shape.below(key)
    return shape


def _like(value: Any, drawn: float) -> float:
    return round(drawn) if isinstance(value, int) else drawn


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, (int, float)):
        return _like(value, value * factor)
    if isinstance(value, list):
        return [_scaled(entry, factor) for entry in value]
    kind: type[BaseModel] = type(value)
    names = quantity_fields(kind)
    return _copied(value, {name: _scaled(getattr(value, name), factor) for name in names})


def _copied(node: BaseModel, changed: dict[str, Any]) -> BaseModel:
    """Return what `model_copy(update=changed)` does, without its search for what no part has."""
    kind = type(node)
    copy = kind.__new__(kind)
    for name, value in (
        ("__dict__", {**node.__dict__, **changed}),
        ("__pydantic_fields_set__", node.__pydantic_fields_set__ | changed.keys()),
        ("__pydantic_extra__", None),
        ("__pydantic_private__", None),
    ):
        object.__setattr__(copy, name, value)
    return copy


def quantities_in(distribution: Law) -> Iterator[tuple[str, float]]:
    """Yield the values of its quantity that a distribution names, each with its key."""
    for name in quantity_fields(type(distribution)):
        named = getattr(distribution, name)
        yield from ((name, number) for number in (named if isinstance(named, list) else [named]))


def keys_of(node: Any) -> list[str]:
    """Return the keys below a value, none below a plain one or a list."""
    if isinstance(node, BaseModel):
        fields = fields_of(type(node)).items()
        return [key for key, field in fields if getattr(node, field.name) is not None]
    return [str(key) for key in node] if isinstance(node, dict) else []


def written_below(node: Any, but: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield the keys below a value that somebody wrote, with their values.

    Parameters
    ----------
    but : keys of parts to pass over; a mapping's own keys are the planner's.
    """
    if isinstance(node, BaseModel):
        for key, field in fields_of(type(node)).items():
            if field.name in node.model_fields_set and key not in but:
                yield key, getattr(node, field.name)
    elif isinstance(node, dict):
        yield from ((str(key), below) for key, below in node.items())


def _child(node: Any, key: str) -> Any:
    own = _own_key(node, key)
    return getattr(node, own) if isinstance(node, BaseModel) else node[own]


def _own_key(node: Any, key: str) -> Any:
    """Return what a part or a mapping itself calls a key."""
    if isinstance(node, BaseModel):
        return fields_of(type(node))[key].name
    return key if key in node else next(own for own in node if str(own) == key)


def _match(node: Any, pattern: Path, done: Path) -> Iterator[Path]:
    if not pattern:
        yield done
        return
    for key in keys_of(node):
        if pattern[0] in ("*", key):
            yield from _match(_child(node, key), pattern[1:], (*done, key))


def _replaced(node: Any, way: _Way, changes: Sequence[Change]) -> Any:
    """Copy what lies on the way to a change, and nothing else."""
    is_part = isinstance(node, BaseModel)
    held: dict[Any, Any] = node.__dict__ if is_part else node
    replaced = {
        key: changes[below](held[key])
        if isinstance(below, int)
        else _replaced(held[key], below, changes)
        for key, below in way.items()
    }
    return _copied(node, replaced) if is_part else {**held, **replaced}

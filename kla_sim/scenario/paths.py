"""Dotted paths into a scenario: which values a pattern names, and a copy with some of them changed.

`work.zone.*.duration` names the duration of every zone activity. Used by `uncertain`, by the
checks of `sources` and `assumptions`, and by the worlds of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from pydantic import BaseModel

from kla_sim.scenario.model import Scenario

Path = tuple[str, ...]


def matching_paths(root: Any, pattern: str) -> list[Path]:
    """Return every path that a dotted pattern names; `*` stands for any one key."""
    return list(_match(root, tuple(pattern.split(".")), ()))


def value_at(root: Any, path: Path) -> Any:
    """Return the value at a path that exists."""
    for key in path:
        root = _child(root, key)
    return root


def with_changes(scenario: Scenario, changes: dict[Path, Callable[[Any], Any]]) -> Scenario:
    """Return a copy of a scenario in which the values at some paths are replaced.

    Parameters
    ----------
    changes : for each path a function from the old value to the new one. The copy is not validated
        again: whoever changes a value answers for its range.
    """
    changed: Any = scenario
    for path, change in changes.items():
        changed = _replaced(changed, path, change)
    return cast(Scenario, changed)


def _keys(node: Any) -> list[str]:
    if isinstance(node, BaseModel):
        return [
            field.alias or name
            for name, field in type(node).model_fields.items()
            if getattr(node, name) is not None
        ]
    return [str(key) for key in node] if isinstance(node, dict) else []


def _child(node: Any, key: str) -> Any:
    if isinstance(node, BaseModel):
        return getattr(node, _field_name(node, key))
    return node[_own_key(node, key)]


def _field_name(node: BaseModel, key: str) -> str:
    return next(
        name for name, field in type(node).model_fields.items() if key in (name, field.alias)
    )


def _own_key(node: dict[Any, Any], key: str) -> Any:
    return next(own for own in node if str(own) == key)


def _match(node: Any, pattern: Path, done: Path) -> Iterator[Path]:
    if not pattern:
        yield done
        return
    for key in _keys(node):
        if pattern[0] in ("*", key):
            yield from _match(_child(node, key), pattern[1:], (*done, key))


def _replaced(node: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(node)
    value = _replaced(_child(node, path[0]), path[1:], change)
    if isinstance(node, BaseModel):
        return node.model_copy(update={_field_name(node, path[0]): value})
    return {**node, _own_key(node, path[0]): value}

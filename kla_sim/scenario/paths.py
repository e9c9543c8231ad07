"""Dotted paths into a scenario: which values a pattern names, and a copy with some of them changed.

`work.zone.*.duration` names the duration of every zone activity. Used by `uncertain`, by the
checks of `sources` and `assumptions`, and by the worlds of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel

from kla_sim.scenario.model import Scenario

Path = tuple[str, ...]

_SCALED_FIELDS = ("low", "likely", "high", "mean", "sd", "values")


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
    tree: dict[str, Any] = {}
    for path, change in changes.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = change
    return cast(Scenario, _replaced(scenario, tree))


def changed_by(kind: Literal["factor", "value"], drawn: float) -> Callable[[Any], Any]:
    """Return what a drawn number does to the value at a path: multiply or replace it.

    Whole numbers stay whole. A distribution is multiplied in all its values.
    """
    if kind == "factor":
        return lambda value: _scaled(value, drawn)
    return lambda value: _like(value, drawn)


def field_of(scenario: Scenario, path: Path) -> Any:
    """Return the annotation of the value at a path, its limits included."""
    annotation: Any = Scenario
    node: Any = scenario
    for key in path:
        if isinstance(node, BaseModel):
            annotation = type(node).model_fields[_field_name(type(node), key)].rebuild_annotation()
        else:
            annotation = _values_of(annotation)
        node = _child(node, key)
    return annotation


def _values_of(annotation: Any) -> Any:
    """Return the annotation of the values of a mapping, through unions and marks."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    inner = [_values_of(argument) for argument in get_args(annotation) if get_args(argument)]
    return next((found for found in inner if found is not None), None)


def _like(value: Any, drawn: float) -> float:
    return round(drawn) if isinstance(value, int) else drawn


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, (int, float)):
        return _like(value, value * factor)
    if isinstance(value, list):
        return [_scaled(entry, factor) for entry in value]
    kind: type[BaseModel] = type(value)
    names = _scaled_fields(kind)
    return _copied(value, {name: _scaled(getattr(value, name), factor) for name in names})


@cache
def _scaled_fields(kind: type[BaseModel]) -> list[str]:
    return [name for name in _SCALED_FIELDS if name in kind.model_fields]


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


def keys_of(node: Any) -> list[str]:
    """Return the keys below a value, none below a plain one or a list."""
    if isinstance(node, BaseModel):
        return [
            field.alias or name
            for name, field in type(node).model_fields.items()
            if getattr(node, name) is not None
        ]
    return [str(key) for key in node] if isinstance(node, dict) else []


def _child(node: Any, key: str) -> Any:
    if isinstance(node, BaseModel):
        return getattr(node, _field_name(type(node), key))
    return node[_own_key(node, key)]


@cache
def _field_name(kind: type[BaseModel], key: str) -> str:
    return next(name for name, field in kind.model_fields.items() if key in (name, field.alias))


def _own_key(node: dict[Any, Any], key: str) -> Any:
    return key if key in node else next(own for own in node if str(own) == key)


def _match(node: Any, pattern: Path, done: Path) -> Iterator[Path]:
    if not pattern:
        yield done
        return
    for key in keys_of(node):
        if pattern[0] in ("*", key):
            yield from _match(_child(node, key), pattern[1:], (*done, key))


def _replaced(node: Any, tree: dict[str, Any] | Callable[[Any], Any]) -> Any:
    """Copy what lies on the way to a change, and nothing else."""
    if not isinstance(tree, dict):
        return tree(node)
    replaced = {key: _replaced(_child(node, key), below) for key, below in tree.items()}
    if isinstance(node, BaseModel):
        kind = type(node)
        return _copied(node, {_field_name(kind, key): value for key, value in replaced.items()})
    return {**node, **{_own_key(node, key): value for key, value in replaced.items()}}

"""What the model refuses, as faults: codes, nearest known keys, places.

The model speaks of locations that hold union tags and missing keys; here each is brought to the
nearest place that was written. Called by `loading`, and by `salvage` for what has to be taken out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from kla_sim.errors import Fault
from kla_sim.scenario.faults import fault_at, place_of, unknown_name, written
from kla_sim.scenario.nodes import Mapping, node_at
from kla_sim.scenario.shape import SCENARIO, Shape

_CODES = {
    "dict_type": "not_a_mapping",
    "model_type": "not_a_mapping",
    "model_attributes_type": "not_a_mapping",
    "list_type": "not_a_list",
    "string_type": "not_text",
    "too_short": "too_few",
    "too_long": "too_many",
    "greater_than_equal": "below_least",
    "greater_than": "not_above",
    "less_than_equal": "above_most",
    "string_pattern_mismatch": "not_an_identifier",
}
_NOT_SAID = ("actual_length", "field_type", "class_name", "pattern")
_FIELDS = {"ge": "least", "gt": "least", "le": "most", "min_length": "least", "max_length": "most"}


def faults_of(error: ValidationError, tree: Mapping, files: list[str]) -> list[Fault]:
    """Return the model's errors as faults with places.

    Parameters
    ----------
    files : the files that were read, the one asked for first: where two values contradict each
        other, the fault is with the one written last.
    """
    return [
        _in_last_file(
            _fault_of(entry["type"], entry["loc"], entry.get("ctx", {}), tree), tree, files
        )
        for entry in error.errors(include_url=False, include_input=False)
    ]


def broken_paths(error: ValidationError) -> list[tuple[str, ...]]:
    """Return what has to be taken out of a scenario for the model to accept the rest."""
    paths = []
    for entry in error.errors(include_url=False, include_input=False):
        if entry["type"] == "missing":
            path = _follow(entry["loc"][:-1]).path
        elif entry["type"] == "extra_forbidden":
            path = (*_follow(entry["loc"][:-1]).path, entry["loc"][-1])
        else:
            path = _follow(entry["loc"]).path
        paths.append(tuple(map(str, path)))
    return paths


_SEEN_FROM_BELOW = {
    "likely_below_low": ("low_above_likely", "low"),
    "high_below_likely": ("likely_above_high", "likely"),
    "high_below_low": ("low_above_high", "low"),
}
_OF_ORDER = (*_SEEN_FROM_BELOW, *(code for code, _ in _SEEN_FROM_BELOW.values()))


def _in_last_file(fault: Fault, tree: Mapping, files: list[str]) -> Fault:
    """Move a fault of order to the lower value, where a variant has written that one."""
    code, name = _SEEN_FROM_BELOW.get(fault.code, ("", ""))
    path = (*fault.path.split(".")[:-1], name)
    if code and node_at(tree, path) is not None:
        place = place_of(tree, path)
        if files.index(place.file) < files.index(fault.file):
            given = {**fault.fields, "value": written(node_at(tree, path))}
            fault = fault_at(tree, code, path, **given)
    return _with_places(fault, tree) if fault.code in _OF_ORDER else fault


def _with_places(fault: Fault, tree: Mapping) -> Fault:
    """Say where the other values of a wrong order stand, if in another file."""
    fields = dict(fault.fields)
    for name in ("low", "likely", "high"):
        path = (*fault.path.split(".")[:-1], name)
        place = place_of(tree, path)
        if name in fields and node_at(tree, path) is not None and place.file != fault.file:
            fields[name] = f"{fields[name]}, {place.file}:{place.line}:{place.column}"
    return replace(fault, fields=fields)


class _Target(NamedTuple):
    """Where a location of the model leads: the path in the tree, and what may stand there."""

    path: tuple[str | int, ...]
    shape: Shape
    is_key: bool


def _fault_of(
    kind: str, loc: tuple[str | int, ...], context: dict[str, Any], tree: Mapping
) -> Fault:
    if kind in ("missing", "extra_forbidden"):
        owner = _follow(loc[:-1])
        path = (*owner.path, loc[-1])
        if kind == "missing":
            return fault_at(tree, "missing_key", path, key=str(loc[-1]))
        code, fields = unknown_name("unknown_key", str(loc[-1]), owner.shape.known_keys)
        return fault_at(tree, code, path, of_key=True, key=str(loc[-1]), **fields)
    target = _follow(loc)
    if kind == "union_tag_invalid":
        return _wrong_kind(target, context, tree)
    if kind in ("literal_error", "int_parsing_size"):  # the latter: a number beyond 64 bits
        name = str(target.path[-1]) if target.is_key else written(node_at(tree, target.path))
        what = "unknown_key" if target.is_key else "not_one_of"
        code, fields = unknown_name(what, name, target.shape.names)
        if target.is_key:
            fields["key"] = name
        return fault_at(tree, code, target.path, of_key=target.is_key, **fields)
    fields = {_FIELDS.get(name, name): field for name, field in context.items()}
    path = target.path
    if "at" in fields:
        path = (*path, fields.pop("at"))
        for name in ("low", "likely", "high"):
            sibling = node_at(tree, (*target.path, name))
            if name in fields and sibling is not None:
                fields[name] = written(sibling)
    for name in _NOT_SAID:
        fields.pop(name, None)
    return fault_at(tree, _CODES.get(kind, kind), path, of_key=target.is_key, **fields)


def _wrong_kind(target: _Target, context: dict[str, Any], tree: Mapping) -> Fault:
    tag = str(context.get("tag", ""))
    if tag.startswith("("):
        return fault_at(tree, "not_plain_or_mapping", target.path)
    kinds = [form.distribution for form in target.shape.forms if form.distribution]
    code, fields = unknown_name("not_one_of", tag, kinds)
    return fault_at(tree, code, (*target.path, "distribution"), **fields)


def _follow(loc: tuple[str | int, ...]) -> _Target:
    """Walk a location down the model, passing over union tags."""
    path: list[str | int] = []
    shape, owner = SCENARIO, SCENARIO
    for part in loc:
        if part == "[key]":
            return _Target(tuple(path), owner.keys, is_key=True)
        tagged = shape.tagged(part)
        if tagged:
            shape = tagged
            continue
        owner, shape = shape, shape.below(part)
        path.append(part)
    return _Target(tuple(path), shape, is_key=False)

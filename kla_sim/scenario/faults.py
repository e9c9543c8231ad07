"""From what the model refuses to faults with a place: codes, nearest known keys, places.

The model speaks of locations that hold union tags and missing keys; here each is brought to the
nearest place that was written. Called by `loading` and, through `LoadedScenario`, by the checks.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from kla_sim.errors import Fault
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.nodes import (
    Entry,
    Mapping,
    Scalar,
    Sequence,
    Tree,
    child_of,
    normal_key,
)
from kla_sim.scenario.syntax import Place, odd_fault

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


def place_of(tree: Mapping, path: tuple[str | int, ...], *, of_key: bool = False) -> Place:
    """Return where the value at a path was written, or the nearest written value around it.

    Parameters
    ----------
    of_key : the place of the key instead of its value's.
    """
    place, node = Place(tree.place.file, 1, 1), tree
    for key in path:
        below = child_of(node, key)
        if below is None:
            return place
        is_key_wanted = of_key or not isinstance(below, Scalar)
        if isinstance(node, Mapping) and is_key_wanted:
            place = node.entries[normal_key(str(key))].place
        else:
            place = below.place
        node = below  # type: ignore[assignment]
    return place


def fault_at(
    tree: Mapping, code: str, path: tuple[str | int, ...], /, *, of_key: bool = False, **fields: Any
) -> Fault:
    """Return a fault of the value (or key) at a path; `value` is filled with what was written."""
    place = place_of(tree, path, of_key=of_key)
    node: Tree | None = tree
    for key in path:
        node = child_of(node, key)
    given = {"value": str(path[-1]) if of_key and path else written(node), **fields}
    return Fault(code, ".".join(map(str, path)), *place, fields=given)


def written(tree: Tree | None) -> str:
    """Return a value as it was written, or the sign of a mapping or list."""
    if isinstance(tree, Scalar):
        return tree.text if len(tree.text) <= 60 else f"{tree.text[:57]}..."
    return "" if tree is None else "{...}" if isinstance(tree, Mapping) else "[...]"


def nearest(name: str, known: list[str]) -> str | None:
    """Return the known name most like a wrong one, if any is near."""
    begun = [entry for entry in known if len(name) > 2 and entry.startswith(name.lower())]
    found = begun or get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_name(code: str, name: str, known: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the code and fields that refuse a name: with the nearest one, or with all known."""
    near = nearest(name, known)
    if near:
        return f"{code}_near", {"nearest": near}
    shown = known if len(known) <= 12 else [*known[:12], "…"]
    return (code, {"allowed": ", ".join(shown)}) if known else (f"{code}_none", {})


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


def broken_paths(error: ValidationError, tree: Mapping) -> list[tuple[str, ...]]:
    """Return what has to be taken out of a scenario for the model to accept the rest."""
    paths = []
    for entry in error.errors(include_url=False, include_input=False):
        if entry["type"] == "missing":
            path = _follow(entry["loc"][:-1], tree).path
        elif entry["type"] == "extra_forbidden":
            path = (*_follow(entry["loc"][:-1], tree).path, entry["loc"][-1])
        else:
            path = _follow(entry["loc"], tree).path
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
    if code and _at(tree, path) is not None:
        place = place_of(tree, path)
        if files.index(place.file) < files.index(fault.file):
            given = {**fault.fields, "value": written(_at(tree, path))}
            fault = fault_at(tree, code, path, **given)
    return _with_places(fault, tree) if fault.code in _OF_ORDER else fault


def _with_places(fault: Fault, tree: Mapping) -> Fault:
    """Say where the other values of a wrong order stand, if in another file."""
    fields = dict(fault.fields)
    for name in ("low", "likely", "high"):
        path = (*fault.path.split(".")[:-1], name)
        place = place_of(tree, path)
        if name in fields and _at(tree, path) is not None and place.file != fault.file:
            fields[name] = f"{fields[name]}, {place.file}:{place.line}:{place.column}"
    return replace(fault, fields=fields)


def sign_behind(fault: Fault, tree: Mapping) -> Fault:
    """Return the fault of the sign that made a value unreadable, where one is to blame.

    A name may hold any sign that can be seen; a space between a number and its unit is read
    whatever its width.
    """
    letter = _letter_in_number(str(fault.fields.get("value", "")))
    if letter and fault.code in _OF_NUMBERS:
        digit = "0" if letter in "Oo" else "1"
        return replace(
            fault, code="sign_letter", fields={**fault.fields, "plain": digit, "sign": letter}
        )
    node = _at(tree, tuple(fault.path.split(".")))
    if not isinstance(node, Scalar) or node.odd is None or fault.code in _OF_ANOTHER_VALUE:
        return fault
    odd, place = node.odd
    is_harmless = odd.kind == "space" and _NUMBER_AND_WORD.fullmatch(node.text.strip())
    if is_harmless or (fault.code == "name_unusable" and odd.kind != "hidden"):
        return fault
    return odd_fault(node.text, odd, place, fault.path)


def _letter_in_number(text: str) -> str | None:
    """Return the letter that stands for a digit in something that is a number otherwise."""
    match = _ALMOST_NUMBER.fullmatch(text.strip())
    digits = match["digits"] if match else ""
    has_digit = any(sign.isdigit() for sign in digits)
    return next((sign for sign in digits if sign.isalpha()), None) if has_digit else None


_ALMOST_NUMBER = re.compile(
    r"(Rp\.?\s*)?(?P<digits>[-+0-9OolI.,]+)(\s*%|\s+[^\W\d_]+)?", re.IGNORECASE
)
_OF_NUMBERS = (
    "not_a_number", "not_a_count", "not_a_year", "not_a_time", "not_an_amount", "not_a_share",
    "not_a_day", "not_a_date", "more_than_count",
)  # fmt: skip
_OF_ANOTHER_VALUE = ("cost_without_payer", "baseline_twice", "background_twice")
_NUMBER_AND_WORD = re.compile(r"(Rp\.?\s*)?[-+0-9.,]+\s*\w*|\w+\s+[0-9]+", re.IGNORECASE)


class _Target(NamedTuple):
    """Where a location of the model leads: the path in the tree, and what may stand there."""

    path: tuple[str | int, ...]
    annotations: list[Any]
    is_key: bool


def _fault_of(
    kind: str, loc: tuple[str | int, ...], context: dict[str, Any], tree: Mapping
) -> Fault:
    if kind in ("missing", "extra_forbidden"):
        owner = _follow(loc[:-1], tree)
        path = (*owner.path, loc[-1])
        if kind == "missing":
            return fault_at(tree, "missing_key", path, key=str(loc[-1]))
        code, fields = unknown_name("unknown_key", str(loc[-1]), known_keys(owner.annotations))
        return fault_at(tree, code, path, of_key=True, key=str(loc[-1]), **fields)
    target = _follow(loc, tree)
    if kind == "union_tag_invalid":
        return _wrong_kind(target, context, tree)
    if kind in ("literal_error", "int_parsing_size"):  # the latter: a number beyond 64 bits
        allowed = [str(name) for name in _literals(target.annotations)]
        name = str(target.path[-1]) if target.is_key else written(_at(tree, target.path))
        what = "unknown_key" if target.is_key else "not_one_of"
        code, fields = unknown_name(what, name, allowed)
        if target.is_key:
            fields["key"] = name
        return fault_at(tree, code, target.path, of_key=target.is_key, **fields)
    fields = {_FIELDS.get(name, name): field for name, field in context.items()}
    path = target.path
    if "at" in fields:
        path = (*path, fields.pop("at"))
        for name in ("low", "likely", "high"):
            sibling = _at(tree, (*target.path, name))
            if name in fields and sibling is not None:
                fields[name] = written(sibling)
    for name in _NOT_SAID:
        fields.pop(name, None)
    return fault_at(tree, _CODES.get(kind, kind), path, of_key=target.is_key, **fields)


def _wrong_kind(target: _Target, context: dict[str, Any], tree: Mapping) -> Fault:
    tag = str(context.get("tag", ""))
    if tag.startswith("("):
        return fault_at(tree, "not_plain_or_mapping", target.path)
    kinds = [
        get_args(model.model_fields["distribution"].annotation)[0]
        for model in expanded(target.annotations)
        if _is_model(model) and "distribution" in model.model_fields
    ]
    code, fields = unknown_name("not_one_of", tag, kinds)
    return fault_at(tree, code, (*target.path, "distribution"), **fields)


def _at(tree: Tree | None, path: tuple[str | int, ...]) -> Tree | None:
    for key in path:
        tree = child_of(tree, key)
    return tree


def _follow(loc: tuple[str | int, ...], tree: Mapping) -> _Target:
    """Walk a location through model and tree at once, passing over union tags."""
    path: list[str | int] = []
    annotations: list[Any] = [Scenario]
    keys: list[Any] = []
    for part in loc:
        if part == "[key]":
            return _Target(tuple(path), keys, is_key=True)
        tagged = _tagged(annotations, part)
        if tagged is not None:
            annotations = [tagged]
            continue
        keys = [get_args(entry)[0] for entry in expanded(annotations) if get_origin(entry) is dict]
        annotations = below(annotations, part)
        path.append(part)
    return _Target(tuple(path), annotations, is_key=False)


def expanded(annotations: list[Any]) -> list[Any]:
    """Return models, dicts, lists and literals without the unions and marks around them."""
    found: list[Any] = []
    for annotation in annotations:
        origin = get_origin(annotation)
        if origin is Annotated:
            found += expanded([get_args(annotation)[0]])
        elif origin in (Union, UnionType):
            found += expanded(list(get_args(annotation)))
        elif annotation is not NoneType:
            found.append(annotation)
    return found


def below(annotations: list[Any], key: str | int) -> list[Any]:
    """Return what may stand below a key."""
    found: list[Any] = []
    for annotation in expanded(annotations):
        if _is_model(annotation):
            found += [
                field.annotation
                for name, field in annotation.model_fields.items()
                if key in (field.alias or name, name)
            ]
        elif get_origin(annotation) is dict:
            found.append(get_args(annotation)[1])
        elif get_origin(annotation) is list:
            found.append(get_args(annotation)[0])
    return found


def known_keys(annotations: list[Any]) -> list[str]:
    """Return the keys that the models among the annotations know."""
    found: dict[str, None] = {}
    for annotation in expanded(annotations):
        if _is_model(annotation):
            found |= {field.alias or name: None for name, field in annotation.model_fields.items()}
    return list(found)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _tagged(annotations: list[Any], tag: str | int) -> Any:
    """Return the member of a union that carries a tag."""
    for annotation in annotations:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            if any(isinstance(mark, Tag) and mark.tag == tag for mark in arguments[1:]):
                return arguments[0]
            inner = _tagged([arguments[0]], tag)
            if inner is not None:
                return inner
        elif origin in (Union, UnionType):
            inner = _tagged(list(arguments), tag)
            if inner is not None:
                return inner
    return None


def _literals(annotations: list[Any]) -> list[Any]:
    return [
        name
        for annotation in expanded(annotations)
        if get_origin(annotation) is Literal
        for name in get_args(annotation)
    ]


def without_nulls(tree: Tree, annotations: list[Any] | None = None) -> Tree:
    """Drop keys whose value is null; a key that no scenario may have stays, to be refused."""
    here = [Scenario] if annotations is None else annotations
    if isinstance(tree, Sequence):
        return Sequence([without_nulls(item, below(here, 0)) for item in tree.items], tree.place)
    if not isinstance(tree, Mapping):
        return tree
    known = known_keys(here)
    is_open = any(get_origin(annotation) is dict for annotation in expanded(here))
    entries: dict[str, Entry] = {}
    for key, entry in tree.entries.items():
        is_null = isinstance(entry.value, Scalar) and entry.value.is_null
        if is_null and (is_open or key in known):
            continue
        entries[key] = entry._replace(value=without_nulls(entry.value, below(here, key)))
    return Mapping(entries, tree.place)

"""Variants: one tree laid over another, and single values set from the command line.

Mappings merge, lists and plain values replace, `key: null` removes. Each value keeps the place
where it was written. Called by `loading`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Several
from typing import NamedTuple

from kla_sim.errors import Fault
from kla_sim.language.signs import odd_sign, refused_sign
from kla_sim.scenario.nodes import (
    Entry,
    Mapping,
    Scalar,
    Sequence,
    Tree,
    child_of,
    is_written,
    normal_key,
)
from kla_sim.scenario.parsing import MOST_DEPTH, parse_yaml
from kla_sim.scenario.shape import SCENARIO, Shape
from kla_sim.scenario.syntax import Place, odd_fault, sign_fault

SET = "--set"
"""The name under which places on the command line are reported."""

Keys = tuple[str, ...]


class Merged(NamedTuple):
    """A tree after merging, and the paths of mappings that a variant took away or replaced."""

    tree: Mapping
    removed: list[Keys]


class Layer(NamedTuple):
    """One file's tree, or a value from the command line; `keys` is the path of the latter."""

    tree: Mapping
    keys: Keys | None = None


def join(layers: Several[Layer]) -> Merged:
    """Lay layers over each other, the one that was written last first."""
    merged = Merged(layers[-1].tree, [])
    for layer in reversed(layers[:-1]):
        merged = merge(merged, layer.tree)
        if layer.keys is not None:
            merged = without_uncertainty(merged, layer.keys)
    return merged


def merge(old: Merged, new: Mapping) -> Merged:
    """Lay a variant over what it extends."""
    removed = list(old.removed)
    return Merged(_merged(old.tree, new, (), removed), removed)


def _merged(old: Mapping, new: Mapping, path: Keys, removed: list[Keys]) -> Mapping:
    entries = dict(old.entries)
    for key, entry in new.entries.items():
        before = entries.get(key)
        below = (*path, key)
        if isinstance(entry.value, Scalar) and entry.value.is_null and before:
            removed.append(below)
            del entries[key]
        elif before and isinstance(before.value, Mapping) and isinstance(entry.value, Mapping):
            merged = _merged(before.value, entry.value, below, removed)
            entries[key] = Entry(entry.key, entry.place, merged)
        else:
            if before and isinstance(before.value, Mapping):
                removed.append(below)
            entries[key] = entry
    return Mapping(entries, new.place)


def parse_override(text: str) -> tuple[Mapping | None, Keys, list[Fault]]:
    """Read `path=value` as a variant with this one value.

    Returns
    -------
    The variant (None where it is wrong), the path, and what is wrong with it.
    """
    refused = refused_sign(text)
    if refused:
        return None, (), [sign_fault(refused[0], Place(SET))]
    written, is_set, value = text.partition("=")
    keys = tuple(normal_key(key.strip()) for key in written.split("."))
    if len(keys) > MOST_DEPTH:
        fields = {"value": f"{written[:57]}...", "count": len(keys), "most": MOST_DEPTH}
        return None, (), [Fault("set_too_deep", file=SET, fields=fields)]
    if not is_set or not all(keys):
        return None, keys, [Fault("set_needs_value", file=SET, fields={"value": text})]
    path = ".".join(keys)
    odd = next((found for key in keys if (found := odd_sign(key))), None)
    if odd:
        return None, keys, [odd_fault(written, odd, Place(SET))]
    if "*" in written:
        return None, keys, [Fault("set_wildcard", path, SET)]
    document = parse_yaml(value, SET)
    if document.faults:
        return None, keys, [
            Fault(fault.code, ".".join(filter(None, (path, fault.path))), SET, fault.line,
                  fault.column, fault.fields)
            for fault in document.faults
        ]  # fmt: skip
    place = Place(SET, 1, 1)
    tree: Tree = document.tree or Scalar("", True, place)
    for key in reversed(keys):
        tree = Mapping({key: Entry(key, place, tree)}, place)
    assert isinstance(tree, Mapping)
    return tree, keys, []


def without_uncertainty(merged: Merged, keys: Keys) -> Merged:
    """Drop the `uncertain` entries that name a value set on the command line, or one below it."""
    tree = _filtered(merged.tree, "uncertain", lambda pattern: not _is_within(pattern, keys))
    return Merged(tree, merged.removed)


def uncertain_patterns(tree: Mapping) -> list[str]:
    """Return the paths that `uncertain` names; `key: null` names nothing."""
    entries = child_of(tree, "uncertain")
    if not isinstance(entries, Mapping):
        return []
    return [
        key
        for key, entry in entries.entries.items()
        if not (isinstance(entry.value, Scalar) and entry.value.is_null)
    ]


def without_orphans(merged: Merged) -> Mapping:
    """Drop what `uncertain`, `sources` and `assumptions` say of values that a variant took away."""
    tree = merged.tree

    def is_kept(pattern: str) -> bool:
        is_removed = any(_is_within(pattern, keys) for keys in merged.removed)
        return not is_removed or is_written(merged.tree, pattern)

    for kind in ("uncertain", "sources", "assumptions"):
        tree = _filtered(tree, kind, is_kept)
    return tree


def without_nulls(tree: Tree, shape: Shape = SCENARIO) -> Tree:
    """Drop keys whose value is null; a key that no scenario may have stays, to be refused."""
    if isinstance(tree, Sequence):
        return Sequence([without_nulls(item, shape.below(0)) for item in tree.items], tree.place)
    if not isinstance(tree, Mapping):
        return tree
    entries: dict[str, Entry] = {}
    for key, entry in tree.entries.items():
        value = entry.value
        if isinstance(value, Scalar):
            if not value.is_null or not (shape.is_open or key in shape.known_keys):
                entries[key] = entry
        else:
            entries[key] = entry._replace(value=without_nulls(value, shape.below(key)))
    return Mapping(entries, tree.place)


def _filtered(tree: Mapping, kind: str, is_kept: Callable[[str], bool]) -> Mapping:
    entry = tree.entries.get(kind)
    if entry is None or not isinstance(entry.value, Mapping):
        return tree
    kept = {key: below for key, below in entry.value.entries.items() if is_kept(key)}
    entries = {**tree.entries, kind: entry._replace(value=Mapping(kept, entry.value.place))}
    return Mapping(entries, tree.place)


def _is_within(pattern: str, keys: Keys) -> bool:
    """Return whether a dotted pattern names the value at `keys`, or one below it."""
    parts = pattern.split(".")
    return len(parts) >= len(keys) and all(
        part in ("*", key) for part, key in zip(parts, keys, strict=False)
    )

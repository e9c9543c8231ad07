"""Variants: one tree laid over another, and single values set from the command line.

Mappings merge, lists and plain values replace, `key: null` removes. Each value keeps the place
where it was written. Called by `loading`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kla_sim.errors import Fault
from kla_sim.scenario.nodes import (
    MOST_DEPTH,
    Entry,
    Mapping,
    Place,
    Scalar,
    Tree,
    is_written,
    normal_key,
    parse_yaml,
)

SET = "--set"
"""The name under which places on the command line are reported."""

Keys = tuple[str, ...]


class Merged(NamedTuple):
    """A tree after merging, and the paths of mappings that a variant took away or replaced."""

    tree: Mapping
    removed: list[Keys]


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
    written, is_set, value = text.partition("=")
    keys = tuple(normal_key(key.strip()) for key in written.split("."))
    if len(keys) > MOST_DEPTH:
        fields = {"value": f"{written[:57]}...", "count": len(keys), "most": MOST_DEPTH}
        return None, (), [Fault("set_too_deep", file=SET, fields=fields)]
    if not is_set or not all(keys):
        return None, keys, [Fault("set_needs_value", file=SET, fields={"value": text})]
    path = ".".join(keys)
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


def without_orphans(merged: Merged) -> Mapping:
    """Drop what `uncertain`, `sources` and `assumptions` say of values that a variant took away."""
    tree = merged.tree

    def is_kept(pattern: str) -> bool:
        is_removed = any(_is_within(pattern, keys) for keys in merged.removed)
        return not is_removed or is_written(merged.tree, pattern)

    for kind in ("uncertain", "sources", "assumptions"):
        tree = _filtered(tree, kind, is_kept)
    return tree


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

"""What was written in a scenario file: a tree that remembers the place of every key and value.

What stands at a path of it, and what a plain value is by YAML's rules. Made by `parsing`; what a
value means is the model's affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from kla_sim.language.signs import OddSign
from kla_sim.scenario.dates import MONTH_NAMES, day_and_month
from kla_sim.scenario.numerals import WrittenFloat
from kla_sim.scenario.syntax import Place

_INTEGER = re.compile(r"[-+]?[0-9]+")
PLAIN_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OTHER_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class OddPlace(NamedTuple):
    """A sign of a value that is taken for another, and where it stands in the file."""

    odd: OddSign
    place: Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain or quoted value, as its source text.

    Attributes
    ----------
    odd : the sign that makes it unreadable, should it be refused.
    """

    text: str
    is_plain: bool
    place: Place
    odd: OddPlace | None = None

    @property
    def is_null(self) -> bool:
        """Whether the value is null (in a variant: removes the key)."""
        return self.is_plain and self.text in _NULLS

    def value(self) -> Any:
        """Return the value by YAML 1.2's core schema; decimals remember their text."""
        text = self.text
        if not self.is_plain:
            return text
        if text in _NULLS:
            return None
        if text in _FLAGS:
            return _FLAGS[text]
        if _INTEGER.fullmatch(text):
            return int(text) if len(text) < 30 else float(text)
        if PLAIN_NUMBER.fullmatch(text):
            return WrittenFloat(text)
        if _OTHER_FLOAT.fullmatch(text):
            return float(text.replace(".", "", 1).lower())
        return text


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values; `entries` is keyed by the normal spelling of each key."""

    entries: dict[str, Entry]
    place: Place


class Entry(NamedTuple):
    """A key as it was written, and its value."""

    key: str
    place: Place
    value: Tree


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: list[Tree]
    place: Place


Tree = Scalar | Mapping | Sequence


def normal_key(text: str) -> str:
    """Return the one spelling under which a key is kept: years as digits, days in Indonesian."""
    if _INTEGER.fullmatch(text):
        return str(int(text)) if len(text) < 30 else text
    found = day_and_month(text.strip())
    return f"{found[0]} {MONTH_NAMES[found[1] - 1]}" if found else text


def child_of(tree: Tree | None, key: str | int) -> Tree | None:
    """Return the value below a key of a mapping or at a place of a list, if there is one."""
    if isinstance(tree, Mapping):
        entry = tree.entries.get(normal_key(str(key)))
        return entry.value if entry else None
    if isinstance(tree, Sequence) and _is_index(key) and int(key) < len(tree.items):
        return tree.items[int(key)]
    return None


def node_at(tree: Tree | None, path: tuple[str | int, ...]) -> Tree | None:
    """Return what stands at a path, if anything does."""
    for key in path:
        tree = child_of(tree, key)
    return tree


def _is_index(key: str | int) -> bool:
    text = str(key)
    return text.isascii() and text.isdigit() and len(text) < 10


def plain_values(tree: Tree) -> Any:
    """Return dicts, lists and values without their places."""
    if isinstance(tree, Scalar):
        return tree.value()
    if isinstance(tree, Sequence):
        return [plain_values(item) for item in tree.items]
    return {key: plain_values(entry.value) for key, entry in tree.entries.items()}


def is_written(tree: Tree, pattern: str) -> bool:
    """Return whether a dotted pattern, `*` for any key, names something in a tree."""
    return next(written_paths(tree, pattern), None) is not None


def written_paths(tree: Tree, pattern: str) -> Iterator[tuple[str, ...]]:
    """Yield every path in a tree that a dotted pattern, `*` for any key, names."""
    key, _, rest = pattern.partition(".")
    if isinstance(tree, Mapping):
        children = [(name, entry.value) for name, entry in tree.entries.items()]
    elif isinstance(tree, Sequence):
        children = [(str(place), item) for place, item in enumerate(tree.items)]
    else:
        return
    for name, child in children:
        if key in ("*", name):
            yield from ((name, *path) for path in written_paths(child, rest)) if rest else [(name,)]

"""YAML text as a tree that remembers where every key and value was written.

The tree is built from parser events, so that size, depth, aliases and repeated keys are judged
before anything can blow up. Called by `layers` and, for `--set`, by `merging`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kla_sim.errors import Fault
from kla_sim.language.signs import as_meant, odd_sign, refused_sign, with_whole_pairs
from kla_sim.scenario.nodes import Entry, Mapping, OddPlace, Scalar, Sequence, Tree, normal_key
from kla_sim.scenario.syntax import (
    Place,
    fault,
    hidden_cause,
    odd_fault,
    place_in,
    sign_fault,
    syntax_fault,
)

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 30
MOST_NODES = 100_000

_DIGITS_BEFORE_COMMA = re.compile(r"(Rp\.?\s*)?[-+]?[0-9][0-9.]*")
_DIGITS_AFTER_COMMA = re.compile(r"[0-9]+(\s*[^\W\d_]+(\s+[^\W\d_]+)*|\s*%)?")
_OPEN_QUOTES = re.compile("[“”„‟‘’‚‛«»]")

_NO_KEY = Scalar("", True, Place(""))
"""Stands where a key should be but is a list or mapping; its value is passed over."""


class Document(NamedTuple):
    """The tree of one file, and what is wrong with it; no tree if nothing could be read."""

    tree: Tree | None
    faults: list[Fault]


def parse_yaml(text: str, file: str) -> Document:
    """Read YAML text into a tree.

    Parameters
    ----------
    file : the name under which its places are reported.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    refused = refused_sign(text, is_file=True)
    if refused:
        place = place_in(text, refused.start(), file)
        return Document(None, [sign_fault(refused[0], place)])
    builder = _Builder(file, text)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if not builder.take(event):
                break
    except MarkedYAMLError as error:
        is_open_quote = "quoted scalar" in str(error.context)
        mark = (error.context_mark if is_open_quote else None) or error.problem_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        said = syntax_fault(str(error.problem), str(error.context), place)
        lines = [met.line for met in (error.context_mark, error.problem_mark) if met]
        builder.faults.append(hidden_cause(text, lines, said) or said)
        return Document(None, builder.faults)
    except (YAMLError, ValueError, RecursionError):
        builder.faults.append(fault("yaml_syntax", Place(file, 1, 1)))
        return Document(None, builder.faults)
    return Document(builder.tree, builder.faults)


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open."""

    place: Place
    is_mapping: bool
    is_flow: bool
    anchor: str | None
    pairs: list[tuple[Scalar, Tree]] = field(default_factory=list)
    items: list[Tree] = field(default_factory=list)
    key: Scalar | None = None
    n_nodes: int = 1


class _Builder:
    """Builds the tree from parser events; `take` says whether to go on."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self.tree: Tree | None = None
        self.faults: list[Fault] = []
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Tree, int]] = {}
        self._n_nodes = 0
        self._n_documents = 0

    def take(self, event: Any) -> bool:
        kind = type(event).__name__
        mark = event.start_mark
        place = Place(self.file, mark.line + 1, mark.column + 1)
        if kind == "DocumentStartEvent":
            self._n_documents += 1
            if self._n_documents > 1:
                return self._stop("several_documents", place)
        elif kind == "ScalarEvent":
            return self._take_scalar(event, place)
        elif kind == "AliasEvent":
            return self._take_alias(event, place)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            if len(self._frames) >= MOST_DEPTH:
                return self._stop("too_deep", place, most=str(MOST_DEPTH))
            self._refuse_tag(event, place)
            self._frames.append(_Frame(place, kind[0] == "M", bool(event.flow_style), event.anchor))
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            frame = self._frames.pop()
            made = self._mapping(frame) if frame.is_mapping else Sequence(frame.items, frame.place)
            return self._add(made, frame.n_nodes, frame.anchor)
        return True

    def _take_scalar(self, event: Any, place: Place) -> bool:
        self._refuse_tag(event, place)
        text = with_whole_pairs(event.value)
        refused = refused_sign(text)
        if refused:
            self.faults.append(sign_fault(refused[0], place, self._path()))
            text = text.replace(refused[0], "")
        odd = odd_sign(text)
        found = OddPlace(odd, self._place_within(event, odd.sign, place)) if odd else None
        return self._add(Scalar(text, not event.style, place, found), 1, event.anchor)

    def _place_within(self, event: Any, sign: str, place: Place) -> Place:
        """Return where a sign of a value stands; the value's place if it is written as an escape.

        Parameters
        ----------
        place : of the value.
        """
        start = event.start_mark.index
        source = self._text[start : event.end_mark.index]
        offset = source.find(sign)
        if offset < 0:
            return place
        before = source[:offset]
        n_lines = before.count("\n")
        column = offset - before.rfind("\n") if n_lines else place.column + offset
        return Place(self.file, place.line + n_lines, column)

    def _take_alias(self, event: Any, place: Place) -> bool:
        if event.anchor not in self._anchors:
            return self._stop("yaml_alias", place)
        tree, n_nodes = self._anchors[event.anchor]
        return self._add(tree, n_nodes, None, place)

    def _refuse_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            self.faults.append(fault("tag_refused", place, self._path(), tag=_short(event.tag)))

    def _add(
        self, tree: Tree, n_nodes: int, anchor: str | None, alias: Place | None = None
    ) -> bool:
        if anchor:
            self._anchors[anchor] = (tree, n_nodes)
        if not self._frames:
            self.tree = tree
            return True
        frame = self._frames[-1]
        frame.n_nodes += n_nodes
        if frame.n_nodes > MOST_NODES:
            return self._stop("too_many_values", alias or tree.place, most=str(MOST_NODES))
        if not frame.is_mapping:
            frame.items.append(tree)
        elif frame.key is None:
            if not isinstance(tree, Scalar):
                self.faults.append(fault("key_not_plain", tree.place, self._path()))
                tree = _NO_KEY
            frame.key = tree
        else:
            if frame.key is not _NO_KEY:
                frame.pairs.append((frame.key, tree))
            frame.key = None
        return True

    def _mapping(self, frame: _Frame) -> Mapping:
        entries: dict[str, Entry] = {}
        for key, value in self._joined(frame) if frame.is_flow else frame.pairs:
            text = self._key_text(key)
            if text is None:
                continue
            normal = normal_key(text)
            if normal in entries:
                first = entries[normal]
                code = "key_twice" if first.key == text else "key_spelled_twice"
                fields = {"key": text, "other": first.key, "first": str(first.place.line)}
                self.faults.append(fault(code, key.place, self._path(normal), **fields))
                continue
            entries[normal] = Entry(text, key.place, value)
        return Mapping(entries, frame.place)

    def _key_text(self, key: Scalar) -> str | None:
        """Return a key as it was meant; a sign in it that only looks like another is a fault.

        None for a key that an odd space has moved to another mapping than the one it is for.
        """
        if key.odd is None or normal_key(key.text) != key.text:
            return key.text
        meant = as_meant(key.text)
        odd, place = key.odd
        self.faults.append(odd_fault(key.text, odd, place, self._path(meant)))
        is_moved = odd.kind == "space" and odd.offset == 0
        return None if is_moved else meant

    def _joined(self, frame: _Frame) -> Iterator[tuple[Scalar, Tree]]:
        """Put together numbers that a decimal comma inside braces has split."""
        pairs, place = frame.pairs, 0
        while place < len(pairs):
            key, value = pairs[place]
            place += 1
            rest: list[str] = []
            while place < len(pairs) and (
                _is_split(value, *pairs[place]) or _is_quoted_on(value, rest, *pairs[place])
            ):
                rest.append(pairs[place][0].text)
                place += 1
            yield (
                key,
                self._whole(key, value, rest) if isinstance(value, Scalar) and rest else value,
            )

    def _whole(self, key: Scalar, value: Scalar, rest: list[str]) -> Scalar:
        """Report a number split at its comma, and return it whole, so that it is judged once."""
        written = ",".join([value.text, *rest])
        if value.odd:  # of a curly quote, which is why YAML has split it
            return Scalar(written, False, value.place, value.odd)
        fields = {"value": value.text, "key": rest[0], "quoted": f'"{written}"'}
        if len(rest) == 1:
            code, fields["point"] = "comma_in_braces", f"{value.text.replace('.', '')}.{rest[0]}"
        else:
            code = "commas_in_braces"
        self.faults.append(fault(code, value.place, self._path(normal_key(key.text)), **fields))
        return Scalar(written, False, value.place)

    def _path(self, *keys: str) -> str:
        return ".".join(
            [
                *(
                    normal_key(frame.key.text) if frame.key else str(len(frame.items))
                    for frame in self._frames
                    if frame.key or not frame.is_mapping
                ),
                *keys,
            ]
        )

    def _stop(self, code: str, place: Place, **fields: Any) -> bool:
        self.faults.append(fault(code, place, self._path(), **fields))
        self.tree = None
        return False


def _short(tag: object) -> str:
    return str(tag).replace("tag:yaml.org,2002:", "!!")


def _is_quoted_on(value: Tree, rest: list[str], key: Scalar, after: Tree) -> bool:
    """Return whether a value that began with a curly quote goes on after a comma."""
    if not isinstance(value, Scalar) or not _OPEN_QUOTES.match(value.text):
        return False
    so_far = rest[-1] if rest else value.text[1:]
    return (
        not (so_far and _OPEN_QUOTES.match(so_far[-1]))
        and isinstance(after, Scalar)
        and after.is_plain
        and after.text == ""
        and key.place.line == value.place.line
    )


def _is_split(value: Tree, key: Scalar, after: Tree) -> bool:
    return (
        isinstance(value, Scalar)
        and value.is_plain
        and bool(_DIGITS_BEFORE_COMMA.fullmatch(value.text))
        and key.is_plain
        and bool(_DIGITS_AFTER_COMMA.fullmatch(key.text))
        and isinstance(after, Scalar)
        and after.is_plain
        and after.text == ""
        and after.place.line == key.place.line
    )

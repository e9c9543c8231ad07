"""Faults of the signs and the syntax of a file, in our words, with the sign that caused them.

What YAML's parser says is English and often names the wrong thing: a no-break space after a colon
makes it miss the colon. Called by `nodes` and `merging`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from kla_sim.errors import Fault
from kla_sim.language.signs import (
    Kind,
    OddSign,
    code_point,
    is_no_character,
    name_of,
    visible,
)

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_QUOTES = "“”„‟‘’‚‛«»"
_BREAKS: tuple[tuple[re.Pattern[str], Kind, str], ...] = (
    (re.compile(f"^ *([{_SPACES}])"), "space", " "),
    (re.compile(rf"[^\s:]:([{_SPACES}])"), "space", " "),
    (re.compile(r"^ *[^\s:：]+(：)"), "alike", ":"),
    (re.compile(rf"(?:^|: |- |[\[{{,] *)([{_QUOTES}])"), "quote", '"'),
)
"""Signs at a place where they break a line: before or after a key, or instead of a quote."""
_SPACED_PREFIX = re.compile(r"extends\s*:\s*((?i:shipped)\s*:\s+([^\s#]+))")


class Place(NamedTuple):
    """Where something was written; line and column count from 1, 0 = no line."""

    file: str
    line: int = 0
    column: int = 0


def fault(code: str, place: Place, path: str = "", **fields: Any) -> Fault:
    """Return a fault at a place."""
    return Fault(code, path, place.file, place.line, place.column, fields)


def place_in(text: str, offset: int, file: str) -> Place:
    """Return where a sign of a file's text stands."""
    before = text[:offset]
    return Place(file, before.count("\n") + 1, offset - before.rfind("\n"))


def sign_fault(sign: str, place: Place, path: str = "") -> Fault:
    """Return the fault of a sign that no scenario may hold."""
    code = "no_character" if is_no_character(sign) else "control_character"
    return fault(code, place, path, sign=code_point(sign))


def odd_fault(text: str, odd: OddSign, place: Place, path: str = "") -> Fault:
    """Return the fault of a sign that is taken for another, at the sign's own place."""
    shown = visible(text if len(text) <= 60 else f"{text[:57]}...")
    fields = {"value": shown, "sign": name_of(odd.sign), "plain": odd.plain}
    return fault(f"sign_{odd.kind}", place, path, **fields)


def hidden_cause(text: str, lines: list[int], found: Fault) -> Fault | None:
    """Name the odd sign of the lines that the parser met, where it is why they cannot be read.

    Parameters
    ----------
    text : of the whole file.
    lines : the parser's, counted from 0.
    found : what the parser's own words say.
    """
    if found.code in ("yaml_tab", "yaml_alias"):
        return None
    written = text.split("\n")
    for number in dict.fromkeys(lines):
        line = written[number] if number < len(written) else ""
        spaced = _SPACED_PREFIX.match(line)
        if found.code == "yaml_colon" and spaced:
            place = Place(found.file, number + 1, spaced.start(1) + 1)
            return fault("extends_spaced", place, "extends", value=spaced[1], name=spaced[2])
        for pattern, kind, plain in () if line.isascii() else _BREAKS:
            broken = pattern.search(line)
            if broken:
                odd = OddSign(broken.start(1), broken[1], kind, plain)
                place = Place(found.file, number + 1, broken.start(1) + 1)
                return odd_fault(line.strip(), odd, place)
    return None


def syntax_fault(problem: str, context: str, place: Place) -> Fault:
    """Say in our words what the parser met; its own are English only."""
    words = f"{problem} {context}"
    for sign, code in (
        ("'\\t'", "yaml_tab"),
        ("undefined alias", "yaml_alias"),
        ("quoted scalar", "yaml_quote"),
        ("mapping values are not allowed", "yaml_colon"),
        ("could not find expected ':'", "yaml_no_colon"),
        ("flow mapping", "yaml_bracket"),
        ("flow sequence", "yaml_bracket"),
        ("cannot start any token", "yaml_start"),
    ):
        if sign in words:
            return fault(code, place)
    return fault("yaml_syntax", place)

"""Names made safe for each place they go to: a terminal, a table, a plot, a CSV, a file's name.

A name is text and may hold whatever a scenario may: markup of other programs, marks that turn the
direction of writing, formulas, three hundred letters. It is never interpreted. What prints or
draws calls these functions where it prints or draws, so that no caller can forget.
"""

from __future__ import annotations

import re

from kla_sim.language.signs import BIDI, code_point

MOST_SIGNS = 100
"""Longer names are cut in tables and plots; JSON, CSV and sentences keep them whole."""

_MOST_BYTES = 80
_UNSAFE = re.compile(
    f"[\x00-\x1f\x7f-\x9f{BIDI}\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f{BIDI}\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS = re.compile(r"[ \t]*[\n\r\t]+[ \t]*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def shown(text: str) -> str:
    """Return a text on one line in which controls and marks of direction are visible.

    Line ends and tabs become spaces, everything else that a terminal would obey its code point.
    """
    if text.isprintable() and text.isascii():
        return text
    return _UNSAFE.sub(_visible, _LINE_ENDS.sub(" ", text.strip("\r\n")))


def brief(text: str, most: int = MOST_SIGNS) -> str:
    """Return a text, cut with an ellipsis where it is longer than so many signs."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def for_csv(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: text like one gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def for_json(document: str) -> str:
    """Return a JSON document in which signs that a terminal obeys are escaped, with no other sense.

    So it can be written as UTF-8 whatever it holds, half a pair of surrogates included.
    """
    return _UNSAFE_IN_JSON.sub(_escaped, document)


def for_file_name(text: str) -> str:
    """Return a text as a part of a file's or folder's name: letters and digits of any script."""
    kept = "".join(sign if sign.isalnum() else "_" for sign in text.lower())
    joined = "_".join(part for part in kept.split("_") if part)[:60]
    return joined.encode(errors="ignore")[:_MOST_BYTES].decode(errors="ignore") or "run"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _visible(match: re.Match[str]) -> str:
    return f"<{code_point(match[0])}>"

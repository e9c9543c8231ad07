"""Signs that are not what they seem: controls, invisible ones, odd spaces, quotes and look-alikes.

One rule says what may stand in a text at all (`refused_sign`), when it is read and when it is
written. Another finds the sign that makes a key or number unreadable although it looks right
(`odd_sign`). Called by `scenario`, the command line and `safe`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

_LAST_TWO = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_NO_CHARACTER = f"\ud800-\udfff\ufdd0-\ufdef{_LAST_TWO}"
_REFUSED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_NO_CHARACTER}]")
"""Controls but tab and line feed, separators of lines and paragraphs, and what is no character."""
_REFUSED_IN_FILE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029{_NO_CHARACTER}]")
"""The same for the text of a file, where a carriage return may end a line."""
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_IS_NO_CHARACTER = re.compile(f"[{_NO_CHARACTER}]")

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Signs that turn the direction of writing, for use in a character class."""

_HIDDEN = re.compile(
    f"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f"
    f"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff{BIDI}]"
)
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_QUOTES = "“”„‟‘’‚‛«»‹›`´″′＂＇"
_QUOTE_AT_AN_END = re.compile(rf"^\s*(?P<first>[{_QUOTES}])|(?P<last>[{_QUOTES}])\s*$")

_ALIKE = {
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict(zip("асеорхуіјѕԁһӏԛԝ", "aceopxyijsdhlqw", strict=True)),
    **dict(zip("АВЕКМНОРСТХІЈЅ", "ABEKMHOPCTXIJS", strict=True)),
    **dict(zip("οαινρυ", "oaivpu", strict=True)),
    **dict(zip("ıſ", "is", strict=True)),
    **dict(zip("،٫、٬٪∶ː", ",,,.%::", strict=True)),
}
"""Dashes, letters of other scripts and points that look like signs of ASCII."""

Kind = Literal["hidden", "quote", "alike", "space"]


class OddSign(NamedTuple):
    """A sign that is taken for another, where it stands in its text, and what it is taken for."""

    offset: int
    sign: str
    kind: Kind
    plain: str


def with_whole_pairs(text: str) -> str:
    """Return a text in which each pair of surrogates, as JSON escapes them, is one character."""
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def refused_sign(text: str, *, is_file: bool = False) -> re.Match[str] | None:
    """Find the first sign that no scenario, label or value may hold.

    Parameters
    ----------
    is_file : the text is that of a file, where carriage returns may end lines.
    """
    return (_REFUSED_IN_FILE if is_file else _REFUSED).search(text)


def is_no_character(sign: str) -> bool:
    """Return whether a refused sign stands for no character at all: half a pair, or never used."""
    return bool(_IS_NO_CHARACTER.match(sign))


def odd_sign(text: str) -> OddSign | None:
    """Find the sign that most likely makes a key, number or reference unreadable, if any does.

    Meant for values that have been refused: in names and reasons each of these is at home.
    """
    if text.isascii() and "`" not in text:
        return None
    hidden = _HIDDEN.search(text)
    if hidden:
        return OddSign(hidden.start(), hidden[0], "hidden", "")
    quote = _QUOTE_AT_AN_END.search(text)
    if quote:
        name = "first" if quote["first"] else "last"
        return OddSign(quote.start(name), quote[name], "quote", '"')
    for offset, sign in enumerate(text):
        plain = "" if sign.isascii() else plain_of(sign)
        if plain:
            return OddSign(offset, sign, "alike", plain)
    space = _SPACE.search(text)
    return OddSign(space.start(), space[0], "space", " ") if space else None


def plain_of(sign: str) -> str:
    """Return the sign of ASCII that another one looks like or stands for; empty if there is none.

    A digit of any script stands for its own; a full-width sign for the narrow one.
    """
    if sign in _ALIKE:
        return _ALIKE[sign]
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    is_wide = "\uff01" <= sign <= "\uff5e"
    return unicodedata.normalize("NFKC", sign) if is_wide else ""


def as_meant(text: str) -> str:
    """Return a key or reference without the signs that only look like others."""
    text = _SPACE.sub(" ", _HIDDEN.sub("", text)).strip().strip(_QUOTES)
    return "".join(sign if sign.isascii() else plain_of(sign) or sign for sign in text)


def visible(text: str) -> str:
    """Return a text in which every hidden, odd or refused sign shows as its code point."""
    shown = _HIDDEN.sub(_code_point, _SPACE.sub(_code_point, text))
    return _REFUSED.sub(_code_point, shown)


def code_point(sign: str) -> str:
    """Return how a sign is named in messages, e.g. U+202E."""
    return f"U+{ord(sign):04X}"


def name_of(sign: str) -> str:
    """Return the official name of a sign, after its code point."""
    name = unicodedata.name(sign, "")
    return f"{code_point(sign)} ({name})" if name else code_point(sign)


def _code_point(match: re.Match[str]) -> str:
    return f"<{code_point(match[0])}>"

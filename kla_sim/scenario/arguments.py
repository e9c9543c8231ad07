"""Numbers given with a command, read by the rules of numbers in scenarios.

One reader for whole numbers and one for shares, so that `10.000` after an option is refused with
both readings exactly as in a file. Called by the options of `cli`; bounds are theirs.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from kla_sim.domain.limits import MOST_COUNTED
from kla_sim.errors import UsageError
from kla_sim.scenario.nodes import PLAIN_NUMBER
from kla_sim.scenario.numerals import WrittenFloat, fault, read_count, read_decimal, read_share

_LONGEST = 60
_MOST_DIGITS = 30
_DIGITS_ONLY = re.compile(r"[+-]?[0-9]+")
_OTHER_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:[\s_'’][0-9]{3})+")


class Whole(NamedTuple):
    """A whole number between two bounds, and what it is called on the command line."""

    name: str
    least: int
    most: int

    def read(self, text: str) -> int:
        """Read a whole number.

        Raises
        ------
        UsageError : it is none, can be read in two ways, or lies outside the bounds.
        """
        number = self._number(text.strip())
        fields = {"name": self.name, "value": shortened(text.strip())}
        if number < self.least:
            raise UsageError("number_below", least=str(self.least), **fields)
        if number > self.most:
            raise UsageError("number_above", most=str(self.most), **fields)
        return number

    def _number(self, text: str) -> int:
        if _DIGITS_ONLY.fullmatch(text) and len(text) > _MOST_DIGITS:  # int() may refuse so many
            digits = text.lstrip("+-").lstrip("0")
            beyond = self.least - 1 if text.startswith("-") else self.most + 1
            return beyond if len(digits) > _MOST_DIGITS else int(digits or "0")
        respelled = _respelled(text)
        if respelled:
            fields = {"name": self.name, "value": shortened(text)}
            raise UsageError("number_respell", whole=respelled, **fields)
        try:
            return read_count(_as_in_a_file(text))
        except PydanticCustomError as refused:
            raise self._refusal(text, refused) from refused

    def _refusal(self, text: str, refused: PydanticCustomError) -> UsageError:
        readings = refused.context or {}
        fields = {"name": self.name, "value": shortened(text)}
        if refused.type == "ambiguous_number":
            decimal, whole = str(readings["decimal"]), str(readings["whole"])
            if "." in decimal:
                return UsageError("number_ambiguous", decimal=decimal, whole=whole, **fields)
            return UsageError("number_ambiguous_whole", decimal=decimal, whole=whole, **fields)
        if not text:
            return UsageError("number_blank", name=self.name)
        if _is_number(text):
            return UsageError("number_not_whole", **fields)
        return UsageError("number_unreadable", least=str(self.least), **fields)


def read_precision(text: str, name: str) -> float:
    """Read a half-width as a share: `0.01`, `0,01` or `1%`.

    Raises
    ------
    UsageError : it is none, or does not lie between 0 and 0.5.
    """
    share, decimal, whole = _read_share(text, name, 0.5)
    if share is not None:
        return share
    fields = {"name": name, "value": shortened(text.strip())}
    if whole:
        raise UsageError("precision_ambiguous", decimal=decimal, whole=whole, **fields)
    if decimal:
        raise UsageError("precision_out_of_range", value=decimal)
    raise UsageError("precision_unreadable", **fields)


def read_odds(text: str, name: str) -> float:
    """Read odds as a share: `0.5`, `0,5` or `50%`.

    Raises
    ------
    UsageError : it is none, or does not lie between 0 and 1.
    """
    share, decimal, whole = _read_share(text, name, 1.0)
    if share is not None:
        return share
    fields = {"name": name, "value": shortened(text.strip())}
    if whole:
        raise UsageError("odds_ambiguous", decimal=decimal, whole=whole, **fields)
    if decimal:
        raise UsageError("odds_out_of_range", **fields)
    raise UsageError("odds_unreadable", **fields)


def read_expected(text: str, name: str) -> float:
    """Read an expected number of regions above 0: `4`, `4.5` or `4,5`.

    Raises
    ------
    UsageError : it is none, or can be read in two ways.
    """
    text = text.strip()
    if not text:
        raise UsageError("number_blank", name=name)
    fields = {"name": name, "value": shortened(text)}
    try:
        found = read_decimal(text)
    except PydanticCustomError as refused:
        if refused.type != "ambiguous_number":
            raise UsageError("regions_unreadable", **fields) from refused
        readings = refused.context or {}
        decimal, whole = str(readings["decimal"]), str(readings["whole"])
        raise UsageError("regions_ambiguous", decimal=decimal, whole=whole, **fields) from refused
    if found is None or not 0 < found <= MOST_COUNTED:
        raise UsageError("regions_unreadable", **fields)
    return float(found)


def _read_share(text: str, name: str, most: float) -> tuple[float | None, str, str]:
    """Return a share between 0 and a bound, both excluded; else the number read, or its readings.

    Returns
    -------
    the share; None and a number out of range; None and two readings; or None and nothing
    """
    text = text.strip()
    if not text:
        raise UsageError("number_blank", name=name)
    try:
        share = _share(text)
        if 0 < share < most:
            return share, "", ""
        read_decimal(text)
    except PydanticCustomError as refused:
        readings = refused.context or {}
        if refused.type == "ambiguous_number":
            return None, str(readings["decimal"]), str(readings["whole"])
        return None, "", ""
    return None, shortened(text), ""


def read_shard(text: str, name: str, most: int) -> str:
    """Read which of how many shards, and return it as ``3/40``.

    Raises
    ------
    UsageError : it is not two whole numbers, the first from 1 to the second.
    """
    number, slash, of = text.partition("/")
    if not slash:
        raise UsageError("shard_unclear", value=shortened(text))
    read = Whole(name, 1, most).read
    chosen, n_shards = read(number), read(of)
    if chosen > n_shards:
        raise UsageError("shard_unclear", value=shortened(text))
    return f"{chosen}/{n_shards}"


def _share(text: str) -> float:
    if not text.isascii():
        fault("not_a_share")
    value = _as_in_a_file(text)
    return value if isinstance(value, float) else float(read_share(text))


def _as_in_a_file(text: str) -> str | WrittenFloat:
    """Return what a plain value of a scenario file would be, `1e4` being a number there."""
    return WrittenFloat(text) if PLAIN_NUMBER.fullmatch(text) else text


def _is_number(text: str) -> bool:
    """Return whether a text is some number by the rules of scenarios."""
    try:
        return bool(PLAIN_NUMBER.fullmatch(text)) or read_decimal(text) is not None
    except PydanticCustomError:
        return True


def _respelled(text: str) -> str:
    """Return a whole number grouped or written in another way as plain digits; else nothing."""
    plain = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    if plain != text and _DIGITS_ONLY.fullmatch(plain):
        return plain
    return re.sub("[^0-9+-]", "", plain) if _OTHER_GROUPS.fullmatch(plain) else ""


def shortened(text: str) -> str:
    """Return what was given in at most 60 signs, its invisible ones by number."""
    shown = "".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."

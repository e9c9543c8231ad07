"""Numbers as people write them, with decimal comma or point: one reading, or a refusal with both.

A number here has no unit, or is counted in thousands and millions, or is a share. Errors carry a
code of the catalogue `faults` and the fields of its sentence. Called by `quantities`, and by
`arguments` for numbers on the command line.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, NoReturn

from pydantic_core import PydanticCustomError

_MOST_NUMBER = 1e12
SIZES = {
    **dict.fromkeys(("ribu", "rb", "thousand"), 10**3),
    **dict.fromkeys(("juta", "jt", "million"), 10**6),
    **dict.fromkeys(("miliar", "milyar", "billion"), 10**9),
    **dict.fromkeys(("triliun", "trillion"), 10**12),
}

_SIGN = r"[+-]?"
_PLAIN = re.compile(rf"{_SIGN}[0-9]+([.,][0-9]+)?")
_GROUPED = re.compile(
    rf"{_SIGN}[1-9][0-9]{{0,2}}((\.[0-9]{{3}})+(,[0-9]+)?|(,[0-9]{{3}})+(\.[0-9]+)?)"
)
_ONE_GROUP = re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}[.,][0-9]{{3}}")
NUMBER_AND_WORD = re.compile(r"([+-]?[0-9.,]+)\s*([^\W\d_]+)")
_RP = re.compile(r"^Rp\.?\s*", re.I)
_LAST_WORD = re.compile(r"\s*(%|[^\W\d_]+)$")
_SHARE = re.compile(r"(?P<number>[+-]?[0-9.,]+)\s*(?P<percent>%|persen|percent)?", re.I)


class WrittenFloat(float):
    """A decimal number of a scenario file that remembers its source text."""

    text: str

    def __new__(cls, text: str) -> WrittenFloat:
        """Read the text of a plain YAML number."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def fault(code: str, **fields: Any) -> NoReturn:
    """Refuse a value; the code names the sentence, the fields fill it."""
    raise PydanticCustomError(code, code, fields)


def read_decimal(text: str, *, thousands: str = "") -> Decimal | None:
    """Read a number written with decimal comma or point, with or without grouped thousands.

    Parameters
    ----------
    thousands : a sign that is known to group thousands here, so that `2.500` has one reading.

    Returns
    -------
    None if the text is no number.

    Raises
    ------
    PydanticCustomError : `2.500` may be 2.5 or 2500 (code ``ambiguous_number``).
    """
    if _ONE_GROUP.fullmatch(text):
        whole = re.sub("[.,]", "", text)
        if thousands and thousands in text:
            return Decimal(whole)
        decimal = text.replace(",", ".").rstrip("0").rstrip(".")
        clear = decimal if len(decimal.partition(".")[2]) < 3 else f"{decimal}0"
        fault("ambiguous_number", decimal=decimal, whole=whole, clear=clear)
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if _GROUPED.fullmatch(text):
        sign = "." if text.rfind(".") > text.rfind(",") else ","
        is_grouped_by_last = text.count(sign) > 1 or not _has_both(text)
        grouping = sign if is_grouped_by_last else ("," if sign == "." else ".")
        return Decimal(text.replace(grouping, "").replace(",", "."))
    return None


def read_share(text: str) -> Decimal:
    """Read a share or factor; here a point or comma is always a decimal sign."""
    found = _decimal_of_ratio(text)
    if found is None:
        fault("not_a_share")
    return found


def _has_both(text: str) -> bool:
    return "." in text and "," in text


def read_number(value: Any) -> float:
    """Read a number that has no unit; a point with three digits is a decimal point here."""
    if isinstance(value, str):
        found = _decimal_of_ratio(value.strip())
        if found is None:
            fault("not_a_number")
        value = float(found)
    return finite(value)


def finite(value: Any) -> float:
    """Return a number as it is; refuse what is none, or is beyond what can be meant."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_a_number")
    if not math.isfinite(value) or abs(value) > _MOST_NUMBER:
        fault("number_too_large", most=f"{_MOST_NUMBER:.0f}")
    return value


def read_points(value: Any) -> float:
    """Read points of a score; `2.500` is refused, for it may mean 2500."""
    if isinstance(value, str | WrittenFloat):
        found = read_decimal((value if isinstance(value, str) else value.text).strip())
        if found is None:
            fault("not_a_number")
        return finite(float(found))
    return finite(value)


def read_count(value: Any) -> int:
    """Read a whole number of any size, plain or in words."""
    if isinstance(value, str | WrittenFloat):
        text = (value if isinstance(value, str) else value.text).strip()
        found = _decimal_of_count(text)
        value = float(value) if found is None and isinstance(value, float) else found
        if value is None:
            _refuse_more_than_count(text)
            fault("not_a_count")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        fault("not_a_count")
    if not math.isfinite(value) or value != int(value):
        fault("not_a_count")
    return int(value)


def _decimal_of_count(text: str) -> Decimal | None:
    """Read a number that may end in `ribu`, `juta` or another word for its size."""
    match = NUMBER_AND_WORD.fullmatch(text)
    if match is None:
        return None if "e" in text.lower() else read_decimal(text)
    if match[2].lower() not in SIZES:
        return None
    number = read_decimal(match[1])
    return None if number is None else number * SIZES[match[2].lower()]


def _refuse_more_than_count(text: str) -> None:
    """Refuse `Rp 3`, `35%` or `2.2 million people` with the number that may stand alone."""
    bare = _RP.sub("", text, count=1)
    for clear in (bare, _LAST_WORD.sub("", bare)):
        number = None if clear == text else _decimal_of_count(clear)
        if number is not None and number == number.to_integral_value():
            fault("more_than_count", clear=clear)


def _decimal_of_ratio(text: str) -> Decimal | None:
    """Read a share or factor: here a point or comma is always a decimal sign."""
    match = _SHARE.fullmatch(text)
    if match is None or not _PLAIN.fullmatch(match["number"]):
        return None
    number = Decimal(match["number"].replace(",", "."))
    return number / 100 if match["percent"] else number


def read_ratio(value: Any) -> float:
    """Read a share or factor, plain or in percent."""
    if isinstance(value, str):
        found = _decimal_of_ratio(value.strip())
        if found is None:
            fault("not_a_share")
        return finite(float(found))
    if isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_a_share")
    return finite(value)


def read_basis_points(value: Any) -> int:
    """Read a share of a whole as hundredths of a percent."""
    if isinstance(value, str):
        share = _decimal_of_ratio(value.strip())
        if share is None:
            fault("not_a_share")
    else:
        share = Decimal(repr(float(read_ratio(value))))
    if not 0 <= share <= 1:
        fault("share_outside")
    points = share * 10_000
    if points != points.to_integral_value():
        fault("not_basis_points")
    return int(points)

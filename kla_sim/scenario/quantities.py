"""The quantities of a scenario: how each is read, how people write it, and between what limits.

Rupiah are whole; times are days (1 week = 7, 1 month = 365.25/12, 1 year = 365.25); shares of
money are whole hundredths of a percent. A value that can be read in two ways is refused with both
readings. Numbers and days by themselves stand in `numerals` and `dates`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.scenario.dates import read_date, read_day_of_year, read_year
from kla_sim.scenario.numerals import (
    NUMBER_AND_WORD,
    SIZES,
    WrittenFloat,
    fault,
    finite,
    read_basis_points,
    read_count,
    read_decimal,
    read_number,
    read_points,
    read_ratio,
)

MOST_RUPIAH = 900_000_000_000_000
"""Of one amount as written; what amounts can come to is bounded in `domain.limits`."""
MOST_DAYS = 1_000_000
MOST_COUNT = 1_000_000_000

DAYS_OF_UNIT = {
    **dict.fromkeys(("hari", "day", "days"), 1.0),
    **dict.fromkeys(("minggu", "pekan", "week", "weeks"), 7.0),
    **dict.fromkeys(("bulan", "month", "months"), DAYS_PER_YEAR / 12),
    **dict.fromkeys(("tahun", "year", "years"), DAYS_PER_YEAR),
}
_TIMES = re.compile(r"[+-]?[0-9.,]+\s*[^\W\d_]+(\s+[0-9.,]+\s*[^\W\d_]+)*")
_AMOUNT = re.compile(r"(?P<rp>Rp\.?)?\s*(?P<number>[+-]?[0-9.,]+)\s*(?P<unit>[^\W\d_]+)?", re.I)


def _days(value: Any) -> float:
    if isinstance(value, str):
        return _days_of_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_a_time")
    return finite(value)


def _days_of_text(text: str) -> float:
    """Read `3 minggu`, or several parts, the longest unit first: `1 tahun 6 bulan`."""
    parts = NUMBER_AND_WORD.findall(text) if _TIMES.fullmatch(text) else []
    units = [DAYS_OF_UNIT.get(unit.lower(), 0.0) for _, unit in parts]
    is_descending = all(before > after for before, after in pairwise(units))
    if not parts or not all(units) or not is_descending:
        fault("not_a_time")
    days = 0.0
    for (written, _), unit in zip(parts, units, strict=True):
        number = read_decimal(written)
        if number is None:
            fault("not_a_time")
        days += float(number) * unit
    return days


def _rupiah(value: Any) -> int:
    if isinstance(value, WrittenFloat):
        value = value.text if "e" not in value.text.lower() else float(value)
    if isinstance(value, str):
        amount = _amount_of_text(value.strip())
    elif isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_an_amount")
    else:
        amount = Decimal(repr(finite(value))) if isinstance(value, float) else Decimal(value)
    if amount != amount.to_integral_value():
        fault("not_whole_rupiah")
    if abs(amount) > MOST_RUPIAH:
        fault("amount_too_large", most="900 triliun / trillion")
    return int(amount)


def _amount_of_text(text: str) -> Decimal:
    match = _AMOUNT.fullmatch(text)
    unit = (match["unit"] or "").lower() if match else "?"
    if match is None or (unit and unit not in SIZES):
        fault("not_an_amount")
    # After "Rp" people write Indonesian thousands; sen are not in use.
    number = read_decimal(match["number"], thousands="." if match["rp"] and not unit else "")
    if number is None:
        fault("not_an_amount")
    return number * SIZES.get(unit, 1)


def _any_quantity(value: Any) -> float:
    """Read a number, amount, time or share by its own unit (for `uncertain` and ranges)."""
    if not isinstance(value, str):
        return finite(value)
    text = value.strip()
    words = re.findall(r"[^\W\d_]+", text.lower())
    if any(word in DAYS_OF_UNIT for word in words):
        return _days(text)
    if any(word == "rp" or word in SIZES for word in words):
        return float(_rupiah(text))
    return read_number(text)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        fault("not_a_flag")
    return value


def _identifier(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        fault("not_an_identifier")
    if len(value) > 80:
        fault("identifier_too_long", most="80")
    return value


def _posterior_name(value: Any) -> Any:
    """Read the name of a posterior, which may look like a year, or the path of its table."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_NUMERAL = r"[+-]?[0-9][0-9.,]*"
_A_NUMBER = rf"^\s*{_NUMERAL}\s*(%|[A-Za-z]+)?\s*$"
_TIME = rf"^\s*{_NUMERAL}\s*[A-Za-z]+(\s+[0-9][0-9.,]*\s*[A-Za-z]+)*\s*$"
_MONEY = rf"^\s*([Rr][Pp]\.?)?\s*{_NUMERAL}\s*[A-Za-z]*\s*$"
_ANY = rf"^\s*([Rr][Pp]\.?)?\s*{_NUMERAL}\s*(%|[A-Za-z]+(\s+[0-9][0-9.,]*\s*[A-Za-z]+)*)?\s*$"
_DAY = r"^\s*([0-9]{1,2}\s+[A-Za-z]+|[A-Za-z]+\s+[0-9]{1,2})\s*$"
_DATE = (
    r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\s+[A-Za-z]+\.?\s+[0-9]{4}"
    r"|[A-Za-z]+\.?\s+[0-9]{1,2}\s*,?\s+[0-9]{4})\s*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(BeforeValidator):
    """How a quantity is read, and how people write it as text.

    Attributes
    ----------
    pattern : what every text that is read matches (ECMA 262).
    form : names its sentence in the catalogue `schema`; empty where none is needed.
    has_unit : whether its sentence follows that of the key; a bare number's unit is the key's own.
    is_text : whether a number is no value of it.
    """

    pattern: str = ""
    form: str = ""
    has_unit: bool = True
    is_text: bool = False


NUMBER = Reading(func=read_number, pattern=_A_NUMBER, form="number", has_unit=False)
POINTS = replace(NUMBER, func=read_points)
COUNT = replace(NUMBER, func=read_count)
ANY_QUANTITY = Reading(func=_any_quantity, pattern=_ANY, form="any", has_unit=False)
RATIO = Reading(func=read_ratio, pattern=_A_NUMBER, form="percent")
BASIS_POINTS = replace(RATIO, func=read_basis_points)
DAYS = Reading(func=_days, pattern=_TIME, form="days")
RUPIAH = Reading(func=_rupiah, pattern=_MONEY, form="rupiah")
DAY_OF_YEAR = Reading(func=read_day_of_year, pattern=_DAY, form="day_of_year", is_text=True)
DATE = Reading(func=read_date, pattern=_DATE, form="date", is_text=True)
YEAR = Reading(func=read_year, pattern=r"^\s*\+?0*[0-9]{4}\s*$")
IDENTIFIER = Reading(func=_identifier, pattern=r"^[a-z][a-z0-9_]*$")
POSTERIOR_NAME = Reading(func=_posterior_name, pattern=r"\S", form="posterior", has_unit=False)

Number = Annotated[float, NUMBER]
Points = Annotated[float, POINTS]
Ratio = Annotated[float, RATIO]
Share = Annotated[float, RATIO, Field(ge=0, le=1)]
Days = Annotated[float, DAYS, Field(ge=0, le=MOST_DAYS)]
Rupiah = Annotated[int, RUPIAH, Field(ge=0, le=MOST_RUPIAH)]
Count = Annotated[int, COUNT, Field(ge=0, le=MOST_COUNT)]
Year = Annotated[int, YEAR]
BasisPoints = Annotated[int, BASIS_POINTS]
"""A share of money in hundredths of a percent: 10000 is the whole."""
DayOfYear = Annotated[int, DAY_OF_YEAR]
"""A day of any year as month x 100 + day: 1 February is 201."""
Date = Annotated[dt.date, DATE]
AnyQuantity = Annotated[float, ANY_QUANTITY]
Flag = Annotated[bool, Reading(func=_flag)]
PosteriorName = Annotated[str, POSTERIOR_NAME]
Identifier = Annotated[str, IDENTIFIER]

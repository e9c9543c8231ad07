"""Amounts, times, shares and days as people write them, read into numbers with one unit each.

Rupiah are whole; times are days (1 week = 7, 1 month = 365.25/12, 1 year = 365.25); shares of
money are whole hundredths of a percent. A value that can be read in two ways is refused with both
readings. Errors carry a code of the catalogue `faults` and the fields of its sentence.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kla_sim.domain.units import DAYS_PER_YEAR

MOST_RUPIAH = 900_000_000_000_000
"""Of one amount as written; what amounts can come to is bounded in `domain.limits`."""
MOST_DAYS = 1_000_000
MOST_COUNT = 1_000_000_000
MOST_NUMBER = 1e12
FIRST_YEAR, LAST_YEAR = 1900, 2200

DAYS_OF_UNIT = {
    **dict.fromkeys(("hari", "day", "days"), 1.0),
    **dict.fromkeys(("minggu", "pekan", "week", "weeks"), 7.0),
    **dict.fromkeys(("bulan", "month", "months"), DAYS_PER_YEAR / 12),
    **dict.fromkeys(("tahun", "year", "years"), DAYS_PER_YEAR),
}
RUPIAH_OF_UNIT = {
    **dict.fromkeys(("ribu", "rb", "thousand"), 10**3),
    **dict.fromkeys(("juta", "jt", "million"), 10**6),
    **dict.fromkeys(("miliar", "milyar", "billion"), 10**9),
    **dict.fromkeys(("triliun", "trillion"), 10**12),
}
MONTH_NAMES = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_OTHER_MONTH_NAMES = (
    "january jan", "february feb", "march mar", "apr", "may", "june jun",
    "july jul", "august agu aug", "sep sept", "october okt oct", "nov nop", "december des dec",
)  # fmt: skip
MONTHS = {
    name: number
    for number, (own, others) in enumerate(
        zip(MONTH_NAMES, _OTHER_MONTH_NAMES, strict=True), start=1
    )
    for name in (own.lower(), *others.split())
}
_DAYS_OF_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_SIGN = r"[+-]?"
_PLAIN = re.compile(rf"{_SIGN}[0-9]+([.,][0-9]+)?")
_GROUPED = re.compile(
    rf"{_SIGN}[1-9][0-9]{{0,2}}((\.[0-9]{{3}})+(,[0-9]+)?|(,[0-9]{{3}})+(\.[0-9]+)?)"
)
_ONE_GROUP = re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}[.,][0-9]{{3}}")
_NUMBER_AND_UNIT = re.compile(r"([+-]?[0-9.,]+)\s*([^\W\d_]+)")
_TIMES = re.compile(r"[+-]?[0-9.,]+\s*[^\W\d_]+(\s+[0-9.,]+\s*[^\W\d_]+)*")
_AMOUNT = re.compile(r"(?P<rp>Rp\.?)?\s*(?P<number>[+-]?[0-9.,]+)\s*(?P<unit>[^\W\d_]+)?", re.I)
_RP = re.compile(r"^Rp\.?\s*", re.I)
_LAST_WORD = re.compile(r"\s*(%|[^\W\d_]+)$")
_SHARE = re.compile(r"(?P<number>[+-]?[0-9.,]+)\s*(?P<percent>%|persen|percent)?", re.I)
_DAY_MONTH = re.compile(r"([0-9]{1,2})\s+([^\W\d_]+)|([^\W\d_]+)\s+([0-9]{1,2})")
_TWO_NUMBERS = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE_IN_WORDS = re.compile(
    r"([0-9]{1,2})\s+([^\W\d_]+)\.?\s+([0-9]{4})|([^\W\d_]+)\.?\s+([0-9]{1,2})\s*,?\s+([0-9]{4})"
)
_DATE_IN_DIGITS = re.compile(r"([0-9]{1,4})\s*([-/.])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,4})")


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


def read_count(value: Any) -> int:
    """Read a whole number of any size, plain or in words, by the rules of counts."""
    return _count(value)


def read_share(text: str) -> Decimal:
    """Read a share or factor; here a point or comma is always a decimal sign."""
    found = _decimal_of_ratio(text)
    if found is None:
        fault("not_a_share")
    return found


def _has_both(text: str) -> bool:
    return "." in text and "," in text


def _number(value: Any) -> float:
    """Read a number that has no unit; a point with three digits is a decimal point here."""
    if isinstance(value, str):
        found = _decimal_of_ratio(value.strip())
        if found is None:
            fault("not_a_number")
        value = float(found)
    return _finite(value)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_a_number")
    if not math.isfinite(value) or abs(value) > MOST_NUMBER:
        fault("number_too_large", most=f"{MOST_NUMBER:.0f}")
    return value


def _points(value: Any) -> float:
    if isinstance(value, str | WrittenFloat):
        found = read_decimal((value if isinstance(value, str) else value.text).strip())
        if found is None:
            fault("not_a_number")
        return _finite(float(found))
    return _finite(value)


def _count(value: Any) -> int:
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
    match = _NUMBER_AND_UNIT.fullmatch(text)
    if match is None:
        return None if "e" in text.lower() else read_decimal(text)
    if match[2].lower() not in RUPIAH_OF_UNIT:
        return None
    number = read_decimal(match[1])
    return None if number is None else number * RUPIAH_OF_UNIT[match[2].lower()]


def _refuse_more_than_count(text: str) -> None:
    """Refuse `Rp 3`, `35%` or `2.2 million people` with the number that may stand alone."""
    bare = _RP.sub("", text, count=1)
    for clear in (bare, _LAST_WORD.sub("", bare)):
        number = None if clear == text else _decimal_of_count(clear)
        if number is not None and number == number.to_integral_value():
            fault("more_than_count", clear=clear)


def _year(value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{4}", text):
        fault("not_a_year", first=str(FIRST_YEAR), last=str(LAST_YEAR))
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        fault("not_a_year", first=str(FIRST_YEAR), last=str(LAST_YEAR))
    return int(text)


def _days(value: Any) -> float:
    if isinstance(value, str):
        return _days_of_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_a_time")
    return _finite(value)


def _days_of_text(text: str) -> float:
    """Read `3 minggu`, or several parts, the longest unit first: `1 tahun 6 bulan`."""
    parts = _NUMBER_AND_UNIT.findall(text) if _TIMES.fullmatch(text) else []
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
        amount = Decimal(repr(_finite(value))) if isinstance(value, float) else Decimal(value)
    if amount != amount.to_integral_value():
        fault("not_whole_rupiah")
    if abs(amount) > MOST_RUPIAH:
        fault("amount_too_large", most="900 triliun / trillion")
    return int(amount)


def _amount_of_text(text: str) -> Decimal:
    match = _AMOUNT.fullmatch(text)
    unit = (match["unit"] or "").lower() if match else "?"
    if match is None or (unit and unit not in RUPIAH_OF_UNIT):
        fault("not_an_amount")
    # After "Rp" people write Indonesian thousands; sen are not in use.
    number = read_decimal(match["number"], thousands="." if match["rp"] and not unit else "")
    if number is None:
        fault("not_an_amount")
    return number * RUPIAH_OF_UNIT.get(unit, 1)


def _decimal_of_ratio(text: str) -> Decimal | None:
    """Read a share or factor: here a point or comma is always a decimal sign."""
    match = _SHARE.fullmatch(text)
    if match is None or not _PLAIN.fullmatch(match["number"]):
        return None
    number = Decimal(match["number"].replace(",", "."))
    return number / 100 if match["percent"] else number


def _ratio(value: Any) -> float:
    if isinstance(value, str):
        found = _decimal_of_ratio(value.strip())
        if found is None:
            fault("not_a_share")
        return _finite(float(found))
    if isinstance(value, bool) or not isinstance(value, int | float):
        fault("not_a_share")
    return _finite(value)


def _basis_points(value: Any) -> int:
    if isinstance(value, str):
        share = _decimal_of_ratio(value.strip())
        if share is None:
            fault("not_a_share")
    else:
        share = Decimal(repr(float(_ratio(value))))
    if not 0 <= share <= 1:
        fault("share_outside")
    points = share * 10_000
    if points != points.to_integral_value():
        fault("not_basis_points")
    return int(points)


def read_day_of_year(text: str) -> int:
    """Read a day such as `1 Februari` or `February 1` as month x 100 + day.

    Raises
    ------
    PydanticCustomError : `02-01` has two readings, there is no such day, or it is 29 February.
    """
    match = _DAY_MONTH.fullmatch(text)
    if match is None:
        _refuse_numbers_as_day(text)
        fault("not_a_day")
    day, name = int(match[1] or match[4]), (match[2] or match[3]).lower()
    if name not in MONTHS:
        fault("not_a_day")
    month = MONTHS[name]
    if (month, day) == (2, 29):
        fault("leap_day")
    if not 1 <= day <= _DAYS_OF_MONTH[month - 1]:
        fault("no_such_day", last=(month, _DAYS_OF_MONTH[month - 1]))
    return month * 100 + day


def _refuse_numbers_as_day(text: str) -> None:
    match = _TWO_NUMBERS.fullmatch(text)
    if match is None:
        return
    first, second = int(match[1]), int(match[2])
    readings = [
        (month, day)
        for day, month in ((first, second), (second, first))
        if 1 <= month <= 12 and 1 <= day <= _DAYS_OF_MONTH[month - 1]
    ]
    if len(set(readings)) == 2:
        fault("ambiguous_day", one=readings[0], other=readings[1])


def _day_of_year(value: Any) -> int:
    if isinstance(value, WrittenFloat):
        value = value.text
    if not isinstance(value, str):
        fault("not_a_day")
    return read_day_of_year(value.strip())


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    match = _ISO_DATE.fullmatch(text)
    year, month, day = map(int, match.groups()) if match else _date_in_words(text)
    found = _date_of(year, month, day)
    if found is None:
        fault("no_such_date")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        fault("year_of_date", first=str(FIRST_YEAR), last=str(LAST_YEAR))
    return found


def _date_in_words(text: str) -> tuple[int, int, int]:
    """Read `15 Juni 2024` or `June 15, 2024` as year, month and day."""
    match = _DATE_IN_WORDS.fullmatch(text)
    name = (match[2] or match[4]).lower() if match else ""
    if match is None or name not in MONTHS:
        _refuse_digits_as_date(text)
        fault("not_a_date")
    return int(match[3] or match[6]), MONTHS[name], int(match[1] or match[5])


def _date_of(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _refuse_digits_as_date(text: str) -> None:
    """Refuse `05/06/2024` with what it may mean; an order of day and month is nowhere agreed."""
    match = _DATE_IN_DIGITS.fullmatch(text)
    if match is None:
        return
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        orders = [(first, second, third)]
    elif len(match[4]) == 4:
        orders = [(third, second, first), (third, first, second)]
    else:
        return
    days = sorted({day for day in (_date_of(*order) for order in orders) if day is not None})
    if len(days) == 2:
        clear, other_clear = (day.isoformat() for day in days)
        fault("ambiguous_date", one=days[0], other=days[1], clear=clear, other_clear=other_clear)
    if days:
        fault("date_in_digits", meant=days[0], clear=days[0].isoformat())


def _any_quantity(value: Any) -> float:
    """Read a number, amount, time or share by its own unit (for `uncertain` and ranges)."""
    if not isinstance(value, str):
        return _finite(value)
    text = value.strip()
    words = re.findall(r"[^\W\d_]+", text.lower())
    if any(word in DAYS_OF_UNIT for word in words):
        return _days(text)
    if any(word == "rp" or word in RUPIAH_OF_UNIT for word in words):
        return float(_rupiah(text))
    return _number(text)


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


Number = Annotated[float, BeforeValidator(_number)]
Points = Annotated[float, BeforeValidator(_points)]
Ratio = Annotated[float, BeforeValidator(_ratio)]
Share = Annotated[float, BeforeValidator(_ratio), Field(ge=0, le=1)]
Days = Annotated[float, BeforeValidator(_days), Field(ge=0, le=MOST_DAYS)]
Rupiah = Annotated[int, BeforeValidator(_rupiah), Field(ge=0, le=MOST_RUPIAH)]
Count = Annotated[int, BeforeValidator(_count), Field(ge=0, le=MOST_COUNT)]
Year = Annotated[int, BeforeValidator(_year)]
BasisPoints = Annotated[int, BeforeValidator(_basis_points)]
"""A share of money in hundredths of a percent: 10000 is the whole."""
DayOfYear = Annotated[int, BeforeValidator(_day_of_year)]
"""A day of any year as month x 100 + day: 1 February is 201."""
Date = Annotated[dt.date, BeforeValidator(_date)]
AnyQuantity = Annotated[float, BeforeValidator(_any_quantity)]
Flag = Annotated[bool, BeforeValidator(_flag)]
PosteriorName = Annotated[str, BeforeValidator(_posterior_name)]
Identifier = Annotated[str, BeforeValidator(_identifier), Field(pattern=r"^[a-z][a-z0-9_]*$")]

"""Days and years as people write them, in Indonesian and English.

A day that can be read in two ways, such as `02-01`, is refused with both readings. Called by
`quantities`; the names of the months also serve `nodes`, which keeps one spelling of a key.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from kla_sim.scenario.numerals import WrittenFloat, fault

_FIRST_YEAR, _LAST_YEAR = 1900, 2200

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

_DAY_MONTH = re.compile(r"([0-9]{1,2})\s+([^\W\d_]+)|([^\W\d_]+)\s+([0-9]{1,2})")
_TWO_NUMBERS = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE_IN_WORDS = re.compile(
    r"([0-9]{1,2})\s+([^\W\d_]+)\.?\s+([0-9]{4})|([^\W\d_]+)\.?\s+([0-9]{1,2})\s*,?\s+([0-9]{4})"
)
_DATE_IN_DIGITS = re.compile(r"([0-9]{1,4})\s*([-/.])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,4})")


def read_year(value: Any) -> int:
    """Read a year of four digits."""
    text = str(value).strip()
    is_year = not isinstance(value, bool) and re.fullmatch(r"[0-9]{4}", text)
    if not is_year or not _FIRST_YEAR <= int(text) <= _LAST_YEAR:
        fault("not_a_year", first=str(_FIRST_YEAR), last=str(_LAST_YEAR))
    return int(text)


def day_and_month(text: str) -> tuple[int, int] | None:
    """Return the day and month that `1 Februari` or `February 1` names; None for other texts."""
    match = _DAY_MONTH.fullmatch(text)
    month = MONTHS.get((match[2] or match[3]).lower()) if match else None
    return (int(match[1] or match[4]), month) if match and month else None


def read_day_of_year(value: Any) -> int:
    """Read a day such as `1 Februari` or `February 1` as month x 100 + day.

    Raises
    ------
    PydanticCustomError : `02-01` has two readings, there is no such day, or it is 29 February.
    """
    written = value.text if isinstance(value, WrittenFloat) else value
    if not isinstance(written, str):
        fault("not_a_day")
    text = written.strip()
    found = day_and_month(text)
    if found is None:
        _refuse_numbers_as_day(text)
        fault("not_a_day")
    day, month = found
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


def read_date(value: Any) -> dt.date:
    """Read a date in ISO form or in words.

    Raises
    ------
    PydanticCustomError : `05/06/2024` has two readings, or there is no such date.
    """
    if isinstance(value, dt.date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    match = _ISO_DATE.fullmatch(text)
    year, month, day = map(int, match.groups()) if match else _date_in_words(text)
    found = _date_of(year, month, day)
    if found is None:
        fault("no_such_date")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        fault("year_of_date", first=str(_FIRST_YEAR), last=str(_LAST_YEAR))
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

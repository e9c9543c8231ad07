"""Reckoning with days of the calendar; a day of any year is a number, month x 100 + day.

Not here: how people write days (`scenario.dates`), and days counted from a start.
"""

from __future__ import annotations

import calendar
import datetime as dt


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month; a day that the month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_of_year(day: dt.date) -> int:
    """Return which day of its year a date is."""
    return day.month * 100 + day.day


def day_in_year(year: int, day_of_year: int) -> dt.date:
    """Return the date that a day of any year has in one; it is not 29 February."""
    return dt.date(year, *divmod(day_of_year, 100))

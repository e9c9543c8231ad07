"""Amounts, times, shares and days as people write them, read into numbers with one unit each.

Rupiah are whole; times are days (1 week = 7, 1 month = 365.25/12, 1 year = 365.25); shares of
money are whole hundredths of a percent. A value that can be read in two ways is refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

DAYS_PER_YEAR = 365.25

_DAYS_OF_UNIT = {
    **dict.fromkeys(("hari", "day", "days"), 1.0),
    **dict.fromkeys(("minggu", "week", "weeks"), 7.0),
    **dict.fromkeys(("bulan", "month", "months"), DAYS_PER_YEAR / 12),
    **dict.fromkeys(("tahun", "year", "years"), DAYS_PER_YEAR),
}
_MONTHS = {}
for _number, _names in enumerate(
    (
        "januari january jan", "februari february feb", "maret march mar", "april apr",
        "mei may", "juni june jun", "juli july jul", "agustus august agu aug",
        "september sep", "oktober october okt oct", "november nov", "desember december des dec",
    ),
    start=1,
):  # fmt: skip
    _MONTHS.update(dict.fromkeys(_names.split(), _number))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("not_a_number", "not_a_number", {"value": str(value)})
    return value


def _days(value: Any) -> float:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([\d.,]+)\s+(\w+)\s*", value)
        if match and match[2].lower() in _DAYS_OF_UNIT:
            return float(match[1].replace(",", ".")) * _DAYS_OF_UNIT[match[2].lower()]
    return float(_number(value))


def _rupiah(value: Any) -> int:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(?:Rp)?\s*([\d.,]+)\s*(ribu|juta|miliar|triliun)?\s*", value)
        if match:
            scale = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12}
            if match[2]:
                return round(float(match[1].replace(",", ".")) * scale[match[2]])
            return int(match[1].replace(".", ""))
    return int(_number(value))


def _ratio(value: Any) -> float:
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1].replace(",", ".")) / 100
    return float(_number(value))


def _basis_points(value: Any) -> int:
    if isinstance(value, str) and value.strip().endswith("%"):
        return round(float(value.strip()[:-1].replace(",", ".")) * 100)
    return round(_number(value) * 10_000)


def _day_of_year(value: Any) -> int:
    match = re.fullmatch(r"\s*(\d{1,2})\s+(\w+)\s*", str(value))
    if isinstance(value, int):
        return value
    if not match or match[2].lower() not in _MONTHS:
        raise PydanticCustomError("not_a_day", "not_a_day", {"value": str(value)})
    return _MONTHS[match[2].lower()] * 100 + int(match[1])


Number = Annotated[float, BeforeValidator(_number)]
Points = Annotated[float, BeforeValidator(_number)]
Ratio = Annotated[float, BeforeValidator(_ratio)]
Share = Annotated[float, BeforeValidator(_ratio), Field(ge=0, le=1)]
Days = Annotated[float, BeforeValidator(_days), Field(ge=0)]
Rupiah = Annotated[int, BeforeValidator(_rupiah), Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Year = Annotated[int, Field(ge=1900, le=2200)]
BasisPoints = Annotated[int, BeforeValidator(_basis_points), Field(ge=0, le=10_000)]
"""A share of money in hundredths of a percent: 10000 is the whole."""
DayOfYear = Annotated[int, BeforeValidator(_day_of_year)]
"""A day of any year as month x 100 + day: 1 February is 201."""
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

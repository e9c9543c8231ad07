"""The axes of figures: fixed by target and calendar, or ending at the next round number.

Odds and shares run from 0 to 100 %, time from the start to the horizon, scores from 400 to 1000
points, rupiah and days up to a round number. Two runs of one plan can therefore be laid side by
side.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import partial

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.language import number, percent, text
from kla_sim.report.charts import Axis, Tick

_ = partial(text, "figures")

_RUPIAH_UNITS = ((1e12, "trillions"), (1e9, "billions"), (1e6, "millions"), (1.0, "ones"))

_ROUND_LIMITS = {
    1.0: 5, 1.2: 4, 1.5: 3, 2.0: 4, 2.5: 5, 3.0: 3, 4.0: 4, 5.0: 5, 6.0: 3, 8.0: 4, 10.0: 5,
}  # fmt: skip
"""Leading digits at which an axis may end, each with its number of parts."""

_SCORES_FROM = 400.0

_MOST_STEPS = 8
"""Ticks of an axis around zero, at most, but for those at its ends."""


def levels() -> tuple[Tick, ...]:
    """Return the odds that planners ask for."""
    return tuple(Tick(level, percent(level)) for level in (0.5, 0.8))


def calendar(start: dt.date, horizon_day: int) -> Axis:
    """Return time from the start to the horizon; a tick is the 1 January of its year."""
    last = start + dt.timedelta(days=horizon_day)
    years = [
        Tick(float((dt.date(year, 1, 1) - start).days), str(year))
        for year in range(start.year + 1, last.year + 1)
    ]
    return Axis("", 0.0, float(max(horizon_day, 1)), (Tick(0.0, str(start.year)), *years))


def percent_axis(label: str, ticks: tuple[int, ...] = (0, 20, 50, 80, 100)) -> Axis:
    """Return shares between the first and the last tick, in percent."""
    places = [value / 100 for value in ticks]
    return Axis(label, places[0], places[-1], tuple(Tick(v, percent(v)) for v in places))


def odds_axis(label: str, highest: float) -> Axis:
    """Return odds up to the first of a few fixed steps that holds the highest, in percent."""
    steps: dict[int, tuple[float, ...]] = {
        2: (0, 0.5, 1, 1.5, 2), 5: (0, 1, 2, 3, 4, 5), 10: (0, 2, 4, 6, 8, 10),
        20: (0, 5, 10, 15, 20), 50: (0, 10, 20, 30, 40, 50), 100: (0, 20, 50, 80, 100),
    }  # fmt: skip
    end = next(end for end in steps if end == 100 or 100 * highest <= end)
    digits = 1 if end == 2 else 0
    ticks = tuple(Tick(value / 100, percent(value / 100, digits)) for value in steps[end])
    return Axis(label, 0.0, end / 100, ticks)


def scores_axis(lowest: float) -> Axis:
    """Return points up to 1000, from 400 or the hundred below the lowest score."""
    low = min(_SCORES_FROM, 100.0 * math.floor(lowest / 100.0))
    places = np.arange(low, MAXIMUM_SCORE + 1, 100.0)
    return Axis(_("scores_axis"), low, MAXIMUM_SCORE, tuple(Tick(v, number(v)) for v in places))


def rupiah_axis(highest: float) -> Axis:
    """Return rupiah up to the next round number, in the unit that fits it."""
    limit, places = _round_limit(highest)
    size, unit = next((s, u) for s, u in _RUPIAH_UNITS if limit >= s)
    return Axis(_(f"rupiah_{unit}"), 0.0, limit, _ticks(places, size))


def count_axis(label: str, highest: float) -> Axis:
    """Return counts up to the next round number."""
    limit, places = _round_limit(highest)
    return Axis(label, 0.0, limit, _ticks(places, 1.0))


def whole_axis(label: str, highest: float) -> Axis:
    """Return counts of what cannot be halved: the axis of counts, with ticks at whole ones."""
    axis = count_axis(label, highest)
    whole = [tick.place for tick in axis.ticks if math.isclose(tick.place, round(tick.place))]
    return axis._replace(ticks=_ticks(whole, 1.0))


def axis_around_zero(label: str, values: FloatArray) -> Axis:
    """Return differences: from the tick below the lowest value to the one above the highest."""
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    rough = max(high - low, 1e-9) / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(m for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * (1 - 1e-9))
    numbers = range(math.floor(low / step), math.ceil(high / step) + 1)
    digits = max(0, -math.floor(math.log10(step * (1 + 1e-9))))
    ticks = tuple(Tick(place * step, number(place * step, digits)) for place in numbers)
    return Axis(label, ticks[0].place, ticks[-1].place, ticks)


def fixed_axis(label: str, values: FloatArray, ends: tuple[float, ...]) -> Axis:
    """Return differences on an axis that ends, on either side, at one of a few fixed places.

    The side on which little lies takes a fifth of the other, so that both ends are still fixed.
    """
    up, down = max(0.0, float(np.max(values))), max(0.0, float(-np.min(values)))
    most = next((end for end in ends if end >= max(up, down) - 1e-9), ends[-1])
    least = most / 5
    high, low = (most, least) if up >= down else (least, most)
    if min(up, down) > least:
        high = low = most
    step = most / 4
    numbers = range(-math.floor(low / step + 1e-9), math.floor(high / step + 1e-9) + 1)
    digits = max(0, -math.floor(math.log10(step * (1 + 1e-9))))
    ticks = tuple(Tick(place * step, number(place * step, digits)) for place in numbers)
    return Axis(label, -low, high, ticks)


def _ticks(places: list[float], size: float) -> tuple[Tick, ...]:
    """Return ticks labelled in a unit of this size, with one decimal where one is needed."""
    digits = 0 if all(math.isclose(place / size, round(place / size)) for place in places) else 1
    return tuple(Tick(place, number(place / size, digits)) for place in places)


def _round_limit(highest: float) -> tuple[float, list[float]]:
    """Return the next round number, at least 1, that holds a value, and round places up to it."""
    highest = max(highest, 1.0)
    power = 10.0 ** math.floor(math.log10(highest))
    mantissa = next(m for m in _ROUND_LIMITS if m * power >= highest * (1 - 1e-9))
    limit, parts = mantissa * power, _ROUND_LIMITS[mantissa]
    return limit, [limit * part / parts for part in range(parts + 1)]

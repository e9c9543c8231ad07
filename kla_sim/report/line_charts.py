"""The shapes of figures of lines over the calendar: steps, and a trend with its band.

`line_drawings` draws them. Not here: curves of arrival (`time_charts`), rows over the calendar
(`schedule_charts`), and lines over sizes (`score_charts`).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.report.charts import Axis, Figure, Table, Tick, iso_day


class Span(NamedTuple):
    """An estimate with its interval, drawn on a day."""

    key: str
    day: int
    value: float
    low: float
    high: float


class Mark(NamedTuple):
    """A value that somebody said or measured on a day."""

    key: str
    day: int
    value: float
    label: str


@dataclass(frozen=True)
class StepLine:
    """Odds that hold from each day on until the next one listed."""

    key: str
    label: str
    days: IntArray  # (n_days,)
    values: FloatArray  # (n_days,)
    weight: Literal["main", "side", "faint"] = "side"
    end: float | None = None  # the day on which it ends, if that is not the end of the axis


@dataclass(frozen=True)
class Steps(Figure):
    """Step lines over the calendar, with levels to reach, a deadline and intervals."""

    start: dt.date
    x: Axis
    y: Axis
    lines: tuple[StepLine, ...]
    levels: tuple[Tick, ...]
    deadline: Tick
    spans: tuple[Span, ...]

    def parts(self) -> tuple[str, ...]:
        """Return the named lines with the odds at their ends."""
        return tuple(line.label for line in self.lines if line.label)

    def table(self) -> Table:
        """Return one row per line and day, then one per interval."""
        unknown = (math.nan, math.nan)
        steps = [
            (line.key, iso_day(self.start, day), float(value), *unknown)
            for line in self.lines
            for day, value in zip(line.days, line.values, strict=True)
        ]
        spans = [
            (span.key, iso_day(self.start, span.day), span.value, span.low, span.high)
            for span in self.spans
        ]
        return Table(("line", "date", "odds", "low", "high"), [*steps, *spans])


@dataclass(frozen=True)
class Trend(Figure):
    """A mean over the calendar with its 10-90 % band, and values that were said or measured."""

    start: dt.date
    x: Axis
    y: Axis
    days: IntArray  # (n_days,)
    mean: FloatArray
    p10: FloatArray
    p90: FloatArray
    line_label: str
    band_label: str
    said: tuple[Mark, ...]
    deadline: Tick

    def parts(self) -> tuple[str, ...]:
        """Return where the line ends, its band, and what was said or measured."""
        said = tuple(mark.label for mark in self.said)
        return (*(label for label in (self.line_label, self.band_label) if label), *said)

    def table(self) -> Table:
        """Return one row per day, then one per value that was said or measured."""
        points = zip(self.days, self.mean, self.p10, self.p90, strict=True)
        path = [
            ("simulated", iso_day(self.start, day), float(mean), float(p10), float(p90))
            for day, mean, p10, p90 in points
        ]
        said = [
            (mark.key, iso_day(self.start, mark.day), mark.value, math.nan, math.nan)
            for mark in self.said
        ]
        return Table(("series", "date", "mean", "p10", "p90"), [*path, *said])

"""The shapes a figure can have: plain arrays and finished texts, and the table of what is drawn.

`figures` fills them, `drawing` draws them. Every label is already in the reader's language; the
tables keep the fixed names of the JSON documents, so that a CSV reads the same in any language.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Palette = Literal["categories", "series", "money"]
Cell = str | float


class Tick(NamedTuple):
    """A place on an axis and what stands there."""

    place: float
    label: str


class Axis(NamedTuple):
    """An axis with fixed ends."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...]


class Table(NamedTuple):
    """The drawn numbers, with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


class Span(NamedTuple):
    """An interval drawn at a place, with what it says."""

    place: float
    value: float
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Figure:
    """What every figure has: the name of its files, a sentence as its title, and its footer."""

    name: str
    title: str
    footer: str


@dataclass(frozen=True)
class StepLine:
    """Odds that hold from each day on until the next one listed."""

    key: str
    label: str
    days: IntArray  # (n_days,)
    values: FloatArray  # (n_days,)
    weight: Literal["main", "side", "faint"] = "side"


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

    def table(self) -> Table:
        """Return one row per line and day."""
        return Table(
            ("line", "date", "odds"),
            [
                (line.key, _iso(self.start, day), float(value))
                for line in self.lines
                for day, value in zip(line.days, line.values, strict=True)
            ],
        )


@dataclass(frozen=True)
class Bars(Figure):
    """Stacked horizontal bars: a row per place, a panel per cycle, a part per series."""

    x: Axis
    row_keys: tuple[str, ...]
    row_labels: tuple[str, ...]
    panel_keys: tuple[str, ...]
    panel_labels: tuple[str, ...]
    series_keys: tuple[str, ...]
    series_labels: tuple[str, ...]
    values: FloatArray  # (n_rows, n_panels, n_series)
    part_labels: tuple[tuple[tuple[str, ...], ...], ...]  # "" = none
    palette: Palette
    table_names: tuple[str, str, str, str]

    def table(self) -> Table:
        """Return one row per part of a bar."""
        return Table(
            self.table_names,
            [
                (row, panel, part, float(self.values[i, j, k]))
                for i, row in enumerate(self.row_keys)
                for j, panel in enumerate(self.panel_keys)
                for k, part in enumerate(self.series_keys)
            ],
        )


@dataclass(frozen=True)
class Columns(Figure):
    """Money by year: a panel per account, a column of what was spent and lapsed in a frame."""

    panel_keys: tuple[str, ...]
    panel_labels: tuple[str, ...]
    panel_axes: tuple[Axis, ...]
    year_labels: tuple[str, ...]
    run_keys: tuple[str, ...]
    run_labels: tuple[str, ...]
    series_labels: tuple[str, str, str]
    appropriated: FloatArray  # (n_runs, n_panels, n_years) rupiah
    spent: FloatArray
    lapsed: FloatArray
    column_labels: tuple[tuple[tuple[str, ...], ...], ...]  # (n_runs, n_panels, n_years)

    def table(self) -> Table:
        """Return one row per run, account and year."""
        return Table(
            ("run", "account", "year", "appropriated", "spent", "lapsed"),
            [
                (
                    run,
                    account,
                    year,
                    *(
                        float(amounts[i, j, k])
                        for amounts in (self.appropriated, self.spent, self.lapsed)
                    ),
                )
                for i, run in enumerate(self.run_keys)
                for j, account in enumerate(self.panel_keys)
                for k, year in enumerate(self.year_labels)
            ],
        )


@dataclass(frozen=True)
class Ranges(Figure):
    """Horizontal ranges with a middle: a row per place, a panel per cycle, a mark per series."""

    x: Axis
    row_keys: tuple[str, ...]
    row_labels: tuple[str, ...]
    panel_keys: tuple[str, ...]
    panel_labels: tuple[str, ...]
    series_keys: tuple[str, ...]
    series_labels: tuple[str, ...]
    low: FloatArray  # (n_series, n_rows, n_panels)
    middle: FloatArray
    high: FloatArray
    bands: tuple[Tick, ...]
    table_names: tuple[str, str, str, str, str, str]

    def table(self) -> Table:
        """Return one row per range."""
        return Table(
            self.table_names,
            [
                (
                    part,
                    row,
                    panel,
                    *(float(points[k, i, j]) for points in (self.low, self.middle, self.high)),
                )
                for k, part in enumerate(self.series_keys)
                for i, row in enumerate(self.row_keys)
                for j, panel in enumerate(self.panel_keys)
            ],
        )


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
    said: tuple[Span, ...]
    deadline: Tick

    def table(self) -> Table:
        """Return one row per day."""
        dates = [_iso(self.start, day) for day in self.days]
        points = (self.mean.tolist(), self.p10.tolist(), self.p90.tolist())
        return Table(("date", "mean", "p10", "p90"), list(zip(dates, *points, strict=True)))


AnyFigure = Steps | Bars | Columns | Ranges | Trend


def _iso(start: dt.date, day: int) -> str:
    return (start + dt.timedelta(days=int(day))).isoformat()

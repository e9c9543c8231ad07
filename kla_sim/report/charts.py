"""The shapes a figure can have: plain arrays and finished texts, and the table of what is drawn.

`figures` and its likes (`comparison`, `calibration_figures`, ...) fill them, `drawing` draws them.
Every label is already in the reader's language; the tables keep the fixed names of the JSON
documents, so that a CSV reads the same in any language.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.language import number, text

_ = partial(text, "plots")

_MOST_PARTS = 12
"""Parts of a figure that its description for readers who do not see it names."""

Palette = Literal["categories", "series"]
Cell = str | float

Entry = TypeVar("Entry")
Places = tuple[int, ...] | None
"""What is drawn of many entries, in their order; None = all. The table always holds all."""

OTHERS = -1
"""The place in the palette of small series gathered in one."""


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


def picked(entries: Sequence[Entry], places: Places) -> tuple[Entry, ...]:
    """Return the entries at some places; all of them where no places are named."""
    return tuple(entries) if places is None else tuple(entries[place] for place in places)


@dataclass(frozen=True)
class Figure:
    """What every figure has: the name of its files, a sentence as its title, and its footer.

    For readers who do not see it `alt` says the finding and what the parts are; where a figure is
    made without one, from its own title and labels.
    """

    name: str
    title: str
    footer: str
    alt: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.alt:
            object.__setattr__(self, "alt", _described(self.title, self.parts()))

    def parts(self) -> tuple[str, ...]:
        """Return what its parts are, in words, the most telling first."""
        return ()


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


class Group(NamedTuple):
    """Series drawn as one."""

    label: str
    look: int  # place in the palette
    series: tuple[int, ...]


@dataclass(frozen=True)
class Bars(Figure):
    """Stacked horizontal bars: a row per place, a panel per cycle, a part per series or group."""

    x: Axis
    row_keys: tuple[str, ...]
    row_labels: tuple[str, ...]
    panel_keys: tuple[str, ...]
    panel_labels: tuple[str, ...]
    series_keys: tuple[str, ...]
    series_labels: tuple[str, ...]
    values: FloatArray  # (n_rows, n_panels, n_series)
    part_labels: tuple[tuple[tuple[str, ...], ...], ...]  # of what is drawn, where they fit
    end_labels: tuple[tuple[str, ...], ...]  # (n_rows, n_panels)
    palette: Palette
    looks: tuple[int, ...]  # (n_series,) place in the palette
    table_names: tuple[str, str, str, str]
    drawn_rows: Places = None
    drawn_panels: Places = None
    groups: tuple[Group, ...] = ()  # what is drawn instead of the series; () = each for itself

    def parts(self) -> tuple[str, ...]:
        """Return what each row ends with, or the series."""
        ends = [(label, end[-1]) for label, end in zip(self.row_labels, self.end_labels,
                                                       strict=True) if end and end[-1]]  # fmt: skip
        if ends:
            return tuple(f"{label}: {end}" for label, end in ends)
        return tuple(group.label for group in self.groups) or self.series_labels

    def _grouped(self) -> Bars:
        """Return the groups as if they were the series."""
        if not self.groups:
            return self
        sums = [self.values[:, :, list(group.series)].sum(axis=2) for group in self.groups]
        return replace(
            self,
            values=np.stack(sums, axis=2),
            series_labels=tuple(group.label for group in self.groups),
            looks=tuple(group.look for group in self.groups),
            groups=(),
        )

    def shown(self) -> Bars:
        """Return what is drawn of it."""
        if self.groups:
            return self._grouped().shown()
        rows, panels = self.drawn_rows, self.drawn_panels
        return replace(
            self,
            row_keys=picked(self.row_keys, rows),
            row_labels=picked(self.row_labels, rows),
            panel_keys=picked(self.panel_keys, panels),
            panel_labels=picked(self.panel_labels, panels),
            values=_taken(_taken(self.values, rows, 0), panels, 1),
            part_labels=tuple(picked(row, panels) for row in picked(self.part_labels, rows)),
            end_labels=tuple(picked(row, panels) for row in picked(self.end_labels, rows)),
        )

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
    y: Axis  # of every panel: equal heights are equal money
    year_labels: tuple[str, ...]
    run_keys: tuple[str, ...]
    appropriated_label: str
    spent_labels: tuple[str, ...]  # (n_runs,)
    lapsed_label: str
    rest_label: str  # of what is neither spent nor lapsed at the end of its year
    appropriated: FloatArray  # (n_runs, n_panels, n_years) rupiah
    spent: FloatArray
    lapsed: FloatArray
    column_labels: tuple[tuple[tuple[str, ...], ...], ...]  # (n_runs, n_panels, n_years)
    drawn_runs: Places = None

    def parts(self) -> tuple[str, ...]:
        """Return the share spent in each year of each account, of the first run."""
        years = (self.year_labels,) * len(self.panel_labels)
        return tuple(
            f"{panel}: " + ", ".join(f"{year} {share} %" for year, share in zip(*of, strict=True)
                                     if share)
            for panel, of in zip(
                self.panel_labels, zip(years, self.column_labels[0], strict=True), strict=True
            )
        )  # fmt: skip

    def shown(self) -> Columns:
        """Return what is drawn of it."""
        runs = self.drawn_runs
        return replace(
            self,
            run_keys=picked(self.run_keys, runs),
            spent_labels=picked(self.spent_labels, runs),
            appropriated=_taken(self.appropriated, runs, 0),
            spent=_taken(self.spent, runs, 0),
            lapsed=_taken(self.lapsed, runs, 0),
            column_labels=picked(self.column_labels, runs),
        )

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
    """Ranges by cycle, a panel per subject, a mark per kind; over bands if there are any."""

    panel_axes: tuple[Axis, ...]
    bands: tuple[Tick, ...]  # where each begins, from the bottom to the top
    panel_keys: tuple[str, ...]
    panel_labels: tuple[str, ...]
    cycle_labels: tuple[str, ...]
    kind_keys: tuple[str, ...]
    kind_labels: tuple[str, ...]
    points: FloatArray  # (n_kinds, n_panels, n_cycles, 3) low, middle, high; NaN = none known
    table_names: tuple[str, str, str, str, str, str]
    level: Tick | None = None  # to be reached, in every panel
    drawn_panels: Places = None

    def parts(self) -> tuple[str, ...]:
        """Return the middle of each kind in the last cycle of each panel, where it is known."""
        last = self.points[:, :, -1:, 1]
        return tuple(
            f"{panel} {self.cycle_labels[-1]}: "
            + ", ".join(f"{kind.partition(' (')[0]} {number(value)}" for kind, value in zip(
                self.kind_labels, values.ravel().tolist(), strict=True) if not math.isnan(value))
            for panel, values in zip(self.panel_labels, np.moveaxis(last, 0, 1), strict=True)
            if not np.isnan(values).all()
        )  # fmt: skip

    def shown(self) -> Ranges:
        """Return what is drawn of it."""
        panels = self.drawn_panels
        return replace(
            self,
            panel_axes=picked(self.panel_axes, panels),
            panel_keys=picked(self.panel_keys, panels),
            panel_labels=picked(self.panel_labels, panels),
            points=_taken(self.points, panels, 1),
        )

    def table(self) -> Table:
        """Return one row per kind, panel and cycle."""
        return Table(
            self.table_names,
            [
                (kind, panel, cycle, *self.points[i, j, k].tolist())
                for i, kind in enumerate(self.kind_keys)
                for j, panel in enumerate(self.panel_keys)
                for k, cycle in enumerate(self.cycle_labels)
            ],
        )


@dataclass(frozen=True)
class Dots(Figure):
    """Estimates side by side: a row per subject, a mark per series."""

    x: Axis
    row_keys: tuple[str, ...]
    row_labels: tuple[str, ...]
    series_keys: tuple[str, ...]
    series_labels: tuple[str, ...]
    points: FloatArray  # (n_series, n_rows, 3) low, value, high; NaN = not known of this row
    table_names: tuple[str, ...]
    beside: FloatArray | None = None  # (n_series, n_rows, n) what the table has beside the points
    is_first_apart: bool = False  # the first row is of all the others together
    level: float | None = None  # where a line across the rows stands
    drawn_rows: Places = None
    drawn_series: Places = None
    first_look: int = 0  # place in the palette of the first series

    def parts(self) -> tuple[str, ...]:
        """Return the rows, and the series where there are several."""
        return (*(self.series_labels if len(self.series_labels) > 1 else ()), *self.row_labels)

    def shown(self) -> Dots:
        """Return what is drawn of it."""
        rows, series = self.drawn_rows, self.drawn_series
        return replace(
            self,
            row_keys=picked(self.row_keys, rows),
            row_labels=picked(self.row_labels, rows),
            series_keys=picked(self.series_keys, series),
            series_labels=picked(self.series_labels, series),
            points=_taken(_taken(self.points, series, 0), rows, 1),
        )

    def table(self) -> Table:
        """Return one row per series and row."""
        values = [self.points] if self.beside is None else [self.points, self.beside]
        return Table(
            self.table_names,
            [
                (series, row, *(value for part in values for value in part[i, j].tolist()))
                for i, series in enumerate(self.series_keys)
                for j, row in enumerate(self.row_keys)
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


@dataclass(frozen=True)
class Tiles(Figure):
    """Regions where they lie, roughly: a tile each, in it a stacked bar per year.

    The last year's likeliest series is written large; `places` are (row, column) from the upper
    left. In a template: a tile at its place, its bars from the bottom to the top by `shares`.
    """

    tile_keys: tuple[str, ...]
    tile_labels: tuple[str, ...]
    places: tuple[tuple[int, int], ...]  # (n_tiles,) row and column
    n_rows: int
    n_columns: int
    year_labels: tuple[str, ...]
    series_keys: tuple[str, ...]  # from the worst to the best
    series_labels: tuple[str, ...]
    looks: tuple[int, ...]  # (n_series,) place in the palette of categories
    target: int  # the first series at which the target is reached
    shares: FloatArray  # (n_tiles, n_years, n_series)
    likeliest: tuple[tuple[int, ...], ...]  # (n_tiles, n_years) place of the series
    likeliest_labels: tuple[tuple[str, ...], ...]  # (n_tiles, n_years) its name and share
    reached_labels: tuple[str, ...]  # (n_tiles,) the odds of the target in the last year
    table_names: tuple[str, str, str, str]
    drawn_tiles: Places = None
    drawn_years: Places = None

    def shown(self) -> Tiles:
        """Return what is drawn of it."""
        tiles, years = self.drawn_tiles, self.drawn_years
        return replace(
            self,
            tile_keys=picked(self.tile_keys, tiles),
            tile_labels=picked(self.tile_labels, tiles),
            year_labels=picked(self.year_labels, years),
            shares=_taken(_taken(self.shares, tiles, 0), years, 1),
            likeliest=tuple(picked(row, years) for row in picked(self.likeliest, tiles)),
            likeliest_labels=tuple(
                picked(row, years) for row in picked(self.likeliest_labels, tiles)
            ),
            reached_labels=picked(self.reached_labels, tiles),
        )

    def parts(self) -> tuple[str, ...]:
        """Return each tile with what it most likely is in the last year."""
        return tuple(
            f"{label}: {years[-1]}"
            for label, years in zip(self.tile_labels, self.likeliest_labels, strict=True)
        )

    def table(self) -> Table:
        """Return one row per tile, year and series."""
        return Table(
            self.table_names,
            [
                (tile, year, series, float(self.shares[i, j, k]))
                for i, tile in enumerate(self.tile_keys)
                for j, year in enumerate(self.year_labels)
                for k, series in enumerate(self.series_keys)
            ],
        )


AnyFigure = Steps | Bars | Columns | Ranges | Dots | Trend | Tiles


def _taken(values: FloatArray, places: Places, axis: int) -> FloatArray:
    return values if places is None else np.take(values, places, axis=axis)


def iso_day(start: dt.date, day: int) -> str:
    """Return a day counted from the start as a date that tables hold."""
    return (start + dt.timedelta(days=int(day))).isoformat()


def _described(title: str, parts: tuple[str, ...]) -> str:
    """Return a finding with the first parts of the figure that shows it."""
    if not parts:
        return title
    told, n_more = (
        "; ".join(part.rstrip(".") for part in parts[:_MOST_PARTS]),
        len(parts) - _MOST_PARTS,
    )
    if n_more > 0:
        return _("alt_more", title=title, parts=told, n=number(n_more))
    return _("alt", title=title, parts=told)

"""The shapes of figures of marks with ranges: by cycle, and side by side.

`range_drawings` draws them. Not here: chances beside what came (`score_charts`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.language import number
from kla_sim.report.charts import Axis, Figure, Places, Table, Tick, picked, rows_by_keys, taken


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
            points=taken(self.points, panels, 1),
        )

    def table(self) -> Table:
        """Return one row per kind, panel and cycle."""
        keys = self.kind_keys, self.panel_keys, self.cycle_labels
        return Table(self.table_names, rows_by_keys(keys, self.points))


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
            points=taken(taken(self.points, series, 0), rows, 1),
        )

    def table(self) -> Table:
        """Return one row per series and row."""
        values = [self.points] if self.beside is None else [self.points, self.beside]
        keys = self.series_keys, self.row_keys
        return Table(self.table_names, rows_by_keys(keys, np.concatenate(values, axis=2)))

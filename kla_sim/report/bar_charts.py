"""The shapes of figures of bars: stacked, and in columns by year.

`bar_drawings` draws them. Not here: shares by bins (`score_charts`), and gains (`choice_charts`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.report.charts import Axis, Figure, Places, Table, picked, rows_by_keys, taken

Palette = Literal["categories", "series"]

OTHERS = -1
"""The place in the palette of small series gathered in one."""


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
            values=taken(taken(self.values, rows, 0), panels, 1),
            part_labels=tuple(picked(row, panels) for row in picked(self.part_labels, rows)),
            end_labels=tuple(picked(row, panels) for row in picked(self.end_labels, rows)),
        )

    def table(self) -> Table:
        """Return one row per part of a bar."""
        keys = self.row_keys, self.panel_keys, self.series_keys
        return Table(self.table_names, rows_by_keys(keys, self.values))


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
            appropriated=taken(self.appropriated, runs, 0),
            spent=taken(self.spent, runs, 0),
            lapsed=taken(self.lapsed, runs, 0),
            column_labels=picked(self.column_labels, runs),
        )

    def table(self) -> Table:
        """Return one row per run, account and year."""
        keys = self.run_keys, self.panel_keys, self.year_labels
        amounts = np.stack([self.appropriated, self.spent, self.lapsed], axis=3)
        names = ("run", "account", "year", "appropriated", "spent", "lapsed")
        return Table(names, rows_by_keys(keys, amounts))

"""The shapes of figures that help to choose: along a lever, over two, one thing against another."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from kla_sim.arrays import FloatArray
from kla_sim.report.charts import Axis, Figure, Places, Table, Tick, picked


@dataclass(frozen=True)
class LeverCurve(Figure):
    """Estimates along a lever with their band, the level wanted, and where it is reached."""

    x: Axis
    y: Axis
    points: FloatArray  # (n_points, 4) lever, low, value, high; by rising lever
    band_label: str
    level: Tick
    crossings: FloatArray  # (n_crossings, 3) lever, low, high; within the axis
    crossing_labels: tuple[str, ...]

    def table(self) -> Table:
        """Return one row per point of the curve, then one per crossing."""
        points = [("curve", *row) for row in self.points.tolist()]
        crossings = [
            ("crossing", value, low, self.level.place, high)
            for value, low, high in self.crossings.tolist()
        ]
        return Table(("kind", "lever", "low", "value", "high"), [*points, *crossings])


@dataclass(frozen=True)
class LeverMap(Figure):
    """Estimates over two levers, with lines of equal height."""

    x: Axis
    y: Axis
    xs: FloatArray  # (n_x,)
    ys: FloatArray  # (n_y,)
    points: FloatArray  # (n_x, n_y, 3) low, value, high
    point_labels: tuple[tuple[str, ...], ...]  # (n_x, n_y)
    levels: tuple[Tick, ...]  # by rising height

    def reaches(self, level: Tick) -> bool:
        """Whether a line of this height runs over the map."""
        values = self.points[:, :, 1]
        return bool(values.min() < level.place <= values.max())

    def table(self) -> Table:
        """Return one row per point of the map."""
        return Table(
            ("first", "second", "low", "value", "high"),
            [
                (x, y, *self.points[i, j].tolist())
                for i, x in enumerate(self.xs.tolist())
                for j, y in enumerate(self.ys.tolist())
            ],
        )


class FrontMark(NamedTuple):
    """A plan by what it costs and what it reaches, with the interval of the latter."""

    key: str
    label: str
    kind: str
    cost: float  # rupiah
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Front(Figure):
    """Plans by cost and by what they reach: all tried, some by name, the unbeaten ones joined."""

    x: Axis
    y: Axis
    seen: FloatArray  # (n, 2) cost and value of each plan tried
    seen_label: str
    marks: tuple[FrontMark, ...]
    kind_labels: dict[str, str]

    def table(self) -> Table:
        """Return one row per named plan, then one per plan tried."""
        named = [(mark.kind, mark.key, mark.cost, mark.value, mark.low, mark.high)
                 for mark in self.marks]  # fmt: skip
        tried = [
            ("tried", str(place), cost, value, math.nan, math.nan)
            for place, (cost, value) in enumerate(self.seen.tolist(), start=1)
        ]
        return Table(("kind", "plan", "cost_rupiah", "value", "low", "high"), [*named, *tried])


class Trade(NamedTuple):
    """One of several ways to have more of one thing and less of another."""

    key: str
    label: str
    x: float
    y: float
    low: float  # the interval of y
    high: float
    level: float  # what y would be without it


@dataclass(frozen=True)
class TradeOffs(Figure):
    """What can be had of two things at once: the front of all that was met, and what was chosen."""

    x: Axis
    y: Axis
    front: FloatArray  # (n_points, 2) x and y
    points: tuple[Trade, ...]
    level: float  # of y without any choice
    front_label: str
    point_label: str
    level_label: str
    table_names: tuple[str, ...]

    def table(self) -> Table:
        """Return one row per point of the front, then the chosen ones, then the level."""
        unknown = (math.nan, math.nan)
        front = [("front", x, y, *unknown, self.level) for x, y in self.front.tolist()]
        chosen = [(one.key, one.x, one.y, one.low, one.high, one.level) for one in self.points]
        return Table(self.table_names, [*front, *chosen])


@dataclass(frozen=True)
class Tornado(Figure):
    """Gains from one change at a time, the largest first, and how many futures each turns."""

    x: Axis
    row_keys: tuple[tuple[str, str], ...]  # kind and subject
    row_labels: tuple[str, ...]
    points: FloatArray  # (n_rows, 3) low, value, high in the unit
    is_shown: tuple[bool, ...]  # whether the interval excludes zero
    counts: tuple[tuple[int, int], ...]  # futures rescued, and harmed
    count_labels: tuple[tuple[str, str, str], ...]  # gain, rescued, harmed
    shown_label: str
    unshown_label: str
    column_labels: tuple[str, str, str]
    unit: str
    drawn_rows: Places = None

    def shown(self) -> Tornado:
        """Return what is drawn of it."""
        rows = self.drawn_rows
        return replace(
            self,
            row_labels=picked(self.row_labels, rows),
            points=self.points if rows is None else self.points[list(rows)],
            is_shown=picked(self.is_shown, rows),
            count_labels=picked(self.count_labels, rows),
        )

    def parts(self) -> tuple[str, ...]:
        """Return each row with how many futures it turns either way."""
        return tuple(
            f"{label} {gain} ({self.column_labels[1]} {rescued}, {self.column_labels[2]} {harmed})"
            for label, (gain, rescued, harmed) in zip(
                self.row_labels, self.count_labels, strict=True
            )
        )

    def table(self) -> Table:
        """Return one row per change."""
        return Table(
            ("relieved", "subject", f"{self.unit}_low", self.unit, f"{self.unit}_high",
             "rescued", "harmed"),
            [
                (*key, *point, *map(float, counts))
                for key, point, counts in zip(
                    self.row_keys, self.points.tolist(), self.counts, strict=True
                )
            ],
        )  # fmt: skip

"""The shapes of figures about arrival: curves of the odds, and cost against date."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.report.charts import Axis, Figure, Places, Table, Tick, iso_day, picked


class Reach(NamedTuple):
    """A level of the odds and the day on which a curve reaches it, if it does."""

    level: float
    day: int | None
    label: str


@dataclass(frozen=True)
class Curve:
    """Odds that hold from each day on until the next one listed, and what they leave at the end."""

    key: str
    name: str
    label: str  # with the odds at the end
    days: IntArray  # (n_days,)
    values: FloatArray  # (n_days,)
    ends: FloatArray  # (n_days, 2) intervals; NaN = none known
    reaches: tuple[Reach, ...] = ()
    rest_label: str = ""  # what the futures are that the curve has not got at the end


@dataclass(frozen=True)
class Arrivals(Figure):
    """Odds over the calendar: all regions at once large, each region in a panel of its own."""

    start: dt.date
    x: Axis
    y: Axis
    joint: Curve
    without: Curve | None  # all regions at once, had nothing been replicated
    others: tuple[Curve, ...]
    deadline: Tick
    band_label: str
    drawn_others: Places = None

    def parts(self) -> tuple[str, ...]:
        """Return where each curve ends, and what the large one leaves."""
        without = () if self.without is None else (self.without.label,)
        others = tuple(curve.label for curve in self.others)
        return (self.joint.label, *without, self.joint.rest_label, *others)

    def shown(self) -> tuple[Curve, ...]:
        """Return the regions drawn."""
        return picked(self.others, self.drawn_others)

    def table(self) -> Table:
        """Return one row per curve and day."""
        curves = [*self.others, self.joint, *([] if self.without is None else [self.without])]
        return Table(
            ("line", "date", "odds", "low", "high"),
            [
                (curve.key, iso_day(self.start, day), float(value), float(low), float(high))
                for curve in curves
                for day, value, (low, high) in zip(
                    curve.days, curve.values, curve.ends, strict=True
                )
            ],
        )


@dataclass(frozen=True)
class Cloud(Figure):
    """Futures by the day of arrival and by their cost, those that never arrive in a strip apart."""

    start: dt.date
    x: Axis  # days
    y: Axis  # rupiah
    spent: FloatArray  # (n_futures,) rupiah
    day: IntArray  # (n_futures,) -1 = never up to the horizon
    day_labels: tuple[tuple[int, str, str], ...]  # a day, -1 = never; its name; the share of it
    deadline: Tick
    budget: Tick
    quadrant_label: str  # the share that is in time and within the budget, with its interval
    frontiers: tuple[tuple[str, FloatArray], ...]  # label, (n_corners, 2) day and rupiah
    frontier_note: str  # which levels no day and no cost reach
    n_drawn: int

    def parts(self) -> tuple[str, ...]:
        """Return the share in time and money, the lines reached and not, and the shares by day."""
        lines = tuple(label for label, _corners in self.frontiers)
        shares = tuple(f"{name}: {share}" for _day, name, share in self.day_labels)
        return (*(part for part in (self.quadrant_label, self.frontier_note) if part),
                *lines, *shares)  # fmt: skip

    def table(self) -> Table:
        """Return one row per future; a date that never comes is empty."""
        return Table(
            ("future", "date", "spent"),
            [
                (place, math.nan if day < 0 else iso_day(self.start, day), float(spent))
                for place, (day, spent) in enumerate(zip(self.day, self.spent, strict=True))
            ],
        )


def steps_of(curve: Curve, end: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return days, values and intervals with the last ones held until the end of the axis."""
    return (
        np.append(curve.days, end).astype(float),
        np.append(curve.values, curve.values[-1]),
        np.vstack([curve.ends, curve.ends[-1:]]),
    )

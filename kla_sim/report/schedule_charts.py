"""The shapes of figures of schedules: rows over the calendar, and use over the months.

A `Gantt` shows when things happen over many simulations, a `Timeline` what happened in one; a
`Fans` what was used of staff and money. `schedule_figures` fills them, `gantt_drawing` and
`fan_drawing` draw them; the page draws a `Gantt` by a template of its own.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import NamedTuple

from kla_sim.arrays import FloatArray
from kla_sim.report.charts import Axis, Cell, Figure, Places, Table, iso_day

MANY_AT_LIMIT, MOST_AT_LIMIT = 0.2, 0.5
"""Shares of simulations and days at the limit from which a month is shaded, and more so."""


class Look(NamedTuple):
    """An entry of the legend: a kind of piece, milestone or line, and its place in the palette."""

    key: str
    label: str
    place: int


class Piece(NamedTuple):
    """A stretch of a row: from a day to the day behind its last, both from the start."""

    look: str  # key of the look
    first: float
    last: float
    is_open: bool = False  # goes on past the end of the axis


class Milestone(NamedTuple):
    """When something happens over many simulations, in days from the start.

    A day is the axis' end and more where so many simulations had not come to it: `math.inf`.
    """

    look: str
    p10: float
    p50: float
    p90: float
    share: float  # of the simulations in which it happens by the horizon


class Sign(NamedTuple):
    """Something on one day of a row; its label stands at its right."""

    look: str
    day: float
    label: str = ""


class Row(NamedTuple):
    """One row of a schedule.

    Attributes
    ----------
    key : as in documents, e.g. `jakarta_pusat/zone-1`.
    group : label of the group; rows of one group follow each other.
    share : of the simulations in which the row's work is done by the horizon; NaN = says nothing.
    share_label : what stands at the right of the row.
    """

    key: str
    label: str
    group: str
    pieces: tuple[Piece, ...]
    milestones: tuple[Milestone, ...] = ()
    signs: tuple[Sign, ...] = ()
    share: float = math.nan
    share_label: str = ""


class DayLine(NamedTuple):
    """A vertical line on a day of the calendar."""

    look: str
    day: float
    label: str  # written above it; empty = the legend says it


class DayBand(NamedTuple):
    """Days that are shaded from top to bottom: a window in which work may start."""

    first: float
    last: float


@dataclass(frozen=True)
class Gantt(Figure):
    """When each row's work happens over many simulations: medians as bars, P10-P90 as whiskers."""

    start: dt.date
    x: Axis
    rows: tuple[Row, ...]
    looks: tuple[Look, ...]  # of pieces and milestones
    lines: tuple[DayLine, ...]
    line_looks: tuple[Look, ...]
    signs: tuple[Look, ...] = ()
    bands: tuple[DayBand, ...] = ()
    band_label: str = ""
    share_title: str = ""  # above the numbers at the right
    drawn_rows: Places = None
    is_in_lanes: bool = False  # rows of a group lie close, named as a group only

    def parts(self) -> tuple[str, ...]:
        """Return each row with what stands at its right."""
        return tuple(f"{row.group}, {row.label}: {row.share_label}" for row in self.rows)

    def table(self) -> Table:
        """Return one row per milestone; a date that is not reached is an empty cell."""
        return Table(
            ("row", "milestone", "p10", "p50", "p90", "share"),
            [
                (row.key, one.look, *(self._date(day) for day in one[1:4]), one.share)
                for row in self.rows
                for one in row.milestones
            ],
        )

    def _date(self, day: float) -> str:
        return iso_day(self.start, day) if day < math.inf else ""


class CashPanel(NamedTuple):
    """The cash of an account over the days of one simulation, in rupiah."""

    key: str
    label: str
    y: Axis
    days: FloatArray  # (n_days,) from the start, rising
    released: FloatArray  # (n_days,) in all up to this day
    spent: FloatArray
    lapsed: FloatArray

    @property
    def balance(self) -> FloatArray:
        """What the account holds, (n_days,) rupiah."""
        balance: FloatArray = self.released - self.spent - self.lapsed
        return balance


@dataclass(frozen=True)
class Timeline(Figure):
    """What happened in one simulation, row by row, and below it the cash on the same days."""

    start: dt.date
    x: Axis
    rows: tuple[Row, ...]
    looks: tuple[Look, ...]
    signs: tuple[Look, ...]
    lines: tuple[DayLine, ...]
    line_looks: tuple[Look, ...]
    cash: tuple[CashPanel, ...]
    cash_labels: tuple[str, str, str]  # released, spent, lapsed
    drawn_rows: Places = None
    is_fine: bool = False  # many rows, small and close

    def parts(self) -> tuple[str, ...]:
        """Return what the pieces and signs are."""
        return tuple(look.label for look in (*self.looks, *self.signs, *self.line_looks))

    def table(self) -> Table:
        """Return one row per piece, then per sign, then per day on which an account changed."""
        pieces: list[tuple[Cell, ...]] = [
            (
                row.key,
                piece.look,
                iso_day(self.start, piece.first),
                iso_day(self.start, piece.last),
                "",
                "",
            )
            for row in self.rows
            for piece in row.pieces
        ]
        signs: list[tuple[Cell, ...]] = [
            (row.key, sign.look, iso_day(self.start, sign.day), "", "", "")
            for row in self.rows
            for sign in row.signs
        ]
        cash: list[tuple[Cell, ...]] = [
            (panel.key, name, iso_day(self.start, day), "", amount, balance)
            for panel in self.cash
            for name, amounts in (
                ("released", panel.released), ("spent", panel.spent), ("lapsed", panel.lapsed),
            )
            for day, amount, balance in zip(
                panel.days.tolist(), amounts.tolist(), panel.balance.tolist(), strict=True
            )
        ]  # fmt: skip
        return Table(
            ("row", "what", "from", "until", "total_rupiah", "balance_rupiah"),
            [*pieces, *signs, *cash],
        )


class Fan(NamedTuple):
    """What is used of one pool or account, month by month, over many simulations.

    Attributes
    ----------
    use : (5, n_months) least, P10, P50, P90, most.
    limit : (n_months,) what there is at most; NaN = there is no such number.
    at_limit : (n_months,) share of simulations and days at the limit.
    at_limit_label : when that is the case most often.
    """

    key: str
    label: str
    y: Axis
    use: FloatArray
    limit: FloatArray
    at_limit: FloatArray
    at_limit_label: str


@dataclass(frozen=True)
class Fans(Figure):
    """What is used month by month over many simulations: a panel per pool or account."""

    start: dt.date
    x: Axis
    months: FloatArray  # (n_months + 1,) day on which each begins, and the day behind the last
    month_keys: tuple[str, ...]  # 2023-01
    fans: tuple[Fan, ...]
    labels: tuple[str, ...]  # median, P10-P90, ends, limit, often at it, mostly at it
    drawn_fans: Places = None

    def parts(self) -> tuple[str, ...]:
        """Return each pool or account with when it is at its limit."""
        return tuple(f"{fan.label}: {fan.at_limit_label}" for fan in self.fans)

    def table(self) -> Table:
        """Return one row per pool or account and month."""
        return Table(
            ("of", "month", "least", "p10", "p50", "p90", "most", "limit", "share_at_limit"),
            [
                (
                    fan.key,
                    month,
                    *fan.use[:, place].tolist(),
                    float(fan.limit[place]),
                    float(fan.at_limit[place]),
                )
                for fan in self.fans
                for place, month in enumerate(self.month_keys)
            ],
        )

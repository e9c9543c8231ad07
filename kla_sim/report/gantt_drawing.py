"""Draws schedules: rows in groups over the calendar, bars, whiskers, signs and vertical lines.

Rows stand in inches from the top, so that a sheet is as high as they need; what goes on past the
end of the axis ends in an arrow. Colours, hatches and marks say the same twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.charts import Axis, picked
from kla_sim.report.schedule_charts import DayLine, Gantt, Look, Milestone, Row
from kla_sim.report.sheet import (
    BLUE,
    GREY,
    INK,
    PALE,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    set_calendar,
    shorten,
    text_width,
    wrap,
)

ROW, LANE = 0.23, 0.085
"""Inches from row to row."""

GAP, HEAD = 0.13, 0.3
"""Inches between groups, and above the first for the years."""

_SHARE = 1.05
"""Inches at the right for the share of each row."""

_PERIODS: dict[str, dict[str, Any]] = {
    "building": {"facecolor": SKY, "edgecolor": BLUE, "linewidth": 0.4},
    "joining": {"facecolor": "#f6c65b", "edgecolor": "#8a5f00", "linewidth": 0.4, "hatch": "////"},
    "span": {"facecolor": "#cfe4f3", "edgecolor": "none"},
    "work": {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 0.4},
}
"""In the order in which they are drawn: what lies on another comes after it."""

_MOMENTS: dict[str, dict[str, Any]] = {
    "begun": {"color": INK, "marker": "o"},
    "open": {"color": PURPLE, "marker": "D"},
    "launched": {"color": VERMILLION, "marker": "^"},
    "done": {"color": VERMILLION, "marker": "^"},
}

LINES: dict[str, dict[str, Any]] = {
    "evidence": {"color": VERMILLION, "linestyle": (0, (4, 2)), "linewidth": 0.9},
    "award": {"color": GREY, "linestyle": (0, (1, 1.5)), "linewidth": 1.2},
}

_STAGE: dict[str, Any] = {"color": GREY, "marker": "|", "markersize": 7, "linestyle": "none"}

_OPEN: dict[str, Any] = {"color": INK, "marker": 5, "linestyle": "none"}

_SIGNS = {"stage": _STAGE, "beyond": _OPEN}

_BAND: dict[str, Any] = {"facecolor": "#eef3e2", "edgecolor": "none"}


class Placed(NamedTuple):
    """A row with the place of its middle, inches from the top of the axes."""

    row: Row
    y: float


class Block(NamedTuple):
    """A group of rows with its label in lines, and its place."""

    lines: list[str]
    top: float
    bottom: float
    rows: list[Placed]


def placed_rows(rows: Sequence[Row], step: float, wide: float) -> list[Block]:
    """Return groups of rows one below the other, each as high as its rows or its label needs.

    Parameters
    ----------
    step : inches from row to row.
    wide : inches that the label of a group may take.
    """
    blocks, top = [], 0.0
    for label, members in groupby(rows, key=lambda row: row.group):
        of_group = list(members)
        most = 3 if step <= LANE else min(3, max(1, int(len(of_group) * step / 0.15)))
        lines = wrap(label, 8, wide, "bold", most=most) if label else []
        needed = max(len(of_group) * step, 0.15 * len(lines))
        first = top + (needed - len(of_group) * step) / 2 + step / 2
        placed = [Placed(row, first + step * place) for place, row in enumerate(of_group)]
        blocks.append(Block(lines, top, top + needed, placed))
        top += needed + GAP
    return blocks


def draw_gantt(figure: Gantt) -> Canvas:
    """Draw when things happen over many simulations, a row each."""
    rows = picked(figure.rows, figure.drawn_rows)
    step = LANE if figure.is_in_lanes else ROW
    blocks = placed_rows(rows, step, 1.6)
    height = max(blocks[-1].bottom if blocks else 0.0, 0.4)
    sheet = Sheet(figure, HEAD + height + 0.35, _legend(figure))
    left = label_inches(blocks, is_named=not figure.is_in_lanes)
    right = _SHARE if any(row.share_label for row in rows) else 0.3
    axes = sheet.axes(left, HEAD, WIDTH - left - right, height)
    prepare(axes, figure.x, height)
    for band in figure.bands:
        axes.axvspan(band.first, band.last, zorder=0, **_BAND)
    draw_day_lines(axes, figure.lines)
    write_labels(axes, blocks, left, is_named=not figure.is_in_lanes)
    _draw_rows(axes, figure, blocks, step)
    if right == _SHARE:
        share = sheet.axes(WIDTH - right + 0.1, HEAD, 0.38, height)
        _draw_shares(share, blocks, figure.share_title, step, height)
    return sheet.canvas


def _legend(figure: Gantt) -> list[Entry]:
    entries = []
    for look in figure.looks:
        if look.key in _PERIODS:
            entries.append(Entry(look.label, _PERIODS[look.key]))
        else:
            line = {**_MOMENTS[look.key], "linewidth": 1.1, "markersize": 4.5}
            entries.append(Entry(look.label, {}, line))
    entries += [Entry(look.label, {}, _SIGNS[look.key]) for look in figure.signs]
    entries += line_entries(figure.line_looks, figure.lines)
    if figure.bands:
        entries.append(Entry(figure.band_label, _BAND))
    return entries


def line_entries(looks: Sequence[Look], lines: Sequence[DayLine]) -> list[Entry]:
    """Return the legend of the vertical lines that there are."""
    drawn = {line.look for line in lines}
    return [Entry(look.label, {}, LINES[look.key]) for look in looks if look.key in drawn]


def label_inches(blocks: Sequence[Block], *, is_named: bool, size: float = 7.5) -> float:
    """Return the inches that the labels of groups and rows take."""
    groups = [line for block in blocks for line in block.lines]
    widest = max((text_width(line, 8, "bold") for line in groups), default=0.0)
    names = [_row_label(placed.row, size) for block in blocks for placed in block.rows]
    own = max((text_width(name, size) for name in names), default=0.0) if is_named else 0.0
    return 0.25 + widest + (0.12 + own if own else 0.0) + 0.08


def _row_label(row: Row, size: float) -> str:
    return shorten(row.label, size, 1.9) if row.label else ""


def prepare(axes: Axes, x: Axis, height: float) -> None:
    """Set the calendar below and above, and inches from the top down."""
    axes.set_ylim(height, 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    set_calendar(axes, x, is_above=True)
    axes.set_axisbelow(True)


def draw_day_lines(axes: Axes, lines: Sequence[DayLine]) -> None:
    """Draw vertical lines through all rows."""
    for line in lines:
        axes.axvline(line.day, zorder=1.5, **LINES[line.look])


def write_labels(
    axes: Axes, blocks: Sequence[Block], left: float, *, is_named: bool, size: float = 7.5
) -> None:
    """Write the label of each group at its middle, and those of rows beside the axis."""
    inches = axes.get_position().width * WIDTH
    x = -(left - 0.22) / inches
    for place, block in enumerate(blocks):
        if place:
            middle = block.top - GAP / 2
            axes.plot(
                [x, 1.0], [middle] * 2, transform=axes.get_yaxis_transform(), color=PALE,
                linewidth=0.7, clip_on=False, zorder=0.5,
            )  # fmt: skip
        axes.text(
            x, (block.top + block.bottom) / 2, "\n".join(block.lines), fontsize=8,
            fontweight="bold", va="center", transform=axes.get_yaxis_transform(),
        )  # fmt: skip
        for row, y in block.rows if is_named else ():
            axes.text(
                -0.07 / inches, y, _row_label(row, size), fontsize=size, ha="right",
                va="center_baseline", transform=axes.get_yaxis_transform(), color=INK,
            )  # fmt: skip


def draw_pieces(
    axes: Axes, blocks: Sequence[Block], looks: dict[str, dict[str, Any]], thick: float
) -> None:
    """Draw the stretches of all rows, look by look: one call for many is a third of the time.

    Parameters
    ----------
    thick : inches.
    """
    placed = [one for block in blocks for one in block.rows]
    for key, look in looks.items():
        found = [(y, piece) for row, y in placed for piece in row.pieces if piece.look == key]
        axes.barh(
            [y for y, _ in found], [piece.last - piece.first for _, piece in found],
            left=[piece.first for _, piece in found], height=thick, zorder=2, **look,
        )  # fmt: skip


def _draw_rows(axes: Axes, figure: Gantt, blocks: Sequence[Block], step: float) -> None:
    placed = [one for block in blocks for one in block.rows]
    draw_pieces(axes, blocks, _PERIODS, (0.75 if figure.is_in_lanes else 0.42) * step)
    is_open = [y for row, y in placed if any(piece.is_open for piece in row.pieces)]
    end = figure.x.high
    size = 3.0 if figure.is_in_lanes else 5.0
    axes.plot([end] * len(is_open), is_open, markersize=size, clip_on=False, **_OPEN)
    signs = [(sign.day, y) for row, y in placed for sign in row.signs]
    axes.plot([day for day, _ in signs], [y for _, y in signs], zorder=3, **_STAGE)
    if not figure.is_in_lanes:
        found = [(one, y) for row, y in placed for one in _beside(row, y, step)]
        for key, look in _MOMENTS.items():
            _draw_milestones(axes, [(o, at) for (o, at), _ in found if o.look == key], look, end)


def _beside(row: Row, y: float, step: float) -> list[tuple[Milestone, float]]:
    """Return the milestones of a row, each a little lower than the one before."""
    n = len(row.milestones)
    return [
        (one, y + (place - (n - 1) / 2) * 0.62 * step / max(n - 1, 1))
        for place, one in enumerate(row.milestones)
    ]


def _draw_milestones(
    axes: Axes, found: list[tuple[Milestone, float]], look: dict[str, Any], end: float
) -> None:
    reached = [(one, y) for one, y in found if math.isfinite(one.p10)]
    axes.hlines(
        [y for _, y in reached], [one.p10 for one, _ in reached],
        [min(one.p90, end) for one, _ in reached], color=look["color"], linewidth=1.1, zorder=3,
    )  # fmt: skip
    middle = [(one.p50, y) for one, y in reached if math.isfinite(one.p50)]
    axes.plot(
        [day for day, _ in middle], [y for _, y in middle], linestyle="none", markersize=3.6,
        zorder=4, markeredgecolor="white", markeredgewidth=0.4, clip_on=False, **look,
    )  # fmt: skip


def _draw_shares(
    axes: Axes, blocks: Sequence[Block], title: str, step: float, height: float
) -> None:
    """Draw the share of each row as a small bar with its number."""
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(height, 0.0)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.text(
        1.0, -0.1, title, fontsize=7.5, color=GREY, ha="center", va="bottom",
    )  # fmt: skip
    shared = [one for block in blocks for one in block.rows if one.row.share_label]
    thick, places = max(0.42 * step, 0.09), [y for _, y in shared]
    axes.barh(places, [1.0] * len(shared), height=thick, facecolor="#f0f0f0")
    axes.barh(places, [row.share for row, _ in shared], height=thick, facecolor=GREY)
    for row, y in shared:
        axes.annotate(
            row.share_label, (1.0, y), xytext=(4, 0), textcoords="offset points", fontsize=7.5,
            va="center_baseline", annotation_clip=False,
        )  # fmt: skip

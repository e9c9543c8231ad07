"""Draws the timelines of one future: what happened row by row, and the cash on the same days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.charts import picked
from kla_sim.report.gantt_drawing import (
    HEAD,
    ROW,
    Block,
    draw_day_lines,
    draw_pieces,
    label_inches,
    line_entries,
    placed_rows,
    prepare,
    write_labels,
)
from kla_sim.report.schedule_charts import CashPanel, Look, Timeline
from kla_sim.report.sheet import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    YELLOW,
    Entry,
    Sheet,
    set_calendar,
    set_y,
    text_width,
    wrap,
)

_FINE = 0.135
"""Inches from row to row where there are many."""

_CASH, _CASH_GAP = 0.85, 0.42
"""Inches of the cash of an account, and between two."""

_BESIDE: dict[str, dict[str, Any]] = {
    "at_work": {"facecolor": BLUE, "edgecolor": "none"},
    "rework": {"facecolor": BLUE, "edgecolor": "white", "hatch": "xxxx"},
    "dormant": {"facecolor": "white", "edgecolor": INK, "hatch": "|||||"},
}

_WAITS = (
    ("#e9e9e9", "", GREY), ("#cfcfcf", "....", GREY), (ORANGE, "////", "white"),
    (PURPLE, "\\\\\\\\", "white"), (YELLOW, "----", GREY), (SKY, "ooo", "white"),
    (GREEN, "++++", "white"), (VERMILLION, "....", "white"),
)  # fmt: skip
"""Colour, hatch and its colour of what is waited for, in the order of the causes."""

_SIGNS: dict[str, dict[str, Any]] = {
    "launch": {"color": VERMILLION, "marker": "^", "linestyle": "none"},
    "given_up": {"color": INK, "marker": "X", "linestyle": "none"},
    "award": {"color": GREEN, "marker": "*", "linestyle": "none"},
}

_RELEASED: dict[str, Any] = {"color": INK, "linewidth": 1.2}
_SPENT: dict[str, Any] = {"facecolor": BLUE, "edgecolor": "none", "alpha": 0.75}
_LAPSED: dict[str, Any] = {
    "facecolor": "#e3e3e3", "edgecolor": "#8c8c8c", "hatch": "////", "linewidth": 0.4,
}  # fmt: skip


def draw_timeline(figure: Timeline) -> Canvas:
    """Draw what happened in one future."""
    rows = picked(figure.rows, figure.drawn_rows)
    step, size = (_FINE, 6.0) if figure.is_fine else (ROW, 7.5)
    blocks = placed_rows(rows, step, 1.6)
    height = max(blocks[-1].bottom if blocks else 0.0, 0.4)
    looks = {look.key: _look(look) for look in figure.looks}
    cash = len(figure.cash) * (_CASH + _CASH_GAP) + 0.15
    sheet = Sheet(figure, HEAD + height + 0.35 + cash, _legend(figure, looks))
    left = max(label_inches(blocks, is_named=True, size=size), _cash_inches(figure))
    right = 0.35
    width = WIDTH - left - right
    axes = sheet.axes(left, HEAD, width, height)
    prepare(axes, figure.x, height)
    draw_day_lines(axes, figure.lines)
    write_labels(axes, blocks, left, is_named=True, size=size)
    draw_pieces(axes, blocks, looks, 0.6 * step)
    _draw_signs(axes, blocks, size)
    for place, panel in enumerate(figure.cash):
        top = HEAD + height + 0.55 + place * (_CASH + _CASH_GAP)
        below = sheet.axes(left, top, width, _CASH)
        _draw_cash(below, figure, panel, left)
    return sheet.canvas


def _look(look: Look) -> dict[str, Any]:
    if look.key in _BESIDE:
        return {"linewidth": 0.0, **_BESIDE[look.key]}
    color, hatch, edge = _WAITS[(look.place - len(_BESIDE)) % len(_WAITS)]
    return {"facecolor": color, "edgecolor": edge, "hatch": hatch, "linewidth": 0.0}


def _legend(figure: Timeline, looks: dict[str, dict[str, Any]]) -> list[Entry]:
    released, spent, lapsed = figure.cash_labels
    return [
        *(Entry(look.label, looks[look.key]) for look in figure.looks),
        *(Entry(look.label, {}, {**_SIGNS[look.key], "markersize": 6}) for look in figure.signs),
        *line_entries(figure.line_looks, figure.lines),
        Entry(released, {}, _RELEASED),
        Entry(spent, _SPENT),
        Entry(lapsed, _LAPSED),
    ]


def _draw_signs(axes: Axes, blocks: Sequence[Block], size: float) -> None:
    placed = [(sign, y) for block in blocks for row, y in block.rows for sign in row.signs]
    for key, look in _SIGNS.items():
        own = [(sign, y) for sign, y in placed if sign.look == key]
        axes.plot(
            [sign.day for sign, _ in own], [y for _, y in own], markersize=0.95 * size, zorder=4,
            markeredgecolor="white", markeredgewidth=0.4, clip_on=False, **look,
        )  # fmt: skip
        for sign, y in own:
            if not sign.label:
                continue
            axes.annotate(
                sign.label, (sign.day, y), xytext=(4, 0), textcoords="offset points",
                fontsize=size, va="center_baseline", annotation_clip=False, zorder=5,
                bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
            )  # fmt: skip


def _cash_inches(figure: Timeline) -> float:
    """Return the inches that the labels of the cash take at the left."""
    lines = [line for panel in figure.cash for line in wrap(panel.label, 8, 1.4, "bold", most=3)]
    return max((text_width(line, 8, "bold") for line in lines), default=0.0) + 1.0


def _draw_cash(axes: Axes, figure: Timeline, panel: CashPanel, left: float) -> None:
    """Draw what was released in all, filled with what is spent or lapsed; the rest is held."""
    end = figure.x.high
    days = np.append(panel.days, end)
    spent, lapsed, released = (
        np.append(values, values[-1])
        for values in (panel.spent, panel.spent + panel.lapsed, panel.released)
    )
    axes.fill_between(days, 0.0, spent, step="post", **_SPENT)
    axes.fill_between(days, spent, lapsed, step="post", **_LAPSED)
    axes.plot(days, released, drawstyle="steps-post", **_RELEASED)
    set_y(axes, panel.y)
    set_calendar(axes, figure.x)
    axes.set_ylabel(panel.y.label, fontsize=7.5)
    axes.tick_params(axis="y", labelsize=7)
    draw_day_lines(axes, figure.lines)
    inches = axes.get_position().width * WIDTH
    axes.text(
        -(left - 0.22) / inches, 0.5, "\n".join(wrap(panel.label, 8, 1.4, "bold", most=3)),
        fontsize=8, fontweight="bold", va="center", transform=axes.transAxes,
    )  # fmt: skip

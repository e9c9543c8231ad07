"""Draws plans by cost and by what they reach."""

from __future__ import annotations

from typing import Any

from kla_sim.report.agg import Canvas
from kla_sim.report.choice_charts import Front, FrontMark
from kla_sim.report.sheet import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PURPLE,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    draw_grid,
    set_x,
    set_y,
)

_LOOKS: dict[str, dict[str, Any]] = {
    "front": {"color": BLUE, "marker": "o", "markersize": 5, "linestyle": "-", "linewidth": 1.3},
    "rule": {"color": PURPLE, "marker": "^", "markersize": 6, "linestyle": "none"},
    "given": {"color": INK, "marker": "s", "markersize": 6.5, "linestyle": "none"},
    "alternative": {"color": GREEN, "marker": "D", "markersize": 6.5, "linestyle": "none"},
    "best": {"color": VERMILLION, "marker": "*", "markersize": 13, "linestyle": "none"},
}
_SEEN: dict[str, Any] = {
    "color": GREY, "marker": "o", "markersize": 3, "linestyle": "none", "alpha": 0.45,
}  # fmt: skip


def draw_front(figure: Front) -> Canvas:
    """Draw all plans tried as dots, the named ones as marks, the unbeaten ones as a line."""
    kinds = [kind for kind in _LOOKS if any(mark.kind == kind for mark in figure.marks)]
    legend = [
        Entry(figure.seen_label, {}, _SEEN),
        *(Entry(figure.kind_labels[kind], {}, _LOOKS[kind]) for kind in kinds),
    ]
    sheet = Sheet(figure, 4.6, legend)
    axes = sheet.axes(0.95, 0.1, WIDTH - 0.95 - 0.35, 3.95)
    set_x(axes, figure.x)
    set_y(axes, figure.y)
    draw_grid(axes, "y")
    axes.plot(figure.seen[:, 0], figure.seen[:, 1], **_SEEN, zorder=2)
    for depth, kind in enumerate(kinds):
        marks = [mark for mark in figure.marks if mark.kind == kind]
        _draw_marks(axes, marks, _LOOKS[kind], depth + 3)
    return sheet.canvas


def _draw_marks(axes: Any, marks: list[FrontMark], look: dict[str, Any], depth: int) -> None:
    costs, values = [mark.cost for mark in marks], [mark.value for mark in marks]
    for mark in marks:
        axes.plot(
            [mark.cost] * 2, [mark.low, mark.high], color=look["color"], linewidth=1.0, zorder=depth
        )
    axes.plot(costs, values, clip_on=False, zorder=depth, **look)

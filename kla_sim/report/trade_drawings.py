"""Draws figures of two things that are traded against each other."""

from __future__ import annotations

from typing import Any

from kla_sim.report.agg import Canvas
from kla_sim.report.choice_charts import TradeOffs
from kla_sim.report.sheet import (
    GREY,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    draw_grid,
    series_look,
    set_x,
    set_y,
)

_HEIGHT = 3.6

_DASH = 0.06
"""Half the length of a level, in shares of the axis."""


def draw_trade_offs(figure: TradeOffs) -> Canvas:
    """Draw the front of all that was met as a line, and what was chosen with its intervals."""
    front_look = {**series_look(0), "markersize": 3.0}
    chosen_look: dict[str, Any] = {"color": VERMILLION, "marker": "D", "markersize": 7}
    level_look: dict[str, Any] = {"color": GREY, "linewidth": 1.0, "linestyle": (0, (4, 2))}
    legend = [
        Entry(figure.front_label, {}, front_look),
        Entry(figure.point_label, {}, chosen_look),
        Entry(figure.level_label, {}, level_look),
    ]
    sheet = Sheet(figure, _HEIGHT + 0.65, legend if figure.points else [legend[0], legend[2]])
    axes = sheet.axes(0.85, 0.1, WIDTH - 1.25, _HEIGHT)
    set_x(axes, figure.x)
    set_y(axes, figure.y)
    draw_grid(axes, "y")
    if not figure.points:
        axes.axhline(figure.level, zorder=2, **level_look)
    if len(figure.front):
        axes.plot(*figure.front.T, clip_on=False, **front_look)
    for point in figure.points:
        axes.errorbar(
            [point.x], [point.y], yerr=[[point.y - point.low], [point.high - point.y]],
            elinewidth=1.6, clip_on=False, zorder=5, **chosen_look,
        )  # fmt: skip
        ends = [max(0.0, point.x - _DASH), min(1.0, point.x + _DASH)]
        axes.plot(ends, [point.level] * 2, zorder=4, **level_look)
        axes.annotate(
            point.label, (point.x, point.y), xytext=(9, -4), textcoords="offset points",
            va="top", fontweight="bold", color=VERMILLION, annotation_clip=False,
        )  # fmt: skip
    return sheet.canvas

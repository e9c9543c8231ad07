"""Draws figures over levers: a curve with its band, and a map with lines of equal height."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.report.agg import Canvas
from kla_sim.report.choice_charts import LeverCurve, LeverMap
from kla_sim.report.sheet import (
    BLUE,
    GREY,
    INK,
    SERIES,
    SKY,
    STYLES,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    draw_grid,
    set_x,
    set_y,
    text_width,
)


def draw_lever_curve(figure: LeverCurve) -> Canvas:
    """Draw a curve along a lever, with the level wanted and the intervals of its crossings."""
    legend = [Entry(figure.band_label, {"facecolor": SKY, "alpha": 0.35})]
    sheet = Sheet(figure, 4.35, legend)
    right = text_width(figure.level.label, 9) + 0.3
    axes = sheet.axes(0.85, 0.15, WIDTH - 0.85 - right, 3.6)
    set_x(axes, figure.x)
    set_y(axes, figure.y)
    draw_grid(axes, "y")
    lever, low, value, high = figure.points.T
    axes.fill_between(lever, low, high, color=SKY, alpha=0.35, linewidth=0)
    axes.plot(
        lever, value, color=BLUE, linewidth=2.0, marker="o", markersize=4.5, clip_on=False, zorder=4
    )
    level = figure.level.place
    axes.axhline(level, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=2)
    axes.annotate(
        figure.level.label, (figure.x.high, level), xytext=(6, 0), textcoords="offset points",
        va="center", annotation_clip=False,
    )  # fmt: skip
    for (at, start, end), label in zip(
        figure.crossings.tolist(), figure.crossing_labels, strict=True
    ):
        axes.plot([start, end], [level] * 2, color=VERMILLION, linewidth=4.0, alpha=0.6, zorder=3)
        axes.plot([at], [level], color=VERMILLION, marker="D", markersize=7, zorder=5)
        is_late = (at - figure.x.low) / (figure.x.high - figure.x.low) > 0.6
        axes.annotate(
            label, (at, level), xytext=(-8 if is_late else 8, -14), textcoords="offset points",
            ha="right" if is_late else "left", color=VERMILLION, fontweight="bold",
        )  # fmt: skip
    return sheet.canvas


def draw_lever_map(figure: LeverMap) -> Canvas:
    """Draw a map over two levers: the value at each point, and a line for each level reached."""
    values = figure.points[:, :, 1]
    looks: list[dict[str, Any]] = [
        {"color": SERIES[place % 4], "linestyle": STYLES[place % 4], "linewidth": 2.0}
        for place in range(len(figure.levels))
    ]
    legend = [Entry(tick.label, {}, look) for tick, look in zip(figure.levels, looks, strict=True)]
    sheet = Sheet(figure, 5.2, legend)
    axes = sheet.axes(1.3, 0.15, WIDTH - 1.3 - 0.5, 4.4)
    set_x(axes, figure.x)
    set_y(axes, figure.y)
    draw_grid(axes, "x")
    draw_grid(axes, "y")
    for tick, look in zip(figure.levels, looks, strict=True):
        if figure.reaches(tick):
            axes.contour(
                figure.xs, figure.ys, values.T, levels=[tick.place], colors=[look["color"]],
                linestyles=[look["linestyle"]], linewidths=2.0,
            )  # fmt: skip
    for i, x in enumerate(figure.xs.tolist()):
        for j, y in enumerate(figure.ys.tolist()):
            axes.annotate(
                figure.point_labels[i][j], (x, y), xytext=(4, 4), textcoords="offset points",
                fontsize=8.5, color=INK, annotation_clip=False, zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
            )  # fmt: skip
    axes.plot(
        *map(np.ravel, np.meshgrid(figure.xs, figure.ys)),
        color=GREY, marker=".", linestyle="none", clip_on=False,
    )  # fmt: skip
    return sheet.canvas

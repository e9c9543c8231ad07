"""Draws gains as bars from zero, the largest on top, with their intervals and two columns."""

from __future__ import annotations

from typing import Any

from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.choice_charts import Tornado
from kla_sim.report.sheet import (
    BLUE,
    GREY,
    INK,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    draw_grid,
    set_rows,
    set_x,
    text_width,
    wrap,
)

_LABEL, _COLUMN = 2.9, 0.88
"""Inches of the names of rows, at most, and of a column of numbers beside the bars."""


def draw_tornado(figure: Tornado) -> Canvas:
    """Draw a bar per thing relieved; what is not shown to differ from nothing is pale."""
    figure = figure.shown()
    legend = [Entry(figure.shown_label, _look(1.0, is_shown=True))]
    if not all(figure.is_shown):
        legend.append(Entry(figure.unshown_label, _look(1.0, is_shown=False)))
    labels = ["\n".join(wrap(label, 9, _LABEL, most=2)) for label in figure.row_labels]
    left = max(text_width(line, 9) for label in labels for line in label.split("\n")) + 0.35
    height = (0.38 if any("\n" in label for label in labels) else 0.28) * len(labels)
    sheet = Sheet(figure, height + 1.0, legend)
    right = len(figure.column_labels) * _COLUMN + 0.15
    axes = sheet.axes(left, 0.38, WIDTH - left - right, height)
    set_x(axes, figure.x)
    draw_grid(axes, "x")
    set_rows(axes, labels, is_named=True)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=3)
    for row, ((low, value, high), shown) in enumerate(
        zip(figure.points.tolist(), figure.is_shown, strict=True)
    ):
        axes.barh([row], [value], height=0.62, zorder=2, **_look(value, is_shown=shown))
        axes.plot([low, high], [row, row], color=INK, linewidth=1.3, zorder=4)
        axes.plot([low, high], [row, row], "|", color=INK, markersize=6, zorder=4)
    _write_columns(axes, figure, WIDTH - left - right)
    return sheet.canvas


def _look(value: float, *, is_shown: bool) -> dict[str, Any]:
    """Return the look of a bar: blue for a gain, hatched for a loss, pale where it is not shown."""
    if not is_shown:
        return {"facecolor": "white", "edgecolor": "#9a9a9a", "linewidth": 0.8}
    if value >= 0:
        return {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 0.8}
    return {"facecolor": VERMILLION, "edgecolor": "white", "hatch": "///", "linewidth": 0.8}


def _write_columns(axes: Axes, figure: Tornado, inches: float) -> None:
    for column, label in enumerate(figure.column_labels):
        x = 1.0 + (column + 1) * _COLUMN / inches
        axes.annotate(
            label, (x, 1.0), xycoords="axes fraction", xytext=(0, 5), textcoords="offset points",
            ha="right", va="bottom", fontsize=8, color=GREY, annotation_clip=False,
        )  # fmt: skip
        for row, counts in enumerate(figure.count_labels):
            axes.annotate(
                counts[column], (x, row), xycoords=("axes fraction", "data"), ha="right",
                va="center", fontsize=8.5, annotation_clip=False,
            )  # fmt: skip

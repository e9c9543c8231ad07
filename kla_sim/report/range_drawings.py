"""Draws figures of marks with ranges: by cycle, side by side, chances beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.charts import Axis
from kla_sim.report.range_charts import Dots, Ranges
from kla_sim.report.score_charts import Reliability
from kla_sim.report.sheet import (
    GREY,
    INK,
    MARKS,
    PALE,
    SERIES,
    WIDTH,
    Entry,
    Sheet,
    draw_grid,
    every,
    panel_grid,
    row_height,
    row_labels,
    series_look,
    set_rows,
    set_x,
    set_y,
    text_width,
    wrap,
)

_LEVEL: dict[str, Any] = {"color": INK, "linewidth": 1.1, "linestyle": (0, (4, 2))}

_OFF_THE_LINE: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}

_LATE = 0.85
"""Above this share a count stands left of its mark, or below: it would leave the panel."""


def draw_ranges(figure: Ranges) -> Canvas:
    """Draw ranges by cycle, a panel per subject; panels with axes of their own stand further apart.

    An axis that a panel shares with its left neighbour is named there only.
    """
    figure = figure.shown()
    n_kinds, n_panels, _n_cycles, _points = figure.points.shape
    columns = min(n_panels, 3 if n_panels <= 6 else 4 if n_panels <= 12 else 5)
    size = 9.0 if columns < 5 else 8.0
    legend = [
        Entry(label, {}, {**series_look(kind), "linestyle": "-", **_filling(kind)})
        for kind, label in enumerate(figure.kind_labels)
    ]
    if figure.level is not None:
        legend.append(Entry(figure.level.label, {}, _LEVEL))
    right = max((text_width(band.label, 7.5) for band in figure.bands), default=0.0) + 0.3
    left, gap = 0.8, 0.15 if len(set(figure.panel_axes)) == 1 else 0.6
    width = (WIDTH - left - right - gap * (columns - 1)) / columns
    titles = ["\n".join(wrap(label, size, width, "bold", 3)) for label in figure.panel_labels]
    title_height = 0.18 * max(title.count("\n") + 1 for title in titles)
    height = 1.75 if columns < 5 else 1.35
    step = height + title_height + 0.35
    sheet = Sheet(figure, -(-n_panels // columns) * step, legend)
    for panel, axis in enumerate(figure.panel_axes):
        row, column = divmod(panel, columns)
        top = title_height + 0.05 + row * step
        axes = sheet.axes(left + column * (width + gap), top, width, height)
        axes.set_title(titles[panel], fontsize=size, fontweight="bold", loc="left", pad=6)
        _set_points(axes, axis, height, is_labelled=column == 0 or gap > 0.15)
        if column:
            axes.set_ylabel("")
        _draw_bands(axes, figure, axis, is_named=column == columns - 1 or panel == n_panels - 1)
        if figure.level is not None:
            axes.axhline(figure.level.place, zorder=2, **_LEVEL)
        _set_cycles(axes, figure.cycle_labels, width)
        for kind in range(n_kinds):
            _draw_kind(axes, figure.points[kind, panel], kind, width)
    return sheet.canvas


def _set_points(axes: Axes, axis: Axis, height: float, *, is_labelled: bool) -> None:
    """Set a panel's own axis; on a low one each second tick is written."""
    set_y(axes, axis, is_named=is_labelled)
    if height < 1.5:
        axes.set_yticks([tick.place for tick in axis.ticks][::2])
        if is_labelled:
            axes.set_yticklabels([tick.label for tick in axis.ticks][::2])


def _draw_bands(axes: Axes, figure: Ranges, axis: Axis, *, is_named: bool) -> None:
    ends = [*(band.place for band in figure.bands[1:]), axis.high]
    for place, (band, end) in enumerate(zip(figure.bands, ends, strict=False)):
        low = max(band.place, axis.low)
        if end <= low:
            continue
        if place % 2:
            axes.axhspan(low, end, color="#efefef", linewidth=0, zorder=0)
        if is_named:
            axes.annotate(
                band.label, (1.0, (low + end) / 2), xycoords=("axes fraction", "data"),
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=7.5, color=GREY,
            )  # fmt: skip


def _set_cycles(axes: Axes, labels: Sequence[str], inches: float) -> None:
    """Write the years of cycles: whole, or their last two digits, or each k-th of many."""
    n = len(labels)
    axes.set_xlim(-0.5, n - 0.5)
    step = every(n, 0.56, inches) if n * 0.25 > inches else 1
    is_short = step == 1 and n * 0.37 > inches
    shown = [label[-2:] if is_short else label for label in labels[::step]]
    axes.set_xticks(range(0, n, step), shown, fontsize=8)
    if step > 1:  # so that neighbouring panels do not touch
        written = axes.get_xticklabels()
        written[0].set_horizontalalignment("left")
        written[-1].set_horizontalalignment("right")


def _draw_kind(axes: Axes, points: FloatArray, kind: int, inches: float) -> None:
    low, middle, high = points.T
    size = min(1.0, max(0.3, 5 * inches / len(middle)))
    x = np.arange(len(middle)) + (kind - 0.5) * 0.26
    axes.errorbar(
        x, middle, yerr=[middle - low, high - middle], fmt=MARKS[kind], color=SERIES[kind],
        markersize=4.5 * size, linewidth=1.6 * size, clip_on=False, **_filling(kind),
    )  # fmt: skip


def _filling(kind: int) -> dict[str, Any]:
    return {"markerfacecolor": "white" if kind % 2 else SERIES[kind % len(SERIES)]}


def draw_dots(figure: Dots) -> Canvas:
    """Draw estimates side by side, a row per subject."""
    figure = figure.shown()
    n_series, n_rows, _points = figure.points.shape
    legend = [
        Entry(label, {}, {**series_look(figure.first_look + place), "linestyle": "-"})
        for place, label in enumerate(figure.series_labels)
    ]
    labels, left = row_labels(figure.row_labels)
    height = max(row_height(labels), 0.13 * n_series + 0.1) * n_rows
    sheet = Sheet(figure, height + 0.65, legend)
    axes = sheet.axes(left, 0.05, WIDTH - left - 0.3, height)
    set_x(axes, figure.x)
    draw_grid(axes, "x")
    set_rows(axes, labels, is_named=True)
    if figure.is_first_apart:
        axes.axhline(0.5, color=GREY, linewidth=0.8)
    if figure.level is not None:
        axes.axvline(figure.level, color=GREY, linewidth=0.8)
    offsets = (np.arange(n_series) - (n_series - 1) / 2) * (0.7 / max(n_series, 2))
    for row in range(n_rows):
        axes.plot(figure.points[:, row, 1], row + offsets, color="#b0b0b0", linewidth=0.9, zorder=1)
    for place in range(n_series):
        low, value, high = figure.points[place].T
        axes.errorbar(
            value, np.arange(n_rows) + offsets[place], xerr=[value - low, high - value],
            **{**series_look(figure.first_look + place), "linestyle": "none"}, elinewidth=1.5,
        )  # fmt: skip
    return sheet.canvas


def draw_reliability(figure: Reliability) -> Canvas:
    """Draw a square panel per way of forecasting: on the line, what was given came true."""
    line_look: dict[str, Any] = {"color": GREY, "linewidth": 0.8}
    legend = [
        Entry(figure.point_label, {}, {**series_look(0), "linestyle": "none"}),
        Entry(figure.right_label, {}, line_look),
        Entry(figure.band_label, {"facecolor": PALE, "edgecolor": "none"}),
    ]
    canvas, panels = panel_grid(figure, legend, is_square=True)
    for panel, axes in enumerate(panels):
        axes.plot([0, 1], [0, 1], zorder=1, **line_look)
        column = panel % figure.n_columns
        points = zip(figure.points[panel].tolist(), figure.count_labels[panel], strict=True)
        for (forecast, observed, low, high), label in points:
            axes.plot([forecast] * 2, [low, high], color=PALE, linewidth=8, solid_capstyle="butt")
            axes.plot(
                forecast, observed, MARKS[column], color=SERIES[column], markersize=5,
                clip_on=False, zorder=3,
            )  # fmt: skip
            is_late, drop = forecast > _LATE, -11 if observed > _LATE else 1
            axes.annotate(
                label, (forecast, observed), xytext=(-7 if is_late else 7, drop),
                textcoords="offset points", fontsize=7.5, ha="right" if is_late else "left",
                bbox=_OFF_THE_LINE, zorder=2,
            )  # fmt: skip
    return canvas

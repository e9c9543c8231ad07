"""Draws figures of bars: stacked, in columns by year, and shares by bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.bar_charts import OTHERS, Bars, Columns
from kla_sim.report.charts import Axis
from kla_sim.report.score_charts import Histograms
from kla_sim.report.sheet import (
    CATEGORY_LOOKS,
    GREY,
    HATCHES,
    INK,
    MARGIN,
    PALE,
    SERIES,
    WIDTH,
    Entry,
    Sheet,
    draw_grid,
    every,
    panel_grid,
    patch_look,
    row_height,
    row_labels,
    set_rows,
    set_x,
    set_y,
    text_width,
    thinned,
    wrap,
)

_SERIES_LOOKS = tuple(zip(SERIES, HATCHES, strict=True))

_LAPSED: dict[str, Any] = {
    "facecolor": "#e3e3e3",
    "hatch": "////",
    "edgecolor": "#8c8c8c",
    "linewidth": 0.5,
}

_KEPT: dict[str, Any] = {
    "facecolor": "white",
    "hatch": "...",
    "edgecolor": "#8c8c8c",
    "linewidth": 0.5,
}

_NARROW = 0.08
"""Inches below which a column is drawn without hatch and edge: it would be all edge."""


def draw_bars(figure: Bars) -> Canvas:
    """Draw stacked horizontal bars, the panels side by side."""
    figure = figure.shown()
    _n_rows, n_panels, n_series = figure.values.shape
    looks = [_bar_look(figure, series) for series in range(n_series)]
    legend = [Entry(label, look) for label, look in zip(figure.series_labels, looks, strict=True)]
    labels, left = row_labels(figure.row_labels)
    height = max(row_height(labels) * len(labels), 0.6)
    is_titled = any(figure.panel_labels)
    sheet = Sheet(figure, height + (0.9 if is_titled else 0.65), legend)
    gap = 0.22
    right = _room_for_ends(figure, WIDTH - left - gap * (n_panels - 1))
    width = (WIDTH - left - right - gap * (n_panels - 1)) / n_panels
    top = 0.3 if is_titled else 0.05
    for panel in range(n_panels):
        axes = sheet.axes(left + panel * (width + gap), top, width, height)
        set_x(axes, thinned(figure.x, width))
        draw_grid(axes, "x")
        axes.set_xlabel("")
        axes.set_title(figure.panel_labels[panel], fontsize=10, fontweight="bold", pad=4)
        set_rows(axes, labels, is_named=panel == 0)
        _draw_stack(axes, figure, panel, looks, width)
    sheet.write_below((left + WIDTH - right) / 2, top + height + 0.3, figure.x.label)
    return sheet.canvas


def _room_for_ends(figure: Bars, room: float) -> float:
    """Return the inches beside the last panel: what is written at the ends of its bars fits.

    Parameters
    ----------
    room : inches of all panels and of what is beside the last.
    """
    n_panels = figure.values.shape[1]
    right = 0.7 if any(map(any, figure.end_labels)) else 0.3
    ends = figure.values[:, -1].sum(axis=1) / (figure.x.high - figure.x.low)
    for end, labels in zip(ends.tolist(), figure.end_labels, strict=True):
        left_over = max(0.0, 1.0 - end) / n_panels
        needed = text_width(labels[-1], 8) + 0.06 + MARGIN if labels[-1] else 0.0
        if needed > left_over * room:
            right = max(right, (needed - left_over * room) / max(1.0 - left_over, 0.1))
    return min(right, 0.5 * room)


def _draw_stack(
    axes: Axes, figure: Bars, panel: int, looks: list[dict[str, Any]], width: float
) -> None:
    inches = width / (figure.x.high - figure.x.low)
    for row, amounts in enumerate(figure.values[:, panel, :]):
        end = 0.0
        for amount, label, look in zip(amounts, figure.part_labels[row][panel], looks, strict=True):
            if amount > 0:
                axes.barh([row], [amount], left=[end], height=0.72, **look)
            if label and text_width(label, 7.5) + 0.12 < amount * inches:
                axes.text(
                    end + amount / 2, row, label, ha="center", va="center", fontsize=7.5,
                    bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
                )  # fmt: skip
            end += amount
        axes.annotate(
            figure.end_labels[row][panel], (end, row), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8,
        )  # fmt: skip


def _bar_look(figure: Bars, series: int) -> dict[str, Any]:
    place = figure.looks[series]
    if figure.palette == "categories":
        color, hatch = CATEGORY_LOOKS[place]
    elif place == OTHERS:
        color, hatch = "#bdbdbd", "++"
    else:
        color = SERIES[place % len(SERIES)]
        hatch = HATCHES[(place + place // len(SERIES)) % len(HATCHES)]
    return patch_look(color, hatch)


def draw_columns(figure: Columns) -> Canvas:
    """Draw money by year: the first account large, the others in a grid, all on one scale."""
    figure = figure.shown()
    _n_runs, n_panels, _n_years = figure.spent.shape
    frame_look = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.0}
    legend = [
        Entry(figure.appropriated_label, frame_look),
        *(Entry(label, _run_look(run)) for run, label in enumerate(figure.spent_labels)),
        Entry(figure.lapsed_label, _LAPSED),
        Entry(figure.rest_label, _KEPT),
    ]
    columns = min(max(n_panels - 1, 1), 3 if n_panels <= 10 else 4)
    rows = max(-(-(n_panels - 1) // columns), 1)
    height = 1.75 if rows > 1 else 2.4
    first_width = 2.15 if columns > 1 else 3.6
    left, gap = 0.75 + first_width + 0.8, 0.15
    width = (WIDTH - left - MARGIN - gap * (columns - 1)) / columns
    titles = [
        wrap(label, 9, width if panel else first_width, "bold", most=3)
        for panel, label in enumerate(figure.panel_labels)
    ]
    top = 0.3 + 0.16 * (max(map(len, titles)) - 1)
    step = height + top + 0.5
    sheet = Sheet(figure, step * rows - 0.1, legend)
    tall = height + step * (rows - 1)
    low_axis = _cut(figure, height / tall)
    first_height = height if low_axis is figure.y else tall
    axes = sheet.axes(0.75, top, first_width, first_height)
    _draw_columns(axes, figure, 0, titles[0], first_width, figure.y, is_named=True)
    for panel in range(1, n_panels):
        row, column = divmod(panel - 1, columns)
        axes = sheet.axes(left + column * (width + gap), top + row * step, width, height)
        _draw_columns(axes, figure, panel, titles[panel], width, low_axis, is_named=column == 0)
    return sheet.canvas


def _cut(figure: Columns, share: float) -> Axis:
    """Return the axis of low panels, on the scale of the high one, where their columns fit."""
    columns = np.maximum(figure.appropriated, figure.spent + figure.lapsed)[:, 1:]
    high = share * figure.y.high
    if float(np.nanmax(columns, initial=0.0)) > 0.93 * high:
        return figure.y
    return figure.y._replace(
        high=high, ticks=tuple(tick for tick in figure.y.ticks if tick.place <= high)
    )


def _draw_columns(
    axes: Axes,
    figure: Columns,
    panel: int,
    title: list[str],
    inches: float,
    axis: Axis,
    *,
    is_named: bool,
) -> None:
    n_runs, _n_panels, n_years = figure.spent.shape
    width = 0.86 / n_runs
    is_narrow = inches / n_years * width < _NARROW
    axes.set_title("\n".join(title), fontsize=9, fontweight="bold", loc="left", pad=10)
    set_y(axes, axis, is_named=is_named)
    draw_grid(axes, "y")
    axes.set_xlim(-0.6, n_years - 0.4)
    step = every(n_years, 0.13, inches)
    axes.set_xticks(range(0, n_years, step), figure.year_labels[::step], fontsize=7)
    if n_years * 0.3 > inches:
        axes.tick_params(axis="x", labelrotation=90)
    for run in range(n_runs):
        x = np.arange(n_years) + (run - (n_runs - 1) / 2) * width
        spent, lapsed, amounts = (
            np.nan_to_num(values[run, panel])
            for values in (figure.spent, figure.lapsed, figure.appropriated)
        )
        plain = {"hatch": "", "linewidth": 0.0} if is_narrow else {}
        axes.bar(x, spent, width=0.8 * width, **{**_run_look(run), **plain})
        axes.bar(x, lapsed, bottom=spent, width=0.8 * width, **{**_LAPSED, **plain})
        rest = np.maximum(amounts - spent - lapsed, 0.0)
        axes.bar(x, rest, bottom=spent + lapsed, width=0.8 * width, **{**_KEPT, **plain})
        frame = 0.3 if is_narrow else 0.9
        axes.bar(x, amounts, width=0.94 * width, facecolor="none", edgecolor=INK, linewidth=frame)
        labels = figure.column_labels[run][panel]
        if max(text_width(label, 7) for label in labels) < inches / n_years * width:
            tops = np.maximum(amounts, spent + lapsed)
            for place, top, label in zip(x, tops, labels, strict=True):
                axes.annotate(
                    label, (place, top), xytext=(0, 1.5), textcoords="offset points", ha="center",
                    va="bottom", fontsize=7,
                )  # fmt: skip


def _run_look(run: int) -> dict[str, Any]:
    color, hatch = _SERIES_LOOKS[run % len(_SERIES_LOOKS)]
    return {"facecolor": color, "hatch": hatch, "edgecolor": "white", "linewidth": 0.5}


def draw_histograms(figure: Histograms) -> Canvas:
    """Draw shares by bins over the band that even ones would keep, a panel per way."""
    even_look: dict[str, Any] = {"color": INK, "linewidth": 0.9}
    band_look: dict[str, Any] = {"facecolor": PALE, "edgecolor": "none", "alpha": 0.7}
    legend = [
        Entry(figure.share_label, _run_look(0)),
        Entry(figure.even_label, {}, even_look),
        Entry(figure.band_label, band_look),
    ]
    canvas, panels = panel_grid(figure, legend)
    widths = np.diff(figure.edges)
    for panel, axes in enumerate(panels):
        low, high = figure.bands[panel].tolist()
        axes.axhspan(low, high, zorder=0, **band_look)
        look = _run_look(panel % figure.n_columns)
        axes.bar(figure.edges[:-1], figure.shares[panel], widths, align="edge", **look)
        axes.axhline(1 / len(widths), **even_look)
        for end in (low, high):  # where columns hide the band
            axes.axhline(end, color=GREY, linewidth=0.8, linestyle=":")
    return canvas

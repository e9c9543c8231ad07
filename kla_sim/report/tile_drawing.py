"""Draws regions as tiles where they lie, a stacked column per year in each."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.sheet import (
    CATEGORY_LOOKS,
    GREY,
    INK,
    MARGIN,
    WIDTH,
    Entry,
    Sheet,
    every,
    patch_look,
    shorten,
    text_width,
)
from kla_sim.report.tile_charts import Tiles

_GAP = 0.16
_HEAD, _FOOT, _EDGE = 0.5, 0.22, 0.08
"""Inches of a tile above its columns, below and beside them."""


def draw_tiles(figure: Tiles) -> Canvas:
    """Draw a tile per region: its name, what it most likely is at the end, and every year."""
    figure = figure.shown()
    looks = [patch_look(*CATEGORY_LOOKS[place]) for place in figure.looks]
    legend = [Entry(label, look) for label, look in zip(figure.series_labels, looks, strict=True)]
    width = (WIDTH - 2 * MARGIN - _GAP * (figure.n_columns - 1)) / figure.n_columns
    width = min(width, 2.9)
    height = 0.62 if width > 2 else 0.5
    step = _HEAD + height + _FOOT + _GAP
    sheet = Sheet(figure, step * figure.n_rows + 0.05, legend)
    for tile, (row, column) in enumerate(figure.places):
        left, top = MARGIN + column * (width + _GAP), row * step + 0.05
        sheet.frame(left, top, width, step - _GAP)
        axes = sheet.axes(left + _EDGE, top + _HEAD, width - 2 * _EDGE, height)
        _draw_years(axes, figure, tile, looks, width)
        _write_head(axes, figure, tile, width - 2 * _EDGE)
    return sheet.canvas


def _draw_years(
    axes: Axes, figure: Tiles, tile: int, looks: list[dict[str, Any]], width: float
) -> None:
    n_years = len(figure.year_labels)
    x, ends = np.arange(n_years), np.zeros(n_years)
    for series, look in enumerate(looks):
        amounts = figure.shares[tile, :, series]
        axes.bar(x, amounts, bottom=ends, width=0.86, **look)
        ends = ends + amounts
    axes.set_xlim(-0.5, n_years - 0.5)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    step = every(n_years, 0.42, width)
    axes.set_xticks(range(0, n_years, step), figure.year_labels[::step], fontsize=7.5)
    axes.tick_params(axis="x", length=0, pad=2)


def _write_head(axes: Axes, figure: Tiles, tile: int, width: float) -> None:
    """Write the region's name above what it most likely holds at the end."""
    name = shorten(figure.tile_labels[tile], 9.5, width - 0.05, "bold")
    axes.annotate(
        name, (0.0, 1.0), xycoords="axes fraction", xytext=(2, 20), textcoords="offset points",
        fontsize=9.5, fontweight="bold", color=INK, va="bottom",
    )  # fmt: skip
    words = shorten(f"{figure.year_labels[-1]}: {figure.likeliest_labels[tile][-1]}", 9, width)
    axes.annotate(
        words, (0.0, 1.0), xycoords="axes fraction", xytext=(2, 5), textcoords="offset points",
        fontsize=9, color=INK, va="bottom",
    )  # fmt: skip
    odds = figure.reached_labels[tile]
    if text_width(words, 9) + text_width(odds, 8) + 0.25 < width:
        axes.annotate(
            odds, (1.0, 1.0), xycoords="axes fraction", xytext=(-2, 5), textcoords="offset points",
            fontsize=8, color=GREY, va="bottom", ha="right",
        )  # fmt: skip

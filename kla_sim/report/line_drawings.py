"""Draws figures of lines: over the calendar, and over sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.charts import Axis
from kla_sim.report.line_charts import StepLine, Steps, Trend
from kla_sim.report.score_charts import Growth
from kla_sim.report.sheet import (
    BLUE,
    GREY,
    INK,
    SERIES,
    SKY,
    VERMILLION,
    WIDTH,
    Sheet,
    draw_grid,
    mark_deadline,
    series_look,
    set_calendar,
    set_x,
    set_y,
    spread,
    text_width,
    wrap,
)


def draw_steps(figure: Steps) -> Canvas:
    """Draw step lines over the calendar, each named beside its end."""
    sheet = Sheet(figure, 4.5 + (0.2 if figure.x.label else 0.0))
    looks = {line.key: look for line, look in zip(figure.lines, _line_looks(figure), strict=True)}
    named = [line for line in figure.lines if line.label]
    longest = max(text_width(line.label, 9, "bold") for line in named)
    labels = {line.key: wrap(line.label, 9, min(longest, 2.4), most=3) for line in named}
    right = max(text_width(part, 9, "bold") for parts in labels.values() for part in parts) + 0.65
    left, height = 0.85, 3.85
    axes = sheet.axes(left, 0.25, WIDTH - left - right, height)
    set_calendar(axes, figure.x)
    axes.set_xlabel(figure.x.label, labelpad=14)
    set_y(axes, figure.y)
    for level in figure.levels:
        axes.axhline(level.place, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    mark_deadline(axes, figure.deadline, figure.x)
    for line in figure.lines:
        end = figure.x.high if line.end is None else line.end
        days, values = np.append(line.days, end), np.append(line.values, line.values[-1])
        axes.plot(
            days, values, drawstyle="steps-post", clip_on=False, markevery=slice(0, -1),
            **looks[line.key],
        )  # fmt: skip
    lines_high = max(len(parts) for parts in labels.values())
    high = figure.y.high
    gap = 0.18 * lines_high / height * high
    ends = spread([float(line.values[-1]) for line in named], gap, 0.0, high)
    for line, place in zip(named, ends, strict=True):
        _label_end(axes, figure.x, line, "\n".join(labels[line.key]), looks[line.key], place)
    faint = {line.key for line in figure.lines if line.weight == "faint"}
    shown = [span for span in figure.spans if span.key not in faint]
    for place, span in enumerate(shown):
        color = looks[_span_line(figure, span.key)]["color"]
        aside = 0.014 * (figure.x.high - figure.x.low) * place
        _draw_span(axes, span.day - aside, span.low, span.high, color)
    return sheet.canvas


def _span_line(figure: Steps, key: str) -> str:
    return key if any(line.key == key for line in figure.lines) else figure.lines[-1].key


def _line_looks(figure: Steps) -> list[dict[str, Any]]:
    looks: list[dict[str, Any]] = []
    side = 0
    for line in figure.lines:
        if line.weight == "main":
            looks.append(
                {"color": INK, "linewidth": 2.4, "zorder": 4, "marker": "o", "markersize": 4}
            )
        elif line.weight == "faint":
            looks.append({"color": "#b0b0b0", "linewidth": 0.7, "zorder": 2})
        else:
            looks.append(series_look(side))
            side += 1
    return looks


def _label_end(
    axes: Axes, axis: Axis, line: StepLine, words: str, look: dict[str, Any], end: float
) -> None:
    """Write a line's name beside its end, with a bit of the line leading there.

    Nothing leads there from a line that ends before the axis: it would look as if it went on.
    """
    width = axis.high - axis.low
    is_early = line.end is not None and line.end < axis.high
    x = axis.high + width * np.array([0.0, 0.022, 0.045])
    y = [float(line.values[-1]), end, end]
    if is_early:
        axes.plot(x[2:], y[2:], clip_on=False, **{**look, "linestyle": "none"})
    else:
        axes.plot(x, y, clip_on=False, markevery=[2], **{**look, "linewidth": 1.0})
    axes.annotate(
        words, (x[-1], end), xytext=(7, 0), textcoords="offset points", va="center",
        fontweight="bold" if line.weight == "main" else "normal", annotation_clip=False,
    )  # fmt: skip


def _draw_span(axes: Axes, place: float, low: float, high: float, color: str) -> None:
    _, caps, bars = axes.errorbar(
        [place], [(low + high) / 2], yerr=[[(high - low) / 2]] * 2, color=color, linewidth=1.6,
        capsize=4, capthick=1.6, fmt="none", zorder=5,
    )  # fmt: skip
    for artist in (*caps, *bars):
        artist.set_clip_on(False)


def draw_trend(figure: Trend) -> Canvas:
    """Draw a mean with its band, and what was said or measured."""
    sheet = Sheet(figure, 4.1)
    labels = (figure.line_label, *wrap(figure.band_label, 9, 1.6))
    left = 0.85
    right = max(text_width(label, 9, "bold") for label in labels) + 0.4
    axes = sheet.axes(left, 0.25, WIDTH - left - right, 3.45)
    set_calendar(axes, figure.x)
    set_y(axes, figure.y)
    draw_grid(axes, "y")
    mark_deadline(axes, figure.deadline, figure.x)
    axes.fill_between(figure.days, figure.p10, figure.p90, color=SKY, alpha=0.35, linewidth=0)
    axes.plot(figure.days, figure.mean, color=BLUE, linewidth=2.2, marker="o", markersize=5)
    end = (figure.x.high, float(figure.mean[-1]))
    for place, label in enumerate(labels):
        weight = "normal" if place else "bold"
        axes.annotate(
            label, end, xytext=(8, -13 * place), textcoords="offset points", va="center",
            fontweight=weight, annotation_clip=False,
        )  # fmt: skip
    axes.plot([figure.days[-1], end[0]], [end[1]] * 2, color=BLUE, linewidth=0.8, linestyle=":")
    highest = max(mark.value for mark in figure.said)
    for place, mark in enumerate(figure.said):
        is_above = mark.value == highest and len(figure.said) > 1
        look: dict[str, Any] = {
            "color": (BLUE, VERMILLION)[place % 2],
            "marker": ("o", "D")[place % 2],
        }
        axes.plot([mark.day], [mark.value], markersize=7, clip_on=False, zorder=5, **look)
        axes.annotate(
            mark.label, (mark.day, mark.value), xytext=(9, 7 if is_above else -7),
            textcoords="offset points", va="bottom" if is_above else "top",
        )  # fmt: skip
    return sheet.canvas


def draw_growth(figure: Growth) -> Canvas:
    """Draw labelled lines on logarithmic scales."""
    sheet = Sheet(figure, 4.1)
    right = max(text_width(label, 9) for label in figure.labels) + 0.4
    axes = sheet.axes(0.95, 0.1, WIDTH - 0.95 - right, 3.45)
    axes.set_xscale("log")
    axes.set_yscale("log")
    set_x(axes, figure.x)
    set_y(axes, figure.y)
    axes.minorticks_off()
    draw_grid(axes, "y")
    top, bottom = np.log10(figure.y.high), np.log10(figure.y.low)
    ends = spread(np.log10(figure.values[:, -1]).tolist(), (top - bottom) / 14, bottom, top)
    for place, (label, row, end) in enumerate(zip(figure.labels, figure.values, ends, strict=True)):
        axes.plot(figure.sizes, row, **series_look(place))
        axes.annotate(
            label, (figure.x.high, 10.0**end), xytext=(6, 0), textcoords="offset points",
            va="center", color=SERIES[place % 6], annotation_clip=False,
        )  # fmt: skip
    return sheet.canvas

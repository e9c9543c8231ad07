"""Draws curves of arrival, and futures by cost and date."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.report.agg import Axes, Canvas
from kla_sim.report.sheet import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MARGIN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    every,
    mark_deadline,
    set_calendar,
    set_y,
    shorten,
    spread,
    wrap,
)
from kla_sim.report.time_charts import Arrivals, Cloud, Curve, steps_of

_REST: dict[str, Any] = {"facecolor": "#f0f0f0", "hatch": "////", "edgecolor": "#9a9a9a",
                         "linewidth": 0.4}  # fmt: skip
_BAND: dict[str, Any] = {"color": SKY, "alpha": 0.3, "linewidth": 0}
_JOINT: dict[str, Any] = {"color": INK, "linewidth": 2.4}
_WITHOUT: dict[str, Any] = {"color": VERMILLION, "linewidth": 1.6, "linestyle": (0, (5, 2))}
_LEVEL_MARKS = ("o", "D")
_FRONTIER_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": PURPLE, "linestyle": (0, (5, 2)), "marker": "s"},
    {"color": ORANGE, "linestyle": (0, (1, 1.2)), "marker": "^"},
)
_GROUND = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.85}
_GOLDEN = 0.618033988749895
"""Multiples of it fill a stretch evenly, in any number: no chance is needed to spread dots."""


def draw_arrivals(figure: Arrivals) -> Canvas:
    """Draw all regions at once large, and below it a panel for each region."""
    shown = figure.shown()
    columns = 3 if len(shown) <= 6 else 4
    n_rows = -(-len(shown) // columns) if shown else 0
    legend = [Entry(figure.joint.name, {}, _JOINT), Entry(figure.band_label, _BAND)]
    if figure.without is not None:
        legend.append(Entry(figure.without.name, {}, _WITHOUT))
    height, panel, step = 3.1, 1.15, 1.85
    sheet = Sheet(figure, height + 0.6 + step * n_rows, legend)
    left, right = 0.85, 2.5
    axes = sheet.axes(left, 0.25, WIDTH - left - right, height)
    _set_panel(axes, figure)
    mark_deadline(axes, figure.deadline, figure.x)
    _draw_joint(axes, figure, height)
    gap = 0.25
    width = (WIDTH - left - MARGIN - 0.15 - gap * (columns - 1)) / columns
    for place, curve in enumerate(shown):
        row, column = divmod(place, columns)
        top = height + 1.05 + row * step
        axes = sheet.axes(left + column * (width + gap), top, width, panel)
        _set_panel(axes, figure, is_named=column == 0, is_small=True)
        _draw_region(axes, figure, curve, width)
    return sheet.canvas


def _set_panel(
    axes: Axes, figure: Arrivals, *, is_named: bool = True, is_small: bool = False
) -> None:
    set_calendar(axes, figure.x, size=7.5 if is_small else 9)
    set_y(axes, figure.y if not is_small else figure.y._replace(label=""), is_named=is_named)
    if is_small:
        axes.tick_params(axis="y", labelsize=7)
    for reach in figure.joint.reaches:
        axes.axhline(reach.level, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)


def _draw_joint(axes: Axes, figure: Arrivals, height: float) -> None:
    """Draw the large panel: the band, the line without, the levels, what is left at the end."""
    joint, end = figure.joint, figure.x.high
    days, values, ends = steps_of(joint, end)
    axes.fill_between(days, ends[:, 0], ends[:, 1], step="post", **_BAND)
    axes.plot(days, values, drawstyle="steps-post", clip_on=False, zorder=4, **_JOINT)
    named = [(joint.label, values[-1], {"weight": "bold"})]
    if figure.without is not None:
        days, bare, _ends = steps_of(figure.without, end)
        axes.plot(days, bare, drawstyle="steps-post", zorder=3, **_WITHOUT)
        named.append((figure.without.label, bare[-1], {"color": VERMILLION}))
    _draw_reaches(axes, joint, figure, is_named=True)
    strip = (end - figure.x.low) * 0.022
    _draw_rest(axes, end, float(values[-1]), strip)
    lines = [wrap(label, 9, 2.15, most=3) for label, _value, _look in named]
    gap = 0.17 * max(map(len, lines)) / height
    places = spread([float(value) for _label, value, _look in named], gap + 0.02, 0.02, 0.98)
    for (_label, value, look), parts, place in zip(named, lines, places, strict=True):
        axes.annotate(
            "\n".join(parts), (end + strip, value), xytext=(end + 2.2 * strip, place),
            textcoords="data", va="center", annotation_clip=False, fontsize=9,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6}, **look,
        )  # fmt: skip
    rest = wrap(joint.rest_label, 9, 2.15, most=4)
    lowest = max(places) + gap
    middle = max((1.0 + float(values[-1])) / 2, lowest + 0.09 * len(rest) / 2)
    if values[-1] < 1.0 and middle < 1.0:
        axes.annotate(
            "\n".join(rest), (end + 2.2 * strip, middle), va="center", color=GREY,
            annotation_clip=False,
        )  # fmt: skip


def _draw_rest(axes: Axes, end: float, value: float, width: float) -> None:
    """Draw the futures that are not there at the end as a hatched strip beside the axis."""
    if value < 1.0:
        axes.bar([end + width / 2], [1.0 - value], bottom=[value], width=width, clip_on=False,
                 zorder=3, **_REST)  # fmt: skip
    if value > 0.0:
        axes.bar([end + width / 2], [value], width=width, clip_on=False, zorder=3, color=INK)


def _draw_reaches(axes: Axes, curve: Curve, figure: Arrivals, *, is_named: bool) -> None:
    """Mark where a curve reaches the levels; a level that it does not reach says so."""
    for mark, reach in zip(_LEVEL_MARKS, curve.reaches, strict=True):
        if reach.day is not None:
            axes.plot(
                [reach.day], [reach.level], mark, color=INK, markerfacecolor="white",
                markersize=6 if is_named else 4, zorder=6,
            )  # fmt: skip
        if not is_named:
            continue
        is_late = reach.day is not None and reach.day > 0.55 * figure.x.high
        x = figure.x.low if reach.day is None else reach.day
        axes.annotate(
            reach.label, (x, reach.level), xytext=(-8 if is_late else 8, 4),
            textcoords="offset points", fontsize=8.5, va="bottom",
            ha="right" if is_late else "left", color=INK if reach.day is not None else GREY,
            zorder=7,
        )  # fmt: skip


def _draw_region(axes: Axes, figure: Arrivals, curve: Curve, width: float) -> None:
    days, values, _ends = steps_of(figure.joint, figure.x.high)
    axes.plot(days, values, drawstyle="steps-post", color="#9a9a9a", linewidth=1.0, zorder=2)
    days, values, _ends = steps_of(curve, figure.x.high)
    axes.plot(days, values, drawstyle="steps-post", color=BLUE, linewidth=1.9, clip_on=False,
              zorder=4)  # fmt: skip
    axes.axvline(figure.deadline.place, color=INK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    _draw_reaches(axes, curve, figure, is_named=False)
    for low, high in curve.ends[np.isfinite(curve.ends[:, 0])]:
        axes.plot([figure.deadline.place] * 2, [low, high], color=BLUE, linewidth=5, alpha=0.35,
                  solid_capstyle="butt", clip_on=False, zorder=3)  # fmt: skip
    _draw_rest(axes, figure.x.high, float(values[-1]), (figure.x.high - figure.x.low) * 0.03)
    axes.set_title(shorten(curve.label, 9, width, "bold"), fontsize=9, fontweight="bold",
                   loc="left", pad=15)  # fmt: skip
    axes.annotate(
        shorten(" · ".join(reach.label for reach in curve.reaches), 7, width), (0.0, 1.0),
        xycoords="axes fraction", xytext=(0, 4), textcoords="offset points", fontsize=7,
        color=GREY,
    )  # fmt: skip


def draw_cloud(figure: Cloud) -> Canvas:
    """Draw every future as a dot at its day and cost; those that never arrive apart."""
    lines = list(zip(figure.frontiers, _FRONTIER_LOOKS, strict=False))
    legend = [Entry(label, {}, {**look, "linewidth": 1.6}) for (label, _), look in lines]
    note = wrap(figure.frontier_note, 8.5, WIDTH - 1.2) if figure.frontier_note else []
    left, height, strip = 0.95, 4.0, 1.45
    sheet = Sheet(figure, height + 1.0 + 0.16 * len(note), legend)
    axes = sheet.axes(left, 0.5, WIDTH - left - strip - 0.35, height)
    apart = sheet.axes(WIDTH - strip - 0.2, 0.5, strip, height)
    set_calendar(axes, figure.x)
    set_y(axes, figure.y)
    set_y(apart, figure.y, is_named=False)
    apart.set_xlim(-1, 1)
    apart.set_xticks([])
    apart.tick_params(axis="both", length=0)
    apart.set_facecolor("#f4f4f4")
    _draw_cross(axes, apart, figure)
    _draw_dots(axes, apart, figure)
    for (_label, corners), look in lines:
        _draw_frontier(axes, figure, corners, look)
    _write_days(axes, apart, figure, (WIDTH - left - strip - 0.35, strip))
    if note:
        sheet.write_below(WIDTH / 2, 0.5 + height + 0.3, "\n".join(note))
    return sheet.canvas


def _write_days(axes: Axes, apart: Axes, figure: Cloud, inches: tuple[float, float]) -> None:
    """Write above each column of dots its day and its share; of many days each k-th."""
    here = [entry for entry in figure.day_labels if entry[0] >= 0]
    for day, name, share in here[:: every(max(len(here), 1), 0.62, inches[0])]:
        _write_above(axes, day, f"{name}\n{share}")
    for _day, name, share in figure.day_labels[: len(figure.day_labels) - len(here)]:
        _write_above(apart, 0.0, "\n".join([*wrap(name, 7.5, inches[1], most=2), share]))


def _write_above(axes: Axes, x: float, words: str) -> None:
    axes.annotate(
        words, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4), ha="center",
        textcoords="offset points", va="bottom", fontsize=7.5, linespacing=1.15,
    )  # fmt: skip


def _draw_cross(axes: Axes, apart: Axes, figure: Cloud) -> None:
    """Draw deadline and budget as a cross-hair, the quadrant of both tinted and named."""
    day, amount = figure.deadline.place, figure.budget.place
    corner = (day - figure.x.low) / (figure.x.high - figure.x.low)
    axes.axhspan(figure.y.low, amount, xmax=corner, color=GREEN, alpha=0.08, zorder=0)
    axes.axvline(day, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), clip_on=False, zorder=2)
    for place in (axes, apart):
        place.axhline(amount, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=2)
    axes.annotate(
        figure.budget.label, (figure.x.low, amount), xytext=(6, -4), textcoords="offset points",
        fontsize=8.5, va="top", zorder=6, bbox=_GROUND,
    )  # fmt: skip
    lines = [figure.quadrant_label, figure.deadline.label]
    axes.annotate(
        "\n".join(lines), (figure.x.low, figure.y.low), xytext=(6, 6), textcoords="offset points",
        fontsize=9, va="bottom", fontweight="bold", color="#00553d", linespacing=1.3, zorder=6,
        bbox=_GROUND,
    )  # fmt: skip


def _draw_dots(axes: Axes, apart: Axes, figure: Cloud) -> None:
    day, spent = figure.day[: figure.n_drawn], figure.spent[: figure.n_drawn]
    place = (np.arange(len(day)) * _GOLDEN) % 1.0 - 0.5
    look: dict[str, Any] = {"markersize": 3, "alpha": 0.45, "markeredgewidth": 0}
    is_never = day < 0
    apart.plot(1.6 * place[is_never], spent[is_never], "x", color=GREY,
               **{**look, "markersize": 3.2, "markeredgewidth": 0.6})  # fmt: skip
    width = _column_width(figure)
    here = ~is_never
    axes.plot(day[here] + width * place[here], spent[here], "o", color=BLUE, clip_on=False,
              zorder=3, **look)  # fmt: skip


def _column_width(figure: Cloud) -> float:
    """Return how wide, in days, the dots of one day are spread: never into those of the next."""
    days = np.unique(figure.day[figure.day >= 0]).astype(float)
    room = float(np.diff(days).min(initial=figure.x.high - figure.x.low))
    return min(0.6 * room, 0.07 * (figure.x.high - figure.x.low))


def _draw_frontier(axes: Axes, figure: Cloud, corners: FloatArray, look: dict[str, Any]) -> None:
    """Draw a line of equal confidence: straight up from its first corner, then down in steps."""
    days = [corners[0, 0], *corners[:, 0], figure.x.high]
    costs = [figure.y.high, *corners[:, 1], corners[-1, 1]]
    axes.plot(
        days,
        costs,
        drawstyle="steps-post",
        linewidth=1.6,
        markersize=5,
        zorder=5,
        markevery=range(1, len(days) - 1),
        **look,
    )

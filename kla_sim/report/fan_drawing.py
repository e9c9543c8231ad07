"""Draws fans: use of staff or money by month, a panel each, months at the limit shaded."""

from __future__ import annotations

from typing import Any

from kla_sim.report.agg import Axes, Canvas, Rectangle
from kla_sim.report.charts import picked
from kla_sim.report.schedule_charts import MANY_AT_LIMIT, MOST_AT_LIMIT, Fan, Fans
from kla_sim.report.sheet import (
    BLUE,
    GREY,
    INK,
    MARGIN,
    SKY,
    VERMILLION,
    WIDTH,
    Entry,
    Sheet,
    set_calendar,
    set_y,
    wrap,
)

_COLUMNS = 3
_LEFT, _GAP, _HEIGHT, _STRIP = 0.62, 0.5, 1.2, 0.09
"""Inches before the first panel, between panels, of a panel, and of the strip above it."""

_BAND: dict[str, Any] = {"facecolor": SKY, "edgecolor": "none", "alpha": 0.55}
_MEDIAN: dict[str, Any] = {"color": BLUE, "linewidth": 1.6}
_ENDS: dict[str, Any] = {"color": SKY, "linewidth": 0.7, "linestyle": (0, (1, 1))}
_LIMIT: dict[str, Any] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (5, 2))}
_MANY: dict[str, Any] = {"facecolor": "#f7cfb0", "edgecolor": "none"}
_MOST: dict[str, Any] = {
    "facecolor": VERMILLION, "edgecolor": "white", "hatch": "////", "linewidth": 0.0,
}  # fmt: skip


def draw_fans(figure: Fans) -> Canvas:
    """Draw what is used month by month over many simulations."""
    fans = picked(figure.fans, figure.drawn_fans)
    looks = (_MEDIAN, _BAND, _ENDS, _LIMIT, _MANY, _MOST)
    legend = [
        Entry(label, {}, look) if "color" in look else Entry(label, look)
        for label, look in zip(figure.labels, looks, strict=True)
    ]
    columns = min(_COLUMNS, max(len(fans), 1))
    room = (WIDTH - _LEFT - MARGIN - _GAP * (_COLUMNS - 1)) / _COLUMNS
    titles = [wrap(fan.label, 8.5, room + 0.3, "bold", most=3) for fan in fans]
    head = 0.17 * max(map(len, titles)) + 0.3
    step = head + _HEIGHT + 0.38
    sheet = Sheet(figure, -(-len(fans) // columns) * step - 0.1, legend)
    for place, (fan, title) in enumerate(zip(fans, titles, strict=True)):
        row, column = divmod(place, columns)
        left = _LEFT + column * (room + _GAP)
        axes = sheet.axes(left, row * step + head, room, _HEIGHT)
        _draw_fan(axes, figure, fan)
        _draw_head(axes, figure, fan, title)
    return sheet.canvas


def _draw_fan(axes: Axes, figure: Fans, fan: Fan) -> None:
    edges = figure.months
    least, p10, p50, p90, most = fan.use
    axes.stairs(p90, edges, baseline=p10, fill=True, zorder=1.5, **_BAND)
    axes.stairs(least, edges, baseline=None, zorder=1.6, **_ENDS)
    axes.stairs(most, edges, baseline=None, zorder=1.6, **_ENDS)
    axes.stairs(p50, edges, baseline=None, zorder=2, **_MEDIAN)
    axes.stairs(fan.limit, edges, baseline=None, zorder=2.5, **_LIMIT)
    set_y(axes, fan.y)
    axes.set_ylabel("")
    axes.tick_params(axis="y", labelsize=7.5)
    set_calendar(axes, figure.x, 7.5)


def _draw_head(axes: Axes, figure: Fans, fan: Fan, title: list[str]) -> None:
    """Write whose use it is and when it is at the limit, above a strip of the months that are."""
    edges = figure.months
    for first, last, share in zip(edges[:-1], edges[1:], fan.at_limit, strict=True):
        if share >= MANY_AT_LIMIT:
            shade = _MOST if share >= MOST_AT_LIMIT else _MANY
            corner = (first, 1 + _STRIP / 4 / _HEIGHT)
            axes.add_patch(
                Rectangle(
                    corner, last - first, _STRIP / _HEIGHT, clip_on=False,
                    transform=axes.get_xaxis_transform(), **shade,
                )
            )  # fmt: skip
    points = 72 * 1.5 * _STRIP
    small: dict[str, Any] = {"fontsize": 7, "color": GREY}
    bold: dict[str, Any] = {"fontsize": 8.5, "fontweight": "bold"}
    words = (fan.at_limit_label, points, small), ("\n".join(title), points + 10, bold)
    for label, offset, look in words:
        axes.annotate(
            label, (0.0, 1.0), xycoords="axes fraction", xytext=(0, offset),
            textcoords="offset points", va="bottom", linespacing=1.2, **look,
        )  # fmt: skip
    axes.annotate(
        fan.y.label, (1.0, 1.0), xycoords="axes fraction", xytext=(0, points),
        textcoords="offset points", va="bottom", ha="right", **small,
    )  # fmt: skip

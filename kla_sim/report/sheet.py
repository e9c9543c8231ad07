"""The sheet figures stand on, in inches: title, legend and footer, text measured, axes and colours.

Colours are those of Okabe and Ito, which readers with any colour vision tell apart; line styles,
marks and hatches say the same a second time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from kla_sim.report.agg import (
    Axes,
    Canvas,
    FigureCanvasAgg,
    FontProperties,
    Line2D,
    Rectangle,
    text_to_path,
)
from kla_sim.report.charts import Axis, Figure, Tick
from kla_sim.report.score_charts import Histograms, Reliability

WIDTH = 9.0
"""Inches; a figure is as high as its rows need."""

DOTS_PER_INCH = 144

INK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#d9d9d9"

BLUE, VERMILLION, GREEN, ORANGE, SKY, PURPLE, YELLOW = (
    "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442",
)  # fmt: skip

SERIES = (BLUE, VERMILLION, GREEN, PURPLE, SKY, ORANGE, YELLOW, "#4d4d4d")

STYLES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1)), (0, (2, 2, 6, 2)))

MARKS = ("o", "D", "s", "^", "v", "P", "X", "*")

HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "|||")

CATEGORY_LOOKS = (
    ("#4d4d4d", ""),
    (VERMILLION, "\\\\\\"),
    (ORANGE, "..."),
    (YELLOW, "///"),
    (GREEN, ""),
    (BLUE, "xxx"),
    ("#ededed", "---"),
)
"""Colour and hatch of each category, from the worst to the best, and of no award."""

_LIGHT = (YELLOW, "#ededed", "#bdbdbd")
"""Colours on which a white hatch would not show."""

_DATE = re.compile(r"(\d{1,2}) (\w+) (\d{4})\b")

MARGIN = 0.2

_SHORT_WORD = 25
"""Words of fewer letters are never broken, however narrow the line."""

_YEAR_LABEL = 0.45
"""Inches that the label of a year needs."""

_MOST_LINES = 3
"""Lines that the name of a row may take."""


class Sheet:
    """A sheet with title, legend, body and footer, laid out in inches from its upper left."""

    def __init__(self, figure: Figure, body: float, legend: Sequence[Entry] = ()) -> None:
        title = wrap(figure.title, 12.5, WIDTH - 2 * MARGIN, "bold")
        footer = wrap(figure.footer, 7.5, WIDTH - 2 * MARGIN)
        legend = [entry._replace(label=_fitting(entry.label)) for entry in legend]
        places = list(_flow([entry.label for entry in legend]))
        legend_top = 0.2 + 0.25 * len(title)
        self.body_top = legend_top + (0.22 * (places[-1][1] + 1) if places else 0.0) + 0.1
        self.height = self.body_top + body + 0.2 + 0.15 * len(footer)
        self.canvas = Canvas(figsize=(WIDTH, self.height), dpi=DOTS_PER_INCH, facecolor="white")
        FigureCanvasAgg(self.canvas)
        self._write(MARGIN, 0.16, "\n".join(title), 12.5, va="top", weight="bold")
        self._write(MARGIN, self.height - 0.1, "\n".join(footer), 7.5, va="bottom", color=GREY)
        for entry, (left, row) in zip(legend, places, strict=True):
            self._draw_entry(entry, left, legend_top + 0.22 * row + 0.11)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes at inches from the left and from the top of the body."""
        y = self.height - self.body_top - top - height
        return self.canvas.add_axes(
            (left / WIDTH, y / self.height, width / WIDTH, height / self.height)
        )

    def frame(self, left: float, top: float, width: float, height: float) -> None:
        """Lay a pale ground at inches from the left and from the top of the body."""
        corner = (left / WIDTH, 1 - (self.body_top + top + height) / self.height)
        self.canvas.add_artist(
            Rectangle(
                corner, width / WIDTH, height / self.height, transform=self.canvas.transFigure,
                facecolor="#f4f4f4", edgecolor=PALE, linewidth=0.6, zorder=-1,
            )
        )  # fmt: skip

    def write_below(self, x: float, top: float, words: str) -> None:
        """Write the label of an axis that several panels share, at inches within the body."""
        self._write(x, self.body_top + top, words, 9, ha="center", va="top", color=GREY)

    def _write(self, x: float, y: float, words: str, size: float, **look: Any) -> None:
        self.canvas.text(
            x / WIDTH, 1 - y / self.height, words, fontsize=size, linespacing=1.3, **look
        )

    def _draw_entry(self, entry: Entry, x: float, y: float) -> None:
        left, middle = x / WIDTH, 1 - y / self.height
        if entry.line is None:
            width, height = 0.28 / WIDTH, 0.14 / self.height
            corner = (left, middle - height / 2)
            swatch: Any = Rectangle(
                corner, width, height, transform=self.canvas.transFigure, **entry.patch
            )
        else:
            swatch = Line2D(
                [left, left + 0.14 / WIDTH, left + 0.28 / WIDTH], [middle] * 3, markevery=[1],
                transform=self.canvas.transFigure, **entry.line,
            )  # fmt: skip
        self.canvas.add_artist(swatch)
        self._write(x + 0.35, y, entry.label, 8.5, va="center_baseline")


def panel_grid(
    figure: Reliability | Histograms, legend: Sequence[Entry], *, is_square: bool = False
) -> tuple[Canvas, list[Axes]]:
    """Return a sheet with panels on common axes, row by row, which its edges name once."""
    columns = figure.n_columns
    left, gap = 0.85, 0.3
    room = (WIDTH - left - 0.3 - gap * (columns - 1)) / columns
    height = min(room, 2.6) if is_square else 1.75
    width = height if is_square else room
    titles = ["\n".join(wrap(label, 9, room, "bold", 3)) for label in figure.panel_labels]
    top = 0.18 * max(title.count("\n") + 1 for title in titles) + 0.05
    step = top + height + 0.35
    n_rows = -(-len(titles) // columns)
    sheet = Sheet(figure, n_rows * step + 0.25, legend)
    panels = []
    for panel, title in enumerate(titles):
        row, column = divmod(panel, columns)
        axes = sheet.axes(left + column * (room + gap), top + row * step, width, height)
        axes.set_title(title, fontsize=9, fontweight="bold", loc="left", pad=6)
        set_x(axes, figure.x if row == n_rows - 1 else figure.x._replace(label=""))
        set_y(axes, figure.y, is_named=column == 0)
        panels.append(axes)
    return sheet.canvas, panels


class Entry(NamedTuple):
    """One entry of a legend: a patch, or a line with its mark."""

    label: str
    patch: dict[str, Any]
    line: dict[str, Any] | None = None


def _flow(labels: Sequence[str]) -> Iterator[tuple[float, int]]:
    """Yield where legend entries stand: inches from the left, and the line they are on."""
    x, row = MARGIN, 0
    for label in labels:
        width = 0.35 + text_width(label, 8.5) + 0.25
        if x > MARGIN and x + width - 0.25 > WIDTH - MARGIN:
            x, row = MARGIN, row + 1
        yield x, row
        x += width


def _fitting(label: str) -> str:
    """Return the label of a legend's entry on one line of the sheet."""
    return shorten(label, 8.5, WIDTH - 2 * MARGIN - 0.4)


@cache
def text_width(words: str, size: float, weight: str = "normal") -> float:
    """Return how many inches a line of text takes."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _height, _depth = text_to_path.get_text_width_height_descent(words, font, ismath=False)
    return float(width) / 72.0


def shorten(words: str, size: float, width: float, weight: str = "normal") -> str:
    """Return text on one line of a width in inches, its middle left out where it is longer."""
    if text_width(words, size, weight) <= width:
        return words
    low, high = 0, len(words) // 2
    while low < high:
        kept = (low + high + 1) // 2
        if text_width(_without_middle(words, kept), size, weight) <= width:
            low = kept
        else:
            high = kept - 1
    return _without_middle(words, low)


def _without_middle(words: str, kept: int) -> str:
    return f"{words[:kept].rstrip()}…{words[len(words) - kept :].lstrip()}"


def wrap(words: str, size: float, width: float, weight: str = "normal", most: int = 0) -> list[str]:
    """Return text in as few lines as fit a width in inches, of lengths as equal as can be.

    Lines break between words, never within a date or between a number and its percent sign; only
    a word wider than a line is broken itself.

    Parameters
    ----------
    most : lines that the text may take; its middle is left out where it needs more. 0 = any.
    """
    lines = _wrapped(words, size, width, weight)
    room = width * most
    while most and len(lines) > most and room > width / 2:
        lines = _wrapped(shorten(words, size, room, weight), size, width, weight)
        room -= width / 4
    return lines[:most] if most else lines


def _wrapped(words: str, size: float, width: float, weight: str) -> list[str]:
    kept = _DATE.sub("\\1\u00a0\\2\u00a0\\3", words.replace(" %", "\u00a0%"))
    parts = [piece for part in kept.split(" ") for piece in _pieces(part, size, width, weight)]
    sizes = [text_width(part, size, weight) for part in parts]
    space = text_width("x x", size, weight) - text_width("xx", size, weight)
    lines = _break(parts, sizes, space, width)
    while len(lines) > 1 and width > 0.5:
        narrower = _break(parts, sizes, space, width - 0.2)
        if len(narrower) > len(lines):
            break
        lines, width = narrower, width - 0.2
    return lines


def _pieces(word: str, size: float, width: float, weight: str) -> list[str]:
    """Return a word, in pieces as long as a line where it is wider; a date stays whole."""
    if "\u00a0" in word or len(word) < _SHORT_WORD or text_width(word, size, weight) <= width:
        return [word]
    pieces = [""]
    for sign in word:
        if pieces[-1] and text_width(pieces[-1] + sign, size, weight) > width:
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _break(parts: list[str], sizes: list[float], space: float, width: float) -> list[str]:
    lines, filled = [parts[0]], sizes[0]
    for part, size in zip(parts[1:], sizes[1:], strict=True):
        if filled + space + size > width:
            lines.append(part)
            filled = size
        else:
            lines[-1] += f" {part}"
            filled += space + size
    return lines


def set_x(axes: Axes, axis: Axis) -> None:
    """Set an axis whose outer labels stay inside, so that neighbours do not touch."""
    axes.set_xlim(axis.low, axis.high)
    axes.set_xticks([tick.place for tick in axis.ticks], [tick.label for tick in axis.ticks])
    labels = axes.get_xticklabels()
    if labels:
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")
    axes.set_xlabel(axis.label)


def thinned(axis: Axis, inches: float) -> Axis:
    """Return an axis with its outer ticks only, where all of them do not fit."""
    needed = sum(text_width(tick.label, 9) + 0.12 for tick in axis.ticks)
    return axis if needed < inches else axis._replace(ticks=(axis.ticks[0], axis.ticks[-1]))


def set_y(axes: Axes, axis: Axis, *, is_named: bool = True) -> None:
    """Set an axis; its labels may be left to the panel at its left."""
    axes.set_ylim(axis.low, axis.high)
    axes.set_yticks(
        [tick.place for tick in axis.ticks],
        [tick.label for tick in axis.ticks] if is_named else [""] * len(axis.ticks),
    )
    axes.set_ylabel(axis.label if is_named else "")


def set_calendar(axes: Axes, axis: Axis, size: float = 9, *, is_above: bool = False) -> None:
    """Mark each 1 January with a line, and write the year between two of them.

    Parameters
    ----------
    size : of the letters, points.
    is_above : whether the years are written above the axes as well.
    """
    axes.set_xlim(axis.low, axis.high)
    inches = axes.get_position().width * WIDTH
    borders = [tick.place for tick in axis.ticks[1:]]
    step = every(len(axis.ticks), _YEAR_LABEL, inches)
    shown = borders if step < 4 else borders[::step]
    axes.set_xticks(shown, [""] * len(shown))
    axes.tick_params(axis="x", length=6)
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    is_whole = 0.05 if step == 1 else 0.6 / len(axis.ticks)
    years = list(zip(axis.ticks, [*borders, axis.high], strict=True))
    for tick, end in years if step == 1 else years[1::step]:
        if (end - tick.place) / (axis.high - axis.low) > is_whole:
            for side, way, va in ((0.0, -6, "top"), (1.0, 5, "bottom"))[: 1 + is_above]:
                axes.annotate(
                    tick.label, ((tick.place + end) / 2, side), xycoords=("data", "axes fraction"),
                    xytext=(0, way), textcoords="offset points", ha="center", va=va, color=GREY,
                    fontsize=size,
                )  # fmt: skip


def every(n: int, needed: float, inches: float) -> int:
    """Return that each k-th of n labels is written, so that they keep apart."""
    return max(1, math.ceil(n * needed / inches))


def set_rows(axes: Axes, labels: Sequence[str], *, is_named: bool) -> None:
    """Set one row per label, the first on top."""
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels if is_named else [""] * len(labels))
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)


def mark_deadline(axes: Axes, deadline: Tick, axis: Axis) -> None:
    """Draw the deadline as a line with its date above."""
    axes.axvline(deadline.place, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), clip_on=False)
    is_late = (deadline.place - axis.low) / (axis.high - axis.low) > 0.5
    axes.annotate(
        deadline.label, (deadline.place, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
        textcoords="offset points", ha="right" if is_late else "left", va="bottom", fontsize=8.5,
    )  # fmt: skip


def draw_grid(axes: Axes, direction: Literal["x", "y"]) -> None:
    """Draw a pale grid behind everything."""
    axes.grid(axis=direction, color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)


def row_labels(labels: Sequence[str]) -> tuple[list[str], float]:
    """Return row labels, wrapped if long, and the inches they take."""
    wrapped = ["\n".join(wrap(label, 9, 2.2, most=_MOST_LINES)) for label in labels]
    widest = max(text_width(line, 9) for label in wrapped for line in label.split("\n"))
    return wrapped, widest + 0.3


def row_height(labels: Sequence[str]) -> float:
    """Return inches per row: many rows stand closer, wrapped labels further apart."""
    lines = max(label.count("\n") + 1 for label in labels)
    return max(0.42 if len(labels) < 15 else 0.25, 0.17 * lines + 0.06)


def series_look(place: int) -> dict[str, Any]:
    """Return a colour with a line style and a mark of its own."""
    return {
        "color": SERIES[place % 6],
        "linestyle": STYLES[place % len(STYLES)],
        "marker": MARKS[place % len(MARKS)],
        "linewidth": 1.5,
        "markersize": 4.5,
        "zorder": 3,
    }


def patch_look(color: str, hatch: str) -> dict[str, Any]:
    """Return the look of a patch, with a hatch that shows on its colour."""
    edge = "#8c8c8c" if color in _LIGHT and hatch else "white"
    return {"facecolor": color, "hatch": hatch, "edgecolor": edge, "linewidth": 0.5}


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart until neighbours keep a gap, as little as possible, inside limits."""
    order = sorted(range(len(places)), key=lambda place: places[place])
    gap = min(gap, (high - low) / max(len(places) - 1, 1))
    groups: list[tuple[float, int]] = []
    for index in order:
        group = _inside((places[index], 1), gap, low, high)
        while groups and group[0] - groups[-1][0] < gap * (group[1] + groups[-1][1]) / 2:
            (a, n), (b, m) = groups.pop(), group
            group = _inside(((a * n + b * m) / (n + m), n + m), gap, low, high)
        groups.append(group)
    moved = [centre + gap * (k - (n - 1) / 2) for centre, n in groups for k in range(n)]
    return [moved[order.index(index)] for index in range(len(places))]


def _inside(group: tuple[float, int], gap: float, low: float, high: float) -> tuple[float, int]:
    centre, n = group
    half = gap * (n - 1) / 2
    return min(max(centre, low + half), high - half), n

"""Draws figures as SVG and PNG, and writes the drawn numbers as CSV; the one home of matplotlib.

Figures are objects of their own: no pyplot, no global state, the same bytes from the same numbers.
Colours are those of Okabe and Ito, which readers with any colour vision tell apart; line styles,
marks and hatches say the same a second time. Texts arrive finished.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, singledispatch
from pathlib import Path
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from kla_sim.report.charts import (
    AnyFigure,
    Axis,
    Bars,
    Columns,
    OTHERS,
    Dots,
    FloatArray,
    Scores,
    StepLine,
    Steps,
    Tick,
    Trend,
)

WIDTH = 9.0
"""Inches; a figure is as high as its rows need."""

_DOTS_PER_INCH = 144
_INK, _GREY, _PALE = "#1a1a1a", "#6b6b6b", "#d9d9d9"
_BLUE, _VERMILLION, _GREEN, _ORANGE, _SKY, _PURPLE, _YELLOW = (
    "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442",
)  # fmt: skip
_SERIES = (_BLUE, _VERMILLION, _GREEN, _PURPLE, _SKY, _ORANGE, _YELLOW, "#4d4d4d")
_STYLES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1)), (0, (2, 2, 6, 2)))
_MARKS = ("o", "D", "s", "^", "v", "P", "X", "*")
_HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "|||")
_CATEGORY_LOOKS = (
    ("#4d4d4d", ""),
    (_VERMILLION, "\\\\\\"),
    (_ORANGE, "..."),
    (_YELLOW, "///"),
    (_GREEN, ""),
    (_BLUE, "xxx"),
    ("#ededed", "---"),
)
_SERIES_LOOKS = tuple(zip(_SERIES, _HATCHES, strict=True))
_LAPSED = {"facecolor": "#e3e3e3", "hatch": "////", "edgecolor": "#8c8c8c", "linewidth": 0.5}
_LIGHT = (_YELLOW, "#ededed", "#bdbdbd")
"""Colours on which a white hatch would not show."""

_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
"""Nothing that changes with the day or the machine."""

_DATE = re.compile(r"(\d{1,2}) (\w+) (\d{4})\b")
_MARGIN = 0.2
_SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "kla_sim",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "hatch.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "text.color": _INK,
    "axes.labelcolor": _GREY,
    "path.simplify": True,
}


def write_figures(figures: Sequence[AnyFigure], folder: Path) -> list[Path]:
    """Write each figure as SVG, PNG and CSV into a folder, which is made if need be.

    Returns
    -------
    the files written
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for figure in figures:
        for suffix, content in render(figure).items():
            path = folder / f"{figure.name}.{suffix}"
            path.write_bytes(content)
            written.append(path)
    return written


def render(figure: AnyFigure) -> dict[str, bytes]:
    """Return the files of a figure by their suffix."""
    with _own_settings():
        canvas = draw(figure)
        files = {"csv": to_csv(figure)}
        for suffix, metadata in _METADATA.items():
            buffer = io.BytesIO()
            canvas.savefig(buffer, format=suffix, dpi=_DOTS_PER_INCH, metadata=metadata)
            files[suffix] = buffer.getvalue()
    return files


def to_csv(figure: AnyFigure) -> bytes:
    """Return the drawn numbers; a number that is not known is an empty cell."""
    table = figure.table()
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow("" if cell != cell else cell for cell in row)  # noqa: PLR0124
    return buffer.getvalue().encode()


@contextmanager
def _own_settings() -> Iterator[None]:
    """Draw with settings of our own, whatever a user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


@singledispatch
def draw(figure: AnyFigure) -> Canvas:
    """Return a figure drawn."""
    raise TypeError(type(figure).__name__)


# The frame every figure stands in


class _Frame:
    """A sheet with title, legend, body and footer, laid out in inches from its upper left."""

    def __init__(self, figure: AnyFigure, body: float, legend: Sequence[_Entry] = ()) -> None:
        title = wrap(figure.title, 12.5, WIDTH - 2 * _MARGIN, "bold")
        footer = wrap(figure.footer, 7.5, WIDTH - 2 * _MARGIN)
        places = list(_flow([entry.label for entry in legend]))
        legend_top = 0.2 + 0.25 * len(title)
        self.body_top = legend_top + (0.22 * (places[-1][1] + 1) if places else 0.0) + 0.1
        self.height = self.body_top + body + 0.2 + 0.15 * len(footer)
        self.canvas = Canvas(figsize=(WIDTH, self.height), dpi=_DOTS_PER_INCH, facecolor="white")
        FigureCanvasAgg(self.canvas)
        self._write(_MARGIN, 0.16, "\n".join(title), 12.5, va="top", weight="bold")
        self._write(_MARGIN, self.height - 0.1, "\n".join(footer), 7.5, va="bottom", color=_GREY)
        for entry, (left, row) in zip(legend, places, strict=True):
            self._draw_entry(entry, left, legend_top + 0.22 * row + 0.11)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes at inches from the left and from the top of the body."""
        y = self.height - self.body_top - top - height
        return self.canvas.add_axes(
            (left / WIDTH, y / self.height, width / WIDTH, height / self.height)
        )

    def write_below(self, x: float, top: float, words: str) -> None:
        """Write the label of an axis that several panels share, at inches within the body."""
        self._write(x, self.body_top + top, words, 9, ha="center", va="top", color=_GREY)

    def _write(self, x: float, y: float, words: str, size: float, **look: Any) -> None:
        self.canvas.text(
            x / WIDTH, 1 - y / self.height, words, fontsize=size, linespacing=1.3, **look
        )

    def _draw_entry(self, entry: _Entry, x: float, y: float) -> None:
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


class _Entry(NamedTuple):
    """One entry of a legend: a patch, or a line with its mark."""

    label: str
    patch: dict[str, Any]
    line: dict[str, Any] | None = None


def _flow(labels: Sequence[str]) -> Iterator[tuple[float, int]]:
    """Yield where legend entries stand: inches from the left, and the line they are on."""
    x, row = _MARGIN, 0
    for label in labels:
        width = 0.35 + text_width(label, 8.5) + 0.25
        if x > _MARGIN and x + width - 0.25 > WIDTH - _MARGIN:
            x, row = _MARGIN, row + 1
        yield x, row
        x += width


@cache
def text_width(words: str, size: float, weight: str = "normal") -> float:
    """Return how many inches a line of text takes."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _height, _depth = text_to_path.get_text_width_height_descent(words, font, ismath=False)
    return float(width) / 72.0


def wrap(words: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Return text in as few lines as fit a width in inches, of lengths as equal as can be.

    Lines break between words, never within a date or between a number and its percent sign.
    """
    kept = _DATE.sub("\\1\u00a0\\2\u00a0\\3", words.replace(" %", "\u00a0%"))
    parts = kept.split(" ")
    sizes = [text_width(part, size, weight) for part in parts]
    space = text_width("x x", size, weight) - text_width("xx", size, weight)
    lines = _break(parts, sizes, space, width)
    while len(lines) > 1 and width > 0.5:
        narrower = _break(parts, sizes, space, width - 0.2)
        if len(narrower) > len(lines):
            break
        lines, width = narrower, width - 0.2
    return lines


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


def _set_x(axes: Axes, axis: Axis) -> None:
    """Set an axis whose outer labels stay inside, so that neighbours do not touch."""
    axes.set_xlim(axis.low, axis.high)
    axes.set_xticks([tick.place for tick in axis.ticks], [tick.label for tick in axis.ticks])
    labels = axes.get_xticklabels()
    if labels:
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")
    axes.set_xlabel(axis.label)


def _set_y(axes: Axes, axis: Axis, *, is_named: bool = True) -> None:
    axes.set_ylim(axis.low, axis.high)
    axes.set_yticks(
        [tick.place for tick in axis.ticks],
        [tick.label for tick in axis.ticks] if is_named else [""] * len(axis.ticks),
    )
    axes.set_ylabel(axis.label if is_named else "")


def _set_calendar(axes: Axes, axis: Axis) -> None:
    """Mark each 1 January with a line, and write the year between two of them."""
    axes.set_xlim(axis.low, axis.high)
    borders = [tick.place for tick in axis.ticks[1:]]
    axes.set_xticks(borders, [""] * len(borders))
    axes.tick_params(axis="x", length=6)
    axes.grid(axis="x", color=_PALE, linewidth=0.6)
    for tick, end in zip(axis.ticks, [*borders, axis.high], strict=True):
        if (end - tick.place) / (axis.high - axis.low) > 0.05:
            axes.annotate(
                tick.label, ((tick.place + end) / 2, 0.0), xycoords=("data", "axes fraction"),
                xytext=(0, -6), textcoords="offset points", ha="center", va="top", color=_GREY,
            )  # fmt: skip


def _set_rows(axes: Axes, labels: Sequence[str], *, is_named: bool) -> None:
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels if is_named else [""] * len(labels))
    axes.tick_params(axis="y", length=0, labelcolor=_INK)
    axes.spines["left"].set_visible(False)


def _mark_deadline(axes: Axes, deadline: Tick, axis: Axis) -> None:
    axes.axvline(deadline.place, color=_INK, linewidth=1.0, linestyle=(0, (4, 2)), clip_on=False)
    is_late = (deadline.place - axis.low) / (axis.high - axis.low) > 0.5
    axes.annotate(
        deadline.label, (deadline.place, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
        textcoords="offset points", ha="right" if is_late else "left", va="bottom", fontsize=8.5,
    )  # fmt: skip


def _grid(axes: Axes, direction: Literal["x", "y"]) -> None:
    axes.grid(axis=direction, color=_PALE, linewidth=0.6)
    axes.set_axisbelow(True)


def _row_labels(labels: Sequence[str]) -> tuple[list[str], float]:
    """Return row labels, wrapped if long, and the inches they take."""
    wrapped = ["\n".join(wrap(label, 9, 2.2)) for label in labels]
    widest = max(text_width(line, 9) for label in wrapped for line in label.split("\n"))
    return wrapped, widest + 0.3


def _row_height(labels: Sequence[str]) -> float:
    """Return inches per row: many rows stand closer, wrapped labels further apart."""
    lines = max(label.count("\n") + 1 for label in labels)
    return max(0.42 if len(labels) < 15 else 0.25, 0.17 * lines + 0.06)


def _series_look(place: int) -> dict[str, Any]:
    """Return a colour with a line style and a mark of its own."""
    return {
        "color": _SERIES[place % 6],
        "linestyle": _STYLES[place % len(_STYLES)],
        "marker": _MARKS[place % len(_MARKS)],
        "linewidth": 1.5,
        "markersize": 4.5,
        "zorder": 3,
    }


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


# Step lines


@draw.register
def _(figure: Steps) -> Canvas:
    frame = _Frame(figure, 4.5 + (0.2 if figure.x.label else 0.0))
    looks = {line.key: look for line, look in zip(figure.lines, _line_looks(figure), strict=True)}
    named = [line for line in figure.lines if line.label]
    longest = max(text_width(line.label, 9, "bold") for line in named)
    labels = {line.key: wrap(line.label, 9, min(longest, 2.4)) for line in named}
    right = max(text_width(part, 9, "bold") for parts in labels.values() for part in parts) + 0.65
    left, height = 0.85, 3.85
    axes = frame.axes(left, 0.25, WIDTH - left - right, height)
    _set_calendar(axes, figure.x)
    axes.set_xlabel(figure.x.label, labelpad=14)
    _set_y(axes, figure.y)
    for level in figure.levels:
        axes.axhline(level.place, color=_GREY, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    _mark_deadline(axes, figure.deadline, figure.x)
    for line in figure.lines:
        days, values = np.append(line.days, figure.x.high), np.append(line.values, line.values[-1])
        axes.plot(
            days, values, drawstyle="steps-post", clip_on=False, markevery=slice(0, -1),
            **looks[line.key],
        )  # fmt: skip
    lines_high = max(len(parts) for parts in labels.values())
    ends = spread([float(line.values[-1]) for line in named], 0.18 * lines_high / height, 0.0, 1.0)
    for line, end in zip(named, ends, strict=True):
        _label_end(axes, figure.x, line, "\n".join(labels[line.key]), looks[line.key], end)
    for span in figure.spans:
        color = looks[_span_line(figure, span.key)]["color"]
        _draw_span(axes, span.day, span.low, span.high, color)
    return frame.canvas


def _span_line(figure: Steps, key: str) -> str:
    return key if any(line.key == key for line in figure.lines) else figure.lines[-1].key


def _line_looks(figure: Steps) -> list[dict[str, Any]]:
    looks: list[dict[str, Any]] = []
    side = 0
    for line in figure.lines:
        if line.weight == "main":
            looks.append(
                {"color": _INK, "linewidth": 2.4, "zorder": 4, "marker": "o", "markersize": 4}
            )
        elif line.weight == "faint":
            looks.append({"color": "#b0b0b0", "linewidth": 0.7, "zorder": 2})
        else:
            looks.append(_series_look(side))
            side += 1
    return looks


def _label_end(
    axes: Axes, axis: Axis, line: StepLine, words: str, look: dict[str, Any], end: float
) -> None:
    """Write a line's name beside its end, with a bit of the line leading there."""
    width = axis.high - axis.low
    x = axis.high + width * np.array([0.0, 0.022, 0.045])
    y = [float(line.values[-1]), end, end]
    axes.plot(x, y, clip_on=False, markevery=[2], **{**look, "linewidth": 1.0})
    axes.annotate(
        words, (x[-1], end), xytext=(7, 0), textcoords="offset points", va="center",
        fontweight="bold" if line.weight == "main" else "normal", annotation_clip=False,
    )  # fmt: skip


def _draw_span(axes: Axes, place: float, low: float, high: float, color: str) -> None:
    axes.errorbar(
        [place], [(low + high) / 2], yerr=[[(high - low) / 2]] * 2, color=color, linewidth=1.6,
        capsize=4, capthick=1.6, fmt="none", zorder=5,
    )[-1][0].set_clip_on(False)  # fmt: skip


# Stacked bars


@draw.register
def _(figure: Bars) -> Canvas:
    _n_rows, n_panels, n_series = figure.values.shape
    looks = [_bar_look(figure, series) for series in range(n_series)]
    legend = [_Entry(label, look) for label, look in zip(figure.series_labels, looks, strict=True)]
    labels, left = _row_labels(figure.row_labels)
    height = max(_row_height(labels) * len(labels), 0.6)
    is_titled = any(figure.panel_labels)
    frame = _Frame(figure, height + (0.9 if is_titled else 0.65), legend)
    gap = 0.22
    right = 0.7 if any(map(any, figure.end_labels)) else 0.3
    width = (WIDTH - left - right - gap * (n_panels - 1)) / n_panels
    top = 0.3 if is_titled else 0.05
    for panel in range(n_panels):
        axes = frame.axes(left + panel * (width + gap), top, width, height)
        _set_x(axes, figure.x)
        _grid(axes, "x")
        axes.set_xlabel("")
        axes.set_title(figure.panel_labels[panel], fontsize=10, fontweight="bold", pad=4)
        _set_rows(axes, labels, is_named=panel == 0)
        _draw_stack(axes, figure, panel, looks, width)
    frame.write_below((left + WIDTH - right) / 2, top + height + 0.3, figure.x.label)
    return frame.canvas


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
        color, hatch = _CATEGORY_LOOKS[place]
    elif place == OTHERS:
        color, hatch = "#bdbdbd", "++"
    else:
        color = _SERIES[place % len(_SERIES)]
        hatch = _HATCHES[(place + place // len(_SERIES)) % len(_HATCHES)]
    edge = "#8c8c8c" if color in _LIGHT and hatch else "white"
    return {"facecolor": color, "hatch": hatch, "edgecolor": edge, "linewidth": 0.5}


# Money by year


@draw.register
def _(figure: Columns) -> Canvas:
    _n_runs, n_panels, _n_years = figure.spent.shape
    frame_look = {"facecolor": "none", "edgecolor": _INK, "linewidth": 1.0}
    legend = [
        _Entry(figure.appropriated_label, frame_look),
        *(_Entry(label, _run_look(run)) for run, label in enumerate(figure.spent_labels)),
        _Entry(figure.lapsed_label, _LAPSED),
    ]
    columns = min(max(n_panels - 1, 1), 3)
    rows = max(-(-(n_panels - 1) // columns), 1)
    height = 1.75 if rows > 1 else 2.4
    step = height + 0.8
    frame = _Frame(figure, step * rows - 0.1, legend)
    first_width = 2.15 if columns > 1 else 3.6
    axes = frame.axes(0.75, 0.3, first_width, height + step * (rows - 1))
    _draw_columns(axes, figure, 0, first_width, is_named=True)
    left, gap = 0.75 + first_width + 0.8, 0.15
    width = (WIDTH - left - _MARGIN - gap * (columns - 1)) / columns
    for panel in range(1, n_panels):
        row, column = divmod(panel - 1, columns)
        axes = frame.axes(left + column * (width + gap), 0.3 + row * step, width, height)
        _draw_columns(axes, figure, panel, width, is_named=column == 0)
    return frame.canvas


def _draw_columns(
    axes: Axes, figure: Columns, panel: int, inches: float, *, is_named: bool
) -> None:
    n_runs, _n_panels, n_years = figure.spent.shape
    width = 0.86 / n_runs
    title = wrap(figure.panel_labels[panel], 9, inches, "bold")
    axes.set_title("\n".join(title), fontsize=9, fontweight="bold", loc="left", pad=9)
    _set_y(axes, figure.panel_axes[panel], is_named=is_named)
    _grid(axes, "y")
    axes.set_xlim(-0.6, n_years - 0.4)
    axes.set_xticks(range(n_years), figure.year_labels, fontsize=7)
    if n_years * 0.3 > inches:
        axes.tick_params(axis="x", labelrotation=90)
    for run in range(n_runs):
        x = np.arange(n_years) + (run - (n_runs - 1) / 2) * width
        spent, lapsed = figure.spent[run, panel], figure.lapsed[run, panel]
        amounts = figure.appropriated[run, panel]
        axes.bar(x, spent, width=0.8 * width, **_run_look(run))
        axes.bar(x, lapsed, bottom=spent, width=0.8 * width, **_LAPSED)
        axes.bar(x, amounts, width=0.94 * width, facecolor="none", edgecolor=_INK, linewidth=0.9)
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


# Scores over the bands of categories


@draw.register
def _(figure: Scores) -> Canvas:
    n_scores, n_cities, n_cycles, _points = figure.points.shape
    columns = min(n_cities, 3 if n_cities <= 6 else 4 if n_cities <= 12 else 5)
    size = 9.0 if columns < 5 else 8.0
    rows = -(-n_cities // columns)
    legend = [
        _Entry(label, {}, {**_series_look(kind), "linestyle": "-", **_filling(kind)})
        for kind, label in enumerate(figure.score_labels)
    ]
    right = max(text_width(band.label, 7.5) for band in figure.bands) + 0.3
    left, gap = 0.8, 0.15
    width = (WIDTH - left - right - gap * (columns - 1)) / columns
    titles = ["\n".join(wrap(label, size, width, "bold")) for label in figure.city_labels]
    title_height = 0.18 * max(title.count("\n") + 1 for title in titles)
    height = 1.75 if columns < 5 else 1.35
    step = height + title_height + 0.35
    frame = _Frame(figure, rows * step, legend)
    for city in range(n_cities):
        row, column = divmod(city, columns)
        top = title_height + 0.05 + row * step
        axes = frame.axes(left + column * (width + gap), top, width, height)
        axes.set_title(titles[city], fontsize=size, fontweight="bold", loc="left", pad=6)
        _set_y(axes, figure.y, is_named=column == 0)
        if height < 1.5:
            axes.set_yticks([t.place for t in figure.y.ticks][::2])
            if column == 0:
                axes.set_yticklabels([t.label for t in figure.y.ticks][::2])
        _draw_bands(axes, figure, is_named=column == columns - 1 or city == n_cities - 1)
        axes.set_xlim(-0.5, n_cycles - 0.5)
        axes.set_xticks(range(n_cycles), figure.cycle_labels, fontsize=8)
        if n_cycles * 0.37 > width:
            axes.set_xticks(range(n_cycles), [label[-2:] for label in figure.cycle_labels])
        for kind in range(n_scores):
            _draw_ranges(axes, figure.points[kind, city], kind)
    return frame.canvas


def _draw_bands(axes: Axes, figure: Scores, *, is_named: bool) -> None:
    ends = [*(band.place for band in figure.bands[1:]), figure.y.high]
    for place, (band, end) in enumerate(zip(figure.bands, ends, strict=True)):
        low = max(band.place, figure.y.low)
        if end <= low:
            continue
        if place % 2:
            axes.axhspan(low, end, color="#efefef", linewidth=0, zorder=0)
        if is_named:
            axes.annotate(
                band.label, (1.0, (low + end) / 2), xycoords=("axes fraction", "data"),
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=7.5, color=_GREY,
            )  # fmt: skip


def _draw_ranges(axes: Axes, points: FloatArray, kind: int) -> None:
    low, middle, high = points.T
    x = np.arange(len(middle)) + (kind - 0.5) * 0.26
    axes.errorbar(
        x, middle, yerr=[middle - low, high - middle], fmt=_MARKS[kind], color=_SERIES[kind],
        markersize=4.5, linewidth=1.6, clip_on=False, **_filling(kind),
    )  # fmt: skip


def _filling(kind: int) -> dict[str, Any]:
    return {"markerfacecolor": "white" if kind % 2 else _SERIES[kind % len(_SERIES)]}


# Runs side by side


@draw.register
def _(figure: Dots) -> Canvas:
    n_runs, n_rows, _points = figure.points.shape
    legend = [
        _Entry(label, {}, {**_series_look(run), "linestyle": "-"})
        for run, label in enumerate(figure.run_labels)
    ]
    labels, left = _row_labels(figure.row_labels)
    height = max(_row_height(labels), 0.13 * n_runs + 0.1) * n_rows
    frame = _Frame(figure, height + 0.65, legend)
    axes = frame.axes(left, 0.05, WIDTH - left - 0.3, height)
    _set_x(axes, figure.x)
    _grid(axes, "x")
    _set_rows(axes, labels, is_named=True)
    axes.axhline(0.5, color=_GREY, linewidth=0.8)
    offsets = (np.arange(n_runs) - (n_runs - 1) / 2) * (0.7 / max(n_runs, 2))
    for row in range(n_rows):
        axes.plot(
            figure.points[:, row, 1], row + offsets, color="#b0b0b0", linewidth=0.9, zorder=1
        )
    for run in range(n_runs):
        low, value, high = figure.points[run].T
        axes.errorbar(
            value, np.arange(n_rows) + offsets[run], xerr=[value - low, high - value],
            **{**_series_look(run), "linestyle": "none"}, elinewidth=1.5,
        )  # fmt: skip
    return frame.canvas


# A mean with its band


@draw.register
def _(figure: Trend) -> Canvas:
    frame = _Frame(figure, 4.1)
    labels = (figure.line_label, *wrap(figure.band_label, 9, 1.6))
    left = 0.85
    right = max(text_width(label, 9, "bold") for label in labels) + 0.4
    axes = frame.axes(left, 0.25, WIDTH - left - right, 3.45)
    _set_calendar(axes, figure.x)
    _set_y(axes, figure.y)
    _grid(axes, "y")
    _mark_deadline(axes, figure.deadline, figure.x)
    axes.fill_between(figure.days, figure.p10, figure.p90, color=_SKY, alpha=0.35, linewidth=0)
    axes.plot(figure.days, figure.mean, color=_BLUE, linewidth=2.2, marker="o", markersize=5)
    end = (figure.x.high, float(figure.mean[-1]))
    for place, label in enumerate(labels):
        weight = "normal" if place else "bold"
        axes.annotate(
            label, end, xytext=(8, -13 * place), textcoords="offset points", va="center",
            fontweight=weight, annotation_clip=False,
        )  # fmt: skip
    axes.plot([figure.days[-1], end[0]], [end[1]] * 2, color=_BLUE, linewidth=0.8, linestyle=":")
    highest = max(mark.value for mark in figure.said)
    for place, mark in enumerate(figure.said):
        is_above = mark.value == highest and len(figure.said) > 1
        look = {"color": (_BLUE, _VERMILLION)[place % 2], "marker": ("o", "D")[place % 2]}
        axes.plot([mark.day], [mark.value], markersize=7, clip_on=False, zorder=5, **look)
        axes.annotate(
            mark.label, (mark.day, mark.value), xytext=(9, 7 if is_above else -7),
            textcoords="offset points", va="bottom" if is_above else "top",
        )  # fmt: skip
    return frame.canvas

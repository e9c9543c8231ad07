"""Draws figures as SVG and PNG, and writes the drawn numbers as CSV; the one home of matplotlib.

Figures are objects of their own: no pyplot, no global state, the same bytes from the same numbers.
Colours are those of Okabe and Ito, which readers with any colour vision tell apart; line styles,
marks and hatches say the same a second time. Texts arrive finished.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import singledispatch
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from kla_sim.report.charts import (
    AnyFigure,
    Axis,
    Bars,
    Columns,
    Ranges,
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
_SERIES = (_BLUE, _VERMILLION, _GREEN, _PURPLE, _SKY, _ORANGE, _YELLOW, "#999999")
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
        for suffix, metadata in (("svg", {"Date": None, "Creator": None}), ("png", {"Software": None})):
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
    """A sheet with a title above and a footer below, laid out in inches."""

    def __init__(self, figure: AnyFigure, body: float, *, legend: float = 0.0) -> None:
        self.canvas = Canvas()
        FigureCanvasAgg(self.canvas)
        self.canvas.set_dpi(_DOTS_PER_INCH)
        title = self._wrap(figure.title, 12.5, WIDTH - 0.4, weight="bold")
        footer = self._wrap(figure.footer, 7.5, WIDTH - 0.4)
        self.top = 0.2 + 0.24 * len(title) + 0.08
        self.bottom = 0.15 + 0.15 * len(footer)
        self.legend_top = self.top
        self.height = self.top + legend + body + self.bottom
        self.body_top = self.top + legend
        self.canvas.set_size_inches(WIDTH, self.height)
        self.canvas.set_facecolor("white")
        self.text(0.2, 0.16, "\n".join(title), size=12.5, weight="bold", va="top", linespacing=1.25)
        self.text(
            0.2, self.height - 0.1, "\n".join(footer), size=7.5, color=_GREY, va="bottom"
        )

    def text(self, x: float, y: float, words: str, **look: Any) -> None:
        """Write at inches from the left and from the top."""
        self.canvas.text(x / WIDTH, 1 - y / self.height, words, **look)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes at inches from the left and from the top of the body."""
        y = self.height - self.body_top - top - height
        return self.canvas.add_axes(
            (left / WIDTH, y / self.height, width / WIDTH, height / self.height)
        )

    def width_of(self, words: str, size: float = 9.0, weight: str = "normal") -> float:
        """Return how many inches a line of text takes."""
        return text_width(words, size, weight)

    def wrap(self, words: str, size: float, width: float) -> str:
        """Return text broken into lines that fit a width in inches."""
        return "\n".join(self._wrap(words, size, width))

    @staticmethod
    def _wrap(words: str, size: float, width: float, weight: str = "normal") -> list[str]:
        lines = [""]
        for word in words.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and text_width(longer, size, weight) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines


def text_width(words: str, size: float, weight: str = "normal") -> float:
    """Return how many inches a line of text takes."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _height, _depth = text_to_path.get_text_width_height_descent(
        words.replace("$", r"\$"), font, ismath=False
    )
    return float(width) / 72.0


def _legend(
    frame: _Frame, handles: Sequence[Any], labels: Sequence[str], left: float = 0.2
) -> None:
    frame.canvas.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(left / WIDTH, 1 - (frame.legend_top + 0.02) / frame.height),
        ncols=_legend_columns(frame, labels, left),
        frameon=False,
        fontsize=8.5,
        handlelength=1.8,
        handleheight=1.1,
        columnspacing=1.4,
        borderaxespad=0,
        borderpad=0,
    )


def _legend_columns(frame: _Frame, labels: Sequence[str], left: float = 0.2) -> int:
    widest = max(frame.width_of(label, 8.5) for label in labels) + 0.5
    return int(max(1, min(len(labels), (WIDTH - left - 0.2) // widest)))


def _legend_height(labels: Sequence[str], left: float = 0.2) -> float:
    widest = max(text_width(label, 8.5) for label in labels) + 0.5
    columns = max(1, min(len(labels), (WIDTH - left - 0.2) // widest))
    return float(0.1 + 0.2 * np.ceil(len(labels) / columns))


def _set_x(axes: Axes, axis: Axis) -> None:
    axes.set_xlim(axis.low, axis.high)
    axes.set_xticks([tick.place for tick in axis.ticks], [tick.label for tick in axis.ticks])
    axes.set_xlabel(axis.label)


def _set_y(axes: Axes, axis: Axis) -> None:
    axes.set_ylim(axis.low, axis.high)
    axes.set_yticks([tick.place for tick in axis.ticks], [tick.label for tick in axis.ticks])
    axes.set_ylabel(axis.label)


def _set_calendar(axes: Axes, axis: Axis) -> None:
    """Mark each 1 January with a line, and write the year between two of them."""
    axes.set_xlim(axis.low, axis.high)
    borders = [tick.place for tick in axis.ticks[1:]]
    axes.set_xticks(borders, [""] * len(borders))
    axes.tick_params(axis="x", length=6)
    axes.grid(axis="x", color=_PALE, linewidth=0.6)
    ends = [*borders, axis.high]
    for tick, end in zip(axis.ticks, ends, strict=True):
        if (end - tick.place) / (axis.high - axis.low) > 0.05:
            axes.annotate(
                tick.label,
                ((tick.place + end) / 2, axis.low),
                xytext=(0, -6),
                textcoords="offset points",
                ha="center",
                va="top",
                color=_GREY,
                annotation_clip=False,
            )


def _set_rows(axes: Axes, labels: Sequence[str], *, is_named: bool) -> None:
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels if is_named else [""] * len(labels))
    axes.tick_params(axis="y", length=0, labelcolor=_INK)
    axes.spines["left"].set_visible(False)


def _mark_deadline(axes: Axes, deadline: Tick, axis: Axis) -> None:
    axes.axvline(deadline.place, color=_INK, linewidth=1.0, linestyle=(0, (4, 2)))
    is_late = (deadline.place - axis.low) / (axis.high - axis.low) > 0.5
    axes.annotate(
        deadline.label,
        (deadline.place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right" if is_late else "left",
        va="bottom",
        fontsize=8.5,
        annotation_clip=False,
    )


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart until neighbours keep a gap, as little as possible, inside limits."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    gap = min(gap, (high - low) / max(len(places) - 1, 1))
    groups: list[list[float]] = []
    for index in order:
        groups.append([places[index], 1])
        while len(groups) > 1:
            (a, n), (b, m) = groups[-2], groups[-1]
            if b - a >= gap * (n + m) / 2:
                break
            groups[-2:] = [[(a * n + b * m) / (n + m), n + m]]
        centre, n = groups[-1]
        half = gap * (n - 1) / 2
        groups[-1][0] = min(max(centre, low + half), high - half)
    moved = [0.0] * len(places)
    position = 0
    for centre, n in groups:
        for k in range(int(n)):
            moved[order[position]] = centre + gap * (k - (n - 1) / 2)
            position += 1
    return moved


# Step lines


@draw.register
def _(figure: Steps) -> Canvas:
    frame = _Frame(figure, 4.6)
    named = [line for line in figure.lines if line.label]
    right = max(text_width(line.label, 9, "bold") for line in named) + 0.45
    left, top, height = 0.85, 0.25, 3.95
    axes = frame.axes(left, top, WIDTH - left - right, height)
    _set_calendar(axes, figure.x)
    _set_y(axes, figure.y)
    for level in figure.levels:
        axes.axhline(level.place, color=_GREY, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    _mark_deadline(axes, figure.deadline, figure.x)
    ends = spread([float(line.values[-1]) for line in named], 0.19 / height, 0.0, 1.0)
    looks = _line_looks(figure.lines)
    for line, look in zip(figure.lines, looks, strict=True):
        days = np.append(line.days, figure.x.high)
        values = np.append(line.values, line.values[-1])
        axes.plot(
            days, values, drawstyle="steps-post", clip_on=False, markevery=slice(0, -1), **look
        )
    for line, end in zip(named, ends, strict=True):
        _label_end(axes, figure, line, looks[figure.lines.index(line)]["color"], end)
    for place, span in enumerate(figure.spans):
        _draw_span(axes, span.place, span.low, span.high, looks[-len(figure.spans) + place]["color"])
    return frame.canvas


def _line_looks(lines: Sequence[StepLine]) -> list[dict[str, Any]]:
    looks: list[dict[str, Any]] = []
    side = 0
    for line in lines:
        if line.weight == "main":
            looks.append({"color": _INK, "linewidth": 2.6, "zorder": 4, "marker": "o", "markersize": 4})
        elif line.weight == "faint":
            looks.append({"color": "#b0b0b0", "linewidth": 0.7, "zorder": 2})
        else:
            looks.append(
                {
                    "color": _SERIES[side % 6],
                    "linewidth": 1.5,
                    "linestyle": _STYLES[side % len(_STYLES)],
                    "marker": _MARKS[side % len(_MARKS)],
                    "markersize": 4.5,
                    "zorder": 3,
                }
            )
            side += 1
    return looks


def _label_end(axes: Axes, figure: Steps, line: StepLine, color: str, end: float) -> None:
    width = figure.x.high - figure.x.low
    axes.annotate(
        line.label,
        (figure.x.high, float(line.values[-1])),
        xytext=(figure.x.high + 0.03 * width, end),
        va="center",
        fontweight="bold" if line.weight == "main" else "normal",
        color=color,
        annotation_clip=False,
        arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 3},
    )


def _draw_span(axes: Axes, place: float, low: float, high: float, color: str) -> None:
    axes.errorbar(
        [place], [(low + high) / 2], yerr=[[(high - low) / 2]] * 2,
        color=color, linewidth=2.0, capsize=5, capthick=2.0, fmt="none", zorder=5, clip_on=False,
    )  # fmt: skip


# Stacked bars


@draw.register
def _(figure: Bars) -> Canvas:
    n_rows, n_panels, n_series = figure.values.shape
    looks = _bar_looks(figure)
    is_drawn = n_series > 0
    frame = _Frame(
        figure,
        max(0.42 * n_rows, 0.9) + 0.95 if n_rows < 15 else 0.24 * n_rows + 0.95,
        legend=_legend_height(figure.series_labels) if is_drawn else 0.0,
    )
    labels = [frame.wrap(label, 9, 2.2) for label in figure.row_labels]
    left = 0.3 + max(text_width(line, 9) for label in labels for line in label.split("\n"))
    body = frame.height - frame.body_top - frame.bottom
    gap = 0.22
    width = (WIDTH - left - 0.35 - gap * (n_panels - 1)) / n_panels
    for panel in range(n_panels):
        axes = frame.axes(left + panel * (width + gap), 0.3, width, body - 0.85)
        _set_x(axes, figure.x)
        axes.grid(axis="x", color=_PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        if panel != n_panels // 2:
            axes.set_xlabel("")
        axes.set_title(figure.panel_labels[panel], fontsize=10, fontweight="bold", pad=4)
        _set_rows(axes, labels, is_named=panel == 0)
        ends = figure.values[:, panel, :].cumsum(axis=1)
        for series in range(n_series):
            amounts = figure.values[:, panel, series]
            axes.barh(
                range(n_rows), amounts, left=ends[:, series] - amounts, height=0.72,
                color=looks[series][0], hatch=looks[series][1], edgecolor="white", linewidth=0.6,
            )  # fmt: skip
            for row in range(n_rows):
                _label_part(
                    axes, figure.part_labels[row][panel][series],
                    ends[row, series] - amounts[row] / 2, row, looks[series][0],
                )  # fmt: skip
    if is_drawn:
        patches = [Patch(facecolor=c, hatch=h, edgecolor="white", linewidth=0.6) for c, h in looks]
        _legend(frame, patches, figure.series_labels)
    return frame.canvas


def _bar_looks(figure: Bars) -> list[tuple[str, str]]:
    if figure.palette == "categories":
        return list(_CATEGORY_LOOKS)
    n = figure.values.shape[2]
    return [(_SERIES[k % len(_SERIES)], _HATCHES[k % len(_HATCHES)]) for k in range(n)]


def _label_part(axes: Axes, words: str, x: float, y: float, color: str) -> None:
    if words:
        axes.text(
            x, y, words, ha="center", va="center", fontsize=7.5,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
        )  # fmt: skip


# Money by year


@draw.register
def _(figure: Columns) -> Canvas:
    n_runs, n_panels, n_years = figure.spent.shape
    columns = min(n_panels, 4)
    rows = -(-n_panels // columns)
    labels = [*figure.series_labels]
    frame = _Frame(figure, 2.75 * rows, legend=0.35)
    left, gap = 1.15, 0.75
    width = (WIDTH - left - 0.3 - gap * (columns - 1)) / columns
    for panel in range(n_panels):
        row, column = divmod(panel, columns)
        axes = frame.axes(left + column * (width + gap), 0.35 + row * 2.75, width, 1.95)
        _draw_columns(axes, figure, panel)
    patches = [
        Patch(facecolor="none", edgecolor=_INK, linewidth=1.0),
        Patch(facecolor=_BLUE, edgecolor="white"),
        Patch(facecolor=_ORANGE, hatch="////", edgecolor="white"),
    ]
    _legend(frame, patches, labels)
    return frame.canvas


def _draw_columns(axes: Axes, figure: Columns, panel: int) -> None:
    n_runs, _n_panels, n_years = figure.spent.shape
    width = 0.8 / n_runs
    axes.set_title(figure.panel_labels[panel], fontsize=10, fontweight="bold", loc="left")
    _set_y(axes, figure.panel_axes[panel])
    axes.grid(axis="y", color=_PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xticks(range(n_years), figure.year_labels, fontsize=8)
    for run in range(n_runs):
        x = np.arange(n_years) + (run - (n_runs - 1) / 2) * width
        spent, lapsed = figure.spent[run, panel], figure.lapsed[run, panel]
        axes.bar(x, spent, width=0.78 * width, color=_SERIES[run], edgecolor="white", linewidth=0.5)
        axes.bar(
            x, lapsed, bottom=spent, width=0.78 * width, color=_ORANGE, hatch="////",
            edgecolor="white", linewidth=0.5,
        )  # fmt: skip
        amounts = figure.appropriated[run, panel]
        axes.bar(x, amounts, width=0.92 * width, facecolor="none", edgecolor=_INK, linewidth=1.0)
        tops = np.maximum(amounts, spent + lapsed)
        for year in range(n_years):
            axes.annotate(
                figure.column_labels[run][panel][year], (x[year], tops[year]), xytext=(0, 2),
                textcoords="offset points", ha="center", va="bottom", fontsize=7,
            )  # fmt: skip


# Ranges


@draw.register
def _(figure: Ranges) -> Canvas:
    n_series, n_rows, n_panels = figure.middle.shape
    frame = _Frame(
        figure, (0.42 if n_rows < 15 else 0.26) * n_rows + 1.2, legend=_legend_height(figure.series_labels)
    )
    labels = [frame.wrap(label, 9, 2.2) for label in figure.row_labels]
    left = 0.3 + max(text_width(line, 9) for label in labels for line in label.split("\n"))
    body = frame.height - frame.body_top - frame.bottom
    gap = 0.22
    width = (WIDTH - left - 0.35 - gap * (n_panels - 1)) / n_panels
    for panel in range(n_panels):
        axes = frame.axes(left + panel * (width + gap), 0.5, width, body - 1.05)
        _set_x(axes, figure.x)
        if panel != n_panels // 2:
            axes.set_xlabel("")
        axes.set_title(figure.panel_labels[panel], fontsize=10, fontweight="bold", pad=16)
        _set_rows(axes, labels, is_named=panel == 0)
        _draw_bands(axes, figure)
        for series in range(n_series):
            _draw_ranges(axes, figure, panel, series)
    handles = [
        axes.errorbar([], [], xerr=[], color=_SERIES[k], marker=_MARKS[k], linewidth=1.6)
        for k in range(n_series)
    ]
    _legend(frame, handles, figure.series_labels)
    return frame.canvas


def _draw_bands(axes: Axes, figure: Ranges) -> None:
    if not figure.bands:
        axes.grid(axis="x", color=_PALE, linewidth=0.6)
    ends = [*(band.place for band in figure.bands[1:]), figure.x.high]
    for number, (band, end) in enumerate(zip(figure.bands, ends, strict=False)):
        low = max(band.place, figure.x.low)
        if number % 2:
            axes.axvspan(low, end, color="#f0f0f0", linewidth=0, zorder=0)
        axes.text(
            (low + end) / 2, 1.01, band.label, transform=axes.get_xaxis_transform(),
            ha="center", va="bottom", fontsize=6.5, color=_GREY,
        )  # fmt: skip


def _draw_ranges(axes: Axes, figure: Ranges, panel: int, series: int) -> None:
    n_series, n_rows, _n_panels = figure.middle.shape
    y = np.arange(n_rows) + (series - (n_series - 1) / 2) * (0.5 / max(n_series - 1, 1))
    low, middle, high = (
        points[series, :, panel] for points in (figure.low, figure.middle, figure.high)
    )
    axes.errorbar(
        middle, y, xerr=np.abs([middle - low, high - middle]), fmt=_MARKS[series % len(_MARKS)],
        color=_SERIES[series % len(_SERIES)], markersize=4.5, linewidth=1.6, clip_on=False,
        markerfacecolor="white" if series % 2 else _SERIES[series % len(_SERIES)],
    )  # fmt: skip


# A mean with its band


@draw.register
def _(figure: Trend) -> Canvas:
    frame = _Frame(figure, 4.0)
    left, top, height = 0.85, 0.25, 3.35
    axes = frame.axes(left, top, WIDTH - left - 1.7, height)
    _set_calendar(axes, figure.x)
    _set_y(axes, figure.y)
    _mark_deadline(axes, figure.deadline, figure.x)
    axes.fill_between(figure.days, figure.p10, figure.p90, color=_SKY, alpha=0.35, linewidth=0)
    axes.plot(figure.days, figure.mean, color=_BLUE, linewidth=2.2, marker="o", markersize=5)
    for span in figure.said:
        axes.plot([span.place], [span.value], marker="D", color=_VERMILLION, clip_on=False)
        axes.annotate(span.label, (span.place, span.value), xytext=(8, 6), textcoords="offset points")
    return frame.canvas

"""Draws figures as SVG and PNG, and writes the drawn numbers as CSV.

Figures are objects of their own: no pyplot, no global state, the same bytes from the same numbers.
Texts arrive finished; only here and in `sheet` is matplotlib known.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import partial, singledispatch
from pathlib import Path
from typing import Any

import numpy as np

from kla_sim.language.safe import brief, for_csv, shown
from kla_sim.report.agg import Axes, Canvas, mpl
from kla_sim.report.charts import (
    OTHERS,
    AnyFigure,
    Axis,
    Bars,
    Columns,
    Dots,
    FloatArray,
    Growth,
    Scores,
    StepLine,
    Steps,
    Trend,
)
from kla_sim.report.files import Drawn, Files, write_each
from kla_sim.report.sheet import (
    BLUE,
    DOTS_PER_INCH,
    GREEN,
    GREY,
    HATCHES,
    INK,
    MARGIN,
    MARKS,
    ORANGE,
    SERIES,
    SKY,
    VERMILLION,
    WIDTH,
    YELLOW,
    Entry,
    Sheet,
    draw_grid,
    every,
    mark_deadline,
    row_height,
    row_labels,
    series_look,
    set_calendar,
    set_rows,
    set_x,
    set_y,
    spread,
    text_width,
    thinned,
    wrap,
)

_CATEGORY_LOOKS = (
    ("#4d4d4d", ""),
    (VERMILLION, "\\\\\\"),
    (ORANGE, "..."),
    (YELLOW, "///"),
    (GREEN, ""),
    (BLUE, "xxx"),
    ("#ededed", "---"),
)

_SERIES_LOOKS = tuple(zip(SERIES, HATCHES, strict=True))

_LAPSED: dict[str, Any] = {
    "facecolor": "#e3e3e3",
    "hatch": "////",
    "edgecolor": "#8c8c8c",
    "linewidth": 0.5,
}

_NARROW = 0.08
"""Inches below which a column is drawn without hatch and edge: it would be all edge."""

_LIGHT = (YELLOW, "#ededed", "#bdbdbd")
"""Colours on which a white hatch would not show."""

_MOST_SIGNS = 80
"""Letters of a label; `_MOST_SIGNS_OF` has those of what is written over the whole width."""
_MOST_SIGNS_OF = {"title": 400, "footer": 400}

_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
"""Nothing that changes with the day or the machine."""

_SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "kla_sim",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "hatch.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.color": INK,
    "axes.labelcolor": GREY,
    "text.parse_math": False,
}


def write_figures(makers: Mapping[str, Callable[[], AnyFigure]], folder: Path) -> Drawn:
    """Write each figure as CSV, SVG and PNG into a folder, which is made if need be.

    Parameters
    ----------
    makers : what makes each figure, by its name; one that fails does not stop the others.
    """
    return write_each({name: partial(_files, make) for name, make in makers.items()}, folder)


def render(figure: AnyFigure) -> dict[str, bytes]:
    """Return the files of a figure by their suffix."""
    return dict(_files(lambda: figure))


def _files(make: Callable[[], AnyFigure]) -> Files:
    figure = make()
    yield "csv", to_csv(figure)
    with _own_settings():
        canvas = draw(_drawable(figure))
    for suffix, metadata in _METADATA.items():
        buffer = io.BytesIO()
        with _own_settings():
            canvas.savefig(buffer, format=suffix, dpi=DOTS_PER_INCH, metadata=metadata)
        yield suffix, buffer.getvalue()


def to_csv(figure: AnyFigure) -> bytes:
    """Return the drawn numbers; a number that is not known is an empty cell."""
    table = figure.table()
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow("" if cell != cell else for_csv(cell) for cell in row)  # noqa: PLR0124
    return buffer.getvalue().encode()


def _drawable(value: Any, most: int = _MOST_SIGNS) -> Any:
    """Return a figure, or a part of one, whose texts can be drawn: visible signs, of bounded size.

    A control would make an SVG ill-formed; a name of three hundred letters would leave no room.
    """
    if isinstance(value, str):
        return brief(shown(value), most)
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        sizes = {name: _MOST_SIGNS_OF.get(name, most) for name in names}
        parts: dict[str, Any] = {
            name: _drawable(getattr(value, name), sizes[name]) for name in names
        }
        return replace(value, **parts)
    if isinstance(value, tuple):
        parts_of = [_drawable(part, most) for part in value]
        return type(value)(*parts_of) if hasattr(value, "_fields") else tuple(parts_of)
    return value


@contextmanager
def _own_settings() -> Iterator[None]:
    """Draw with settings of our own, whatever a user's matplotlibrc says.

    A letter that the font lacks is drawn as a box, without a warning to the reader.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph |Matplotlib currently does not support")
        mpl.rcdefaults()
        settings: Any = mpl.rcParams
        settings.update(_SETTINGS)
        yield


@singledispatch
def draw(figure: AnyFigure) -> Canvas:
    """Return a figure drawn."""
    raise TypeError(type(figure).__name__)


@draw.register
def _(figure: Steps) -> Canvas:
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
    ends = spread([float(line.values[-1]) for line in named], 0.18 * lines_high / height, 0.0, 1.0)
    for line, place in zip(named, ends, strict=True):
        _label_end(axes, figure.x, line, "\n".join(labels[line.key]), looks[line.key], place)
    faint = {line.key for line in figure.lines if line.weight == "faint"}
    for span in figure.spans:
        if span.key in faint:
            continue
        color = looks[_span_line(figure, span.key)]["color"]
        _draw_span(axes, span.day, span.low, span.high, color)
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


@draw.register
def _(figure: Bars) -> Canvas:
    figure = figure.shown()
    _n_rows, n_panels, n_series = figure.values.shape
    looks = [_bar_look(figure, series) for series in range(n_series)]
    legend = [Entry(label, look) for label, look in zip(figure.series_labels, looks, strict=True)]
    labels, left = row_labels(figure.row_labels)
    height = max(row_height(labels) * len(labels), 0.6)
    is_titled = any(figure.panel_labels)
    sheet = Sheet(figure, height + (0.9 if is_titled else 0.65), legend)
    gap = 0.22
    right = 0.7 if any(map(any, figure.end_labels)) else 0.3
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
        color = SERIES[place % len(SERIES)]
        hatch = HATCHES[(place + place // len(SERIES)) % len(HATCHES)]
    edge = "#8c8c8c" if color in _LIGHT and hatch else "white"
    return {"facecolor": color, "hatch": hatch, "edgecolor": edge, "linewidth": 0.5}


@draw.register
def _(figure: Columns) -> Canvas:
    figure = figure.shown()
    _n_runs, n_panels, _n_years = figure.spent.shape
    frame_look = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.0}
    legend = [
        Entry(figure.appropriated_label, frame_look),
        *(Entry(label, _run_look(run)) for run, label in enumerate(figure.spent_labels)),
        Entry(figure.lapsed_label, _LAPSED),
    ]
    columns = min(max(n_panels - 1, 1), 3)
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
    axes = sheet.axes(0.75, top, first_width, height + step * (rows - 1))
    _draw_columns(axes, figure, 0, titles[0], first_width, is_named=True)
    for panel in range(1, n_panels):
        row, column = divmod(panel - 1, columns)
        axes = sheet.axes(left + column * (width + gap), top + row * step, width, height)
        _draw_columns(axes, figure, panel, titles[panel], width, is_named=column == 0)
    return sheet.canvas


def _draw_columns(
    axes: Axes, figure: Columns, panel: int, title: list[str], inches: float, *, is_named: bool
) -> None:
    n_runs, _n_panels, n_years = figure.spent.shape
    width = 0.86 / n_runs
    is_narrow = inches / n_years * width < _NARROW
    axes.set_title("\n".join(title), fontsize=9, fontweight="bold", loc="left", pad=10)
    set_y(axes, figure.panel_axes[panel], is_named=is_named)
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


@draw.register
def _(figure: Scores) -> Canvas:
    figure = figure.shown()
    n_scores, n_cities, n_cycles, _points = figure.points.shape
    columns = min(n_cities, 3 if n_cities <= 6 else 4 if n_cities <= 12 else 5)
    size = 9.0 if columns < 5 else 8.0
    rows = -(-n_cities // columns)
    legend = [
        Entry(label, {}, {**series_look(kind), "linestyle": "-", **_filling(kind)})
        for kind, label in enumerate(figure.score_labels)
    ]
    right = max(text_width(band.label, 7.5) for band in figure.bands) + 0.3
    left, gap = 0.8, 0.15
    width = (WIDTH - left - right - gap * (columns - 1)) / columns
    titles = ["\n".join(wrap(label, size, width, "bold", 3)) for label in figure.city_labels]
    title_height = 0.18 * max(title.count("\n") + 1 for title in titles)
    height = 1.75 if columns < 5 else 1.35
    step = height + title_height + 0.35
    sheet = Sheet(figure, rows * step, legend)
    for city in range(n_cities):
        row, column = divmod(city, columns)
        top = title_height + 0.05 + row * step
        axes = sheet.axes(left + column * (width + gap), top, width, height)
        axes.set_title(titles[city], fontsize=size, fontweight="bold", loc="left", pad=6)
        set_y(axes, figure.y, is_named=column == 0)
        if height < 1.5:
            axes.set_yticks([t.place for t in figure.y.ticks][::2])
            if column == 0:
                axes.set_yticklabels([t.label for t in figure.y.ticks][::2])
        _draw_bands(axes, figure, is_named=column == columns - 1 or city == n_cities - 1)
        axes.set_xlim(-0.5, n_cycles - 0.5)
        _set_cycles(axes, figure.cycle_labels, width)
        for kind in range(n_scores):
            _draw_ranges(axes, figure.points[kind, city], kind, width)
    return sheet.canvas


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
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=7.5, color=GREY,
            )  # fmt: skip


def _set_cycles(axes: Axes, labels: Sequence[str], inches: float) -> None:
    """Write the years of cycles: whole, or their last two digits, or each k-th of many."""
    n = len(labels)
    step = every(n, 0.56, inches) if n * 0.25 > inches else 1
    is_short = step == 1 and n * 0.37 > inches
    shown = [label[-2:] if is_short else label for label in labels[::step]]
    axes.set_xticks(range(0, n, step), shown, fontsize=8)
    if step > 1:  # so that neighbouring panels do not touch
        written = axes.get_xticklabels()
        written[0].set_horizontalalignment("left")
        written[-1].set_horizontalalignment("right")


def _draw_ranges(axes: Axes, points: FloatArray, kind: int, inches: float) -> None:
    low, middle, high = points.T
    size = min(1.0, max(0.3, 5 * inches / len(middle)))
    x = np.arange(len(middle)) + (kind - 0.5) * 0.26
    axes.errorbar(
        x, middle, yerr=[middle - low, high - middle], fmt=MARKS[kind], color=SERIES[kind],
        markersize=4.5 * size, linewidth=1.6 * size, clip_on=False, **_filling(kind),
    )  # fmt: skip


def _filling(kind: int) -> dict[str, Any]:
    return {"markerfacecolor": "white" if kind % 2 else SERIES[kind % len(SERIES)]}


@draw.register
def _(figure: Dots) -> Canvas:
    figure = figure.shown()
    n_runs, n_rows, _points = figure.points.shape
    legend = [
        Entry(label, {}, {**series_look(run), "linestyle": "-"})
        for run, label in enumerate(figure.run_labels)
    ]
    labels, left = row_labels(figure.row_labels)
    height = max(row_height(labels), 0.13 * n_runs + 0.1) * n_rows
    sheet = Sheet(figure, height + 0.65, legend)
    axes = sheet.axes(left, 0.05, WIDTH - left - 0.3, height)
    set_x(axes, figure.x)
    draw_grid(axes, "x")
    set_rows(axes, labels, is_named=True)
    axes.axhline(0.5, color=GREY, linewidth=0.8)
    offsets = (np.arange(n_runs) - (n_runs - 1) / 2) * (0.7 / max(n_runs, 2))
    for row in range(n_rows):
        axes.plot(figure.points[:, row, 1], row + offsets, color="#b0b0b0", linewidth=0.9, zorder=1)
    for run in range(n_runs):
        low, value, high = figure.points[run].T
        axes.errorbar(
            value, np.arange(n_rows) + offsets[run], xerr=[value - low, high - value],
            **{**series_look(run), "linestyle": "none"}, elinewidth=1.5,
        )  # fmt: skip
    return sheet.canvas


@draw.register
def _(figure: Trend) -> Canvas:
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


@draw.register
def _(figure: Growth) -> Canvas:
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

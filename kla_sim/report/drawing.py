"""Draws figures as SVG and PNG, and writes the drawn numbers as CSV.

Figures are objects of their own: no pyplot, no global state, the same bytes from the same numbers.
Texts arrive finished; only here, in `sheet` and in the drawings of each shape is matplotlib known.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, assert_never
from xml.sax.saxutils import escape

from kla_sim.language.safe import brief, for_csv, shown
from kla_sim.report.agg import Canvas, mpl
from kla_sim.report.bar_charts import Bars, Columns
from kla_sim.report.bar_drawings import draw_bars, draw_columns, draw_histograms
from kla_sim.report.charts import Figure
from kla_sim.report.choice_charts import Front, LeverCurve, LeverMap, Tornado, TradeOffs
from kla_sim.report.drawable import Drawable
from kla_sim.report.fan_drawing import draw_fans
from kla_sim.report.files import Drawn, Files, write_each
from kla_sim.report.front_drawing import draw_front
from kla_sim.report.gantt_drawing import draw_gantt
from kla_sim.report.lever_drawings import draw_lever_curve, draw_lever_map
from kla_sim.report.line_charts import Steps, Trend
from kla_sim.report.line_drawings import draw_growth, draw_steps, draw_trend
from kla_sim.report.range_charts import Dots, Ranges
from kla_sim.report.range_drawings import draw_dots, draw_ranges, draw_reliability
from kla_sim.report.schedule_charts import Fans, Gantt, Timeline
from kla_sim.report.score_charts import Growth, Histograms, Reliability
from kla_sim.report.sheet import DOTS_PER_INCH, GREY, INK
from kla_sim.report.tile_charts import Tiles
from kla_sim.report.tile_drawing import draw_tiles
from kla_sim.report.time_charts import Arrivals, Cloud
from kla_sim.report.time_drawings import draw_arrivals, draw_cloud
from kla_sim.report.timeline_drawing import draw_timeline
from kla_sim.report.tornado_drawing import draw_tornado
from kla_sim.report.trade_drawings import draw_trade_offs

_MOST_SIGNS = 80
"""Letters of a label; `_MOST_SIGNS_OF` has those of what is written over the whole width."""
_MOST_SIGNS_OF = {"title": 400, "footer": 400, "frontier_note": 400, "alt": 2_000}

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


def write_figures(makers: Mapping[str, Callable[[], Drawable]], folder: Path) -> Drawn:
    """Write each figure as CSV, SVG and PNG into a folder, which is made if need be.

    Parameters
    ----------
    makers : what makes each figure, by its name; one that fails does not stop the others.
    """
    return write_each({name: partial(_files, make) for name, make in makers.items()}, folder)


def _files(make: Callable[[], Drawable]) -> Files:
    figure = make()
    yield "csv", to_csv(figure)
    with _own_settings():
        canvas = draw(_drawable(figure))
    for suffix, metadata in _METADATA.items():
        buffer = io.BytesIO()
        with _own_settings():
            canvas.savefig(buffer, format=suffix, dpi=DOTS_PER_INCH, metadata=metadata)
        content = buffer.getvalue()
        yield suffix, _described(content, figure) if suffix == "svg" else content


def _described(svg: bytes, figure: Figure) -> bytes:
    """Return a drawing that says to who does not see it what it is called and what it shows."""
    drawable = _drawable(figure)
    words = f"<title>{escape(drawable.title)}</title>\n <desc>{escape(drawable.alt)}</desc>\n "
    head, metadata, rest = svg.partition(b"<metadata>")
    return head.replace(b"<svg ", b'<svg role="img" ', 1) + words.encode() + metadata + rest


def to_svg(figure: Drawable) -> bytes:
    """Return a figure as SVG in which letters are text, for a document that holds it inline."""
    buffer = io.BytesIO()
    with _own_settings():
        mpl.rcParams["svg.fonttype"] = "none"
        draw(_drawable(figure)).savefig(buffer, format="svg", metadata=_METADATA["svg"])
    return buffer.getvalue()


def to_csv(figure: Drawable) -> bytes:
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


def draw(figure: Drawable) -> Canvas:
    """Return a figure drawn."""
    match figure:
        case Steps():
            return draw_steps(figure)
        case Bars():
            return draw_bars(figure)
        case Columns():
            return draw_columns(figure)
        case Ranges():
            return draw_ranges(figure)
        case Dots():
            return draw_dots(figure)
        case Reliability():
            return draw_reliability(figure)
        case Histograms():
            return draw_histograms(figure)
        case Growth():
            return draw_growth(figure)
        case Trend():
            return draw_trend(figure)
        case Tiles():
            return draw_tiles(figure)
        case Arrivals():
            return draw_arrivals(figure)
        case Cloud():
            return draw_cloud(figure)
        case Front():
            return draw_front(figure)
        case TradeOffs():
            return draw_trade_offs(figure)
        case Tornado():
            return draw_tornado(figure)
        case LeverCurve():
            return draw_lever_curve(figure)
        case LeverMap():
            return draw_lever_map(figure)
        case Gantt():
            return draw_gantt(figure)
        case Timeline():
            return draw_timeline(figure)
        case Fans():
            return draw_fans(figure)
    assert_never(figure)

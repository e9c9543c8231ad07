"""Pictures of the page as SVG: the map of tiles and the schedule, filled by templates.

A template takes a millisecond where a drawing library takes a tenth of a second, so that pictures
move with the levers. What they show is filled by `report`; here is only where it stands, in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from kla_sim.experiment.futures_schedule import gantt_of
from kla_sim.experiment.trace import Future, trace_future
from kla_sim.language import text
from kla_sim.language.safe import brief, shown
from kla_sim.page.odds import Answered
from kla_sim.page.views import render_svg
from kla_sim.report.charts import Axis, picked
from kla_sim.report.scales import calendar
from kla_sim.report.schedule_charts import Gantt, Row
from kla_sim.report.schedule_figures import Shown, zones_gantt
from kla_sim.report.tile_charts import Tiles
from kla_sim.report.tile_figures import tile_map

SCHEDULED = 200
"""Futures of which the schedule is drawn."""

_WIDTH = 900.0
_TILE_HEIGHT, _TILE_GAP = 120.0, 12.0
_ROW, _GROUP_GAP, _HEAD, _LABELS = 18.0, 10.0, 30.0, 215.0
_SHARES = 70.0
_YEAR = 40.0
_LEGEND_COLUMNS = 3
_MOST_FUTURE_ROWS = 120


class Bar(NamedTuple):
    """A rectangle, and the place of its look."""

    x: float
    y: float
    width: float
    height: float
    look: int


def tiles_of(answered: Answered) -> Tiles:
    """Return the map of tiles of what was answered."""
    return tile_map(answered.summary, "").shown()


def gantt_figure(answered: Answered) -> Gantt:
    """Return the schedule of what was answered, over its first futures."""
    plan = answered.look.plan
    return zones_gantt(Shown(gantt_of(plan, 0, SCHEDULED), plan, answered.scenario, ""))


def tiles_svg(figure: Tiles) -> str:
    """Return the map of tiles as a picture."""
    width = (_WIDTH - _TILE_GAP * (figure.n_columns - 1)) / figure.n_columns
    tiles = [
        {
            "x": column * (width + _TILE_GAP),
            "y": row * (_TILE_HEIGHT + _TILE_GAP) + 1,
            "label": _fitting(figure.tile_labels[tile], width / 8),
            "likeliest": _fitting(
                f"{figure.year_labels[-1]}: {figure.likeliest_labels[tile][-1]}", width / 6.6
            ),
            "bars": list(_bars(figure, tile, width)),
        }
        for tile, (row, column) in enumerate(figure.places)
    ]
    step = width / max(1, len(figure.year_labels))
    years = [(place * step + step / 2, label) for place, label in enumerate(figure.year_labels)]
    height = figure.n_rows * (_TILE_HEIGHT + _TILE_GAP)
    legend = [(label, look) for label, look in zip(figure.series_labels, figure.looks, strict=True)]
    return render_svg(
        "tiles", tiles=tiles, years=years, legend=legend, width=_WIDTH, height=height,
        tile_width=width, tile_height=_TILE_HEIGHT, is_narrow=step < 34,
    )  # fmt: skip


def _bars(figure: Tiles, tile: int, width: float) -> Iterator[Bar]:
    """Yield the stacked bars of a tile, from the bottom to the top."""
    n_years = len(figure.year_labels)
    step, high = width / max(1, n_years), _TILE_HEIGHT - 66
    for year in range(n_years):
        top = _TILE_HEIGHT - 20.0
        for series, look in enumerate(figure.looks):
            share = float(figure.shares[tile, year, series]) * high
            top -= share
            if share > 0.2:
                yield Bar(year * step + step * 0.08, top, step * 0.84, share, look)


def gantt_svg(figure: Gantt) -> str:
    """Return the schedule as a picture."""
    scale = (_WIDTH - _LABELS - _SHARES) / (figure.x.high - figure.x.low)

    def at(day: float) -> float:
        return _LABELS + (min(max(day, figure.x.low), figure.x.high) - figure.x.low) * scale

    rows, groups, top = list[dict[str, Any]](), list[tuple[str, float]](), _HEAD
    for label, of_group in groupby(picked(figure.rows, figure.drawn_rows), lambda row: row.group):
        groups.append((_fitting(label, 18), top + _ROW * 0.7))
        for row in of_group:
            rows.append(_row(row, top, at))
            top += _ROW
        top += _GROUP_GAP
    return render_svg(
        "gantt",
        rows=rows,
        groups=groups,
        lines=[(at(line.day), line.look) for line in figure.lines],
        ticks=list(_ticks(figure.x, at)),
        looks=[(look.key, look.label) for look in (*figure.looks, *figure.line_looks)],
        share_title=figure.share_title,
        width=_WIDTH,
        height=top,
        row=_ROW,
        labels=_LABELS,
        columns=_LEGEND_COLUMNS,
    )


def _row(row: Row, top: float, at: Callable[[float], float]) -> dict[str, Any]:
    return {
        "y": top,
        "label": _fitting(row.label, 12),
        "share": row.share_label,
        "pieces": [
            (piece.look, at(piece.first), at(piece.last) - at(piece.first)) for piece in row.pieces
        ],
        "moments": [
            (one.look, at(one.p10), at(one.p90), at(one.p50) if math.isfinite(one.p50) else None)
            for one in row.milestones
            if math.isfinite(one.p10)
        ],
    }


def _ticks(axis: Axis, at: Callable[[float], float]) -> Iterator[tuple[float, str]]:
    """Yield the years of the calendar; of two that would touch only the later."""
    found = [(at(tick.place), tick.label) for tick in axis.ticks if tick.label]
    following = [*(x for x, _label in found[1:]), math.inf]
    for (x, label), after in zip(found, following, strict=True):
        if after - x > _YEAR:
            yield x, label


def _fitting(label: str, most: float) -> str:
    return brief(shown(label), max(3, int(most)))


def future_svg(answered: Answered, number: str) -> str:
    """Return the schedule of one future as a picture; empty where it is none of them."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return ""
    future = trace_future(answered.scenario, answered.seed, int(number))
    return render_svg("future", **_future_places(future))


def _future_places(future: Future) -> dict[str, Any]:
    """Return where the work of one future stands: a row per zone, and per kit of wider work."""
    labels, horizon = future.plan.labels, future.plan.structure.horizon_day
    scale = (_WIDTH - _LABELS - 10) / (horizon + 1)
    names = dict(zip(labels.cities, labels.city_names, strict=True))
    rows: dict[str, list[tuple[float, float]]] = {}
    for name, attempts in zip(labels.activities, future.trace.attempts, strict=True):
        place = name.rpartition("/")[0]
        for one in attempts:
            last = min(one.finish, horizon + 1)
            rows.setdefault(place, []).append(
                (_LABELS + one.start * scale, max(0.8, (last - one.start) * scale))
            )
    launches = {
        one.subject: _LABELS + one.day * scale
        for one in future.trace.events
        if one.what == "launch"
    }
    shown_rows = [
        {
            "label": _fitting(_place_label(place, names), 30),
            "bars": bars,
            "launch": launches.get(place),
            "y": _HEAD + number * _ROW,
        }
        for number, (place, bars) in enumerate(list(rows.items())[:_MOST_FUTURE_ROWS])
    ]
    ticks = calendar(labels.start, horizon)
    return {
        "rows": shown_rows,
        "ticks": list(_ticks(ticks, lambda day: _LABELS + day * scale)),
        "width": _WIDTH,
        "height": _HEAD + _ROW * len(shown_rows) + 6,
        "row": _ROW,
        "labels": _LABELS,
    }


def _place_label(place: str, names: dict[str, str]) -> str:
    city, _, zone = place.partition("/")
    label = names.get(city, text("answers", "province") if city == "province" else city)
    number = zone.rpartition("-")[2]
    return f"{label}, {text('schedules', 'zone', number=number)}" if zone else label

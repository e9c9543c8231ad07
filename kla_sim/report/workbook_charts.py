"""The charts of the workbook, native ones that read the sheets, each titled by what it shows.

Lines differ by dashes and marks as well as colour, stacked parts by lightness or hatching. A chart
of many regions shows those with the lowest odds; the sheet behind it has all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.language import current, day, number, percent, rupiah, text
from kla_sim.language.safe import brief, shown
from kla_sim.report.tables import Table
from kla_sim.report.words import phrase_cause, phrase_day, phrase_percent, phrase_share
from kla_sim.scenario.model import Scenario

_ = partial(text, "tables")

_WIDTH, _HEIGHT, _ROW_HEIGHT = 960, 400, 20
"""Pixels; a row of a sheet takes the last."""

_BAR = 26
_MOST_LINES, _MOST_BARS, _MOST_CAUSES = 7, 24, 8
_FIRST = 3
"""The first row of a table, below title, note and headings."""

_SERIES = (
    "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#555555", "#8C6BB1",
)  # fmt: skip
_DASHES = ("solid", "dash", "long_dash", "round_dot", "dash_dot", "long_dash_dot", "square_dot")
_MARKS = ("circle", "square", "triangle", "diamond", "x", "plus", "star")
_HATCHES = (
    None, "wide_upward_diagonal", None, "light_horizontal", None, "dark_downward_diagonal", None,
    "small_grid",
)  # fmt: skip
_STEPS = ("#F2F2F2", "#D9E5F0", "#B3CDE3", "#7FB0D3", "#2C7FB8", "#084081")
"""Categories from none to the highest, the darker the higher."""

_NO_AWARD = {"pattern": "light_upward_diagonal", "fg_color": "#999999", "bg_color": "#FFFFFF"}
_UNITS = ((1e12, "trillions", ",,,,"), (1e9, "billions", ",,,"), (1e6, "millions", ",,"))
_MONTHS = {"id": "[$-421]mmm yyyy", "en": "[$-409]mmm yyyy"}
_FONT = {"name": "Calibri", "size": 9}
_LONGEST_NAME = 40


def add_charts(book: Any, tables: Mapping[str, Table], summary: Summary, scenario: Scenario) -> Any:
    """Add and return a sheet of charts.

    Parameters
    ----------
    tables : by name, as they stand on their sheets.
    """
    sheet = book.add_worksheet(_("sheet_charts"))
    sheet.hide_gridlines(2)
    top, breaks = 0, []
    for make in (_odds_chart, _categories_chart, _money_chart, _waiting_chart):
        made = make(book, tables, summary, scenario)
        if made is None:
            continue
        chart, title, alt, height = made
        _dress(chart, title, height)
        sheet.insert_chart(top, 0, chart, {"description": alt, "object_position": 1})
        top += height // _ROW_HEIGHT + 2
        breaks.append(top)
    sheet.set_h_pagebreaks(breaks[1:-1:2])
    return sheet


_Made = tuple[Any, str, str, int] | None


def _odds_chart(
    book: Any, tables: Mapping[str, Table], summary: Summary, scenario: Scenario
) -> _Made:
    """Return the odds of all regions together, and of the weakest, from day to day."""
    table = tables["odds"]
    chart = book.add_chart({"type": "line"})
    lowest = np.argsort([city.value for city in summary.cities], kind="stable")[:_MOST_LINES]
    places = [table.place("all_cities"), *(3 + int(place) for place in sorted(lowest))]
    if len(summary.cities) == 1:
        places = places[:1]
    for turn, place in enumerate(places):
        line = {"color": "#000000", "width": 3.0} if turn == 0 else {
            "color": _SERIES[turn - 1], "width": 1.5, "dash_type": _DASHES[turn - 1],
        }  # fmt: skip
        mark = {"type": "none"} if turn == 0 else {
            "type": _MARKS[turn - 1], "size": 5, "border": {"color": line["color"]},
            "fill": {"color": line["color"]},
        }  # fmt: skip
        chart.add_series(
            {
                **_column_of(table, place),
                "categories": _range(table, 0),
                "line": line,
                "marker": mark,
            }
        )
    chart.set_x_axis(
        {"date_axis": True, "num_format": _MONTHS[current()], "major_unit": _months(summary),
         "major_unit_type": "months", "num_font": _FONT}
    )  # fmt: skip
    chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%", "num_font": _FONT, **_lines()})
    odds, deadline = phrase_share(summary.all_cities), phrase_day(summary, summary.deadline_day)
    title = _("chart_odds", day=deadline, odds=odds)
    if len(summary.cities) > len(lowest):
        title = _("drawn_lines", title=title, n=number(len(lowest)))
    weakest = summary.weakest_city
    alt = _(
        "chart_odds_alt",
        first=day(summary.labels.start),
        last=phrase_day(summary, summary.horizon_day),
        n=number(len(lowest)),
        odds=odds,
        city=_short(summary.labels.city_names[weakest]),
        lowest=phrase_share(summary.cities[weakest]),
    )
    return chart, title, alt, _HEIGHT


def _months(summary: Summary) -> int:
    """Return how many months apart the dates on the axis stand: some ten of them in all."""
    half_years = summary.horizon_day / (DAYS_PER_YEAR / 2)
    return 6 * max(1, math.ceil(half_years / 12))


def _categories_chart(
    book: Any, tables: Mapping[str, Table], summary: Summary, scenario: Scenario
) -> _Made:
    """Return the categories of the last cycle, a bar per region, stacked to 100 %."""
    labels, table = summary.labels, tables["categories"]
    if not labels.cycles:
        return None
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    n_bars = min(len(labels.cities), _MOST_BARS)
    first = _FIRST + (len(labels.cycles) - 1) * len(labels.cities)
    names = _range(table, table.place("city_name"), first, n_bars)
    for turn, key in enumerate((*CATEGORIES, "no_award")):
        fill = {"fill": {"color": _STEPS[turn]}} if turn < len(_STEPS) else {"pattern": _NO_AWARD}
        place = table.place(key)
        chart.add_series(
            {**_column_of(table, place, first, n_bars), "categories": names, **fill,
             "border": {"color": "#666666", "width": 0.5}, "gap": 40}
        )  # fmt: skip
    chart.set_y_axis({"reverse": True, "num_font": _FONT})
    chart.set_x_axis({"num_format": "0%", "num_font": _FONT, **_lines()})
    reached = summary.category_shares[:, -1, summary.target : len(CATEGORIES)].sum(axis=1)
    place = int(np.argmin(reached))
    fields = {
        "cycle": str(labels.cycles[-1]),
        "city": _short(labels.city_names[place]),
        "category": CATEGORIES[summary.target],
        "share": phrase_percent(float(reached[place]), summary.n),
    }
    height = _HEIGHT // 2 + _BAR * n_bars
    return chart, _("chart_categories", **fields), _("chart_categories_alt", **fields), height


def _money_chart(
    book: Any, tables: Mapping[str, Table], summary: Summary, scenario: Scenario
) -> _Made:
    """Return the money of all accounts, columns side by side for each year."""
    money = summary.money
    total = float(money.appropriated.sum())
    if total <= 0:
        return None
    table, n_years = tables["money"], len(summary.labels.years)
    chart = book.add_chart({"type": "column"})
    looks = (
        {"fill": {"color": "#BBBBBB"}},
        {"fill": {"color": "#0072B2"}},
        {
            "pattern": {
                "pattern": "wide_upward_diagonal",
                "fg_color": "#D55E00",
                "bg_color": "#FFFFFF",
            }
        },
    )
    years = _range(table, table.place("year"), _FIRST, n_years)
    for name, look in zip(("appropriated", "spent", "lapsed"), looks, strict=True):
        column = _column_of(table, table.place(name), _FIRST, n_years)
        border = {"border": {"color": "#555555", "width": 0.5}}
        chart.add_series({**column, "categories": years, **look, **border, "gap": 60})
    chart.set_x_axis({"num_font": _FONT, "num_format": "0"})
    highest = float(money.appropriated.sum(axis=0).max())
    chart.set_y_axis(
        {"num_format": _rupiah_format(highest), "num_font": _FONT, "min": 0, **_lines()}
    )
    fields = {
        "appropriated": rupiah(total),
        "spent": rupiah(float(money.spent.sum())),
        "lapsed": rupiah(float(money.lapsed.sum())),
    }
    return chart, _("chart_money", **fields), _("chart_money_alt", **fields), _HEIGHT


def _waiting_chart(
    book: Any, tables: Mapping[str, Table], summary: Summary, scenario: Scenario
) -> _Made:
    """Return the days of waiting, a bar for the province and each region, by the chief causes."""
    by_cause = summary.wait_days.sum(axis=0)
    total = float(by_cause.sum())
    if total <= 0:
        return None
    table, chart = tables["waiting"], book.add_chart({"type": "bar", "subtype": "stacked"})
    n_bars = min(len(table.rows), _MOST_BARS)
    largest = sorted(np.argsort(-by_cause, kind="stable")[:_MOST_CAUSES].tolist())
    names = _range(table, 0, _FIRST, n_bars)
    for turn, cause in enumerate(place for place in largest if by_cause[place] > 0):
        color, hatch = _SERIES[turn], _HATCHES[turn]
        pattern = {"pattern": hatch, "fg_color": color, "bg_color": "#FFFFFF"}
        fill = {"pattern": pattern} if hatch else {"fill": {"color": color}}
        chart.add_series(
            {**_column_of(table, 1 + cause, _FIRST, n_bars), "categories": names, **fill,
             "border": {"color": "#666666", "width": 0.5}, "gap": 40}
        )  # fmt: skip
    chart.set_y_axis({"reverse": True, "num_font": _FONT})
    chart.set_x_axis({"num_format": "#,##0", "num_font": _FONT, "min": 0, **_lines()})
    most = int(by_cause.argmax())
    fields = {
        "cause": _short(phrase_cause(summary.labels.causes[most], scenario)),
        "share": percent(float(by_cause[most]) / total),
        "total": number(total),
    }
    height = _HEIGHT // 2 + _BAR * n_bars
    return chart, _("chart_waiting", **fields), _("chart_waiting_alt", **fields), height


def _dress(chart: Any, title: str, height: int) -> None:
    # XlsxWriter takes a title with a reference like A!B1 in it for one
    plain = title.replace("!", "！")
    chart.set_title({"name": plain, "name_font": {"name": "Calibri", "size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": _FONT})
    chart.set_size({"width": _WIDTH, "height": height})


def _range(table: Table, place: int, first: int = _FIRST, n: int | None = None) -> list[Any]:
    """Return cells of a column as a chart names them."""
    rows = len(table.rows) if n is None else n
    return [table.sheet, first, place, first + rows - 1, place]


def _column_of(
    table: Table, place: int, first: int = _FIRST, n: int | None = None
) -> dict[str, Any]:
    """Return a series: the cells of a column under the name in its heading."""
    heading = [table.sheet, _FIRST - 1, place]
    return {"name": heading, "values": _range(table, place, first, n)}


def _lines() -> dict[str, Any]:
    return {"major_gridlines": {"visible": True, "line": {"color": "#DDDDDD", "width": 0.75}}}


def _rupiah_format(highest: float) -> str:
    """Return the format of an axis in millions, billions or trillions."""
    for scale, name, commas in _UNITS:
        if highest >= scale:
            digits = "0.0" if highest < 10 * scale else "0"
            return f'"Rp" {digits}{commas}" {_(f"unit_{name}")}"'
    return '"Rp" #,##0'


def _short(name: str) -> str:
    return brief(shown(name), _LONGEST_NAME)

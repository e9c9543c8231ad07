"""The workbook: a sheet per table with real numbers and dates, and a sheet of native charts.

Nothing in it is a formula or a link, whatever a name looks like; the same run gives the same bytes,
since the time in the file is the start of the plan. Called by the command line and the report.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from functools import partial
from typing import Any

from kla_sim import __version__
from kla_sim.analysis.relieved import ButFor
from kla_sim.analysis.summary import Summary
from kla_sim.language import current, text
from kla_sim.language.safe import brief, shown
from kla_sim.report.plan_tables import all_tables
from kla_sim.report.tables import Cell, Kind, Table
from kla_sim.report.workbook_charts import add_charts
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.store import Manifest

_ = partial(text, "tables")

HEAD_ROW = 2
"""Title, note, headings: the first row of a table is the one below."""

_NARROWEST, _WIDEST, _WIDEST_SENTENCE = 8, 46, 130
_MOST_LETTERS = 32_000
"""Excel takes 32,767 in a cell."""

_MOST_LETTERS_OF_NAME, _MOST_OF_FOOTER = 100, 80
_FORMATS: dict[Kind, str] = {
    "whole": "#,##0", "number": "#,##0.0", "share": "0.0%", "rupiah": '"Rp" #,##0', "year": "0",
}  # fmt: skip
_DATES = {"id": "[$-421]d mmm yyyy", "en": "[$-409]d mmm yyyy"}
_SHOWN = {"whole": 10, "number": 12, "share": 9, "rupiah": 20, "year": 7, "date": 13}
"""Room that a number takes, in letters."""


def workbook(
    loaded: LoadedScenario, summary: Summary, manifest: Manifest, cases: Sequence[ButFor] = ()
) -> bytes:
    """Return a run as a workbook of Excel.

    Parameters
    ----------
    loaded : the plan of the run, from its own files or from the copy that the run keeps.
    cases : things relieved one at a time, where somebody has tried them.
    """
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    tables = [table.without_keys() for table in all_tables(loaded, summary, manifest, cases)]
    name = _one_line(loaded.scenario.name, _MOST_LETTERS_OF_NAME)
    with Workbook(file, options) as book:
        begun = dt.datetime.combine(loaded.scenario.start, dt.time())
        book.set_properties({"title": name, "author": f"kla_sim {__version__}", "created": begun})
        looks = _Looks(book)
        first, *others = tables
        _write_sheet(book, looks, first, name)
        by_name = {table.name: table for table in tables}
        _set_paper(add_charts(book, by_name, summary, loaded.scenario), name)
        for table in others:
            _write_sheet(book, looks, table, name)
    return file.getvalue()


class _Looks:
    """The formats of cells, made once for the whole book."""

    def __init__(self, book: Any) -> None:
        date = {"num_format": _DATES[current()], "align": "left"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"italic": True, "font_color": "#555555"})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"}
        )
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.numbers = {
            kind: book.add_format({"num_format": code, "valign": "top"})
            for kind, code in _FORMATS.items()
        }
        self.date = book.add_format({**date, "valign": "top"})


def _write_sheet(book: Any, looks: _Looks, table: Table, name: str) -> None:
    """Write one table: headings stay in sight, on paper too, and columns fit what they hold."""
    sheet = book.add_worksheet(table.sheet)
    sheet.write_string(0, 0, table.title, looks.title)
    sheet.write_string(1, 0, table.note, looks.note)
    for place, column in enumerate(table.columns):
        heading = _one_line(column.heading, _MOST_LETTERS_OF_NAME)
        sheet.write_string(HEAD_ROW, place, heading, looks.head)
        sheet.set_column(place, place, _width(table, place))
    for turn, row in enumerate(table.rows, start=HEAD_ROW + 1):
        for place, cell in enumerate(row):
            _write_cell(sheet, turn, place, cell, table.columns[place].kind, looks)
    last = HEAD_ROW + len(table.rows)
    sheet.autofilter(HEAD_ROW, 0, last, len(table.columns) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, _frozen_columns(table))
    _set_paper(sheet, name)
    sheet.repeat_rows(HEAD_ROW)


def _set_paper(sheet: Any, name: str) -> None:
    """Set a sheet up for paper: A4 across, as wide as the page, with plan and page below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    plan = brief(name, _MOST_OF_FOOTER).replace("&", "&&")
    sheet.set_footer(f"&L{plan}&R{_('page')} &P / &N")


def _write_cell(sheet: Any, row: int, place: int, cell: Cell, kind: Kind, looks: _Looks) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, place, _one_line(cell, _MOST_LETTERS), looks.text)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, place, dt.datetime.combine(cell, dt.time()), looks.date)
    elif cell is not None:
        sheet.write_number(row, place, cell, looks.numbers[kind])


def _one_line(words: str, most: int) -> str:
    return brief(shown(words), most)


def _width(table: Table, place: int) -> float:
    """Return how wide a column is, in letters: as its longest word or number, within bounds."""
    column = table.columns[place]
    longest_word = max(map(len, column.heading.split()), default=0)
    cells = (row[place] for row in table.rows)
    held = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
    if len(table.columns) == 1:
        return _WIDEST_SENTENCE
    needed = max(held, longest_word, _SHOWN.get(column.kind, 0)) + 2
    return min(max(needed, _NARROWEST), _WIDEST)


def _frozen_columns(table: Table) -> int:
    """Return how many columns stay in sight: those up to the name of the row."""
    named = [place for place, one in enumerate(table.columns) if one.name.endswith("_name")]
    is_wide = len(table.columns) > 3
    return named[0] + 1 if named and is_wide else 0

"""The workbook: a sheet per table with real numbers and dates, and a sheet of native charts.

Nothing in it is a formula or a link, whatever a name looks like; the same run gives the same bytes,
since the time in the file is the start of the plan. Called by the command line and the report.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from functools import partial
from textwrap import wrap
from typing import Any, Literal

from kla_sim import __version__
from kla_sim.analysis.relieved import Remedy
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

_NARROWEST, _WIDEST, _WIDEST_SENTENCE = 8, 60, 105
_MOST_LETTERS = 32_000
"""Excel takes 32,767 in a cell."""

_MOST_LETTERS_OF_NAME, _MOST_OF_FOOTER = 100, 80
_FORMATS: dict[Kind, str] = {
    "whole": "#,##0", "number": "#,##0.0", "fine": "#,##0.000", "share": "0.0%",
    "rupiah": '"Rp" #,##0', "year": "0",
}  # fmt: skip
_DATES = {"id": "[$-421]d mmm yyyy", "en": "[$-409]d mmm yyyy"}
_SHOWN = {"whole": 10, "number": 14, "fine": 9, "share": 9, "rupiah": 20, "year": 7, "date": 13}
"""Room that a number takes, in letters."""

_LINE, _TALLEST = 15.0, 405.0
"""Points of a line of text, and of the tallest row that Excel has."""

_LETTERS_OF_A_DIGIT = 1.02
"""Letters that take the room of one digit, by which Excel measures columns; rather too few."""

_BOLD = 0.8
"""Room in which a bold letter stands, beside the sign that filters a column."""

_MOST_SHOWN = 4_000
"""Letters of a cell that may decide how tall its row is."""


def workbook(
    loaded: LoadedScenario, summary: Summary, manifest: Manifest, tried: Sequence[Remedy] = ()
) -> bytes:
    """Return a run as a workbook of Excel.

    Parameters
    ----------
    loaded : the plan of the run, from its own files or from the copy that the run keeps.
    tried : what was relieved, one thing at a time, where somebody has tried it.
    """
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    tables = [table.without_keys() for table in all_tables(loaded, summary, manifest, tried)]
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
        head = {
            "bold": True,
            "text_wrap": True,
            "valign": "top",
            "bottom": 1,
            "bg_color": "#E8EEF4",
        }
        self.heads = {side: book.add_format({**head, "align": side}) for side in ("left", "right")}
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.numbers = {
            kind: book.add_format({"num_format": code, "valign": "top", "align": _side(kind)})
            for kind, code in _FORMATS.items()
        }
        self.date = book.add_format({**date, "valign": "top"})


def _side(kind: Kind) -> Literal["left", "right"]:
    """Return where cells of a kind stand: amounts right, words and dates left."""
    return "right" if kind in {"whole", "number", "fine", "share", "rupiah"} else "left"


def _write_sheet(book: Any, looks: _Looks, table: Table, name: str) -> None:
    """Write one table: headings stay in sight, on paper too, and columns fit what they hold."""
    sheet = book.add_worksheet(table.sheet)
    sheet.write_string(0, 0, table.title, looks.title)
    sheet.write_string(1, 0, table.note, looks.note)
    widths = [_width(table, place) for place in range(len(table.columns))]
    heads = [_one_line(column.heading, _MOST_LETTERS_OF_NAME) for column in table.columns]
    sheet.set_row(HEAD_ROW, _height(heads, [width * _BOLD for width in widths]))
    for place, column in enumerate(table.columns):
        sheet.write_string(HEAD_ROW, place, heads[place], looks.heads[_side(column.kind)])
        sheet.set_column(place, place, widths[place])
    for turn, row in enumerate(table.rows, start=HEAD_ROW + 1):
        sheet.set_row(turn, _height(row, widths))
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
    # & begins a code in a footer, and doubled it would still be counted as one
    plan = brief(name, _MOST_OF_FOOTER).replace("&", "＆")
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


def _height(cells: Iterable[Cell], widths: Sequence[float]) -> float:
    """Return the points that a row takes; without them only some programs fit it to its text."""
    n_lines = [
        len(wrap(cell[:_MOST_SHOWN], int(width * _LETTERS_OF_A_DIGIT)))
        for cell, width in zip(cells, widths, strict=True)
        if isinstance(cell, str)
    ]
    return min(_LINE * max(n_lines, default=1), _TALLEST) if any(n_lines) else _LINE


def _frozen_columns(table: Table) -> int:
    """Return how many columns stay in sight: those up to the name of the row."""
    named = [place for place, one in enumerate(table.columns) if one.name.endswith("_name")]
    is_wide = len(table.columns) > 3
    return named[0] + 1 if named and is_wide else 0

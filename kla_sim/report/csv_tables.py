"""Tables as CSV for a spreadsheet: its separator and decimal sign, headings in words, names, keys.

As an Indonesian Excel expects them: `;` between columns, `,` in numbers, a byte order mark for
UTF-8. Text is always in quotes, so that another separator than expected never makes a cell begin
inside of it; what looks like a formula is disarmed. The plots' CSV are other files.
"""

from __future__ import annotations

import datetime as dt

from kla_sim.language.safe import for_csv, shown
from kla_sim.report.tables import Cell, Kind, Table

_BYTE_ORDER_MARK = "\ufeff"
_DIGITS = 4
"""Decimals at most: of a percentage, of points and of days."""

_UNITS = {"share": " (%)", "rupiah": " (Rp)"}


def csv_of(table: Table, separator: str, decimal: str) -> str:
    """Return a table as the text of a file, with the names of columns in its first line.

    Parameters
    ----------
    separator : between cells; another sign than `decimal`.
    """
    heads = [_quoted(f"{one.heading}{_UNITS.get(one.kind, '')}") for one in table.columns]
    kinds = [column.kind for column in table.columns]
    lines = [
        heads,
        *([_cell(*pair, decimal) for pair in zip(row, kinds, strict=True)] for row in table.rows),
    ]
    return _BYTE_ORDER_MARK + "".join(f"{separator.join(line)}\r\n" for line in lines)


def _cell(cell: Cell, kind: Kind, decimal: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _quoted(cell)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if kind == "rupiah":
        return str(round(cell))
    return _number(100 * cell if kind == "share" else cell).replace(".", decimal)


def _number(value: float) -> str:
    """Return a number without groups of digits, and without zeros at its end."""
    written = f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def _quoted(text: str) -> str:
    safe = str(for_csv(shown(text))).replace('"', '""')
    return f'"{safe}"'

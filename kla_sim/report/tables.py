"""Tables as data: what stands in which column, as numbers, dates and text, before any format.

One definition for the workbook and for CSV; `run_tables` and `plan_tables` fill them. Headings are
in the language that is spoken, names of tables and columns in none. Not here: how a cell looks.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from kla_sim.language import text

_ = partial(text, "tables")

Kind = Literal["text", "key", "whole", "number", "fine", "share", "rupiah", "year", "date"]
"""What a column holds: fine are numbers far below one; a key is the word of the program beside a
name, for other programs."""

Cell = str | int | float | dt.date | None
"""Nothing stands for what is not known."""

Row = tuple[Cell, ...]


class Column(NamedTuple):
    """One column: its name in no language, and its heading."""

    name: str
    heading: str
    kind: Kind = "text"


class Table(NamedTuple):
    """One table; each row has a cell for every column."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def sheet(self) -> str:
        """Its name among the sheets of a workbook, at most 31 letters."""
        return _(f"sheet_{self.name}")

    def without_keys(self) -> Table:
        """Return the table for readers: names without the words of the program."""
        places = [place for place, one in enumerate(self.columns) if one.kind != "key"]
        return self._replace(
            columns=tuple(self.columns[place] for place in places),
            rows=tuple(tuple(row[place] for place in places) for row in self.rows),
        )

    def place(self, name: str) -> int:
        """Return where a column stands."""
        return [column.name for column in self.columns].index(name)


def columns(kind: Kind, *names: str) -> list[Column]:
    """Return columns of one kind, their headings as the catalogue has them."""
    return [Column(name, _(f"column_{name}"), kind) for name in names]


def new_table(name: str, heads: Sequence[Column], rows: Iterable[Row], note: str = "") -> Table:
    """Return a table titled by the catalogue; what is no number in a cell becomes nothing."""
    filled = tuple(tuple(map(_known, row)) for row in rows)
    return Table(name, _(f"title_{name}"), tuple(heads), filled, note)


def _known(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell

"""What a document is made of: chapters of finished texts, tables and drawings, in no markup.

`chapters` fill them, `document` lays them out. Texts are in the reader's language and are escaped
where they are written; only a drawing of our own is markup already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from kla_sim.report.ledger_words import Sheet

Tone = Literal["plain", "lead", "note", "warning"]


@dataclass(frozen=True)
class Words:
    """A paragraph; `lead` says the answer, `warning` how far it holds, `note` what is beside it."""

    text: str
    tone: Tone = "plain"

    kind: ClassVar[str] = "words"


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    entries: tuple[str, ...]

    kind: ClassVar[str] = "points"


@dataclass(frozen=True)
class Table:
    """A table; its first column names the rows.

    Attributes
    ----------
    texts : places of the columns that hold words; all others hold numbers and align right.
    bars : for each row a share that is also drawn as a bar behind a cell, in column `bar_at`.
    """

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    texts: tuple[int, ...] = (0,)
    bars: tuple[float, ...] = ()
    bar_at: int = 1

    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class Terms:
    """Names with what is said of each."""

    entries: tuple[tuple[str, str], ...]

    kind: ClassVar[str] = "terms"


@dataclass(frozen=True)
class Picture:
    """A place for a figure, by its name."""

    name: str

    kind: ClassVar[str] = "picture"


@dataclass(frozen=True)
class Command:
    """Words that are typed as they stand."""

    text: str

    kind: ClassVar[str] = "command"


@dataclass(frozen=True)
class Part:
    """A part of a chapter with a heading of its own."""

    title: str
    blocks: tuple[Block, ...]

    kind: ClassVar[str] = "part"


Block = Words | Points | Table | Terms | Picture | Command | Part


class Chapter(NamedTuple):
    """One chapter; `key` names it in the address of its heading."""

    key: str
    title: str
    blocks: tuple[Block, ...]


def table_of(sheet: Sheet, texts: tuple[int, ...] = (0,)) -> Table:
    """Return a sheet in words as a table."""
    return Table(sheet.title, sheet.columns, sheet.rows, texts)

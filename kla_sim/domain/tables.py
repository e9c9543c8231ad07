"""Tables as people hand them over: CSV with commas, semicolons or tabs, in UTF-8 or UTF-16.

Finds the encoding, the separator and the columns, matches names after folding, and collects what is
wrong with its line and the number of its column. What the cells mean is the affair of whoever reads
a table (`record`, `posterior_table`). Called by them, and by `scenario` for files beside a table.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from kla_sim.errors import Fault, ScenarioError

MOST_BYTES = 16 * 1024 * 1024
MOST_SIGNS = 32_767
"""Characters of one cell, the most that spreadsheets hold."""
MOST_FAULTS = 100
MOST_LINES, MOST_COLUMNS = 50_000, 1_000
"""Far beyond what any table here needs; what is larger is another file than the one meant."""

_SEPARATORS = (",", ";", "\t")
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATOR_LINE = re.compile("sep=([,;\t|])", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0+)?")


class _Record(NamedTuple):
    """The cells of one row as they are written, and the line in which it begins."""

    line: int
    cells: list[str]


class Row(NamedTuple):
    """One row: where it begins, and its cells by folded column name."""

    line: int
    cells: dict[str, str]


class Table(NamedTuple):
    """The rows of a table, where its columns stand, and what is wrong with it so far."""

    file: str
    header_line: int
    columns: dict[str, int]  # folded name to the number of the column, counted from 1
    headings: dict[str, str]  # folded name to the name as it is written
    rows: list[Row]
    faults: list[Fault]

    @property
    def has_columns_twice(self) -> bool:
        """Whether two columns bear one name."""
        return any(fault.code == "table_column_twice" for fault in self.faults)

    def refuse_missing(self, code: str, names: Iterable[str]) -> None:
        """Note the columns that are needed and missing, with those that were found.

        Raises
        ------
        ScenarioError : there are any; without its columns no row can be judged.
        """
        found = ", ".join(self.headings.values()) or "-"
        self.faults.extend(
            Fault(code, "", self.file, self.header_line, 1, {"name": name, "found": shown(found)})
            for name in names
            if name not in self.columns
        )
        if any(fault.code == code for fault in self.faults):
            self.check()

    def refuse(self, code: str, row: Row, column: str, **fields: Any) -> None:
        """Note a fault of one cell."""
        place = self.columns.get(column, 1)
        path = self.headings.get(column, column)
        self.faults.append(Fault(code, path, self.file, row.line, place, fields))

    def refuse_heading(self, code: str, column: str = "", **fields: Any) -> None:
        """Note a fault of a heading, or of the whole row of headings."""
        place = self.columns.get(column, 1)
        self.faults.append(Fault(code, "", self.file, self.header_line, place, fields))

    def check(self) -> None:
        """Refuse the table if anything was wrong with it.

        Raises
        ------
        ScenarioError : every fault in the order of the file, at most `MOST_FAULTS` in full.
        """
        if self.faults:
            raise ScenarioError(in_order(self.faults))


def in_order(faults: list[Fault]) -> list[Fault]:
    """Return faults by line and column; very many are cut off with their number."""
    ordered = sorted(faults, key=lambda fault: (fault.line, fault.column))
    if len(ordered) <= MOST_FAULTS:
        return ordered
    fields = {"count": len(ordered) - MOST_FAULTS}
    return [*ordered[:MOST_FAULTS], Fault("table_more_faults", file=ordered[0].file, fields=fields)]


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """Return a name as names are compared: without case, width, odd spaces and invisible signs."""
    return clean(unicodedata.normalize("NFKC", text)).casefold()


def clean(text: str) -> str:
    """Return a cell without invisible signs, and with single plain spaces only inside."""
    if not text.isascii():
        text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(text.split())


def is_blank(text: str) -> bool:
    """Return whether a row says nothing: spaces, separators and quotation marks at most."""
    return not clean(text).strip(' ,;"')


def shown(text: str) -> str:
    """Return a cell as messages quote it, in at most 60 signs."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name most like a wrong one, or nothing."""
    by_fold = {fold(one): one for one in known}
    found = difflib.get_close_matches(fold(name), by_fold, n=1)
    return by_fold[found[0]] if found else ""


def whole_number(text: str) -> int | None:
    """Read a whole number of at most nine digits: `2023`, also `2023.0` of a spreadsheet."""
    match = _WHOLE.fullmatch(text)
    return int(match[1]) if match else None


def decimal_number(text: str) -> float | None:
    """Read a number with decimal point or comma; None if it is none, or too large for one."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if abs(number) < float("inf") else None


def read_table(path: Path | Traversable, name: str, wanted: Iterable[str]) -> Table:
    """Read a table.

    Parameters
    ----------
    name : the file as messages name it.
    wanted : folded names of columns by which the separator is recognised.

    Raises
    ------
    ScenarioError : it cannot be read, is no table, or holds no row of headings.
    """
    return parse_table(read_bytes(path, name), name, wanted)


def read_bytes(path: Path | Traversable, name: str) -> bytes:
    """Return the content of a regular file of bounded size.

    Raises
    ------
    ScenarioError : there is none, or it cannot be read.
    """
    try:
        if path.is_dir():
            raise _refusal("table_is_a_folder", name)
        if isinstance(path, Path) and not path.exists():
            raise _refusal("no_such_file", name)
        if not path.is_file():
            raise _refusal("table_not_regular", name)
        with path.open("rb") as file:
            content: bytes = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _refusal("cannot_read", name) from error
    if len(content) > MOST_BYTES:
        raise _refusal("table_too_large", name, most="16 MiB")
    return content


def parse_table(content: bytes, file: str, wanted: Iterable[str]) -> Table:
    """Read a table from its bytes; see `read_table`."""
    lines = list(io.StringIO(_decoded(content, file), newline=""))
    if len(lines) > MOST_LINES:
        raise _refusal("table_too_long", file, MOST_LINES + 1, 1, most=MOST_LINES)
    named = _SEPARATOR_LINE.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    if named:
        lines[0] = "\n"
    separator = named[1] if named else _separator(lines, set(wanted))
    faults: list[Fault] = []
    records = [
        record
        for record in _records(lines, separator, file, faults)
        if not is_blank("".join(record.cells))
    ]
    header = records[0] if records else _Record(1, [])
    columns, headings = _columns(header, file, faults)
    rows = [
        Row(record.line, {name: clean(record.cells[at - 1]) for name, at in columns.items()})
        for record in records[1:]
        if _fits(record, header, columns, file, faults)
    ]
    return Table(file, header.line, columns, headings, rows, faults)


def _refusal(code: str, name: str, line: int = 0, column: int = 0, **fields: Any) -> ScenarioError:
    return ScenarioError([Fault(code, "", name, line, column, {"name": name, **fields})])


def _decoded(content: bytes, file: str) -> str:
    """Return the text of a file whose encoding says itself what it is."""
    if content.startswith(_WORKBOOKS):
        raise _refusal("table_is_a_workbook", file)
    for mark, codec, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decoded_as(content, codec, encoding, file)
    if b"\0" in content:
        place = content.index(b"\0")
        code = "table_utf16_unmarked" if content[:400].count(b"\0") > 2 else "table_with_nul"
        raise _refusal(code, file, *_place(content, place))
    return _decoded_as(content, "utf-8", "UTF-8", file)


def _decoded_as(content: bytes, codec: str, encoding: str, file: str) -> str:
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        line, column = _place(error.object, error.start)
        byte = error.object[error.start]
        if codec.startswith("utf-8") and byte >= 0x80:
            sign = bytes((byte,)).decode("cp1252", "replace")
            fields = {"byte": f"0x{byte:02X}", "sign": sign}
            raise _refusal("table_not_utf8", file, line, column, **fields) from error
        raise _refusal("table_broken_text", file, line, column, encoding=encoding) from error
    if "\0" in text:
        before = text[: text.index("\0")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise _refusal("table_with_nul", file, line, column)
    return text


def _place(content: bytes, offset: int) -> tuple[int, int]:
    """Return line and byte of an offset, counted from 1."""
    before = content[:offset]
    return before.count(b"\n") + 1, offset - before.rfind(b"\n")


def _separator(lines: list[str], wanted: set[str]) -> str:
    """Return the separator by which the first row yields most of the columns that are wanted."""
    first = next((line for line in lines if not is_blank(line)), "").rstrip("\r\n")

    def found(separator: str) -> tuple[int, int]:
        names = {fold(cell.strip('"')) for cell in first.split(separator)}
        return len(names & wanted), len(names)

    return max(_SEPARATORS, key=found)


def _records(lines: list[str], separator: str, file: str, faults: list[Fault]) -> Iterator[_Record]:
    """Yield the rows; what cannot be split into cells is a fault."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            faults.append(_unsplit(lines, line, reader.line_num, separator, file))
            if reader.line_num > line:  # an open quotation mark has swallowed what follows
                return
            continue
        too_long = [at for at, cell in enumerate(cells, start=1) if len(cell) > MOST_SIGNS]
        if too_long:
            fields = {"most": MOST_SIGNS}
            faults.append(Fault("table_cell_too_long", "", file, line, too_long[0], fields))
        else:
            yield _Record(line, cells)


def _unsplit(lines: list[str], line: int, last: int, separator: str, file: str) -> Fault:
    """Say why a row cannot be split: a quotation mark that does not close, or a cell too long."""
    column, opened, is_inside, n_signs, longest = 1, 1, False, 0, (0, 1)
    for sign in lines[line - 1]:
        n_signs += 1
        if sign == '"':
            is_inside = not is_inside
            opened = column
        elif sign == separator and not is_inside:
            column, n_signs = column + 1, 0
        longest = max(longest, (n_signs, column))
    if longest[0] > MOST_SIGNS and last == line and not is_inside:
        return Fault("table_cell_too_long", "", file, line, longest[1], {"most": MOST_SIGNS})
    return Fault("table_quote", "", file, line, opened)


def _columns(
    header: _Record, file: str, faults: list[Fault]
) -> tuple[dict[str, int], dict[str, str]]:
    """Return where each named column stands, and how its name is written."""
    columns: dict[str, int] = {}
    headings: dict[str, str] = {}
    if len(header.cells) > MOST_COLUMNS:
        raise _refusal("table_too_wide", file, header.line, 1, most=MOST_COLUMNS)
    for at, cell in enumerate(header.cells, start=1):
        name = fold(cell)
        if name in columns:
            fields = {"heading": shown(clean(cell)), "first": columns[name]}
            faults.append(Fault("table_column_twice", "", file, header.line, at, fields))
        elif name:
            columns[name], headings[name] = at, clean(cell)
    return columns, headings


def _fits(
    record: _Record, header: _Record, columns: dict[str, int], file: str, faults: list[Fault]
) -> bool:
    """Return whether a row has a cell below every heading, and only empty ones behind them."""
    named = max(columns.values(), default=0)
    if len(record.cells) < named or any(map(clean, record.cells[len(header.cells) :])):
        fields = {"found": len(record.cells), "expected": len(header.cells)}
        faults.append(Fault("table_row_length", "", file, record.line, 1, fields))
        return False
    if list(map(fold, record.cells[:named])) == list(map(fold, header.cells[:named])):
        fields = {"first": header.line}
        faults.append(Fault("table_headings_again", "", file, record.line, 1, fields))
        return False
    return True

"""What a Parquet file says it unpacks to, read before any of it is unpacked.

The end of a file names the size of each column, but pages are unpacked by what stands in their own
headers: 49 kB can fill 1.6 GB. Both are Thrift structures in the compact protocol. They are read
here and not by pyarrow, which does not show headers of pages, and which ends the whole process over
some ends that are broken. Called by `parts`.

References
----------
Apache Parquet format 2.11, `parquet.thrift`; Apache Thrift, compact protocol encoding.
"""

from __future__ import annotations

from typing import Any, NamedTuple

_MAGIC = b"PAR1"

_ROWS, _GROUPS = 3, 4
_COLUMNS, _COLUMN = 1, 3
_COMPRESSED, _DATA_AT, _DICTIONARY_AT = 7, 9, 11
_UNPACKED, _PACKED = 2, 3
"""Numbers of fields: of the end, a group of rows, a column in it, and the header of a page."""

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE_NUMBERS = (4, 5, 6)
_MOST_DEPTH, _MOST_FIELD, _MOST_BITS = 8, 2**15, 64

Structure = dict[int, Any]
"""Values by the number of their field; texts are left out."""


class PageError(ValueError):
    """A structure cannot be read, says something twice, or leads out of the file."""


class Said(NamedTuple):
    """What a file says of itself: its rows, and the bytes to which all of its pages unpack."""

    n_rows: int
    unpacked_bytes: int


def said_of(content: bytes) -> Said:
    """Return what a file says of its size.

    Raises
    ------
    PageError : it is no such file, or the pages of a column do not fill it.
    """
    if len(content) < 12 or content[:4] != _MAGIC or content[-4:] != _MAGIC:
        raise PageError("magic")
    at = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    if at < len(_MAGIC):
        raise PageError("end")
    end = _Reader(content, at).structure()
    columns = [
        _part_of(column, _COLUMN, dict)
        for group in _part_of(end, _GROUPS, list)
        for column in _part_of(group, _COLUMNS, list)
    ]
    return Said(_part_of(end, _ROWS, int), sum(_unpacked(content, column) for column in columns))


def _part_of(structure: Any, field: int, kind: type) -> Any:
    found = structure.get(field) if isinstance(structure, dict) else None
    if not isinstance(found, kind):
        raise PageError("field")
    return found


def _unpacked(content: bytes, column: Structure) -> int:
    """Return how many bytes the pages of a column say they unpack to."""
    at = _part_of(column, _DATA_AT, int)
    if 0 < column.get(_DICTIONARY_AT, 0) < at:
        at = column[_DICTIONARY_AT]
    end, total = at + _part_of(column, _COMPRESSED, int), 0
    if not 0 <= at <= end <= len(content):
        raise PageError("column")
    while at < end:
        reader = _Reader(content, at)
        header = reader.structure()
        unpacked, packed = (_part_of(header, field, int) for field in (_UNPACKED, _PACKED))
        at = reader.at + packed
        if unpacked < 0 or packed < 0 or at > end:
            raise PageError("page")
        total += unpacked
    return total


class _Reader:
    """Reads structures; `at` is the place behind what was read."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self.at = content, at

    def structure(self, depth: int = 0) -> Structure:
        """Read one structure to its end."""
        if depth > _MOST_DEPTH:
            raise PageError("depth")
        found: Structure = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            if field in found or not 0 < field < _MOST_FIELD:
                raise PageError("twice")
            found[field] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int, *, is_element: bool = False) -> Any:
        if kind in _WHOLE_NUMBERS:
            return self._zigzag()
        if kind == _STRUCT:
            return self.structure(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind in (_TRUE, _FALSE):
            self.at += is_element
        elif kind == _BYTE:
            self.at += 1
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            n_bytes = self._varint()
            self.at += n_bytes
        else:  # a map, of which there is none, or no kind at all
            raise PageError("kind")
        return None

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        n = head >> 4 if head >> 4 < 15 else self._varint()
        if depth > _MOST_DEPTH or n > len(self._content) - self.at:
            raise PageError("list")
        return [self._value(head & 15, depth, is_element=True) for _ in range(n)]

    def _byte(self) -> int:
        if self.at >= len(self._content):
            raise PageError("end")
        self.at += 1
        return self._content[self.at - 1]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, _MOST_BITS, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise PageError("number")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

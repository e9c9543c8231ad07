"""What the pages of a Parquet file say they unpack to, read before any of them is unpacked.

The end of a file names the size of each column, but pages are unpacked by what stands in their own
headers: 49 kB can fill 1.6 GB. Headers are Thrift structures in the compact protocol, which pyarrow
does not show; only what is needed of them is read here. Called by `parts`.

References
----------
Apache Parquet format 2.11, `parquet.thrift`, PageHeader; Apache Thrift, compact protocol encoding.
"""

from __future__ import annotations

from typing import Any

_UNPACKED, _PACKED = 2, 3
"""Fields of a page's header: its bytes when unpacked, and as they stand in the file."""

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE_NUMBERS = (4, 5, 6)
_MOST_DEPTH = 8
_MOST_BITS = 64


class PageError(ValueError):
    """A page's header cannot be read, or leads out of its column."""


def unpacked_bytes(content: bytes, metadata: Any) -> int:
    """Return how many bytes all pages of a file say they unpack to.

    Parameters
    ----------
    metadata : pyarrow's, of the same file.

    Raises
    ------
    PageError : the pages of a column do not fill it.
    """
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    return sum(
        _of_column(content, group.column(place))
        for group in groups
        for place in range(group.num_columns)
    )


def _of_column(content: bytes, column: Any) -> int:
    at = column.data_page_offset
    if column.dictionary_page_offset is not None:
        at = min(at, column.dictionary_page_offset)
    end, total = at + column.total_compressed_size, 0
    if not 0 <= at <= end <= len(content):
        raise PageError("column")
    while at < end:
        header = _Header(content, at)
        sizes = header.whole_numbers()
        unpacked, packed = sizes.get(_UNPACKED, -1), sizes.get(_PACKED, -1)
        at = header.at + packed
        if unpacked < 0 or packed < 0 or at > end:
            raise PageError("page")
        total += unpacked
    return total


class _Header:
    """Reads one structure; `at` is the place behind what was read."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self.at = content, at

    def whole_numbers(self, depth: int = 0) -> dict[int, int]:
        """Read a structure to its end; return its whole numbers by their field."""
        if depth > _MOST_DEPTH:
            raise PageError("depth")
        found, field = dict[int, int](), 0
        while kind := self._byte():
            field = field + (kind >> 4) if kind >> 4 else self._zigzag()
            if kind & 15 in _WHOLE_NUMBERS:
                found[field] = self._zigzag()
            else:
                self._skip(kind & 15, depth)
        return found

    def _skip(self, kind: int, depth: int, *, is_element: bool = False) -> None:
        if kind in (_TRUE, _FALSE):
            self.at += is_element
        elif kind == _BYTE:
            self.at += 1
        elif kind in _WHOLE_NUMBERS:
            self._varint()
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            n_bytes = self._varint()
            self.at += n_bytes
        elif kind in (_LIST, _SET):
            self._skip_list(depth)
        elif kind == _STRUCT:
            self.whole_numbers(depth + 1)
        else:  # a map, which no page's header has, or no kind at all
            raise PageError("kind")

    def _skip_list(self, depth: int) -> None:
        head = self._byte()
        n = head >> 4 if head >> 4 < 15 else self._varint()
        if depth >= _MOST_DEPTH or n > len(self._content) - self.at:
            raise PageError("list")
        for _ in range(n):
            self._skip(head & 15, depth + 1, is_element=True)

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

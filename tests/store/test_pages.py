"""What a part unpacks to is known before it is unpacked, whatever its end says of it."""

import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kla_sim.store.pages import PageError, said_of
from kla_sim.store.parts import PartBrokenError, read_one

ROWS = 8


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(skipped, value):
    """Return a whole number as a field of a structure, so many fields behind the one before."""
    return bytes([skipped << 4 | 5]) + varint(value * 2)


def page(content, n_bytes, before=b""):
    """Return a page of packed content that says it unpacks to n bytes; `before` are more fields."""
    values = number(1, ROWS) + number(1, 0) + number(1, 3) + number(1, 3) + b"\0"
    sizes = number(1, 0) + number(1, n_bytes) + number(1, len(content))
    return sizes + before + bytes([(5 - 3 - bool(before)) << 4 | 12]) + values + b"\0" + content


def small():
    """Return a file of one column of eight zeros, and what pyarrow says of its column."""
    table = pa.table({"a": np.zeros(ROWS, np.int64)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False, write_statistics=False)
    content = sink.getvalue().to_pybytes()
    return content, pq.ParquetFile(pa.BufferReader(content)).metadata


def with_page(made):
    """Return the small file with another page in its place; its end says what it said before."""
    content, metadata = small()
    (n_end,) = struct.unpack("<I", content[-8:-4])
    end = content[-8 - n_end : -8]
    size = varint(metadata.row_group(0).column(0).total_compressed_size * 2)
    assert end.count(size) == 2
    end = end.replace(size, varint(len(made) * 2))
    return b"PAR1" + made + end + struct.pack("<I", len(end)) + b"PAR1"


def test_pages_say_what_a_file_says_of_them():
    table = pa.table({"a": np.arange(300_000), "b": np.arange(300_000) / 7})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", data_page_size=100_000)
    content = sink.getvalue().to_pybytes()
    metadata = pq.ParquetFile(pa.BufferReader(content)).metadata
    columns = [metadata.row_group(0).column(place) for place in range(2)]
    said = sum(column.total_uncompressed_size for column in columns)  # with the headers
    found = said_of(content)
    assert found.n_rows == 300_000
    assert 0 < said - found.unpacked_bytes < 60 * 2 * said / 100_000


def test_a_small_part_that_would_fill_the_memory_is_refused_unread():
    n_bytes = 400 * 2**20
    packed = pa.Codec("zstd").compress(bytes(n_bytes), asbytes=True)
    content = with_page(page(packed, n_bytes))
    assert len(content) < 20_000
    assert said_of(content) == (ROWS, n_bytes)
    before = pa.total_allocated_bytes(), pa.default_memory_pool().max_memory()
    with pytest.raises(PartBrokenError) as refused:
        read_one(content, "a", ROWS, 2**20)
    assert str(refused.value) == "pages"
    assert pa.default_memory_pool().max_memory() - before[1] < 2**20


def test_other_fields_of_a_page_are_passed_over():
    packed = pa.Codec("zstd").compress(bytes(8 * ROWS), asbytes=True)
    content = with_page(page(packed, 8 * ROWS, before=number(1, 12345)))  # a check sum
    assert said_of(content) == (ROWS, 8 * ROWS)


@pytest.mark.parametrize(
    "made",
    [
        b"\x15",
        b"\xff" * 30,
        number(1, 0) + b"\0",
        number(1, 0) + number(1, 64) + number(1, 5_000) + b"\0",
        b"\x1c" * 30,
        b"\x19\xfc" + b"\xff" * 8 + b"\x7f",
        b"\x19\x99" * 20,
        b"\x18\xff\xff\xff\xff\x0f",
        b"\x15" + b"\x80" * 20,
    ],
    ids=repr,
)
def test_headers_that_lead_nowhere_are_refused(made):
    content = with_page(made)
    with pytest.raises(PageError):
        said_of(content)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1\0\0\0\0PAR1", b"PAR1" * 4, b"PAR2" * 9])
def test_what_is_no_such_file_is_refused(content):
    with pytest.raises(PageError):
        said_of(content)

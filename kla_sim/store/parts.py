"""Replications as Parquet: one row each, a column per result (`standing.jakarta_barat`).

What is read back must be what was written: the same columns of the same types, as many rows as the
manifest says, numbered as it says, and not more bytes than such rows need. Called by `folder`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.arrays import IntArray
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.results import Result, results_of
from kla_sim.engine.structure import Labels
from kla_sim.store.files import hash_of, write_atomic
from kla_sim.store.pages import said_of

_BYTES_OF_COLUMN = 4096
_BYTES_OF_FILE = 2**20
_OTHER_ENTRIES = 100  # of any list in a part's end beside its columns


class Part(NamedTuple):
    """Consecutive replications read back from a run."""

    first: int
    replications: Replications


class PartBrokenError(Exception):
    """The bytes of a part are not what was written."""


def write_part(
    path: Path, numbers: Any, worlds: Any, replications: Replications, labels: Labels
) -> str:
    """Write one part and return its hash."""
    n = len(numbers)
    columns = {"replication": numbers, "world": worlds.astype(np.int32)}
    for array, names in _named(replications, labels):
        flat = np.ascontiguousarray(array.reshape(n, len(names)).T)
        columns.update(zip(names, flat, strict=True))
    floats = [name for name, array in columns.items() if array.dtype.kind == "f"]
    return _write_table(path, columns, floats)


def write_attempts(path: Path, numbers: Any, attempts: Attempts, labels: Labels) -> str:
    """Write the activities of one part and return the hash."""
    columns = {"replication": numbers}
    for array, names in _named(attempts, labels):
        columns.update(zip(names, np.ascontiguousarray(array.T), strict=True))
    return _write_table(path, columns, [])


def _write_table(path: Path, columns: dict[str, Any], floats: list[str]) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # handed numpy arrays, pyarrow asks pandas whether they are its own, and half a second is gone
    whole = {
        name: pa.Array.from_buffers(
            pa.from_numpy_dtype(array.dtype), len(array), [None, pa.py_buffer(_packed(array))]
        )
        for name, array in columns.items()
    }
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table(whole),
        sink,
        compression="zstd",
        use_dictionary=False,
        use_byte_stream_split=floats,
        write_statistics=False,
    )
    content: bytes = sink.getvalue().to_pybytes()
    write_atomic(path, content, makes_folder=False)
    return hash_of(content)


def _packed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values of an array as Arrow lays them out: truth in single bits."""
    return np.packbits(array, bitorder="little") if array.dtype == np.bool_ else array


def types_of(labels: Labels) -> dict[str, np.dtype[Any]]:
    """Return the type of every column of a part, in order."""
    types: dict[str, np.dtype[Any]] = {
        "replication": np.dtype(np.int64),
        "world": np.dtype(np.int32),
    }
    for name, result in results_of(Replications).items():
        types |= dict.fromkeys(column_names(name, result, labels), result.dtype)
    return types


def most_bytes(labels: Labels, n_rows: int, *, beside: bool = False) -> int:
    """Return more than a part of so many rows, or its activities beside it, can take."""
    if beside:
        n_columns = 1 + len(labels.activities) * len(Attempts._fields)
        return n_rows * 8 * n_columns + n_columns * _BYTES_OF_COLUMN + _BYTES_OF_FILE
    types = types_of(labels)
    row = sum(found.itemsize for found in types.values())
    return n_rows * row + len(types) * _BYTES_OF_COLUMN + _BYTES_OF_FILE


def read_columns(content: bytes, labels: Labels, first: int, last: int) -> dict[str, Any]:
    """Return the columns of a part, each as an array.

    Raises
    ------
    PartBrokenError : other columns, types, rows or numbers than a part has, or no Parquet at all.
    """
    import pyarrow as pa

    types = types_of(labels)
    try:
        _check_size(content, most_bytes(labels, last - first), last - first)
        file = _opened(content, len(types))
        schema = file.schema_arrow
        if schema.names != list(types) or any(
            schema.field(name).type != pa.from_numpy_dtype(found) for name, found in types.items()
        ):
            raise PartBrokenError("columns")
        table = file.read(use_threads=False)
        table.validate(full=True)
        if any(column.null_count for column in table.columns):
            raise PartBrokenError("null")
        columns = {name: _values(table[name]) for name in types}
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise PartBrokenError("parquet") from error
    if not np.array_equal(columns["replication"], np.arange(first, last)):
        raise PartBrokenError("replication")
    return columns


def _values(column: Any) -> Any:
    """Return a column of numbers as an array; `to_numpy` would load pandas where it is there."""
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        return _values(column.cast(pa.uint8())).astype(np.bool_)
    is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if column.null_count or not is_number:
        raise pa.ArrowInvalid(f"{column.type} with {column.null_count} nulls")
    array = column.combine_chunks()
    dtype = np.dtype(column.type.to_pandas_dtype())
    start = array.offset * dtype.itemsize
    found = np.frombuffer(array.buffers()[1] or b"", dtype, len(array), start)
    return found.copy()


def read_one(content: bytes, name: str, n_rows: int, most: int) -> Any:
    """Return one column of a part of which only the number of rows is known.

    Parameters
    ----------
    most : bytes that the part may unpack to.

    Raises
    ------
    PartBrokenError : there is no such column, or it is no such part.
    """
    import pyarrow as pa

    try:
        _check_size(content, most, n_rows)
        file = _opened(content, most // _BYTES_OF_COLUMN)
        return _values(file.read(columns=[name], use_threads=False)[name])
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise PartBrokenError("parquet") from error


def _opened(content: bytes, n_columns: int) -> Any:
    """Open a part; lists in its end longer than its columns are refused unread."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    most = n_columns + _OTHER_ENTRIES
    return pq.ParquetFile(pa.BufferReader(content), thrift_container_size_limit=most)


def _check_size(content: bytes, most: int, n_rows: int) -> None:
    """Refuse before anything is unpacked what would unpack to more than such rows need."""
    said = said_of(content)
    if said.n_rows != n_rows:
        raise PartBrokenError("rows")
    if said.unpacked_bytes > most:
        raise PartBrokenError("pages")


def replications_of(columns: dict[str, Any], labels: Labels, n: int) -> Replications:
    """Return the first n rows of a part as the engine's arrays."""
    arrays = []
    for field, result in results_of(Replications).items():
        names = column_names(field, result, labels)
        flat = np.array([columns[name][:n] for name in names], dtype=result.dtype)
        sizes = [len(getattr(labels, axis)) for axis in result.axes]
        arrays.append(flat.reshape(len(names), n).T.reshape(n, *sizes))
    return Replications(*arrays)


def column_names(name: str, result: Result, labels: Labels) -> list[str]:
    """Return the names of a result's columns, one for each place along its axes."""
    names = [name]
    for axis in result.axes:
        names = [f"{name}.{label}" for name in names for label in getattr(labels, axis)]
    return names


def _named(
    results: Replications | Attempts, labels: Labels
) -> Iterator[tuple[npt.NDArray[Any], list[str]]]:
    """Yield every array with the names of its columns."""
    table: type[tuple[Any, ...]] = type(results)
    arrays = results._asdict()
    for name, result in results_of(table).items():
        yield arrays[name], column_names(name, result, labels)


def world_numbers(numbers: IntArray, n_worlds: int, round_size: int) -> IntArray:
    """Return the world of each replication.

    Parameters
    ----------
    round_size : replications of one round; 0 = all replications share the same worlds.
    """
    rounds = numbers // round_size if round_size and n_worlds > 1 else np.zeros_like(numbers)
    return rounds * n_worlds + numbers % n_worlds

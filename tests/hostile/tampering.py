"""Ways to tamper with a run folder; each takes the folder and a generator of random numbers."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kla_sim.store.files import hash_of

Tampering = Callable[[Path, Random], None]

KINDS: dict[str, Tampering] = {}


def kind(name: str) -> Callable[[Tampering], Tampering]:
    def add(tampering: Tampering) -> Tampering:
        assert name not in KINDS
        KINDS[name] = tampering
        return tampering

    return add


def read(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def write(folder: Path, document: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")


def edit(folder: Path, **changes: Any) -> None:
    write(folder, {**read(folder), **changes})


def edit_part(folder: Path, place: int, **changes: Any) -> None:
    document = read(folder)
    document["parts"][place].update(changes)
    write(folder, document)


def replace(path: Path, make: Callable[[Path], Any]) -> None:
    path.unlink()
    make(path)


def huge(path: Path, size: int = 200 * 2**20) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:  # a path short enough for a socket
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


PLACES: dict[str, Callable[[Path], Any]] = {
    "a pipe": os.mkfifo,
    "a link to an endless device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a folder": Path.mkdir,
    "a socket": listen,
    "200 MB": huge,
    "empty": Path.touch,
    "missing": lambda path: None,
}


def _put(file: str, make: Callable[[Path], Any]) -> Tampering:
    return lambda folder, random: replace(folder / file, make)


for _file in ("manifest.json", "scenario.yaml", "part-00001.parquet"):
    for _name, _make in PLACES.items():
        KINDS[f"{_file} is {_name}"] = _put(_file, _make)
for _name in ("a pipe", "200 MB", "a folder", "missing"):
    KINDS[f"summary.json is {_name}"] = _put("summary.json", PLACES[_name])


@kind("lock is a pipe")
def lock_is_pipe(folder: Path, random: Random) -> None:
    replace(folder / ".lock", os.mkfifo)


@kind("writer is a pipe")
def writer_is_pipe(folder: Path, random: Random) -> None:
    os.mkfifo(folder / ".writer")


def _text(name: str, content: Callable[[Path], bytes]) -> None:
    def tamper(folder: Path, random: Random) -> None:
        (folder / "manifest.json").write_bytes(content(folder / "manifest.json"))

    KINDS[f"manifest is {name}"] = tamper


_text("not UTF-8", lambda path: path.read_bytes().replace(b'"scenario": "', b'"scenario": "\xff'))
_text("UTF-16", lambda path: path.read_text().encode("utf-16"))
_text("cut in half", lambda path: path.read_bytes()[: path.stat().st_size // 2])
_text("NUL", lambda path: b"\0" * 500)
_text("null", lambda path: b"null")
_text("a list", lambda path: b"[]")
_text("a number", lambda path: b"1e999")
_text("deep lists", lambda path: b"[" * 200_000)
_text("deep mappings", lambda path: b'{"a":' * 200_000)
_text("deep in a field", lambda path: b'{"parts": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")
_text("of a web app", lambda path: b'{"name": "x", "icons": [], "start": "/"}')
_text(
    "a lone surrogate", lambda path: path.read_bytes().replace(b'"label": "', b'"label": "\\ud800')
)
_text(
    "twice a key",
    lambda path: path.read_bytes().replace(b"{", b'{"seed": 7,', 1)[:-2] + b',"seed": 8}',
)


FIELDS: dict[str, list[Any]] = {
    "schema_version": [2, "1", 10**20],
    "scenario": [None, 5, "x" * 20_000],
    "digest": ["", "0" * 64, "../../x", None],
    "model_version": [0, -1, 10**30, "x"],
    "seed": [2, -1, 2**64, 1.5, "1", True],
    "engine": ["magic", None, "reference"],
    "central": [True, "false", 1],
    "label": [None, 3],
    "shard": ["1/3", "x", "1/" + "9" * 5000],
    "keep": ["activities", "x"],
    "round_size": [5, 1000, -1, 2**40],
    "precision": [-0.1, 7, "NaN", float("nan"), float("inf"), 0.01],
    "first": [-8, 8, 1, 2**70],
    "replications_asked": [-1, 2**40, "24", 12],
    "replications_done": [0, 16, 25, 1000, -1, 2**63, 24.5],
    "parts": [None, {}, [None], [[]], "x", 3],
    "packages": [[], {"a": 1}, None],
    "python": [None, {}],
    "commit": [7, []],
    "is_tree_clean": ["x", 7],
    "start": [
        "2024-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "x", None, 5, "2024-02-30T00:00:00Z",
    ],
    "end": ["9999-12-31T23:59:59-12:00", "2024-01-01 00:00", "x", True],
    "updated": ["2024-01-01T00:00:00", "99999-01-01T00:00:00Z", 1e300],
    "command": [None, [1], "x"],
    "scenario_sha256": ["x", "0" * 64, None],
    "summary_sha256": ["x", "0" * 64, 1],
}  # fmt: skip


def _field(name: str) -> Tampering:
    return lambda folder, random: edit(folder, **{name: random.choice(FIELDS[name])})


def _no_field(folder: Path, random: Random) -> None:
    document = read(folder)
    del document[random.choice(sorted(document))]
    write(folder, document)


for _name in FIELDS:
    KINDS[f"field {_name} is other"] = _field(_name)
KINDS["a field is missing"] = _no_field

PART_FIELDS: dict[str, list[Any]] = {
    "file": [
        "/etc/passwd", "../other/part-00000.parquet", "part-00000.parquet", "manifest.json",
        "part-00001.parquet/../part-00000.parquet", "part-00009.parquet", "", "x" * 5000, None, 7,
        "part-00001.parquet\0", "..",
    ],
    "first": [0, 7, 9, -1, 2**63, "8", None],
    "last": [15, 17, 8, 24, -1, 2**32 + 16, 2**63, "16", None],
    "sha256": ["", "0" * 64, None, "x" * 64],
    "activities": [{"file": "activities-00001.parquet", "sha256": "0" * 64}, 5, []],
}  # fmt: skip


def _part_field(name: str) -> Tampering:
    return lambda folder, random: edit_part(folder, 1, **{name: random.choice(PART_FIELDS[name])})


for _name in PART_FIELDS:
    KINDS[f"part's {_name} is other"] = _part_field(_name)


def _parts(name: str, change: Callable[[list[Any]], Any], **more: Any) -> None:
    def tamper(folder: Path, random: Random) -> None:
        parts = change(read(folder)["parts"])
        edit(folder, parts=parts, **{key: value(parts) for key, value in more.items()})

    KINDS[f"parts {name}"] = tamper


def _last(parts: list[Any]) -> int:
    return parts[-1]["last"] if parts else 0


def _shifted(parts: list[Any], by: int) -> list[Any]:
    return [parts[0], {**parts[1], "first": parts[1]["first"] + by}, *parts[2:]]


_parts("with a gap", lambda parts: [parts[0], parts[2]])
_parts("without the first", lambda parts: parts[1:])
_parts("without the last, as counted", lambda parts: parts[:2])
_parts("twice one", lambda parts: [*parts, parts[2]])
_parts("twice one, counted on", lambda parts: [*parts, {**parts[2], "first": 24, "last": 32}],
       replications_done=_last, replications_asked=_last)  # fmt: skip
_parts("swapped in the list", lambda parts: [parts[1], parts[0], parts[2]])
_parts("with swapped files", lambda parts: [
    {**parts[0], "file": parts[1]["file"], "sha256": parts[1]["sha256"]},
    {**parts[1], "file": parts[0]["file"], "sha256": parts[0]["sha256"]}, parts[2],
])  # fmt: skip
_parts("that overlap", lambda parts: _shifted(parts, -4))
_parts("that leave a little gap", lambda parts: _shifted(parts, 1))
_parts("one of no rows", lambda parts: [*parts, {**parts[2], "first": 24, "last": 24}])
_parts("gone though counted", lambda parts: [])
_parts("a million", lambda parts: parts * 30_000)


def _table(folder: Path, change: Callable[[Any], Any], **options: Any) -> None:
    """Change the second part and name its new hash, as one who knows the format would."""
    path = folder / "part-00001.parquet"
    pq.write_table(change(pq.read_table(path)), path, **options)
    rehash(folder)


def rehash(folder: Path) -> None:
    edit_part(folder, 1, sha256=hash_of((folder / "part-00001.parquet").read_bytes()))


def _bytes(name: str, change: Callable[[bytes, Random], bytes]) -> None:
    def tamper(folder: Path, random: Random) -> None:
        path = folder / "part-00001.parquet"
        path.write_bytes(change(path.read_bytes(), random))
        rehash(folder)

    KINDS[f"part {name}, with its hash"] = tamper


def _flipped(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.randint(1, 20)):
        changed[random.randrange(4, len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


_bytes("cut short", lambda content, random: content[: random.randrange(len(content))])
_bytes("with bits flipped", _flipped)
_bytes(
    "with a flipped end",
    lambda content, random: content[:-600] + _flipped(content[-600:-8], random) + content[-8:],
)
_bytes("random", lambda content, random: random.randbytes(5000))
_bytes("text", lambda content, random: b"replication,world\n0,0\n")
_bytes("empty", lambda content, random: b"")
_bytes("only its magic", lambda content, random: b"PAR1" + b"\xff" * 100 + b"PAR1")
_bytes("doubled", lambda content, random: content * 2)


@kind("a bit flipped in a part")
def bit_flipped(folder: Path, random: Random) -> None:
    path = folder / "part-00001.parquet"
    path.write_bytes(_flipped(path.read_bytes(), random))


def _column(name: str, value: Any) -> None:
    def change(table: Any, random: Random) -> Any:
        names = [column for column in table.column_names if column.split(".")[0] == name]
        place = table.column_names.index(random.choice(names))
        array = table.column(place).to_numpy().copy()
        array[random.randrange(len(array))] = value
        return table.set_column(place, table.column_names[place], pa.array(array))

    KINDS[f"a value of {name} is {value}, with its hash"] = lambda folder, random: _table(
        folder, lambda table: change(table, random)
    )


VALUES: dict[str, tuple[float, ...]] = {
    "replication": (-1, 2**40),
    "standing": (6, -1, 127),
    "category": (6, -2, 0),
    "score": (np.nan, np.inf, 1e300, 1.5),
    "verified": (np.nan, -np.inf, 1e300, 777.25),
    "gap": (np.inf, 0.5),
    "remainder": (np.inf, 0.5, -1e300),
    "cycle_state": (9,),
    "evidence_day": (-2, 2**31 - 1),
    "award_day": (2, -5),
    "spent": (-1,),
    "wait_days": (-1,),
    "launches": (-1,),
}
for _name, _values in VALUES.items():
    for _value in _values:
        _column(_name, _value)


def _schema(name: str, change: Callable[[Any], Any], **options: Any) -> None:
    KINDS[f"part {name}, with its hash"] = lambda folder, random: _table(folder, change, **options)


def _all_met(table: Any) -> Any:
    place = table.column_names.index("is_met")
    return table.set_column(place, "is_met", pa.array([True] * table.num_rows))


def _with_null(table: Any) -> Any:
    place = table.column_names.index("n_events")
    values = [None, *table.column(place).to_pylist()[1:]]
    return table.set_column(place, "n_events", pa.array(values, pa.int32()))


_schema("with all futures met", _all_met)
_schema("with a null", _with_null)
_schema("without a column", lambda table: table.drop_columns(["is_met"]))
_schema(
    "with one column more", lambda table: table.append_column("x", pa.array([0] * table.num_rows))
)
_schema("with columns in another order", lambda table: table.select(table.column_names[::-1]))
_schema("of no rows", lambda table: table.slice(0, 0))
_schema("of too few rows", lambda table: table.slice(0, 5))
_schema("of too many rows", lambda table: pa.concat_tables([table, table]))
_schema("of rows in another order", lambda table: table.take(list(range(table.num_rows))[::-1]))
_schema(
    "of text",
    lambda table: pa.table(
        {name: [str(x) for x in table[name].to_pylist()] for name in table.column_names}
    ),
)
_schema(
    "of wider numbers",
    lambda table: pa.table(
        {
            name: table[name].cast(pa.float64()) if name != "is_met" else table[name]
            for name in table.column_names
        }
    ),
)
_schema(
    "that unpacks to much",
    lambda table: pa.table(
        {name: pa.nulls(3_000_000).cast(pa.int64()) for name in table.column_names[:20]}
    ),
)
_schema("with a metadata bomb", lambda table: table.replace_schema_metadata({"x": "y" * 5_000_000}))
_schema("in another packing", lambda table: table, compression="gzip")


def _scenario(name: str, change: Callable[[str], str], *, with_hash: bool) -> None:
    def tamper(folder: Path, random: Random) -> None:
        path = folder / "scenario.yaml"
        path.write_bytes(
            change(path.read_text(encoding="utf-8")).encode("utf-8", "surrogateescape")
        )
        if with_hash:
            edit(folder, scenario_sha256=random.choice(["", hash_of(path.read_bytes())]))

    KINDS[f"scenario {name}{', with its hash' if with_hash else ''}"] = tamper


SCENARIOS: dict[str, Callable[[str], str]] = {
    "of another target": lambda text: text.replace("nindya", "madya", 1),
    "of another start": lambda text: text.replace("2022-03-01", "2022-03-02"),
    "of other noise": lambda text: text.replace("noise: 12", "noise: 60"),
    "that extends a file": lambda text: "extends: shipped:kaltara_2022\n" + text,
    "that names a pipe as posterior": lambda text: text + "background: {posterior: pipe.csv}\n",
    "not UTF-8": lambda text: text + "# \udcff\n",
    "not YAML": lambda text: text + "}{: [\n",
    "deep": lambda text: text + "x: " + "[" * 20_000 + "\n",
    "cut short": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
}
for _name, _change in SCENARIOS.items():
    _scenario(_name, _change, with_hash=False)
    _scenario(_name, _change, with_hash=True)


@kind("a part of another run, with its hash")
def part_of_another(folder: Path, random: Random) -> None:
    other = next(path for path in folder.parent.iterdir() if path.name.endswith("other_seed"))
    content = (other / "part-00001.parquet").read_bytes()
    (folder / "part-00001.parquet").write_bytes(content)
    rehash(folder)


@kind("all parts of another run, with their hashes")
def all_parts_of_another(folder: Path, random: Random) -> None:
    other = next(path for path in folder.parent.iterdir() if path.name.endswith("other_seed"))
    for part in other.glob("part-*"):
        (folder / part.name).write_bytes(part.read_bytes())
    edit(folder, parts=read(other)["parts"])


@kind("a part under the number of another, with its hash")
def part_misnumbered(folder: Path, random: Random) -> None:
    table = pq.read_table(folder / "part-00000.parquet")
    numbers = pq.read_table(folder / "part-00001.parquet").column("replication")
    moved = table.set_column(0, "replication", numbers)
    pq.write_table(moved, folder / "part-00001.parquet")
    rehash(folder)


@kind("rounds and precision are claimed")
def rounds_claimed(folder: Path, random: Random) -> None:
    edit(folder, round_size=random.choice([1, 5, 24, 999]), precision=0.01)


@kind("the folder is empty")
def nothing_left(folder: Path, random: Random) -> None:
    for path in folder.iterdir():
        path.unlink()


@kind("files that are no part of it beside")
def strangers_beside(folder: Path, random: Random) -> None:
    os.mkfifo(folder / "part-00003.parquet")
    os.mkfifo(folder / ".part-00003.parquet.1")
    (folder / "notes.txt").write_text("x")

"""The award record: which category each place was given at each evaluation, as far as is known.

Reads and checks a panel of awards (`kla_awards_panel.csv` or a file of the same format), the
national totals and the evaluation calendar. Every fault is reported with its line and column.
Not here: how a table is split into cells (`tables`), awards row by row (`awards`), and what awards
say about the places (`engine.background`, `analysis.calibration`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, IntArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.places import PROVINCES, fold_place, has_kind, is_kota, known_province
from kla_sim.domain.tables import (
    Row,
    Table,
    fold,
    nearest,
    parse_table,
    read_bytes,
    read_table,
    shown,
)

UNKNOWN = -1
"""The category number of an empty cell."""

JAVA = ("DKI Jakarta", "Banten", "Jawa Barat", "Jawa Tengah", "DI Yogyakarta", "Jawa Timur")

N_KINDS = 4
"""Kinds of place, numbered is_kota + 2 x is_java: cities (kota) and Java score higher at first."""

_PLACES_BY_KIND = (331, 64, 85, 34)
"""Regencies and cities outside Java, regencies and cities on Java: 514 in all, 98 of them cities
(Kepmendagri 100.1.1-6117/2022)."""

_PLACES_BY_PROVINCE = {
    False: (
        23, 33, 19, 12, 11, 17, 10, 15, 7, 7,  # Sumatra, from Aceh to Kepulauan Riau
        9, 10, 22,  # Bali and Nusa Tenggara
        14, 14, 13, 10, 5,  # Kalimantan
        15, 13, 24, 17, 6, 6,  # Sulawesi
        11, 10,  # Maluku
        9, 7, 4, 8, 8, 6,  # Papua
    ),
    True: (6, 8, 27, 35, 5, 38),  # Java, in the order of JAVA
}  # fmt: skip
"""Regencies and cities of each province, outside Java and on it (Kepmendagri 100.1.1-6117/2022)."""

PANEL = "kla_awards_panel.csv"

_COLUMNS = ("city", "province")
_YEAR_COLUMN = re.compile("y[0-9]+")

COMPLETE_LISTS: dict[str, tuple[int, ...]] = {
    "Jawa Timur": (2022, 2023),
    "Jawa Tengah": (2021, 2025),
    "Sulawesi Selatan": (2017, 2018, 2019, 2021),
    "Riau": (2017, 2019, 2023, 2025),
    "Lampung": (2025,),
    "Sumatera Utara": (2022,),
    "Bengkulu": (2022, 2023),
    "Kalimantan Selatan": (2023,),
    "Banten": (2025,),
}
"""Provinces and years whose whole list of awards was published (kla_sim/data/README.md)."""


class AwardRecord(NamedTuple):
    """Awards of places by evaluation."""

    places: tuple[str, ...]
    provinces: tuple[str, ...]
    years: tuple[int, ...]
    category: IntArray  # (n_places, n_years) category number, UNKNOWN where not known
    is_listed: BoolArray  # (n_places, n_years) the province's whole list is known

    def of(self, chosen: BoolArray) -> AwardRecord:
        """Return the record of the chosen places, (n_places,)."""
        kept = np.flatnonzero(chosen)
        return self._replace(
            places=tuple(self.places[place] for place in kept),
            provinces=tuple(self.provinces[place] for place in kept),
            category=self.category[kept],
            is_listed=self.is_listed[kept],
        )

    def until(self, year: int) -> AwardRecord:
        """Return the evaluations up to a year, and the places with an award known by then."""
        n = sum(1 for known in self.years if known <= year)
        cut = self._replace(
            years=self.years[:n], category=self.category[:, :n], is_listed=self.is_listed[:, :n]
        )
        return cut.of((cut.category != UNKNOWN).any(axis=1))

    def without(self, provinces: tuple[str, ...]) -> AwardRecord:
        """Return the record of all other provinces."""
        return self.of(np.array([name not in provinces for name in self.provinces]))

    def pairs(self) -> IntArray:
        """Return (n_pairs, 2) place and later evaluation where two adjacent awards are known."""
        known = self.category != UNKNOWN
        place, earlier = np.nonzero(known[:, :-1] & known[:, 1:])
        return np.stack([place, earlier + 1], axis=1)


def places_by_kind() -> tuple[int, ...]:
    """Return how many places of each kind Indonesia has."""
    return _PLACES_BY_KIND


def places_by_province(*, on_java: bool) -> tuple[int, ...]:
    """Return how many places each province outside Java, or on it, has."""
    return _PLACES_BY_PROVINCE[on_java]


def kind_of_place(place: str, province: str) -> int:
    """Return the kind of a place by its name (``Kota ...`` or ``Kab. ...``) and province."""
    return int(is_kota(place)) + 2 * int(province in JAVA)


def kind_of_places(record: AwardRecord) -> IntArray:
    """Return the kind of every place of a record, (n_places,)."""
    return np.array(
        [kind_of_place(*named) for named in zip(record.places, record.provinces, strict=True)],
        dtype=np.int64,
    )


class Notice(NamedTuple):
    """Something a reader of the panel should know that stops nothing."""

    code: str
    file: str
    line: int
    place: str
    value: str = ""
    nearest: str = ""


class PanelFile(NamedTuple):
    """A panel as read: its record, what was left out of it, and the hash of its bytes."""

    record: AwardRecord
    notices: tuple[Notice, ...]
    sha256: str


class Totals(NamedTuple):
    """Awards in all Indonesia."""

    awarded: dict[int, int]  # places with any award, by year
    by_category: dict[int, dict[int, int]]  # year to category number to places, where known


def shipped(name: str) -> str:
    """Return the text of a shipped table."""
    return shipped_file(name).read_text(encoding="utf-8")


def shipped_file(name: str) -> Traversable:
    """Return where a shipped table lies."""
    return files("kla_sim") / "data" / name


def shipped_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table, each by the names of its columns."""
    table = read_table(shipped_file(name), name, ())
    table.check()
    return [row.cells for row in table.rows]


@cache
def evaluation_years() -> tuple[int, ...]:
    """Return the years of the evaluations on record whose awards were published."""
    return tuple(read_totals().awarded)


@cache
def _calendar() -> dict[int, dict[str, str]]:
    rows = shipped_rows("kla_evaluation_calendar.csv")
    return {int(row["evaluation_year"]): row for row in rows}


def award_day(year: int) -> dt.date:
    """Return the day of an evaluation's awards; where it is not on record, National Children's Day.

    Children's Day, 23 July, is around when awards are given in years that are on record.
    """
    known = _calendar().get(year, {}).get("award")
    return dt.date.fromisoformat(known) if known else dt.date(year, 7, 23)


def evidence_day(year: int) -> dt.date:
    """Return the day evidence closed: the end of field checks, mid-June where not on record."""
    known = _calendar().get(year, {}).get("field_verification_ends")
    return dt.date.fromisoformat(known) if known else dt.date(year, 6, 15)


@cache
def read_totals() -> Totals:
    """Return the national totals; the number of KLA awards is 0 in every year so far."""
    awarded, by_category = {}, {}
    for row in shipped_rows("kla_national_totals.csv"):
        year = int(row["evaluation_year"])
        awarded[year] = int(row["awarded"])
        by_category[year] = {
            number: int(row[name]) for number, name in enumerate(CATEGORIES) if row.get(name)
        }
    return Totals(awarded, by_category)


def read_panel(path: Path | None = None) -> PanelFile:
    """Read and check a panel of awards; without a path, the shipped one.

    Raises
    ------
    ScenarioError : the panel is wrong or cannot be read; every fault with its line and column.
    """
    file = PANEL if path is None else str(path)
    content = read_bytes(shipped_file(PANEL) if path is None else path, file)
    table = parse_table(content, file, (*_COLUMNS, *(f"y{year}" for year in evaluation_years())))
    table.refuse_missing("panel_column_missing", _COLUMNS)
    years = _years(table)
    rows = [_named(row) for row in table.rows]
    if not rows and not table.faults:
        table.refuse_heading("panel_empty")
    _refuse_doubles(table, rows)
    cells = [[_category(table, row, year) for year in years] for row in rows]
    table.check()
    category = np.array(cells, dtype=np.int64).reshape(len(rows), len(years))
    record = AwardRecord(
        places=tuple(row.cells["city"] for row in rows),
        provinces=tuple(row.cells["province"] for row in rows),
        years=years,
        category=category,
        is_listed=np.array(
            [
                [year in COMPLETE_LISTS.get(row.cells["province"], ()) for year in years]
                for row in rows
            ],
            dtype=np.bool_,
        ).reshape(category.shape),
    )
    has_award = (category != UNKNOWN).any(axis=1)
    notices = [
        notice
        for row, is_kept in zip(rows, has_award, strict=True)
        for notice in _notices(file, row, is_kept=bool(is_kept))
    ]
    return PanelFile(record.of(has_award), tuple(notices), hashlib.sha256(content).hexdigest())


def _years(table: Table) -> tuple[int, ...]:
    """Return the years of the award columns in order, all of them known evaluations."""
    known = {f"y{year}": year for year in evaluation_years()}
    columns = [name for name in table.headings if _YEAR_COLUMN.fullmatch(name)]
    for name in columns:
        if name not in known:
            fields = {"year": shown(table.headings[name]), "known": ", ".join(known)}
            table.refuse_heading("panel_year_unknown", name, **fields)
    if len(columns) < 2 and not table.has_columns_twice:
        table.refuse_heading("panel_years_missing")
    return tuple(sorted(known[name] for name in columns if name in known))


def _named(row: Row) -> Row:
    """Return a row with its place and province as the shipped panel writes them."""
    place, province = row.cells["city"], row.cells["province"]
    usual = _usual_places().get(fold_place(place), place)
    return row._replace(
        cells={**row.cells, "city": usual, "province": known_province(province) or province}
    )


@cache
def _usual_places() -> dict[str, str]:
    return {fold_place(row["city"]): row["city"] for row in shipped_rows(PANEL)}


def _notices(file: str, row: Row, *, is_kept: bool) -> list[Notice]:
    """Return what a reader should know of a row: left out, or counted as a kind by default."""
    place, province = row.cells["city"], row.cells["province"]
    if not is_kept:
        return [Notice("panel_place_without_award", file, row.line, place)]
    found = []
    if not has_kind(place):
        found.append(Notice("panel_kind_unknown", file, row.line, place))
    if known_province(province) is None:
        near = nearest(province, PROVINCES)
        code = "panel_province_near" if near else "panel_province_unknown"
        found.append(Notice(code, file, row.line, place, shown(province), near))
    return found


def _refuse_doubles(table: Table, rows: list[Row]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        place = row.cells["city"]
        if not place:
            table.refuse("panel_place_unnamed", row, "city")
            continue
        folded = fold_place(place)
        if folded in first:
            fields = {"place": shown(place), "first": first[folded]}
            table.refuse("panel_place_twice", row, "city", **fields)
        first.setdefault(folded, row.line)


def _category(table: Table, row: Row, year: int) -> int:
    return read_category(table, row, f"y{year}", row.cells["city"])


def read_category(table: Table, row: Row, column: str, place: str) -> int:
    """Return the number of the category in a cell; UNKNOWN where it is empty or refused."""
    word = row.cells[column]
    folded = fold(word)
    if not folded:
        return UNKNOWN
    if folded in CATEGORIES:
        return CATEGORIES.index(folded)
    near = nearest(word, CATEGORIES)
    fields = {"value": shown(word), "place": shown(place), "known": ", ".join(CATEGORIES)}
    if near:
        table.refuse("panel_category_near", row, column, nearest=near, **fields)
    else:
        table.refuse("panel_category_unknown", row, column, **fields)
    return UNKNOWN

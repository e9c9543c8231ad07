"""The award record: which category each place was given at each evaluation, as far as is known.

Reads and checks a panel of awards (`kla_awards_panel.csv` or a file of the same format), the
national totals and the evaluation calendar. Every fault is reported with its file and line.
Not here: what the awards say about the places (`engine.background`, `analysis.calibration`).
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.domain.categories import CATEGORIES
from kla_sim.errors import Fault, ScenarioError, UsageError

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

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
    return int(place.startswith("Kota ")) + 2 * int(province in JAVA)


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


class PanelFile(NamedTuple):
    """A panel as read: its record, and what was left out of it."""

    record: AwardRecord
    notices: tuple[Notice, ...]


class Totals(NamedTuple):
    """Awards in all Indonesia."""

    awarded: dict[int, int]  # places with any award, by year
    by_category: dict[int, dict[int, int]]  # year to category number to places, where known


def shipped(name: str) -> str:
    """Return the text of a shipped table."""
    return (files("kla_sim") / "data" / name).read_text(encoding="utf-8")


@cache
def evaluation_years() -> tuple[int, ...]:
    """Return the years of the evaluations on record whose awards were published."""
    return tuple(read_totals().awarded)


@cache
def _calendar() -> dict[int, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(shipped("kla_evaluation_calendar.csv")))
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
    for row in csv.DictReader(io.StringIO(shipped("kla_national_totals.csv"))):
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
    ScenarioError : the panel is wrong; every fault with its line.
    UsageError : the file cannot be read.
    """
    if path is None:
        return _parse(shipped(PANEL), PANEL)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("panel_unreadable", file=str(path)) from error
    return _parse(content, str(path))


class _Row(NamedTuple):
    line: int
    cells: dict[str, str]


def _parse(content: str, file: str) -> PanelFile:
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(content))
    header = [name.strip() for name in next(reader, [])]
    years = _years(header, file, faults)
    rows = list(_rows(reader, header, file, faults)) if not faults else []
    if not faults and not rows:
        faults.append(Fault("panel_empty", file=file, line=1, column=1))
    _refuse_duplicates(rows, file, faults)
    cells = [[_category(row, f"y{year}", header, file, faults) for year in years] for row in rows]
    if faults:
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.line, fault.column)))
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
    notices = tuple(
        Notice("panel_place_without_award", file, row.line, row.cells["city"])
        for row, is_kept in zip(rows, has_award, strict=True)
        if not is_kept
    )
    return PanelFile(record.of(has_award), notices)


def _years(header: list[str], file: str, faults: list[Fault]) -> tuple[int, ...]:
    """Return the years of the award columns, which must be known evaluations in order."""
    faults.extend(
        Fault("panel_column_missing", file=file, line=1, column=1, fields={"name": name})
        for name in ("city", "province")
        if name not in header
    )
    columns = [
        (place, name)
        for place, name in enumerate(header, start=1)
        if name.startswith("y") and name[1:].isdigit()
    ]
    years = [int(name[1:]) for _, name in columns]
    known = evaluation_years()
    for (place, name), year in zip(columns, years, strict=True):
        if year not in known:
            fields = {"year": name, "known": ", ".join(f"y{year}" for year in known)}
            faults.append(Fault("panel_year_unknown", "", file, 1, place, fields))
    for (place, name), year, earlier in zip(columns[1:], years[1:], years, strict=False):
        if year <= earlier:
            fields = {"year": name, "earlier": f"y{earlier}"}
            faults.append(Fault("panel_years_disorder", "", file, 1, place, fields))
    if len(columns) < 2:
        faults.append(Fault("panel_years_missing", file=file, line=1, column=1))
    return tuple(years)


def _rows(
    reader: Iterator[list[str]], header: list[str], file: str, faults: list[Fault]
) -> Iterator[_Row]:
    last = 1
    for cells in reader:
        line, last = last + 1, getattr(reader, "line_num", last + 1)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            fields = {"found": len(cells), "expected": len(header)}
            faults.append(Fault("panel_row_length", "", file, line, 1, fields))
            continue
        row = _Row(line, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
        if not row.cells["city"]:
            faults.append(Fault("panel_place_unnamed", file=file, line=line, column=1))
        yield row


def _refuse_duplicates(rows: list[_Row], file: str, faults: list[Fault]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        place = row.cells["city"]
        if place and place in first:
            fields = {"place": place, "first": first[place]}
            faults.append(Fault("panel_place_twice", "", file, row.line, 1, fields))
        first.setdefault(place, row.line)


def _category(row: _Row, column: str, header: list[str], file: str, faults: list[Fault]) -> int:
    word = row.cells[column]
    if not word:
        return UNKNOWN
    if word in CATEGORIES:
        return CATEGORIES.index(word)
    nearest = difflib.get_close_matches(word.lower(), CATEGORIES, n=1)
    fields = {
        "value": word,
        "place": row.cells["city"],
        "known": ", ".join(CATEGORIES),
        "nearest": nearest[0] if nearest else "",
    }
    code = "panel_category_near" if nearest else "panel_category_unknown"
    faults.append(Fault(code, column, file, row.line, header.index(column) + 1, fields))
    return UNKNOWN

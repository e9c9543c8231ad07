"""Awards row by row: a region, an evaluation and the category it was given.

Reads and checks the shipped record of DKI or a table of the same form, for the trail of forecasts
and for the case of DKI. Not here: panels with a column for each evaluation (`record`).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.places import fold_place
from kla_sim.domain.record import read_category, shipped_file
from kla_sim.domain.tables import Row, Table, read_table, shown, whole_number

RECORD = "kla_awards_dki.csv"

_COLUMNS = ("region", "evaluation_year", "category")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


class Award(NamedTuple):
    """One award of one region."""

    region: str
    year: int
    category: str
    line: int
    is_stated: bool  # by a source, not deduced


class AwardTable(NamedTuple):
    """The awards of a table, in its order."""

    file: str
    awards: tuple[Award, ...]

    @property
    def categories(self) -> dict[tuple[str, int], str]:
        """Return the category of each region and year."""
        return {(award.region, award.year): award.category for award in self.awards}


def read_awards(path: Path | None = None) -> AwardTable:
    """Read a table of awards; without a path, the shipped record of DKI.

    Raises
    ------
    ScenarioError : it is wrong or cannot be read; every fault with its line and column.
    """
    file = RECORD if path is None else str(path)
    table = read_table(shipped_file(RECORD) if path is None else path, file, _COLUMNS)
    table.refuse_missing("awards_column_missing", _COLUMNS)
    found = [award for row in table.rows if (award := _award(table, row)) is not None]
    _refuse_doubles(table, found)
    table.check()
    return AwardTable(file, tuple(found))


def _award(table: Table, row: Row) -> Award | None:
    region, year = row.cells["region"], whole_number(row.cells["evaluation_year"])
    category = read_category(table, row, "category", region)
    if not region:
        table.refuse("award_region_unnamed", row, "region")
    if not row.cells["category"]:
        table.refuse("award_category_blank", row, "category", known=", ".join(CATEGORIES))
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        value = shown(row.cells["evaluation_year"])
        table.refuse("award_year_unclear", row, "evaluation_year", value=value)
        return None
    is_stated = row.cells.get("confidence", "stated") == "stated"
    return Award(region, year, CATEGORIES[max(category, 0)], row.line, is_stated)


def _refuse_doubles(table: Table, awards: list[Award]) -> None:
    first: dict[tuple[str, int], int] = {}
    for award in awards:
        key = fold_place(award.region), award.year
        if not award.region:
            continue
        if key in first:
            fields = {"place": shown(award.region), "year": str(award.year), "first": first[key]}
            table.refuse("award_twice", Row(award.line, {}), "region", **fields)
        first.setdefault(key, award.line)

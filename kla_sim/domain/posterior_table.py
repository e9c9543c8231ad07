"""The table of a posterior: equally likely rows of numbers, one background law each.

Written by `calibrate`, and read again wherever a scenario or a back test names one, also after a
spreadsheet has saved it with semicolons and decimal commas. Not here: what a row does
(`engine.posterior`), and which posteriors there are (`scenario.posteriors`).
"""

from __future__ import annotations

import csv
import io
import re
from typing import NamedTuple

from kla_sim.domain.tables import Row, Table, decimal_number, parse_table, shown

PLAIN_PARAMETERS = (
    "rate_median",
    "rate_spread",
    "volatility",
    "noise",
    "tail_share",
    "tail_factor",
    "one_step_up",
    "confirmation",
    "kla_reach",
    "province_share",
    "first_mean",
    "first_sd",
    "kota_first",
    "java_first",
    "kota_rate",
    "java_rate",
    "absent_share",
    "strictness_sd",
)

_WHEN_MISSING = {"kla_reach": 1.0, "province_share": 0.0}
"""What a table says that was written before these columns were: KLA in reach, nothing shared."""

_STRICTNESS = re.compile("strictness_([1-9][0-9]{3})")
_POINTS = (-10_000.0, 10_000.0)
_BOUNDS = {
    "rate_median": (0.0, 1000.0),
    "rate_spread": (0.0, 10.0),
    "volatility": (0.0, 10_000.0),
    "noise": (0.0, 10_000.0),
    "tail_share": (0.0, 1.0),
    "tail_factor": (0.0, 100.0),
    "one_step_up": (0.0, 1.0),
    "confirmation": (0.0, 1.0),
    "kla_reach": (0.0, 1.0),
    "province_share": (0.0, 1.0),
    "first_sd": (0.0, 10_000.0),
    "kota_rate": (-100.0, 100.0),
    "java_rate": (-100.0, 100.0),
    "absent_share": (0.0, 1.0),
    "strictness_sd": (0.0, 10_000.0),
}
"""Least and most of each parameter; of all others `_POINTS`."""


class PosteriorRow(NamedTuple):
    """One background law of all places, and the strictness of each evaluation so far."""

    rate_median: float  # per year, a regency outside Java
    rate_spread: float  # standard deviation of the log rate between places of one kind
    volatility: float  # points per square root of a year
    noise: float  # points
    tail_share: float  # share of verified scores whose noise is wide
    tail_factor: float  # how many times wider
    one_step_up: float  # chance that the cap holds
    confirmation: float  # chance that the standing category is confirmed unseen
    kla_reach: float  # chance that a verdict of KLA is given as one; else it becomes utama
    province_share: float  # share of the variance of log rates that places of a province share
    first_mean: float  # score at the first evaluation on record, a regency outside Java, points
    first_sd: float  # points
    kota_first: float  # what a city's first score has more, points
    java_first: float  # what Java's first scores have more, points
    kota_rate: float  # what a city's log rate has more
    java_rate: float  # what Java's log rates have more
    absent_share: float  # share of all places that never take part, and so get no award
    strictness_sd: float  # spread of the strictness of an evaluation, points
    strictness: dict[int, float]  # year to points; a strict jury is negative


def rows_from_csv(content: str | bytes, file: str = "posterior.csv") -> tuple[PosteriorRow, ...]:
    """Return the rows of a posterior's table.

    Parameters
    ----------
    file : the table as messages name it.

    Raises
    ------
    ScenarioError : every fault of the table with its line and column.
    """
    given = content.encode() if isinstance(content, str) else content
    table = parse_table(given, file, PLAIN_PARAMETERS)
    needed = [name for name in PLAIN_PARAMETERS if name not in _WHEN_MISSING]
    table.refuse_missing("posterior_column_missing", needed)
    years = sorted(int(m[1]) for name in table.columns if (m := _STRICTNESS.fullmatch(name)))
    if not years and not table.has_columns_twice:
        table.refuse_heading("posterior_years_missing")
    if not table.rows and not table.faults:
        table.refuse_heading("posterior_empty")
    _refuse_mixed_signs(table)
    rows = []
    for row in table.rows:
        plain = {name: _number(table, row, name) for name in PLAIN_PARAMETERS}
        strictness = {year: _number(table, row, f"strictness_{year}") for year in years}
        rows.append(PosteriorRow(**plain, strictness=strictness))
    table.check()
    return tuple(rows)


def _number(table: Table, row: Row, column: str) -> float:
    """Return the number of a cell; 0 where it is refused."""
    if column in _WHEN_MISSING and column not in row.cells:
        return _WHEN_MISSING[column]
    written = row.cells[column]
    number = decimal_number(written)
    least, most = _BOUNDS.get(column, _POINTS)
    if number is None:
        table.refuse("posterior_not_a_number", row, column, value=shown(written))
    elif not least <= number <= most:
        fields = {"value": shown(written), "least": f"{least:g}", "most": f"{most:g}"}
        table.refuse("posterior_out_of_range", row, column, **fields)
    return number or 0.0


def _refuse_mixed_signs(table: Table) -> None:
    """Refuse a table in which some numbers have a decimal point and others a decimal comma."""
    first: dict[str, int] = {}
    for row in table.rows:
        for name in table.columns:
            written = row.cells[name]
            if decimal_number(written) is None:
                continue
            sign = next((sign for sign in ",." if sign in written), None)
            if sign is None:
                continue
            first.setdefault(sign, row.line)
            if len(first) == 2:
                other = first["," if sign == "." else "."]
                table.refuse("posterior_signs", row, name, value=shown(written), first=other)
                return


def rows_to_csv(rows: tuple[PosteriorRow, ...]) -> str:
    """Return the table of a posterior, every number to the last bit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    years = list(rows[0].strictness)
    writer.writerow([*PLAIN_PARAMETERS, *(f"strictness_{year}" for year in years)])
    for row in rows:
        numbers = [getattr(row, name) for name in PLAIN_PARAMETERS]
        writer.writerow([repr(value) for value in (*numbers, *row.strictness.values())])
    return out.getvalue()

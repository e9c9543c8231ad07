"""Fitted background laws: the rows of a posterior, and the shipped ones by name.

A posterior is a table of equally likely rows (CSV) beside what it was fitted to (JSON). Called by
worlds that draw a row each, by the forecasts of the back test, and by `calibrate`, which writes it.
Not here: the fit itself (`analysis.calibration`, `analysis.sampling`).
"""

from __future__ import annotations

import csv
import io
import json
import math
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from kla_sim.engine.background import Law
from kla_sim.errors import UsageError

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
"""What a table says that was fitted before these numbers were known."""


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


class Posterior(NamedTuple):
    """Rows of equal weight and what they were fitted to."""

    name: str
    rows: tuple[PosteriorRow, ...]
    meta: dict[str, Any]

    @property
    def fitted_until(self) -> int:
        """The last evaluation that the rows know of."""
        return int(self.meta["fitted_until"])

    @property
    def left_out(self) -> tuple[str, ...]:
        """Provinces whose awards the rows do not know."""
        return tuple(self.meta["left_out"])


def law_of(row: PosteriorRow, kind: int) -> Law:
    """Return the law of one kind of place (is_kota + 2 x is_java, `domain.record`)."""
    is_kota, is_java = kind % 2, kind // 2
    shift = row.kota_rate * is_kota + row.java_rate * is_java
    return Law(
        rate_median=row.rate_median * math.exp(shift),
        rate_spread=row.rate_spread,
        volatility=row.volatility,
        noise=row.noise,
        tail_share=row.tail_share,
        tail_factor=row.tail_factor,
        one_step_up=row.one_step_up,
        confirmation=row.confirmation,
        kla_reach=row.kla_reach,
        first_mean=row.first_mean + row.kota_first * is_kota + row.java_first * is_java,
        first_sd=row.first_sd,
    )


def median_row(rows: tuple[PosteriorRow, ...]) -> PosteriorRow:
    """Return the median of every parameter: the central case of a posterior."""
    plain = {name: median(getattr(row, name) for row in rows) for name in PLAIN_PARAMETERS}
    years = rows[0].strictness
    strictness = {year: median(row.strictness[year] for row in rows) for year in years}
    return PosteriorRow(**plain, strictness=strictness)


def shipped_posteriors() -> tuple[str, ...]:
    """Return the names of the posteriors that ship with the package."""
    entries = [Path(entry.name) for entry in _shelf().iterdir()]
    return tuple(sorted(entry.stem for entry in entries if entry.suffix == ".csv"))


def load_posterior(name: str) -> Posterior:
    """Load a shipped posterior by name, or one that `calibrate` wrote, by the path of its CSV.

    Raises
    ------
    UsageError : there is no such posterior.
    """
    source: Traversable = Path(name) if name.endswith(".csv") else _shelf() / f"{name}.csv"
    if not source.is_file():
        known = ", ".join(shipped_posteriors())
        raise UsageError("posterior_unknown", value=name, known=known)
    beside = Path(name).with_suffix(".json") if name.endswith(".csv") else _shelf() / f"{name}.json"
    meta = json.loads(beside.read_text(encoding="utf-8"))
    return Posterior(Path(name).stem, rows_from_csv(source.read_text(encoding="utf-8")), meta)


def rows_from_csv(content: str) -> tuple[PosteriorRow, ...]:
    """Return the rows of a posterior's table."""
    rows = []
    for cells in csv.DictReader(io.StringIO(content)):
        strictness = {
            int(name.removeprefix("strictness_")): float(value)
            for name, value in cells.items()
            if name not in PLAIN_PARAMETERS
        }
        plain = {
            name: float(cells[name] if name in cells else _WHEN_MISSING[name])
            for name in PLAIN_PARAMETERS
        }
        rows.append(PosteriorRow(**plain, strictness=strictness))
    return tuple(rows)


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


def _shelf() -> Traversable:
    return files("kla_sim") / "data" / "posteriors"

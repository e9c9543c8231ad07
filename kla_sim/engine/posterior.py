"""Fitted background laws: what a row of a posterior means, and the posteriors by name.

A posterior is a table of equally likely rows (CSV) beside what it was fitted to (JSON). Called by
worlds that draw a row each, by the forecasts of the back test, and by `calibrate`, which writes it.
Not here: the table itself (`domain.posterior_table`), where posteriors lie (`scenario.posteriors`),
and the fit (`analysis.calibration`, `analysis.sampling`).
"""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from kla_sim.domain.posterior_table import (
    PLAIN_PARAMETERS,
    PosteriorRow,
    rows_from_csv,
    rows_to_csv,
)
from kla_sim.engine.background import Law
from kla_sim.errors import UsageError
from kla_sim.scenario.posteriors import hash_of, notes_of, read_rows, shipped_posteriors

__all__ = [
    "PLAIN_PARAMETERS",
    "Posterior",
    "PosteriorRow",
    "law_of",
    "load_posterior",
    "median_row",
    "rows_from_csv",
    "rows_to_csv",
]


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


def load_posterior(name: str) -> Posterior:
    """Load a shipped posterior by name, or one that `calibrate` wrote, by the path of its CSV.

    Raises
    ------
    UsageError : there is no such posterior, or nothing says what it was fitted to.
    ScenarioError : its table is wrong or cannot be read; every fault with its line and column.
    """
    if not name.endswith(".csv") and hash_of(name) is None:
        known = ", ".join(shipped_posteriors())
        raise UsageError("posterior_unknown", value=name[:60], known=known)
    rows, notes = read_rows(name), notes_of(name)
    if notes is None:
        raise UsageError("posterior_without_notes", value=name)
    return Posterior(Path(name).stem, rows, notes)

"""A small posterior for tests, and an independent simulation of its law."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from kla_sim.engine.posterior import PLAIN_PARAMETERS, PosteriorRow, rows_to_csv

YEARS = (2017, 2018, 2019, 2021, 2022)

_PLAIN = {
    "rate_median": 0.06,
    "rate_spread": 0.6,
    "volatility": 34.0,
    "noise": 12.0,
    "tail_share": 0.06,
    "tail_factor": 4.0,
    "one_step_up": 0.97,
    "confirmation": 0.05,
    "kla_reach": 0.4,
    "province_share": 0.0,
    "first_mean": 480.0,
    "first_sd": 110.0,
    "kota_first": 60.0,
    "java_first": 50.0,
    "kota_rate": 0.1,
    "java_rate": 0.2,
    "strictness_sd": 18.0,
}


def row(**changes: Any) -> PosteriorRow:
    """Return a row with some numbers changed; parameters not named here are 0."""
    strictness = changes.pop(
        "strictness", {2017: 5.0, 2018: -8.0, 2019: 0.0, 2021: 12.0, 2022: -15.0}
    )
    plain = {name: {**_PLAIN, **changes}.get(name, 0.0) for name in PLAIN_PARAMETERS}
    return PosteriorRow(**plain, strictness=strictness)


def write_posterior(
    folder: Path, *, name: str = "kecil", fitted_until: int = 2022, n_rows: int = 20
) -> Path:
    """Write a posterior whose rows differ, and return its table."""
    rows = tuple(
        row(rate_median=0.04 + 0.002 * place, volatility=28.0 + 0.5 * place)
        for place in range(n_rows)
    )
    table = folder / f"{name}.csv"
    table.write_text(rows_to_csv(rows), encoding="utf-8")
    notes = {"fitted_until": fitted_until, "left_out": ["DKI Jakarta"]}
    table.with_suffix(".json").write_text(json.dumps(notes), encoding="utf-8")
    return table


class Places:
    """Many places of one kind, moved and judged by the law as it is written in docs/model.md.

    Parameters
    ----------
    deviation : (n,) standard normal deviations of the log rates; drawn where not given.
    """

    def __init__(self, rng: np.random.Generator, law: Any, n: int, deviation: Any = None) -> None:
        self.rng, self.law, self.n = rng, law, n
        drawn = rng.normal(size=n) if deviation is None else deviation
        self.rate = law.rate_median * np.exp(law.rate_spread * drawn)
        self.gap = self._first()
        self.standing = np.full(n, -1)

    def _first(self) -> Any:
        gap = 1000.0 - (self.law.first_mean + self.law.first_sd * self.rng.normal(size=3 * self.n))
        return gap[(gap > 1.0) & (gap < 1000.0)][: self.n]

    def move(self, years: float) -> None:
        rate, law = self.rate, self.law
        spread = law.volatility * np.sqrt((1 - np.exp(-2 * rate * years)) / (2 * rate))
        self.gap = self.gap * np.exp(-rate * years) + spread * self.rng.normal(size=len(rate))
        self.gap = np.where(self.gap < 1.0, 2.0 - self.gap, self.gap)
        self.gap = np.where(self.gap > 1000.0, 2000.0 - self.gap, self.gap)

    def judge(self, strictness: float) -> Any:
        n, rng, law = len(self.gap), self.rng, self.law
        wide = np.where(rng.random(n) < law.tail_share, law.tail_factor, 1.0)
        verified = 1000.0 - self.gap + strictness + law.noise * wide * rng.normal(size=n)
        self.verified = np.clip(verified, 0.0, 1000.0)
        award = np.searchsorted([500.0, 600.0, 700.0, 800.0, 900.0], verified)
        award = np.where((award == 5) & (rng.random(n) >= law.kla_reach), 4, award)
        is_first = self.standing < 0
        capped = (rng.random(n) < law.one_step_up) & ~is_first
        award = np.where(capped, np.minimum(award, self.standing + 1), award)
        confirmed = (rng.random(n) < law.confirmation) & ~is_first
        self.standing = np.where(confirmed, self.standing, award)
        return self.standing

    def keep(self, those: Any) -> None:
        self.rate, self.gap = self.rate[those], self.gap[those]
        self.standing, self.verified = self.standing[those], self.verified[those]

"""What lies behind a scenario: its cities' awards, those of their provinces, and how scores err.

Facts only, the same in every world but for how a score errs. Called by `filtered`, which draws
conclusions from them, by `start` and `status_date`. Not here: the filter itself (`beliefs`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kla_sim.domain.categories import category_number
from kla_sim.domain.record import (
    award_day,
    evaluation_years,
    evidence_day,
    kind_of_places,
    read_panel,
)
from kla_sim.engine import beliefs as known
from kla_sim.engine.background import Law
from kla_sim.engine.formulas import normal_quantile
from kla_sim.engine.posterior import PosteriorRow, law_of
from kla_sim.engine.readings import Reading
from kla_sim.scenario.model import City, Scenario

Source = Callable[[str], float]
"""The name of a world's stream to its uniform number."""

_LEAST_NOISE = 0.5
"""Points; the grid has no use for a jury without any noise."""

Awards = tuple[int, ...]
"""The award of each evaluation held before the start, `beliefs.UNSEEN` where not known."""

History = tuple[int, Awards]
"""Kind of place, and its awards."""


def kind_of(city: City) -> int:
    """Return the kind of place that a city is, as the record numbers them (`domain.record`)."""
    return int(city.status == "kota") + 2 * int(city.on_java)


def province_of(scenario: Scenario, city: City) -> str | None:
    """Return the province that a city shares a part of its rate with; None = with nobody."""
    return city.province or scenario.province


def rates_of(scenario: Scenario, row: PosteriorRow | None, city: City) -> tuple[float, float]:
    """Return median and spread of the rates among places like a city."""
    if row is not None:
        law = law_of(row, kind_of(city))
        return law.rate_median, law.rate_spread
    rate = scenario.background.rate
    assert rate is not None  # a scenario without a posterior writes it
    return rate.median, rate.spread


def law_for(scenario: Scenario, row: PosteriorRow | None, city: City, noise: float | None) -> Law:
    """Return a city's law in the coming cycles, as the scenario of a world writes it out.

    Parameters
    ----------
    noise : of one cycle, where it has its own.
    """
    own = scenario.evaluation
    median, spread = rates_of(scenario, row, city)
    return Law(
        rate_median=median,
        rate_spread=spread,
        volatility=scenario.background.volatility or 0.0,
        noise=max((own.noise if noise is None else noise) or 0.0, _LEAST_NOISE),
        tail_share=own.tail_share or 0.0,
        tail_factor=own.tail_factor or 1.0,
        one_step_up=own.one_step_up or 0.0,
        confirmation=own.confirmation or 0.0,
        kla_reach=1.0 if own.kla_reach is None else own.kla_reach,
        first_mean=0.0,
        first_sd=1.0,
    )


class Past(NamedTuple):
    """What is known of the places behind a scenario; nothing of it differs between worlds."""

    start: dt.date
    cities: tuple[tuple[str, str | None, History], ...]  # name and province, of those with one
    provinces: tuple[tuple[str, tuple[History, ...]], ...]  # histories of all places of each
    held: tuple[int, ...]  # years of the evaluations published before the start

    @property
    def days(self) -> int:
        """The days from the last evaluation held to the start."""
        return (self.start - evidence_day(self.held[-1])).days

    def histories(self) -> list[History]:
        """Return every history once."""
        found = [history for _, _, history in self.cities]
        found += [history for _, places in self.provinces for history in places]
        return list(dict.fromkeys(found))


def past_of(scenario: Scenario, first_year: int) -> Past:
    """Collect what lies behind a scenario.

    Parameters
    ----------
    first_year : of the evaluations that the posterior knows.
    """
    held = _held_by(scenario.start, first_year)
    names = {province_of(scenario, city) for city in scenario.cities.values()}
    return Past(
        scenario.start,
        tuple(
            (name, province_of(scenario, city), (kind_of(city), _awards_of(city, held)))
            for name, city in scenario.cities.items()
            if city.baseline.history is not None
        ),
        tuple((name, _places_of(name, held)) for name in sorted(n for n in names if n)),
        held,
    )


@lru_cache(maxsize=64)
def _held_by(start: dt.date, first_year: int) -> tuple[int, ...]:
    """Return the years of the evaluations published before the start."""
    known_years = (year for year in evaluation_years() if year >= first_year)
    return tuple(year for year in known_years if award_day(year) <= start)


def _awards_of(city: City, held: tuple[int, ...]) -> Awards:
    """Return the awards of a city, the one held at the start included."""
    history = dict(city.baseline.history or {})
    if city.award.category != "unknown":
        history.setdefault(city.award.date.year, city.award.category)
    return tuple(
        category_number(history[year]) if year in history else known.UNSEEN for year in held
    )


@lru_cache(maxsize=64)
def _places_of(province: str, held: tuple[int, ...]) -> tuple[History, ...]:
    """Return kind and awards of every place of a province that has an award on record by then."""
    record = read_panel().record
    record = record.of(np.array([name == province for name in record.provinces]))
    if not held or not record.places:
        return ()
    record = record.until(held[-1])
    columns = [record.years.index(year) for year in held]
    kinds = kind_of_places(record).tolist()
    return tuple(zip(kinds, map(tuple, record.category[:, columns].tolist()), strict=True))


def strictness_of(row: PosteriorRow, year: int, source: Source) -> float:
    """Return how strict the jury of an evaluation was, points; drawn where not in the row."""
    if year in row.strictness:
        return row.strictness[year]
    return row.strictness_sd * normal_quantile(source(f"strictness-{year}"))


def _reading_of(scenario: Scenario, city: City) -> Reading | None:
    baseline = city.baseline
    if baseline.history is None or baseline.score is None:
        return None
    error = scenario.evaluation.stage_error.get(baseline.stage or "final")
    if error is None:
        return Reading(baseline.score, 0.0, baseline.sd, 0.0)
    return Reading(baseline.score, error.bias, baseline.sd or error.spread, error.silent)


Readings = tuple[tuple[str, Reading], ...]
"""City and the score that stands beside its history."""


def readings_of(scenario: Scenario) -> Readings:
    """Return the scores that stand beside histories, as this world takes them to err."""
    found = [(name, _reading_of(scenario, city)) for name, city in scenario.cities.items()]
    return tuple((name, reading) for name, reading in found if reading is not None)

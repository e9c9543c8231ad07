"""What cities have behind them when a scenario starts: the law they move by, and their awards.

Draws gap, rate and standing of the cities whose baseline is a history of awards, under one row of
a posterior. Called by `worlds` and `seen`. Not here: the filter itself (`beliefs`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from kla_sim.domain.categories import category_number
from kla_sim.domain.record import award_day, evaluation_years, evidence_day
from kla_sim.engine import beliefs as known
from kla_sim.engine.background import FloatArray, IntArray, Law
from kla_sim.engine.beliefs import Drawn
from kla_sim.engine.formulas import background_step, normal_quantile
from kla_sim.engine.posterior import PosteriorRow, law_of
from kla_sim.scenario.model import City, Scenario

Source = Callable[[str], float]
"""The name of a world's stream to its uniform number."""

_LEAST_NOISE = 0.5
"""Points; the grid has no use for a jury without any noise."""


def kind_of(city: City) -> int:
    """Return the kind of place that a city is, as the record numbers them (`domain.record`)."""
    return int(city.status == "kota") + 2 * int(city.on_java)


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


def draw_histories(scenario: Scenario, row: PosteriorRow, source: Source) -> dict[str, Drawn]:
    """Draw the cities whose baseline is a history of awards, on the day of the start."""
    drawn: dict[str, Drawn] = {}
    days = days_since_last(scenario, row)
    for name, beliefs in histories(scenario, row, source).items():
        city = scenario.cities[name]
        law = law_of(row, kind_of(city))
        award = city.award.category
        standing = None if award == "unknown" else category_number(award)
        chances = source(f"{name}/standing"), source(f"{name}/baseline"), source(f"{name}/rate")
        at_last = known.draw(beliefs, law, standing, chances)
        innovation = normal_quantile(source(f"{name}/since"))
        gap = background_step(at_last.gap, at_last.rate, law.volatility, days, innovation)
        drawn[name] = at_last._replace(gap=gap)
    return drawn


def histories(scenario: Scenario, row: PosteriorRow, source: Source) -> dict[str, FloatArray]:
    """Return what is believed of cities with a history after the last evaluation before the start.

    Cities of one kind share their transition kernel. An evaluation takes place every scheduled
    year, as in the fit of the posterior; a jury that the row does not know is drawn.

    Returns
    -------
    (N_STRATA, N_STANDINGS, n_cells) for each of these cities
    """
    found: dict[str, FloatArray] = {}
    held = _held(scenario, row)
    with_history = {
        name: city for name, city in scenario.cities.items() if city.baseline.history is not None
    }
    for kind in {kind_of(city): None for city in with_history.values()}:
        cities = {name: city for name, city in with_history.items() if kind_of(city) == kind}
        beliefs = _filter(row, kind, held, _awards(cities, held), source)
        found |= {name: beliefs[:, place] for place, name in enumerate(cities)}
    return found


def days_since_last(scenario: Scenario, row: PosteriorRow) -> int:
    """Return the days from the last evaluation on record to the start."""
    return (scenario.start - evidence_day(_held(scenario, row)[-1])).days


def _held(scenario: Scenario, row: PosteriorRow) -> list[int]:
    """Return the evaluations whose awards were published before the start."""
    first = min(row.strictness)
    return [
        year for year in evaluation_years() if year >= first and award_day(year) <= scenario.start
    ]


def _awards(cities: dict[str, City], held: list[int]) -> IntArray:
    """Return the awards of some cities, (n_years, n_cities), the one held at the start included."""
    awards = np.full((len(held), len(cities)), known.UNSEEN, dtype=np.int64)
    for place, city in enumerate(cities.values()):
        history = dict(city.baseline.history or {})
        if city.award.category != "unknown":
            history.setdefault(city.award.date.year, city.award.category)
        for year, category in history.items():
            if year in held:
                awards[held.index(year), place] = category_number(category)
    return awards


def _filter(
    row: PosteriorRow, kind: int, held: list[int], awards: IntArray, source: Source
) -> FloatArray:
    """Return what is believed of cities of one kind after the last evaluation held."""
    law = law_of(row, kind)
    beliefs = known.first_beliefs(law, awards.shape[1])
    kernel = known.kernel_of(law, 1.0)
    steps = [0, *(later - earlier for earlier, later in pairwise(held))]
    for year, n_steps, seen in zip(held, steps, awards, strict=True):
        for _ in range(n_steps):
            beliefs = known.after_step(beliefs, kernel)
        beliefs = known.after_awards(beliefs, law, strictness_of(row, year, source), seen)
    return beliefs


def strictness_of(row: PosteriorRow, year: int, source: Source) -> float:
    """Return how strict the jury of an evaluation was, points; drawn where not in the row."""
    if year in row.strictness:
        return row.strictness[year]
    return row.strictness_sd * normal_quantile(source(f"strictness-{year}"))

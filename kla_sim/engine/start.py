"""The day of the start under one row of a posterior: what is believed of cities, and draws from it.

What a province shares is drawn first, given the awards of all its places and the scores beside
them; then each city's gap, rate and standing. Called by `worlds` and `status_date`. Not here: what
a row says of a history (`filtered`), and which row a world takes (`evidence`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import category_number
from kla_sim.engine import beliefs as known
from kla_sim.engine.beliefs import ALONE, Drawn, Own
from kla_sim.engine.cells import IMPOSSIBLE
from kla_sim.engine.filtered import Filtered, filtered
from kla_sim.engine.formulas import background_step, normal_quantile
from kla_sim.engine.past import (
    Past,
    Source,
    kind_of,
    past_of,
    province_of,
    readings_of,
)
from kla_sim.engine.posterior import PosteriorRow, law_of
from kla_sim.engine.province import COMMON, COMMON_CHANCES, own_part, stratum_chances
from kla_sim.scenario.model import Scenario


class Start(NamedTuple):
    """What is believed on the day of the start."""

    own: dict[str, Own]  # city to what its province leaves open of its rate
    beliefs: dict[str, FloatArray]  # city with a history, after the last evaluation
    days: int  # since that evaluation


def start_of(scenario: Scenario, row: PosteriorRow | None, source: Source) -> Start:
    """Return what is believed of the cities of one world."""
    past = past_of(scenario, min(row.strictness) if row else scenario.start.year)
    if row is None or not past.held:
        rate = scenario.background.rate
        share = row.province_share if row else rate.province_share if rate else 0.0
        common = {name: normal_quantile(source(f"province/{name}")) for name, _ in past.provinces}
        return Start(_own_parts(scenario, common, share), {}, 0)
    seen, told, readings = filtered(past, row, source), {}, dict(readings_of(scenario))
    for name, _, history in past.cities:
        reading = readings.get(name)
        told[name] = (
            seen.after[history].whole() if reading is None else seen.with_reading(history, reading)
        )
    common = {
        name: _draw_common(_log_chances(past, name, row, seen, told), source(f"province/{name}"))
        for name, _ in past.provinces
    }
    own = _own_parts(scenario, common, row.province_share)
    beliefs = {}
    for name, before in told.items():
        given = before * (known.chances_given(own[name]) / known.STRATUM_CHANCES)[:, None, None]
        beliefs[name] = given / given.sum()
    return Start(own, beliefs, past.days)


def _log_chances(
    past: Past,
    province: str,
    row: PosteriorRow,
    seen: Filtered,
    told: dict[str, FloatArray],
) -> FloatArray:
    """Return how well each value of what a province shares explains awards and scores, (n_common,).

    Awards are those of all its places on record; a score counts given the awards of its city.
    """
    given = stratum_chances(row.province_share, known.STRATUM_BOUNDS, COMMON)
    logs = np.zeros(len(COMMON))
    for place in dict(past.provinces)[province]:
        logs += _log(given @ seen.by_stratum(place))
    for name, of, history in past.cities:
        if of == province:
            by_stratum = told[name].sum(axis=(1, 2)) / known.STRATUM_CHANCES
            logs += _log(given @ by_stratum) - _log(given @ seen.by_stratum(history))
    return logs


def _log(chances: FloatArray) -> FloatArray:
    return np.log(np.maximum(chances, IMPOSSIBLE))


def _draw_common(logs: FloatArray, chance: float) -> float:
    """Draw what a province shares, evenly around the point that is chosen."""
    place, inside = known.pick(COMMON_CHANCES * np.exp(logs - logs.max()), chance)
    return float(COMMON[place] + (inside - 0.5) * (COMMON[1] - COMMON[0]))


def _own_parts(scenario: Scenario, common: dict[str, float], share: float) -> dict[str, Own]:
    provinces = {name: province_of(scenario, city) for name, city in scenario.cities.items()}
    return {
        name: ALONE if province is None else Own(*own_part(share, common[province]))
        for name, province in provinces.items()
    }


def draw_histories(
    scenario: Scenario, row: PosteriorRow, start: Start, source: Source
) -> dict[str, Drawn]:
    """Draw the cities whose baseline is a history of awards, on the day of the start."""
    drawn: dict[str, Drawn] = {}
    for name, beliefs in start.beliefs.items():
        city = scenario.cities[name]
        law = law_of(row, kind_of(city))
        award = city.award.category
        standing = None if award == "unknown" else category_number(award)
        chances = source(f"{name}/standing"), source(f"{name}/baseline"), source(f"{name}/rate")
        at_last = known.draw(beliefs, law, standing, chances, start.own[name])
        innovation = normal_quantile(source(f"{name}/since"))
        gap = background_step(at_last.gap, at_last.rate, law.volatility, start.days, innovation)
        drawn[name] = at_last._replace(gap=gap)
    return drawn

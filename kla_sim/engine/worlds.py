"""What is not known, drawn anew in each world: the law, baselines, rates, ratios.

World w is drawn from streams `world/...` at index w, so that it is the same world in every run.
What a scenario lists as `uncertain` stands in `unknowns`; chance within a replication is the
engines' affair.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple, cast

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.categories import (
    MAXIMUM_SCORE,
    SMALLEST_GAP,
    Category,
    band,
    band_centre,
    category_number,
)
from kla_sim.engine import past, status_date
from kla_sim.engine.beliefs import Drawn
from kla_sim.engine.draws import stream, uniform
from kla_sim.engine.evidence import choose_row
from kla_sim.engine.formulas import clip_score, normal_quantile
from kla_sim.engine.jury import category_of
from kla_sim.engine.posterior import Posterior, PosteriorRow, load_posterior, median_row
from kla_sim.engine.start import Start, draw_histories, start_of
from kla_sim.engine.unknowns import draw
from kla_sim.scenario.evaluation import Evaluation, Strictness
from kla_sim.scenario.model import (
    Background,
    Baseline,
    City,
    Rate,
    Scenario,
)
from kla_sim.scenario.posteriors import table_with

_MIDDLE = 0.5


class World(NamedTuple):
    """One world's cities at the start."""

    gap: FloatArray  # (n_cities,) background gap, points
    rate: FloatArray  # (n_cities,) per year
    claimed_ratio: FloatArray  # (n_cities,) verified over claimed
    standing: IntArray  # (n_cities,) category number
    left: FloatArray  # (n_cities,) share of the gap that zones launched since the start leave
    tau: float = 0.0  # spread of log rates that cities of one province share; 0 = no two of one


class _Source:
    """The uniform numbers of one world; the middle of everything for the central case."""

    def __init__(self, seed: int, world: int | None) -> None:
        self._seed = np.uint64(seed)
        self._world = world

    def __call__(self, name: str) -> float:
        if self._world is None:
            return _MIDDLE
        return float(uniform(self._seed, stream(f"world/{name}"), self._world, 0))


def source_of(seed: int, world: int | None) -> past.Source:
    """Return the uniform numbers of one world; None = the central case."""
    return _Source(seed, world)


def row_of(scenario: Scenario, seed: int, world: int | None) -> PosteriorRow | None:
    """Return the world's row of the posterior; the medians of all rows in the central case."""
    name = scenario.background.posterior
    if name is None:
        return None
    sha256 = scenario.background.sha256
    posterior, median = _posterior(name, sha256)
    if world is None:
        return median
    behind = past.past_of(scenario, min(median.strictness))
    chance = _Source(seed, world)("posterior")
    return posterior.rows[_choice(name, sha256, behind, past.readings_of(scenario), chance)]


@lru_cache(maxsize=64)
def _choice(
    name: str, sha256: str | None, behind: past.Past, readings: past.Readings, chance: float
) -> int:
    """Choose a world's row; asked for twice, when its law is written out and when it is drawn."""
    return choose_row(behind, readings, _posterior(name, sha256)[0], sha256, chance)


@lru_cache(maxsize=8)
def _posterior(name: str, sha256: str | None) -> tuple[Posterior, PosteriorRow]:
    """Return a posterior and the median of its rows; the hash tells tables of one name apart."""
    posterior = load_posterior(table_with(name, sha256))
    return posterior, median_row(posterior.rows)


def under_law(scenario: Scenario, row: PosteriorRow | None) -> Scenario:
    """Return a scenario with the numbers of a law, if any; what it writes itself stands."""
    if row is None:
        return scenario
    own = scenario.evaluation
    law: dict[str, Any] = {
        "strictness": Strictness(mean=0.0, sd=row.strictness_sd),
        "noise": row.noise,
        "tail_share": row.tail_share,
        "tail_factor": row.tail_factor,
        "one_step_up": row.one_step_up,
        "confirmation": row.confirmation,
        "kla_reach": row.kla_reach,
    }
    left_out = {name: value for name, value in law.items() if getattr(own, name) is None}
    evaluation: Evaluation = own.model_copy(update=left_out)
    background = Background.model_construct(
        posterior=scenario.background.posterior,
        sha256=scenario.background.sha256,
        rate=Rate(median=row.rate_median, spread=row.rate_spread),
        volatility=row.volatility,
    )
    return scenario.model_copy(update={"background": background, "evaluation": evaluation})


def draw_world(scenario: Scenario, row: PosteriorRow | None, seed: int, world: int | None) -> World:
    """Draw the cities of one world at the start, or on the status date.

    Parameters
    ----------
    scenario : as it is in this world (`Unknowns.in_world`), under its law (`under_law`).
    row : of the world (`row_of`).
    world : world number; None = the central case, every draw at its median.
    """
    source = _Source(seed, world)
    start = start_of(scenario, row, source)
    if scenario.observed and scenario.observed.awards:
        cities = status_date.draw_observed(scenario, row, start, source, scores_of(scenario))
    else:
        cities = _at_start(scenario, row, start, source)
        cities = status_date.moved_on(scenario, cities, source)
    ratio = scenario.evaluation.claimed_ratio
    ratios = [draw(ratio, source(f"{name}/claimed_ratio")) for name in scenario.cities]
    return World(
        gap=np.array([cities[name].gap for name in scenario.cities]),
        rate=np.array([cities[name].rate for name in scenario.cities]),
        claimed_ratio=np.array(ratios),
        standing=np.array([cities[name].standing for name in scenario.cities], dtype=np.int64),
        left=np.array([status_date.left_today(scenario, name) for name in scenario.cities]),
        tau=_tau_of(scenario, row),
    )


def _tau_of(scenario: Scenario, row: PosteriorRow | None) -> float:
    named = [past.province_of(scenario, city) for city in scenario.cities.values()]
    shared = [name for name in named if name is not None]
    rate = scenario.background.rate
    if len(shared) == len(set(shared)) or rate is None:
        return 0.0
    share = row.province_share if row else rate.province_share
    return rate.spread * math.sqrt(share)


def _at_start(
    scenario: Scenario, row: PosteriorRow | None, start: Start, source: _Source
) -> dict[str, Drawn]:
    """Draw the cities on the day of the start; an award that is given stands."""
    known = draw_histories(scenario, row, start, source) if row else {}
    bounds = np.array(list(_bounds(scenario).values()))
    for name, city in scenario.cities.items():
        if name not in known:
            score = score_at_start(scenario, name, city.baseline, source)
            median, spread = past.rates_of(scenario, row, city)
            mean, own_spread = start.own[name]
            deviation = mean + own_spread * normal_quantile(source(f"{name}/rate"))
            rate = median * math.exp(spread * deviation)
            gap = max(SMALLEST_GAP, MAXIMUM_SCORE - score)
            known[name] = Drawn(gap, rate, category_of(score, bounds))
    for name, city in scenario.cities.items():
        if city.award.category != "unknown":
            known[name] = known[name]._replace(standing=category_number(city.award.category))
    return known


_STEPS = 24
"""Steps of chance along each of the two draws of a baseline, for what observed awards say."""

_MOST_BASELINES = 1_000
_scores_by_baseline: dict[str, FloatArray] = {}


def scores_of(scenario: Scenario) -> Callable[[str], FloatArray]:
    """Return equally likely scores of a city's baseline, by its name; the same ones once only."""

    def scores(name: str) -> FloatArray:
        baseline = scenario.cities[name].baseline
        key = f"{baseline.model_dump_json()} {scenario.evaluation.stage_fall} {_bounds(scenario)}"
        if key not in _scores_by_baseline:
            chances = ((np.arange(_STEPS) + 0.5) / _STEPS).tolist()
            falls = chances if baseline.stage in scenario.evaluation.stage_fall else [_MIDDLE]
            names = f"{name}/baseline", f"{name}/stage_fall"
            sources = [dict(zip(names, pair, strict=True)) for pair in product(chances, falls)]
            found = [score_at_start(scenario, name, baseline, one.__getitem__) for one in sources]
            if len(_scores_by_baseline) > _MOST_BASELINES:
                _scores_by_baseline.clear()
            _scores_by_baseline[key] = np.array(found)
        return _scores_by_baseline[key]

    return scores


def score_at_start(scenario: Scenario, name: str, baseline: Baseline, source: Any) -> float:
    """Return a city's score at the start, drawn from its baseline, points within 0 and 1000."""
    probability: float = source(f"{name}/baseline")
    if baseline.category is not None:
        low, high = band(baseline.category, _bounds(scenario))
        return low + probability * (high - low)
    if baseline.self_assessment is not None:
        return float(clip_score(baseline.self_assessment * draw(baseline.ratio, probability)))
    assert baseline.score is not None  # the model holds exactly one way, a history is drawn above
    error = baseline.sd * normal_quantile(probability)
    fall = scenario.evaluation.stage_fall.get(baseline.stage, 0.0) if baseline.stage else 0.0
    return float(clip_score(baseline.score + error - draw(fall, source(f"{name}/stage_fall"))))


def score_for_policy(scenario: Scenario, name: str) -> float:
    """Return the score that the policy goes by at first: the last award observed, or the baseline.

    Of an award it knows the centre of its band.
    """
    seen = scenario.observed.awards if scenario.observed else {}
    awards = [seen[year][name] for year in sorted(seen) if name in seen[year]]
    if awards:
        return band_centre(awards[-1], _bounds(scenario))
    return baseline_centre(scenario, scenario.cities[name])


def baseline_centre(scenario: Scenario, city: City) -> float:
    """Return the score of a baseline as written, the one that the policy goes by at first."""
    baseline = city.baseline
    if baseline.score is not None:
        return baseline.score
    if baseline.history is not None:
        held = baseline.history[max(baseline.history)]
        return band_centre(held, _bounds(scenario))
    if baseline.category is not None:
        return band_centre(baseline.category, _bounds(scenario))
    assert baseline.self_assessment is not None  # the model holds at least one of the four
    return baseline.self_assessment * draw(baseline.ratio, _MIDDLE)


def _bounds(scenario: Scenario) -> dict[Category, float]:
    return cast("dict[Category, float]", scenario.categories.model_dump())

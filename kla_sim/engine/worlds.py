"""What is not known, drawn anew in each world: baselines, rates, ratios and `uncertain` numbers.

World w is drawn from streams `world/...` at index w, so that it is the same world in every run.
Chance within a replication is the engines' affair.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, cast

import numpy as np

from kla_sim.domain.categories import Category, band, band_centre
from kla_sim.engine.draws import stream, uniform
from kla_sim.engine.formulas import (
    FloatArray,
    category_of,
    clip_score,
    normal_quantile,
    quantile,
)
from kla_sim.engine.structure import IntArray, Structure
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.scenario.distributions import Pert
from kla_sim.scenario.model import Baseline, City, Scenario, Uncertainty
from kla_sim.scenario.paths import changed_by, matching_paths, with_changes

_MIDDLE = 0.5


class World(NamedTuple):
    """One world's cities at the start."""

    gap: FloatArray  # (n_cities,) background gap, points
    rate: FloatArray  # (n_cities,) per year
    claimed_ratio: FloatArray  # (n_cities,) verified over claimed
    standing: IntArray  # (n_cities,) category number


class _Source:
    """The uniform numbers of one world; the middle of everything for the central case."""

    def __init__(self, seed: int, world: int | None) -> None:
        self._seed = np.uint64(seed)
        self._world = world

    def __call__(self, name: str) -> float:
        if self._world is None:
            return _MIDDLE
        return float(uniform(self._seed, stream(f"world/{name}"), self._world, 0))


class Unknowns:
    """The `uncertain` numbers of a scenario and the values they name, found once for all worlds."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._found = [
            (pattern, uncertainty, matching_paths(scenario, pattern))
            for pattern, uncertainty in scenario.uncertain.items()
        ]

    def in_world(self, seed: int, world: int | None) -> Scenario:
        """Return the scenario as it is in one world.

        Parameters
        ----------
        world : world number; None = the central case, the scenario as written.
        """
        if world is None or not self._found:
            return self._scenario
        source = _Source(seed, world)
        changes = {}
        for pattern, uncertainty, paths in self._found:
            drawn = _draw(_as_pert(uncertainty), source(f"uncertain/{pattern}"))
            changes.update(dict.fromkeys(paths, changed_by(uncertainty.by, drawn)))
        return with_changes(self._scenario, changes)


def draw_world(scenario: Scenario, structure: Structure, seed: int, world: int | None) -> World:
    """Draw the cities of one world at the start.

    Parameters
    ----------
    scenario : as it is in this world (`Unknowns.in_world`).
    world : world number; None = the central case, every draw at its median.
    """
    source = _Source(seed, world)
    cities = list(scenario.cities.items())
    scores = [score_at_start(scenario, name, city.baseline, source) for name, city in cities]
    bounds = np.array(list(_bounds(scenario).values()))
    rate = scenario.background.rate
    return World(
        gap=np.array([max(1.0, 1000.0 - score) for score in scores]),
        rate=np.array(
            [
                rate.median * math.exp(rate.spread * normal_quantile(source(f"{name}/rate")))
                for name, _ in cities
            ]
        ),
        claimed_ratio=np.array(
            [
                _draw(scenario.evaluation.claimed_ratio, source(f"{name}/claimed_ratio"))
                for name, _ in cities
            ]
        ),
        standing=np.array(
            [
                category_of(score, bounds) if known < 0 else known
                for score, known in zip(scores, structure.start_category, strict=True)
            ],
            dtype=np.int64,
        ),
    )


def score_at_start(scenario: Scenario, name: str, baseline: Baseline, source: Any) -> float:
    """Return a city's score at the start, drawn from its baseline, points within 0 and 1000."""
    probability: float = source(f"{name}/baseline")
    if baseline.category is not None:
        low, high = band(baseline.category, _bounds(scenario))
        return low + probability * (high - low)
    if baseline.self_assessment is not None:
        return float(clip_score(baseline.self_assessment * _draw(baseline.ratio, probability)))
    assert baseline.score is not None  # the model holds exactly one of the three
    error = baseline.sd * normal_quantile(probability)
    fall = scenario.evaluation.stage_fall.get(baseline.stage, 0.0) if baseline.stage else 0.0
    return float(clip_score(baseline.score + error - _draw(fall, source(f"{name}/stage_fall"))))


def baseline_centre(scenario: Scenario, city: City) -> float:
    """Return the score of a baseline as written, the one that the policy goes by at first."""
    baseline = city.baseline
    if baseline.category is not None:
        return band_centre(baseline.category, _bounds(scenario))
    if baseline.self_assessment is not None:
        return baseline.self_assessment * _draw(baseline.ratio, _MIDDLE)
    assert baseline.score is not None  # the model holds exactly one of the three
    return baseline.score


def _bounds(scenario: Scenario) -> dict[Category, float]:
    return cast("dict[Category, float]", scenario.categories.model_dump())


def _draw(distribution: Any, probability: float) -> float:
    book = TableBook()
    row = distribution_row(distribution, book, positive=False)
    return float(quantile(row, probability, book.array()))


def _as_pert(uncertainty: Uncertainty) -> Pert[float]:
    return Pert[float](
        low=uncertainty.low,
        likely=uncertainty.likely,
        high=uncertainty.high,
        meaning=uncertainty.meaning,
    )

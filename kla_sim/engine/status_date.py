"""Cities on a status date: gap, rate and standing, given the awards observed since the start.

Each city starts from its baseline as written and is filtered through the law of its world. The
jury of a cycle is the same for all cities, so how strict it was is drawn first, given what it gave
to all of them, and each city then under that jury. Called by `worlds`. Not here: what was observed
of work, zones and money (`scenario.status`, the engines).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import MAXIMUM_SCORE, category_number
from kla_sim.domain.indicators import GROUPS
from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.engine import beliefs as known
from kla_sim.engine import past
from kla_sim.engine.background import Grid, award_chances, background_grid
from kla_sim.engine.beliefs import Drawn
from kla_sim.engine.cells import IMPOSSIBLE
from kla_sim.engine.formulas import background_step, normal_quantile, service_factor
from kla_sim.engine.jury import BOUNDS, categories_of
from kla_sim.engine.posterior import PosteriorRow
from kla_sim.engine.start import Start
from kla_sim.engine.values import group_points, group_weights
from kla_sim.scenario import status
from kla_sim.scenario.evaluation import Strictness
from kla_sim.scenario.model import City, Scenario

_N_JURIES = {1: 9, 2: 5}
"""Juries tried for each cycle observed, by the number of cycles; three for more."""

ScoresOf = Callable[[str], FloatArray]


class _Cycle(NamedTuple):
    """A cycle whose awards were observed."""

    year: int
    evidence: dt.date
    strictness: Strictness
    noise: float | None


class _Trail(NamedTuple):
    """What is believed of the cities after some juries, and how likely their awards were."""

    log_chance: float
    beliefs: dict[str, FloatArray]  # (N_STRATA, N_STANDINGS, n_cells), adding up to 1


def moved_on(scenario: Scenario, cities: dict[str, Drawn], source: past.Source) -> dict[str, Drawn]:
    """Return cities as they are on the status date, if there is one: the background has moved."""
    if scenario.observed is None:
        return cities
    return _moved(scenario, cities, (scenario.observed.date - scenario.start).days, source)


def draw_observed(
    scenario: Scenario,
    row: PosteriorRow | None,
    start: Start,
    source: past.Source,
    scores_of: ScoresOf,
) -> dict[str, Drawn]:
    """Draw all cities as they are on the status date, given the awards observed.

    What a province shares was drawn from the awards up to the start; the awards observed since
    speak of each city's own rate, and of the jury, but no more of what the province shares.

    Parameters
    ----------
    start : what is believed on the day of the start.
    scores_of : equally likely scores of a city's baseline, points, by its name.
    """
    assert scenario.observed is not None
    cycles = _cycles(scenario)
    trails = [_Trail(0.0, beliefs_at_start(scenario, row, start, scores_of))]
    today = scenario.start
    for cycle in cycles:
        trails = _after_cycle(scenario, row, cycle, (cycle.evidence - today).days, trails)
        today = cycle.evidence
    chances = np.exp([trail.log_chance - max(t.log_chance for t in trails) for trail in trails])
    beliefs = trails[known.pick(chances, source("observed"))[0]].beliefs
    drawn = {
        name: known.draw(
            beliefs[name],
            past.law_for(scenario, row, city, None),
            None,
            (source(f"{name}/standing"), source(f"{name}/baseline"), source(f"{name}/rate")),
            start.own[name],
        )
        for name, city in scenario.cities.items()
    }
    return _moved(scenario, drawn, (scenario.observed.date - today).days, source)


def _moved(
    scenario: Scenario, cities: dict[str, Drawn], days: int, source: past.Source
) -> dict[str, Drawn]:
    volatility = scenario.background.volatility or 0.0
    moved = {}
    for name, drawn in cities.items():
        innovation = normal_quantile(source(f"{name}/observed"))
        gap = background_step(drawn.gap, drawn.rate, volatility, days, innovation)
        moved[name] = drawn._replace(gap=gap)
    return moved


def _cycles(scenario: Scenario) -> list[_Cycle]:
    """Return the cycles observed, in the order of their evidence."""
    assert scenario.observed is not None
    cycles = []
    for year in scenario.observed.awards:
        cycle = scenario.evaluation.cycles[year]
        own = scenario.evaluation.strictness if cycle.strictness is None else cycle.strictness
        strictness = own if isinstance(own, Strictness) else Strictness(sd=own or 0.0)
        cycles.append(_Cycle(year, cycle.evidence_closes, strictness, cycle.noise))
    return sorted(cycles, key=lambda cycle: cycle.evidence)


def beliefs_at_start(
    scenario: Scenario, row: PosteriorRow | None, start: Start, scores_of: ScoresOf
) -> dict[str, FloatArray]:
    """Return what is believed of every city on the day of the start."""
    found = {}
    for name, city in scenario.cities.items():
        award = city.award.category
        if name in start.beliefs:
            beliefs = _step(scenario, row, city, start.days)(start.beliefs[name])
            if award != "unknown":
                beliefs = _holding(beliefs, category_number(award))
        else:
            standing = None if award == "unknown" else category_number(award)
            beliefs = _of_scores(scores_of(name), standing, start.own[name])
        found[name] = beliefs / beliefs.sum()
    return found


def _holding(beliefs: FloatArray, standing: int) -> FloatArray:
    """Keep what agrees with the award held; one that the law rules out tells nothing."""
    kept = np.zeros_like(beliefs)
    here = beliefs[:, standing]
    kept[:, standing] = here if here.any() else beliefs.sum(axis=1)
    return kept


def _of_scores(scores: FloatArray, standing: int | None, own: known.Own) -> FloatArray:
    """Return beliefs of equally likely scores; without an award each stands in its own band."""
    edges = background_grid().edges
    gaps = np.clip(MAXIMUM_SCORE - scores, edges[0], edges[-1])
    cells = np.clip(np.searchsorted(edges, gaps, side="right") - 1, 0, len(edges) - 2)
    bands = categories_of(scores, BOUNDS)
    standings = bands if standing is None else np.full(len(scores), standing)
    beliefs = np.zeros((known.N_STRATA, known.N_STANDINGS, len(edges) - 1))
    np.add.at(beliefs[0], (standings, cells), 1.0)
    return np.asarray(known.chances_given(own)[:, None, None] * beliefs[0])


def _step(
    scenario: Scenario, row: PosteriorRow | None, city: City, days: int
) -> Callable[[FloatArray], FloatArray]:
    """Return what some days of background do to what is believed of a city."""
    if days <= 0:
        return lambda beliefs: beliefs
    kernel = known.kernel_of(past.law_for(scenario, row, city, None), days / DAYS_PER_YEAR)
    return lambda beliefs: known.after_step(beliefs[:, None], kernel)[:, 0]


def _after_cycle(
    scenario: Scenario,
    row: PosteriorRow | None,
    cycle: _Cycle,
    days: int,
    trails: list[_Trail],
) -> list[_Trail]:
    """Follow every trail through one more cycle, under each of the juries tried."""
    assert scenario.observed is not None
    awards = scenario.observed.awards[cycle.year]
    steps = {
        past.kind_of(city): _step(scenario, row, city, days) for city in scenario.cities.values()
    }
    moved = [
        _Trail(
            trail.log_chance,
            {
                name: steps[past.kind_of(city)](trail.beliefs[name])
                for name, city in scenario.cities.items()
            },
        )
        for trail in trails
    ]
    left = {name: remainder_on(scenario, name, cycle.evidence) for name in scenario.cities}
    after = []
    for chance, strictness in _juries(cycle.strictness, len(scenario.observed.awards)):
        sights: dict[tuple[int, float], FloatArray] = {}
        for trail in moved:
            log_chance, beliefs = trail.log_chance + math.log(chance), {}
            for name, city in scenario.cities.items():
                key = past.kind_of(city), left[name]
                if key not in sights:
                    law = past.law_for(scenario, row, city, cycle.noise)
                    sights[key] = award_chances(_seen_through(left[name]), law, strictness)
                seen = category_number(awards[name]) if name in awards else known.UNSEEN
                before = trail.beliefs[name]
                here = known.after_one(before, sights[key], seen)
                total = float(here.sum())
                log_chance += math.log(max(total, IMPOSSIBLE))
                is_ruled_out = total < IMPOSSIBLE
                beliefs[name] = known.stubborn(before, seen) if is_ruled_out else here / total
            after.append(_Trail(log_chance, beliefs))
    return after


def _seen_through(left: float) -> Grid:
    """Return the grid as the jury sees it, when Kaltara and wide work leave a part of the gap."""
    grid = background_grid()
    return Grid(grid.edges * left, grid.centres * left)


def _juries(strictness: Strictness, n_cycles: int) -> list[tuple[float, float]]:
    """Return a few juries with their chances (Gauss-Hermite quadrature)."""
    if strictness.sd <= 0.0:
        return [(1.0, strictness.mean)]
    points, weights = np.polynomial.hermite_e.hermegauss(_N_JURIES.get(n_cycles, 3))
    juries = zip(weights / weights.sum(), points, strict=True)
    return [(float(w), float(strictness.mean + strictness.sd * point)) for w, point in juries]


def left_today(scenario: Scenario, name: str) -> float:
    """Return the share of a city's gap left on day 0: all of it, where nothing was observed."""
    if scenario.observed is None:
        return 1.0
    return remainder_on(scenario, name, scenario.observed.date)


def remainder_on(scenario: Scenario, name: str, day: dt.date) -> float:
    """Return the share of a city's gap left by zones launched and wide work finished by a day.

    Services of zones not yet launched are not counted, because their days are not known to matter:
    they are a part of what the award says of the gap.
    """
    city, effects = scenario.cities[name], scenario.effects
    launches = status.launched(scenario, name).values()
    standing = city.zones.existing + sum(launch <= day for launch in launches)
    left = dict(zip(GROUPS, group_weights(group_points(scenario), city.baseline), strict=True))
    closed = _closed(scenario, name, day)
    for group in GROUPS:
        effect = effects.services.get(group, 0.0)
        before, now = (
            service_factor(effect, n / city.districts, effects.integration, n / city.districts)
            for n in (city.zones.existing, standing)
        )
        left[group] *= now / before
        for shares in closed:
            left[group] *= 1.0 - shares.get(group, 0.0)
    return float(sum(left.values()))


def _closed(scenario: Scenario, name: str, day: dt.date) -> list[dict[str, float]]:
    """Return what finished work of the province and the city closes of each group's gap."""
    closed = []
    for owner, kit in (("province", scenario.work.province), (name, scenario.work.city)):
        for entry, activity in kit.items():
            work = status.seen(scenario, f"{owner}/{entry}")
            if work is not None and work.finished is not None and work.finished <= day:
                closed.append({str(group): share for group, share in activity.closes_gap.items()})
    return closed

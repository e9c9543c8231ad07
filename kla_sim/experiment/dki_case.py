"""The case of DKI Jakarta: what could be forecast at the end of 2022 for 2023 and 2025.

Each region starts, as in the scenario `kaltara_2022`, on 14 November 2022 and moves by laws fitted
to awards up to 2022 without DKI; Kaltara is left out, since no area of it outside Jakarta Timur is
on record. Three starts are held against each other: the ministry's score of April 2022 taken as
exact to 10 points, the region's own awards, and both, as the scenario has it. Beside them stands
`kaltara_2022` itself, simulated with its planned zones. Nine outcomes are stated in a source, three
inferred; they are scored apart. Called by `backtest`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.award_forecasts import (
    N_OUTCOMES,
    Moves,
    forecast_by_table,
    forecast_no_change,
    moves_of,
)
from kla_sim.analysis.forecast_scores import log_scores, smallest_sets
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.awards import read_awards
from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.record import shipped_rows
from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.engine import beliefs as known
from kla_sim.engine.jury import BOUNDS, category_of
from kla_sim.engine.past import kind_of
from kla_sim.engine.posterior import PosteriorRow, law_of, load_posterior
from kla_sim.engine.start import start_of
from kla_sim.engine.status_date import beliefs_at_start
from kla_sim.engine.unknowns import Unknowns
from kla_sim.engine.worlds import row_of, scores_of, source_of, under_law
from kla_sim.experiment.backtest import (
    NAIVE,
    training_record,
    unknown_juries,
)
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.shipped import shipped_scenario

START = dt.date(2022, 11, 14)
FORECAST_YEARS = (2023, 2025)
SCORE_SD = 10.0
"""Error of a ministry's score where it is taken as exact: what `kaltara_2022` once assumed."""

BOTH, SCORE, HISTORY = "model", "score", "history"
DKI_FORECASTERS = (BOTH, SCORE, HISTORY, "kaltara_2022", "pooled", *NAIVE)
"""`model` starts from awards and scores together, as `kaltara_2022` does."""

_EVIDENCE_DAYS = {2023: (dt.date(2023, 6, 15),), 2025: (dt.date(2024, 6, 15), dt.date(2025, 6, 15))}
_N_WORLDS, _N_FUTURES, _SEED = 100, 4_000, 1
_ADDED = 0.5


class RegionForecast(NamedTuple):
    """One region's outcome at one evaluation, forecast at the end of 2022."""

    region: str
    year: int
    is_stated: bool
    outcome: int
    chances: dict[str, FloatArray]  # forecaster to (n_outcomes,)
    likely_sets: dict[str, tuple[int, ...]]  # forecaster to its smallest set with 90 %


class DkiCase(NamedTuple):
    """All forecasts of the case and their scores."""

    forecasts: tuple[RegionForecast, ...]
    log_score: dict[str, dict[str, float]]  # stated, inferred, all; then forecaster
    set_size: dict[str, float]  # forecaster to the mean number of outcomes in its 90 % sets
    n_in_set: dict[str, int]  # forecaster to the outcomes that lay in their set


def dki_case(posterior_name: str = "2022") -> DkiCase:
    """Forecast the DKI awards of 2023 and 2025 and score them."""
    posterior = load_posterior(posterior_name)
    regions = _regions()
    by_law = {name: _forecast(_scenario_from(name), regions) for name in (BOTH, SCORE, HISTORY)}
    by_law["kaltara_2022"] = _simulate_kaltara_2022(regions)
    training = moves_of(training_record(posterior))
    earlier = np.array([region.standing for region in regions])
    once = Moves(earlier, earlier, earlier, earlier)
    every = Moves(*(np.arange(N_OUTCOMES),) * 4)
    by_rule = {}
    for name, rule in (("table_of_moves", forecast_by_table), ("no_change", forecast_no_change)):
        first = rule(training, once)
        by_rule[name] = np.stack([first, first @ rule(training, every)], axis=1)
    by_law |= by_rule
    by_law["pooled"] = (by_law[BOTH] + by_law["table_of_moves"]) / 2
    forecasts = []
    for place, region in enumerate(regions):
        for number, year in enumerate(FORECAST_YEARS):
            category, is_stated = region.awards[year]
            chances = {name: by_law[name][place, number] for name in DKI_FORECASTERS}
            likely = {
                name: tuple(np.flatnonzero(smallest_sets(chance[None])[0]).tolist())
                for name, chance in chances.items()
            }
            forecasts.append(
                RegionForecast(region.name, year, is_stated, category, chances, likely)
            )
    return _scored(tuple(forecasts))


class _Region(NamedTuple):
    name: str
    score: float
    standing: int
    awards: dict[int, tuple[int, bool]]  # year to category, and whether a source states it


def _regions() -> list[_Region]:
    scores = {
        row["region"]: float(row["score"]) for row in shipped_rows("kla_admin_scores_dki_2022.csv")
    }
    awards: dict[str, dict[int, tuple[int, bool]]] = {name: {} for name in scores}
    for award in read_awards().awards:
        category = [str(name) for name in CATEGORIES].index(award.category)
        awards[award.region][award.year] = min(category, 4), award.is_stated
    regions = []
    for name, score in scores.items():
        # Jakarta Selatan's award of 2022 is not known: the band of its score stands for it
        in_band = category_of(score, BOUNDS)
        standing = awards[name][2022][0] if 2022 in awards[name] else in_band
        regions.append(_Region(name, score, standing, awards[name]))
    return regions


def _scenario_from(start: str) -> Scenario:
    """Return `kaltara_2022` with one of the three starts, and nothing replicated."""
    path = shipped_scenario("kaltara_2022")
    loaded = read_scenario(path)
    overrides = []
    for name in loaded.scenario.cities:
        where = f"cities.{name}.baseline"
        if start == SCORE:
            overrides += [f"{where}.history=null", f"{where}.sd={SCORE_SD:g}"]
    if start == HISTORY:
        overrides.append("evaluation.stage_error.ministry.silent=100%")
    return read_scenario(path, overrides=overrides).scenario


def _forecast(scenario: Scenario, regions: Sequence[_Region]) -> FloatArray:
    """Return the mean forecast over worlds, (n_regions, n_years, N_OUTCOMES)."""
    unknowns = Unknowns(scenario)
    cities = [_city_of(scenario, region.name) for region in regions]
    total = np.zeros((len(regions), len(FORECAST_YEARS), len(CATEGORIES)))
    for world in range(_N_WORLDS):
        here, source = unknowns.in_world(_SEED, world), source_of(_SEED, world)
        row = row_of(here, _SEED, world)
        assert row is not None  # kaltara_2022 names a posterior
        here = under_law(here, row)
        beliefs = beliefs_at_start(here, row, start_of(here, row, source), scores_of(here))
        for kind in {kind_of(here.cities[name]) for name in cities}:
            of_kind = [p for p, name in enumerate(cities) if kind_of(here.cities[name]) == kind]
            states = np.stack([beliefs[cities[place]] for place in of_kind], axis=1)
            total[of_kind] += _forecast_kind(states, row, kind)
    mean = total / _N_WORLDS
    mean[:, :, N_OUTCOMES - 1] += mean[:, :, N_OUTCOMES:].sum(axis=2)
    return np.asarray(mean[:, :, :N_OUTCOMES])


def _forecast_kind(state: FloatArray, row: PosteriorRow, kind: int) -> FloatArray:
    """Return the forecast of each evaluation, the mean over juries.

    Parameters
    ----------
    state : (N_STRATA, n_regions, N_STANDINGS, n_cells) on the day of the start.

    Returns
    -------
    (n_regions, n_years, n_categories)
    """
    law, today, states, forecasts = law_of(row, kind), START, [state], []
    unseen = np.full(state.shape[1], known.UNSEEN)
    for year in FORECAST_YEARS:
        for evidence_day in _EVIDENCE_DAYS[year]:
            kernel = known.kernel_of(law, (evidence_day - today).days / DAYS_PER_YEAR)
            states = [known.after_step(state, kernel) for state in states]
            today = evidence_day
        states = [
            known.after_awards(state, law, float(jury), unseen)
            for state in states
            for jury in row.strictness_sd * unknown_juries()
        ]
        by_jury = [state.sum(axis=(0, 3))[:, : len(CATEGORIES)] for state in states]
        forecasts.append(np.mean(by_jury, axis=0))
    return np.stack(forecasts, axis=1)


def _city_of(scenario: Scenario, region: str) -> str:
    """Return the key of the city whose name a region of the record ends with."""
    return next(key for key, city in scenario.cities.items() if region.endswith(city.name))


def _simulate_kaltara_2022(regions: Sequence[_Region]) -> FloatArray:
    """Simulate the scenario as it ships, and count only futures with the calendar that came.

    Returns
    -------
    (n_regions, n_years, N_OUTCOMES) 1/2 added to every count
    """
    from kla_sim.engine.plan import compile_plan
    from kla_sim.experiment.batches import engine_of

    scenario = read_scenario(shipped_scenario("kaltara_2022")).scenario
    plan = compile_plan(scenario, _SEED)
    awards = engine_of("compiled")(plan, 0, _N_FUTURES).category.astype(np.int64)
    years = list(plan.labels.cycles)
    cycle = {year: years.index(year) for year in (2023, 2024, 2025)}
    is_held = awards[:, 0] >= 0
    as_it_came = is_held[:, cycle[2023]] & ~is_held[:, cycle[2024]] & is_held[:, cycle[2025]]
    places = [plan.labels.cities.index(_city_of(scenario, region.name)) for region in regions]
    return np.array(
        [
            [_shares(awards[as_it_came, place, cycle[year]]) for year in FORECAST_YEARS]
            for place in places
        ]
    )


def _shares(categories: IntArray) -> FloatArray:
    counts = np.bincount(np.minimum(categories, N_OUTCOMES - 1), minlength=N_OUTCOMES) + _ADDED
    return np.asarray(counts / counts.sum())


def _scored(forecasts: tuple[RegionForecast, ...]) -> DkiCase:
    groups = {
        "stated": [one for one in forecasts if one.is_stated],
        "inferred": [one for one in forecasts if not one.is_stated],
        "all": list(forecasts),
    }
    return DkiCase(
        forecasts,
        {group: _log_score(chosen) for group, chosen in groups.items()},
        {
            name: float(np.mean([len(one.likely_sets[name]) for one in forecasts]))
            for name in DKI_FORECASTERS
        },
        {
            name: sum(one.outcome in one.likely_sets[name] for one in forecasts)
            for name in DKI_FORECASTERS
        },
    )


def _log_score(forecasts: list[RegionForecast]) -> dict[str, float]:
    outcomes = np.array([one.outcome for one in forecasts])
    return {
        name: float(log_scores(np.array([one.chances[name] for one in forecasts]), outcomes).mean())
        for name in DKI_FORECASTERS
    }


def dki_document(case: DkiCase) -> dict[str, Any]:
    """Return the case as the JSON of `backtest` shows it."""
    return {
        "log_score": case.log_score,
        "mean_set_size": case.set_size,
        "outcomes_in_set": case.n_in_set,
        "forecasts": [
            {
                "region": one.region,
                "year": one.year,
                "stated": one.is_stated,
                "outcome": CATEGORIES[one.outcome],
                "sets": {
                    name: [CATEGORIES[category] for category in likely]
                    for name, likely in one.likely_sets.items()
                },
                "chances": {
                    name: dict(zip(CATEGORIES[:N_OUTCOMES], chances.tolist(), strict=True))
                    for name, chances in one.chances.items()
                },
            }
            for one in case.forecasts
        ],
    }

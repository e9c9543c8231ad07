"""The case of DKI Jakarta: what could be forecast at the end of 2022 for 2023 and 2025.

Each region starts, as in the scenario `kaltara_2022`, from the ministry's score of April 2022 and
its award of that year, and moves by laws fitted to awards up to 2022 without DKI; Kaltara is left
out, since no area of it outside Jakarta Timur is on record. Beside it stand `kaltara_2022` itself,
simulated with its planned zones, and the forecast that knows no score, only the
region's own awards up to 2022 (a `history` baseline). Nine outcomes are stated in a source, three
inferred; they are scored apart. Called by `backtest`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.award_forecasts import (
    N_OUTCOMES,
    Moves,
    forecast_by_table,
    forecast_no_change,
    moves_of,
)
from kla_sim.analysis.forecast_scores import log_scores, smallest_sets
from kla_sim.analysis.histories import start_and_kernel, steps_between
from kla_sim.domain.awards import read_awards
from kla_sim.domain.categories import CATEGORIES, LOWER_BOUNDS
from kla_sim.domain.record import kind_of_place, shipped_rows
from kla_sim.engine.background import (
    N_CATEGORIES,
    NO_STANDING,
    Law,
    award_chances,
    background_grid,
    first_chances,
    rate_nodes,
    see_award,
    step_kernel,
)
from kla_sim.engine.posterior import PosteriorRow, law_of, load_posterior
from kla_sim.experiment.backtest import (
    NAIVE,
    training_record,
    unknown_juries,
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

START = dt.date(2022, 11, 14)
FORECAST_YEARS = (2023, 2025)
SCORE_SD = 10.0
"""Error of a ministry's administrative score, points: an assumption, as in `kaltara_2022`."""

DKI_FORECASTERS = ("model", "kaltara_2022", "history", "pooled", *NAIVE)

_EVIDENCE_DAYS = {2023: (dt.date(2023, 6, 15),), 2025: (dt.date(2024, 6, 15), dt.date(2025, 6, 15))}
_N_FUTURES, _SEED = 4_000, 1
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
    by_model = {
        "model": _forecast_by_law(regions, posterior.rows, _from_score),
        "history": _forecast_by_law(regions, posterior.rows, _from_history),
    }
    simulated = _simulate_kaltara_2022([region.name for region in regions])
    training = moves_of(training_record(posterior))
    earlier = np.array([region.standing for region in regions])
    once = Moves(earlier, earlier, earlier, earlier)
    naive = {
        "table_of_moves": forecast_by_table(training, once),
        "no_change": forecast_no_change(training, once),
    }
    every = Moves(*(np.arange(N_OUTCOMES),) * 4)
    naive_again = {
        "table_of_moves": naive["table_of_moves"] @ forecast_by_table(training, every),
        "no_change": naive["no_change"] @ forecast_no_change(training, every),
    }
    forecasts = []
    for place, region in enumerate(regions):
        for number, (year, rules) in enumerate(
            zip(FORECAST_YEARS, (naive, naive_again), strict=True)
        ):
            category, is_stated = region.awards[year]
            by_law = {name: found[place][number] for name, found in by_model.items()}
            by_rule = {name: rule[place] for name, rule in rules.items()}
            pooled = (by_law["model"] + by_rule["table_of_moves"]) / 2
            chances = {
                "model": by_law["model"],
                "kaltara_2022": simulated[region.name][number],
                "history": by_law["history"],
                "pooled": pooled,
                **by_rule,
            }
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
        in_band = sum(score > bound for bound in LOWER_BOUNDS.values())
        standing = awards[name][2022][0] if 2022 in awards[name] else in_band
        regions.append(_Region(name, score, standing, awards[name]))
    return regions


class _Motion(NamedTuple):
    """What all regions of one kind share under one row."""

    first: FloatArray  # (n_rates, n_cells) before the first award on record
    yearly: FloatArray  # (n_rates, n_cells, n_cells) a step of one year
    legs: tuple[tuple[FloatArray, ...], ...]  # the steps up to each evaluation to forecast
    known: tuple[FloatArray, ...]  # award chances of each evaluation up to 2022
    unknown: tuple[FloatArray, ...]  # award chances of a few equally likely juries


def _motion(row: PosteriorRow, law: Law) -> _Motion:
    grid = background_grid()
    rates, _weights = rate_nodes(law.rate_median, law.rate_spread)
    legs = []
    today = START
    for year in FORECAST_YEARS:
        steps = []
        for evidence_day in _EVIDENCE_DAYS[year]:
            years = (evidence_day - today).days / 365.25
            steps.append(step_kernel(grid, rates, law.volatility, years))
            today = evidence_day
        legs.append(tuple(steps))
    juries = row.strictness_sd * unknown_juries()
    return _Motion(
        *start_and_kernel(law),
        tuple(legs),
        tuple(award_chances(grid, law, strictness) for strictness in row.strictness.values()),
        tuple(award_chances(grid, law, float(jury)) for jury in juries),
    )


_Start = Callable[[_Region, PosteriorRow, _Motion], FloatArray]
"""What is believed of a region at the end of 2022, (n_rates, n_categories + 1, n_cells)."""


def _from_score(region: _Region, _row: PosteriorRow, motion: _Motion) -> FloatArray:
    """Believe the ministry's score, and know nothing of the rate but its law."""
    weights = motion.first.sum(axis=1)
    state = np.zeros((len(weights), N_CATEGORIES + 1, motion.first.shape[1]))
    near = first_chances(background_grid(), region.score, SCORE_SD)
    state[:, region.standing] = weights[:, None] * near
    return state


def _from_history(region: _Region, row: PosteriorRow, motion: _Motion) -> FloatArray:
    """Believe what the region's own awards up to 2022 say of its gap and rate."""
    state = np.zeros((len(motion.first), N_CATEGORIES + 1, motion.first.shape[1]))
    state[:, NO_STANDING] = motion.first
    years = tuple(row.strictness)
    for year, steps, awards in zip(years, steps_between(years), motion.known, strict=True):
        for _ in range(steps):
            state = state @ motion.yearly
        seen = region.awards[year][0] if year in region.awards else None
        state = see_award(state, awards, seen)
    return state


def _forecast_by_law(
    regions: Sequence[_Region], rows: Sequence[PosteriorRow], start: _Start
) -> list[list[FloatArray]]:
    """Return the mean forecast of each region and evaluation, (n_outcomes,) each."""
    kinds = [kind_of_place(region.name, "DKI Jakarta") for region in regions]
    total = np.zeros((len(regions), len(FORECAST_YEARS), N_CATEGORIES))
    for row in rows:
        motions = {kind: _motion(row, law_of(row, kind)) for kind in set(kinds)}
        for place, (region, kind) in enumerate(zip(regions, kinds, strict=True)):
            total[place] += _forecast_by_row(start(region, row, motions[kind]), motions[kind])
    mean = total / len(rows)
    mean[:, :, N_OUTCOMES - 1] += mean[:, :, N_OUTCOMES:].sum(axis=2)
    return [list(forecasts) for forecasts in mean[:, :, :N_OUTCOMES]]


def _forecast_by_row(state: FloatArray, motion: _Motion) -> FloatArray:
    """Return the forecast of each evaluation, the mean over juries, (n_years, n_categories)."""
    states = [state]
    forecasts = []
    for leg in motion.legs:
        for kernel in leg:
            states = [state @ kernel for state in states]
        states = [see_award(state, awards, None) for state in states for awards in motion.unknown]
        by_jury = [state.sum(axis=(0, 2))[:N_CATEGORIES] for state in states]
        forecasts.append(np.mean(by_jury, axis=0))
    return np.array(forecasts)


def _simulate_kaltara_2022(regions: Sequence[str]) -> dict[str, list[FloatArray]]:
    """Simulate the scenario as it ships, and count only futures with the calendar that came.

    Returns
    -------
    region to the forecast of each evaluation, (n_outcomes,) each, 1/2 added to every count
    """
    from kla_sim.engine.plan import compile_plan
    from kla_sim.experiment.run import engine_of
    from kla_sim.scenario.loading import load_scenario
    from kla_sim.scenario.shipped import shipped_scenario

    scenario = load_scenario(shipped_scenario("kaltara_2022"))
    plan = compile_plan(scenario, _SEED)
    awards = engine_of("compiled")(plan, 0, _N_FUTURES).category
    years = list(plan.labels.cycles)
    cycle = {year: years.index(year) for year in (2023, 2024, 2025)}
    is_held = awards[:, 0] >= 0
    as_it_came = is_held[:, cycle[2023]] & ~is_held[:, cycle[2024]] & is_held[:, cycle[2025]]
    forecasts = {}
    for region in regions:
        city = next(
            place
            for place, key in enumerate(plan.labels.cities)
            if region.endswith(scenario.cities[key].name or key)
        )
        of_city = awards[as_it_came, city].astype(np.int64)
        forecasts[region] = [_shares(of_city[:, cycle[year]]) for year in FORECAST_YEARS]
    return forecasts


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

"""The numbers of a plan that a world may change: durations, costs, money, effects, evaluation.

`compile_values` writes one world's scenario into arrays of the same shape as every other world's.
Distributions become rows for `formulas.quantile`; the tables of PERT quantiles are shared by all
worlds and collected in a `TableBook`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.indicators import GROUPS, POINTS_IN_ALL, Group, points_by_group
from kla_sim.domain.lognormal import lognormal_numbers, shock_sigma
from kla_sim.domain.pert import pert_range
from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.engine import formulas
from kla_sim.engine.structure.codes import NO_LIMIT
from kla_sim.engine.structure.kinds import closes_gap_of, list_kinds
from kla_sim.scenario.distributions import (
    Discrete,
    Exponential,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)
from kla_sim.scenario.evaluation import Strictness
from kla_sim.scenario.model import Baseline, Scenario

_MODE_DIGITS = 6  # worlds that scale a PERT share its table although rupiah are rounded


class Values(NamedTuple):
    """One world's numbers; dimensions as in `Structure`."""

    duration: FloatArray  # (n_kinds, 5) rows for formulas.quantile, days
    cost: FloatArray  # (n_kinds, 5) rupiah
    success: FloatArray  # (n_kinds,)
    rework: FloatArray
    closes_gap: FloatArray  # (n_kinds, n_groups)
    city_duration: FloatArray  # (n_cities,) multipliers
    city_cost: FloatArray
    districts: FloatArray
    group_weight: FloatArray  # (n_cities, n_groups) share of each group in the gap at start
    turnover_days: FloatArray  # (n_resources,) mean days in post; 0 = nobody leaves
    replacement: FloatArray  # (n_resources, 5) days
    appropriation: IntArray  # (n_accounts, n_years) rupiah, before shocks
    lapse: int  # hundredths of a percent
    common_shock: float  # sigma of the lognormal
    own_shock: float
    upkeep: int  # rupiah per zone and year
    effect: FloatArray  # (n_groups,)
    integration: float
    learning_rate: float
    learning_floor: float
    learning_transfer: float
    volatility: float  # points per square root of a year
    bounds: FloatArray  # (5,) points
    cancelled: FloatArray  # (n_cycles,)
    slip: FloatArray
    strictness_mean: FloatArray
    strictness_sd: FloatArray
    noise: FloatArray
    tail_share: float  # of verified scores whose noise is wide
    tail_factor: float  # how many times wider
    one_step_up: float
    confirmation: float  # chance that the standing category is confirmed unseen
    kla_reach: float  # chance that a verdict of KLA is given as one
    wip_limit: int  # zones in progress per city


class TableBook:
    """The quantile tables in use, each written once, numbered in order of first use."""

    def __init__(self) -> None:
        self._place: dict[Any, int] = {}
        self._rows: list[FloatArray] = []

    def pert(self, mode: float) -> int:
        """Return the number of the table of a PERT with this mode between 0 and 1."""
        return self._keep(mode, _pert_table(mode))

    def discrete(self, values: list[float], chances: list[float]) -> int:
        """Return the number of the table that holds these values and cumulative chances."""
        row = np.zeros(formulas.PERT_CELLS + 1)
        row[: len(values)] = values
        cumulative = np.cumsum(chances)
        cumulative[np.flatnonzero(chances)[-1] :] = 1.0  # chances add up to 1 but for rounding
        row[len(values) : 2 * len(values)] = cumulative
        return self._keep((tuple(values), tuple(chances)), row)

    def _keep(self, key: Any, row: FloatArray) -> int:
        if key not in self._place:
            self._place[key] = len(self._rows)
            self._rows.append(row)
        return self._place[key]

    def array(self) -> FloatArray:
        """Return the tables, (n_tables, PERT_CELLS + 1), at least one row."""
        return np.array(self._rows or [np.zeros(formulas.PERT_CELLS + 1)])


@lru_cache(maxsize=4096)
def _pert_table(mode: float) -> FloatArray:
    from scipy.special import betaincinv

    steps = np.linspace(0.0, 1.0, formulas.PERT_CELLS + 1)
    return np.maximum.accumulate(betaincinv(1 + 4 * mode, 5 - 4 * mode, steps))


def distribution_row(distribution: Any, book: TableBook, *, positive: bool = True) -> FloatArray:
    """Write a distribution as a row for `formulas.quantile`.

    Parameters
    ----------
    distribution : a number or one of the distributions of the scenario model.
    positive : a normal is truncated at 0 (times and money).

    Returns
    -------
    (5,) kind and numbers
    """
    match distribution:
        case Pert():
            numbers = _pert_numbers(distribution, book)
        case Uniform():
            numbers = (formulas.UNIFORM, distribution.low, distribution.high)
        case Triangular():
            numbers = (
                formulas.TRIANGULAR, distribution.low, distribution.likely, distribution.high
            )  # fmt: skip
        case Normal():
            below = _normal_below_zero(distribution.mean, distribution.sd) if positive else 0.0
            numbers = (formulas.NORMAL, distribution.mean, distribution.sd, below)
        case Lognormal():
            numbers = _lognormal_numbers(distribution.mean, distribution.sd)
        case Exponential():
            numbers = (formulas.EXPONENTIAL, distribution.mean)
        case Discrete():
            table = book.discrete(distribution.values, distribution.chances)
            numbers = (formulas.DISCRETE, len(distribution.values), table)
        case _:
            numbers = (formulas.FIXED, distribution)
    row = np.zeros(5)
    row[: len(numbers)] = numbers
    return row


def _pert_numbers(pert: Any, book: TableBook) -> tuple[float, ...]:
    low, likely, high = float(pert.low), float(pert.likely), float(pert.high)
    if high <= low:
        return (formulas.FIXED, low)
    if pert.meaning == "p10-p90":
        low, high = pert_range(low, likely, high)
    mode = round((likely - low) / (high - low), _MODE_DIGITS)
    return (formulas.PERT, low, high, mode, book.pert(mode))


def _normal_below_zero(mean: float, sd: float) -> float:
    return 0.5 * math.erfc(mean / sd / math.sqrt(2)) if sd > 0 else 0.0


def _lognormal_numbers(mean: float, sd: float) -> tuple[float, ...]:
    if mean <= 0 or sd <= 0:
        return (formulas.FIXED, max(mean, 0.0))
    return (formulas.LOGNORMAL, *lognormal_numbers(mean, sd))


def compile_values(scenario: Scenario, book: TableBook) -> Values:
    """Turn the numbers of a scenario, as they are in one world, into arrays."""
    activities = [kind.activity for kind in list_kinds(scenario)]
    cities = list(scenario.cities.values())
    resources = list(scenario.resources.values())
    closes_gap = np.zeros((len(activities), len(GROUPS)))
    for place, activity in enumerate(activities):
        for group, share in closes_gap_of(activity).items():
            closes_gap[place, group] = share

    of_group = group_points(scenario)

    def rows(distributions: list[Any]) -> FloatArray:
        found = [distribution_row(distribution, book) for distribution in distributions]
        return np.array(found).reshape(len(found), 5)

    return Values(
        duration=rows([activity.duration for activity in activities]),
        cost=rows([activity.cost for activity in activities]),
        success=np.array([activity.success for activity in activities]),
        rework=np.array([activity.rework for activity in activities]),
        closes_gap=closes_gap,
        city_duration=np.array([city.multipliers.duration for city in cities]),
        city_cost=np.array([city.multipliers.cost for city in cities]),
        districts=np.array([float(city.districts) for city in cities]),
        group_weight=np.array([group_weights(of_group, city.baseline) for city in cities]),
        turnover_days=np.array(
            [DAYS_PER_YEAR / r.turnover if r.turnover > 0 else 0.0 for r in resources]
        ),
        replacement=rows([1.0 if r.replacement is None else r.replacement for r in resources]),
        appropriation=_appropriations(scenario),
        lapse=scenario.accounts.lapse,
        common_shock=shock_sigma(scenario.accounts.shock.common),
        own_shock=shock_sigma(scenario.accounts.shock.own),
        upkeep=scenario.upkeep.per_zone if scenario.upkeep else 0,
        effect=np.array([scenario.effects.services.get(group, 0.0) for group in GROUPS]),
        integration=scenario.effects.integration,
        learning_rate=scenario.learning.rate,
        learning_floor=scenario.learning.floor,
        learning_transfer=scenario.learning.transfer,
        volatility=scenario.background.volatility or 0.0,
        wip_limit=scenario.policy.wip_limit or NO_LIMIT,
        bounds=np.array([getattr(scenario.categories, name) for name in CATEGORIES[1:]]),
        **_evaluation_values(scenario),
    )


def group_points(scenario: Scenario) -> dict[Group, float]:
    """Return the maximum points of each group."""
    given = {key: entry.points for key, entry in scenario.indicators.items()}
    rest = POINTS_IN_ALL - sum(points for points in given.values() if points is not None)
    n_open = sum(points is None for points in given.values())
    points = {key: rest / n_open if value is None else value for key, value in given.items()}
    groups = {key: entry.group for key, entry in scenario.indicators.items()}
    return points_by_group(points, groups)


def group_weights(of_group: dict[Group, float], baseline: Baseline) -> list[float]:
    """Return the share of each group in a city's gap at the start; see `group_points`."""
    attained = baseline.profile or {}
    missing = [of_group[group] * (1.0 - attained.get(group, 0.0)) for group in GROUPS]
    total = sum(missing)
    return _adding_up([part / total for part in missing])


def _adding_up(weights: list[float]) -> list[float]:
    """Let weights, added in their order, make exactly 1, so that a frozen city keeps its score."""
    last = max(place for place, weight in enumerate(weights) if weight > 0.0)
    weights[last] = 1.0 - sum(weights[:last])
    return weights


def _appropriations(scenario: Scenario) -> IntArray:
    years = range(scenario.start.year, scenario.horizon.year + 1)
    accounts = scenario.accounts
    listed = [accounts.province, *(accounts.cities.get(name, {}) for name in scenario.cities)]
    return np.array(
        [_yearly_amounts(amounts, years, accounts.grows or 0.0) for amounts in listed],
        dtype=np.int64,
    )


def _yearly_amounts(amounts: dict[int, int], years: range, grows: float) -> list[int]:
    """Fill years after the first listed one by growth; before it there is nothing."""
    if not amounts:
        return [0] * len(years)
    found: dict[int, int] = {}
    for year in range(min(amounts), years[-1] + 1):
        found[year] = amounts.get(
            year, formulas.whole_rupiah(found.get(year - 1, 0) * (1.0 + grows))
        )
    return [found.get(year, 0) for year in years]


def _evaluation_values(scenario: Scenario) -> dict[str, Any]:
    evaluation = scenario.evaluation
    cycles = [evaluation.cycles[year] for year in sorted(evaluation.cycles)]

    def chosen(own: Any, common: Any) -> Any:
        return common if own is None else own

    strictness = [_strictness(chosen(c.strictness, evaluation.strictness)) for c in cycles]
    risk = evaluation.calendar
    return {
        "cancelled": np.array([chosen(c.cancelled, risk.cancelled) for c in cycles], dtype=float),
        "slip": np.array([chosen(c.slip, risk.slip).chance for c in cycles], dtype=float),
        "strictness_mean": np.array([entry.mean for entry in strictness], dtype=float),
        "strictness_sd": np.array([entry.sd for entry in strictness], dtype=float),
        "noise": np.array([chosen(c.noise, evaluation.noise) or 0.0 for c in cycles], dtype=float),
        "tail_share": evaluation.tail_share or 0.0,
        "tail_factor": 1.0 if evaluation.tail_factor is None else evaluation.tail_factor,
        "one_step_up": evaluation.one_step_up or 0.0,
        "confirmation": evaluation.confirmation or 0.0,
        "kla_reach": 1.0 if evaluation.kla_reach is None else evaluation.kla_reach,
    }


def _strictness(value: float | Strictness | None) -> Strictness:
    return value if isinstance(value, Strictness) else Strictness(sd=value or 0.0)

"""How much of a lever is enough: plans along a range on the same futures, and where they suffice.

The odds need not rise with what is given (Graham 1969, SIAM J. Appl. Math. 17(2), 416-429: more
machines may finish later), so the whole range is scanned and every crossing searched
(`analysis.crossings`). Where none is found, the plan that comes nearest is relieved of one thing at
a time, which says what holds it back. Two levers are laid out as a map. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from kla_sim.analysis.crossings import Crossing, Curve, Point, trace_curve
from kla_sim.analysis.differences import Outcomes, mean_changes
from kla_sim.analysis.estimate import Estimate, estimate_chance, estimate_mean
from kla_sim.engine.plan import compile_plan
from kla_sim.errors import UsageError
from kla_sim.experiment.batches import EngineName
from kla_sim.experiment.size import Asked, reckon, refuse_too_large
from kla_sim.experiment.unkept import Tell, outcomes_of
from kla_sim.scenario.budgets import total_of, yearly_amounts
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.relief import Relief, reliefs
from kla_sim.scenario.varying import Lever, plan_at

SCAN, SCAN_OF_MAP = 9, 5
"""Values of a lever in the first scan, and along each side of a map."""


class Goal(NamedTuple):
    """What is wanted: odds of all cities, or an expected number of cities at the target."""

    of: Literal["odds", "regions"]
    level: float


class Question(NamedTuple):
    """What is asked of which plan.

    Attributes
    ----------
    path, overrides : from what the scenario was read.
    levers : one, or two for a map.
    replications : of each plan, the same ones.
    """

    loaded: LoadedScenario
    path: Path
    overrides: tuple[str, ...]
    goal: Goal
    levers: tuple[Lever, ...]
    replications: int
    seed: int
    engine: EngineName
    n_workers: int | None


class Limit(NamedTuple):
    """What relieving one thing does to the plan that comes nearest to the goal."""

    relief: Relief
    difference: Estimate


class Solution(NamedTuple):
    """How a goal is met along a lever.

    Attributes
    ----------
    curve : of the goal's quantity.
    is_met_at_low : whether the low end of the range suffices already.
    budgets : rupiah of all accounts and years, of the plan as written, and at `least` or at best.
    spent : mean rupiah spent there.
    limits : where the goal is not reached: what would move the best plan, most first.
    """

    curve: Curve
    is_met_at_low: bool
    budgets: tuple[int, int]
    spent: float
    limits: list[Limit]

    @property
    def least(self) -> Crossing | None:
        """The first crossing from below; None where the low end suffices or nothing does."""
        if self.is_met_at_low:
            return None
        return next((one for one in self.curve.crossings if one.rises), None)

    @property
    def is_reached(self) -> bool:
        """Whether the goal is met anywhere in the range."""
        return self.is_met_at_low or bool(self.curve.crossings)


class Map(NamedTuple):
    """What was estimated over two levers.

    Attributes
    ----------
    values : of the first lever and of the second.
    estimates : a row for each value of the first, a column for each of the second.
    """

    values: tuple[list[float], list[float]]
    estimates: list[list[Estimate]]


def solve(question: Question, tell: Tell | None = None) -> Solution:
    """Find where a goal is met along one lever.

    Parameters
    ----------
    tell : is told how many plans have run, and how many at least there will be.

    Raises
    ------
    ScenarioError : a value of the range makes no valid plan.
    UsageError : the goal is no odds or number that this plan can have.
    """
    (lever,) = question.levers
    _check_goal(question)
    scan = lever.grid(SCAN)
    plans = {value: _plan(question, (value,)) for value in scan}  # faults before any future
    tried: dict[float, Outcomes] = {}

    def estimate_at(value: float) -> Estimate:
        if value not in plans:
            plans[value] = _plan(question, (value,))
        tried[value] = _outcomes(question, plans[value])
        if tell:
            tell(len(tried), len(plans))
        return estimate_of(question.goal.of, tried[value])

    curve = trace_curve(estimate_at, scan, question.goal.level, is_whole=lever.is_whole)
    is_met_at_low = curve.points[0].estimate.value >= question.goal.level
    solution = Solution(curve, is_met_at_low, (0, 0), 0.0, [])
    at = _shown_at(solution).value
    return solution._replace(
        budgets=(_budget(question.loaded.scenario), _budget(plans[at])),
        spent=float(tried[at].spent.mean()),
        limits=[] if solution.is_reached else _limits(question, plans[at], tried[at], tell),
    )


def _shown_at(solution: Solution) -> Point:
    """Return the point whose plan the answer speaks of: just enough, else the best."""
    points, least = solution.curve.points, solution.least
    if solution.is_met_at_low:
        return points[0]
    if least is None:
        return solution.curve.best
    return next(point for point in points if point.value >= least.value)


def solve_map(question: Question, tell: Tell | None = None) -> Map:
    """Estimate a goal's quantity over two levers.

    Raises
    ------
    ScenarioError, UsageError : as of `solve`; or both levers move the same number.
    """
    first, second = question.levers
    _check_goal(question)
    shared = set(first.paths) & set(second.paths)
    if shared:
        raise UsageError("levers_overlap", path=".".join(min(shared)))
    values = first.grid(SCAN_OF_MAP), second.grid(SCAN_OF_MAP)
    plans = {(a, b): _plan(question, (a, b)) for a in values[0] for b in values[1]}
    found: dict[tuple[float, float], Estimate] = {}
    for at, plan in plans.items():
        found[at] = estimate_of(question.goal.of, _outcomes(question, plan))
        if tell:
            tell(len(found), len(plans))
    return Map(values, [[found[a, b] for b in values[1]] for a in values[0]])


def estimate_of(quantity: Literal["odds", "regions"], outcomes: Outcomes) -> Estimate:
    """Estimate the odds of all cities, or the expected number of cities, by conditional chances."""
    groups = outcomes.groups
    sizes = np.bincount(groups).astype(float)
    if quantity == "odds":
        sums = np.bincount(groups, weights=outcomes.all_cities).astype(float)
        return estimate_chance(sums, sizes, is_one_world=outcomes.n_worlds == 1)
    sums = np.bincount(groups, weights=outcomes.cities.sum(axis=1)).astype(float)
    return estimate_mean(sums, sizes, (0.0, float(outcomes.cities.shape[1])))


def _check_goal(question: Question) -> None:
    n = len(question.loaded.scenario.cities)
    if question.goal.of == "regions" and not 0 < question.goal.level <= n:
        raise UsageError("regions_out_of_range", value=f"{question.goal.level:g}", most=n)


def _plan(question: Question, values: Sequence[float]) -> Scenario:
    return plan_at(question.path, question.overrides, question.loaded, question.levers, values)


def _outcomes(question: Question, scenario: Scenario) -> Outcomes:
    refuse_too_large(reckon(scenario, Asked(question.replications, engine=question.engine)))
    plan = compile_plan(scenario, question.seed)
    return outcomes_of(
        plan, question.engine, 0, question.replications, n_workers=question.n_workers
    )


def _limits(question: Question, plan: Scenario, base: Outcomes, tell: Tell | None) -> list[Limit]:
    """Relieve the best plan of one thing at a time; return what moves it upwards, most first."""
    cases = reliefs(plan)
    found = []
    for relief in cases:
        relieved = _outcomes(question, relief.scenario)
        odds, regions = mean_changes(
            base,
            relieved.all_cities - base.all_cities,
            (relieved.cities - base.cities).sum(axis=1),
        )
        found.append(Limit(relief, odds if question.goal.of == "odds" else regions))
        if tell:
            tell(len(found), len(cases))
    helping = [limit for limit in found if limit.difference.low > 0.0]
    return sorted(helping, key=lambda limit: -limit.difference.value)


def _budget(scenario: Scenario) -> int:
    return total_of(yearly_amounts(scenario))


def document_of(solution: Solution) -> dict[str, Any]:
    """Return what `solve --json` says of one lever."""
    least, best = solution.least, solution.curve.best
    return {
        "reached": solution.is_reached,
        "met_at_low": solution.is_met_at_low,
        "least": None if least is None else least._asdict(),
        "crossings": [one._asdict() for one in solution.curve.crossings],
        "best": {"value": best.value, "estimate": best.estimate._asdict()},
        "points": [
            {"value": point.value, "estimate": point.estimate._asdict()}
            for point in solution.curve.points
        ],
        "budget": {"as_written": solution.budgets[0], "there": solution.budgets[1]},
        "spent": solution.spent,
        "limits": [
            {
                "relieved": limit.relief.kind,
                "subject": limit.relief.subject,
                "difference": limit.difference._asdict(),
            }
            for limit in solution.limits
        ],
    }


def map_document(found: Map) -> dict[str, Any]:
    """Return what `solve --json` says of two levers."""
    first, second = found.values
    return {
        "map": [
            {"values": [a, b], "estimate": found.estimates[i][j]._asdict()}
            for i, a in enumerate(first)
            for j, b in enumerate(second)
        ]
    }

"""The score: points of indicators, profiles of cities, scores by stage, ratios of claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kla_sim.domain.indicators import POINTS_IN_ALL
from kla_sim.scenario.checks.problem import Problem
from kla_sim.scenario.distributions import Law
from kla_sim.scenario.model import Baseline, Scenario
from kla_sim.scenario.paths import quantities_in

_ROUNDING = 1e-6


def check_evaluation(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with indicators, baselines and ratios."""
    yield from _check_points(scenario)
    for name, city in scenario.cities.items():
        yield from _check_score(scenario, name, city.baseline)
    lowest = _lowest(scenario.evaluation.claimed_ratio)
    if lowest <= 0:
        yield Problem("ratio_not_positive", ("evaluation", "claimed_ratio"))


def _check_score(scenario: Scenario, name: str, baseline: Baseline) -> Iterator[Problem]:
    """Yield what is missing to tell how far a score may lie from the final one."""
    if baseline.score is None:
        return
    stage, path = baseline.stage or "final", ("cities", name, "baseline")
    if baseline.history is not None:
        if baseline.sd == 0 and stage not in scenario.evaluation.stage_error:
            at = "stage" if baseline.stage else "score"
            yield Problem("score_without_error", (*path, at), {"stage": stage})
    elif stage != "final" and stage not in scenario.evaluation.stage_fall:
        yield Problem("stage_without_fall", (*path, "stage"))


def _check_points(scenario: Scenario) -> Iterator[Problem]:
    given = {key: entry.points for key, entry in scenario.indicators.items()}
    total = sum(points for points in given.values() if points is not None)
    n_open = sum(points is None for points in given.values())
    rest = POINTS_IN_ALL - total
    if (n_open and rest <= 0) or (not n_open and abs(rest) > _ROUNDING):
        fields = {"total": total, "open": n_open}
        yield Problem("points_not_whole", ("indicators",), fields, of_key=True)
        return
    groups = {entry.group for entry in scenario.indicators.values()}
    for name, city in scenario.cities.items():
        profile: dict[Any, float] = city.baseline.profile or {}
        if profile and all(profile.get(group) == 1 for group in groups):
            yield Problem("profile_full", ("cities", name, "baseline", "profile"), of_key=True)


def _lowest(ratio: Any) -> float:
    """Return the lowest value that a ratio's distribution names, spreads left out."""
    if not isinstance(ratio, Law):
        return float(ratio)
    return min(number for key, number in quantities_in(ratio) if key != "sd")

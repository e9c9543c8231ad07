"""What the plots of `solve` show: a curve along a lever with its crossings, or a map over two."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kla_sim.language import day, number, percent, text
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.choice_charts import LeverCurve, LeverMap
from kla_sim.report.figures import Caption
from kla_sim.report.scales import percent_axis
from kla_sim.report.solve_words import (
    estimate_cells,
    phrase_estimate,
    phrase_goal,
    phrase_level,
    phrase_value,
)
from kla_sim.scenario.varying import Lever

if TYPE_CHECKING:
    from kla_sim.experiment.solve import Map, Question, Solution

_ = partial(text, "solving")

_LINES = (0.5, 0.7, 0.8)
"""Odds that planners ask for, drawn on every map."""

_MOST_TICKS, _TICKS = 9, 5
_LOW = 0.2


def curve_makers(
    question: Question, solution: Solution, caption: Caption
) -> dict[str, Callable[[], LeverCurve]]:
    """Return what makes the figure of one lever."""
    return {"solve": partial(lever_curve, question, solution, caption.footer())}


def map_makers(
    question: Question, found: Map, caption: Caption
) -> dict[str, Callable[[], LeverMap]]:
    """Return what makes the figure of two levers."""
    return {"solve-map": partial(lever_map, question, found, caption.footer())}


def lever_curve(question: Question, solution: Solution, footer: str) -> LeverCurve:
    """Return the curve along the lever of a question."""
    (lever,), goal = question.levers, question.goal
    points = solution.curve.points
    crossings = [
        (
            one.value,
            lever.low if one.low is None else one.low,
            lever.high if one.high is None else one.high,
        )
        for one in solution.curve.crossings
    ]
    return LeverCurve(
        "solve",
        _title(question, solution),
        footer,
        x=lever_axis(lever),
        y=_goal_axis(question, max(goal.level, *(p.estimate.high for p in points))),
        points=np.array(
            [(p.value, p.estimate.low, p.estimate.value, p.estimate.high) for p in points]
        ),
        band_label=_("band", level=percent(points[0].estimate.level)),
        level=Tick(goal.level, _("wanted", level=phrase_level(goal))),
        crossings=np.array(crossings, dtype=float).reshape(len(crossings), 3),
        crossing_labels=tuple(phrase_value(lever, value) for value, _low, _high in crossings),
    )


def _title(question: Question, solution: Solution) -> str:
    (lever,), least, best = question.levers, solution.least, solution.curve.best
    fields = {"goal": phrase_goal(question.goal), "lever": lever.pattern}
    if solution.is_met_at_low:
        return _("title_met", **fields)
    if least is not None:
        return _("title_least", **fields, value=phrase_value(lever, least.value))
    n = len(question.loaded.scenario.cities)
    return _("title_none", **fields, found=phrase_estimate(question.goal, best.estimate, n))


def lever_axis(lever: Lever) -> Axis:
    """Return the range of a lever from end to end."""
    n = _TICKS
    if lever.is_whole and lever.high - lever.low < _MOST_TICKS:
        n = round(lever.high - lever.low) + 1
    ticks = tuple(Tick(value, phrase_value(lever, value)) for value in lever.grid(n))
    return Axis(lever.pattern, lever.low, lever.high, ticks)


def _goal_axis(question: Question, highest: float) -> Axis:
    """Return the axis of the goal, all of it; of low odds the lowest fifth."""
    scenario = question.loaded.scenario
    fields = {"category": scenario.target.category, "deadline": day(scenario.target.deadline)}
    if question.goal.of == "odds":
        ticks = (0, 5, 10, 15, 20) if highest <= _LOW else (0, 20, 50, 80, 100)
        return percent_axis(_("odds_axis", **fields), ticks)
    n = len(scenario.cities)
    return Axis(
        _("regions_axis", **fields),
        0.0,
        float(n),
        tuple(Tick(float(k), number(k)) for k in range(0, n + 1, max(1, n // 10))),
    )


def lever_map(question: Question, found: Map, footer: str) -> LeverMap:
    """Return the map over the two levers of a question."""
    first, second = question.levers
    goal, n = question.goal, len(question.loaded.scenario.cities)
    levels = {goal.level: phrase_goal(goal)}
    if goal.of == "odds":
        levels = {level: percent(level) for level in _LINES} | levels
    highest = max(one.value for row in found.estimates for one in row)
    return LeverMap(
        "solve-map",
        _(
            "title_map" if highest >= goal.level else "title_map_none",
            goal=phrase_goal(goal),
            first=first.pattern,
            second=second.pattern,
        ),
        footer,
        x=lever_axis(first),
        y=lever_axis(second),
        xs=np.array(found.values[0]),
        ys=np.array(found.values[1]),
        points=np.array(
            [[(one.low, one.value, one.high) for one in row] for row in found.estimates]
        ),
        point_labels=tuple(
            tuple(estimate_cells(goal, one, n)[0] for one in row) for row in found.estimates
        ),
        levels=tuple(
            Tick(level, label if level <= highest else _("beyond_map", level=label))
            for level, label in sorted(levels.items())
        ),
    )

"""What `solve` says: how much is enough, where else the curve crosses, or what holds it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kla_sim.analysis.differences import RARE
from kla_sim.analysis.estimate import may_be_narrow
from kla_sim.language import number, percent, rupiah, text
from kla_sim.report.answer import narrow_of
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.explain_words import phrase_relief
from kla_sim.report.words import (
    phrase_difference,
    phrase_interval,
    phrase_share,
)
from kla_sim.scenario.varying import Lever, dropped_ranges

if TYPE_CHECKING:
    from kla_sim.analysis.crossings import Crossing
    from kla_sim.analysis.estimate import Estimate
    from kla_sim.experiment.solve import Goal, Map, Question, Solution

_ = partial(text, "solving")

_SHOWN_LIMITS = 3


def phrase_value(lever: Lever, value: float) -> str:
    """Return a value of a lever: a multiple, an amount, days or a number."""
    if lever.kind == "factor":
        return _("value_factor", value=number(value, 2))
    if lever.kind == "rupiah":
        return rupiah(value)
    if lever.kind == "days":
        return _("value_days", value=number(value, 0 if value >= 10 else 1))
    return number(value, 0 if lever.is_whole else _digits(lever))


def _digits(lever: Lever) -> int:
    """Return decimals enough to tell values of a range apart."""
    size = lever.high - lever.low
    return 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.5 else 3


def phrase_goal(goal: Goal) -> str:
    """Return what is wanted."""
    if goal.of == "odds":
        return _("goal_odds", odds=phrase_level(goal))
    return _("goal_regions", n=phrase_level(goal))


def phrase_level(goal: Goal) -> str:
    """Return the height that is wanted, as a percentage or a number of regions."""
    if goal.of == "odds":
        return percent(goal.level, 0 if 100 * goal.level == round(100 * goal.level) else 1)
    return number(goal.level, 0 if goal.level == round(goal.level) else 1)


def estimate_cells(goal: Goal, estimate: Estimate, n_cities: int) -> tuple[str, str]:
    """Return what was estimated, and its interval."""
    if goal.of == "odds":
        return phrase_share(estimate), phrase_interval(estimate)
    low, high = max(estimate.low, 0.0), min(estimate.high, float(n_cities))
    return number(estimate.value, 2), _("interval_plain", low=number(low, 2), high=number(high, 2))


def phrase_estimate(goal: Goal, estimate: Estimate, n_cities: int) -> str:
    """Return what was estimated with its interval behind it."""
    value, interval = estimate_cells(goal, estimate, n_cities)
    return f"{value} ({interval})"


def answer(question: Question, solution: Solution) -> list[str]:
    """Return the sentences of one lever's answer."""
    return [
        _headline(question, solution),
        *_others(question, solution),
        *_money(question, solution),
        *([] if solution.is_reached else [_limits(question, solution)]),
        *_rare(question, solution),
        *how_read(question),
    ]


def _rare(question: Question, solution: Solution) -> list[str]:
    """Say that the number of regions tells more, where the odds are low everywhere."""
    n = len(question.loaded.scenario.cities)
    is_rare = question.goal.of == "odds" and solution.curve.best.estimate.value < RARE and n > 1
    return [_("rare", odds=percent(RARE))] if is_rare else []


def narrow_lines(question: Question, solution: Solution) -> list[str]:
    """Say at which values the odds may lie outside their interval for want of worlds."""
    (lever,) = question.levers
    n_worlds = min(question.loaded.scenario.worlds, question.replications)
    values = [
        phrase_value(lever, point.value)
        for point in solution.curve.points
        if question.goal.of == "odds" and may_be_narrow(point.estimate, n_worlds)
    ]
    return narrow_of(list(dict.fromkeys(values)), n_worlds)


def _headline(question: Question, solution: Solution) -> str:
    (lever,), goal = question.levers, question.goal
    n = len(question.loaded.scenario.cities)
    fields = {"goal": phrase_goal(goal), "lever": lever.pattern}
    if solution.is_met_at_low:
        low = solution.curve.points[0]
        return _(
            "met_at_low",
            **fields,
            value=phrase_value(lever, low.value),
            found=phrase_estimate(goal, low.estimate, n),
        )
    least = solution.least
    if least is not None:
        return _(
            "least",
            **fields,
            value=phrase_value(lever, least.value),
            interval=_interval(lever, least),
        )
    best = solution.curve.best
    key = "not_reached" if best.estimate.high < goal.level else "not_shown"
    return _(
        key,
        **fields,
        low=phrase_value(lever, lever.low),
        high=phrase_value(lever, lever.high),
        value=phrase_value(lever, best.value),
        found=phrase_estimate(goal, best.estimate, n),
    )


def _interval(lever: Lever, crossing: Crossing) -> str:
    low, high = (
        None if end is None else phrase_value(lever, end) for end in (crossing.low, crossing.high)
    )
    if low is None and high is None:
        return _("interval_open")
    if low is None:
        return _("interval_from_below", high=high)
    if high is None:
        return _("interval_to_above", low=low)
    return _("interval_both", low=low, high=high)


def _others(question: Question, solution: Solution) -> list[str]:
    """Say where the curve crosses besides, and where it is not clear on which side it runs."""
    (lever,), least = question.levers, solution.least
    lines = [
        _(
            "rises_again" if one.rises else "falls_again",
            value=phrase_value(lever, one.value),
            interval=_interval(lever, one),
        )
        for one in solution.curve.crossings
        if one is not least
    ]
    unclear = any(not one.is_alone for one in solution.curve.crossings)
    return [*lines, *([_("not_alone")] if unclear else [])]


def _money(question: Question, solution: Solution) -> list[str]:
    """Say what the budget comes to, where there is one, and how much of it is spent."""
    written, there = solution.budgets
    if not there:
        return []
    fields = {"spent": rupiah(solution.spent), "there": rupiah(there)}
    if written == there:
        return [_("money_same", **fields)]
    return [_("money", **fields, written=rupiah(written))]


def _limits(question: Question, solution: Solution) -> str:
    if not solution.limits:
        return _("limits_none")
    phrase = phrase_difference if question.goal.of == "odds" else phrase_number
    helps = [
        _(
            "limit",
            what=phrase_relief(limit.relief, question.loaded.scenario),
            gain=phrase(limit.difference),
        )
        for limit in solution.limits[:_SHOWN_LIMITS]
    ]
    return _("limits", helps="; ".join(helps))


def how_read(question: Question) -> list[str]:
    """Say how each range was read, and which uncertain ranges had to go."""
    lines = []
    for lever in question.levers:
        n, first = number(len(lever.paths)), ".".join(lever.paths[0])
        several = _("read_several", n=n, path=first) if len(lever.paths) > 1 else ""
        key = "read_factor" if lever.kind == "factor" else "read_value"
        lines.append(_(key, lever=lever.pattern, several=several))
        dropped = dropped_ranges(question.loaded, lever)
        if dropped:
            lines.append(_("read_dropped", lever=lever.pattern, patterns=", ".join(dropped)))
    return lines


def map_lines(question: Question, found: Map) -> list[str]:
    """Say for each value of the second lever how much of the first is enough."""
    first, second = question.levers
    lines = [_("map_least", goal=phrase_goal(question.goal), lever=first.pattern)]
    for j, value in enumerate(found.values[1]):
        column = [row[j].value for row in found.estimates]
        at = first_reached(found.values[0], column, question.goal.level, is_whole=first.is_whole)
        lines.append(
            _(
                "map_line",
                second=second.pattern,
                value=phrase_value(second, value),
                least=_("map_none") if at is None else phrase_value(first, at),
            )
        )
    return lines


def first_reached(
    values: list[float], heights: list[float], level: float, *, is_whole: bool
) -> float | None:
    """Return where heights between points of a map first reach a level, on straight lines."""
    for place, (value, height) in enumerate(zip(values, heights, strict=True)):
        if height >= level:
            if place == 0 or is_whole:
                return value
            before, below = values[place - 1], heights[place - 1]
            return before + (value - before) * (level - below) / (height - below)
    return None

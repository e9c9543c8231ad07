"""What the plots of arrival show: the odds over time, and when against at what cost.

Nothing here knows how it is drawn.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import partial

import numpy as np

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import CostAndDate, Summary
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.language import day as in_words
from kla_sim.language import month, number, percent, rupiah, text
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.limits import noted, weakest_of
from kla_sim.report.scales import calendar, percent_axis, rupiah_axis
from kla_sim.report.time_charts import Arrivals, Cloud, Curve, Reach
from kla_sim.report.words import (
    phrase_day,
    phrase_interval,
    phrase_odds,
    phrase_percent,
    phrase_share,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "plots")

LEVELS = (0.5, 0.8)
"""The odds that planners ask for."""

_FRONTIERS = (0.5, 0.7, 0.8)
"""Joint confidence of cost and date, as NASA asks for it."""

MOST_PANELS = 12
_MOST_DOTS = 2_000
_EMPTY = 0.3
"""The part of an axis of cost that is left out where no future lies in it."""


def odds_over_time(summary: Summary, scenario: Scenario, footer: str) -> Arrivals:
    """Return joint and per-region odds from the start to the horizon."""
    labels, target = summary.labels, scenario.target.category
    n_cities = len(labels.cities)
    deadline = phrase_day(summary, summary.deadline_day)
    drawn = weakest_of(summary, MOST_PANELS)
    return Arrivals(
        "odds",
        _(
            "odds_title" if n_cities > 1 else "odds_title_one",
            n_cities=number(n_cities),
            city=labels.city_names[0],
            category=target,
            deadline=deadline,
            odds=phrase_odds(summary.all_cities),
        ),
        noted(_noted_end(summary, footer), "cities", drawn, n_cities),
        start=labels.start,
        x=calendar(labels.start, summary.horizon_day),
        y=percent_axis(_("odds_axis", category=target)),
        joint=_joint(summary, labels.city_names[0] if n_cities == 1 else _("all_cities")),
        without=_without(summary),
        others=tuple(_city(summary, place) for place in range(n_cities)) if n_cities > 1 else (),
        deadline=Tick(
            summary.deadline_day,
            _("deadline_odds", date=deadline, odds=phrase_share(summary.all_cities)),
        ),
        band_label=_("band"),
        drawn_others=drawn,
    )


def _joint(summary: Summary, name: str) -> Curve:
    curve = summary.curve
    end = phrase_day(summary, summary.horizon_day)
    value = _at_end(summary, summary.all_cities, curve.joint)
    rest = float(1.0 - curve.joint[-1])
    return Curve(
        "all_cities" if len(summary.cities) > 1 else summary.labels.cities[0],
        name,
        _("line_label", name=name, value=value),
        curve.days,
        curve.joint,
        _with_end(summary, curve.ends, summary.all_cities),
        reaches=_reaches(summary, curve.joint, in_short=False),
        rest_label=_("rest", share=phrase_percent(rest, summary.n), date=end),
    )


def _without(summary: Summary) -> Curve | None:
    """Return the odds had nothing been replicated; None where no future would differ."""
    without, curve = summary.without_kaltara, summary.curve
    if without.difference.value == 0.0 and not without.won + without.lost:
        return None
    name = _("without_kaltara")
    value = _at_end(summary, without.all_cities, curve.without)
    ends = np.full_like(curve.ends, np.nan)
    return Curve(
        "without_kaltara",
        name,
        _("line_label", name=name, value=value),
        curve.days,
        curve.without,
        _with_end(summary, ends, without.all_cities),
    )


def _city(summary: Summary, place: int) -> Curve:
    curve, name = summary.curve, summary.labels.city_names[place]
    values, odds = curve.cities[:, place], summary.cities[place]
    ends = np.full_like(curve.ends, np.nan)
    return Curve(
        summary.labels.cities[place],
        name,
        _("line_label", name=name, value=_on_deadline_and_end(summary, odds, values)),
        curve.days,
        values,
        _with_end(summary, ends, odds),
        reaches=_reaches(summary, values, in_short=True),
    )


def _place_of_deadline(summary: Summary) -> int:
    return int(np.searchsorted(summary.curve.days, summary.deadline_day, side="right")) - 1


def _with_end(summary: Summary, ends: FloatArray, odds: Estimate) -> FloatArray:
    """Return intervals by day with that of the odds where the deadline falls."""
    ends = ends.copy()
    ends[_place_of_deadline(summary)] = odds.low, odds.high
    return ends


def _at_end(summary: Summary, odds: Estimate, values: FloatArray) -> str:
    """Return the odds at the end: those of the deadline, which know more, if no award follows."""
    is_last = _place_of_deadline(summary) == len(values) - 1
    return phrase_share(odds) if is_last else phrase_percent(float(values[-1]), summary.n)


def _on_deadline_and_end(summary: Summary, odds: Estimate, values: FloatArray) -> str:
    """Return the odds on the deadline, and those at the end where awards follow it."""
    if _place_of_deadline(summary) == len(values) - 1:
        return phrase_share(odds)
    end = phrase_percent(float(values[-1]), summary.n)
    return _("deadline_and_end", odds=phrase_share(odds), end=end)


def _noted_end(summary: Summary, footer: str) -> str:
    if _place_of_deadline(summary) == len(summary.curve.days) - 1:
        return footer
    return _("end_note", date=phrase_day(summary, summary.horizon_day), footer=footer)


def _reaches(summary: Summary, values: FloatArray, *, in_short: bool) -> tuple[Reach, ...]:
    """Return the day on which each level is reached for the first time."""
    found = []
    start = summary.labels.start
    for level in LEVELS:
        places = np.flatnonzero(values >= level)
        day = int(summary.curve.days[places[0]]) if len(places) else None
        say = partial(_, level=number(100 * level))
        if day is None:
            end = phrase_day(summary, summary.horizon_day)
            label = say("reached_never") if in_short else say("reached_not_by", date=end)
        elif day == 0:
            label = say("reached_from_start")
        else:
            date = start + dt.timedelta(days=day)
            label = say("reached_on", date=month(date) if in_short else in_words(date))
        found.append(Reach(level, day, label))
    return tuple(found)


def cost_and_date(summary: Summary, footer: str) -> Cloud:
    """Return the futures by cost and day of arrival, with the chance of both in time and money."""
    costs, n_kept = summary.costs, len(summary.costs.spent)
    days = [int(day) for day in np.unique(costs.day)]
    frontiers, missed = _frontiers(costs)
    budget, deadline = rupiah(costs.budget), phrase_day(summary, summary.deadline_day)
    n_drawn = min(n_kept, _MOST_DOTS)
    axis = _cost_axis(costs)
    return Cloud(
        "cost-and-date",
        _("cloud_title", odds=phrase_odds(costs.in_time_and_money), budget=budget,
          deadline=deadline),
        _("cloud_note", n=number(n_drawn), kept=number(n_kept), footer=footer),
        start=summary.labels.start,
        x=calendar(summary.labels.start, summary.horizon_day),
        y=axis,
        spent=costs.spent,
        day=costs.day,
        day_labels=tuple(
            (
                day,
                _("cloud_never")
                if day < 0
                else month(summary.labels.start + dt.timedelta(days=day)),
                phrase_percent(float((costs.day == day).mean()), n_kept),
            )
            for day in days
        ),
        deadline=Tick(summary.deadline_day, _("deadline", date=deadline)),
        budget=Tick(
            costs.budget,
            _("budget", amount=budget, over=phrase_percent(costs.share_over, summary.n)),
        ),
        quadrant_label=_(
            "quadrant",
            share=phrase_share(costs.in_time_and_money),
            interval=phrase_interval(costs.in_time_and_money),
        ),
        frontiers=frontiers,
        frontier_note=_("frontiers_missed", levels=", ".join(map(percent, missed)))
        if missed
        else "",
        n_drawn=n_drawn,
    )  # fmt: skip


def _cost_axis(costs: CostAndDate) -> Axis:
    """Return rupiah up to the next round number; nothing is said of less where nothing lies."""
    axis = rupiah_axis(max(costs.budget, float(costs.spent.max(initial=0.0))))
    label = _("cloud_axis", unit=axis.label)
    kept = tuple(tick for tick in axis.ticks if tick.place >= _EMPTY * axis.high)
    if len(kept) < 2 or float(costs.spent.min(initial=math.inf)) < kept[0].place:
        return axis._replace(label=label)
    label = _("axis_from", label=label, low=kept[0].label)
    return Axis(label, kept[0].place, axis.high, kept)


def _frontiers(costs: CostAndDate) -> tuple[tuple[tuple[str, FloatArray], ...], list[float]]:
    """Return the lines of equal confidence that are reached, and the levels that are not."""
    reached = []
    missed = []
    for level in _FRONTIERS:
        corners = frontier(costs.day, costs.spent, level)
        if len(corners):
            reached.append((_("frontier", level=percent(level)), corners))
        else:
            missed.append(level)
    return tuple(reached), missed


def frontier(day: IntArray, spent: FloatArray, level: float) -> FloatArray:
    """Return for each day of arrival the least cost that holds a share of all futures by then.

    Parameters
    ----------
    day, spent : (n,) day of arrival, -1 = never, and rupiah of each future.

    Returns
    -------
    (n_corners, 2) day and rupiah, from the first day on which so many have arrived

    References
    ----------
    NASA (2015). Cost Estimating Handbook, version 4.0, appendix J (joint cost and schedule
    confidence level).
    """
    needed = int(np.ceil(level * len(day) - 1e-9))
    corners = []
    for last in np.unique(day[day >= 0]):
        arrived = np.sort(spent[(day >= 0) & (day <= last)])
        if 0 < needed <= len(arrived):
            corners.append((float(last), float(arrived[needed - 1])))
    return np.array(corners).reshape(-1, 2)

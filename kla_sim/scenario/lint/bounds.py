"""The least and the most that numbers of a scenario can be, in any future of any world.

A lognormal has no upper end: it is taken at three standard deviations, above which lies one draw in
700. Also here: the next day on which a window is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from kla_sim.domain.days import day_in_year, day_of_year
from kla_sim.scenario.distributions import least_of
from kla_sim.scenario.model import Activity, Scenario, Uncertainty, Window
from kla_sim.scenario.paths import matching_paths

Keys = tuple[str, ...]
Ranges = dict[Keys, Uncertainty]


def ranges_of(scenario: Scenario) -> Ranges:
    """Return the range of every number that is uncertain, by its path."""
    return {
        path: uncertainty
        for pattern, uncertainty in scenario.uncertain.items()
        for path in matching_paths(scenario, pattern)
    }


def activities_of(scenario: Scenario) -> Iterator[tuple[str, str, Activity]]:
    """Yield kit, name and activity of all work."""
    for kit in ("province", "city", "zone"):
        for name, activity in getattr(scenario.work, kit).items():
            yield kit, name, activity


def least(quantity: Any, path: Keys, ranges: Ranges) -> float:
    """Return the smallest value of a number or distribution."""
    low = least_of(quantity)
    return _at_end(low, ranges[path], ranges[path].low) if path in ranges else low


def most(number: float, path: Keys, ranges: Ranges) -> float:
    """Return the largest value of a plain number."""
    return _at_end(number, ranges[path], ranges[path].high) if path in ranges else number


def _at_end(value: float, uncertainty: Uncertainty, end: float) -> float:
    if uncertainty.meaning == "p10-p90":  # the ends lie further out than the percentiles
        end = max(0.0, 2 * end - uncertainty.likely)
    return value * end if uncertainty.by == "factor" else end


def next_open(window: Window | None, day: dt.date) -> dt.date:
    """Return the first day from `day` on which a window is open."""
    if window is None:
        return day
    today = day_of_year(day)
    first, last = window.from_, window.to
    is_open = first <= today <= last if first <= last else today >= first or today <= last
    if is_open:
        return day
    year = day.year if today < first else day.year + 1
    return day_in_year(year, first)

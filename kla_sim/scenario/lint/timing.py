"""Work that time forbids: windows that never open, stages and chains of work that end too late.

Every activity is taken at its least duration, with staff and money without limit: what comes too
late then does so in every future.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

from kla_sim.scenario.checks import Problem
from kla_sim.scenario.lint.bounds import Keys, Ranges, activities_of, least, next_open
from kla_sim.scenario.lint.effects import n_planned
from kla_sim.scenario.model import Activity, City, Scenario


def find_too_late(scenario: Scenario, ranges: Ranges) -> Iterator[Problem]:
    """Yield work that cannot start, or cannot be complete while an award still counts it."""
    yield from _never_open(scenario)
    yield from _stages_after_horizon(scenario)
    last = _last_evidence(scenario)
    if last is None:
        yield Problem("NO_AWARD_COUNTS", ("target", "deadline"))
    else:
        yield from _too_late(scenario, ranges, last)


def _never_open(scenario: Scenario) -> Iterator[Problem]:
    for kit, name, activity in activities_of(scenario):
        opens = next_open(activity.window, scenario.start)
        if opens > scenario.horizon:
            fields = {"opens": opens, "horizon": scenario.horizon}
            yield Problem("WINDOW_NEVER_OPEN", ("work", kit, name, "window"), fields, True)


def _add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _last_evidence(scenario: Scenario) -> dt.date | None:
    """Return the last day on which evidence can close for an award that still counts."""
    counting: list[dt.date] = []
    until = min(scenario.horizon, scenario.target.deadline)
    for cycle in scenario.evaluation.cycles.values():
        slip = cycle.slip or scenario.evaluation.calendar.slip
        days = [] if slip.chance == 1 else [(cycle.evidence_closes, cycle.award)]
        if slip.chance > 0:
            days.append(
                (
                    _add_months(cycle.evidence_closes, slip.months),
                    _add_months(cycle.award, slip.months),
                )
            )
        cancelled = cycle.cancelled
        if (scenario.evaluation.calendar.cancelled if cancelled is None else cancelled) < 1:
            counting += [evidence for evidence, award in days if award <= until]
    return max(counting, default=None)


def _stages_after_horizon(scenario: Scenario) -> Iterator[Problem]:
    for name, city in scenario.cities.items():
        for stage in _stages(city):
            if stage is not None and dt.date(stage, 1, 1) > scenario.horizon:
                path = ("cities", name, "zones", "planned", str(stage))
                yield Problem("STAGE_AFTER_HORIZON", path, {"horizon": scenario.horizon})


def _stages(city: City) -> list[int | None]:
    """Return the years in which a city begins zones; None = from the start."""
    planned = city.zones.planned
    if isinstance(planned, int):
        return [None] if planned else []
    return [year for year, count in sorted(planned.items()) if count]


def _too_late(scenario: Scenario, ranges: Ranges, last: dt.date) -> Iterator[Problem]:
    """Yield work that is never complete on the last evidence day, even with staff without limit."""
    province = _Timetable(scenario, ranges, "province", {}).finishes(scenario.start)
    for name, finish in province.items():
        if finish > last:
            fields = {"finish": finish, "evidence": last}
            yield Problem("PROVINCE_WORK_TOO_LATE", ("work", "province", name), fields, True)
    late_city: dict[str, list[tuple[str, dt.date]]] = {}
    late_zone: dict[tuple[int | None, Keys], list[tuple[str, dt.date]]] = {}
    for key, city in scenario.cities.items():
        before = {f"province.{name}": finish for name, finish in province.items()}
        table = _Timetable(scenario, ranges, "city", before, city)
        city_finishes = table.finishes(scenario.start)
        for name, finish in city_finishes.items():
            if finish > last and name not in city.done:
                late_city.setdefault(name, []).append((key, finish))
        before |= {f"city.{name}": finish for name, finish in city_finishes.items()}
        for stage in _stages(city):
            begin = scenario.start if stage is None else dt.date(stage, 1, 1)
            if begin > scenario.horizon:
                continue
            table = _Timetable(scenario, ranges, "zone", before, city)
            finishes = table.finishes(max(scenario.start, begin))
            late = [(name, finish) for name, finish in finishes.items() if finish > last]
            if late:
                names = tuple(name for name, _ in late)
                first = min(finish for _, finish in late)
                late_zone.setdefault((stage, names), []).append((key, first))
    for name, entries in late_city.items():
        fields = _late_fields(scenario, entries, (name,), last)
        yield Problem("CITY_WORK_TOO_LATE", ("work", "city", name), fields, True)
    for (stage, names), entries in late_zone.items():
        path = ("cities", entries[0][0], "zones", "planned", *([str(stage)] if stage else []))
        yield Problem("STAGE_TOO_LATE", path, _late_fields(scenario, entries, names, last), True)


def _late_fields(
    scenario: Scenario, entries: list[tuple[str, dt.date]], names: Keys, last: dt.date
) -> dict[str, Any]:
    return {
        "work": ", ".join(names),
        "cities": ", ".join(scenario.cities[key].name for key, _ in entries),
        "finish": min(finish for _, finish in entries),
        "evidence": last,
    }


class _Timetable:
    """The earliest day on which each activity of one kit can be complete.

    Attributes
    ----------
    before : the same for the wider kits, by name with prefix.
    """

    def __init__(
        self,
        scenario: Scenario,
        ranges: Ranges,
        kit: str,
        before: dict[str, dt.date],
        city: City | None = None,
    ) -> None:
        self.scenario, self.ranges, self.kit = scenario, ranges, kit
        self.before, self.city = before, city
        self.activities: dict[str, Activity] = getattr(scenario.work, kit)
        self.fastest = _fastest(scenario, city) if kit == "zone" else 1.0

    def finishes(self, begin: dt.date) -> dict[str, dt.date]:
        """Return the earliest completion of every activity, none starting before `begin`."""
        own = {
            name: [after for after in activity.after if "." not in after]
            for name, activity in self.activities.items()
        }
        finish = dict(self.before)
        for name in TopologicalSorter(own).static_order():
            if self.kit == "city" and self.city and name in self.city.done:
                finish[name] = self.scenario.start
            else:
                activity = self.activities[name]
                ready = max([begin, *(finish[after] for after in activity.after)])
                start = next_open(activity.window, ready)
                finish[name] = _later(start, self._days(name, activity))
        return {name: finish[name] for name in self.activities}

    def _days(self, name: str, activity: Activity) -> int:
        days = least(activity.duration, ("work", self.kit, name, "duration"), self.ranges)
        slow = 1.0 if self.city is None else self.city.multipliers.duration
        return max(1, math.floor(days * slow * self.fastest + 0.5))


def _later(day: dt.date, n_days: int) -> dt.date:
    """Return a day later, at most the last that a calendar knows."""
    return day + dt.timedelta(days=min(n_days, (dt.date.max - day).days))


def _fastest(scenario: Scenario, city: City | None) -> float:
    """Return the smallest learning factor: with every zone there is already launched."""
    learning = scenario.learning
    own = 0 if city is None else city.zones.existing + n_planned(city)
    total = sum(entry.zones.existing + n_planned(entry) for entry in scenario.cities.values())
    experience = 1 + own + learning.transfer * (total - own)
    return max(learning.floor, math.pow(learning.rate, math.log2(experience)))

"""Work that time forbids: windows that never open, stages and chains of work that end too late.

Every activity is taken at its least duration, with staff and money without limit: what comes too
late then does so in every future. With `observed` the time to come begins on its status date, and
what has begun or is finished by then counts as it was seen.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

from kla_sim.domain.days import add_months
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.lint.bounds import Keys, Ranges, activities_of, least, next_open
from kla_sim.scenario.model import Activity, City, Scenario
from kla_sim.scenario.status import (
    ZoneToCome,
    instances_to_start,
    is_begun,
    n_planned,
    rest_of,
    seen,
    zones_to_come,
)


def find_too_late(scenario: Scenario, ranges: Ranges) -> Iterator[Problem]:
    """Yield work that cannot start, or cannot be complete while an award still counts it."""
    scenario = rest_of(scenario)
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
        if opens > scenario.horizon and instances_to_start(scenario, kit, name):
            fields = {"opens": opens, "horizon": scenario.horizon}
            yield Problem("WINDOW_NEVER_OPEN", ("work", kit, name, "window"), fields, True)


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
                    add_months(cycle.evidence_closes, slip.months),
                    add_months(cycle.award, slip.months),
                )
            )
        cancelled = cycle.cancelled
        if (scenario.evaluation.calendar.cancelled if cancelled is None else cancelled) < 1:
            counting += [evidence for evidence, award in days if award <= until]
    return max(counting, default=None)


def _stages_after_horizon(scenario: Scenario) -> Iterator[Problem]:
    for name in scenario.cities:
        for stage in dict.fromkeys(zone.stage for zone in zones_to_come(scenario, name)):
            if stage is not None and dt.date(stage, 1, 1) > scenario.horizon:
                path = ("cities", name, "zones", "planned", str(stage))
                yield Problem("STAGE_AFTER_HORIZON", path, {"horizon": scenario.horizon})


def _too_late(scenario: Scenario, ranges: Ranges, last: dt.date) -> Iterator[Problem]:
    """Yield work that is never complete on the last evidence day, even with staff without limit."""
    province = _Timetable(scenario, ranges, "province", "province", {}).finishes(scenario.start)
    for name, finish in province.items():
        if finish > last:
            fields = {"finish": finish, "evidence": last}
            yield Problem("PROVINCE_WORK_TOO_LATE", ("work", "province", name), fields, True)
    late_city: dict[str, list[tuple[str, dt.date]]] = {}
    late_zone: dict[tuple[int | None, Keys], dict[str, dt.date]] = {}
    for key, city in scenario.cities.items():
        before = {f"province.{name}": finish for name, finish in province.items()}
        table = _Timetable(scenario, ranges, "city", key, before, city)
        city_finishes = table.finishes(scenario.start)
        for name, finish in city_finishes.items():
            if finish > last and name not in city.done:
                late_city.setdefault(name, []).append((key, finish))
        before |= {f"city.{name}": finish for name, finish in city_finishes.items()}
        for zone in _unlike_zones(scenario, key):
            stage, begin = zone.stage, scenario.start
            if stage is not None and not is_begun(scenario, key, zone):
                begin = max(begin, dt.date(stage, 1, 1))
            if begin > scenario.horizon:
                continue
            prefix = f"{key}/zone-{zone.number}"
            finishes = _Timetable(scenario, ranges, "zone", prefix, before, city).finishes(begin)
            late = [(name, finish) for name, finish in finishes.items() if finish > last]
            if late:
                entry = late_zone.setdefault((stage, tuple(name for name, _ in late)), {})
                first = min(finish for _, finish in late)
                entry[key] = min(first, entry.get(key, first))
    for name, entries in late_city.items():
        fields = _late_fields(scenario, entries, (name,), last)
        yield Problem("CITY_WORK_TOO_LATE", ("work", "city", name), fields, True)
    for (stage, names), found in late_zone.items():
        entries = list(found.items())
        path = ("cities", entries[0][0], "zones", "planned", *([str(stage)] if stage else []))
        yield Problem("STAGE_TOO_LATE", path, _late_fields(scenario, entries, names, last), True)


def _unlike_zones(scenario: Scenario, city: str) -> list[ZoneToCome]:
    """Return the zones of a city to look at: each that has begun, one of a stage of the others."""
    zones = zones_to_come(scenario, city)
    begun = [zone for zone in zones if is_begun(scenario, city, zone)]
    waiting = {zone.stage: zone for zone in reversed(zones) if zone not in begun}
    return [*begun, *sorted(waiting.values())]


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
    prefix : what names the work of the kit as it was observed, such as `jakarta_barat/zone-2`.
    before : the same for the wider kits, by name with prefix.
    """

    def __init__(
        self,
        scenario: Scenario,
        ranges: Ranges,
        kit: str,
        prefix: str,
        before: dict[str, dt.date],
        city: City | None = None,
    ) -> None:
        self.scenario, self.ranges, self.kit = scenario, ranges, kit
        self.prefix, self.before, self.city = prefix, before, city
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
                ready = max([begin, *(finish[after] for after in self.activities[name].after)])
                finish[name] = self._finish(name, ready)
        return {name: finish[name] for name in self.activities}

    def _finish(self, name: str, ready: dt.date) -> dt.date:
        activity = self.activities[name]
        work = seen(self.scenario, f"{self.prefix}/{name}")
        if work is None:
            return _later(next_open(activity.window, ready), self._days(name, activity))
        if work.finished is not None:
            return work.finished
        tomorrow = _later(self.scenario.start, 1)  # what should have ended already ends then
        return max(tomorrow, _later(work.started, self._days(name, activity)))

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

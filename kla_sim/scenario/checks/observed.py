"""What was observed: days that can be, names that exist, work that could begin when it did."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.evaluation import CategoryBounds
from kla_sim.scenario.faults import unknown_name
from kla_sim.scenario.model import Activity, Scenario
from kla_sim.scenario.observed import Observed, ObservedWork
from kla_sim.scenario.status import n_planned

_ZONE_NUMBER = re.compile("[1-9][0-9]{0,9}")


def check_observed(scenario: Scenario) -> Iterator[Problem]:
    """Yield observations that are impossible in this plan."""
    seen = scenario.observed
    has_history = any(city.baseline.history for city in scenario.cities.values())
    if scenario.categories != CategoryBounds() and (has_history or (seen and seen.awards)):
        yield Problem("awards_of_other_bands", ("categories",), of_key=True)
    if seen is None:
        return
    if not scenario.start <= seen.date <= scenario.horizon:
        fields = {"start": scenario.start, "horizon": scenario.horizon}
        yield Problem("observed_date_outside", ("observed", "date"), fields)
    elif seen.date > scenario.target.deadline:
        fields = {"deadline": scenario.target.deadline}
        yield Problem("observed_after_deadline", ("observed", "date"), fields)
    yield from _check_awards(scenario, seen)
    yield from _check_launched(scenario, seen)
    yield from _check_work(scenario, seen)
    yield from _check_launches(scenario, seen)
    for city in seen.spent.cities:
        yield from _unknown_city(scenario, city, ("observed", "spent", "cities", city))


def _unknown_city(scenario: Scenario, city: str, path: Keys) -> Iterator[Problem]:
    if city not in scenario.cities:
        code, fields = unknown_name("unknown_city", city, list(scenario.cities))
        yield Problem(code, path, fields, of_key=True)


def _check_awards(scenario: Scenario, seen: Observed) -> Iterator[Problem]:
    cycles = scenario.evaluation.cycles
    for year, awards in seen.awards.items():
        path = ("observed", "awards", str(year))
        if year not in cycles:
            known = ", ".join(map(str, sorted(cycles))) or "-"
            yield Problem("observed_cycle_unknown", path, {"known": known}, of_key=True)
        elif cycles[year].award > seen.date:
            fields = {"award": cycles[year].award, "date": seen.date}
            yield Problem("observed_award_early", path, fields, of_key=True)
        for city in awards:
            yield from _unknown_city(scenario, city, (*path, city))


def _check_launched(scenario: Scenario, seen: Observed) -> Iterator[Problem]:
    for city, zones in seen.launched.items():
        path = ("observed", "launched", city)
        if city not in scenario.cities:
            yield from _unknown_city(scenario, city, path)
            continue
        planned = n_planned(scenario.cities[city])
        for number, day in zones.items():
            if not 1 <= number <= planned:
                fields = {"planned": planned}
                yield Problem("observed_zone_unknown", (*path, str(number)), fields, of_key=True)
            yield from _outside(scenario, seen, day, (*path, str(number)))


def _outside(scenario: Scenario, seen: Observed, day: dt.date, path: Keys) -> Iterator[Problem]:
    if not scenario.start <= day <= seen.date:
        fields = {"start": scenario.start, "date": seen.date}
        yield Problem("observed_day_outside", path, fields)


def _check_work(scenario: Scenario, seen: Observed) -> Iterator[Problem]:
    for name, work in seen.work.items():
        path = ("observed", "work", name)
        activity = activity_named(scenario, name)
        if activity is None:
            code, fields = unknown_name("observed_work_unknown", name, _work_names(scenario))
            yield Problem(code, path, fields, of_key=True)
            continue
        owner, _, zone = name.rpartition("/")[0].partition("/")
        if zone and int(zone.removeprefix("zone-")) in seen.launched.get(owner, {}):
            yield Problem("observed_work_of_launched", path, of_key=True)
        yield from _outside(scenario, seen, work.started, (*path, "started"))
        if work.finished is not None:
            yield from _outside(scenario, seen, work.finished, (*path, "finished"))
            if work.finished <= work.started:
                fields = {"started": work.started}
                yield Problem("observed_finished_early", (*path, "finished"), fields)
        for before in _unfinished(scenario, seen, name, activity, work):
            fields = {"before": before}
            yield Problem("observed_before_predecessor", (*path, "started"), fields)


def _check_launches(scenario: Scenario, seen: Observed) -> Iterator[Problem]:
    """Yield zones whose launching work is finished although they are not among those launched."""
    launching = [name for name, activity in scenario.work.zone.items() if activity.launches]
    for name, work in seen.work.items():
        prefix, _, entry = name.rpartition("/")
        if "/" not in prefix or entry not in launching or work.finished is None:
            continue
        others = [seen.work.get(f"{prefix}/{other}") for other in launching]
        if all(other is not None and other.finished is not None for other in others):
            path = ("observed", "work", name)
            yield Problem("observed_zone_is_launched", path, {"zone": prefix}, of_key=True)


def _unfinished(
    scenario: Scenario, seen: Observed, name: str, activity: Activity, work: ObservedWork
) -> Iterator[str]:
    """Yield the predecessors that were not finished when work began."""
    prefix = name.rpartition("/")[0]
    owner = prefix.partition("/")[0]
    for reference in activity.after:
        kit, _, entry = reference.rpartition(".")
        is_of_city = kit == "city" or (kit == "" and prefix == owner)
        if owner in scenario.cities and is_of_city and entry in scenario.cities[owner].done:
            continue
        if kit == "province":
            before = f"province/{entry}"
        else:
            before = f"{owner if kit == 'city' else prefix}/{entry}"
        known = seen.work.get(before)
        if known is None or known.finished is None or known.finished > work.started:
            yield before


def activity_named(scenario: Scenario, name: str) -> Activity | None:
    """Return the activity of an instance such as `jakarta_barat/zone-3/site`."""
    owner, *zone, entry = name.split("/") if "/" in name else ("", name)
    if owner == "province" and not zone:
        return scenario.work.province.get(entry)
    if owner not in scenario.cities:
        return None
    if not zone:
        return scenario.work.city.get(entry)
    number = zone[0].removeprefix("zone-")
    if len(zone) == 1 and zone[0].startswith("zone-") and _ZONE_NUMBER.fullmatch(number):
        is_planned = int(number) <= n_planned(scenario.cities[owner])
        return scenario.work.zone.get(entry) if is_planned else None
    return None


def _work_names(scenario: Scenario) -> list[str]:
    work = scenario.work
    names = [f"province/{entry}" for entry in work.province]
    for name, city in scenario.cities.items():
        names += [f"{name}/{entry}" for entry in work.city]
        names += [f"{name}/zone-1/{entry}" for entry in work.zone if n_planned(city)]
    return names

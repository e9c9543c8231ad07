"""Parts of a plan that change nothing: services nobody opens, staff nobody needs, idle limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from kla_sim.domain.categories import category_number
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.model import Activity, Scenario, WideActivity, ZoneActivity
from kla_sim.scenario.nodes import Mapping, plain_values
from kla_sim.scenario.paths import matching_paths, value_at
from kla_sim.scenario.status import n_planned, standing, today, zones_to_come

_NOT_THE_PLAN = frozenset(("schema_version", "name", "sources", "assumptions", "waive"))


def find_without_effect(loaded: LoadedScenario) -> Iterator[Problem]:
    """Yield the parts of a scenario that change nothing."""
    scenario = loaded.scenario
    if _is_unchanged(loaded):
        yield Problem("NOTHING_CHANGED", ())
    if any(map(n_planned, scenario.cities.values())):
        yield from _zones(scenario)
    yield from _work(scenario)
    yield from _cities(scenario)
    yield from _ranges(scenario)


def _is_unchanged(loaded: LoadedScenario) -> bool:
    """Whether a variant says nothing that the scenario it extends does not say."""
    if loaded.parent is None:
        return False
    return _plan_of(loaded.parent) == _plan_of(loaded.tree)


def _plan_of(tree: Mapping) -> dict[str, Any]:
    plan = {key: part for key, part in plain_values(tree).items() if key not in _NOT_THE_PLAN}
    return cast(dict[str, Any], _without_nulls(plan))


def _without_nulls(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    return {key: _without_nulls(below) for key, below in part.items() if below is not None}


def _zones(scenario: Scenario) -> Iterator[Problem]:
    """Yield what the work on zones never reaches."""
    zone_work, effects = scenario.work.zone, scenario.effects
    launches = any(activity.launches for activity in zone_work.values())
    if not launches:
        yield Problem("ZONES_NEVER_LAUNCHED", ("work", "zone"), {}, True)
    opened = {activity.opens for activity in zone_work.values()}
    for group, effect in effects.services.items():
        if effect > 0 and group not in opened:
            yield Problem("SERVICE_NEVER_OPENED", ("effects", "services", group), {"group": group})
    integrates = any(activity.integrates for activity in zone_work.values())
    if effects.integration > 0 and not (integrates and launches):
        yield Problem("INTEGRATION_NEVER_REACHED", ("effects", "integration"))
    for name, activity in zone_work.items():
        if activity.opens and not effects.services.get(activity.opens):
            fields = {"group": activity.opens}
            yield Problem("SERVICE_WITHOUT_EFFECT", ("work", "zone", name, "opens"), fields)
    limit = scenario.policy.wip_limit
    most = max(len(zones_to_come(scenario, name)) for name in scenario.cities)
    if limit is not None and limit >= most:
        reach = {"limit": limit, "most": most}
        yield Problem("WIP_LIMIT_WITHOUT_EFFECT", ("policy", "wip_limit"), reach)


def _work(scenario: Scenario) -> Iterator[Problem]:
    """Yield work that helps nothing and nobody, and staff that no work needs."""
    kits: dict[str, dict[str, Any]] = {
        kit: getattr(scenario.work, kit) for kit in ("province", "city", "zone")
    }
    awaited = {
        tuple(f"{'' if '.' in name else kit + '.'}{name}".split("."))
        for kit, entries in kits.items()
        for activity in entries.values()
        for name in activity.after
    }
    for kit, entries in kits.items():
        for name, activity in entries.items():
            if (kit, name) not in awaited and not _has_effect(activity):
                yield Problem("WORK_WITHOUT_EFFECT", ("work", kit, name), {}, True)
    activities = [activity for entries in kits.values() for activity in entries.values()]
    needed = {name for entry in activities for name, units in entry.needs.items() if units}
    for name in scenario.resources:
        if activities and name not in needed:
            yield Problem("RESOURCE_UNUSED", ("resources", name), {}, True)


def _has_effect(activity: Activity) -> bool:
    if isinstance(activity, WideActivity):
        return any(activity.closes_gap.values())
    if isinstance(activity, ZoneActivity):
        return bool(activity.opens or activity.integrates or activity.launches)
    return False


def _cities(scenario: Scenario) -> Iterator[Problem]:
    for name, city in scenario.cities.items():
        n_zones = city.zones.existing + n_planned(city)
        if n_planned(city) and n_zones > city.districts:
            fields = {"zones": n_zones, "districts": city.districts}
            yield Problem("ZONES_ABOVE_DISTRICTS", ("cities", name, "zones"), fields, True)
    target = category_number(scenario.target.category)
    held = [standing(scenario, name) for name in scenario.cities]
    if all(category is not None and category >= target for category in held):
        wanted = {"category": scenario.target.category, "day": today(scenario)}
        yield Problem("TARGET_HELD_AT_START", ("target", "category"), wanted)


def _ranges(scenario: Scenario) -> Iterator[Problem]:
    for pattern, uncertainty in scenario.uncertain.items():
        path = ("uncertain", pattern)
        if uncertainty.low == uncertainty.high:
            yield Problem("RANGE_OF_ZERO_WIDTH", path, {}, True)
        elif uncertainty.by == "factor":
            values = [value_at(scenario, place) for place in matching_paths(scenario, pattern)]
            if values and all(isinstance(value, int | float) and value == 0 for value in values):
                yield Problem("FACTOR_ON_ZERO", path, {}, True)

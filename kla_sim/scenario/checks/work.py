"""Work: predecessors, circles in the network, staff that no capacity can ever give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from kla_sim.domain.pert import pert_range
from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.distributions import Pert
from kla_sim.scenario.faults import unknown_name
from kla_sim.scenario.model import Activity, Capacity, Scenario

_KITS = ("province", "city", "zone")

Kits = Mapping[str, Mapping[str, Activity]]


def check_work(scenario: Scenario) -> Iterator[Problem]:
    """Yield work that waits for nothing known, for itself, or for more staff than there ever is."""
    kits: Kits = {kit: getattr(scenario.work, kit) for kit in _KITS}
    for kit, activities in kits.items():
        for name, activity in activities.items():
            path = ("work", kit, name)
            yield from _check_predecessors(kits, kit, activity, path)
            yield from _check_needs(scenario, kit, activity, path)
            for key in ("duration", "cost"):
                yield from _check_percentiles(getattr(activity, key), (*path, key))
        yield from _check_circles(kit, activities)
    for name, resource in scenario.resources.items():
        yield from _check_percentiles(resource.replacement, ("resources", name, "replacement"))


def _check_predecessors(kits: Kits, kit: str, activity: Activity, path: Keys) -> Iterator[Problem]:
    wider = _KITS[: _KITS.index(kit)]
    known = [*kits[kit], *(f"{other}.{name}" for other in wider for name in kits[other])]
    for place, reference in enumerate(activity.after):
        here = (*path, "after", str(place))
        prefix, _, name = reference.rpartition(".")
        if reference in known or (prefix == kit != "zone" and name in kits[kit]):
            continue
        elsewhere = [f"{other}.{name}" for other in wider if name in kits[other]]
        narrower = [other for other in _KITS[_KITS.index(kit) + 1 :] if name in kits[other]]
        if elsewhere and not prefix:
            yield Problem("predecessor_elsewhere", here, {"right": elsewhere[-1]})
        elif prefix in _KITS and prefix not in wider and prefix != kit and narrower:
            yield Problem("predecessor_narrower", here, {"kit": kit})
        elif prefix == kit and name in kits[kit]:
            yield Problem("predecessor_elsewhere", here, {"right": name})
        else:
            code, fields = unknown_name("unknown_predecessor", reference, known)
            yield Problem(code, here, {**fields, "named": reference})


def _check_circles(kit: str, activities: Mapping[str, Activity]) -> Iterator[Problem]:
    """Yield one circle for each group of activities that wait for each other."""
    before = {
        name: [
            own
            for own in (reference.removeprefix(f"{kit}.") for reference in activity.after)
            if own in activities
        ]
        for name, activity in activities.items()
    }
    state: dict[str, int] = {}  # 1 = on the way down, 2 = finished
    for first in activities:
        trail: list[tuple[str, Iterator[str]]] = []
        if first not in state:
            state[first] = 1
            trail.append((first, iter(before[first])))
        while trail:
            name, rest = trail[-1]
            following = next(rest, None)
            if following is None:
                state[name] = 2
                trail.pop()
            elif state.get(following) == 1:
                names = [entry for entry, _ in trail]
                circle = [*names[names.index(following) :], following]
                yield _circle(kit, activities, circle)
            elif following not in state:
                state[following] = 1
                trail.append((following, iter(before[following])))


def _circle(kit: str, activities: Mapping[str, Activity], circle: list[str]) -> Problem:
    """Return the problem of a circle, at each `after` that is part of it."""
    places = []
    for name, before in pairwise(circle):
        references = [entry.removeprefix(f"{kit}.") for entry in activities[name].after]
        places.append(("work", kit, name, "after", str(references.index(before))))
    # read along the arrows of time: what comes first stands first
    fields = {"circle": " -> ".join(reversed(circle))}
    return Problem("circle", places[-1], fields, or_at=tuple(places[:-1]))


def _check_needs(scenario: Scenario, kit: str, activity: Activity, path: Keys) -> Iterator[Problem]:
    for name, units in activity.needs.items():
        here = (*path, "needs", name)
        resource = scenario.resources.get(name)
        if resource is None:
            code, fields = unknown_name("unknown_resource", name, list(scenario.resources))
            yield Problem(code, here, fields, of_key=True)
        elif units > 0 and resource.scope == "city" and kit == "province":
            yield Problem("province_needs_city_staff", here, of_key=True)
        elif resource.scope == "province":
            if units > most_of(resource.capacity):
                yield _too_much(units, resource.capacity, here, ("resources", name, "capacity"))
        else:
            for city in _cities_with(scenario, kit, path[-1]):
                own = resource.per_city.get(city)
                capacity = resource.capacity if own is None else own
                if units > most_of(capacity):
                    key = ("capacity",) if own is None else ("per_city", city)
                    yield _too_much(units, capacity, here, ("resources", name, *key), city)
                    break


def _too_much(
    units: int, capacity: Capacity, need: Keys, pool: Keys, city: str | None = None
) -> Problem:
    """Return the problem of a need that no day's capacity meets, at the need or at the capacity."""
    fields = {"units": units, "most": most_of(capacity), "work": ".".join(need[:3])}
    if city is None:
        return Problem("demand_above_capacity", need, fields, or_at=(pool,))
    return Problem("demand_above_city", need, {**fields, "city": city}, or_at=(pool,))


def most_of(capacity: Capacity) -> int:
    """Return the most posts there ever are."""
    return capacity if isinstance(capacity, int) else max(step.posts for step in capacity)


def _cities_with(scenario: Scenario, kit: str, name: str) -> Iterator[str]:
    """Yield the cities in which an activity of a kit is to be done."""
    for city, entry in scenario.cities.items():
        if kit == "city":
            if name not in entry.done:
                yield city
            continue
        planned = entry.zones.planned
        if isinstance(planned, int):
            planned = {scenario.start.year: planned}
        if any(count for year, count in planned.items() if year <= scenario.horizon.year):
            yield city


def _check_percentiles(distribution: Any, path: Keys) -> Iterator[Problem]:
    """Refuse times and money below 0, where a PERT given by percentiles reaches beyond them."""
    if not isinstance(distribution, Pert) or distribution.meaning == "range":
        return
    if distribution.high <= distribution.low:
        return
    low, _ = pert_range(distribution.low, distribution.likely, distribution.high)
    if low < 0:
        yield Problem("percentiles_below_zero", (*path, "low"), {"end": round(low, 2)})

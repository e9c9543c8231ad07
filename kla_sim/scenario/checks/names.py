"""Names: cities and resources that others speak of, the order of the policy, reserved words."""

from __future__ import annotations

from collections.abc import Iterator

from kla_sim.scenario.checks.problem import Problem
from kla_sim.scenario.faults import unknown_name
from kla_sim.scenario.model import Scenario

_RESERVED_CITIES = ("province", "common")
_RESERVED_RESOURCES = ("window", "wip_limit")
_MOST_SIGNS = 200


def check_names(scenario: Scenario) -> Iterator[Problem]:
    """Yield names that nothing carries, or that mean something else already."""
    cities = list(scenario.cities)
    if not any(sign.isalnum() for sign in scenario.name) or len(scenario.name) > _MOST_SIGNS:
        yield Problem("name_unusable", ("name",), {"most": _MOST_SIGNS})
    for kind, names, reserved in (
        ("cities", cities, _RESERVED_CITIES),
        ("resources", list(scenario.resources), _RESERVED_RESOURCES),
    ):
        for name in names:
            if name in reserved:
                yield Problem("name_reserved", (kind, name), of_key=True)
    for name, resource in scenario.resources.items():
        path = ("resources", name, "per_city")
        if resource.scope == "province" and resource.per_city:
            yield Problem("per_city_of_province", path, of_key=True)
            continue
        for city in resource.per_city:
            yield from _unknown_city(city, cities, (*path, city))
    for city in scenario.accounts.cities:
        yield from _unknown_city(city, cities, ("accounts", "cities", city))
    yield from _check_provinces(scenario)
    yield from _check_done(scenario)
    yield from _check_order(scenario, cities)


def _unknown_city(city: str, cities: list[str], path: tuple[str, ...]) -> Iterator[Problem]:
    if city not in cities:
        code, fields = unknown_name("unknown_city", city, cities)
        yield Problem(code, path, fields, of_key=True)


def _check_provinces(scenario: Scenario) -> Iterator[Problem]:
    written: dict[tuple[str, ...], str | None] = {("province",): scenario.province}
    written |= {("cities", key, "province"): city.province for key, city in scenario.cities.items()}
    for path, name in written.items():
        if name is not None and not any(sign.isalnum() for sign in name):
            yield Problem("province_unnamed", path)


def _check_done(scenario: Scenario) -> Iterator[Problem]:
    known = list(scenario.work.city)
    for city, entry in scenario.cities.items():
        for place, name in enumerate(entry.done):
            if name not in known:
                code, fields = unknown_name("done_unknown", name, known)
                yield Problem(code, ("cities", city, "done", str(place)), {**fields, "named": name})


def _check_order(scenario: Scenario, cities: list[str]) -> Iterator[Problem]:
    order = scenario.policy.order
    if order is None:
        return
    for place, name in enumerate(order):
        path = ("policy", "order", str(place))
        if name not in cities:
            code, fields = unknown_name("unknown_city", name, cities)
            yield Problem(code, path, {**fields, "named": name})
        elif name in order[:place]:
            yield Problem("order_twice", path)
    missing = [city for city in cities if city not in order]
    if missing:
        yield Problem("order_incomplete", ("policy", "order"), {"missing": ", ".join(missing)})

"""What there is to choose in a scenario with levers: each choice with its values, in a fixed order.

Amounts are chosen as multiples of the plan's own, in steps of a tenth; counts as whole numbers.
Only what is still to come is chosen: years after the one in which the plan begins, or stands. Not
here: what a set of choices makes of the plan (`candidates`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from kla_sim.scenario.levers import CountRange, FactorRange, Levers, PostRange
from kla_sim.scenario.model import Capacity, Resource, Scenario
from kla_sim.scenario.status import today

Block = Literal["order", "priority", "wip_limit", "money", "posts", "zones"]

_STEPS_PER_UNIT = 10
"""Amounts are chosen in steps of a tenth of the plan's own."""


class Choice(NamedTuple):
    """One thing to choose.

    Attributes
    ----------
    name : its path among the levers, such as `posts.trainers.2024`.
    values : what may be chosen, in rising order where `is_ranked`.
    own : the place of the plan's own value, or of the nearest one that may be chosen.
    """

    name: str
    block: Block
    values: tuple[str | int | float, ...]
    own: int
    is_ranked: bool = True


def levers_of(scenario: Scenario) -> Levers:
    """Return the levers of a scenario that has some."""
    assert scenario.levers is not None  # who asks has looked
    return scenario.levers


def first_year(scenario: Scenario) -> int:
    """Return the first year of which anything can still be chosen."""
    return today(scenario).year + 1


def open_years(scenario: Scenario) -> range:
    """Return the years in which choices can matter: to the one of the deadline."""
    return range(first_year(scenario), scenario.target.deadline.year + 1)


def choices_of(scenario: Scenario) -> list[Choice]:
    """Return all that there is to choose."""
    levers = levers_of(scenario)
    found: list[Choice] = []
    if levers.priority:
        names = tuple(dict.fromkeys(levers.priority))
        own = scenario.policy.priority
        found.append(
            Choice("priority", "priority", names, names.index(own) if own in names else 0, False)
        )
    if levers.order:
        cities = scenario.policy.order or list(scenario.cities)
        ranks = tuple(range(len(cities)))
        found += [Choice(f"order.{city}", "order", ranks, cities.index(city))
                  for city in scenario.cities]  # fmt: skip
    if levers.wip_limit:
        found.append(_count("wip_limit", "wip_limit", levers.wip_limit, scenario.policy.wip_limit))
    found += _money(scenario, levers)
    for name, posts in (levers.posts or {}).items():
        found += _posts(scenario, name, posts)
    if levers.zones:
        found += _zones(scenario, levers.zones)
    return found


def _count(name: str, block: Block, span: CountRange, own: int | None) -> Choice:
    values = tuple(range(span.low, span.high + 1))
    nearest = span.high if own is None else min(max(own, span.low), span.high)
    return Choice(name, block, values, values.index(nearest))


def _factor(name: str, span: FactorRange) -> Choice:
    first = math.ceil(round(span.low * _STEPS_PER_UNIT, 9))
    last = math.floor(round(span.high * _STEPS_PER_UNIT, 9))
    inner = [step / _STEPS_PER_UNIT for step in range(first, last + 1)]
    values = tuple(sorted({span.low, *inner, span.high}))
    return Choice(name, "money", values, min(range(len(values)), key=lambda i: abs(values[i] - 1)))


def _money(scenario: Scenario, levers: Levers) -> Iterator[Choice]:
    money = levers.money
    if money is None:
        return
    if money.total:
        yield _factor("money.total", money.total)
    if money.province:
        yield _factor("money.province", money.province)
    if money.cities:
        for city in scenario.accounts.cities:
            yield _factor(f"money.cities.{city}", money.cities)


def _posts(scenario: Scenario, name: str, span: PostRange) -> Iterator[Choice]:
    resource = scenario.resources[name]
    if not open_years(scenario):
        return
    if span.per == "city":
        day = dt.date(first_year(scenario), 1, 1)
        for city in scenario.cities:
            own = posts_on(capacity_in(resource, city), day)
            yield _count(f"posts.{name}.{city}", "posts", span, own)
        return
    for year in open_years(scenario):
        own = posts_on(resource.capacity, dt.date(year, 1, 1))
        yield _count(f"posts.{name}.{year}", "posts", span, own)


def capacity_in(resource: Resource, city: str) -> Capacity:
    """Return the capacity of a city's own pool."""
    return resource.per_city.get(city, resource.capacity)


def posts_on(capacity: Capacity, day: dt.date) -> int:
    """Return the posts on a day; before the first step those of the first."""
    if isinstance(capacity, int):
        return capacity
    steps = sorted(capacity, key=lambda step: step.from_)
    begun = [step for step in steps if step.from_ <= day]
    return (begun[-1] if begun else steps[0]).posts


def stages_of(scenario: Scenario) -> list[int]:
    """Return the years of the stages that can still be changed."""
    years = {
        year
        for city in scenario.cities.values()
        if isinstance(city.zones.planned, Mapping)
        for year in city.zones.planned
    }
    return [year for year in sorted(years) if year in open_years(scenario)]


def _zones(scenario: Scenario, span: CountRange) -> Iterator[Choice]:
    """Yield the zones of each stage, of the cities that plan any."""
    for name, city in scenario.cities.items():
        planned = city.zones.planned
        if isinstance(planned, Mapping) and any(planned.values()):
            for year in stages_of(scenario):
                yield _count(f"zones.{name}.{year}", "zones", span, planned.get(year, 0))

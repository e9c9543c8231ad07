"""The rim of counting: what costs, times, accounts, zones and posts can come to in any future.

The engines count in whole numbers of fixed width (`domain.limits`). Draws have a largest value,
because uniform numbers have 53 bits; so the most that a plan can come to is known beforehand, and
one that could go further is refused here with its place, in both engines alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kla_sim.domain.limits import (
    DEAREST_RUPIAH,
    LONGEST_DAYS,
    MOST_ACTIVITIES,
    MOST_COUNTED,
    MOST_LINKS,
    MOST_ZONES,
)
from kla_sim.domain.lognormal import largest_lognormal, shock_sigma
from kla_sim.scenario.checks.observed import activity_named
from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.checks.work import most_of
from kla_sim.scenario.distributions import largest_of
from kla_sim.scenario.model import Activity, Scenario
from kla_sim.scenario.quantities import MOST_RUPIAH
from kla_sim.scenario.status import n_planned

_OTHER_EVENTS = 100_000_000
"""Room left beside the days of posts, each of which may bring an event, for those of work."""


def check_rim(scenario: Scenario) -> Iterator[Problem]:
    """Yield what could leave the numbers that the engines count with.

    Parameters
    ----------
    scenario : with every uncertain number at the upper end of its range.
    """
    yield from _check_draws(scenario)
    yield from _check_accounts(scenario)
    if scenario.horizon >= scenario.start:
        yield from _check_zones(scenario)
        yield from _check_posts(scenario)
    yield from _check_size(scenario)


def _check_draws(scenario: Scenario) -> Iterator[Problem]:
    """Yield costs and durations whose largest draw, with all its factors, is too large."""
    for kit in ("province", "city", "zone"):
        activities: dict[str, Activity] = getattr(scenario.work, kit)
        for name, activity in activities.items():
            for key, most in (("duration", LONGEST_DAYS), ("cost", DEAREST_RUPIAH)):
                path = ("work", kit, name, key)
                yield from _check_draw(scenario, path, key, getattr(activity, key), activity, most)
    for name, resource in scenario.resources.items():
        longest = largest_of(resource.replacement or 0.0)
        if longest > LONGEST_DAYS:
            fields = {"drawn": _rounded(longest), "factor": 1, "rework": 1, "most": LONGEST_DAYS}
            yield Problem("duration_beyond", ("resources", name, "replacement"), fields)


def _check_draw(
    scenario: Scenario, path: Keys, key: str, distribution: Any, activity: Activity, most: int
) -> Iterator[Problem]:
    drawn, rework = largest_of(distribution), max(1.0, activity.rework)
    factors = [getattr(city.multipliers, key) for city in scenario.cities.values()]
    factor = 1.0 if path[1] == "province" else max(factors)
    if drawn * factor * rework > most:
        fields = {"drawn": _rounded(drawn), "factor": factor, "rework": rework, "most": most}
        yield Problem("cost_beyond" if key == "cost" else "duration_beyond", path, fields)


def _rounded(value: float) -> float:
    """Return a number with the few digits that a sentence needs."""
    return float(f"{value:.3g}")


def _check_accounts(scenario: Scenario) -> Iterator[Problem]:
    """Yield accounts that grow or are shocked beyond counting, all their years together."""
    accounts = scenario.accounts
    shock = 1.0
    for cv in (accounts.shock.common, accounts.shock.own):
        sigma = shock_sigma(cv)
        shock *= largest_lognormal(-sigma * sigma / 2, sigma)
    named: list[tuple[Keys, dict[int, int]]] = [(("accounts", "province"), accounts.province)]
    named += [(("accounts", "cities", city), own) for city, own in accounts.cities.items()]
    shocks: tuple[Keys, ...] = tuple(("accounts", "shock", key) for key in ("common", "own"))
    for path, amounts in named:
        total = 0.0
        for year, amount in _yearly(scenario, amounts):
            if amount > MOST_RUPIAH and year not in amounts:
                yield Problem("account_grows_too_large", path, {"year": str(year)}, of_key=True)
                break
            total += amount * shock if year >= scenario.start.year else 0.0
        else:
            if total > DEAREST_RUPIAH:
                fields = {
                    "account": path[-1], "shock": _rounded(shock), "most": DEAREST_RUPIAH
                }  # fmt: skip
                yield Problem("account_beyond", path, fields, of_key=True, or_at=shocks)
                return  # one cause, the shocks, of which every account would speak


def _yearly(scenario: Scenario, amounts: dict[int, int]) -> Iterator[tuple[int, float]]:
    """Yield the years of an account from the first that is listed, and what they hold."""
    amount: float = 0
    for year in range(min(amounts, default=1), max(scenario.horizon.year + 1, 0) if amounts else 0):
        amount = amounts.get(year, amount * (1 + (scenario.accounts.grows or 0.0)))
        yield year, amount


def _check_zones(scenario: Scenario) -> Iterator[Problem]:
    """Yield cities with more zones, or more waiting for them, than can be counted."""
    n_days = _n_days(scenario)
    kits = scenario.work
    for name, city in scenario.cities.items():
        path = ("cities", name, "zones")
        n_zones = city.zones.existing + n_planned(city)
        n_activities = len(kits.city) + n_planned(city) * len(kits.zone)
        if n_zones > MOST_ZONES:
            fields = {"zones": n_zones, "most": MOST_ZONES}
            yield Problem("too_many_zones", path, fields, of_key=True)
        elif n_activities * n_days > MOST_COUNTED:
            fields = {"activities": n_activities, "days": n_days, "most": MOST_COUNTED}
            yield Problem("too_many_waits", path, fields, of_key=True)
    if len(kits.province) * n_days > MOST_COUNTED:
        fields = {"activities": len(kits.province), "days": n_days, "most": MOST_COUNTED}
        yield Problem("too_many_waits", ("work", "province"), fields, of_key=True)


def _check_posts(scenario: Scenario) -> Iterator[Problem]:
    """Yield the largest pool where all posts have more days than can be counted."""
    n_days = _n_days(scenario)
    posts = {name: most_posts(scenario, name) for name in scenario.resources}
    total = sum(posts.values()) + _units_at_work(scenario)
    most = MOST_COUNTED - _OTHER_EVENTS
    if total * n_days > most:
        largest = max(posts, key=lambda name: posts[name])
        fields = {"posts": total, "days": n_days, "most": most // n_days}
        yield Problem("too_many_posts", ("resources", largest, "capacity"), fields)


def _n_days(scenario: Scenario) -> int:
    return (scenario.horizon - scenario.start).days + 1


def most_posts(scenario: Scenario, name: str) -> int:
    """Return the most posts that a resource ever has, in all its pools."""
    resource = scenario.resources[name]
    if resource.scope == "province":
        return most_of(resource.capacity)
    return sum(most_of(resource.per_city.get(city, resource.capacity)) for city in scenario.cities)


def _units_at_work(scenario: Scenario) -> int:
    """Return the posts that work in progress on the status date holds, whatever the capacity."""
    seen = scenario.observed.work if scenario.observed else {}
    found = [activity_named(scenario, name) for name, work in seen.items() if not work.finished]
    return sum(sum(activity.needs.values()) for activity in found if activity is not None)


class WorkCounts(NamedTuple):
    """How much work a plan has."""

    n_zones: int  # planned
    n_activities: int
    n_links: int  # from one piece of work to one that it waits for


def count_work(scenario: Scenario) -> WorkCounts:
    """Count the work of a plan without listing it."""
    kits = scenario.work
    n_zones = sum(n_planned(city) for city in scenario.cities.values())
    times: list[tuple[int, list[Activity]]] = [
        (1, list(kits.province.values())),
        (len(scenario.cities), list(kits.city.values())),
        (n_zones, list(kits.zone.values())),
    ]
    return WorkCounts(
        n_zones=n_zones,
        n_activities=sum(count * len(kit) for count, kit in times),
        n_links=sum(count * sum(len(entry.after) for entry in kit) for count, kit in times),
    )


def _check_size(scenario: Scenario) -> Iterator[Problem]:
    """Yield plans with more work, or more links between pieces of work, than a plan may have."""
    n_zones, n_activities, n_links = count_work(scenario)
    if n_activities > MOST_ACTIVITIES:
        fields = {"zones": n_zones, "activities": n_activities, "most": MOST_ACTIVITIES}
        yield Problem("too_much_work", ("cities",), fields, of_key=True)
    elif n_links > MOST_LINKS:
        fields = {"zones": n_zones, "links": n_links, "most": MOST_LINKS}
        yield Problem("too_many_links", ("cities",), fields, of_key=True)

"""What a set of choices makes of a plan: the scenario, and the values that it changes.

Every set of choices becomes a plan within the limits: money is scaled down to its limit, posts are
taken one by one by a lot that the choices themselves draw, so that any split can be reached.
Called by `experiment.optimise`; the file that says the same is written by `variants`.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from kla_sim.scenario.budgets import PROVINCE, account_of, total_of, yearly_amounts
from kla_sim.scenario.choices import (
    Block,
    Choice,
    capacity_in,
    choices_of,
    first_year,
    levers_of,
    open_years,
    posts_on,
)
from kla_sim.scenario.model import Capacity, CapacityStep, Scenario
from kla_sim.scenario.paths import Path, value_at, with_changes

Places = dict[str, int]
"""The place of the chosen value, by the name of the choice."""

_WHOLE = 1_000_000
"""Amounts are chosen in whole millions of rupiah, as budgets are written."""


class Candidate(NamedTuple):
    """One plan that the levers admit.

    Attributes
    ----------
    places : the choices that it comes from, once the limits are met.
    changes : the values that differ from the given plan, by path.
    cost : rupiah appropriated over the whole plan, as planned.
    """

    places: Places
    changes: dict[Path, Any]
    scenario: Scenario
    cost: int


def candidate_of(given: Scenario, places: Places, written: dict[Path, Any]) -> Candidate:
    """Return a plan with some values written anew, those that are as they were left out."""
    changes = {path: value for path, value in written.items() if value != value_at(given, path)}
    plan = with_changes(given, {path: partial(_instead, value) for path, value in changes.items()})
    return Candidate(places, changes, plan, total_of(yearly_amounts(plan)))


class Space:
    """All plans that the levers of a scenario admit.

    Parameters
    ----------
    scenario : one with levers.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.choices = choices_of(scenario)
        self.by_name = {choice.name: choice for choice in self.choices}
        self.blocks: list[Block] = list(dict.fromkeys(choice.block for choice in self.choices))
        self._amounts = yearly_amounts(scenario)

    @property
    def own(self) -> Places:
        """The choices nearest to the given plan."""
        return {choice.name: choice.own for choice in self.choices}

    @property
    def refused_limit(self) -> str:
        """The limit that even the least of everything exceeds; empty where there is none."""
        limits, least = levers_of(self.scenario).limits, dict.fromkeys(self.by_name, 0)
        if limits.money is not None and total_of(self._scaled(least)) > limits.money:
            return "money"
        if limits.posts is not None and max(self._posts_by_year(least), default=0) > limits.posts:
            return "posts"
        return ""

    @property
    def n_plans(self) -> int:
        """How many sets of choices there are, the limits aside."""
        return math.prod(len(choice.values) for choice in self.choices)

    def candidate(self, places: Places) -> Candidate:
        """Return the plan that a set of choices makes, within the limits."""
        places = self._settled(places)
        written = {
            **self._policy(places),
            **self._money(places),
            **self._posts(places),
            **self._zones(places),
        }
        return candidate_of(self.scenario, places, written)

    @property
    def given(self) -> Candidate:
        """The plan as it was given, whether or not the levers admit it."""
        return candidate_of(self.scenario, self.own, {})

    def value(self, places: Places, name: str) -> Any:
        """Return the chosen value."""
        return self.by_name[name].values[places[name]]

    def distance(self, one: Places, other: Places) -> float:
        """Return how different two plans are: the mean over the kinds of levers, 0 to 1.

        Ranked values by their distance over the range, rules as alike or not, orders of cities by
        the share of pairs that stand the other way round (Kendall 1938, Biometrika 30, 81-93).
        """
        return sum(self._apart(block, one, other) for block in self.blocks) / len(self.blocks)

    def _apart(self, block: Block, one: Places, other: Places) -> float:
        names = [choice.name for choice in self.choices if choice.block == block]
        if block == "order":
            pairs = [(a, b) for place, a in enumerate(names) for b in names[:place]]
            turned = [(one[a] - one[b]) * (other[a] - other[b]) < 0 for a, b in pairs]
            return sum(turned) / max(1, len(turned))
        return sum(self._step(self.by_name[name], one, other) for name in names) / len(names)

    @staticmethod
    def _step(choice: Choice, one: Places, other: Places) -> float:
        away = abs(one[choice.name] - other[choice.name])
        return away / max(1, len(choice.values) - 1) if choice.is_ranked else float(away > 0)

    def _settled(self, places: Places) -> Places:
        """Return choices that meet the limits, each order and each share in one way only."""
        settled = {choice.name: places.get(choice.name, choice.own) for choice in self.choices}
        orders = [choice.name for choice in self.choices if choice.block == "order"]
        if orders and self._rule(settled) == "listed":
            ranked = sorted(orders, key=lambda name: settled[name])
            settled |= {name: rank for rank, name in enumerate(ranked)}
        else:
            settled |= {name: self.by_name[name].own for name in orders}
        return self._within_posts(settled)

    def _rule(self, places: Places) -> str:
        if "priority" in self.by_name:
            return str(self.value(places, "priority"))
        return "listed" if levers_of(self.scenario).order else self.scenario.policy.priority

    def _policy(self, places: Places) -> dict[Path, Any]:
        written: dict[Path, Any] = {("policy", "priority"): self._rule(places)}
        if levers_of(self.scenario).order and self._rule(places) == "listed":
            cities = list(self.scenario.cities)
            order = sorted(cities, key=lambda city: places[f"order.{city}"])
            if order != (self.scenario.policy.order or cities):
                written["policy", "order"] = order
        if "wip_limit" in self.by_name:
            written["policy", "wip_limit"] = self.value(places, "wip_limit")
        return written

    def _scaled(self, places: Places) -> dict[str, dict[int, int]]:
        """Return the yearly amounts of all accounts, within the limit where it can be met."""
        first, limit = first_year(self.scenario), levers_of(self.scenario).limits.money
        weights = {name: self._weight(places, name) for name in self._amounts}
        still = {
            name: sum(amount for year, amount in amounts.items() if year >= first)
            for name, amounts in self._amounts.items()
        }
        weighted = sum(weights[name] * amount for name, amount in still.items())
        all_open = sum(still.values())
        total = float(self.value(places, "money.total")) if "money.total" in self.by_name else 1.0
        if limit is not None and "money.total" in self.by_name and all_open:
            total = min(total, max(0.0, (limit - total_of(self._amounts) + all_open) / all_open))
        scale = total * all_open / weighted if weighted else 0.0
        is_as_given = total == 1.0 and len(set(weights.values())) == 1
        return {
            name: {
                year: amount
                if year < first or is_as_given
                else math.floor(amount * weights[name] * scale / _WHOLE) * _WHOLE
                for year, amount in amounts.items()
            }
            for name, amounts in self._amounts.items()
        }

    def _weight(self, places: Places, account: str) -> float:
        lever = account.replace("accounts.", "money.", 1)
        return float(self.value(places, lever)) if lever in self.by_name else 1.0

    def _money(self, places: Places) -> dict[Path, Any]:
        amounts = self._scaled(places)
        if amounts == self._amounts:
            return {}
        accounts = self.scenario.accounts
        return {
            ("accounts", "province"): {**accounts.province, **_held(amounts[PROVINCE])},
            **{
                ("accounts", "cities", city): {**own, **_held(amounts[account_of(city)])}
                for city, own in accounts.cities.items()
            },
        }

    def _within_posts(self, places: Places) -> Places:
        limit = levers_of(self.scenario).limits.posts
        if limit is None:
            return places
        places, lot = dict(places), random.Random(repr(sorted(places.items())))
        names = [choice.name for choice in self.choices if choice.block == "posts"]
        while True:
            by_year = self._posts_by_year(places)
            if max(by_year, default=0) <= limit:
                return places
            year = str(open_years(self.scenario)[by_year.index(max(by_year))])
            can_give = [
                name
                for name in names
                if places[name] and (name.endswith(f".{year}") or not name[-4:].isdigit())
            ]
            if not can_give:
                return places
            places[lot.choice(can_give)] -= 1

    def _posts_by_year(self, places: Places) -> list[int]:
        """Return the posts of all pools with levers, on 1 January of each open year."""
        plan = with_changes(
            self.scenario,
            {path: partial(_instead, value) for path, value in self._posts(places).items()},
        )
        pools = [plan.resources[name] for name in levers_of(plan).posts or {}]
        cities = list(plan.cities)
        return [
            sum(
                posts_on(pool.capacity, dt.date(year, 1, 1))
                if pool.scope == "province"
                else sum(posts_on(capacity_in(pool, city), dt.date(year, 1, 1)) for city in cities)
                for pool in pools
            )
            for year in open_years(plan)
        ]

    def _posts(self, places: Places) -> dict[Path, Any]:
        written: dict[Path, Any] = {}
        start, years = self.scenario.start, open_years(self.scenario)
        if not years:
            return written
        for name, span in (levers_of(self.scenario).posts or {}).items():
            resource = self.scenario.resources[name]
            if span.per == "year":
                steps = {year: int(self.value(places, f"posts.{name}.{year}")) for year in years}
                path = ("resources", name, "capacity")
                written[path] = _stepped(resource.capacity, steps, start)
            else:
                of_cities = {
                    city: _stepped(
                        capacity_in(resource, city),
                        dict.fromkeys(years, int(self.value(places, f"posts.{name}.{city}"))),
                        start,
                    )
                    for city in self.scenario.cities
                }
                written["resources", name, "per_city"] = resource.per_city | {
                    city: capacity
                    for city, capacity in of_cities.items()
                    if capacity != capacity_in(resource, city)
                }
        return written

    def _zones(self, places: Places) -> dict[Path, Any]:
        written: dict[Path, Any] = {}
        for choice in self.choices:
            if choice.block == "zones":
                _, city, year = choice.name.split(".")
                path = ("cities", city, "zones", "planned")
                planned = written.setdefault(path, dict(value_at(self.scenario, path)))
                planned[int(year)] = int(self.value(places, choice.name))
        return {
            path: {
                year: zones
                for year, zones in planned.items()
                if zones or year in value_at(self.scenario, path)
            }
            for path, planned in written.items()
        }


def _held(amounts: Mapping[int, int]) -> dict[int, int]:
    """Return amounts from the first year that holds any."""
    first = min((year for year, amount in amounts.items() if amount), default=None)
    return {} if first is None else {year: a for year, a in amounts.items() if year >= first}


def _stepped(capacity: Capacity, steps: Mapping[int, int], start: dt.date) -> Capacity:
    """Return a capacity with other posts from some first days of years on."""
    first = dt.date(min(steps), 1, 1)
    before = (
        [CapacityStep.model_validate({"from": start, "posts": capacity})]
        if isinstance(capacity, int)
        else [step for step in capacity if step.from_ < first]
    )
    after = [] if isinstance(capacity, int) else capacity
    later = [step for step in after if step.from_ > dt.date(max(steps), 12, 31)]
    new = [CapacityStep.model_validate({"from": dt.date(year, 1, 1), "posts": posts})
           for year, posts in sorted(steps.items())]  # fmt: skip
    told: list[CapacityStep] = []
    for step in [*before, *new, *later]:
        if not told or told[-1].posts != step.posts:
            told.append(step)
    return told[0].posts if len(told) == 1 else told


def _instead(value: Any, _old: Any) -> Any:
    return value

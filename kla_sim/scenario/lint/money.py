"""Work and upkeep that no account can ever pay, at its luckiest and with nothing else bought."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import NamedTuple

from kla_sim.domain.days import day_in_year
from kla_sim.scenario.budgets import PROVINCE, account_of
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.distributions import SPREADS
from kla_sim.scenario.lint.bounds import (
    Keys,
    Ranges,
    activities_of,
    least,
    most,
    next_open,
)
from kla_sim.scenario.model import Scenario, Window
from kla_sim.scenario.status import instances_to_start, n_planned, rest_of, spent


class _Held(NamedTuple):
    """The most an account can hold from a day on, until the next entry."""

    day: dt.date
    rupiah: float


class _Accounts(NamedTuple):
    """What the accounts hold over time if nothing is ever paid; days are the same for all."""

    province: list[_Held]
    cities: dict[str, list[_Held]]


class _Shortfall(NamedTuple):
    """A part that an account never holds; no city = the account of the province."""

    city: str
    part: int
    most: int
    is_empty: bool  # the account receives nothing in any year

    @property
    def account(self) -> str:
        return account_of(self.city) if self.city else PROVINCE


def find_unpayable(scenario: Scenario, ranges: Ranges) -> Iterator[Problem]:
    """Yield work, and upkeep, whose least cost no account ever holds when it may be paid."""
    scenario = rest_of(scenario)
    accounts = _Accounts(
        _most_held(scenario, "", ranges),
        {name: _most_held(scenario, name, ranges) for name in scenario.cities},
    )
    short_of: dict[Keys, list[_Shortfall]] = {}
    for kit, name, activity in activities_of(scenario):
        costs = _least_costs(scenario, ranges, kit, name)
        spans = _open_spans(activity.window, accounts.province, scenario.horizon)
        for payer, share in activity.paid_by.items():
            short = _shortfalls(accounts, payer, share, costs, spans)
            if short:
                short_of.setdefault(("work", kit, name, "cost"), []).extend(short)
    owed = _unpayable_upkeep(scenario, ranges, accounts)
    if owed:
        short_of["upkeep", "per_zone"] = owed
    yield from _causes(short_of)


def _causes(short_of: dict[Keys, list[_Shortfall]]) -> Iterator[Problem]:
    """Yield each cause once: accounts that hold nothing at all, then accounts that hold too little.

    Work that falls short of the same accounts is named together.
    """
    empty: dict[str, list[Keys]] = {}
    together: dict[tuple[str, tuple[str, ...]], list[tuple[Keys, list[_Shortfall]]]] = {}
    for path, short in short_of.items():
        for entry in short:
            if entry.is_empty:
                empty.setdefault(entry.account, []).append(path)
        low = [entry for entry in short if not entry.is_empty]
        if low:
            accounts = tuple(entry.account for entry in low)
            together.setdefault((path[0], accounts), []).append((path, low))
    for paths in {tuple(paths): None for paths in empty.values()}:
        account, *others = (name for name, found in empty.items() if tuple(found) == paths)
        fields = {"account": account, "count": len(paths), "first": ".".join(paths[0][:-1])}
        owner = () if account == PROVINCE else ("cities", account.rpartition(".")[2])
        path = owner or tuple(account.split("."))
        yield Problem("ACCOUNT_EMPTY", path, {**fields, "also": others}, True)
    for (kind, _), ((path, low), *rest) in together.items():
        code = "UPKEEP_NEVER_PAYABLE" if kind == "upkeep" else "WORK_NEVER_PAYABLE"
        also = [".".join(other) for other, _ in rest]
        yield Problem(code, path, {**_fields(low), "also": also}, True)


def _unpayable_upkeep(scenario: Scenario, ranges: Ranges, accounts: _Accounts) -> list[_Shortfall]:
    upkeep = scenario.upkeep
    if upkeep is None:
        return []
    owed = least(upkeep.per_zone, ("upkeep", "per_zone"), ranges)
    owing = {
        name: owed
        for name, city in scenario.cities.items()
        if city.zones.existing or n_planned(city)
    }
    spans = list(range(len(accounts.province)))
    return [
        entry
        for payer, share in upkeep.paid_by.items()
        for entry in _shortfalls(accounts, payer, share, owing, spans)
    ]


def _most_held(scenario: Scenario, city: str, ranges: Ranges) -> list[_Held]:
    """Return the most that an account holds from today on; no city = that of the province."""
    accounts, held, amount = scenario.accounts, 0.0, 0.0
    listed = accounts.cities.get(city, {}) if city else accounts.province
    path = ("accounts", "cities", city) if city else ("accounts", "province")
    variance = math.log1p(accounts.shock.common**2) + math.log1p(accounts.shock.own**2)
    luck = math.exp(SPREADS * math.sqrt(variance))
    paid = spent(scenario, city)
    found: list[_Held] = []
    first = scenario.start.year
    for year in range(min([first, *listed]), scenario.horizon.year + 1):
        if year in listed:
            amount = most(listed[year], (*path, str(year)), ranges) * luck
        else:
            amount *= 1 + (accounts.grows or 0.0)
        if year < first:
            continue
        held *= 1 - accounts.lapse / 10_000
        found.append(_Held(max(scenario.start, dt.date(year, 1, 1)), held))
        for day_of_year, share in sorted(accounts.release.items()):
            day = day_in_year(year, day_of_year)
            if paid and day > scenario.start:
                held, paid = max(0.0, held - paid), 0
                found[-1] = _Held(found[-1].day, held)
            held += amount * share / 10_000
            found.append(_Held(max(scenario.start, day), held))
        if paid:
            held, paid = max(0.0, held - paid), 0
            found[-1] = _Held(found[-1].day, held)
    return [entry for entry in found if entry.day <= scenario.horizon]


def _open_spans(window: Window | None, held: list[_Held], horizon: dt.date) -> list[int]:
    """Return the entries of an account's timeline in which work of a window may start."""
    ends = [*(entry.day for entry in held[1:]), horizon + dt.timedelta(days=1)]
    return [
        place
        for place, (entry, end) in enumerate(zip(held, ends, strict=True))
        if entry.day < end and next_open(window, entry.day) < end
    ]


def _least_costs(scenario: Scenario, ranges: Ranges, kit: str, name: str) -> dict[str, float]:
    """Return the least cost in each city that still does this work; "" = the province."""
    cost = least(getattr(scenario.work, kit)[name].cost, ("work", kit, name, "cost"), ranges)
    return {
        key: math.floor(cost * scenario.cities[key].multipliers.cost + 0.5) if key else cost
        for key in instances_to_start(scenario, kit, name)
    }


def _shortfalls(
    accounts: _Accounts, payer: str, share: int, costs: dict[str, float], spans: list[int]
) -> list[_Shortfall]:
    if not spans or not costs:  # never open, or nobody does it: said elsewhere
        return []
    if payer == "province":
        claims = [("", min(costs.values()), accounts.province)]
    else:
        claims = [(city, cost, accounts.cities[city]) for city, cost in costs.items()]
    found = []
    for city, cost, held in claims:
        part = math.floor(cost * share / 10_000)
        highest = math.floor(max(held[span].rupiah for span in spans))
        if part > highest:
            is_empty = not any(entry.rupiah for entry in held)
            found.append(_Shortfall(city, part, highest, is_empty))
    return found


def _fields(short: list[_Shortfall]) -> dict[str, object]:
    """Name the accounts that fall short, and the part and holdings of the first."""
    return {
        "accounts": ", ".join(entry.account for entry in short),
        "part": short[0].part,
        "most": short[0].most,
    }

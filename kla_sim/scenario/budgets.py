"""What every account receives in each year, the years that nobody listed included.

A year that is not listed follows the year before it, by `grows`; before the first listed year an
account holds nothing. Amounts are those as planned: no shock, every uncertain factor at its centre.
The engine fills years the same way, world by world. Called by `checks`, `lint` and `analysis`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kla_sim.scenario.model import Accounts, Scenario

PROVINCE = "accounts.province"


def account_of(city: str) -> str:
    """Return the name of a city's account: its path in the scenario."""
    return f"accounts.cities.{city}"


def yearly_amounts(scenario: Scenario) -> dict[str, dict[int, int]]:
    """Return the appropriations of a scenario's accounts, rupiah by account and year."""
    years = range(scenario.start.year, scenario.horizon.year + 1)
    return amounts_in(scenario.accounts, years, list(scenario.cities))


def amounts_in(accounts: Accounts, years: range, cities: list[str]) -> dict[str, dict[int, int]]:
    """Return the appropriations of the province and of some cities in some years."""
    listed = {PROVINCE: accounts.province}
    listed |= {account_of(city): accounts.cities.get(city, {}) for city in cities}
    grows = accounts.grows or 0.0
    return {name: _filled(amounts, years, grows) for name, amounts in listed.items()}


def total_of(amounts: Mapping[str, Mapping[int, int]]) -> int:
    """Return the sum over accounts and years, rupiah."""
    return sum(sum(of_account.values()) for of_account in amounts.values())


def _filled(amounts: Mapping[int, int], years: range, grows: float) -> dict[int, int]:
    found: dict[int, int] = {}
    for year in range(min(amounts, default=years.stop), years.stop):
        amount = amounts.get(year)
        if amount is None:
            amount = math.floor(found[year - 1] * (1.0 + grows) + 0.5)
        found[year] = amount
    return {year: found.get(year, 0) for year in years}

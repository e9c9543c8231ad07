"""Money: years an account does not list, and work that nobody can pay."""

from __future__ import annotations

from collections.abc import Iterator

from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.model import Scenario


def check_money(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with the accounts."""
    accounts = scenario.accounts
    yield from _check_years(scenario, accounts.province, ("accounts", "province"))
    for city, amounts in accounts.cities.items():
        yield from _check_years(scenario, amounts, ("accounts", "cities", city))
    for name, activity in scenario.work.province.items():
        if activity.paid_by.get("city"):
            yield Problem(
                "province_work_paid_by_city", ("work", "province", name, "paid_by", "city")
            )


def _check_years(scenario: Scenario, amounts: dict[int, int], path: Keys) -> Iterator[Problem]:
    """Years before the first listed hold nothing; after it each is listed or grows."""
    if not amounts:
        return
    first, last = min(amounts), scenario.horizon.year
    missing = [
        year for year in range(max(first, scenario.start.year), last + 1) if year not in amounts
    ]
    if missing and scenario.accounts.grows is None:
        fields = {"missing": ", ".join(map(str, missing)), "first": str(first)}
        yield Problem("account_years_missing", path, fields, of_key=True)

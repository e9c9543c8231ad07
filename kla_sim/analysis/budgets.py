"""How the budgets of two plans differ, account by account and in all.

Amounts as planned: the centre of every uncertain factor, without shocks. A year that only one of
the plans reaches counts as nothing in the other. Called by `compare`, whose words stand in
`report.budget_words`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.scenario.budgets import yearly_amounts
from kla_sim.scenario.model import Scenario


class YearDifference(NamedTuple):
    """What an account receives in one year, rupiah, in the first and the second plan."""

    year: int
    before: int
    after: int


class AccountDifference(NamedTuple):
    """An account whose appropriations differ.

    Attributes
    ----------
    account : its path, such as `accounts.cities.jakarta_barat`.
    name : the city's name; empty for the province.
    before, after : rupiah over all years, in the first and the second plan.
    years : the years that differ, in their order.
    """

    account: str
    name: str
    before: int
    after: int
    years: list[YearDifference]


class BudgetDifferences(NamedTuple):
    """The accounts that differ, and the sums of all accounts of each plan, rupiah."""

    accounts: list[AccountDifference]
    before: int
    after: int

    def document(self) -> dict[str, Any]:
        """Return the differences as one part of a document."""
        return {
            "before": self.before,
            "after": self.after,
            "difference": self.after - self.before,
            "accounts": [
                {
                    **account._asdict(),
                    "difference": account.after - account.before,
                    "years": [year._asdict() for year in account.years],
                }
                for account in self.accounts
            ],
        }


def budget_differences(a: Scenario, b: Scenario) -> BudgetDifferences:
    """Return what the second plan gives to each account beyond, or short of, the first."""
    old, new = yearly_amounts(a), yearly_amounts(b)
    found = [
        difference
        for account in dict.fromkeys([*old, *new])
        if (difference := _of_account(account, a, b, old.get(account, {}), new.get(account, {})))
    ]
    sums = (sum(sum(of_one.values()) for of_one in amounts.values()) for amounts in (old, new))
    return BudgetDifferences(found, *sums)


def _of_account(
    account: str, a: Scenario, b: Scenario, old: dict[int, int], new: dict[int, int]
) -> AccountDifference | None:
    years = [
        YearDifference(year, old.get(year, 0), new.get(year, 0)) for year in sorted({*old, *new})
    ]
    unlike = [year for year in years if year.before != year.after]
    if not unlike:
        return None
    city = account.rpartition(".")[2]
    entry = b.cities.get(city) or a.cities.get(city)
    name = entry.name if entry and account.count(".") == 2 else ""
    return AccountDifference(account, name, sum(old.values()), sum(new.values()), unlike)

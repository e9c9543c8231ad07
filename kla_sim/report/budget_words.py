"""How two plans differ in money, in sentences: each account with its years, then all together."""

from __future__ import annotations

from functools import partial

from kla_sim.analysis.budgets import AccountDifference, BudgetDifferences, YearDifference
from kla_sim.language import rupiah, text

_ = partial(text, "answers")


def phrase_budgets(differences: BudgetDifferences, a: str, b: str) -> list[str]:
    """Return the lines that say what plan `b` gives more or less than plan `a`; none if nothing."""
    if not differences.accounts:
        return []
    more = differences.after - differences.before
    head = _(
        _kind("budgets", more),
        a=a,
        b=b,
        difference=rupiah(abs(more)),
        before=rupiah(differences.before),
        after=rupiah(differences.after),
    )
    return [head, *map(_phrase_account, differences.accounts)]


def _phrase_account(account: AccountDifference) -> str:
    more = account.after - account.before
    return _(
        _kind("budget_account", more),
        account=account.name or _("province"),
        years=_phrase_years(account.years),
        difference=rupiah(abs(more)),
        before=rupiah(account.before),
        after=rupiah(account.after),
    )


def _kind(key: str, more: int) -> str:
    return f"{key}_{'more' if more > 0 else 'less' if more < 0 else 'moved'}"


def _phrase_years(years: list[YearDifference]) -> str:
    """Return years in words: each run of consecutive ones by its ends."""
    runs: list[list[int]] = []
    for entry in years:
        if runs and runs[-1][-1] == entry.year - 1:
            runs[-1].append(entry.year)
        else:
            runs.append([entry.year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}\u2013{run[-1]}" for run in runs)

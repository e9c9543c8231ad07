"""Use of staff and money month by month, in each future and as quantiles over them.

A pool is at its limit on a day on which nobody of it is free; an account on a day on which ready
work waits for it, as the first thing that it lacks. Called by `experiment.futures_schedule`, shown
by `report.schedule_figures`.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.flows import Cash, Flows
from kla_sim.analysis.posts import capacity_by_day, is_nobody_free, posts_at_work, posts_filled
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.spells import Spells
from kla_sim.engine.structure import Structure

_PAYERS = 2
"""The last causes of waits: the province's account, the city's own."""


class Months(NamedTuple):
    """The calendar months of a plan.

    Attributes
    ----------
    first_days : (n_months + 1,) from the start; the last is the day behind the horizon.
    keys : `2023-01`.
    years : (n_months,)
    """

    first_days: IntArray
    keys: tuple[str, ...]
    years: IntArray

    @property
    def lengths(self) -> IntArray:
        """Days of each month within the plan, (n_months,)."""
        return np.diff(self.first_days)


class MonthlyUse(NamedTuple):
    """What each future used in each month; (n, n_pools or n_accounts, n_months)."""

    post_days: IntArray  # at work
    days_nobody_free: IntArray
    spent: IntArray  # rupiah
    released: IntArray
    lapsed: IntArray  # on New Year's Day, so in January
    days_waited: IntArray  # on which ready work waits for the account


class Use(NamedTuple):
    """Use over futures.

    Attributes
    ----------
    quantiles : (n_pools or n_accounts, 5, n_months) least, P10, P50, P90, most.
    limit : (n_pools or n_accounts, n_months) what there is.
    at_limit : (n_pools or n_accounts, n_months) share of futures and days.
    """

    quantiles: FloatArray
    limit: FloatArray
    at_limit: FloatArray


def months_of(start: dt.date, horizon_day: int) -> Months:
    """Return the months from the start to the horizon, the first and last maybe not whole."""
    last = start + dt.timedelta(days=horizon_day)
    numbers = range(start.year * 12 + start.month - 1, last.year * 12 + last.month)
    firsts = [dt.date(number // 12, number % 12 + 1, 1) for number in numbers]
    days = [max(0, (first - start).days) for first in firsts]
    return Months(
        np.array([*days, horizon_day + 1], np.int64),
        tuple(first.isoformat()[:7] for first in firsts),
        np.array([first.year for first in firsts], np.int64),
    )


def monthly_use(plan: Plan, first: int, cash: Cash, spells: Spells) -> MonthlyUse:
    """Return what consecutive replications use in each month.

    Parameters
    ----------
    first : number of the first replication.
    """
    s, n = plan.structure, len(spells.complete_day)
    months = months_of(plan.labels.start, s.horizon_day)
    at_work, filled = posts_at_work(s, spells), posts_filled(plan, first, n)
    nobody_free = is_nobody_free(at_work, filled).astype(np.int64)
    spent, released, lapsed = (
        _flow_by_month(flows, n, s.n_accounts, months)
        for flows in (cash.spent, cash.released, cash.lapsed)
    )
    return MonthlyUse(
        post_days=_by_month(at_work, months),
        days_nobody_free=_by_month(nobody_free, months),
        spent=spent,
        released=released,
        lapsed=lapsed,
        days_waited=_by_month(_is_waited_for(s, spells), months),
    )


def join_use(parts: list[MonthlyUse]) -> MonthlyUse:
    """Put replications one behind the other, in the order given."""
    return MonthlyUse(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def staff_use(plan: Plan, use: MonthlyUse) -> Use:
    """Return the posts at work in the mean of each month, against the posts planned."""
    s = plan.structure
    months = months_of(plan.labels.start, s.horizon_day)
    capacity = _by_month(capacity_by_day(s), months) / months.lengths
    return Use(
        _quantiles(use.post_days / months.lengths),
        capacity,
        use.days_nobody_free.mean(axis=0) / months.lengths,
    )


def cash_use(plan: Plan, use: MonthlyUse) -> Use:
    """Return what is spent from New Year to the end of each month, against what could be by then.

    What could be spent is what was carried over and released; of it the median over futures.
    """
    months = months_of(plan.labels.start, plan.structure.horizon_day)
    spent = _within_years(use.spent, months)
    held = (use.released - use.spent - use.lapsed).cumsum(axis=2)
    return Use(
        _quantiles(spent.astype(float)),
        _quantiles((spent + held).astype(float))[:, 2],
        use.days_waited.mean(axis=0) / months.lengths,
    )


def _quantiles(values: FloatArray) -> FloatArray:
    """Return least, P10, P50, P90 and most over the first axis, each one of the values."""
    n = len(values)
    places = [0, *(max(0, int(np.ceil(share * n - 1e-9)) - 1) for share in (0.1, 0.5, 0.9)), -1]
    found: FloatArray = np.sort(values, axis=0)[places]
    return np.moveaxis(found, 0, 1)


def _by_month(by_day: IntArray, months: Months) -> IntArray:
    sums: IntArray = np.add.reduceat(by_day, months.first_days[:-1], axis=-1)
    return sums


def _flow_by_month(flows: Flows, n: int, n_accounts: int, months: Months) -> IntArray:
    rupiah = np.zeros((n, n_accounts, len(months.keys)), np.int64)
    month = np.searchsorted(months.first_days, flows.day, side="right") - 1
    np.add.at(rupiah, (flows.row, flows.account, month), flows.rupiah)
    return rupiah


def _within_years(values: IntArray, months: Months) -> IntArray:
    """Return the sums from New Year to the end of each month."""
    sums = values.copy()
    for month in range(1, len(months.keys)):
        if months.years[month] == months.years[month - 1]:
            sums[:, :, month] += sums[:, :, month - 1]
    return sums


def _is_waited_for(s: Structure, spells: Spells) -> IntArray:
    """Return 1 on the days on which ready work waits for an account, (n, n_accounts, n_days)."""
    n, n_days = len(spells.complete_day), s.horizon_day + 1
    of_city = spells.kind == s.n_causes - 1
    waits = of_city | (spells.kind == s.n_causes - _PAYERS)
    account = np.where(of_city[waits], 1 + s.act_city[spells.act[waits]], 0)
    row, since, until = spells.row[waits], spells.since[waits], spells.until[waits]
    change = np.zeros((n, s.n_accounts, n_days + 1), np.int64)
    np.add.at(change, (row, account, since), 1)
    np.subtract.at(change, (row, account, np.minimum(until, n_days)), 1)
    return (change[:, :, :-1].cumsum(axis=2) > 0).astype(np.int64)

"""The money of futures day by day: every release, payment and lapse, in whole rupiah.

The engines keep money by year; from what they tell of every attempt (`engine.spells`) and the
random numbers by address, each payment follows exactly: costs are drawn again by the engines' own
functions, upkeep is paid on the days on which dormancy ends. By year and account the sums are those
of the engines (tests hold them to the rupiah). Called by `experiment.futures_schedule`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.milestones import done_days, launch_days
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.engine.draws import sample
from kla_sim.engine.formulas import part_of, whole_rupiah
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import DORMANT, REWORK, WORK, Spells
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import PROVINCE, RELEASE

_rupiah_of = np.vectorize(whole_rupiah, otypes=[np.int64])
_part_of = np.vectorize(part_of, otypes=[np.int64])
"""The engines' own rounding, so that not a rupiah differs."""


class Flows(NamedTuple):
    """Amounts of money that moved, in no order."""

    row: IntArray  # (n_flows,) place of the replication
    account: IntArray  # 0 = the province's, 1 + city a city's
    day: IntArray
    rupiah: IntArray


class Cash(NamedTuple):
    """All that moved in the accounts."""

    released: Flows
    spent: Flows
    lapsed: Flows


def cash_of(plan: Plan, first: int, results: Replications, spells: Spells) -> Cash:
    """Return every movement of money in consecutive replications.

    Parameters
    ----------
    first : number of the first replication.
    spells : of the same replications as the results.
    """
    s = plan.structure
    released = _releases(s, results)
    before = _spent_before(s, released, len(spells.complete_day))
    parts = (before, _attempts_paid(plan, first, spells), _upkeep_paid(plan, first, spells))
    return Cash(released, _joined(parts), _lapses(s, results))


def _joined(parts: tuple[Flows, ...]) -> Flows:
    none = np.zeros(0, np.int64)
    parts = (Flows(none, none, none, none), *parts)
    return Flows(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _releases(s: Structure, results: Replications) -> Flows:
    """Return the tranches: hundredths of an appropriation, the last listed takes the rest."""
    n_tranches = len(s.release_share)
    is_release = s.agenda_item == RELEASE
    year, tranche = np.divmod(s.agenda_number[is_release], n_tranches)
    amounts = results.appropriated.astype(np.int64)
    shares = s.release_share.reshape(-1, 1, 1, 1)
    parts = np.zeros((n_tranches, *amounts.shape), np.int64)
    if n_tranches > 1:
        parts[:-1] = _part_of(amounts, shares[:-1])
    parts[-1] = amounts - parts[:-1].sum(axis=0)
    found = parts[tranche, :, :, year]  # (n_releases, n, n_accounts)
    place, row, account = np.nonzero(found)
    return Flows(row, account, s.agenda_day[is_release][place], found[place, row, account])


def _lapses(s: Structure, results: Replications) -> Flows:
    """Return what lapsed, on the New Year's Day after the year in which it is booked."""
    row, account, year = np.nonzero(results.lapsed)
    return Flows(row, account, s.year_day[year + 1], results.lapsed[row, account, year])


def _spent_before(s: Structure, released: Flows, n: int) -> Flows:
    """Return what was paid this year before the status date, as far as the accounts hold it."""
    held = np.zeros((n, s.n_accounts), np.int64)
    today = released.day == 0
    np.add.at(held, (released.row[today], released.account[today]), released.rupiah[today])
    paid = np.minimum(s.spent_before, held)
    row, account = np.nonzero(paid)
    return Flows(row, account, np.zeros(len(row), np.int64), paid[row, account])


def _attempts_paid(plan: Plan, first: int, spells: Spells) -> Flows:
    """Return what each attempt at work cost, on the day on which it began."""
    s = plan.structure
    is_work = (spells.kind == WORK) | (spells.kind == REWORK)
    row, act, day = spells.row[is_work], spells.act[is_work], spells.since[is_work]
    use = _number_within(row * s.n_activities + act)
    cost = _drawn_costs(plan, first, row, act, use)
    kind, city = s.act_kind[act], s.act_city[act]
    world = (first + row) % plan.n_worlds
    multiplier = np.array([[1.0, *values.city_cost] for values in plan.values])[world, 1 + city]
    rework = np.array([values.rework for values in plan.values])[world, kind]
    amount = _rupiah_of(cost * multiplier * np.where(use > 0, rework, 1.0))
    amount[(use == 0) & (s.act_elapsed[act] >= 0)] = 0  # paid before the status date
    return _joined(
        tuple(
            Flows(row[pays], account, day[pays], part)
            for pays, account, part in _split(s, kind, 1 + city, amount)
        )
    )


def _number_within(whose: IntArray) -> IntArray:
    """Return the place of each entry in its run of equal ones, from 0."""
    is_first = np.ones(len(whose), np.bool_)
    is_first[1:] = whose[1:] != whose[:-1]
    places = np.arange(len(whose))
    begun: IntArray = np.maximum.accumulate(np.where(is_first, places, 0))
    return places - begun


def _drawn_costs(plan: Plan, first: int, row: IntArray, act: IntArray, use: IntArray) -> FloatArray:
    """Return the cost drawn for each attempt, as the engines draw it, before multipliers."""
    s = plan.structure
    cost = np.zeros(len(row))
    order = np.lexsort((use, row))
    borders = np.flatnonzero(np.diff(row[order] * (use.max(initial=0) + 1) + use[order])) + 1
    for some in np.split(order, borders) if len(order) else ():
        replication = first + int(row[some[0]])
        acts = act[some]
        cost[some] = sample(
            plan.seed, s.cost_stream[acts], s.act_kind[acts],
            plan.values[replication % plan.n_worlds].cost, plan.tables,
            replication, int(use[some[0]]),
        )  # fmt: skip
    return cost


def _split(
    s: Structure, kind: IntArray, group: IntArray, amount: IntArray
) -> Iterator[tuple[BoolArray, IntArray, IntArray]]:
    """Yield for each place in the list of payers who of the work has one, its account and part."""
    n_payers = np.diff(s.pay_first)
    left = amount.copy()
    for place in range(int(n_payers.max(initial=0))):
        pays = n_payers[kind] > place
        entry = s.pay_first[kind[pays]] + place
        is_last = n_payers[kind[pays]] == place + 1
        part = np.where(is_last, left[pays], _parts(amount[pays], s.pay_share[entry]))
        left[pays] -= part
        yield pays, np.where(s.pay_payer[entry] == PROVINCE, 0, group[pays]), part


def _parts(amount: IntArray, share: IntArray) -> IntArray:
    parts: IntArray = _part_of(amount, share) if len(amount) else amount
    return parts


def _upkeep_paid(plan: Plan, first: int, spells: Spells) -> Flows:
    """Return the upkeep of launched zones: on New Year's Day, or when their dormancy ends."""
    s = plan.structure
    row, city, day, n_zones = _upkeep_days(s, spells)
    world = (first + row) % plan.n_worlds
    amount = np.array([values.upkeep for values in plan.values], np.int64)[world]
    left, flows = amount.copy(), []
    for place, (payer, share) in enumerate(zip(s.upkeep_payer, s.upkeep_share, strict=True)):
        part = left if place == len(s.upkeep_share) - 1 else _parts(amount, share)
        left = left - part
        account = np.zeros_like(city) if payer == PROVINCE else 1 + city
        flows.append(Flows(row, account, day, part * n_zones))
    return _joined(tuple(flows))


def _upkeep_days(s: Structure, spells: Spells) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return replication, city, day and number of zones whose upkeep was paid.

    What a zone owes is void at the next New Year: dormancy that lasts until then is unpaid.
    """
    is_dormant = spells.kind == DORMANT
    row, city = spells.row[is_dormant], spells.act[is_dormant]
    since, until = spells.since[is_dormant], spells.until[is_dormant]
    borders = np.append(s.year_day, s.horizon_day + 1)
    year = np.searchsorted(s.year_day, since, side="right") - 1
    was_paid = until < borders[year + 1]
    late = (row[was_paid], city[was_paid], until[was_paid], np.ones(was_paid.sum(), np.int64))
    owing = _zones_owing(s, spells)
    np.subtract.at(owing, (row, city, year), 1)
    at_once = np.nonzero(owing)
    early = (at_once[0], at_once[1], s.year_day[at_once[2]], owing[at_once])
    row, city, day, n_zones = (np.concatenate(pair) for pair in zip(early, late, strict=True))
    return row, city, day, n_zones


def _zones_owing(s: Structure, spells: Spells) -> IntArray:
    """Return the zones launched before each New Year's Day, (n, n_cities, n_years)."""
    owing = np.zeros((len(spells.complete_day), s.n_cities, s.n_years), np.int64)
    launch = launch_days(s, done_days(s, spells))
    for year, day in enumerate(s.year_day.tolist()):
        if day >= 0:
            owing[:, :, year] = s.existing_zones
            row, zone = np.nonzero(launch < day)
            np.add.at(owing[:, :, year], (row, s.zone_city[zone]), 1)
    return owing

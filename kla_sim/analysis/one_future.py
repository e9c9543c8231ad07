"""One future told day by day: what each zone and piece of work did, and where the money went.

Read from the trace of the reference engine, which equals the same replication of any run. Shown by
`report.timeline_figures`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.flows import Cash, Flows, cash_of
from kla_sim.analysis.milestones import done_days, launch_days
from kla_sim.arrays import IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.reference import Trace
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import DORMANT, REWORK, WORK, Spells, arrange
from kla_sim.engine.structure import Structure

NOTHING = -9
"""What a zone does on a day on which none of its work is ready or under way."""


class Stretch(NamedTuple):
    """Days of one kind: a cause of waiting, or one of `engine.spells`."""

    kind: int
    first: int
    last: int  # the day behind


class ZoneCourse(NamedTuple):
    """What a zone did, from day to day.

    Attributes
    ----------
    zone : -1 = one that stands from the start.
    name : as in documents, e.g. `jakarta_pusat/zone-1`.
    launch_day : -1 = not up to the horizon.
    """

    zone: int
    city: int
    name: str
    stretches: list[Stretch]
    launch_day: int


_Asleep = dict[str, list[Stretch]]
"""When zones are dormant, by their names."""


class OneFuture(NamedTuple):
    """One future, told.

    Attributes
    ----------
    works : what each activity did, in the order of the plan.
    given_up : of each activity.
    """

    plan: Plan
    result: Replications  # one row
    zones: list[ZoneCourse]
    works: list[list[Stretch]]
    given_up: list[bool]
    cash: Cash


class Balance(NamedTuple):
    """Money of an account over time, in all up to the end of each day; (n_days,) rupiah."""

    days: IntArray
    released: IntArray
    spent: IntArray
    lapsed: IntArray


def one_future(plan: Plan, replication: int, result: Replications, trace: Trace) -> OneFuture:
    """Return what happened in a replication, from its trace."""
    s, upkeep = plan.structure, plan.values[replication % plan.n_worlds].upkeep
    entries = np.array([(0, *spell) for spell in trace.spells], np.int64).reshape(-1, 5)
    spells = arrange(entries, np.array([trace.complete_day], np.int32))
    works: list[list[Stretch]] = [[] for _ in range(s.n_activities)]
    columns = (spells.act, spells.kind, spells.since, np.minimum(spells.until, s.horizon_day + 1))
    for act, kind, since, until in zip(*(column.tolist() for column in columns), strict=True):
        if kind != DORMANT:
            works[act].append(Stretch(kind, since, until))
    return OneFuture(
        plan,
        result,
        list(_zones(plan, upkeep, trace, works, spells)),
        works,
        list(trace.given_up),
        cash_of(plan, replication, result, spells),
    )


def balance_of(cash: Cash, accounts: list[int], horizon_day: int) -> Balance:
    """Return the money of some accounts together, on the days on which it changes.

    Parameters
    ----------
    accounts : 0 = the province's, 1 + city a city's.
    """
    own = [_of_accounts(flows, accounts) for flows in cash]
    days = np.unique(np.concatenate([*(flows.day for flows in own), [0, horizon_day]]))
    released, spent, lapsed = (_total_by(flows, days) for flows in own)
    return Balance(days, released, spent, lapsed)


def _of_accounts(flows: Flows, accounts: list[int]) -> Flows:
    is_own = np.isin(flows.account, accounts)
    return Flows(*(column[is_own] for column in flows))


def _total_by(flows: Flows, days: IntArray) -> IntArray:
    amounts = np.zeros(len(days), np.int64)
    np.add.at(amounts, np.searchsorted(days, flows.day), flows.rupiah)
    return amounts.cumsum()


def _zones(
    plan: Plan, upkeep: int, trace: Trace, works: list[list[Stretch]], spells: Spells
) -> Iterator[ZoneCourse]:
    s, labels = plan.structure, plan.labels
    launched = launch_days(s, done_days(s, spells))[0].tolist()
    names = [
        f"{labels.cities[city]}/zone-{number}"
        for city, number in zip(s.zone_city.tolist(), s.zone_number.tolist(), strict=True)
    ]
    standing = [
        f"{city}/existing-{number + 1}"
        for city, n_existing in zip(labels.cities, s.existing_zones.tolist(), strict=True)
        for number in range(n_existing)
    ]
    standing += [name for name, day in zip(names, launched, strict=True) if day < s.year_day[-1]]
    asleep = _dormancy(plan, upkeep, trace, standing)
    for city, key in enumerate(labels.cities):
        sleeping = [one for name, one in asleep.items() if name.startswith(f"{key}/existing-")]
        if sleeping:
            union = _union([stretch for stretches in sleeping for stretch in stretches])
            yield ZoneCourse(-1, city, f"{key}/existing", union, -1)
        for zone in range(int(s.city_zone_first[city]), int(s.city_zone_first[city + 1])):
            acts = np.flatnonzero(s.act_zone == zone).tolist()
            days = _day_by_day(s, [one for act in acts for one in works[act]])
            stretches = [*_runs(days), *asleep.get(names[zone], [])]
            is_launched = launched[zone] <= s.horizon_day
            yield ZoneCourse(
                zone, city, names[zone], stretches, launched[zone] if is_launched else -1
            )


def _day_by_day(s: Structure, stretches: list[Stretch]) -> IntArray:
    """Return what a zone does each day: work, else rework, else the cause that holds most work."""
    counts = np.zeros((s.n_causes + 3, s.horizon_day + 1), np.int64)
    for kind, first, last in stretches:
        counts[kind, first:last] += 1  # work and rework are the last rows
    waits = counts[: s.n_causes]
    days: IntArray = np.where(waits.any(axis=0), waits.argmax(axis=0), NOTHING)
    days[counts[REWORK] > 0] = REWORK
    days[counts[WORK] > 0] = WORK
    return days


def _runs(days: IntArray) -> Iterator[Stretch]:
    """Yield stretches of equal days, those on which nothing happens left out."""
    borders = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
    for first, last in pairwise(borders):
        if days[first] != NOTHING:
            yield Stretch(int(days[first]), first, last)


def _union(stretches: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda stretch: stretch.first):
        if found and one.first <= found[-1].last:
            found[-1] = found[-1]._replace(last=max(one.last, found[-1].last))
        else:
            found.append(one)
    return found


def _dormancy(plan: Plan, upkeep: int, trace: Trace, standing: list[str]) -> _Asleep:
    """Return when each zone was dormant, by its name.

    What is paid or void says so on its day; a zone that is neither in the last year sleeps on.

    Parameters
    ----------
    upkeep : rupiah of a zone and year.
    standing : the zones launched before the last New Year's Day.
    """
    s, found = plan.structure, _Asleep()
    settled: set[tuple[str, int]] = set()
    for event in trace.events:
        if event.what in ("upkeep", "void"):
            days = int(event.detail["dormant_days"])
            settled.add((event.subject, event.day - days))
            if days:
                stretch = Stretch(DORMANT, event.day - days, event.day)
                found.setdefault(event.subject, []).append(stretch)
    last = int(s.year_day[-1])
    if last >= 0 and upkeep > 0:
        for name in standing:
            if (name, last) not in settled:
                stretch = Stretch(DORMANT, last, s.horizon_day + 1)
                found.setdefault(name, []).append(stretch)
    return found

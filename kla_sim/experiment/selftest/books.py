"""Books that must balance in any plan: money, posts, days at work and in line.

All is reckoned again from what activities did day by day and from the scenario, not from the
engine's own books. Nothing here has a standard error: every number must be equal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import IntArray
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import DORMANT, Spells
from kla_sim.experiment.selftest.numbers import Number, zero
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.model import CapacityStep, Scenario
from kla_sim.scenario.shipped import shipped_names, shipped_scenario

Telling = Callable[[Plan, int, int], tuple[Replications, Spells]]
"""An engine that tells what every activity did from day to day."""

_NOT_RUN = "base"


class Told(NamedTuple):
    """A scenario, its plan, and what the futures of it did."""

    scenario: Scenario
    plan: Plan
    results: Replications
    spells: Spells


def runnable_names() -> list[str]:
    """Return the names of the shipped scenarios that can be run by themselves."""
    return [name for name in shipped_names() if name != _NOT_RUN]


def with_few_worlds(name: str, n_worlds: int) -> Scenario:
    """Return a shipped scenario with few worlds, so that its plan is quickly made."""
    shipped = load_scenario(shipped_scenario(name))
    return shipped.model_copy(update={"worlds": n_worlds})


def tell(scenario: Scenario, engine: Telling, n: int, seed: int) -> Told:
    """Simulate futures of a scenario and keep what its activities did."""
    plan = compile_plan(scenario, seed)
    return Told(scenario, plan, *engine(plan, 0, n))


def money(told: Told) -> Iterator[Number]:
    """Compare what came into all accounts with what was spent, lapsed, and is still held."""
    found, lapse = told.results, told.scenario.accounts.lapse
    released, spent, lapsed, held = (
        array.astype(np.int64) for array in (found.released, found.spent, found.lapsed, found.held)
    )
    yield Number(
        "released", float(released.sum()), float(spent.sum() + lapsed.sum() + held[..., -1].sum())
    )
    before = np.concatenate([np.zeros_like(held[..., :1]), held[..., :-1]], axis=2)
    unspent = before + released - spent
    yield zero("years_not_balanced", np.sum(unspent != lapsed + held))
    yield zero("overdrawn", np.sum(unspent < 0))
    yield zero("lapsed_otherwise", np.sum(lapsed[..., :-1] != unspent[..., :-1] * lapse // 10_000))
    yield zero("more_released_than_appropriated", np.sum(released > found.appropriated))


def posts(told: Told) -> Iterator[Number]:
    """Compare the days of posts, filled and vacant, with what the scenario says there is."""
    found = told.results
    expected = np.array([post_days(told, pool) for pool in told.plan.labels.pools])
    counted = found.filled_days.astype(np.int64) + found.vacant_days
    yield Number("post_days", float(expected.sum() * len(counted)), float(counted.sum()))
    yield zero("pools_otherwise", np.sum(counted != expected))


def post_days(told: Told, pool: str) -> int:
    """Return the post-days of a pool over the horizon, from the scenario."""
    owner, _, name = pool.rpartition("/")
    resource, n_days = told.scenario.resources[name], told.plan.structure.horizon_day + 1
    capacity = resource.per_city.get(owner, resource.capacity)
    if isinstance(capacity, int):
        return capacity * n_days
    start = told.plan.labels.start
    return sum(_capacity_on(capacity, start + dt.timedelta(days=day)) for day in range(n_days))


def _capacity_on(steps: list[CapacityStep], date: dt.date) -> int:
    begun = [step for step in steps if step.from_ <= date]
    return max(begun, key=lambda step: step.from_).posts if begun else 0


def little(told: Told) -> Iterator[Number]:
    """Compare the number at work and in line with arrivals times the days that each stays.

    In every pool, and for every cause of waiting: the engine adds up, day by day, how many there
    are; here the stays are added up, piece of work by piece of work (all those that come go within
    the horizon or are cut at its end).

    References
    ----------
    Little, J. D. C. (1961). A proof for the queuing formula: L = lambda W. Operations Research
    9(3), 383-387. doi:10.1287/opre.9.3.383
    """
    busy, stays = told.results.busy_days.astype(np.int64), stays_at_posts(told)
    yield Number("post_days_at_work", float(stays.sum()), float(busy.sum()))
    yield zero("pools_otherwise", np.sum(busy != stays))
    waits, booked = stays_in_line(told), told.results.wait_days.astype(np.int64)
    yield Number("days_in_line", float(waits.sum()), float(booked.sum()))
    yield zero("causes_otherwise", np.sum(waits != booked))


def stays_at_posts(told: Told) -> IntArray:
    """Return the post-days at work of every pool, from the spells, (n, n_pools)."""
    structure, spells = told.plan.structure, told.spells
    found = np.zeros((len(told.results.is_met), structure.n_pools), np.int64)
    is_work = (spells.kind < 0) & (spells.kind != DORMANT)
    row, act = spells.row[is_work], spells.act[is_work]
    until = np.minimum(spells.until[is_work], structure.horizon_day + 1)
    days = until - spells.since[is_work]
    for kind in range(len(structure.kind_kit)):
        of_kind = structure.act_kind[act] == kind
        for need in range(structure.need_first[kind], structure.need_first[kind + 1]):
            pools = structure.pool_of[structure.need_resource[need]]
            pool = pools[1 + structure.act_city[act[of_kind]]]
            units = int(structure.need_units[need])
            np.add.at(found, (row[of_kind], pool), units * days[of_kind])
    return found


def stays_in_line(told: Told) -> IntArray:
    """Return the days waited by owner and cause, from the spells, (n, n_accounts, n_causes)."""
    structure, spells = told.plan.structure, told.spells
    shape = len(told.results.is_met), 1 + structure.n_cities, structure.n_causes
    found = np.zeros(shape, np.int64)
    waits = spells.kind >= 0
    owner = 1 + structure.act_city[spells.act[waits]]
    days = np.minimum(spells.until[waits], structure.horizon_day + 1) - spells.since[waits]
    np.add.at(found, (spells.row[waits], owner, spells.kind[waits]), days)
    return found

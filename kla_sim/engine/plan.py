"""A scenario as a plan: arrays for the engines, one set of values per world.

`compile_plan` is the only door from scenarios to engines. Impossible plans (cycles in the network,
demand above any capacity, unknown predecessors) are refused when the scenario is read, with their
place in the file (`kla_sim.scenario.checks`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.engine.beginnings import begin_worlds
from kla_sim.engine.central import without_chance
from kla_sim.engine.structure import Labels, Structure
from kla_sim.engine.structure.building import compile_structure
from kla_sim.engine.unknowns import Unknowns
from kla_sim.engine.values import TableBook, Values, compile_values
from kla_sim.engine.worlds import World, score_for_policy, under_law
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.status import rest_of


class Plan(NamedTuple):
    """Everything an engine needs; replication i runs in world i mod n_worlds."""

    structure: Structure
    labels: Labels
    policy_score: FloatArray  # (n_cities,) what the policy goes by at first, points
    values: list[Values]  # one per world
    worlds: list[World]
    tables: FloatArray  # (n_tables, formulas.PERT_CELLS + 1)
    seed: np.uint64
    first_world: int = 0  # number of the first of these worlds

    @property
    def n_worlds(self) -> int:
        """The number of worlds."""
        return len(self.worlds)


def compile_plan(
    scenario: Scenario,
    seed: int,
    *,
    central: bool = False,
    first_world: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> Plan:
    """Turn a scenario into a plan.

    Parameters
    ----------
    seed : key of all random numbers, 0 to 2**64 - 1.
    central : one world only, every unknown at its central value, and no chance (`central`).
    first_world : number of the first of the scenario's worlds, for runs that go on to fresh ones.
    report : called before each world with how many are made and how many there will be.
    """
    structure, labels = compile_structure(rest_of(scenario))
    book, unknowns = TableBook(), Unknowns(scenario)
    wanted = [None] if central else range(first_world, first_world + scenario.worlds)
    beginnings = begin_worlds(scenario, seed, wanted, report)
    values: list[Values] = []
    for world, begun in zip(wanted, beginnings, strict=True):
        here = under_law(unknowns.in_world(seed, world), begun.row)
        values.append(compile_values(rest_of(here), book))
    if report:
        report(len(wanted), len(wanted))
    tables = book.array()
    if central:
        values = [without_chance(one, tables) for one in values]
    return Plan(
        structure=structure,
        labels=labels,
        policy_score=np.array([score_for_policy(scenario, name) for name in scenario.cities]),
        values=values,
        worlds=[begun.cities for begun in beginnings],
        tables=tables,
        seed=np.uint64(seed),
        first_world=first_world,
    )

"""Counting in rounds: each thousand replications run in fresh worlds of their own.

So the number of worlds grows with that of the replications, and more replications make sure also
what is uncertain because worlds differ. Replication i runs in world
(i // ROUND) * n_worlds + i mod n_worlds; where a scenario has one world only, every round runs in
that one. `precise` runs such rounds, `run` reads them back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.conditional import conditional_chances, select_rows
from kla_sim.analysis.counting import Tally
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.precision import (
    ROUND,
    estimate_by_betting,
    half_width,
    look_counts,
)
from kla_sim.analysis.summary import Precision, Summary
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Replications
from kla_sim.scenario.model import Scenario

PLANS_KEPT = 12


class Worlds(NamedTuple):
    """From where plans come."""

    scenario: Scenario
    seed: int


class RoundCounter:
    """Counts replications of a run in rounds and keeps what each world says of the odds.

    Parameters
    ----------
    report : is told how many worlds of the first round are made.
    """

    def __init__(self, worlds: Worlds, report: Callable[[int, int], None] | None = None) -> None:
        self._worlds, self._report = worlds, report
        self._plans: dict[int, Plan] = {}
        self.plan = self.plan_of(0)
        self._is_one_world = self.plan.n_worlds == 1
        self._tally = Tally(self.plan)
        self._chances: list[FloatArray] = []

    @property
    def n(self) -> int:
        """The number of replications counted."""
        return self._tally.n

    @property
    def odds(self) -> float:
        """The odds so far."""
        return self._tally.odds

    def plan_of(self, replication: int) -> Plan:
        """Return the plan of the worlds in which a replication runs."""
        number = 0 if self._plans and self._is_one_world else replication // ROUND
        if number not in self._plans:
            while len(self._plans) >= PLANS_KEPT:
                self._plans.pop(next(iter(self._plans)))
            scenario, seed = self._worlds
            first_world = number * scenario.worlds
            self._plans[number] = compile_plan(
                scenario, seed, first_world=first_world, report=self._report
            )
            self._report = None  # the first worlds are told of; later ones come between parts
        return self._plans[number]

    def add(self, first: int, replications: Replications) -> None:
        """Count consecutive replications, the first of which has this number."""
        last = first + len(replications.is_met)
        for start, stop in cut_by_round(first, last):
            some = select_rows(replications, slice(start - first, stop - first))
            plan = self.plan_of(start)
            self._tally.add(start, some, plan)
            if self._is_one_world:
                self._chances.append(conditional_chances(plan, start, some).all_cities)

    def estimate(self, precision: float) -> Estimate:
        """Return the odds with the interval that holds at every look."""
        if self._is_one_world:
            observations, per_round = np.concatenate(self._chances), ROUND
        else:
            sums, sizes = self._tally.chances_by_world()
            observations, per_round = sums / sizes, min(ROUND, self.plan.n_worlds)
        return estimate_by_betting(observations, precision, per_round, self.n)

    def summarise(self, precision: float) -> Summary:
        """Return what the replications say, the odds with the interval of `estimate`."""
        odds = self.estimate(precision)
        width = half_width(odds)
        reached = Precision(precision, width, width <= precision, len(look_counts(self.n)))
        return self._tally.summarise()._replace(all_cities=odds, precision=reached)


def cut_by_round(first: int, last: int) -> list[tuple[int, int]]:
    """Return the stretches of single rounds between two replications."""
    starts = [first, *range(first - first % ROUND + ROUND, last, ROUND)]
    return list(zip(starts, [*starts[1:], last], strict=True))

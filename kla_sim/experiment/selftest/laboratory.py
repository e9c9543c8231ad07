"""Where small plans are run for the closed forms: an engine, a number of futures, a seed.

The engine is handed in, so that tests can hold both engines to the same forms, and see that a wrong
one is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kla_sim.arrays import IntArray
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.experiment.selftest.numbers import Number
from kla_sim.scenario.model import Scenario

Engine = Callable[[Plan, int, int], tuple[Replications, Attempts]]
"""Simulates replications and keeps when each activity was at work."""


class Found(NamedTuple):
    """What the futures of a small plan gave."""

    plan: Plan
    results: Replications
    attempts: Attempts

    def starts(self, activity: str) -> IntArray:
        """Return the day of the first start of an activity in each future, -1 = never."""
        return self.attempts.start[:, self._place(activity)].astype(int)

    def finishes(self, activity: str) -> IntArray:
        """Return the day on which the last attempt ends in each future."""
        return self.attempts.finish[:, self._place(activity)].astype(int)

    def counts(self, activity: str) -> IntArray:
        """Return how often an activity was begun in each future."""
        return self.attempts.attempts[:, self._place(activity)].astype(int)

    def _place(self, activity: str) -> int:
        return self.plan.labels.activities.index(activity)


class Laboratory(NamedTuple):
    """An engine, how many futures it simulates, and their seed."""

    engine: Engine
    n: int
    seed: int = 1

    def run(self, scenario: Scenario) -> Found:
        """Simulate a small plan."""
        plan = compile_plan(scenario, self.seed)
        return Found(plan, *self.engine(plan, 0, self.n))

    def worlds(self, scenario: Scenario) -> Plan:
        """Return as many worlds of a plan as there would be futures."""
        return compile_plan(scenario.model_copy(update={"worlds": self.n}), self.seed)


class Form(NamedTuple):
    """A closed form: what it is called, how many futures it takes, and what it compares."""

    name: str
    n: int
    compare: Callable[[Laboratory], Iterator[Number]]

"""What the worlds of a plan differ in, as numbers with names that a planner reads.

Columns are what each world drew: the `uncertain` numbers, what the law of the background says, and
each city's start. Called by what asks which unknown matters (`experiment.sensitivity`) and when
futures fail (`experiment.discover`). Not here: the draws themselves (`worlds`).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.beginnings import begin_worlds
from kla_sim.engine.plan import Plan
from kla_sim.engine.unknowns import Unknowns
from kla_sim.engine.worlds import under_law
from kla_sim.scenario.model import Scenario

Kind = Literal["factor", "value", "law", "tau", "rate", "score", "standing"]

_LAW = (
    "background.rate.median",
    "background.rate.spread",
    "background.volatility",
    "evaluation.strictness.sd",
    "evaluation.noise",
    "evaluation.tail_share",
    "evaluation.tail_factor",
    "evaluation.one_step_up",
    "evaluation.confirmation",
    "evaluation.kla_reach",
)
"""What a row of the posterior writes into a scenario, by its paths."""


class Unknown(NamedTuple):
    """One thing that is not known.

    Attributes
    ----------
    kind : a factor on values of the scenario or a value in their place (`uncertain`), a number of
        the background's law, the spread of log rates that cities of one province share (tau), and
        of a city its rate per year, its score at the start in points, the category it holds then.
    subject : a path of the scenario, or the city; tau has itself.
    """

    kind: Kind
    subject: str

    @property
    def name(self) -> str:
        """What it is called in documents: a path of the scenario where there is one."""
        if self.kind in ("rate", "score", "standing"):
            return f"cities.{self.subject}.{self.kind}_at_start"
        return self.subject


class InWorlds(NamedTuple):
    """The unknowns in which worlds differ, and their values."""

    unknowns: tuple[Unknown, ...]
    values: FloatArray  # (n_worlds, n_unknowns)


def unknowns_of(scenario: Scenario, plan: Plan) -> InWorlds:
    """Return what each world of a plan drew; what is the same in every world is left out.

    Parameters
    ----------
    scenario : of which the plan was made, not the central case.
    """
    found = Unknowns(scenario)
    seed, numbers = int(plan.seed), range(plan.first_world, plan.first_world + plan.n_worlds)
    draws = np.array([found.drawn(seed, world) for world in numbers])
    columns = {
        Unknown(uncertainty.by, pattern): draws[:, place]
        for place, (pattern, uncertainty) in enumerate(scenario.uncertain.items())
    }
    drawn = [
        under_law(found.in_world(seed, world), begun.row)
        for world, begun in zip(numbers, begin_worlds(scenario, seed, numbers), strict=True)
    ]
    for path in _LAW:
        if path not in scenario.uncertain:
            columns[Unknown("law", path)] = np.array([_number_at(world, path) for world in drawn])
    columns[Unknown("tau", "tau")] = np.array([world.tau for world in plan.worlds])
    for place, city in enumerate(plan.labels.cities):
        gaps = np.array([world.gap[place] for world in plan.worlds])
        columns[Unknown("score", city)] = MAXIMUM_SCORE - gaps
        rates = [world.rate[place] for world in plan.worlds]
        columns[Unknown("rate", city)] = np.array(rates)
        standing = [world.standing[place] for world in plan.worlds]
        columns[Unknown("standing", city)] = np.array(standing, dtype=float)
    differing = {unknown: column for unknown, column in columns.items() if np.ptp(column) > 0.0}
    values = np.array(list(differing.values())).reshape(len(differing), plan.n_worlds).T
    return InWorlds(tuple(differing), values)


def _number_at(scenario: Scenario, path: str) -> float:
    value: Any = scenario
    for key in path.split("."):
        value = getattr(value, key, None)
    return float(value) if isinstance(value, int | float) else 0.0

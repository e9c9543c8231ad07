"""Which `uncertain` numbers of a scenario matter: futures of its own, the same ones at every point.

At each point of a design all of these numbers are known, and the odds are means over the same
worlds of all that stays unknown and the same random numbers. Called by the command `sensitivity`;
the designs stand in `analysis.designs`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.designs import Effect, Method, effects, n_points
from kla_sim.analysis.differences import RARE
from kla_sim.arrays import FloatArray
from kla_sim.engine.in_worlds import Unknown
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.unknowns import Unknowns
from kla_sim.errors import UsageError
from kla_sim.experiment.batches import EngineName
from kla_sim.experiment.unkept import Tell, outcomes_of
from kla_sim.scenario.model import Scenario

FUTURES_OF_A_POINT = 100
_WORLDS_OF_A_POINT = 20
_EDGE = 1e-6
"""Designs reach the very ends of a range, where the quantiles of some laws do not."""

_LEAST_SIZE = {"sobol": 16, "morris": 4}


class Study(NamedTuple):
    """What each uncertain number does.

    Attributes
    ----------
    method : sobol or morris.
    is_rare : whether the odds are so low that the expected number of cities is looked at.
    size : of the design, see `designs.n_points`.
    n_points : points that were looked at.
    unknowns : in the order of the scenario.
    effects : of each.
    """

    method: Method
    is_rare: bool
    size: int
    n_points: int
    unknowns: tuple[Unknown, ...]
    effects: list[Effect]

    def ranked(self) -> list[tuple[Unknown, Effect]]:
        """Return the unknowns with their effects, the greatest first."""
        place = 1 if self.method == "sobol" else 0
        pairs = zip(self.unknowns, self.effects, strict=True)
        return sorted(pairs, key=lambda pair: -pair[1][place].value)

    def document(self) -> dict[str, Any]:
        """Return the numbers of `sensitivity --json --method`."""
        names = ("first_order", "total_order") if self.method == "sobol" else ("mu_star", "sigma")
        return {
            "method": self.method,
            "outcome": "expected_cities" if self.is_rare else "all_cities",
            "design_size": self.size,
            "points": self.n_points,
            "replications": self.n_points * FUTURES_OF_A_POINT,
            "unknowns": {
                unknown.name: {
                    name: part._asdict() for name, part in zip(names, effect, strict=True)
                }
                for unknown, effect in zip(self.unknowns, self.effects, strict=True)
            },
        }


def study(
    scenario: Scenario,
    method: Method,
    n: int,
    seed: int,
    engine: EngineName,
    tell: Tell | None = None,
) -> Study:
    """Return what each uncertain number of a scenario does to the odds.

    Parameters
    ----------
    n : futures of the whole study.

    Raises
    ------
    UsageError : nothing is uncertain, the futures do not suffice, or SALib is not installed.
    """
    unknowns = tuple(Unknown(entry.by, pattern) for pattern, entry in scenario.uncertain.items())
    if not unknowns:
        raise UsageError("study_of_nothing", name=scenario.name)
    size = _size_of(method, n, len(unknowns))
    asked = n_points(method, len(unknowns), size)
    known = Unknowns(scenario)
    seen: list[tuple[float, float]] = []

    def outcome_at(chances: list[float]) -> tuple[float, float]:
        settled = known.settled(chances)
        worlds = min(scenario.worlds, _WORLDS_OF_A_POINT)
        plan = compile_plan(settled.model_copy(update={"worlds": worlds}), seed)
        found = outcomes_of(plan, engine, 0, FUTURES_OF_A_POINT)
        return float(found.all_cities.mean()), float(found.cities.sum(axis=1).mean())

    def evaluate(points: FloatArray) -> FloatArray:
        for row in np.clip(points, _EDGE, 1.0 - _EDGE).tolist():
            seen.append(outcome_at(row))
            if tell:
                tell(len(seen), asked)
        outcomes = np.array(seen)
        return outcomes[:, 1 if _is_rare(outcomes) else 0]

    found = effects(method, evaluate, len(unknowns), size)
    return Study(method, _is_rare(np.array(seen)), size, asked, unknowns, found)


def _is_rare(outcomes: FloatArray) -> bool:
    """Return whether the odds are rare; (n_points, 2) odds, and expected number of cities."""
    return float(outcomes[:, 0].mean()) < RARE


def _size_of(method: Method, n: int, n_inputs: int) -> int:
    """Return the largest design that the futures suffice for."""
    size = n // FUTURES_OF_A_POINT // n_points(method, n_inputs, 1)
    if method == "sobol" and size:  # its sequences are even only at powers of two
        size = 1 << (size.bit_length() - 1)
    if size < _LEAST_SIZE[method]:
        least = FUTURES_OF_A_POINT * n_points(method, n_inputs, _LEAST_SIZE[method])
        raise UsageError("study_too_small", n=n, method=method, least=str(least), inputs=n_inputs)
    return size

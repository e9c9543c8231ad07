"""Which unknowns matter in a run: from the worlds that it has, without a new future.

Called by the command `sensitivity`. The methods stand in `analysis.pawn`; studies that simulate
futures of their own are in `experiment.study`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.differences import RARE, Outcomes
from kla_sim.analysis.estimate import MINIMUM_PER_WORLD
from kla_sim.analysis.pawn import LEAST_WORLDS, Influence, Pawn, pawn
from kla_sim.arrays import FloatArray
from kla_sim.engine.in_worlds import InWorlds, Unknown, unknowns_of
from kla_sim.errors import UsageError
from kla_sim.experiment.compare import read_outcomes
from kla_sim.experiment.run import StoredRun


class Sensitivity(NamedTuple):
    """What each unknown does to the outcome that leads.

    Attributes
    ----------
    is_rare : whether the joint odds are so low that the expected number of cities leads.
    n_worlds, n : worlds and futures.
    share_of_luck : share of the variance of the worlds' means that is luck within worlds.
    unknowns : in the order of their values.
    odds, expected : the influence on the odds of all cities, and on the number of cities.
    """

    is_rare: bool
    n_worlds: int
    n: int
    share_of_luck: float
    unknowns: tuple[Unknown, ...]
    odds: Pawn
    expected: Pawn

    @property
    def leading(self) -> Pawn:
        """The influence on the outcome that leads."""
        return self.expected if self.is_rare else self.odds

    def ranked(self) -> list[tuple[Unknown, Influence]]:
        """Return the unknowns with their influence, the greatest first."""
        pairs = zip(self.unknowns, self.leading.influences, strict=True)
        return sorted(pairs, key=lambda pair: -pair[1].strength)

    def document(self) -> dict[str, Any]:
        """Return the numbers of `sensitivity --json`."""
        return {
            "method": "pawn",
            "worlds": self.n_worlds,
            "replications": self.n,
            "outcome": "expected_cities" if self.is_rare else "all_cities",
            "share_of_luck": self.share_of_luck,
            "slices": self.odds.n_slices,
            "interval_of": "index_of_as_many_worlds",
            "outcomes": {
                name: {
                    "noise_floor": found.floor,
                    "unknowns": {
                        unknown.name: influence._asdict()
                        for unknown, influence in zip(self.unknowns, found.influences, strict=True)
                    },
                }
                for name, found in (("all_cities", self.odds), ("expected_cities", self.expected))
            },
        }


def sensitivity(run: StoredRun) -> Sensitivity:
    """Return which unknowns of a run matter.

    Raises
    ------
    UsageError : the run has one world, fresh worlds each round, too few worlds or futures in one,
        or worlds that do not differ.
    """
    found = worlds_of(run, LEAST_WORLDS)
    outcomes = all_outcomes(run)
    odds = world_means(outcomes, outcomes.all_cities)
    expected = world_means(outcomes, outcomes.cities.sum(axis=1))
    is_rare = len(run.plan.labels.cities) > 1 and float(outcomes.all_cities.mean()) < RARE
    leading = outcomes.cities.sum(axis=1) if is_rare else outcomes.all_cities
    return Sensitivity(
        is_rare=is_rare,
        n_worlds=outcomes.n_worlds,
        n=len(outcomes.is_met),
        share_of_luck=share_of_luck(outcomes, leading),
        unknowns=found.unknowns,
        odds=pawn(found.values, odds),
        expected=pawn(found.values, expected),
    )


def all_outcomes(run: StoredRun) -> Outcomes:
    """Read what all futures of a run say, as many as its summary holds."""
    first = run.folder.manifest.first
    return read_outcomes(run, first, first + run.summary.n)


def worlds_of(run: StoredRun, least: int) -> InWorlds:
    """Return what the worlds of a run differ in.

    Parameters
    ----------
    least : worlds that are needed.

    Raises
    ------
    UsageError : there are fewer, or fewer than two futures in one, or all are the same.
    """
    n_worlds = run.plan.n_worlds
    name = run.scenario.name
    if run.folder.manifest.round_size:
        raise UsageError("worlds_of_rounds")
    if n_worlds < least:
        futures = least * MINIMUM_PER_WORLD
        raise UsageError(
            "worlds_too_few",
            name=name,
            worlds=n_worlds,
            least=str(least),
            replications=str(futures),
        )
    refuse_thin(run.summary.n, n_worlds)
    found = unknowns_of(run.scenario, run.plan)
    if not found.unknowns:
        raise UsageError("worlds_all_the_same", name=name)
    return found


def refuse_thin(n: int, n_worlds: int) -> None:
    """Refuse fewer than two futures in a world.

    Raises
    ------
    UsageError : says how many are needed.
    """
    if n < 2 * n_worlds:
        raise UsageError("worlds_too_thin", n=n, worlds=n_worlds, least=str(2 * n_worlds))


def world_means(outcomes: Outcomes, values: FloatArray) -> FloatArray:
    """Return the mean of a value of each replication over each world, (n_worlds,)."""
    sums = np.bincount(outcomes.groups, values, outcomes.n_worlds)
    return np.asarray(sums / np.bincount(outcomes.groups, minlength=outcomes.n_worlds))


def share_of_luck(outcomes: Outcomes, values: FloatArray) -> float:
    """Return the share of the variance of the worlds' means that is luck within worlds.

    One-way analysis of variance (Searle, Casella and McCulloch 1992, Variance Components, section
    3.6).
    """
    sizes = np.bincount(outcomes.groups, minlength=outcomes.n_worlds)
    means = world_means(outcomes, values)
    left = len(values) - outcomes.n_worlds
    inner = float(np.sum((values - means[outcomes.groups]) ** 2)) / left
    total = float(np.var(means, ddof=1))
    return min(1.0, inner * float(np.mean(1.0 / sizes)) / total) if total > 0.0 else 1.0

"""Which unknown, once known, would change the choice among plans: runs over the same worlds.

Called by the command `sensitivity` with two or more runs. The method stands in `analysis.evppi`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.differences import RARE
from kla_sim.analysis.evppi import LEAST_WORLDS, FindingOut, Worth, finding_out
from kla_sim.engine.in_worlds import InWorlds, Unknown
from kla_sim.errors import UsageError
from kla_sim.experiment.compare import common_span, read_outcomes
from kla_sim.experiment.pairing import check_pairing, terms_of_run
from kla_sim.experiment.run import StoredRun
from kla_sim.experiment.sensitivity import refuse_thin, world_means, worlds_of


class Choice(NamedTuple):
    """What finding out is worth for the choice among some runs.

    Attributes
    ----------
    is_rare : whether the joint odds of all plans are so low that the expected number of cities is
        what is chosen by.
    first, last : number of the first future that is taken, and of the one behind the last.
    n_worlds : worlds.
    unknowns : that the worlds of all runs share.
    found : what each is worth.
    """

    is_rare: bool
    first: int
    last: int
    n_worlds: int
    unknowns: tuple[Unknown, ...]
    found: FindingOut

    def ranked(self) -> list[tuple[Unknown, Worth]]:
        """Return the unknowns with what they are worth, the most first."""
        pairs = zip(self.unknowns, self.found.worths, strict=True)
        return sorted(pairs, key=lambda pair: -pair[1].value)

    def document(self, plans: list[str]) -> dict[str, Any]:
        """Return the numbers of `sensitivity --json` with several runs.

        Parameters
        ----------
        plans : names of the runs.
        """
        found = self.found
        return {
            "method": "evppi",
            "worlds": self.n_worlds,
            "first": self.first,
            "last": self.last,
            "outcome": "expected_cities" if self.is_rare else "all_cities",
            "plans": dict(zip(plans, found.benefits.tolist(), strict=True)),
            "best": plans[found.best],
            "perfect": found.perfect,
            "noise_floor": found.floor,
            "unknowns": {
                unknown.name: {
                    "value": worth.value,
                    "low": worth.low,
                    "high": worth.high,
                    "share_of_other_choice": worth.change,
                    "other_choice": plans[worth.plan] if worth.change else None,
                }
                for unknown, worth in zip(self.unknowns, found.worths, strict=True)
            },
        }


def value_of_finding_out(runs: list[StoredRun]) -> Choice:
    """Return what it is worth to find out each unknown that all runs share.

    Raises
    ------
    UsageError : runs that do not pair, too few worlds, or unknowns that no two runs share.
    """
    check_pairing([terms_of_run(run) for run in runs])
    shared = _shared([worlds_of(run, LEAST_WORLDS) for run in runs])
    first = max(common_span(runs[0], run)[0] for run in runs)
    last = min(run.folder.manifest.first + run.summary.n for run in runs)
    cities, n_worlds = runs[0].plan.labels.cities, runs[0].plan.n_worlds
    refuse_thin(last - first, n_worlds)
    outcomes = [read_outcomes(run, first, last, cities) for run in runs]
    is_rare = len(cities) > 1 and max(float(one.all_cities.mean()) for one in outcomes) < RARE
    benefits = np.stack(
        [
            world_means(one, one.cities.sum(axis=1) if is_rare else one.all_cities)
            for one in outcomes
        ]
    )
    found = finding_out(shared.values, benefits)
    return Choice(is_rare, first, last, n_worlds, shared.unknowns, found)


def _shared(worlds: list[InWorlds]) -> InWorlds:
    """Return the unknowns that have the same value in each world of every run."""
    first, *others = worlds
    columns = [dict(zip(other.unknowns, other.values.T, strict=True)) for other in others]
    kept = [
        place
        for place, unknown in enumerate(first.unknowns)
        if all(
            unknown in of_run and np.array_equal(of_run[unknown], first.values[:, place])
            for of_run in columns
        )
    ]
    if not kept:
        raise UsageError("worlds_share_nothing")
    return InWorlds(tuple(first.unknowns[place] for place in kept), first.values[:, kept])

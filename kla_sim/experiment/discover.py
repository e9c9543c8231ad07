"""When futures of a run fail: rules on what a planner can read, found here and judged elsewhere.

Where nearly all futures fail, the futures are those in which the weakest region fails that does not
nearly always do so. Called by the command `discover`; the search stands in `analysis.boxes`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.boxes import LEAST_EACH, Rule, Rules, find_rules
from kla_sim.analysis.differences import RARE
from kla_sim.arrays import BoolArray
from kla_sim.engine.replications import Replications
from kla_sim.errors import UsageError
from kla_sim.experiment.happenings import Reading, read_replications, readings_of
from kla_sim.experiment.run import StoredRun
from kla_sim.experiment.sensitivity import worlds_of

LEAST_WORLDS = 20


class Discovery(NamedTuple):
    """When futures fail.

    Attributes
    ----------
    city : whose failures are looked at; empty = that of all together.
    n, n_worlds : futures and worlds.
    columns : what can be read of a future, in the order of the conditions.
    found : the rules.
    """

    city: str
    n: int
    n_worlds: int
    columns: tuple[Reading, ...]
    found: Rules

    def document(self) -> dict[str, Any]:
        """Return the numbers of `discover --json`."""
        found = self.found
        return {
            "fails": self.city or "all_cities",
            "replications": self.n,
            "worlds": self.n_worlds,
            "baseline": found.baseline,
            "held_out_baseline": found.held_out_baseline,
            "covered": sum(rule.coverage for rule in found.rules),
            "quality": found.quality,
            "quality_of_luck": found.luck,
            "rules": [self._rule_document(rule) for rule in found.rules],
            "boxes": [
                {"coverage": coverage, "density": density}
                for coverage, density in found.looked_at.tolist()
            ],
        }

    def _rule_document(self, rule: Rule) -> dict[str, Any]:
        return {
            "conditions": [
                {
                    "reading": self.columns[column].name,
                    "relation": "at_least" if is_above else "below",
                    "bound": bound,
                }
                for column, is_above, bound in rule.conditions
            ],
            "coverage": rule.coverage,
            "density": rule.density,
            "baseline": rule.baseline,
            "held_out": rule.held_out._asdict(),
            "held_out_baseline": rule.held_out_baseline,
        }


def discover(run: StoredRun) -> Discovery:
    """Return rules that describe the failing futures of a run.

    Raises
    ------
    UsageError : the run has one world, fresh worlds each round or too few of them, or next to none
        of its futures fail, or do not.
    """
    worlds = worlds_of(run, LEAST_WORLDS)
    out, first = read_replications(run), run.folder.manifest.first
    city, fails = _failures(run, out)
    n_failed, n = int(fails.sum()), len(fails)
    if min(n_failed, n - n_failed) < LEAST_EACH:
        raise UsageError("discover_all_alike", n=n, failed=n_failed, least=LEAST_EACH)
    readings = readings_of(run.plan, first, out, worlds)
    n_worlds = run.plan.n_worlds
    in_world = (np.arange(n) + first) % n_worlds
    found = find_rules(readings.values, fails, in_world, n_worlds)
    return Discovery(city, n, n_worlds, readings.columns, found)


def _failures(run: StoredRun, out: Replications) -> tuple[str, BoolArray]:
    """Return whose failures are looked at, and which futures they are."""
    cities = run.plan.labels.cities
    if float(out.is_met.mean()) >= RARE or len(cities) == 1:
        return "", ~out.is_met
    is_there = out.standing >= run.plan.structure.target
    odds = is_there.mean(axis=0)
    possible = np.flatnonzero(odds >= RARE)
    if not len(possible):
        return "", ~out.is_met
    weakest = int(possible[odds[possible].argmin()])
    return cities[weakest], ~is_there[:, weakest]

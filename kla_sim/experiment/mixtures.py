"""Plans that take some changed parts from one scenario and the rest from another, all of them run.

The two plans themselves are read from their folders, the mixtures run on the same random numbers,
so that `analysis.shares` can say what each part does. Parts that only hold together (no valid
scenario with one and without the other) count as one.
"""

from __future__ import annotations

from itertools import combinations

from kla_sim.analysis.differences import Outcomes
from kla_sim.analysis.shares import Share, Subset, shapley_shares
from kla_sim.experiment.compare import common_span, read_outcomes
from kla_sim.experiment.run import StoredRun
from kla_sim.experiment.unkept import Tell, outcomes_like
from kla_sim.scenario.loading import LoadedScenario, read_scenario
from kla_sim.scenario.mixing import Block, changed_blocks, joined, mixed
from kla_sim.scenario.model import Scenario

FUTURES = 2_000
"""Replications of each mixture."""


def shares(a: StoredRun, b: StoredRun, tell: Tell | None = None) -> list[Share]:
    """Return what each part in which two plain runs differ does, in the order of the files.

    Over the first futures that both hold, at most FUTURES, so that the shares add up to the
    difference over those. Empty where nothing differs, or a run has worlds of its own each round.
    """
    if a.folder.manifest.round_size or b.folder.manifest.round_size:
        return []
    old, new = (read_scenario(run.folder.path / "scenario.yaml") for run in (a, b))
    blocks, scenarios = _valid_mixtures(old, new, changed_blocks(old, new))
    if not blocks:
        return []
    first, done = common_span(a, b)
    last = min(done, first + FUTURES)
    found: dict[Subset, Outcomes] = {
        frozenset(): read_outcomes(a, first, last),
        frozenset(range(len(blocks))): read_outcomes(b, first, last, a.plan.labels.cities),
    }
    for subset, scenario in scenarios.items():
        if subset not in found:
            found[subset] = outcomes_like(scenario, a, first, last)
            if tell:
                tell(len(found), len(scenarios))
    return shapley_shares(blocks, found)


def _valid_mixtures(
    a: LoadedScenario, b: LoadedScenario, blocks: list[Block]
) -> tuple[list[Block], dict[Subset, Scenario]]:
    """Return the blocks, and every mixture of them; blocks that need each other joined."""
    while True:
        scenarios: dict[Subset, Scenario] = {}
        for subset in _subsets(range(len(blocks))):
            scenario = mixed(a, b, [blocks[place] for place in sorted(subset)])
            if scenario is None:
                break
            scenarios[subset] = scenario
        else:
            return blocks, scenarios
        blocks = joined(blocks, *_to_join(a, b, blocks, subset))


def _to_join(
    a: LoadedScenario, b: LoadedScenario, blocks: list[Block], broken: Subset
) -> tuple[int, int]:
    """Return two blocks, one of an invalid mixture and one outside, that belong together."""
    outside = [place for place in range(len(blocks)) if place not in broken]
    for place in outside:
        if mixed(a, b, [blocks[one] for one in sorted(broken | {place})]) is not None:
            return max(broken), place
    return max(broken), outside[0]


def _subsets(places: range) -> list[Subset]:
    return [
        frozenset(some) for size in range(len(places) + 1) for some in combinations(places, size)
    ]

"""What each changed part of a plan does to the difference between two plans.

Parts act together: more staff helps more where there is money for their work. The Shapley value
gives each part its mean effect over every order in which the parts could be changed, so that the
shares add up to the whole difference. The mixtures of parts are run by `experiment.mixtures`.
"""

from __future__ import annotations

from math import comb
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.differences import Outcomes, mean_changes
from kla_sim.analysis.estimate import Estimate
from kla_sim.scenario.mixing import Block

Subset = frozenset[int]
"""The places of the blocks that a mixture takes from the second plan."""


class Share(NamedTuple):
    """One changed part, and what it adds to the odds and to the expected number of cities."""

    block: Block
    odds: Estimate
    expected_cities: Estimate

    def document(self) -> dict[str, Any]:
        """Return one entry of `changes` in `compare --json`."""
        return {
            "changes": [change._asdict() for change in self.block.changes],
            "difference": self.odds._asdict(),
            "expected_cities": self.expected_cities._asdict(),
        }


def shapley_shares(blocks: list[Block], found: dict[Subset, Outcomes]) -> list[Share]:
    """Return each block's mean effect over every order of changing them.

    Parameters
    ----------
    found : the outcomes of the same replications in every mixture of the blocks.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II,
    307-317. doi:10.1515/9781400881970-018
    """
    return [_share(block, place, found, len(blocks)) for place, block in enumerate(blocks)]


def _share(block: Block, place: int, found: dict[Subset, Outcomes], n_blocks: int) -> Share:
    base = found[frozenset()]
    odds, number = np.zeros(len(base.is_met)), np.zeros(len(base.is_met))
    for subset, without in found.items():
        if place in subset:
            continue
        weight = 1.0 / (n_blocks * comb(n_blocks - 1, len(subset)))
        including = found[subset | {place}]
        odds += weight * (including.all_cities - without.all_cities)
        number += weight * (including.cities - without.cities).sum(axis=1)
    return Share(block, *mean_changes(base, odds, number))

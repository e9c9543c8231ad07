"""Reasons for which days and points are lost: the causes of waits, and what stands beside them.

Arrays by reason have the causes first, in the order of the plan, then those below. `engine.spells`
numbers its kinds so that they are places in such an array too.
"""

from __future__ import annotations

from collections.abc import Sequence

from kla_sim.engine.spells import DORMANT, REWORK, WORK

STAGE, GIVEN_UP = -5, -4
"""The day from which a zone is planned is still to come; work is given up for good."""

_BESIDE = {
    STAGE: "stage",
    GIVEN_UP: "given_up",
    DORMANT: "dormant",
    REWORK: "rework",
    WORK: "work",
}

N_BESIDE = len(_BESIDE)


def reasons_of(causes: Sequence[str]) -> list[str]:
    """Return the key of each reason, in the order of the arrays."""
    return [*causes, *(_BESIDE[place] for place in sorted(_BESIDE))]

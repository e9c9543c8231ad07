"""Whether results that were read back can be what an engine returned.

A hash says that bytes are those a manifest names, not that anybody simulated them. Here results are
held against their plan and each other: each in the range of its row (`results`), a score what
its gap leaves, categories and the target what the jury makes of the scores by its draws of this
seed. Called by `experiment.run` for every part that it reads.
"""

from __future__ import annotations

import numpy as np

from kla_sim.arrays import IntArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.counterfactual import judged_again
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.results import results_of

_JUDGED = ("category", "standing", "is_met", "is_met_once")


def is_possible(plan: Plan, first: int, replications: Replications) -> bool:
    """Return whether consecutive replications of a plan can be these.

    Parameters
    ----------
    first : number of the first of them.
    """
    rows = results_of(Replications)
    return (
        all(rows[name].is_within(array) for name, array in replications._asdict().items())
        and _is_score_of_its_gap(replications, plan.structure.cycle_evidence_day)
        and _is_judged_so(plan, first, replications)
    )


def _is_score_of_its_gap(r: Replications, scheduled: IntArray) -> bool:
    """Hold scores against the gap and what is left of it; for cycles in time these are of one day.

    The sum is the engines' own, so that it has to come out to the last bit.
    """
    is_known = ~np.isnan(r.score)
    gap_left = r.gap * r.remainder
    is_in_time = is_known & (r.evidence_day == scheduled)[:, None, :]
    expected = np.clip(MAXIMUM_SCORE - gap_left, 0.0, MAXIMUM_SCORE)
    return (
        all(bool(np.array_equal(is_known, ~np.isnan(array))) for array in (r.verified, r.claimed))
        and bool(np.array_equal(np.isnan(r.gap), np.isnan(r.remainder)))
        and not np.isinf(gap_left).any()
        and bool(np.all((expected == r.score) | ~is_in_time))
    )


def _is_judged_so(plan: Plan, first: int, r: Replications) -> bool:
    """Hold verified scores, categories and the target against what the jury makes of the scores.

    The jury's draws hang on seed and number, so that rows of another run or place are found out.
    """
    world = np.arange(first, first + len(r.is_met)) % plan.n_worlds
    again = judged_again(plan, first, world, r)
    is_out = ~np.isnan(again.verified)  # an award past the horizon is not judged again
    return bool(np.array_equal(again.verified[is_out], r.verified[is_out])) and all(
        bool(np.array_equal(getattr(again, field), getattr(r, field))) for field in _JUDGED
    )

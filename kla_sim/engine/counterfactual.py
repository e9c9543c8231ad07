"""The same futures without Kaltara: what each city would hold if nothing were replicated.

Background, calendar, jury, noise and cap are those of the replication, to the bit; only the score
differs: nothing new closes a gap, and what stands at the start keeps standing. No work has to be
simulated for that, so every run can say it beside its odds. `analysis.summary` calls it.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import (
    FloatArray,
    capped_category,
    category_of,
    clip_score,
    normal_quantile,
)
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure import IntArray, StreamArray


def standing_without_kaltara(
    plan: Plan, first: int, world: IntArray, replications: Replications
) -> npt.NDArray[np.int8]:
    """Return the categories on the deadline had nothing been replicated.

    Parameters
    ----------
    first : number of the first replication.
    world : (n,) place in `plan.worlds` of each replication.
    replications : n consecutive replications of the plan.

    Returns
    -------
    (n, n_cities) category numbers
    """
    s, values = plan.structure, plan.values

    def stacked(field: str) -> Any:
        return np.array([getattr(entry, field) for entry in values], dtype=np.float64)

    standing: npt.NDArray[np.int8] = _publish_all(
        plan.seed,
        first,
        world,
        np.array([entry.standing for entry in plan.worlds]),
        replications.gap,
        replications.evidence_day,
        replications.award_day,
        s.cycle_evidence_day,
        s.deadline_day,
        stacked("bounds"),
        stacked("strictness_mean"),
        stacked("strictness_sd"),
        stacked("noise"),
        stacked("one_step_up"),
        s.strictness_stream,
        s.noise_stream,
        s.cap_stream,
    )
    return standing


@njit(cache=True, nogil=True)
def _publish_all(
    seed: np.uint64,
    first: int,
    world: IntArray,
    start: IntArray,
    gap: FloatArray,
    evidence_day: npt.NDArray[np.int32],
    award_day: npt.NDArray[np.int32],
    scheduled_day: IntArray,
    deadline_day: int,
    bounds: FloatArray,
    strictness_mean: FloatArray,
    strictness_sd: FloatArray,
    noise: FloatArray,
    one_step_up: FloatArray,
    strictness_stream: StreamArray,
    noise_stream: StreamArray,
    cap_stream: StreamArray,
) -> npt.NDArray[np.int8]:
    n, n_cities, n_cycles = gap.shape
    standing = np.empty((n, n_cities), np.int8)
    for row in range(n):
        w, replication = world[row], first + row
        standing[row] = start[w]
        order = np.argsort(award_day[row], kind="mergesort")
        for cycle in order:
            if award_day[row, cycle] < 0 or award_day[row, cycle] > deadline_day:
                continue
            # the background last moved on the latest scheduled day up to the evidence day
            moved = -1
            for other in range(n_cycles):
                if scheduled_day[other] <= evidence_day[row, cycle]:
                    moved = other
            strictness = strictness_mean[w, cycle] + strictness_sd[w, cycle] * normal_quantile(
                uniform(seed, strictness_stream[cycle], replication, 0)
            )
            for city in range(n_cities):
                score = clip_score(1000.0 - gap[row, city, moved])
                drawn = normal_quantile(
                    uniform(seed, noise_stream[city, cycle], replication, 0)
                )
                verified = clip_score(score + strictness + noise[w, cycle] * drawn)
                is_capped = (
                    uniform(seed, cap_stream[city, cycle], replication, 0) < one_step_up[w]
                )
                standing[row, city] = capped_category(
                    category_of(verified, bounds[w]), standing[row, city], is_capped
                )
    return standing

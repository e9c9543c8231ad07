"""The same futures judged once more: without Kaltara, or with the scores that they have.

Background, calendar, jury, noise and cap are those of the replication, to the bit. Without Kaltara
only the score differs: nothing new closes a gap, and what stands at the start keeps standing. No
work has to be simulated for that, so every run can say it beside its odds. `analysis.counting`
calls it; `analysis.possible` holds results that were read back against what the jury makes of them.
"""

from __future__ import annotations

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray, ShortArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.code_cache import njit
from kla_sim.engine.formulas import clip_score
from kla_sim.engine.jury import award_of, verified_score
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.verdicts import Verdicts, draw_verdicts, stacked


def without_kaltara(
    plan: Plan, first: int, world: IntArray, replications: Replications
) -> Replications:
    """Return the replications as they would have been had nothing been replicated.

    Parameters
    ----------
    first : number of the first replication.
    world : (n,) place in `plan.worlds` of each replication.
    replications : n consecutive replications of the plan.

    Returns
    -------
    the same arrays but for remainder, score, verified, category, standing, is_met and is_met_once;
    work, money and staff stay those of the plan
    """
    r = replications
    scores = np.full_like(r.score, np.nan)
    s = plan.structure
    is_out = (r.award_day >= 0) & (r.award_day <= s.horizon_day)
    _score_without(s.cycle_evidence_day, r.evidence_day, is_out, r.gap, scores)
    remainder = np.where(np.isnan(r.remainder), np.nan, 1.0)
    return _judged(plan, first, world, r._replace(score=scores, remainder=remainder))


def judged_again(
    plan: Plan, first: int, world: IntArray, replications: Replications
) -> Replications:
    """Return the replications with what the jury makes of their scores; see `without_kaltara`.

    Returns
    -------
    the same arrays but for verified, category, standing, is_met and is_met_once
    """
    return _judged(plan, first, world, replications._replace(score=replications.score.copy()))


def _judged(plan: Plan, first: int, world: IntArray, r: Replications) -> Replications:
    s = plan.structure
    out = r._replace(
        is_met=np.empty_like(r.is_met),
        is_met_once=np.empty_like(r.is_met_once),
        standing=np.empty_like(r.standing),
        category=np.full_like(r.category, -1),
        verified=np.full_like(r.verified, np.nan),
    )
    _publish_all(
        world,
        np.array([entry.standing for entry in plan.worlds]),
        (s.horizon_day, s.deadline_day, s.target),
        stacked(plan, "bounds"),
        draw_verdicts(plan, first, world),
        np.argsort(r.award_day, axis=1, kind="stable"),
        out,
    )
    return out


@njit(nogil=True)
def _score_without(
    scheduled_day: IntArray,
    evidence_day: ShortArray,
    is_out: BoolArray,
    gap: FloatArray,
    scores: FloatArray,
) -> None:
    """Write what each city would score, for every award that comes out."""
    n, n_cities, n_cycles = gap.shape
    for row in range(n):
        for cycle in range(n_cycles):
            if not is_out[row, cycle]:
                continue
            # the background last moved on the latest scheduled day up to the evidence day
            moved = -1
            for other in range(n_cycles):
                if scheduled_day[other] <= evidence_day[row, cycle]:
                    moved = other
            for city in range(n_cities):
                scores[row, city, cycle] = clip_score(MAXIMUM_SCORE - gap[row, city, moved])


@njit(nogil=True)
def _publish_all(
    world: IntArray,
    start: IntArray,
    days: tuple[int, int, int],
    bounds: FloatArray,
    drawn: Verdicts,
    cycles: IntArray,
    out: Replications,
) -> None:
    """Write what the jury publishes, award by award in the order of cycles, (n, n_cycles).

    Loops and scalars only: each function of whole arrays would take numba a second to compile.
    """
    horizon_day, deadline_day, target = days
    n, n_cities, n_cycles = out.gap.shape
    for row in range(n):
        w = world[row]
        standing, is_met, is_met_once, day = start[w].copy(), True, False, 0
        for city in range(n_cities):
            out.standing[row, city] = standing[city]
            is_met = is_met and standing[city] >= target
        for order in range(n_cycles):
            cycle = cycles[row, order]
            award_day = out.award_day[row, cycle]
            if award_day < 0 or award_day > horizon_day:
                continue
            for city in range(n_cities):
                place = row, city, cycle
                verified = verified_score(
                    out.score[place], drawn.strictness[row, cycle], drawn.noise[place]
                )
                standing[city] = award_of(
                    verified,
                    standing[city],
                    bounds[w],
                    drawn.is_capped[place],
                    drawn.is_confirmed[place],
                    drawn.is_reached[place],
                )
                out.verified[place] = verified
                out.category[place] = standing[city]
            if award_day <= deadline_day:
                # what a later award of the same day replaces never stood
                is_met_once = is_met_once or (is_met and award_day > day)
                is_met, day = True, award_day
                for city in range(n_cities):
                    out.standing[row, city] = standing[city]
                    is_met = is_met and standing[city] >= target
        out.is_met[row] = is_met
        out.is_met_once[row] = is_met_once or is_met

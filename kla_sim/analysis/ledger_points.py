"""The ledger of points: what a region lacked at its last verdict, taken apart so that it adds up.

What is missing is the gap at the start less what background, wide work and Kaltara closed, less
strictness and noise. What multiplies is split by logarithmic-mean weights, which leave no rest.
What Kaltara gave less than the full plan would have is split over reasons: the points of each
missing zone and service by the days of waiting and rework on its critical chain, those of dormant
zones apart. Where the zone's stage leaves fewer days than its work takes by itself, the plan has it
too late, and no lost day is to blame.

References
----------
Ang, B. W. (2004). Decomposition analysis for policymaking in energy: which is the preferred method?
Energy Policy 32(9), 1131-1139. doi:10.1016/S0301-4215(03)00076-4
Ang, B. W. and Liu, N. (2007). Handling zero values in the logarithmic mean Divisia index
decomposition approach. Energy Policy 35(1), 238-246. doi:10.1016/j.enpol.2005.11.001
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.chains import Chains
from kla_sim.analysis.reasons import N_BESIDE, STAGE
from kla_sim.analysis.verdict_losses import POINTS, LastVerdicts
from kla_sim.analysis.zone_kit import (
    by_city,
    last_due,
    least_work,
    marking_activities,
    zone_activities,
    zone_marks,
)
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import DORMANT, WORK
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import INTEGRATION, LAUNCH, N_GROUPS, PROVINCE
from kla_sim.engine.verdicts import Verdicts, stacked

TERMS = (
    "gap_at_start",
    "background",
    "province_work",
    "city_work",
    "kaltara",
    "strictness",
    "noise",
    "limits",
)
"""What adds up to the points missing; what helps is negative. Scores have limits, 0 and 1000."""

_LEAST = 1e-100
"""Stands for a factor of 0, as Ang and Liu (2007) have it: the split stays exact."""


class LedgerOfPoints(NamedTuple):
    """What was missing at the last verdict, in futures and regions that failed by points."""

    is_booked: BoolArray  # (n, n_cities) the rest is 0 elsewhere
    missing: FloatArray  # (n, n_cities) points from the verified score to the bound
    terms: FloatArray  # (n, n_cities, len(TERMS)) points
    shortfall: FloatArray  # (n, n_cities, n_reasons) points that Kaltara gave less than in full
    zones_standing: IntArray  # (n, n_cities) planned zones complete in everything that counts


class _Kaltara(NamedTuple):
    """What stands on the day of the evidence, by region, beside the full plan."""

    lacks: BoolArray  # (n, n_zones, N_GROUPS + 1) a service or the integration that can be had
    services: FloatArray  # (n, n_cities, N_GROUPS) factor on the gap, none dormant
    services_in_full: FloatArray
    integration: FloatArray  # (n, n_cities)
    integration_in_full: FloatArray
    at_start: FloatArray  # (n, n_cities, N_GROUPS) both factors at the start


def points_ledger(
    plan: Plan,
    world: IntArray,
    results: Replications,
    drawn: Verdicts,
    last: LastVerdicts,
    chains: Chains,
) -> LedgerOfPoints:
    """Take apart the verdicts lost by points.

    Parameters
    ----------
    world : (n,) place in `plan.worlds` of each replication.
    chains : followed up to the days of evidence of `last`.
    """
    s = plan.structure
    every, cycle = np.arange(len(world)), np.maximum(last.cycle, 0)
    is_booked = last.loss == POINTS
    if not is_booked.any():
        return _nothing_booked(s, is_booked)
    bound = stacked(plan, "bounds")[world, s.target - 1][:, None]
    moved = (s.cycle_evidence_day[None, :] <= last.evidence_day[:, None]).sum(axis=1) - 1
    gap = results.gap[every, :, np.maximum(moved, 0)]
    gap_at_start = np.array([entry.gap for entry in plan.worlds])[world]
    weight = stacked(plan, "group_weight")[world]
    kaltara = _kaltara_on(plan, world, chains)
    wide = _wide_factors(plan, world, chains)
    left = kaltara.services * kaltara.integration[:, :, None] / kaltara.at_start
    begun, now = gap_at_start[:, :, None] * weight, gap[:, :, None] * weight * wide.prod(axis=0)
    mean = log_mean(begun, now * left)
    score, verified = results.score[every, :, cycle], results.verified[every, :, cycle]
    noise, strictness = drawn.noise[every, :, cycle], drawn.strictness[every, cycle][:, None]
    awake = (now * left).sum(axis=2)
    dormancy = np.where(score > 0.0, MAXIMUM_SCORE - score - awake, 0.0)
    unclipped = MAXIMUM_SCORE - awake - dormancy
    terms = np.stack(
        [
            bound - MAXIMUM_SCORE + gap_at_start,
            (mean * np.log(gap / gap_at_start)[:, :, None]).sum(axis=2),
            (mean * np.log(wide[0])).sum(axis=2),
            (mean * np.log(wide[1])).sum(axis=2),
            (mean * np.log(left)).sum(axis=2) + dormancy,
            np.broadcast_to(-strictness, score.shape),
            -noise,
            unclipped - score + score + strictness + noise - verified,
        ],
        axis=2,
    )
    needed = least_work(plan)[world]
    lost = _shortfall(s, kaltara, now, chains, last.evidence_day, needed)
    lost[:, :, DORMANT] += dormancy
    return LedgerOfPoints(
        is_booked,
        np.where(is_booked, bound - verified, 0.0),
        np.where(is_booked[:, :, None], terms, 0.0),
        np.where(is_booked[:, :, None], lost, 0.0),
        by_city(s, ~kaltara.lacks.any(axis=2)),
    )


def _nothing_booked(s: Structure, is_booked: BoolArray) -> LedgerOfPoints:
    sizes = (), (len(TERMS),), (s.n_causes + N_BESIDE,)
    missing, terms, lost = (np.zeros((*is_booked.shape, *size)) for size in sizes)
    return LedgerOfPoints(is_booked, missing, terms, lost, np.zeros(is_booked.shape, np.int64))


def log_mean(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the logarithmic mean of positive numbers, (a - b) / ln(a / b); 0 where one is 0."""
    is_split = (a > 0.0) & (b > 0.0)
    ratio = np.log(np.where(is_split, a, 1.0)) - np.log(np.where(is_split, b, 1.0))
    is_near = np.abs(ratio) < 1e-9
    mean = np.where(is_near, (a + b) / 2, (a - b) / np.where(is_near, 1.0, ratio))
    return np.where(is_split, mean, 0.0)


def _kaltara_on(plan: Plan, world: IntArray, chains: Chains) -> _Kaltara:
    """Return what of Kaltara stands in each region, and what would if every zone were complete."""
    s = plan.structure
    marks = zone_marks(s)
    n_left = (~chains.is_done[:, zone_activities(s)]).astype(np.int64) @ marks
    has = n_left == 0
    integrated = has[:, :, INTEGRATION] & has[:, :, LAUNCH]
    can = np.append(
        marks[:, :N_GROUPS].any(axis=0),
        marks[:, INTEGRATION].any() and marks[:, LAUNCH].any(),
    )
    stands = np.concatenate([has[:, :, :N_GROUPS], integrated[:, :, None]], axis=2) & can
    lacks = ~stands & can
    existing, reference = s.existing_zones[:, None], s.reference_zones[:, None]
    districts = stacked(plan, "districts")[world][:, :, None]
    effect = np.column_stack([stacked(plan, "effect"), stacked(plan, "integration")])
    effect = effect[world][:, None, :]

    def factor(n_zones: Any) -> FloatArray:
        covered: FloatArray = 1.0 - effect * np.minimum(1.0, n_zones / districts)
        return covered

    now = factor(existing + by_city(s, stands))
    full = factor(existing + by_city(s, stands | lacks))
    start = factor(reference)
    return _Kaltara(
        lacks,
        now[:, :, :N_GROUPS],
        full[:, :, :N_GROUPS],
        now[:, :, N_GROUPS],
        full[:, :, N_GROUPS],
        start[:, :, :N_GROUPS] * start[:, :, N_GROUPS:],
    )


def _wide_factors(plan: Plan, world: IntArray, chains: Chains) -> FloatArray:
    """Return what work of province and of regions leaves, (2, n, n_cities, N_GROUPS)."""
    s = plan.structure
    closes = stacked(plan, "closes_gap")[world]
    factors = np.ones((2, len(world), s.n_cities, N_GROUPS))
    for act in np.flatnonzero((s.act_zone < 0) & ~s.act_done):
        kind, city = s.act_kind[act], s.act_city[act]
        left = np.where(chains.is_done[:, act, None], 1.0 - closes[:, kind], 1.0)
        left = np.maximum(left, _LEAST)
        if s.kind_kit[kind] == PROVINCE:
            factors[0] *= left[:, None, :]
        else:
            factors[1, :, city] *= left
    return np.maximum(factors, _LEAST)


def _shortfall(
    s: Structure,
    kaltara: _Kaltara,
    now: FloatArray,
    chains: Chains,
    evidence_day: IntArray,
    needed: FloatArray,
) -> FloatArray:
    """Split what Kaltara gave less than in full over reasons, (n, n_cities, n_reasons) points.

    Parameters
    ----------
    now : (n, n_cities, N_GROUPS) points of the gap that Kaltara's factors multiply.
    needed : (n, n_zones, n_kit) days; see `least_work`.
    """
    relative = now / kaltara.at_start
    stands = relative * kaltara.services * kaltara.integration[:, :, None]
    in_full = relative * kaltara.services_in_full * kaltara.integration_in_full[:, :, None]
    mean = log_mean(stands, in_full)
    lost = np.empty((*now.shape[:2], N_GROUPS + 1))
    lost[:, :, :N_GROUPS] = mean * np.log(kaltara.services / kaltara.services_in_full)
    ratio = np.log(kaltara.integration / kaltara.integration_in_full)
    lost[:, :, N_GROUPS] = mean.sum(axis=2) * ratio
    each = lost / np.maximum(by_city(s, kaltara.lacks), 1)
    weight = np.where(kaltara.lacks, each[:, s.zone_city], 0.0)
    found = np.zeros((*now.shape[:2], chains.days.shape[2]))
    every = np.arange(len(now))[:, None]
    time = np.maximum(evidence_day[:, None] - s.zone_stage_day, 0)
    for mark in np.flatnonzero(kaltara.lacks.any(axis=(0, 1))):
        acts = last_due(chains.due, marking_activities(s, int(mark)))
        days = chains.days[every, acts].astype(np.float64)
        is_late = time < needed[every, np.arange(len(s.zone_city)), acts - s.zone_act_first]
        days[:, :, STAGE] = 0.0
        days[is_late] = 0.0
        days[is_late, STAGE] = 1.0
        # where nothing held the zone up, the work itself took longer than usual
        days[:, :, WORK] = days[:, :, :WORK].sum(axis=2) == 0
        share = days / days.sum(axis=2, keepdims=True)
        found += by_city(s, weight[:, :, mark, None] * share)
    return found

"""The odds by conditional Monte Carlo: each replication gives a chance instead of a yes or no.

Given everything up to the eve of the last cycle that counts, what is left is integrated: the
background step, the jury's noise and strictness, the one-step cap, and whether the calendar brings
that cycle in time, late or not at all. The mean over replications is that of plain counting, its
variance smaller. How a cycle's chances are computed stands in `chances`.

Why it is unbiased: the plan up to that evidence day (phase B included) and every cycle whose
evidence closes earlier take no notice of what is integrated, because a cycle is merged only into
one whose evidence closes no later than its own. Where a branch of the calendar needs a score on a
day for which none was kept, the replication is not mixed over that branch: it stands for its own
branch alone when it is in it, and for the mixture of the others when it is in one of those.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.chances import Awards, CityTerms, Jury, chance_of_all, chance_of_each
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.engine.formulas import reflect_gap
from kla_sim.engine.jury import KLA
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import CANCELLED, MERGED, Replications
from kla_sim.engine.structure import Structure

_NEVER = np.iinfo(np.int64).max
_IN_TIME, _CANCELLED, _SLIPPED = range(3)
"""The branches of the last cycle."""

_TOO_LITTLE = 1e-9
"""Points of a step, or the share of a gap that is left."""

_CELLS = 60_000
"""Replications times cities looked at together, so that memory stays small for many cities."""


class Chances(NamedTuple):
    """What each replication says of the deadline."""

    all_cities: FloatArray  # (n,) chance that every city stands at the target
    cities: FloatArray  # (n, n_cities) chance of each


class WorldNumbers(NamedTuple):
    """The numbers of every world that the last cycle needs; first dimension n_worlds."""

    gap: FloatArray  # (n_worlds, n_cities) points at the start
    left: FloatArray  # share of it that zones launched before day 0 leave
    rate: FloatArray  # per year
    standing: IntArray  # category at the start
    volatility: FloatArray  # (n_worlds,) points per square root of a year
    bound: FloatArray  # points of the target
    cap: FloatArray  # probability of the one-step cap
    cancelled: FloatArray  # (n_worlds, n_cycles)
    slip: FloatArray
    strictness_mean: FloatArray
    strictness_sd: FloatArray
    noise: FloatArray
    tail_share: FloatArray  # (n_worlds,) share of verified scores whose noise is wide
    tail_factor: FloatArray  # how many times wider
    confirmation: FloatArray  # chance that the standing category is confirmed unseen
    kla_reach: FloatArray  # chance that a verdict of KLA is given as one


class _Branch(NamedTuple):
    """What one branch of the last cycle means for each replication."""

    weight: FloatArray  # (n,) its chance
    final: IntArray  # (n,) the cycle that decides; -1 = none later than the eve
    is_step: BoolArray  # (n,) decided on the last scheduled evidence day by one cycle alone
    is_mixed: BoolArray  # (n,) known whichever branch came


def world_numbers(plan: Plan) -> WorldNumbers:
    """Collect the numbers of every world of a plan."""
    worlds, values, target = plan.worlds, plan.values, plan.structure.target
    return WorldNumbers(
        gap=np.stack([world.gap for world in worlds]),
        left=np.stack([world.left for world in worlds]),
        rate=np.stack([world.rate for world in worlds]),
        standing=np.stack([world.standing for world in worlds]).astype(np.int64),
        volatility=np.array([entry.volatility for entry in values], dtype=float),
        bound=np.array([entry.bounds[max(target, 1) - 1] for entry in values], dtype=float),
        cap=np.array([entry.one_step_up for entry in values], dtype=float),
        cancelled=np.stack([entry.cancelled for entry in values]),
        slip=np.stack([entry.slip for entry in values]),
        strictness_mean=np.stack([entry.strictness_mean for entry in values]),
        strictness_sd=np.stack([entry.strictness_sd for entry in values]),
        noise=np.stack([entry.noise for entry in values]),
        tail_share=np.array([entry.tail_share for entry in values], dtype=float),
        tail_factor=np.array([entry.tail_factor for entry in values], dtype=float),
        confirmation=np.array([entry.confirmation for entry in values], dtype=float),
        kla_reach=np.array([entry.kla_reach for entry in values], dtype=float),
    )


def last_cycle(structure: Structure) -> int | None:
    """Return the last cycle whose scheduled award counts; None where counting is all there is.

    None also where a calendar is out of order: evidence days that do not rise from cycle to cycle,
    or awards that may overtake those of earlier evidence.
    """
    s = structure
    counting = np.flatnonzero(s.cycle_award_day <= s.deadline_day)
    if not len(counting) or (np.diff(s.cycle_evidence_day) <= 0).any():
        return None
    days = np.concatenate([s.cycle_evidence_day, s.cycle_slipped_evidence_day])
    awards = np.concatenate([s.cycle_award_day, s.cycle_slipped_award_day])
    is_overtaking = (days[:, None] < days) & (awards[:, None] > awards)
    return None if is_overtaking.any() or (awards < days).any() else int(counting[-1])


def conditional_chances(
    plan: Plan, first: int, replications: Replications, worlds: WorldNumbers | None = None
) -> Chances:
    """Return the chance of each replication that the target is met on the deadline.

    Parameters
    ----------
    first : number of the first of these consecutive replications.
    worlds : `world_numbers` of the plan, for callers that need them often.

    References
    ----------
    Asmussen, S. and Glynn, P. W. (2007). Stochastic Simulation: Algorithms and Analysis, V.4.
    doi:10.1007/978-0-387-69033-9
    """
    is_met = replications.standing >= plan.structure.target
    last = last_cycle(plan.structure)
    if last is None:
        return Chances(is_met.all(axis=1).astype(float), is_met.astype(float))
    known = world_numbers(plan) if worlds is None else worlds
    blocks = []
    size = max(1, _CELLS // plan.structure.n_cities)
    for start in range(0, len(is_met), size):
        rows = slice(start, start + size)
        some = select_rows(replications, rows)
        number = np.arange(first + start, first + start + len(some.is_met)) % plan.n_worlds
        here: list[Any] = [array[number] for array in known]
        blocks.append(_Eve(plan.structure, last, WorldNumbers(*here), some).chances())
    return Chances(
        np.concatenate([block.all_cities for block in blocks]),
        np.concatenate([block.cities for block in blocks]),
    )


def select_rows(replications: Replications, rows: slice) -> Replications:
    """Return some of the replications."""
    arrays: list[Any] = [array[rows] for array in replications]
    return Replications(*arrays)


class _Eve:
    """Replications on the eve of the last scheduled evidence day."""

    def __init__(
        self, structure: Structure, last: int, worlds: WorldNumbers, replications: Replications
    ) -> None:
        self._s, self._last, self._w, self._r = structure, last, worlds, replications
        self._n = len(replications.is_met)
        self._day = int(structure.cycle_evidence_day[last])
        self._evidence, self._award = self._realised_days()
        earlier = self._held(self._evidence) & (self._evidence < self._day)
        earlier[:, last:] = False
        self._before = _last_true(earlier)

    def chances(self) -> Chances:
        """Mix the branches by their chances."""
        branches = [self._branch(kind) for kind in (_IN_TIME, _CANCELLED, _SLIPPED)]
        own = self._own_branch()
        is_mixed = np.choose(own, [branch.is_mixed for branch in branches])
        total = np.zeros(self._n)
        joint, cities = np.zeros(self._n), np.zeros((self._n, self._s.n_cities))
        for kind, branch in enumerate(branches):
            weight = np.where(
                is_mixed, branch.weight * branch.is_mixed, (own == kind).astype(float)
            )
            rows = np.flatnonzero(weight > 0.0)
            total += weight
            for final in np.unique(branch.final[rows]):
                some = rows[branch.final[rows] == final]
                of_all, of_each = self._decide(int(final), some, branch.is_step[some])
                joint[some] += weight[some] * of_all
                cities[some] += weight[some, None] * of_each
        return Chances(np.clip(joint / total, 0.0, 1.0), np.clip(cities / total[:, None], 0.0, 1.0))

    def _realised_days(self) -> tuple[IntArray, IntArray]:
        """Return evidence and award day of every cycle that was not cancelled, (n, n_cycles)."""
        s, r = self._s, self._r
        is_merged, is_cancelled = r.cycle_state == MERGED, r.cycle_state == CANCELLED
        evidence = np.where(is_merged, s.cycle_slipped_evidence_day, r.evidence_day)
        award = np.where(is_merged, s.cycle_slipped_award_day, r.award_day)
        return np.where(is_cancelled, _NEVER, evidence), np.where(is_cancelled, _NEVER, award)

    @staticmethod
    def _held(evidence: IntArray) -> BoolArray:
        """Return which cycles are held: evidence before that of every later one not cancelled."""
        n, n_cycles = evidence.shape
        later = np.full((n, n_cycles), _NEVER)
        earliest = np.minimum.accumulate(evidence[:, ::-1], axis=1)[:, ::-1]
        later[:, :-1] = earliest[:, 1:]
        return np.asarray((evidence < later) & (evidence < _NEVER))

    def _own_branch(self) -> IntArray:
        """Return the branch that came; a slip by no time at all is as good as in time."""
        s, last = self._s, self._last
        day = self._evidence[:, last]
        kind = np.where(day == s.cycle_evidence_day[last], _IN_TIME, _SLIPPED)
        return np.where(day == _NEVER, _CANCELLED, kind)

    def _branch(self, kind: int) -> _Branch:
        s, last, w = self._s, self._last, self._w
        cancelled, slip = w.cancelled[:, last], w.slip[:, last]
        weight, day, award = {
            _IN_TIME: (
                (1 - cancelled) * (1 - slip), s.cycle_evidence_day[last], s.cycle_award_day[last]
            ),
            _CANCELLED: (cancelled, _NEVER, _NEVER),
            _SLIPPED: (
                (1 - cancelled) * slip,
                s.cycle_slipped_evidence_day[last],
                s.cycle_slipped_award_day[last],
            ),
        }[kind]  # fmt: skip
        evidence, awards = self._evidence.copy(), self._award.copy()
        evidence[:, last], awards[:, last] = day, award
        counts = self._held(evidence) & (awards <= s.deadline_day) & (evidence >= self._day)
        final = _last_true(counts)
        is_alone = counts.sum(axis=1) == 1
        is_step = is_alone & (_pick(evidence, final) == self._day)
        return _Branch(weight, final, is_step, is_step | (final < 0))

    def _decide(
        self, final: int, rows: IntArray, is_step: BoolArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the chances of all and of each city where this cycle decides."""
        if final < 0:
            is_met = self._standing(self._before[rows], rows) >= self._s.target
            return is_met.all(axis=1).astype(float), is_met.astype(float)
        before = np.where(is_step, self._before[rows], self._held_before(final)[rows])
        w, target = self._w, self._s.target
        standing, confirmed = self._standing(before, rows), w.confirmation[rows, None]
        is_free = np.where(standing + 1 < target, 1.0 - w.cap[rows, None], 1.0)
        if target == KLA:
            is_free = is_free * w.kla_reach[rows, None]
        awards = Awards(floor=confirmed * (standing >= target), factor=(1.0 - confirmed) * is_free)
        jury = Jury(
            bound=w.bound[rows],
            mean=w.strictness_mean[rows, final],
            sd=w.strictness_sd[rows, final],
            includes_bound=target == 1,
        )
        terms = [self._terms(city, final, rows, is_step) for city in range(self._s.n_cities)]
        each = np.stack([chance_of_each(entry, jury) for entry in terms], axis=1)
        of_each = np.clip(awards.floor + awards.factor * each, 0.0, 1.0)
        return chance_of_all(terms, awards, jury), of_each

    def _held_before(self, final: int) -> IntArray:
        """Return the held cycle before one that itself came, (n,)."""
        held = self._held(self._evidence)
        held[:, final:] = False
        return _last_true(held)

    def _standing(self, cycle: IntArray, rows: IntArray) -> IntArray:
        """Return each city's category after a cycle; -1 = as at the start; (n_rows, n_cities)."""
        awarded = self._r.category[rows[:, None], np.arange(self._s.n_cities), cycle[:, None]]
        return np.where(cycle[:, None] < 0, self._w.standing[rows], awarded.astype(np.int64))

    def _terms(self, city: int, final: int, rows: IntArray, is_step: BoolArray) -> CityTerms:
        """Return what is known of a city: the step ahead, or the score where it was kept."""
        r, w, last = self._r, self._w, self._last
        mean, spread = self._step(city, rows)
        score = r.score[rows, city, final]
        return CityTerms(
            gap=np.where(is_step, mean, MAXIMUM_SCORE - score),
            spread=np.where(is_step, spread, 0.0),
            remainder=np.where(is_step, _or_nothing(r.remainder[rows, city, last]), 1.0),
            noise=w.noise[rows, final],
            tail_share=w.tail_share[rows],
            tail_factor=w.tail_factor[rows],
        )

    def _step(self, city: int, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of the gap after the last step, before reflection.

        See `formulas.background_step`; without volatility the step is taken.
        """
        s, r, w, last = self._s, self._r, self._w, self._last
        since = int(s.cycle_evidence_day[last - 1]) if last else 0
        gap = r.gap[rows, city, last - 1] if last else w.gap[rows, city]
        years = (self._day - since) / DAYS_PER_YEAR
        rate, volatility = w.rate[rows, city], w.volatility[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            drifting = -np.expm1(-2.0 * rate * years) / (2.0 * rate)
        spread = _or_nothing(volatility * np.sqrt(np.where(rate > 0.0, drifting, years)))
        mean = gap * np.exp(-rate * years)
        for place in np.flatnonzero((spread <= 0.0) & ((mean < 1.0) | (mean > MAXIMUM_SCORE))):
            mean[place] = reflect_gap(float(mean[place]))
        return mean, spread


def _or_nothing(values: FloatArray) -> FloatArray:
    """Return what is too little to count as nothing: the closed forms divide by it."""
    return np.where(values < _TOO_LITTLE, 0.0, values)


def _last_true(flags: BoolArray) -> IntArray:
    """Return the last place that holds in each row, -1 where none does."""
    places = np.where(flags, np.arange(flags.shape[1]), -1)
    return np.asarray(places.max(axis=1, initial=-1))


def _pick(values: IntArray, place: IntArray) -> IntArray:
    return np.take_along_axis(values, np.maximum(place, 0)[:, None], axis=1)[:, 0]

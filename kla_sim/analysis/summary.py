"""The summary of a run: odds, weakest city, dates, categories, money and waiting.

A `Tally` counts replications while they pass, so that memory does not grow with their number; its
counts are whole, chances counted in units of 2**-30, so that the summary does not depend on how the
replications were cut into parts. The odds are conditional (`conditional`), the rest is counted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.conditional import (
    WorldNumbers,
    conditional_chances,
    last_cycle,
    world_numbers,
)
from kla_sim.analysis.estimate import (
    FEWEST_FOR_SPREAD,
    Check,
    Estimate,
    WorldRange,
    check_against_counting,
    estimate_chance,
    estimate_difference,
    estimate_mean,
    estimate_share,
    n_groups,
    range_across_worlds,
    variance_ratio,
)
from kla_sim.analysis.togetherness import TauOdds, odds_over_tau
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.counterfactual import without_kaltara
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure import Labels

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NO_AWARD = len(CATEGORIES)
"""The place behind the categories: replications in which a cycle published nothing in time."""

_SCORE_BINS = 1001
_ATTAINMENT_BINS = 10_001
_HALF = 32  # bits
_UNIT = 2.0**30
"""Chances are counted in whole parts of one: sums stay exact, to 8 billion replications a world."""
_QUANTILES = (0.1, 0.5, 0.9)


class OddsCurve(NamedTuple):
    """Odds that the target is held, from each day on until the next one listed."""

    days: npt.NDArray[np.int64]  # (n_days,) day 0 and every day on which an award may come
    joint: FloatArray  # (n_days,) every city at once
    cities: FloatArray  # (n_days, n_cities)


class Attainment(NamedTuple):
    """Province attainment on one day: mean of score / 1000 weighted by population."""

    date: dt.date
    mean: float
    p10: float  # NaN of too few replications to know a spread
    p90: float


class Money(NamedTuple):
    """Mean rupiah by account and year, (n_accounts, n_years) each."""

    appropriated: FloatArray
    released: FloatArray
    spent: FloatArray
    lapsed: FloatArray
    held: FloatArray


class Posts(NamedTuple):
    """Mean post-days by pool, (n_pools,) each."""

    busy: FloatArray
    filled: FloatArray
    vacant: FloatArray


class WithoutKaltara(NamedTuple):
    """The same futures had nothing been replicated, and what the replication adds to the odds."""

    all_cities: Estimate
    difference: Estimate  # odds of the plan minus odds without
    won: int  # replications that meet the target with Kaltara only
    lost: int  # without it only
    same: int


class Precision(NamedTuple):
    """Whether a run that was to stop by itself got as far as asked."""

    asked: float  # half-width of the odds' interval
    half_width: float
    is_reached: bool
    looks: int


class Summary(NamedTuple):
    """What a run says."""

    labels: Labels
    target: int
    deadline_day: int
    horizon_day: int
    n: int
    all_cities: Estimate
    counted: Estimate  # of all cities, by plain counting
    check: Check  # of the one against the other
    variance_ratio: float | None  # of counting to conditional odds, for one replication
    all_cities_at_once_ever: Estimate
    without_kaltara: WithoutKaltara
    on_claimed_scores: Estimate  # every city's last claimed score at the target
    cities: list[Estimate]
    worlds: WorldRange
    expected_cities: Estimate
    curve: OddsCurve
    attainment: list[Attainment]
    category_shares: FloatArray  # (n_cities, n_cycles, 7) the six categories and no award
    money: Money
    wait_days: FloatArray  # (1 + n_cities, n_causes) mean; row 0 = province
    wait_shares: FloatArray  # (n_causes,) share of replications in which a cause held work up
    posts: Posts
    dormant_days: FloatArray  # (n_cities,) mean zone-days
    launches: FloatArray  # (n_cities, n_years) mean zones
    verified: FloatArray  # (n_cities, n_cycles, 3) 10, 50, 90 % points, to whole points
    claimed: FloatArray
    precision: Precision | None = None
    tau: tuple[TauOdds, ...] = ()  # odds in the third of the worlds with the least, with the most

    @property
    def weakest_city(self) -> int:
        """The city with the lowest odds; the first listed among equals."""
        return int(np.argmin([city.value for city in self.cities]))

    def reached(self, odds: float) -> dt.date | None:
        """Return the first day on which the joint odds reach a level, if within the horizon."""
        days = self.curve.days[self.curve.joint >= odds]
        return self.labels.start + dt.timedelta(days=int(days[0])) if len(days) else None


class _WorldCounts:
    """Counts by world of one round of worlds; by bundle of replications where there is one."""

    def __init__(self, plan: Plan) -> None:
        n_worlds, n_cities = n_groups(plan.n_worlds), plan.structure.n_cities
        self.sizes = np.zeros(n_worlds, np.int64)
        self.met = np.zeros(n_worlds, np.int64)
        self.met_once = np.zeros(n_worlds, np.int64)
        self.chances = np.zeros(n_worlds, np.int64)  # that every city meets the target
        self.squares = np.zeros(n_worlds, np.int64)
        self.city_chances = np.zeros((n_worlds, n_cities), np.int64)
        self.without = np.zeros(n_worlds, np.int64)  # the same chances without Kaltara
        self.claimed = np.zeros(n_worlds, np.int64)
        self.tau = np.zeros(n_worlds)
        if plan.n_worlds > 1:
            self.tau[:] = [world.tau for world in plan.worlds]


class Tally:
    """Counts replications of one scenario while they pass.

    Parameters
    ----------
    plan : of the worlds that the run begins with.
    """

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._plan = plan
        self._is_one_world = plan.n_worlds == 1
        self._days = award_days(plan)
        self._is_conditional = last_cycle(s) is not None
        self._rounds = {plan.first_world: _WorldCounts(plan)}
        self._numbers = plan.first_world, world_numbers(plan)
        self._won = self._lost = 0
        self._joint = np.zeros(len(self._days), np.int64)
        self._joint_cities = np.zeros((len(self._days), s.n_cities), np.int64)
        self._categories = np.zeros((s.n_cities, s.n_cycles, NO_AWARD + 1), np.int64)
        self._money = np.zeros((len(Money._fields), s.n_accounts, s.n_years), object)
        self._waits = np.zeros((1 + s.n_cities, s.n_causes), np.int64)
        self._waited = np.zeros(s.n_causes, np.int64)
        self._posts = np.zeros((len(Posts._fields), s.n_pools), np.int64)
        self._dormant = np.zeros(s.n_cities, np.int64)
        self._launches = np.zeros((s.n_cities, s.n_years), np.int64)
        self._scores = np.zeros((2, s.n_cities, s.n_cycles, _SCORE_BINS), np.int64)
        self._attained = np.zeros(1 + s.n_cycles, np.int64)
        self._attainment = np.zeros((1 + s.n_cycles, _ATTAINMENT_BINS), np.int64)

    @property
    def n(self) -> int:
        """The number of replications counted."""
        return sum(int(counts.sizes.sum()) for counts in self._rounds.values())

    @property
    def odds(self) -> float:
        """The odds so far, as shown while a run is under way."""
        return float(self._by_world("chances").sum() / _UNIT / self.n)

    def chances_by_world(self) -> tuple[FloatArray, FloatArray]:
        """Return the sum of the chances that all cities meet the target, and the replications.

        Returns
        -------
        two arrays (n_worlds,), worlds in the order of their numbers, those begun only
        """
        sizes = self._by_world("sizes")
        is_begun = sizes > 0
        return self._by_world("chances")[is_begun] / _UNIT, sizes[is_begun].astype(float)

    def add(self, first: int, replications: Replications, plan: Plan | None = None) -> None:
        """Count consecutive replications, the first of which has this number.

        Parameters
        ----------
        plan : of the worlds in which they ran, if not those that the run began with.
        """
        r, plan = replications, plan or self._plan
        if plan.first_world not in self._rounds:
            self._rounds[plan.first_world] = _WorldCounts(plan)
        if plan.first_world != self._numbers[0]:
            self._numbers = plan.first_world, world_numbers(plan)
        numbers = self._numbers[1]
        world = np.arange(first, first + len(r.is_met)) % plan.n_worlds
        group = np.arange(first, first + len(r.is_met)) % n_groups(plan.n_worlds)
        self._count_targets(first, group, r, plan, numbers)
        self._count_claimed(group, world, r, plan, numbers)
        self._count_curve(numbers.standing[world], r)
        self._count_categories(r)
        self._money += np.stack([exact_sums(getattr(r, field)) for field in Money._fields])
        self._waits += r.wait_days.sum(axis=0, dtype=np.int64)
        self._waited += (r.wait_days.sum(axis=1) > 0).sum(axis=0)
        self._posts += np.stack(
            [getattr(r, f"{field}_days").sum(axis=0, dtype=np.int64) for field in Posts._fields]
        )
        self._dormant += r.dormant_days.sum(axis=0, dtype=np.int64)
        self._launches += r.launches.sum(axis=0, dtype=np.int64)
        self._count_scores(r)
        self._count_attainment((numbers.gap * numbers.left)[world], r)

    def _count_targets(
        self, first: int, group: IntArray, r: Replications, plan: Plan, numbers: WorldNumbers
    ) -> None:
        counts = self._rounds[plan.first_world]
        chances = conditional_chances(plan, first, r, numbers)
        np.add.at(counts.sizes, group, 1)
        np.add.at(counts.met, group, r.is_met)
        np.add.at(counts.met_once, group, r.is_met_once)
        np.add.at(counts.chances, group, _units(chances.all_cities))
        np.add.at(counts.squares, group, _units(chances.all_cities**2))
        np.add.at(counts.city_chances, group, _units(chances.cities))
        bare = without_kaltara(plan, first, group % plan.n_worlds, r)
        without = conditional_chances(plan, first, bare, numbers).all_cities
        np.add.at(counts.without, group, _units(without))
        self._won += int((r.is_met & ~bare.is_met).sum())
        self._lost += int((bare.is_met & ~r.is_met).sum())

    def _count_claimed(
        self,
        group: IntArray,
        world: IntArray,
        r: Replications,
        plan: Plan,
        numbers: WorldNumbers,
    ) -> None:
        """Count the replications in which every city's last claimed score is at the target."""
        target, bound = plan.structure.target, numbers.bound[world][:, None, None]
        is_claimed = (r.claimed >= bound) if target == 1 else (r.claimed > bound)
        last = standing_on(
            plan.structure.deadline_day,
            (numbers.standing[world] >= target).astype(np.int64),
            r._replace(category=is_claimed.astype(np.int8)),
        )
        np.add.at(self._rounds[plan.first_world].claimed, group, np.all(last, axis=1))

    def _by_world(self, field: str) -> Any:
        rounds = [self._rounds[first] for first in sorted(self._rounds)]
        return np.concatenate([getattr(counts, field) for counts in rounds])

    def _count_curve(self, starts: IntArray, r: Replications) -> None:
        for place, day in enumerate(self._days):
            is_reached = standing_on(day, starts, r) >= self._plan.structure.target
            self._joint[place] += is_reached.all(axis=1).sum()
            self._joint_cities[place] += is_reached.sum(axis=0)

    def _count_categories(self, r: Replications) -> None:
        published = np.where(r.category < 0, NO_AWARD, r.category)
        for category in range(NO_AWARD + 1):
            self._categories[:, :, category] += (published == category).sum(axis=0)

    def _count_scores(self, r: Replications) -> None:
        for place, scores in enumerate((r.verified, r.claimed)):
            known = ~np.isnan(scores)
            _, city, cycle = np.nonzero(known)
            bins = np.rint(scores[known]).astype(np.int64)
            np.add.at(self._scores[place], (city, cycle, bins), 1)

    def _count_attainment(self, gap: FloatArray, r: Replications) -> None:
        weight = self._plan.structure.population / self._plan.structure.population.sum()
        scores = np.clip(1000.0 - r.gap * r.remainder, 0.0, 1000.0)
        attained = np.zeros((len(gap), 1 + scores.shape[2]))
        for city, share in enumerate(weight):  # an order that the number of rows cannot change
            attained[:, 0] += share * (1000.0 - gap[:, city]) / 1000.0
            attained[:, 1:] += share * scores[:, city] / 1000.0
        known = np.nan_to_num(attained)  # evidence days past the horizon are not reported
        self._attained += _units(known).sum(axis=0)
        bins = np.rint(known * (_ATTAINMENT_BINS - 1)).astype(np.int64)
        for place, column in enumerate(bins.T):
            self._attainment[place] += np.bincount(column, minlength=_ATTAINMENT_BINS)

    def summarise(self) -> Summary:
        """Return what the replications counted so far say."""
        s, labels, n = self._plan.structure, self._plan.labels, self.n
        sizes = self._by_world("sizes").astype(float)
        met = self._by_world("met")
        chances, squares = self._by_world("chances") / _UNIT, self._by_world("squares") / _UNIT
        return Summary(
            labels=labels,
            target=s.target,
            deadline_day=s.deadline_day,
            horizon_day=s.horizon_day,
            n=n,
            all_cities=self._estimate(chances, sizes),
            counted=self._share(met, sizes),
            check=check_against_counting(
                int(met.sum()), float(chances.sum()), float(squares.sum()), n
            ),
            variance_ratio=variance_ratio(float(chances.sum()), float(squares.sum()), n),
            all_cities_at_once_ever=self._estimate(
                chances + self._by_world("met_once") - met, sizes
            ),
            without_kaltara=self._without_kaltara(chances, sizes),
            on_claimed_scores=self._share(self._by_world("claimed"), sizes),
            cities=[
                self._estimate(sums / _UNIT, sizes) for sums in self._by_world("city_chances").T
            ],
            worlds=self._worlds(chances, sizes, squares),
            expected_cities=estimate_mean(
                self._by_world("city_chances").sum(axis=1) / _UNIT, sizes, (0.0, float(s.n_cities))
            ),
            curve=self._curve(float(chances.sum()) / n),
            attainment=self._attainment_by_date(),
            category_shares=self._categories / n,
            money=Money(*(self._money.astype(float) / n)),
            wait_days=self._waits / n,
            wait_shares=self._waited / n,
            posts=Posts(*(self._posts / n)),
            dormant_days=self._dormant / n,
            launches=self._launches / n,
            verified=_quantiles_of_bins(self._scores[0]),
            claimed=_quantiles_of_bins(self._scores[1]),
            tau=odds_over_tau(self._by_world("tau"), chances, sizes, self._estimate),
        )

    def _estimate(self, chances: FloatArray, sizes: FloatArray) -> Estimate:
        if self._is_conditional:
            return estimate_chance(chances, sizes, is_one_world=self._is_one_world)
        return self._share(np.rint(chances), sizes)

    def _share(self, hits: FloatArray | IntArray, sizes: FloatArray) -> Estimate:
        if self._is_one_world:
            return estimate_share(np.array([float(hits.sum())]), np.array([sizes.sum()]))
        return estimate_share(hits.astype(float), sizes)

    def _worlds(self, chances: FloatArray, sizes: FloatArray, squares: FloatArray) -> WorldRange:
        if self._is_one_world:
            return WorldRange(1, None, None, None, None)
        return range_across_worlds(chances, sizes, squares)

    def _curve(self, odds: float) -> OddsCurve:
        """Return the counted odds by day, the conditional ones where the deadline falls."""
        days = np.array(self._days, dtype=np.int64)
        joint, cities = self._joint / self.n, self._joint_cities / self.n
        deadline = int(np.searchsorted(days, self._plan.structure.deadline_day, side="right")) - 1
        joint[deadline] = odds
        cities[deadline] = self._by_world("city_chances").sum(axis=0) / _UNIT / self.n
        return OddsCurve(days, joint, cities)

    def _without_kaltara(self, chances: FloatArray, sizes: FloatArray) -> WithoutKaltara:
        without = self._by_world("without") / _UNIT
        difference = estimate_difference(chances - without, sizes, is_one_world=self._is_one_world)
        return WithoutKaltara(
            all_cities=self._estimate(without, sizes),
            difference=difference,
            won=self._won,
            lost=self._lost,
            same=self.n - self._won - self._lost,
        )

    def _attainment_by_date(self) -> list[Attainment]:
        s, start = self._plan.structure, self._plan.labels.start
        points = _quantiles_of_bins(self._attainment) / (_ATTAINMENT_BINS - 1)
        return [
            Attainment(
                start + dt.timedelta(days=day),
                float(total / _UNIT / self.n),
                float(low),
                float(high),
            )
            for day, total, (low, _, high) in zip(
                [0, *s.cycle_evidence_day.tolist()], self._attained, points, strict=True
            )
            if day <= s.horizon_day
        ]


def exact_sums(amounts: IntArray) -> npt.NDArray[np.object_]:
    """Return the sums over the first dimension, exact whatever their size.

    Parameters
    ----------
    amounts : (n, ...) with n up to 2**31; added up in two halves, so that neither leaves 64 bits.
    """
    high = (amounts >> _HALF).sum(axis=0, dtype=np.int64)
    low = (amounts & (2**_HALF - 1)).sum(axis=0, dtype=np.int64)
    return np.asarray(high.astype(object) * 2**_HALF + low.astype(object))


def _units(chances: FloatArray) -> IntArray:
    return np.rint(chances * _UNIT).astype(np.int64)


def standing_on(day: int, starts: npt.NDArray[np.int64], r: Replications) -> npt.NDArray[np.int64]:
    """Return each city's category on a day: the latest award published by then.

    Parameters
    ----------
    starts : (n, n_cities) category held at the start.

    Returns
    -------
    (n, n_cities) category numbers
    """
    n_cycles = r.award_day.shape[1]
    is_out = (r.award_day >= 0) & (r.award_day <= day)
    order = np.where(
        is_out, r.award_day.astype(np.int64) * (n_cycles + 1) + np.arange(n_cycles), -1
    )
    if n_cycles == 0:
        return starts
    latest = order.argmax(axis=1)
    awarded = np.take_along_axis(r.category, latest[:, None, None], axis=2)[:, :, 0]
    has_award = np.any(is_out, axis=1, keepdims=True)
    return np.where(has_award, awarded, starts)


def award_days(plan: Plan) -> list[int]:
    """Return day 0 and every day up to the horizon on which an award may come."""
    s = plan.structure
    days = {0, *s.cycle_award_day.tolist(), *s.cycle_slipped_award_day.tolist()}
    return sorted(day for day in days if day <= s.horizon_day)


def _quantiles_of_bins(counts: npt.NDArray[np.int64]) -> FloatArray:
    """Return the 10, 50 and 90 % points of whole-point histograms.

    NaN where nothing fell; the outer points also where too little fell to know a spread.
    """
    below = counts.cumsum(axis=-1)
    total = below[..., -1:]
    points = np.stack(
        [(below >= share * total).argmax(axis=-1) for share in _QUANTILES], axis=-1
    ).astype(float)
    points[..., [0, -1]] = np.where(total >= FEWEST_FOR_SPREAD, points[..., [0, -1]], np.nan)
    return np.where(total > 0, points, np.nan)

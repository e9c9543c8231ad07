"""The summary of a run: odds, weakest city, dates, categories, money and waiting.

A `Tally` counts replications while they pass, so that memory does not grow with their number; its
counts are whole, so that the summary does not depend on how the replications were cut into parts.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.estimate import (
    Estimate,
    WorldRange,
    estimate_mean,
    estimate_mean_in_one_world,
    estimate_share,
    range_across_worlds,
)
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure import Labels

FloatArray = npt.NDArray[np.float64]

NO_AWARD = len(CATEGORIES)
"""The place behind the categories: replications in which a cycle published nothing in time."""

_SCORE_BINS = 1001
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
    p10: float
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


class Summary(NamedTuple):
    """What a run says."""

    labels: Labels
    target: int
    deadline_day: int
    horizon_day: int
    n: int
    all_cities: Estimate
    all_cities_at_once_ever: Estimate
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

    @property
    def weakest_city(self) -> int:
        """The city with the lowest odds; the first listed among equals."""
        return int(np.argmin([city.value for city in self.cities]))

    def reached(self, odds: float) -> dt.date | None:
        """Return the first day on which the joint odds reach a level, if within the horizon."""
        days = self.curve.days[self.curve.joint >= odds]
        return self.labels.start + dt.timedelta(days=int(days[0])) if len(days) else None


class Tally:
    """Counts replications of one plan while they pass."""

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        self._plan = plan
        self._days = _award_days(plan)
        n_worlds = plan.n_worlds
        self._sizes = np.zeros(n_worlds, np.int64)
        self._met = np.zeros(n_worlds, np.int64)
        self._met_once = np.zeros(n_worlds, np.int64)
        self._city_met = np.zeros((n_worlds, s.n_cities), np.int64)
        self._n_cities_met = np.zeros((n_worlds, s.n_cities + 1), np.int64)
        self._joint = np.zeros(len(self._days), np.int64)
        self._joint_cities = np.zeros((len(self._days), s.n_cities), np.int64)
        self._categories = np.zeros((s.n_cities, s.n_cycles, NO_AWARD + 1), np.int64)
        self._money = np.zeros((len(Money._fields), s.n_accounts, s.n_years), np.int64)
        self._waits = np.zeros((1 + s.n_cities, s.n_causes), np.int64)
        self._waited = np.zeros(s.n_causes, np.int64)
        self._posts = np.zeros((len(Posts._fields), s.n_pools), np.int64)
        self._dormant = np.zeros(s.n_cities, np.int64)
        self._launches = np.zeros((s.n_cities, s.n_years), np.int64)
        self._scores = np.zeros((2, s.n_cities, s.n_cycles, _SCORE_BINS), np.int64)
        self._attainment: list[FloatArray] = []

    @property
    def n(self) -> int:
        """The number of replications counted."""
        return int(self._sizes.sum())

    @property
    def n_met(self) -> int:
        """The number of replications in which every city held the target on the deadline."""
        return int(self._met.sum())

    def add(self, first: int, replications: Replications) -> None:
        """Count consecutive replications, the first of which has this number."""
        r, plan = replications, self._plan
        n = len(r.is_met)
        world = np.arange(first, first + n) % plan.n_worlds
        at_target = r.standing >= plan.structure.target
        np.add.at(self._sizes, world, 1)
        np.add.at(self._met, world, r.is_met)
        np.add.at(self._met_once, world, r.is_met_once)
        np.add.at(self._city_met, world, at_target)
        np.add.at(self._n_cities_met, (world, at_target.sum(axis=1)), 1)
        self._count_curve(world, r)
        self._count_categories(r)
        self._money += np.stack(
            [getattr(r, field).sum(axis=0, dtype=np.int64) for field in Money._fields]
        )
        self._waits += r.wait_days.sum(axis=0, dtype=np.int64)
        self._waited += (r.wait_days.sum(axis=1) > 0).sum(axis=0)
        self._posts += np.stack(
            [getattr(r, f"{field}_days").sum(axis=0, dtype=np.int64) for field in Posts._fields]
        )
        self._dormant += r.dormant_days.sum(axis=0, dtype=np.int64)
        self._launches += r.launches.sum(axis=0, dtype=np.int64)
        self._count_scores(r)
        self._keep_attainment(world, r)

    def _count_curve(self, world: npt.NDArray[np.int64], r: Replications) -> None:
        starts = np.stack([entry.standing for entry in self._plan.worlds])[world]
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

    def _keep_attainment(self, world: npt.NDArray[np.int64], r: Replications) -> None:
        weight = self._plan.structure.population / self._plan.structure.population.sum()
        gaps = np.stack([entry.gap for entry in self._plan.worlds])[world]
        at_start = (1000.0 - gaps) @ weight
        scores = np.clip(1000.0 - r.gap * r.remainder, 0.0, 1000.0)
        later = np.einsum("rcy,c->ry", scores, weight)
        self._attainment.append(np.column_stack([at_start, later]) / 1000.0)

    def summarise(self) -> Summary:
        """Return what the replications counted so far say."""
        s, labels = self._plan.structure, self._plan.labels
        n, sizes = self.n, self._sizes.astype(float)
        return Summary(
            labels=labels,
            target=s.target,
            deadline_day=s.deadline_day,
            horizon_day=s.horizon_day,
            n=n,
            all_cities=estimate_share(self._met.astype(float), sizes),
            all_cities_at_once_ever=estimate_share(self._met_once.astype(float), sizes),
            cities=[estimate_share(hits.astype(float), sizes) for hits in self._city_met.T],
            worlds=range_across_worlds(self._met.astype(float), sizes),
            expected_cities=self._expected_cities(),
            curve=OddsCurve(
                np.array(self._days, dtype=np.int64), self._joint / n, self._joint_cities / n
            ),
            attainment=self._attainment_by_date(),
            category_shares=self._categories / n,
            money=Money(*(self._money / n)),
            wait_days=self._waits / n,
            wait_shares=self._waited / n,
            posts=Posts(*(self._posts / n)),
            dormant_days=self._dormant / n,
            launches=self._launches / n,
            verified=_quantiles_of_bins(self._scores[0]),
            claimed=_quantiles_of_bins(self._scores[1]),
        )

    def _expected_cities(self) -> Estimate:
        counts = np.arange(self._n_cities_met.shape[1])
        if self._plan.n_worlds == 1:
            return estimate_mean_in_one_world(np.repeat(counts, self._n_cities_met[0]).astype(float))
        sums = (self._n_cities_met * counts).sum(axis=1)
        return estimate_mean(sums.astype(float), self._sizes.astype(float))

    def _attainment_by_date(self) -> list[Attainment]:
        s, labels = self._plan.structure, self._plan.labels
        values = np.concatenate(self._attainment)
        days = [0, *s.cycle_evidence_day.tolist()]
        return [
            Attainment(
                labels.start + dt.timedelta(days=day),
                float(column.mean()),
                *(float(point) for point in np.quantile(column, (0.1, 0.9))),
            )
            for day, column in zip(days, values.T, strict=True)
            if day <= s.horizon_day
        ]


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
    order = np.where(is_out, r.award_day.astype(np.int64) * (n_cycles + 1) + np.arange(n_cycles), -1)
    if n_cycles == 0:
        return starts
    latest = order.argmax(axis=1)
    awarded = np.take_along_axis(r.category, latest[:, None, None], axis=2)[:, :, 0]
    return np.where(is_out.any(axis=1)[:, None], awarded, starts)


def _award_days(plan: Plan) -> list[int]:
    s = plan.structure
    days = {0, *s.cycle_award_day.tolist(), *s.cycle_slipped_award_day.tolist()}
    return sorted(day for day in days if day <= s.horizon_day)


def _quantiles_of_bins(counts: npt.NDArray[np.int64]) -> FloatArray:
    """Return the 10, 50 and 90 % points of whole-point histograms; NaN where nothing fell."""
    below = counts.cumsum(axis=-1)
    total = below[..., -1:]
    points = np.stack(
        [(below >= share * total).argmax(axis=-1) for share in _QUANTILES], axis=-1
    ).astype(float)
    return np.where(total > 0, points, np.nan)

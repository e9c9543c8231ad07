"""The summary of a run: odds, weakest city, dates, categories, money and waiting.

Made by `counting`, shown by `report`, written down by `document`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.estimate import Check, Estimate, WorldRange, may_be_narrow
from kla_sim.analysis.togetherness import TauOdds
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.structure import Labels

NO_AWARD = len(CATEGORIES)
"""The place behind the categories: replications in which a cycle published nothing in time."""


class OddsCurve(NamedTuple):
    """Odds that the target is held, from each day on until the next one listed."""

    days: IntArray  # (n_days,) day 0 and every day on which an award may come
    joint: FloatArray  # (n_days,) every city at once
    cities: FloatArray  # (n_days, n_cities)
    ends: FloatArray  # (n_days, 2) the interval of every city at once
    without: FloatArray  # (n_days,) every city at once, had nothing been replicated
    standing: FloatArray  # (n_days, n_cities, 6) share of replications by category held


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


class WithoutKaltara(NamedTuple):
    """The same futures had nothing been replicated, and what the replication adds to the odds."""

    all_cities: Estimate
    difference: Estimate  # odds of the plan minus odds without
    won: int  # replications that meet the target with Kaltara only
    lost: int  # without it only
    same: int


class CostAndDate(NamedTuple):
    """What futures cost, and when all cities stand at the target."""

    budget: float  # rupiah as planned, all accounts and years, mean over the worlds
    spent: FloatArray  # (n_kept,) rupiah up to the horizon, of the first futures
    day: IntArray  # (n_kept,) from which all cities stand there; -1 = never up to the horizon
    in_time_and_money: Estimate  # chance of both: on the deadline, and no more than the budget
    share_over: float  # of all futures, those that spend more than the budget


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
    costs: CostAndDate
    attainment: list[Attainment]
    category_shares: FloatArray  # (n_cities, n_cycles, 7) the six categories and no award
    means: Mapping[str, FloatArray]  # of each result whose row asks for it, by its axes
    shares: Mapping[str, FloatArray]  # of replications in which it is above 0, by its last axis
    verified: FloatArray  # (n_cities, n_cycles, 3) 10, 50, 90 % points, to whole points
    claimed: FloatArray
    precision: Precision | None = None
    tau: tuple[TauOdds, ...] = ()  # odds in the third of the worlds with the least, with the most

    @property
    def weakest_city(self) -> int:
        """The city with the lowest odds; the first listed among equals."""
        return int(np.argmin([city.value for city in self.cities]))

    @property
    def n_worlds(self) -> int:
        """The number of worlds that have a replication."""
        return min(self.n, self.worlds.n)

    @property
    def is_joint_narrow(self) -> bool:
        """Whether the interval of the joint odds leaves no room for worlds not met."""
        return may_be_narrow(self.all_cities, self.n_worlds)

    @property
    def narrow_cities(self) -> list[int]:
        """The cities of whose odds the interval leaves no room for worlds not met."""
        return [
            place for place, city in enumerate(self.cities) if may_be_narrow(city, self.n_worlds)
        ]

    @property
    def money(self) -> Money:
        """The mean books of every account and year."""
        return Money(*(self.means[name] for name in Money._fields))

    @property
    def wait_days(self) -> FloatArray:
        """The mean days waited, (1 + n_cities, n_causes), the province first."""
        return self.means["wait_days"]

    @property
    def launches(self) -> FloatArray:
        """The mean zones launched, (n_cities, n_years)."""
        return self.means["launches"]

    def reached(self, odds: float) -> dt.date | None:
        """Return the first day on which the joint odds reach a level, if within the horizon."""
        days = self.curve.days[self.curve.joint >= odds]
        return self.labels.start + dt.timedelta(days=int(days[0])) if len(days) else None

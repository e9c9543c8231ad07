"""The tally: all counters of one run, and the summary that they make."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from kla_sim.analysis.conditional import conditional_chances, world_numbers
from kla_sim.analysis.counting.awards import CategoryCounter, CurveCounter
from kla_sim.analysis.counting.by_world import stretch_of
from kla_sim.analysis.counting.costs import CostCounter
from kla_sim.analysis.counting.means import MeansCounter
from kla_sim.analysis.counting.odds import OddsCounter
from kla_sim.analysis.counting.otherwise import ClaimCounter, WithoutKaltaraCounter
from kla_sim.analysis.counting.scores import AttainmentCounter, ScoreCounter
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications


class Tally:
    """Counts replications of one scenario while they pass.

    Parameters
    ----------
    plan : of the worlds that the run begins with.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._numbers = plan.first_world, world_numbers(plan)
        self._odds = OddsCounter(plan)
        self._without = WithoutKaltaraCounter(plan)
        self._claims = ClaimCounter(plan)
        self._curve = CurveCounter(plan)
        self._costs = CostCounter(plan)
        self._categories = CategoryCounter(plan)
        self._verified = ScoreCounter(plan, "verified")
        self._claimed = ScoreCounter(plan, "claimed")
        self._attainment = AttainmentCounter(plan)
        self._means = MeansCounter(plan)

    @property
    def n(self) -> int:
        """The number of replications counted."""
        return self._odds.n

    @property
    def odds(self) -> float:
        """The odds so far, as shown while a run is under way."""
        return self._odds.mean

    @property
    def odds_estimate(self) -> Estimate:
        """The odds so far that all cities meet the target, with their interval."""
        return self._odds.all_cities()

    def chances_by_world(self) -> tuple[FloatArray, FloatArray]:
        """Return the sum of the chances that all cities meet the target, and the replications.

        Returns
        -------
        two arrays (n_worlds,), worlds in the order of their numbers, those begun only
        """
        sizes = self._odds.groups.sizes
        is_begun = sizes > 0
        return self._odds.chances[is_begun], sizes[is_begun]

    def add(self, first: int, replications: Replications, plan: Plan | None = None) -> None:
        """Count consecutive replications, the first of which has this number.

        Half of the work is the chances with Kaltara, a fourth those without it. Both let go of the
        interpreter, so the former are reckoned beside all else.

        Parameters
        ----------
        plan : of the worlds in which they ran, if not those that the run began with.
        """
        plan = plan or self._plan
        if plan.first_world != self._numbers[0]:
            self._numbers = plan.first_world, world_numbers(plan)
        numbers = self._numbers[1]
        stretch = stretch_of(plan, first, replications, numbers)
        with ThreadPoolExecutor(1) as beside:
            reckoned = beside.submit(conditional_chances, plan, first, replications, numbers)
            for counter in (
                self._without,
                self._claims,
                self._curve,
                self._categories,
                self._verified,
                self._claimed,
                self._attainment,
                self._means,
            ):
                counter.add(stretch)
        chances = reckoned.result()
        self._odds.add(stretch, chances)
        self._costs.add(stretch, chances)

    def summarise(self) -> Summary:
        """Return what the replications counted so far say."""
        s, odds, n = self._plan.structure, self._odds, self.n
        return Summary(
            labels=self._plan.labels,
            target=s.target,
            deadline_day=s.deadline_day,
            horizon_day=s.horizon_day,
            n=n,
            all_cities=odds.all_cities(),
            counted=odds.counted(),
            check=odds.check(),
            variance_ratio=odds.variance_ratio(),
            all_cities_at_once_ever=odds.at_once_ever(),
            without_kaltara=self._without.summarise(odds.chances, odds.groups),
            on_claimed_scores=self._claims.summarise(odds.groups),
            cities=odds.cities(),
            worlds=odds.worlds(),
            expected_cities=odds.expected_cities(),
            curve=self._curve.summarise(
                odds.groups,
                odds.all_cities(),
                odds.city_means,
                self._without.by_day(odds.groups),
            ),
            costs=self._costs.summarise(odds.groups),
            attainment=self._attainment.summarise(n),
            category_shares=self._categories.shares(n),
            means=self._means.means(n),
            shares=self._means.shares(n),
            verified=self._verified.quantiles(),
            claimed=self._claimed.quantiles(),
            tau=odds.over_tau(),
        )

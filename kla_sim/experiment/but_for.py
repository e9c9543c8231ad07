"""The same futures with one thing relieved: how many are rescued, how many harmed, at what price.

What would have been but for one lack is not what that lack has caused: several lacks may each hold
up a future alone, and relief may harm another by taking its staff. So both ways are counted, on the
same random numbers, beside the differences in odds and in the expected number of regions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kla_sim.analysis.budgets import budget_differences
from kla_sim.analysis.differences import RARE, Differences, Outcomes, differences
from kla_sim.analysis.estimate import Estimate
from kla_sim.errors import UsageError
from kla_sim.experiment.compare import read_outcomes
from kla_sim.experiment.run import StoredRun
from kla_sim.experiment.unkept import outcomes_like
from kla_sim.scenario.relief import Relief, reliefs

Tell = Callable[[int, int], None]
"""Is told how many of the cases have run, and of how many."""


class ButFor(NamedTuple):
    """One thing relieved.

    Attributes
    ----------
    relief : what.
    found : relieved less as planned; `won` futures are rescued, `lost` ones harmed.
    n_failed : futures that fail as planned.
    n_met : futures that meet the target as planned.
    price : rupiah more in the budget, all accounts and years; 0 where it has no price here.
    odds : of all cities, relieved.
    """

    relief: Relief
    found: Differences
    n_failed: int
    n_met: int
    price: int
    odds: float

    @property
    def price_of_a_point(self) -> float | None:
        """Rupiah for one more percentage point of the odds; None without a price or a gain."""
        gain = self.found.odds
        return self.price / (100 * gain.value) if self.price > 0 and gain.low > 0 else None

    def document(self) -> dict[str, Any]:
        """Return one entry of `but_for` in `explain --json`."""
        return {
            "relieved": self.relief.kind,
            "subject": self.relief.subject,
            "rescued": self.found.won,
            "of_failed": self.n_failed,
            "harmed": self.found.lost,
            "of_met": self.n_met,
            "odds": self.odds,
            "difference": self.found.odds._asdict(),
            "expected_cities": self.found.expected_cities._asdict(),
            "price": self.price,
            "price_of_a_point": self.price_of_a_point,
        }


def but_for(run: StoredRun, tell: Tell | None = None) -> list[ButFor]:
    """Return what relieving one thing at a time does to the futures of a run, the best first.

    By the odds of all cities; below 2 % by the expected number of cities.

    Raises
    ------
    UsageError : the run has fresh worlds each round.
    """
    manifest = run.folder.manifest
    if manifest.round_size:
        raise UsageError("explain_of_rounds")
    first, last = manifest.first, manifest.first + run.summary.n
    base = read_outcomes(run, first, last)
    cases = reliefs(run.scenario)
    found = []
    for relief in cases:
        found.append(_but_for(run, base, relief))
        if tell:
            tell(len(found), len(cases))
    is_rare = base.all_cities.mean() < RARE
    return sorted(found, key=lambda case: -leading(case.found, is_rare=is_rare).value)


def leading(found: Differences, *, is_rare: bool) -> Estimate:
    """Return the difference by which plans are ranked."""
    return found.expected_cities if is_rare else found.odds


def _but_for(run: StoredRun, base: Outcomes, relief: Relief) -> ButFor:
    relieved = outcomes_like(relief.scenario, run, base.first, base.first + len(base.is_met))
    n_met = int(base.is_met.sum())
    money = budget_differences(run.scenario, relief.scenario)
    return ButFor(
        relief,
        differences(base, relieved),
        len(base.is_met) - n_met,
        n_met,
        money.after - money.before,
        float(relieved.all_cities.mean()),
    )

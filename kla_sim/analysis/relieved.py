"""What relieving one thing does to the same futures: whom it rescues and harms, at what price.

`experiment.but_for` relieves everything in all futures of a run; `experiment.remedies` a few things
in its first ones, for the first screen. Both tell the same of each, a `Remedy`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.analysis.differences import Differences
from kla_sim.analysis.estimate import Estimate
from kla_sim.scenario.relief import Relief


class Remedy(NamedTuple):
    """What one thing relieved does to the same futures.

    Attributes
    ----------
    kind, subject : what is relieved, as in `scenario.relief.Relief`.
    rescued : futures that fail as planned and no longer do.
    harmed : futures that meet the target as planned and no longer do.
    n_failed, n_met : futures that fail, and that meet the target, as planned.
    odds : of all cities, relieved.
    difference : of these odds, relieved less as planned.
    expected_cities : the same of the number of cities at the target.
    price : rupiah more in the budget, all accounts and years; 0 where it has no price here.
    """

    kind: str
    subject: str
    rescued: int
    n_failed: int
    harmed: int
    n_met: int
    odds: float
    difference: Estimate
    expected_cities: Estimate
    price: int

    @property
    def price_of_a_point(self) -> float | None:
        """Rupiah for one more percentage point of the odds; None without a price or a gain."""
        gain = self.difference
        return self.price / (100 * gain.value) if self.price > 0 and gain.low > 0 else None

    def leading(self, *, is_rare: bool) -> Estimate:
        """Return the difference that ranks remedies: where odds are rare, of the number."""
        return self.expected_cities if is_rare else self.difference

    def document(self) -> dict[str, Any]:
        """Return it as `explain --json` and `run --json` list it."""
        return {
            "relieved": self.kind,
            "subject": self.subject,
            "rescued": self.rescued,
            "of_failed": self.n_failed,
            "harmed": self.harmed,
            "of_met": self.n_met,
            "odds": self.odds,
            "difference": self.difference._asdict(),
            "expected_cities": self.expected_cities._asdict(),
            "price": self.price,
            "price_of_a_point": self.price_of_a_point,
        }


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
    def remedy(self) -> Remedy:
        """What of it is told in every place."""
        return Remedy(
            kind=self.relief.kind,
            subject=self.relief.subject,
            rescued=self.found.won,
            n_failed=self.n_failed,
            harmed=self.found.lost,
            n_met=self.n_met,
            odds=self.odds,
            difference=self.found.odds,
            expected_cities=self.found.expected_cities,
            price=self.price,
        )

    @property
    def price_of_a_point(self) -> float | None:
        """Rupiah for one more percentage point of the odds; None without a price or a gain."""
        return self.remedy.price_of_a_point

    def document(self) -> dict[str, Any]:
        """Return one entry of `but_for` in `explain --json`."""
        return self.remedy.document()

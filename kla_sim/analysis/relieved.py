"""What relieving one thing does to the same futures: whom it rescues and harms, at what price.

The relieved futures are run by `experiment.but_for`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.analysis.differences import Differences
from kla_sim.scenario.relief import Relief


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

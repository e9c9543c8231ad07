"""What would help most, of a few things tried on the first futures of a run: for the first screen.

What is tried follows from what work waited for in these same futures, so that it is the same
however many futures the run holds. `experiment.remedies` runs them; `explain` relieves everything.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.differences import RARE, Outcomes, mean_changes
from kla_sim.analysis.kept import UNFIT, read_count, read_estimate, read_number, read_text
from kla_sim.analysis.relieved import Remedy
from kla_sim.arrays import FloatArray
from kla_sim.engine.structure import Labels
from kla_sim.scenario.budgets import PROVINCE, account_of

WITHHELD = ("rounds", "shard", "reference", "no_code", "not_asked", "failed")
"""Why nothing was tried: fresh worlds each round; a shard; the readable engine, which is slow; no
machine code; a command that only needs the odds; something went wrong on the way."""


_NOTICEABLE_ODDS, _NOTICEABLE_REGIONS = 0.0005, 0.005
"""A gain below a twentieth of a percentage point, or below this many regions, is no help."""


class Remedies(NamedTuple):
    """What would help, or why nothing was tried.

    Attributes
    ----------
    replications : futures looked at, the first of the run.
    odds : of all cities as planned, over these futures.
    tried : one thing relieved at a time, the best first; empty where no work ever waited.
    unlimited : staff and money without limit, and any number of zones at once: what more of them
        can do at most. None where no work ever waited, so that it can do nothing.
    withheld : one of `WITHHELD`; empty = it was looked for.
    """

    replications: int
    odds: float
    tried: tuple[Remedy, ...]
    unlimited: Remedy | None
    withheld: str = ""

    @property
    def is_rare(self) -> bool:
        """Whether odds are so low that the number of cities says more."""
        return self.odds < RARE

    @property
    def best(self) -> Remedy | None:
        """What helps most; None where nothing tried helps noticeably."""
        least = _NOTICEABLE_REGIONS if self.is_rare else _NOTICEABLE_ODDS
        led = [one.leading(is_rare=self.is_rare) for one in self.tried[:1]]
        is_help = bool(led) and led[0].low > 0.0 and led[0].value >= least
        return self.tried[0] if is_help else None

    @property
    def every(self) -> tuple[Remedy, ...]:
        """All that was tried: one thing at a time, then staff and money without limit."""
        return (*self.tried, *([self.unlimited] if self.unlimited else []))

    def document(self) -> dict[str, Any]:
        """Return `remedies` of `run --json`."""
        return {
            "replications": self.replications,
            "odds": None if self.withheld else self.odds,
            "tried": [one.document() for one in self.tried],
            "unlimited": self.unlimited and self.unlimited.document(),
            "withheld": self.withheld or None,
        }


def withhold(reason: str) -> Remedies:
    """Return that nothing was tried, and why."""
    return Remedies(0, math.nan, (), None, reason)


def largest_lacks(labels: Labels, waits: FloatArray, dormant: FloatArray) -> list[tuple[str, str]]:
    """Return what work waited for, the most days first: kind and subject of what relieves it.

    Every city has money of its own, so that only the days of the city which waited for it longest
    count. Zones that lie dormant wait for their upkeep.

    Parameters
    ----------
    waits : (1 + n_cities, n_causes) days, the province first.
    dormant : (n_cities,) zone-days.
    """
    days = {("upkeep", ""): float(dormant.sum())}
    for column, cause in enumerate(labels.causes):
        by_place = waits[:, column]
        if cause == "account:city":
            city = int(np.argmax(by_place[1:]))
            days["account", account_of(labels.cities[city])] = float(by_place[1 + city])
        else:
            days[_RELIEVED_BY.get(cause, ("pool", cause))] = float(by_place.sum())
    return [lack for lack in sorted(days, key=lambda lack: -days[lack]) if days[lack] > 0]


_RELIEVED_BY = {
    "window": ("windows", ""),
    "wip_limit": ("wip_limit", ""),
    "account:province": ("account", PROVINCE),
}
"""What relieves each cause of waiting but the posts of a pool and a city's own money."""


def remedy_of(kind: str, subject: str, price: int, planned: Outcomes, relieved: Outcomes) -> Remedy:
    """Return what relieving one thing does to the same replications.

    Parameters
    ----------
    price : rupiah more in the budget.
    """
    in_odds = relieved.all_cities - planned.all_cities
    in_number = (relieved.cities - planned.cities).sum(axis=1)
    difference, expected = mean_changes(planned, in_odds, in_number)
    n_met = int(planned.is_met.sum())
    return Remedy(
        kind=kind,
        subject=subject,
        rescued=int(np.sum(relieved.is_met & ~planned.is_met)),
        n_failed=len(planned.is_met) - n_met,
        harmed=int(np.sum(planned.is_met & ~relieved.is_met)),
        n_met=n_met,
        odds=float(relieved.all_cities.mean()),
        difference=difference,
        expected_cities=expected,
        price=price,
    )


def ranked(remedies: list[Remedy], odds: float) -> tuple[Remedy, ...]:
    """Return remedies, the best first; equal ones in their order."""
    is_rare = odds < RARE
    return tuple(sorted(remedies, key=lambda one: -one.leading(is_rare=is_rare).value))


def read_remedies(document: Any) -> Remedies | None:
    """Read `remedies` of a kept answer back; None if it is not what is written there."""
    try:
        if document["withheld"] is not None:
            return withhold(WITHHELD[WITHHELD.index(document["withheld"])])
        unlimited = document["unlimited"]
        return Remedies(
            replications=read_count(document["replications"]),
            odds=read_number(document["odds"]),
            tried=tuple(map(_read_remedy, document["tried"])),
            unlimited=None if unlimited is None else _read_remedy(unlimited),
        )
    except UNFIT:
        return None


def _read_remedy(entry: Any) -> Remedy:
    return Remedy(
        kind=read_text(entry["relieved"]),
        subject=read_text(entry["subject"]),
        rescued=read_count(entry["rescued"]),
        n_failed=read_count(entry["of_failed"]),
        harmed=read_count(entry["harmed"]),
        n_met=read_count(entry["of_met"]),
        odds=read_number(entry["odds"]),
        difference=read_estimate(entry["difference"]),
        expected_cities=read_estimate(entry["expected_cities"]),
        price=read_count(entry["price"]),
    )

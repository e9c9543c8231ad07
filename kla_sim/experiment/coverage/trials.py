"""One promise of an interval, and how often it was kept in many trials."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

LEVEL = 0.95

_TOO_MANY = 3.0
"""Standard errors below the promise at which a measured coverage is called short."""


class Promise(NamedTuple):
    """What an interval promises, and how to try it.

    Attributes
    ----------
    name : texts stand in the catalogue `intervals`.
    setting : of what and how much, in figures or words of the program.
    keep : given a number of trials and a seed, returns in how many the truth was inside; a share
        of a trial where a range is to hold a share of something.
    level : share of trials in which the truth is to be inside.
    known : what an interval that is known to fall short keeps at least (docs/credibility.md).
    cost : trials of which as many take as long as one of a plain interval.
    """

    name: str
    setting: str
    keep: Callable[[int, int], float]
    level: float = LEVEL
    known: float | None = None
    cost: int = 1

    def try_out(self, trials: int, seed: int) -> Coverage:
        """Measure how often the promise is kept."""
        n = max(20, trials // self.cost)
        measured = float(self.keep(n, seed)) / n  # trials count in numpy's numbers, JSON does not
        return Coverage(self.name, self.setting, self.level, self.known, measured, n)


class Coverage(NamedTuple):
    """What was promised and what was measured."""

    name: str
    setting: str
    promised: float
    known: float | None
    measured: float
    trials: int

    @property
    def standard_error(self) -> float:
        """Standard error of what was measured, were the promise kept exactly."""
        return math.sqrt(self.promised * (1.0 - self.promised) / self.trials)

    @property
    def is_short(self) -> bool:
        """Whether it keeps clearly less than promised."""
        return self.measured < self.promised - _TOO_MANY * self.standard_error

    @property
    def is_kept(self) -> bool:
        """Whether it keeps what is promised, or what is said of it."""
        said = self.promised if self.known is None else self.known
        error = math.sqrt(said * (1.0 - said) / self.trials)
        return self.measured >= said - _TOO_MANY * error

    def entry(self) -> dict[str, Any]:
        """Return it as `selftest --intervals --json` lists it."""
        return {
            **self._asdict(),
            "standard_error": self.standard_error,
            "is_short": self.is_short,
            "passed": self.is_kept,
        }

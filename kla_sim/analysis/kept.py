"""Numbers read back from a kept answer, which anybody may have changed since.

Called by `remedies` and by the list of runs. What is not what this program writes raises one of the
errors in `UNFIT`.
"""

from __future__ import annotations

import math
from typing import Any

from kla_sim.analysis.estimate import Estimate

UNFIT = (KeyError, TypeError, ValueError, OverflowError)


def read_estimate(entry: Any) -> Estimate:
    """Return an estimate as it was written down."""
    value, low, high, level = (read_number(entry[name]) for name in Estimate._fields[:4])
    method, n = read_text(entry["method"]), read_count(entry["replications"])
    return Estimate(value, low, high, level, method, n)


def read_number(value: Any) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("number")
    return float(value)


def read_count(value: Any) -> int:
    """Return a whole number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("count")
    return value


def read_text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError("text")
    return value

"""Words that the back tests of places and of provinces share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kla_sim.language import number

if TYPE_CHECKING:
    from kla_sim.analysis.forecast_scores import Difference


def verdict(low: float, high: float) -> str:
    """Return which sentence an interval of score differences to the model asks for."""
    if high < 0:
        return "verdict_better"
    return "verdict_worse" if low > 0 else "verdict_open"


def interval_words(difference: Difference | None, digits: int = 3) -> str:
    """Return a difference with its interval; nothing where there is none."""
    if difference is None:
        return ""
    values = (difference.value, difference.low, difference.high)
    middle, low, high = (number(value, digits) for value in values)
    return f"{middle} ({low} … {high})"

"""Words that fits and back tests share, in tables and in plots."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import category, number, text

if TYPE_CHECKING:
    from kla_sim.analysis.forecast_scores import Difference

_ = partial(text, "calibration")


def parameter_label(name: str) -> str:
    """Return the name of a parameter in words."""
    if name.startswith("strictness_") and name != "strictness_sd":
        return _("parameter_strictness", year=name.removeprefix("strictness_"))
    return _(f"parameter_{name}")


def check_label(label: str) -> str:
    """Return what a check counts in words: a category, or fall, stay and rise."""
    return category(label) if label in CATEGORIES else _(label)


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

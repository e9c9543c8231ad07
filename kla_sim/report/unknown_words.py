"""What is not known, in words: each unknown by a name that a planner reads."""

from __future__ import annotations

from functools import partial

from kla_sim.engine.in_worlds import Unknown
from kla_sim.language import text
from kla_sim.scenario.model import Scenario

_ = partial(text, "sensitivity")


def phrase_unknown(unknown: Unknown, scenario: Scenario) -> str:
    """Return in words what is not known."""
    kind, subject = unknown
    if kind == "law":
        return _(f"law_{subject}")
    city = scenario.cities[subject].name if subject in scenario.cities else ""
    return _(f"unknown_{kind}", path=subject, city=city)

"""What is not known, in words: each unknown by a name that a planner reads."""

from __future__ import annotations

from functools import partial

from kla_sim.engine.in_worlds import Unknown
from kla_sim.language import current, messages, text
from kla_sim.scenario.model import Scenario

_ = partial(text, "sensitivity")


def phrase_unknown(unknown: Unknown, scenario: Scenario) -> str:
    """Return in words what is not known; a path that has no words of its own stands for itself."""
    kind, subject = unknown
    if kind == "law":
        return _(f"law_{subject}")
    city = scenario.cities[subject].name if subject in scenario.cities else ""
    path = messages(current(), "sensitivity").get(f"path_{subject}", subject)
    return _(f"unknown_{kind}", path=path, city=city)

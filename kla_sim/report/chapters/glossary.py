"""The words of a report, each in a sentence."""

from __future__ import annotations

from functools import partial

from kla_sim.language import text
from kla_sim.report.blocks import Chapter, Terms

_ = partial(text, "glossary")

TERMS = (
    "kaltara", "kla", "utama", "simulation", "odds", "interval", "worlds", "claimed", "verified",
    "evidence", "zone", "launch", "rptra", "rbra", "facilitator", "budget", "spent", "lapsed",
    "dormant", "waiting", "rework", "one_step_up", "confirmation", "background", "jury",
    "attainment", "seed", "digest", "p10",
)  # fmt: skip


def glossary_chapter() -> Chapter:
    """Return the words that a reader may not know."""
    entries = tuple((_(f"name_{term}"), _(f"said_{term}")) for term in TERMS)
    return Chapter("glossary", _("title"), (Terms(entries),))

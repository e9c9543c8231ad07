"""The events of one simulation in words: what happened, to what, and the numbers that tell more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kla_sim import language
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import number, rupiah, text

if TYPE_CHECKING:
    from kla_sim.engine.reference import TraceEvent
    from kla_sim.engine.structure import Labels

_ = partial(text, "answers")


def phrase_what(event: TraceEvent) -> str:
    """Return what happened."""
    return _(f"what_{event.what}")


def phrase_subject(event: TraceEvent, labels: Labels) -> str:
    """Return what it happened to: the province or a region by its name, all else by its key."""
    names = {"province": _("province"), **dict(zip(labels.cities, labels.city_names, strict=True))}
    return names.get(event.subject, event.subject)


def phrase_detail(event: TraceEvent) -> str:
    """Return the numbers of an event."""
    return ", ".join(
        _(f"detail_{key}", value=_shown(key, value)) for key, value in event.detail.items()
    )


def _shown(key: str, value: Any) -> str:
    """Return a number of an event as people write it: money, points, a category, a count."""
    if key in ("cost", "amount"):
        return rupiah(value)
    if key == "category":
        return language.category(CATEGORIES[value])
    return number(value, 1) if isinstance(value, float) else str(value)

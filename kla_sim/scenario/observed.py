"""What has been seen since the start, by a status date; the rest is simulated from that day on."""

# ruff: noqa: RUF012  pydantic copies a field's default for each model

from __future__ import annotations

from kla_sim.domain.categories import Category
from kla_sim.scenario.part import Part
from kla_sim.scenario.quantities import Count, Date, Identifier, Rupiah, Year


class ObservedWork(Part):
    """One piece of work that has begun, and when it was finished, if it was."""

    started: Date
    finished: Date | None = None


class ObservedSpending(Part):
    """What the accounts have paid in the fiscal year of the status date."""

    province: Rupiah = 0
    cities: dict[Identifier, Rupiah] = {}


class Observed(Part):
    """What is known by a status date: awards, launched zones, work, money."""

    date: Date
    awards: dict[Year, dict[Identifier, Category]] = {}
    launched: dict[Identifier, dict[Count, Date]] = {}
    work: dict[str, ObservedWork] = {}
    spent: ObservedSpending = ObservedSpending()

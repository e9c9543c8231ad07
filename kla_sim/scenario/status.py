"""What is left of a plan on its status date: the day, the cycles, the zones and the work to come.

Without `observed` that day is the start, and all of it is still to come. Read by the lint, the
engine and the report. Not here: how what was observed is written (`observed`), and what it says of
what cannot be seen (`engine.status_date`).
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from kla_sim.domain.categories import category_number
from kla_sim.scenario.model import City, Scenario
from kla_sim.scenario.observed import ObservedWork


class ZoneToCome(NamedTuple):
    """A planned zone that is not launched: its number from 1, and its stage (None: the start)."""

    number: int
    stage: int | None


def today(scenario: Scenario) -> dt.date:
    """Return the day from which everything is still to come."""
    return scenario.observed.date if scenario.observed else scenario.start


def rest_of(scenario: Scenario) -> Scenario:
    """Return what is left of a scenario at its status date: that day is the start, the past is cut.

    A cycle whose evidence has closed while its awards are still to come closes on the status date.
    What was observed stays written down; without observations nothing changes.
    """
    if scenario.observed is None:
        return scenario
    day = scenario.observed.date
    cycles = {
        year: cycle.model_copy(update={"evidence_closes": max(day, cycle.evidence_closes)})
        for year, cycle in scenario.evaluation.cycles.items()
        if cycle.award > day
    }
    evaluation = scenario.evaluation.model_copy(update={"cycles": cycles})
    return scenario.model_copy(update={"start": day, "evaluation": evaluation})


def seen(scenario: Scenario, instance: str) -> ObservedWork | None:
    """Return what was observed of one piece of work, such as `jakarta_barat/zone-2/site`."""
    return scenario.observed.work.get(instance) if scenario.observed else None


def spent(scenario: Scenario, city: str) -> int:
    """Return what an account has paid in the fiscal year of the status date; "" = the province."""
    if scenario.observed is None:
        return 0
    paid = scenario.observed.spent
    return paid.cities.get(city, 0) if city else paid.province


def n_planned(city: City) -> int:
    """Return how many zones a city plans in all."""
    planned = city.zones.planned
    return planned if isinstance(planned, int) else sum(planned.values())


def launched(scenario: Scenario, city: str) -> dict[int, dt.date]:
    """Return number and day of launch of the planned zones launched by the status date."""
    return scenario.observed.launched.get(city, {}) if scenario.observed else {}


def zones_to_come(scenario: Scenario, name: str) -> list[ZoneToCome]:
    """Return the planned zones of a city that are not launched, in their order."""
    gone = launched(scenario, name)
    stages = enumerate(_stages(scenario.cities[name]), start=1)
    return [ZoneToCome(number, stage) for number, stage in stages if number not in gone]


def is_begun(scenario: Scenario, city: str, zone: ZoneToCome) -> bool:
    """Return whether some work of a zone was observed."""
    work = scenario.observed.work if scenario.observed else {}
    return any(name.startswith(f"{city}/zone-{zone.number}/") for name in work)


def instances_to_start(scenario: Scenario, kit: str, name: str) -> list[str]:
    """Return the cities in which some work of this kind has still to begin; "" = the province."""
    if kit == "province":
        return [] if seen(scenario, f"province/{name}") else [""]
    if kit == "city":
        return [
            key
            for key, city in scenario.cities.items()
            if name not in city.done and not seen(scenario, f"{key}/{name}")
        ]
    return [
        key
        for key in scenario.cities
        if any(
            not seen(scenario, f"{key}/zone-{zone.number}/{name}")
            for zone in zones_to_come(scenario, key)
        )
    ]


def standing(scenario: Scenario, name: str) -> int | None:
    """Return the category a city holds today, as a number; None if that is not known."""
    awards = scenario.observed.awards if scenario.observed else {}
    known = [awards[year][name] for year in sorted(awards) if name in awards[year]]
    category = known[-1] if known else scenario.cities[name].award.category
    return None if category == "unknown" else category_number(category)


def _stages(city: City) -> list[int | None]:
    planned = city.zones.planned
    if isinstance(planned, int):
        return [None] * planned
    return [year for year, count in sorted(planned.items()) for _ in range(count)]

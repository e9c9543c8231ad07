"""One schedule without chance: whether the plan fits if all goes well.

The one future of the plan at its central values (`engine.central`), which every seed and either
engine give alike. It is told, not kept: no odds come of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.plan import Plan
from kla_sim.experiment.trace import Future, trace_document, trace_future
from kla_sim.scenario.model import Scenario


class Zone(NamedTuple):
    """A planned zone.

    Attributes
    ----------
    city, number : of the zone.
    stage_day : the first day on which it may begin, from the start.
    launch_day : None = not up to the horizon.
    unfinished : its first piece of work not complete by the horizon; empty if there is none.
    """

    city: str
    number: int
    stage_day: int
    launch_day: int | None
    unfinished: str


class Schedule(NamedTuple):
    """What becomes of a plan if all goes well.

    Attributes
    ----------
    last_day : the last day on which a zone still counts: the evidence day of the last cycle held
        whose awards come by the deadline; the deadline itself where there is none.
    zones : those to come, in the order of the plan.
    launched_before : by city, zones launched between the start and the status date.
    """

    future: Future
    last_day: int
    zones: list[Zone]
    launched_before: dict[str, int]

    @property
    def plan(self) -> Plan:
        """The plan without chance."""
        return self.future.plan

    @property
    def late(self) -> list[Zone]:
        """The zones that do not stand by the last day."""
        return [zone for zone in self.zones if not self.is_in_time(zone)]

    def is_in_time(self, zone: Zone) -> bool:
        """Return whether a zone stands by the last day."""
        return zone.launch_day is not None and zone.launch_day <= self.last_day

    def counts(self, city: str) -> dict[str, int]:
        """Return how many zones of a city are planned, in time, launched late, and not at all."""
        own, before = [z for z in self.zones if z.city == city], self.launched_before[city]
        in_time = sum(self.is_in_time(zone) for zone in own)
        never = sum(zone.launch_day is None for zone in own)
        return {
            "planned": before + len(own),
            "in_time": before + in_time,
            "late": len(own) - in_time - never,
            "never": never,
        }

    def document(self) -> dict[str, Any]:
        """Return what `run --central --json` says, days from the start."""
        told, result = trace_document(self.future), self.future.result
        labels = self.plan.labels
        return {
            "target_met": bool(result.is_met[0]),
            "last_evidence_day": self.last_day,
            "cities": {
                city: {
                    "zones": self.counts(city),
                    "scores": told["scores"][city],
                    "standing": told["standing"][city],
                    "meets_target": bool(result.standing[0, place] >= self.plan.structure.target),
                    "waits": told["waits"][city],
                    "dormant_days": told["dormant_days"][city],
                }
                for place, city in enumerate(labels.cities)
            },
            "late": [zone._asdict() for zone in self.late],
            "money": told["money"],
        }

    def category_of(self, city: str) -> str:
        """Return the category that stands on the deadline."""
        place = self.plan.labels.cities.index(city)
        return str(CATEGORIES[self.future.result.standing[0, place]])


def schedule(scenario: Scenario) -> Schedule:
    """Return the one schedule of a plan without chance.

    Raises
    ------
    UsageError : this machine cannot hold the plan.
    """
    future = trace_future(scenario, 0, 0, central=True)
    structure, labels, result = future.plan.structure, future.plan.labels, future.result
    counted = [
        int(evidence)
        for evidence, award in zip(result.evidence_day[0], result.award_day[0], strict=True)
        if 0 <= award <= structure.deadline_day
    ]
    before = structure.existing_zones - structure.reference_zones
    return Schedule(
        future,
        max(counted, default=structure.deadline_day),
        list(_zones(future)),
        dict(zip(labels.cities, before.tolist(), strict=True)),
    )


def _zones(future: Future) -> Iterator[Zone]:
    structure, labels = future.plan.structure, future.plan.labels
    for zone in range(structure.n_zones):
        city = int(structure.zone_city[zone])
        acts = [act for act in range(structure.n_activities) if structure.act_zone[act] == zone]
        finish = {act: _finish(future, act) for act in acts}
        launching = [
            finish[act] for act in acts if structure.kind_launches[structure.act_kind[act]]
        ]
        days = [day for day in launching if day is not None]
        is_launched = bool(launching) and len(days) == len(launching)
        unfinished = [labels.activities[act] for act in acts if finish[act] is None]
        yield Zone(
            labels.cities[city],
            int(structure.zone_number[zone]),
            int(structure.zone_stage_day[zone]),
            max(days) if is_launched else None,
            unfinished[0].rpartition("/")[2] if unfinished else "",
        )


def _finish(future: Future, act: int) -> int | None:
    """Return the day on which an activity is complete; None = not up to the horizon."""
    structure, attempts = future.plan.structure, future.trace.attempts[act]
    if structure.act_finished[act]:
        return 0
    if not attempts or attempts[-1].finish > structure.horizon_day:
        return None
    return attempts[-1].finish

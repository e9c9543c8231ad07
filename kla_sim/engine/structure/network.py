"""The network of activities: which work is done where, and what waits for what.

Work of the province, then city by city its own work and its zones. Not here: what a piece of work
needs and pays (`kinds`), and which posts there are (`posts`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np

from kla_sim.engine.structure.codes import CITY, PROVINCE, ZONE
from kla_sim.engine.structure.kinds import Kind
from kla_sim.engine.structure.rows import day_number, first_places, ints, streams
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.status import ZoneToCome, is_begun, seen, zones_to_come


class Network(NamedTuple):
    """The activities one by one, as lists, before they become arrays."""

    names: list[str]
    kind: list[int]
    city: list[int]
    zone: list[int]
    zone_city: list[int]
    zone_number: list[int]
    zone_stage_day: list[int]
    zone_act_first: list[int]
    city_act_first: list[int]
    city_zone_first: list[int]


def list_activities(scenario: Scenario, kinds: list[Kind]) -> Network:
    """Return all work but that of zones already launched, in the order of its indices."""
    places = {kit: [i for i, kind in enumerate(kinds) if kind.kit == kit] for kit in range(3)}
    network = Network([], [], [], [], [], [], [], [], [], [0])

    def add(kit: int, prefix: str, city: int, zone: int) -> None:
        for kind in places[kit]:
            network.names.append(f"{prefix}/{kinds[kind].name}")
            network.kind.append(kind)
            network.city.append(city)
            network.zone.append(zone)

    add(PROVINCE, "province", -1, -1)
    for city, name in enumerate(scenario.cities):
        network.city_act_first.append(len(network.names))
        add(CITY, name, city, -1)
        for zone in zones_to_come(scenario, name):
            network.zone_act_first.append(len(network.names))
            network.zone_city.append(city)
            network.zone_number.append(zone.number)
            network.zone_stage_day.append(_stage_day(scenario, name, zone))
            add(ZONE, f"{name}/zone-{zone.number}", city, len(network.zone_city) - 1)
        network.city_zone_first.append(len(network.zone_city))
    network.city_act_first.append(len(network.names))
    return network


def _stage_day(scenario: Scenario, city: str, zone: ZoneToCome) -> int:
    """Return the day from which work on a zone may begin; 0 where some of it has."""
    if zone.stage is None or is_begun(scenario, city, zone):
        return 0
    return max(0, day_number(scenario, dt.date(zone.stage, 1, 1)))


def activity_arrays(scenario: Scenario, kinds: list[Kind], network: Network) -> dict[str, Any]:
    """Return the arrays of activities and zones."""
    done_of_city = [set(city.done) for city in scenario.cities.values()]
    done = [
        kinds[kind].kit == CITY and kinds[kind].name in done_of_city[city]
        for kind, city in zip(network.kind, network.city, strict=True)
    ]
    begun = [seen(scenario, name) for name in network.names]
    finished = [work is not None and work.finished is not None for work in begun]
    elapsed = [
        -1 if work is None or work.finished else (scenario.start - work.started).days
        for work in begun
    ]
    is_over = [any(ends) for ends in zip(done, finished, strict=True)]
    successors, n_before = _links(kinds, network, is_over)
    return {
        "act_kind": ints(network.kind),
        "act_city": ints(network.city),
        "act_zone": ints(network.zone),
        "act_done": np.array(done, dtype=np.bool_),
        "act_finished": np.array(finished, dtype=np.bool_),
        "act_elapsed": ints(elapsed),
        "act_n_before": ints(n_before),
        "after_first": first_places([len(entries) for entries in successors]),
        "after_act": ints(index for entries in successors for index in entries),
        "duration_stream": streams(f"{name}/duration" for name in network.names),
        "cost_stream": streams(f"{name}/cost" for name in network.names),
        "acceptance_stream": streams(f"{name}/acceptance" for name in network.names),
        "city_act_first": ints(network.city_act_first),
        "zone_city": ints(network.zone_city),
        "zone_number": ints(network.zone_number),
        "zone_stage_day": ints(network.zone_stage_day),
        "zone_act_first": ints(network.zone_act_first),
        "city_zone_first": ints(network.city_zone_first),
    }


def _links(
    kinds: list[Kind], network: Network, is_over: list[bool]
) -> tuple[list[list[int]], list[int]]:
    """Return who waits for each piece of work, and for how many others each waits.

    Parameters
    ----------
    is_over : nobody waits for this work any more.
    """
    place = {name: index for index, name in enumerate(network.names)}
    successors: list[list[int]] = [[] for _ in network.names]
    n_before = [0] * len(network.names)
    for index, (name, kind) in enumerate(zip(network.names, network.kind, strict=True)):
        kit_prefix, _, _ = name.rpartition("/")
        city_prefix = kit_prefix.partition("/")[0]
        for reference in dict.fromkeys(kinds[kind].activity.after):
            kit, _, entry = reference.rpartition(".")
            prefix = {"": kit_prefix, "province": "province", "city": city_prefix}[kit]
            before = place[f"{prefix}/{entry}"]
            if not is_over[before]:
                successors[before].append(index)
                n_before[index] += 1
    return successors, n_before

"""The kit of zones as arrays: which activity earns which mark, and what is counted by region."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.formulas import quantile
from kla_sim.engine.plan import Plan
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import INTEGRATION, LAUNCH, N_GROUPS, ZONE


def zone_activities(s: Structure) -> IntArray:
    """Return the activities of each zone, (n_zones, n_kit), in the order of the kit."""
    n_kit = int((s.kind_kit == ZONE).sum())
    activities: IntArray = s.zone_act_first[:, None] + np.arange(n_kit)
    return activities


def zone_marks(s: Structure) -> IntArray:
    """Return 1 where an activity of the kit earns a mark, (n_kit, N_GROUPS + 2)."""
    kinds = np.flatnonzero(s.kind_kit == ZONE)
    marks = np.zeros((len(kinds), N_GROUPS + 2), np.int64)
    opens = s.kind_opens[kinds]
    marks[np.flatnonzero(opens >= 0), opens[opens >= 0]] = 1
    marks[:, INTEGRATION] = s.kind_integrates[kinds]
    marks[:, LAUNCH] = s.kind_launches[kinds]
    return marks


def marking_activities(s: Structure, mark: int) -> IntArray:
    """Return the activities of each zone that earn a service, or that integrate or launch it.

    Parameters
    ----------
    mark : number of a group of services, or INTEGRATION for integration and launch together.

    Returns
    -------
    (n_zones, n) activities
    """
    marks = zone_marks(s)
    earns = marks[:, INTEGRATION] | marks[:, LAUNCH] if mark == INTEGRATION else marks[:, mark]
    return zone_activities(s)[:, np.flatnonzero(earns)]


def least_work(plan: Plan) -> FloatArray:
    """Return the days from a zone's stage to the end of each activity if nothing holds it up.

    Durations at their medians, first attempts accepted, and all the learning there can be.

    Returns
    -------
    (n_worlds, n_zones, n_kit) days
    """
    s = plan.structure
    kinds = np.flatnonzero(s.kind_kit == ZONE)
    paths = np.zeros((len(plan.values), len(s.zone_city), len(kinds)))
    if not paths.size:
        return paths
    first = int(s.zone_act_first[0])
    inside = [
        [act - first for act in range(first, first + len(kinds)) if later + first in after(s, act)]
        for later in range(len(kinds))
    ]
    for world, values in enumerate(plan.values):
        path = np.zeros(len(kinds))
        median = [quantile(values.duration[kind], 0.5, plan.tables) for kind in kinds]
        for _pass in kinds:  # settled after as many rounds as the longest chain has links
            ahead = [max((path[before] for before in befores), default=0.0) for befores in inside]
            path = np.add(ahead, median)
        learned = values.learning_floor if values.learning_rate < 1.0 else 1.0
        paths[world] = learned * values.city_duration[s.zone_city][:, None] * path
    return paths


def after(s: Structure, act: int) -> list[int]:
    """Return the activities that wait for one."""
    found: list[int] = s.after_act[s.after_first[act] : s.after_first[act + 1]].tolist()
    return found


def last_due(due: IntArray, activities: IntArray) -> IntArray:
    """Return the one of some activities of each zone that is complete last, the first of equals.

    Parameters
    ----------
    due : (n, n_activities) see `chains.Chains`.
    activities : (n_zones, n) at least one for each zone.

    Returns
    -------
    (n, n_zones) activities
    """
    last = due[:, activities].argmax(axis=2)
    found: IntArray = activities[np.arange(len(activities)), last]
    return found


def by_city(s: Structure, of_zones: Any) -> Any:
    """Add up what zones have by region: from (n, n_zones, ...) to (n, n_cities, ...)."""
    in_city = (np.arange(s.n_cities)[:, None] == s.zone_city).astype(np.float64)
    total = np.moveaxis(np.tensordot(of_zones.astype(np.float64), in_city, axes=(1, 1)), -1, 1)
    return total if of_zones.dtype == np.float64 else np.rint(total).astype(np.int64)

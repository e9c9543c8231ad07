"""Kinds of work: the entries of the three kits, and what each needs, pays and may wait for.

Not here: how often an entry is done, where, and after what (`network`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from kla_sim.domain.indicators import GROUPS
from kla_sim.engine.structure.codes import CITY, PROVINCE
from kla_sim.engine.structure.rows import first_places, ints
from kla_sim.scenario.model import Activity, Scenario, WideActivity, ZoneActivity


class Kind(NamedTuple):
    """An entry of a kit."""

    kit: int
    name: str
    activity: Activity


def list_kinds(scenario: Scenario) -> list[Kind]:
    """Return the entries of the three kits: province, city, zone, each in the order of the file."""
    work = scenario.work
    kits: list[Mapping[str, Activity]] = [work.province, work.city, work.zone]
    return [
        Kind(kit, name, activity)
        for kit, entries in enumerate(kits)
        for name, activity in entries.items()
    ]


def closes_gap_of(activity: Activity) -> dict[int, float]:
    """Return the share of each group's gap that an activity closes, by group number."""
    if not isinstance(activity, WideActivity):
        return {}
    return {GROUPS.index(group): share for group, share in activity.closes_gap.items()}


def list_windows(kinds: list[Kind]) -> list[tuple[int, int]]:
    """Return the windows of all kinds, each once: first and last day of the year."""
    found = {
        (kind.activity.window.from_, kind.activity.window.to): None
        for kind in kinds
        if kind.activity.window is not None
    }
    return list(found)


def kind_arrays(
    scenario: Scenario, kinds: list[Kind], windows: list[tuple[int, int]]
) -> dict[str, Any]:
    """Return the arrays of kinds."""
    resources = list(scenario.resources)
    needs = [list(kind.activity.needs.items()) for kind in kinds]
    pays = [list(kind.activity.paid_by.items()) for kind in kinds]
    return {
        "kind_kit": ints(kind.kit for kind in kinds),
        "kind_rank": np.array([kind.activity.rank for kind in kinds], dtype=np.float64),
        "kind_window": ints(
            -1
            if kind.activity.window is None
            else windows.index((kind.activity.window.from_, kind.activity.window.to))
            for kind in kinds
        ),
        "kind_opens": ints(
            GROUPS.index(kind.activity.opens)
            if isinstance(kind.activity, ZoneActivity) and kind.activity.opens
            else -1
            for kind in kinds
        ),
        "kind_integrates": np.array(
            [getattr(kind.activity, "integrates", False) for kind in kinds], dtype=np.bool_
        ),
        "kind_launches": np.array(
            [getattr(kind.activity, "launches", False) for kind in kinds], dtype=np.bool_
        ),
        "need_first": first_places([len(need) for need in needs]),
        "need_resource": ints(resources.index(name) for need in needs for name, _ in need),
        "need_units": ints(units for need in needs for _, units in need),
        "pay_first": first_places([len(pay) for pay in pays]),
        "pay_payer": ints(
            PROVINCE if payer == "province" else CITY for pay in pays for payer, _ in pay
        ),
        "pay_share": ints(share for pay in pays for _, share in pay),
    }

"""Dates: start, horizon and deadline, awards held, cycles of evaluation, steps of capacity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.model import Capacity, Scenario

_MOST_YEARS = 100


def check_calendar(scenario: Scenario) -> Iterator[Problem]:
    """Yield dates that cannot be."""
    start, horizon, deadline = scenario.start, scenario.horizon, scenario.target.deadline
    if horizon < start:
        yield Problem("horizon_before_start", ("horizon",), {"start": start})
    elif horizon.year - start.year > _MOST_YEARS:
        yield Problem("horizon_too_far", ("horizon",), {"start": start, "most": _MOST_YEARS})
    if deadline > horizon:
        yield Problem("deadline_after_horizon", ("target", "deadline"), {"horizon": horizon})
    elif deadline < start:
        yield Problem("deadline_before_start", ("target", "deadline"), {"start": start})
    for name, city in scenario.cities.items():
        if city.award.date > start:
            yield Problem("award_after_start", ("cities", name, "award", "date"), {"start": start})
    yield from _check_cycles(scenario)
    for name, resource in scenario.resources.items():
        path = ("resources", name)
        yield from _check_steps(resource.capacity, (*path, "capacity"), start)
        for city_name, capacity in resource.per_city.items():
            yield from _check_steps(capacity, (*path, "per_city", city_name), start)


def _check_cycles(scenario: Scenario) -> Iterator[Problem]:
    cycles = sorted(scenario.evaluation.cycles.items())
    for year, cycle in cycles:
        path = ("evaluation", "cycles", str(year))
        if cycle.evidence_closes < scenario.start:
            yield Problem(
                "evidence_before_start", (*path, "evidence_closes"), {"start": scenario.start}
            )
        if cycle.award < cycle.evidence_closes:
            yield Problem(
                "award_before_evidence", (*path, "award"), {"evidence": cycle.evidence_closes}
            )
    for (year, cycle), (following, later) in pairwise(cycles):
        if later.evidence_closes < cycle.evidence_closes:
            fields = {"year": str(year), "evidence": cycle.evidence_closes}
            here = ("evaluation", "cycles", str(following), "evidence_closes")
            yield Problem("cycles_out_of_order", here, fields)


def _check_steps(capacity: Capacity, path: Keys, start: dt.date) -> Iterator[Problem]:
    if isinstance(capacity, int):
        return
    days = [step.from_ for step in capacity]
    if min(days) > start:
        fields = {
            "first": min(days),
            "start": start,
            "year": str(start.year),
            "day": start.isoformat(),
        }
        yield Problem("capacity_begins_late", path, fields, of_key=True)
    for place, day in enumerate(days):
        if day in days[:place]:
            yield Problem("step_twice", (*path, str(place), "from"))

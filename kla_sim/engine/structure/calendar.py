"""The calendar: evaluation cycles, open windows, and the agenda of what each day brings.

Not here: how people write days (`scenario.dates`), and what happens on them (the engines).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np

from kla_sim.arrays import BoolArray, IntArray, StreamArray
from kla_sim.domain.days import add_months, day_in_year, day_of_year
from kla_sim.engine.structure import Labels
from kla_sim.engine.structure.codes import CAPACITY, EVIDENCE, RELEASE, STAGE, WINDOW, YEAR
from kla_sim.engine.structure.network import Network
from kla_sim.engine.structure.posts import Pool
from kla_sim.engine.structure.rows import day_number, ints, streams
from kla_sim.scenario.model import Scenario


def cycle_arrays(scenario: Scenario, labels: Labels) -> dict[str, Any]:
    """Return the arrays of evaluation cycles."""
    evaluation = scenario.evaluation
    cycles = [evaluation.cycles[year] for year in labels.cycles]
    months = [(cycle.slip or evaluation.calendar.slip).months for cycle in cycles]

    def slipped(days: Iterable[dt.date]) -> IntArray:
        return ints(
            day_number(scenario, add_months(day, count))
            for day, count in zip(days, months, strict=True)
        )

    def of_cycle(what: str) -> StreamArray:
        return streams(f"cycle-{year}/{what}" for year in labels.cycles)

    def of_city_and_cycle(what: str) -> StreamArray:
        names = (f"{city}/cycle-{year}/{what}" for city in labels.cities for year in labels.cycles)
        return streams(names).reshape(len(labels.cities), len(labels.cycles))

    return {
        "cycle_evidence_day": ints(day_number(scenario, c.evidence_closes) for c in cycles),
        "cycle_award_day": ints(day_number(scenario, c.award) for c in cycles),
        "cycle_slipped_evidence_day": slipped(c.evidence_closes for c in cycles),
        "cycle_slipped_award_day": slipped(c.award for c in cycles),
        "cancelled_stream": of_cycle("cancelled"),
        "slip_stream": of_cycle("slip"),
        "strictness_stream": of_cycle("strictness"),
        "noise_stream": of_city_and_cycle("noise"),
        "cap_stream": of_city_and_cycle("cap"),
        "background_stream": of_city_and_cycle("background"),
    }


def agenda_arrays(
    scenario: Scenario,
    windows: list[tuple[int, int]],
    network: Network,
    pools: list[Pool],
    labels: Labels,
) -> dict[str, Any]:
    """List what the calendar brings in every replication; slips, awards, departures come later."""
    agenda: list[tuple[int, int, int]] = []
    release = scenario.accounts.release
    for place, year in enumerate(labels.years):
        agenda.append((max(0, day_number(scenario, dt.date(year, 1, 1))), YEAR, place))
        for tranche, of_year in enumerate(release):
            day = max(0, day_number(scenario, day_in_year(year, of_year)))
            agenda.append((day, RELEASE, place * len(release) + tranche))
    steps = [day for pool in pools for day, _ in pool.steps[1:]]
    agenda += [(day, CAPACITY, number) for number, day in enumerate(steps)]
    agenda += [(day, STAGE, zone) for zone, day in enumerate(network.zone_stage_day)]
    window_open = _window_days(scenario, windows)
    agenda += [
        (int(day) + 1, WINDOW, number)
        for number, row in enumerate(window_open)
        for day in np.flatnonzero(np.diff(row))
    ]
    cycles = [scenario.evaluation.cycles[year] for year in labels.cycles]
    agenda += [
        (day_number(scenario, cycle.evidence_closes), EVIDENCE, number)
        for number, cycle in enumerate(cycles)
    ]
    horizon_day = day_number(scenario, scenario.horizon)
    agenda = sorted(entry for entry in agenda if entry[0] <= horizon_day)
    return {
        "window_open": window_open,
        "agenda_day": ints(day for day, _, _ in agenda),
        "agenda_item": ints(item for _, item, _ in agenda),
        "agenda_number": ints(number for _, _, number in agenda),
    }


def _window_days(scenario: Scenario, windows: list[tuple[int, int]]) -> BoolArray:
    """Return whether each window is open, (n_windows, n_days)."""
    n_days = day_number(scenario, scenario.horizon) + 1
    dates = [scenario.start + dt.timedelta(days=day) for day in range(n_days)]
    of_year = ints(map(day_of_year, dates))
    rows = [
        (of_year >= first) & (of_year <= last)
        if first <= last
        else (of_year >= first) | (of_year <= last)
        for first, last in windows
    ]
    return np.array(rows, dtype=np.bool_).reshape(len(windows), n_days)

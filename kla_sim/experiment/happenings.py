"""What a planner can read of each future: what its world drew, and what happened in it.

Not here: how verdicts ended, since a rule that names them would say what it is to explain. Called
by `experiment.discover`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from kla_sim.analysis.conditional import select_rows
from kla_sim.arrays import FloatArray
from kla_sim.engine.in_worlds import InWorlds, Unknown
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import HELD, Replications, join_replications
from kla_sim.engine.structure import Labels
from kla_sim.experiment.run import StoredRun

Kind = Literal[
    "waited", "launched", "launched_city", "jury", "no_award", "appropriated", "lapsed",
    "dormant", "vacant",
]  # fmt: skip


class Happening(NamedTuple):
    """One thing that happened.

    Attributes
    ----------
    kind : activity-days that ready work waited for a cause; zones launched up to the end of a year,
        or in a city up to the deadline's; points that the jury of a cycle gave above what it
        looked at, in the mean of the cities; whether a cycle brings no award by the deadline;
        rupiah appropriated and lapsed in all; zone-days dormant; post-days vacant in a pool.
    subject : the cause, year, city, cycle or resource; empty where there is one only.
    """

    kind: Kind
    subject: str = ""

    @property
    def name(self) -> str:
        """What it is called in documents."""
        return f"{self.kind}.{self.subject}" if self.subject else self.kind


Reading = Unknown | Happening


class Readings(NamedTuple):
    """Columns that a planner reads, and their value in each future."""

    columns: tuple[Reading, ...]
    values: FloatArray  # (n, n_columns); NaN = there is nothing to read


def readings_of(plan: Plan, first: int, out: Replications, worlds: InWorlds) -> Readings:
    """Return what can be read of consecutive replications; what never differs is left out.

    Parameters
    ----------
    first : number of the first replication.
    worlds : what the worlds of the plan drew.
    """
    labels = plan.labels
    in_world = (np.arange(len(out.is_met)) + first) % plan.n_worlds
    columns: dict[Reading, FloatArray] = {
        unknown: worlds.values[in_world, place] for place, unknown in enumerate(worlds.unknowns)
    }
    waited = out.wait_days.sum(axis=1)
    for place, cause in enumerate(labels.causes):
        columns[Happening("waited", cause)] = waited[:, place]
    columns |= _of_zones(plan, out)
    columns |= _of_cycles(plan, out)
    columns[Happening("appropriated")] = out.appropriated.sum(axis=(1, 2))
    columns[Happening("lapsed")] = out.lapsed.sum(axis=(1, 2))
    columns[Happening("dormant")] = out.dormant_days.sum(axis=1)
    resources = [pool.rpartition("/")[2] for pool in labels.pools]
    for resource in dict.fromkeys(resources):
        is_of = np.array([name == resource for name in resources])
        columns[Happening("vacant", resource)] = out.vacant_days[:, is_of].sum(axis=1)
    differing = {
        column: values.astype(float)
        for column, values in columns.items()
        if len(np.unique(values[~np.isnan(values)])) > 1
    }
    return Readings(tuple(differing), np.stack(list(differing.values()), axis=1))


def _of_zones(plan: Plan, out: Replications) -> dict[Reading, FloatArray]:
    """Return the zones launched by the end of each year up to the deadline's, and by city."""
    labels = plan.labels
    n_years = labels.years.index(_deadline_year(plan)) + 1
    launches = out.launches[:, :, :n_years].astype(float)
    so_far = np.cumsum(launches.sum(axis=1), axis=1)
    by_city = launches.sum(axis=2)
    of_years: dict[Reading, FloatArray] = {
        Happening("launched", str(year)): so_far[:, place]
        for place, year in enumerate(labels.years[:n_years])
    }
    return of_years | {
        Happening("launched_city", city): by_city[:, place]
        for place, city in enumerate(labels.cities)
    }


def _of_cycles(plan: Plan, out: Replications) -> dict[Reading, FloatArray]:
    """Return how the jury of each cycle judged, and whether it brings no award by the deadline."""
    found: dict[Reading, FloatArray] = {}
    above = (out.verified - out.score).mean(axis=1)
    for place, cycle in enumerate(plan.labels.cycles):
        if cycle > _deadline_year(plan):
            break
        is_late = out.award_day[:, place] > plan.structure.deadline_day
        has_none = (out.cycle_state[:, place] != HELD) | is_late
        found[Happening("no_award", str(cycle))] = has_none.astype(float)
        found[Happening("jury", str(cycle))] = np.where(has_none, np.nan, above[:, place])
    return found


def _deadline_year(plan: Plan) -> int:
    """Return the year of the deadline."""
    return int((np.datetime64(plan.labels.start) + plan.structure.deadline_day).astype(object).year)


def read_replications(run: StoredRun) -> Replications:
    """Read all futures of a run, as many as its summary holds; the files are checked on the way."""
    first = run.folder.manifest.first
    last = first + run.summary.n
    labels: Labels = run.plan.labels
    return join_replications(
        [
            select_rows(part.replications, slice(0, last - part.first))
            for part in run.folder.read_parts(labels, last)
        ]
    )

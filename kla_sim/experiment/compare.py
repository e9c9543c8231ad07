"""Runs side by side on the same random numbers: paired differences, futures won and lost.

Replication i of two runs draws the same numbers wherever the same thing happens, so a difference
between them is the scenario's and not the luck's (common random numbers: Law 2015, section 11.2).
Futures are therefore paired by their number, over the numbers that both runs hold, and runs whose
futures are not the same futures, or whose odds are odds of another thing, are refused (`pairing`).
What is reckoned from the pairs stands in `analysis.differences`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.conditional import conditional_chances, select_rows, world_numbers
from kla_sim.analysis.counting.awards import award_days, reached_by_day
from kla_sim.analysis.counting.by_world import stretch_of
from kla_sim.analysis.differences import (
    Differences,
    HalfDates,
    Needed,
    Outcomes,
    differences,
    is_shown,
)
from kla_sim.analysis.estimate import n_groups
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.experiment.pairing import check_pairing, terms_of_run
from kla_sim.experiment.rounds import RoundCounter, Worlds, cut_by_round
from kla_sim.experiment.run import StoredRun


class Comparison(NamedTuple):
    """B against A over the replications that both have."""

    a: str
    b: str
    first: int  # number of the first replication that both have
    last: int  # of the one behind the last
    start: dt.date
    cities: tuple[str, ...]
    differences: Differences

    @property
    def is_shown(self) -> bool:
        """Whether the interval of the difference in odds excludes zero."""
        return is_shown(self.differences.odds)

    def document(self) -> dict[str, Any]:
        """Return one pair of `compare --json`."""
        found = self.differences
        all_cities, *of_cities = [self._half_document(dates) for dates in found.half_dates]
        n = self.last - self.first
        return {
            "a": self.a,
            "b": self.b,
            "first": self.first,
            "last": self.last,
            "difference": found.odds._asdict(),
            "counted": found.counted._asdict(),
            "won": found.won,
            "lost": found.lost,
            "same": n - found.won - found.lost,
            "is_shown": self.is_shown,
            "expected_cities": found.expected_cities._asdict(),
            "cities": {
                city: odds._asdict() for city, odds in zip(self.cities, found.cities, strict=True)
            },
            "reached_50": all_cities,
            "cities_reached_50": dict(zip(self.cities, of_cities, strict=True)),
            "spent": found.spent._asdict(),
            "needed": {
                "difference": _needed_document(found.needed_odds),
                "expected_cities": _needed_document(found.needed_expected),
            },
        }

    def _half_document(self, dates: HalfDates) -> dict[str, Any]:
        def date_of(day: int | None) -> str | None:
            return None if day is None else (self.start + dt.timedelta(days=day)).isoformat()

        return {
            "a": date_of(dates.a),
            "b": date_of(dates.b),
            "days": dates.days,
            "low": dates.low if np.isfinite(dates.low) else None,
            "high": dates.high if np.isfinite(dates.high) else None,
        }


def _needed_document(needed: Needed | None) -> dict[str, Any] | None:
    return None if needed is None else needed._asdict()


def compare_runs(runs: list[StoredRun]) -> list[Comparison]:
    """Compare every run with the first.

    Raises
    ------
    UsageError : futures that do not pair or odds of unlike things; names every difference.
    """
    check_pairing([terms_of_run(run) for run in runs])
    a, *others = runs
    cities = a.plan.labels.cities
    of_a = cache(lambda first, last: read_outcomes(a, first, last))
    pairs = []
    for b in others:
        first, last = common_span(a, b)
        found = differences(of_a(first, last), read_outcomes(b, first, last, cities))
        names = a.folder.path.name, b.folder.path.name
        pairs.append(Comparison(*names, first, last, a.scenario.start, tuple(cities), found))
    return pairs


def common_span(a: StoredRun, b: StoredRun) -> tuple[int, int]:
    """Return the first replication that two runs both hold, and the one behind the last."""
    manifests = a.folder.manifest, b.folder.manifest
    return (
        max(manifest.first for manifest in manifests),
        min(manifest.replications_done for manifest in manifests),
    )


def read_outcomes(
    run: StoredRun, first: int, last: int, cities: Sequence[str] | None = None
) -> Outcomes:
    """Read what the replications of these numbers say; the files are checked on the way.

    Parameters
    ----------
    cities : their order in the outcomes, where it is not that of the run.
    """
    manifest = run.folder.manifest
    plan_of = (
        RoundCounter(Worlds(run.scenario, manifest.seed)).plan_of
        if manifest.round_size
        else lambda _: run.plan
    )
    pieces = []
    for part in run.folder.read_parts(run.plan.labels, last):
        start, stop = max(part.first, first), part.first + len(part.replications.is_met)
        for here, end in cut_by_round(start, min(stop, last)) if start < stop else []:
            rows = slice(here - part.first, end - part.first)
            some = select_rows(part.replications, rows)
            pieces.append(outcomes(plan_of(here), here, some, cities))
    return join_outcomes(pieces)


def outcomes(
    plan: Plan, first: int, replications: Replications, cities: Sequence[str] | None = None
) -> Outcomes:
    """Return what consecutive replications of one plan say, the first of which has this number.

    Parameters
    ----------
    cities : their order in the outcomes, where it is not that of the plan.
    """
    order = [plan.labels.cities.index(city) for city in cities or plan.labels.cities]
    worlds, days = world_numbers(plan), award_days(plan)
    chances = conditional_chances(plan, first, replications, worlds)
    stretch = stretch_of(plan, first, replications, worlds)
    reached = np.zeros((n_groups(plan.n_worlds), len(days), 1 + plan.structure.n_cities), np.int64)
    for place, is_reached in enumerate(reached_by_day(stretch, days)):
        np.add.at(reached[:, place, 0], stretch.group, is_reached.all(axis=1))
        np.add.at(reached[:, place, 1:], stretch.group, is_reached[:, order])
    return Outcomes(
        first=first,
        n_worlds=plan.n_worlds,
        is_met=replications.is_met,
        all_cities=chances.all_cities,
        cities=chances.cities[:, order],
        days=days,
        reached=reached,
        spent=replications.spent.sum(axis=(1, 2)).astype(float),
    )


def join_outcomes(pieces: list[Outcomes]) -> Outcomes:
    """Put what consecutive replications say together."""
    return pieces[0]._replace(
        is_met=np.concatenate([piece.is_met for piece in pieces]),
        all_cities=np.concatenate([piece.all_cities for piece in pieces]),
        cities=np.concatenate([piece.cities for piece in pieces]),
        spent=np.concatenate([piece.spent for piece in pieces]),
        reached=np.sum([piece.reached for piece in pieces], axis=0),
    )

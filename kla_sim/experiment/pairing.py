"""Which runs may be set side by side: their futures pair and their odds are odds of the same thing.

Everything in which they differ is named at once, with both values and what to do. Checked before
anything is simulated, for runs that are stored and for those still to come. Other horizons are no
obstacle: the odds on the same deadline are the same question, and `report` draws each run to its
own end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from kla_sim.errors import Fault, UsageError
from kla_sim.experiment.run import RunRequest, StoredRun
from kla_sim.scenario.model import MODEL_VERSION, Scenario

Value = str | int | dt.date

_VALUES = (
    "differ_target", "differ_deadline", "differ_start", "differ_observed", "differ_seed",
    "differ_worlds", "differ_model",
)  # fmt: skip
"""The sentences on values that must be the same."""

_MOST_NAMED = 8
"""Regions of one run only that a message names."""


class Terms(NamedTuple):
    """What decides whether a run's futures pair with those of another."""

    name: str
    scenario: Scenario
    seed: int
    round_size: int
    model_version: int
    first: int  # number of the first replication
    last: int  # of the one behind the last


def terms_of_run(run: StoredRun) -> Terms:
    """Return the terms of a stored run."""
    manifest = run.folder.manifest
    return Terms(
        run.folder.path.name,
        run.scenario,
        manifest.seed,
        manifest.round_size,
        manifest.model_version,
        manifest.first,
        manifest.replications_done,
    )


def terms_of_request(request: RunRequest) -> Terms:
    """Return the terms of a plain run that is still to come."""
    first, last = request.span
    name = request.scenario.name
    return Terms(name, request.scenario, request.seed, 0, MODEL_VERSION, first, last)


def check_pairing(runs: list[Terms]) -> None:
    """Refuse runs that do not pair with the first.

    Raises
    ------
    UsageError : names every difference of every run.
    """
    first, *others = runs
    differences = [
        found for other in others for found in (*_unlike(first, other), *_apart(first, other))
    ]
    if differences:
        raise UsageError("runs_do_not_pair", differences=differences)


def _unlike(a: Terms, b: Terms) -> Iterator[Fault]:
    """Yield in what two runs are odds of unlike things, or other futures."""
    only_a, only_b = (
        [city for city in one.scenario.cities if city not in other.scenario.cities]
        for one, other in ((a, b), (b, a))
    )
    if only_a or only_b:
        yield _difference("differ_cities", a, b, _listed(only_a), _listed(only_b))
    for code, of_a, of_b in zip(_VALUES, _values(a), _values(b), strict=True):
        if of_a != of_b:
            yield _difference(code, a, b, of_a, of_b)
    most_worlds = max(a.scenario.worlds, b.scenario.worlds)
    if (a.round_size > 0) != (b.round_size > 0) and most_worlds > 1:
        yield _one_only("differ_rounds", *((a, b) if a.round_size else (b, a)))


def _values(run: Terms) -> tuple[Value, ...]:
    """Return what must be the same in two runs, in the order of `_VALUES`."""
    plan = run.scenario
    return (
        plan.target.category,
        plan.target.deadline,
        plan.start,
        plan.observed.date if plan.observed else "-",
        str(run.seed),
        plan.worlds,
        str(run.model_version),
    )


def _apart(a: Terms, b: Terms) -> Iterator[Fault]:
    """Yield that two runs have no number in common."""
    if max(a.first, b.first) >= min(a.last, b.last):
        yield _difference("no_common_futures", a, b, _span(a), _span(b))


def _difference(code: str, a: Terms, b: Terms, of_a: Value, of_b: Value) -> Fault:
    return Fault(code, fields={"a": a.name, "b": b.name, "of_a": of_a, "of_b": of_b})


def _one_only(code: str, this: Terms, other: Terms) -> Fault:
    return Fault(code, fields={"this": this.name, "other": other.name})


def _span(run: Terms) -> str:
    return f"{run.first}-{run.last - 1}" if run.last > run.first else "-"


def _listed(cities: list[str]) -> str:
    more = [f"+{len(cities) - _MOST_NAMED}"] if len(cities) > _MOST_NAMED else []
    return ", ".join([*cities[:_MOST_NAMED], *more]) or "-"

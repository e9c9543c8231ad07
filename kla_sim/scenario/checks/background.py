"""The background law: the posterior that is named, and city histories that it is to explain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kla_sim.domain.record import award_day, evaluation_years
from kla_sim.scenario.checks.problem import Problem
from kla_sim.scenario.faults import unknown_name
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.posteriors import (
    fitted_until,
    hash_of,
    shipped_posteriors,
    table_faults,
    table_with,
)

_WHERE = ("background", "posterior")


def check_background(scenario: Scenario) -> Iterator[Problem]:
    """Yield posteriors that cannot be had or know too much, and impossible histories."""
    name = scenario.background.posterior
    if name is not None:
        yield from _check_posterior(scenario, table_with(name, scenario.background.sha256))
    for city in scenario.cities:
        yield from _check_history(scenario, city)


def _check_posterior(scenario: Scenario, name: str) -> Iterator[Problem]:
    found = hash_of(name)
    if found is None:
        if name.endswith(".csv"):
            yield Problem("posterior_file_missing", _WHERE, {"name": Path(name).name})
        else:
            code, fields = unknown_name("posterior_unknown", name, shipped_posteriors())
            yield Problem(code, _WHERE, fields)
        return
    given = scenario.background.sha256
    if given is not None and given != found:
        yield Problem("posterior_changed", ("background", "sha256"))
    for fault in table_faults(name):
        yield Problem(fault.code, _WHERE, elsewhere=fault)
    day = fitted_until(name)
    if day is None:
        yield Problem("posterior_without_notes", _WHERE)
    elif day > scenario.start:
        yield Problem("posterior_too_late", _WHERE, {"until": day, "start": scenario.start})


def _check_history(scenario: Scenario, name: str) -> Iterator[Problem]:
    city = scenario.cities[name]
    history = city.baseline.history
    if history is None:
        return
    path = ("cities", name, "baseline", "history")
    if scenario.background.posterior is None:
        yield Problem("history_without_posterior", path, of_key=True)
    held = [year for year in evaluation_years() if award_day(year) <= scenario.start]
    for year, category in history.items():
        if year not in held:
            fields = {"held": ", ".join(map(str, held))}
            yield Problem("history_year", (*path, str(year)), fields, of_key=True)
        elif year == city.award.date.year and category != city.award.category:
            fields = {"award": city.award.category, "year": str(year)}
            yield Problem("history_award_differs", (*path, str(year)), fields)

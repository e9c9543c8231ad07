"""What a scenario starts from and the record does not bear out: its fit, province and sure scores.

Called by `lint_loaded`. Not here: a score and a history that contradict each other, which takes the
law of the engine (`engine.contradiction`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import numpy as np

from kla_sim.domain.places import known_province
from kla_sim.domain.record import award_day, evaluation_years, read_panel
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.lint.bounds import Keys, Ranges, least
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.posteriors import table_with


def find_unsupported(scenario: Scenario, ranges: Ranges) -> Iterator[Problem]:
    """Yield replaced posteriors, provinces without any record, and errors of scores too small."""
    yield from _replaced_posterior(scenario)
    yield from _unknown_provinces(scenario)
    yield from _too_sure(scenario, ranges)


def _replaced_posterior(scenario: Scenario) -> Iterator[Problem]:
    """Yield a posterior that another has replaced since the plan noted its hash."""
    name, sha256 = scenario.background.posterior, scenario.background.sha256
    if name is not None and table_with(name, sha256) != name:
        yield Problem("POSTERIOR_REPLACED", ("background", "sha256"), {"name": name})


def _unknown_provinces(scenario: Scenario) -> Iterator[Problem]:
    """Yield each province whose places share only what was expected before any award."""
    named = _named_provinces(scenario)
    if not named or scenario.background.posterior is None:
        return
    known = _provinces_on_record(scenario)
    for name, paths in named.items():
        if name not in known:
            fields = {"nearest": _nearest(name, known)}
            also = [".".join(path) for path in paths[1:]]
            yield Problem("PROVINCE_WITHOUT_RECORD", paths[0], {**fields, "also": also})


def _named_provinces(scenario: Scenario) -> dict[str, list[Keys]]:
    """Return the provinces that cities belong to, with where each is written."""
    named: dict[str, list[Keys]] = {}
    if scenario.province and any(not city.province for city in scenario.cities.values()):
        named[scenario.province] = [("province",)]
    for place, city in scenario.cities.items():
        if city.province:
            named.setdefault(city.province, []).append(("cities", place, "province"))
    return named


def _provinces_on_record(scenario: Scenario) -> list[str]:
    """Return the provinces of which a place has an award on record by the start."""
    held = [year for year in evaluation_years() if award_day(year) <= scenario.start]
    record = read_panel().record
    by_then = record.until(max(held)) if held else record.of(np.zeros(len(record.places), bool))
    return sorted(set(by_then.provinces))


def _nearest(name: str, known: list[str]) -> str:
    meant = known_province(name)
    if meant in known:
        return str(meant)
    return "".join(difflib.get_close_matches(name, known, n=1, cutoff=0.0)) or "-"


def _too_sure(scenario: Scenario, ranges: Ranges) -> Iterator[Problem]:
    """Yield the scores taken as surer than the pairs of their stage and outcomes allow."""
    for name, city in scenario.cities.items():
        baseline = city.baseline
        error = scenario.evaluation.stage_error.get(baseline.stage) if baseline.stage else None
        takes_its_stage = baseline.history is not None and baseline.sd == 0
        if baseline.score is None or error is None or takes_its_stage:
            continue
        keys = ("evaluation", "stage_error", str(baseline.stage), "spread")
        smallest = least(error.spread, keys, ranges)
        if baseline.sd < smallest:
            field = "sd" if "sd" in baseline.model_fields_set else "score"
            fields = {"sd": baseline.sd, "stage": baseline.stage, "least": smallest}
            yield Problem("SCORE_SD_TOO_SURE", ("cities", name, "baseline", field), fields)

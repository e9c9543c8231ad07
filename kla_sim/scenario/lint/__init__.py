"""Valid plans that cannot make sense: warnings with a code, a place, and a waiver with its reason.

A warning never stops a run. `waive: {CODE: reason}` in a scenario sets all warnings of one code
aside; a waiver is itself looked at. What is simply wrong is refused earlier, by `loading`. Called
by the commands `lint` and `run`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from kla_sim.errors import Fault
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.lint.bounds import ranges_of
from kla_sim.scenario.lint.effects import find_without_effect
from kla_sim.scenario.lint.evidence import find_unsupported
from kla_sim.scenario.lint.levers import find_idle_levers
from kla_sim.scenario.lint.money import find_unpayable
from kla_sim.scenario.lint.ranges import find_outside_range
from kla_sim.scenario.lint.reach import find_reaching
from kla_sim.scenario.lint.reasons import find_without_reason
from kla_sim.scenario.lint.timing import find_too_late
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.nodes import is_written, written_paths

_MOST_PATHS = 8

WAIVABLE: Final = (
    "ACCOUNT_EMPTY",
    "ACCOUNT_BEGINS_LATE",
    "AMOUNT_REACHES_FURTHER",
    "POSTS_REACH_FURTHER",
    "WORK_NEVER_PAYABLE",
    "UPKEEP_NEVER_PAYABLE",
    "WINDOW_NEVER_OPEN",
    "PROVINCE_WORK_TOO_LATE",
    "CITY_WORK_TOO_LATE",
    "STAGE_TOO_LATE",
    "STAGE_AFTER_HORIZON",
    "NO_AWARD_COUNTS",
    "POSTERIOR_REPLACED",
    "PROVINCE_WITHOUT_RECORD",
    "SCORE_SD_TOO_SURE",
    "SCORE_CONTRADICTS_HISTORY",
    "NUMBER_WITHOUT_REASON",
    "NUMBER_OUTSIDE_RANGE",
    "SOURCE_OF_ANOTHER_NUMBER",
    "SOURCE_OF_OTHERS",
    "NOTHING_CHANGED",
    "ZONES_NEVER_LAUNCHED",
    "SERVICE_NEVER_OPENED",
    "INTEGRATION_NEVER_REACHED",
    "SERVICE_WITHOUT_EFFECT",
    "WORK_WITHOUT_EFFECT",
    "RESOURCE_UNUSED",
    "ZONES_ABOVE_DISTRICTS",
    "TARGET_HELD_AT_START",
    "WIP_LIMIT_WITHOUT_EFFECT",
    "RANGE_OF_ZERO_WIDTH",
    "FACTOR_ON_ZERO",
    "LEVERS_ADMIT_NO_PLAN",
    "LEVERS_ADMIT_ONE_PLAN",
)
"""Every code that a scenario may waive."""

WAIVER_CODES: Final = ("UNKNOWN_WAIVER", "WAIVER_WITHOUT_REASON", "WAIVER_NOT_NEEDED")
"""What may be wrong with a waiver; these cannot be waived."""

SET_CODES: Final = ("UNCERTAINTY_REMOVED", "UNCERTAINTY_OF_OTHERS_REMOVED")
"""What `--set` does besides setting a value; this cannot be waived."""


def lint_loaded(loaded: LoadedScenario, found_by_law: Iterable[Problem] = ()) -> list[Fault]:
    """Return the warnings about a valid scenario, those waived left out, in the order of files.

    What `--set` does besides setting a value comes first, since a run shows only the first few.

    Parameters
    ----------
    found_by_law : warnings that take the law of the background to find, which is above this layer.
    """
    scenario = loaded.scenario
    ranges = ranges_of(scenario)
    found = [
        *find_unpayable(scenario, ranges),
        *find_too_late(scenario, ranges),
        *find_reaching(loaded),
        *find_without_reason(loaded),
        *find_outside_range(loaded),
        *find_without_effect(loaded),
        *find_unsupported(scenario, ranges),
        *find_idle_levers(scenario),
        *found_by_law,
    ]
    waived = {code for code, reason in scenario.waive.items() if reason.strip()}
    kept = [problem for problem in found if problem.code not in waived]
    kept += _wrong_waivers(loaded, {problem.code for problem in found})
    return set_warnings(loaded) + _in_order(loaded, kept)


def set_warnings(loaded: LoadedScenario) -> list[Fault]:
    """Return what `--set` does besides setting a value; every command that takes it says so."""
    return _in_order(loaded, list(_certain_by_set(loaded)))


def _certain_by_set(loaded: LoadedScenario) -> Iterable[Problem]:
    """Yield the uncertainties that went with a value set, those of other numbers with them."""
    for pattern, keys in loaded.dropped:
        written = loaded.unset if is_written(loaded.unset, pattern) else loaded.tree
        paths = [".".join(path) for path in written_paths(written, pattern)]
        others = [path for path in paths if not _is_at(path, keys)]
        fields = {"pattern": pattern, "count": len(others), "others": _shown(others)}
        code = "UNCERTAINTY_OF_OTHERS_REMOVED" if others else "UNCERTAINTY_REMOVED"
        yield Problem(code, keys, fields)


def _shown(paths: list[str]) -> str:
    shown = paths if len(paths) <= _MOST_PATHS else [*paths[:_MOST_PATHS], "…"]
    return ", ".join(shown)


def _is_at(path: str, keys: tuple[str, ...]) -> bool:
    return tuple(path.split("."))[: len(keys)] == keys


def _wrong_waivers(loaded: LoadedScenario, found: set[str]) -> Iterable[Problem]:
    for code, reason in loaded.scenario.waive.items():
        path = ("waive", code)
        if code not in WAIVABLE:
            near = difflib.get_close_matches(code.upper(), WAIVABLE, n=1, cutoff=0.0)
            yield Problem("UNKNOWN_WAIVER", path, {"nearest": near[0]}, True)
        elif not reason.strip():
            yield Problem("WAIVER_WITHOUT_REASON", path)
        elif code not in found and loaded.place(path).file == str(loaded.path):
            # a variant may well mend what the waiver it inherits was written for
            yield Problem("WAIVER_NOT_NEEDED", path, {}, True)


def _in_order(loaded: LoadedScenario, problems: list[Problem]) -> list[Fault]:
    """Return warnings with their places, the file that was asked for first."""
    faults = [
        loaded.fault(problem.code, problem.path, of_key=problem.of_key, **problem.fields)
        for problem in problems
    ]
    return sorted(
        faults,
        key=lambda fault: (fault.file != str(loaded.path), fault.file, fault.line, fault.column),
    )

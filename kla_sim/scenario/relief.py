"""Plans with one thing relieved: what would have to be otherwise, one thing at a time.

Each is the same scenario but for one lack or one risk: a quarter more money in an account, a post
more in a pool, no turnover, no rework, and so on. Where a relieved value was uncertain, it is so no
longer. `experiment.but_for` runs them on the futures of the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kla_sim.scenario.budgets import PROVINCE, account_of
from kla_sim.scenario.evaluation import Slip
from kla_sim.scenario.model import CapacityStep, Resource, Scenario
from kla_sim.scenario.paths import Change, Path, changed_by, matching_paths, with_changes

MORE_MONEY = 1.25
"""An account gets a quarter more."""


class Relief(NamedTuple):
    """One thing relieved.

    Attributes
    ----------
    kind : account, pool, turnover, rework, windows, wip_limit, calendar, upkeep, earlier, effects;
        unlimited of `without_limits`.
    subject : the account's path or the resource; empty for the others.
    scenario : the plan with it relieved.
    """

    kind: str
    subject: str
    scenario: Scenario


def reliefs(scenario: Scenario) -> list[Relief]:
    """Return the plans with one thing relieved, those only that change something."""
    keys = [
        *(("account", name) for name in (PROVINCE, *map(account_of, scenario.cities))),
        *(("pool", name) for name in scenario.resources),
        *((kind, "") for kind in _REST),
    ]
    found = (relieve(scenario, kind, subject) for kind, subject in keys)
    return [relief for relief in found if relief is not None]


def relieve(scenario: Scenario, kind: str, subject: str) -> Relief | None:
    """Return the plan with one thing relieved; None if that changes nothing.

    Parameters
    ----------
    kind, subject : as in `Relief`.
    """
    if kind == "account":
        relieved = _more_money(scenario, subject)
    elif kind == "pool":
        relieved = _one_post_more(scenario, subject)
    else:
        relieved = _REST[kind](scenario)
    return None if relieved == scenario else Relief(kind, subject, relieved)


def without_limits(scenario: Scenario) -> Relief:
    """Return the plan as it would go if staff and money had no end, and zones no limit.

    Work that needs nobody and costs nothing waits neither for staff nor for money.
    """
    free = _set(_set(scenario, "work.*.*.needs", {}), "work.*.*.cost", 0)
    return Relief("unlimited", "", _no_wip_limit(_no_upkeep(free)))


def _more_money(scenario: Scenario, account: str) -> Scenario:
    more = changed_by("factor", MORE_MONEY)
    years = matching_paths(scenario, f"{account}.*")
    return _changed(scenario, dict.fromkeys(years, more), keeps_uncertain=True)


def _one_post_more(scenario: Scenario, name: str) -> Scenario:
    def more(capacity: int | list[CapacityStep]) -> Any:
        if isinstance(capacity, int):
            return capacity + 1
        return [step.model_copy(update={"posts": step.posts + 1}) for step in capacity]

    def relieve(resource: Resource) -> Resource:
        of_cities = {city: more(capacity) for city, capacity in resource.per_city.items()}
        return resource.model_copy(
            update={"capacity": more(resource.capacity), "per_city": of_cities}
        )

    return _changed(scenario, {("resources", name): relieve}, keeps_uncertain=True)


def _no_turnover(scenario: Scenario) -> Scenario:
    return _set(scenario, "resources.*.turnover", 0.0)


def _no_rework(scenario: Scenario) -> Scenario:
    return _set(scenario, "work.*.*.success", 1.0)


def _no_windows(scenario: Scenario) -> Scenario:
    return _set(scenario, "work.*.*.window", None)


def _no_wip_limit(scenario: Scenario) -> Scenario:
    return _set(scenario, "policy.wip_limit", None)


def _no_calendar_risk(scenario: Scenario) -> Scenario:
    sure = _set(scenario, "evaluation.calendar.cancelled", 0.0)
    for pattern in ("evaluation.cycles.*.cancelled", "evaluation.cycles.*.slip"):
        sure = _set(sure, pattern, None)
    return _set(sure, "evaluation.calendar.slip", Slip(chance=0.0, months=0))


def _no_upkeep(scenario: Scenario) -> Scenario:
    return _set(scenario, "upkeep", None)


def _a_year_earlier(scenario: Scenario) -> Scenario:
    def earlier(planned: int | dict[int, int]) -> int | dict[int, int]:
        if isinstance(planned, int):
            return planned
        moved: dict[int, int] = {}
        for year, zones in planned.items():
            sooner = max(year - 1, min(scenario.start.year, year))
            moved[sooner] = moved.get(sooner, 0) + zones
        return moved

    paths = matching_paths(scenario, "cities.*.zones.planned")
    return _changed(scenario, dict.fromkeys(paths, earlier), keeps_uncertain=True)


def _best_effects(scenario: Scenario) -> Scenario:
    """Return the plan with each effect at the top of its uncertain range."""
    best = scenario
    for pattern, uncertainty in scenario.uncertain.items():
        drawn: Any = uncertainty
        high = getattr(drawn, "high", None)
        if pattern.split(".")[0] == "effects" and high is not None:
            paths = matching_paths(scenario, pattern)
            best = _changed(best, dict.fromkeys(paths, changed_by(uncertainty.by, high)))
    return best


_REST: dict[str, Callable[[Scenario], Scenario]] = {
    "turnover": _no_turnover,
    "rework": _no_rework,
    "windows": _no_windows,
    "wip_limit": _no_wip_limit,
    "calendar": _no_calendar_risk,
    "upkeep": _no_upkeep,
    "earlier": _a_year_earlier,
    "effects": _best_effects,
}


def _set(scenario: Scenario, pattern: str, value: Any) -> Scenario:
    paths = matching_paths(scenario, pattern)
    return _changed(scenario, dict.fromkeys(paths, lambda _: value))


def _changed(
    scenario: Scenario, changes: dict[Path, Change], *, keeps_uncertain: bool = False
) -> Scenario:
    """Return a copy with some values changed; what was uncertain there stays so only if kept."""
    if not changes:
        return scenario
    changed = with_changes(scenario, changes)
    if keeps_uncertain:
        return changed
    uncertain = {
        pattern: entry
        for pattern, entry in scenario.uncertain.items()
        if not any(_meets(path, changes) for path in matching_paths(scenario, pattern))
    }
    return changed.model_copy(update={"uncertain": uncertain})


def _meets(path: Path, changes: dict[Path, Change]) -> bool:
    return any(path[: len(other)] == other[: len(path)] for other in changes)

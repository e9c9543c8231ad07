"""Levers: pools that must exist and stay large enough, orders that must be able to count."""

from __future__ import annotations

from collections.abc import Iterator

from kla_sim.scenario.checks.problem import Keys, Problem
from kla_sim.scenario.faults import unknown_name
from kla_sim.scenario.levers import PostRange
from kla_sim.scenario.model import Activity, Scenario
from kla_sim.scenario.paths import matching_paths


def check_levers(scenario: Scenario) -> Iterator[Problem]:
    """Yield levers that move nothing there is, or that would break the plan."""
    levers = scenario.levers
    if levers is None:
        return
    for name, span in (levers.posts or {}).items():
        path = ("levers", "posts", name)
        if name not in scenario.resources:
            code, fields = unknown_name("unknown_resource", name, list(scenario.resources))
            yield Problem(code, path, fields, of_key=True)
        else:
            yield from _check_posts(scenario, name, span, path)
    if levers.order and levers.priority and "listed" not in levers.priority:
        yield Problem("lever_order_unlisted", ("levers", "order"))
    if levers.wip_limit:
        if levers.wip_limit.low < 1:
            yield Problem("lever_below_one", ("levers", "wip_limit", "low"))
        if "policy.wip_limit" in scenario.uncertain:
            yield Problem("lever_uncertain", ("levers", "wip_limit"), {"path": "policy.wip_limit"})
    yield from _check_money(scenario)


def _check_posts(scenario: Scenario, name: str, span: PostRange, path: Keys) -> Iterator[Problem]:
    if span.per == "city" and scenario.resources[name].scope == "province":
        yield Problem("lever_per_city", (*path, "per"))
    kits: list[dict[str, Activity]] = [
        dict(scenario.work.province), dict(scenario.work.city), dict(scenario.work.zone)
    ]  # fmt: skip
    needs = {work: entry.needs.get(name, 0) for kit in kits for work, entry in kit.items()}
    work = max(needs, key=lambda work: needs[work], default="")
    if work and needs[work] > span.low:
        fields = {"work": work, "units": needs[work]}
        yield Problem("lever_below_need", (*path, "low"), fields)


def _check_money(scenario: Scenario) -> Iterator[Problem]:
    """Refuse levers on amounts that each world draws anew, whatever is chosen."""
    if scenario.levers is None or scenario.levers.money is None:
        return
    for pattern, uncertainty in scenario.uncertain.items():
        drawn = [path for path in matching_paths(scenario, pattern) if path[0] == "accounts"]
        years = [path for path in drawn if path[1] in ("province", "cities")]
        if years and uncertainty.by == "value":
            yield Problem("lever_uncertain", ("levers", "money"), {"path": pattern}, of_key=True)

"""What is written for one year and reaches further: amounts and posts that later years follow.

`{2024: "6,6 miliar"}` also gives 2025 and 2026 that much where nothing else is listed for them. It
may be meant, so it is said, with the sums, whenever a variant or `--set` writes such a year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from kla_sim.scenario.budgets import amounts_in, total_of, yearly_amounts
from kla_sim.scenario.checks import Problem
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.merging import SET
from kla_sim.scenario.model import Accounts, Capacity, Scenario
from kla_sim.scenario.nodes import Mapping, Tree, node_at, plain_values

Keys = tuple[str, ...]

_CAPACITY: TypeAdapter[Any] = TypeAdapter(Capacity)


class Reach(NamedTuple):
    """A listed year whose amount holds in years after it too, and the accounts in question."""

    year: int
    last: int
    accounts: list[str]


class _Step(NamedTuple):
    """Two trees, of which a file made the second out of the first."""

    before: Mapping
    after: Mapping
    file: str


def find_reaching(loaded: LoadedScenario) -> Iterator[Problem]:
    """Yield the years that a variant, or `--set`, wrote and that change years after them too."""
    yield from _begin_late(loaded.scenario)
    for step in _steps_of(loaded):
        yield from _amounts(loaded.scenario, step)
        yield from _posts(loaded.scenario, step)


def reaching_years(scenario: Scenario) -> list[Reach]:
    """Return every listed year that later years follow, of a whole scenario."""
    found: dict[tuple[int, int], list[str]] = {}
    for account in yearly_amounts(scenario):
        listed = _listed(scenario.accounts, account)
        for year in listed:
            last = _last_reached(year, listed, scenario)
            if last > year:
                found.setdefault((year, last), []).append(account)
    return [Reach(year, last, accounts) for (year, last), accounts in sorted(found.items())]


def _steps_of(loaded: LoadedScenario) -> list[_Step]:
    steps = []
    if loaded.parent is not None:
        steps.append(_Step(loaded.parent, loaded.unset, str(loaded.path)))
    if loaded.unset is not loaded.tree:
        steps.append(_Step(loaded.unset, loaded.tree, SET))
    return steps


def _listed(accounts: Accounts, account: str) -> dict[int, int]:
    city = account.rpartition(".")[2]
    return accounts.province if account.count(".") == 1 else accounts.cities.get(city, {})


def _last_reached(year: int, listed: Any, scenario: Scenario) -> int:
    """Return the last year up to the horizon for which the entry of a year holds."""
    following = min((other for other in listed if other > year), default=None)
    last = scenario.horizon.year if following is None else following - 1
    return max(year, min(last, scenario.horizon.year))


def _begin_late(scenario: Scenario) -> Iterator[Problem]:
    """Yield accounts whose first listed year comes after the start: empty until then."""
    late: dict[int, list[str]] = {}
    for account in yearly_amounts(scenario):
        first = min(_listed(scenario.accounts, account), default=scenario.start.year)
        if first > scenario.start.year:
            late.setdefault(first, []).append(account)
    for first, (account, *others) in late.items():
        missing = _span(scenario.start.year, first - 1)
        fields = {"first": str(first), "missing": missing, "also": others}
        yield Problem("ACCOUNT_BEGINS_LATE", tuple(account.split(".")), fields, True)


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _accounts_in(tree: Mapping) -> Accounts | None:
    """Return the accounts of a tree that nobody has checked; None if they are wrong."""
    written = node_at(tree, ("accounts",))
    try:
        return Accounts.model_validate(plain_values(written)) if written else None
    except ValidationError:
        return None


def _amounts(scenario: Scenario, step: _Step) -> Iterator[Problem]:
    before, after = _accounts_in(step.before), _accounts_in(step.after)
    if before is None or after is None:
        return
    years = range(scenario.start.year, scenario.horizon.year + 1)
    cities = list(scenario.cities)
    old, new = (amounts_in(accounts, years, cities) for accounts in (before, after))
    together: dict[tuple[int, int], list[str]] = {}
    for account in new:
        listed = _listed(after, account)
        if not _listed(before, account):
            continue  # the account is new: nothing else was ever planned for its years
        for year in _written_by(step, tuple(account.split("."))):
            last = _last_reached(year, listed, scenario)
            reached = range(max(year + 1, years.start), last + 1)
            if any(old[account][other] != new[account][other] for other in reached):
                together.setdefault((year, last), []).append(account)
    for (year, last), accounts in together.items():
        first, *others = (f"{account}.{year}" for account in accounts)
        fields = {
            "year": str(year),
            "reached": _span(year + 1, last),
            "span": _span(years.start, years.stop - 1),
            "total": total_of({account: new[account] for account in accounts}),
            "before": total_of({account: old[account] for account in accounts}),
            "all": total_of(new),
            "all_before": total_of(old),
            "also": others,
        }
        yield Problem("AMOUNT_REACHES_FURTHER", tuple(first.split(".")), fields)


def _written_by(step: _Step, path: Keys) -> list[int]:
    """Return the years below a path that the file of a step wrote."""
    node = node_at(step.after, path)
    entries = node.entries if isinstance(node, Mapping) else {}
    return sorted(
        int(key)
        for key, entry in entries.items()
        if key.isdecimal() and entry.value.place.file == step.file
    )


def _posts(scenario: Scenario, step: _Step) -> Iterator[Problem]:
    for name, resource in scenario.resources.items():
        pool = ("resources", name, "capacity")
        for path in [pool, *(("resources", name, "per_city", city) for city in resource.per_city)]:
            node = node_at(step.after, path)
            before = _posts_in(node_at(step.before, path) or node_at(step.before, pool))
            after = _posts_in(node)
            if not isinstance(node, Mapping) or before is None or after is None:
                continue
            for year in _written_by(step, path):
                last = _last_reached(year, map(int, node.entries), scenario)
                old = [_posts_on(before, other) for other in range(year + 1, last + 1)]
                if any(posts != _posts_on(after, year) for posts in old):
                    fields = {
                        "year": str(year), "reached": _span(year + 1, last),
                        "before": _span(min(old), max(old)),
                    }  # fmt: skip
                    yield Problem("POSTS_REACH_FURTHER", (*path, str(year)), fields)


def _posts_in(node: Tree | None) -> Capacity | None:
    try:
        return _CAPACITY.validate_python(plain_values(node)) if node else None
    except ValidationError:
        return None


def _posts_on(capacity: Capacity, year: int) -> int:
    """Return the posts on the first day of a year."""
    if isinstance(capacity, int):
        return capacity
    begun = [step for step in capacity if step.from_ <= dt.date(year, 1, 1)]
    return max(begun, key=lambda step: step.from_).posts if begun else 0

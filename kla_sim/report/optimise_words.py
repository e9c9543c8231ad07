"""What `optimise` says: the best plan, what was changed in it, and how sure the choice is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from kla_sim.analysis.differences import is_shown
from kla_sim.analysis.estimate import Estimate, may_be_narrow
from kla_sim.experiment.journal import BLOCK, GROUPS
from kla_sim.experiment.optimum import RULES, Optimum, Standing
from kla_sim.experiment.stages import FRESH
from kla_sim.language import number, percent, rupiah, text
from kla_sim.report.answer import narrow_of
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.words import (
    phrase_difference,
    phrase_expected,
    phrase_interval,
    phrase_odds,
    phrase_share,
)
from kla_sim.scenario.budgets import PROVINCE, yearly_amounts
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.paths import Path, value_at

_ = partial(text, "optimising")

_SHOWN_CHANGES = 4


def phrase_best(found: Optimum, odds: float | None) -> list[str]:
    """Say what the best plan is worth, what is promised of the choice, and what differs in it."""
    best, given = found.best, found.space.scenario
    value, interval = phrase_expected(best.expected, len(given.cities))
    fields = {
        "n": number(len(found.seen)),
        "odds": phrase_odds(best.odds),
        "expected": value,
        "interval": interval,
        "cities": len(given.cities),
        "cost": rupiah(best.plan.cost),
    }
    lines = [_("best_expected" if found.is_rare else "best_odds", **fields)]
    if found.is_rare:
        lines.append(_("rare", odds=phrase_share(found.given.odds)))
    if may_be_narrow(best.odds, best.n_worlds):
        lines += narrow_of([phrase_odds(best.odds)], best.n_worlds)
    changes = _first_changes(phrase_changes(best, given))
    return [
        *lines,
        _phrase_promise(found, odds),
        f"{_('changed_title')} {changes}.",
        _("against_one", line=_phrase_lead(found.given, found)),
    ]


def phrase_choice(found: Optimum) -> list[str]:
    """Say how the best plan was chosen, all that differs in it, and what it leads by."""
    fresh = {"first": number(FRESH * BLOCK), "world": number(FRESH * GROUPS)}
    changes = phrase_changes(found.best, found.space.scenario)
    return [
        _("fresh", finalists=number(found.n_finalists), **fresh),
        _("changed_title"),
        *(f"- {line}" for line in changes),
        *phrase_against(found),
    ]


def _phrase_promise(found: Optimum, odds: float | None) -> str:
    if odds is not None:
        code = "odds_reached" if found.promised else "odds_not_reached"
        return _(code, asked=percent(odds), odds=phrase_share(found.best.odds),
                 interval=phrase_interval(found.best.odds))  # fmt: skip
    apart = _("points", value=number(100 * found.apart, 1))
    if found.is_rare:
        apart = _("regions", value=number(found.apart, 2))
    if found.promised is None:
        return _("undecided", apart=apart)
    return _("decided", chance=percent(found.promised), apart=apart)


def phrase_against(found: Optimum) -> list[str]:
    """Say by how much the best plan leads the given one, and each built-in rule, in regions."""
    leads = [f"- {_phrase_lead(other, found)}" for other in (found.given, *found.rules)]
    return [_("against_title"), *leads]


def _phrase_lead(other: Standing, found: Optimum) -> str:
    if other.plan.changes == found.best.plan.changes:
        return _("against_itself", name=phrase_name(other))
    gain = other.less_expected
    code = "against_shown" if is_shown(gain) else "against_not_shown"
    fields = {"odds": phrase_difference(other.less_odds), "gain": phrase_number(gain)}
    return _(code, name=phrase_name(other), **fields)


def phrase_front(found: Optimum) -> list[str]:
    """Say what the unbeaten plans cost and reach."""
    if "money.total" not in found.space.by_name:
        return [_("front_single")]
    points = [
        f"{rupiah(one.plan.cost)} - {_leading(one, is_rare=found.is_rare)}" for one in found.front
    ]
    has_posts = "posts" in found.space.blocks
    return [
        _("front_line", points="; ".join(points)),
        *([_("posts_no_price")] if has_posts else []),
    ]


def _leading(one: Standing, *, is_rare: bool) -> str:
    value = one.leading(is_rare=is_rare).value
    return _("regions", value=number(value, 2)) if is_rare else percent(value, 1)


def phrase_name(one: Standing) -> str:
    """Return the name of a plan in words."""
    if one.name in RULES:
        return _("under_rule", rule=_(f"rule_{one.name}"))
    if one.name.startswith("alternative_"):
        return _("plan_alternative", number=one.name.rpartition("_")[2])
    return _(f"plan_{one.name or 'front'}")


def standing_cells(one: Standing, found: Optimum) -> tuple[str, ...]:
    """Return a plan's row: name, money, odds, expected regions, and what the best leads by."""
    value, interval = phrase_expected(one.expected, len(found.space.scenario.cities))
    behind = one.behind(is_rare=found.is_rare)
    return (
        phrase_name(one),
        rupiah(one.plan.cost),
        percent(one.odds.value, 1),
        f"{value} ({interval})",
        ""
        if one.plan.changes == found.best.plan.changes
        else _phrase_behind(behind, is_rare=found.is_rare),
    )


def _phrase_behind(behind: Estimate, *, is_rare: bool) -> str:
    words = (phrase_number if is_rare else phrase_difference)(behind)
    return words if is_shown(behind) else _("not_shown", difference=words)


def phrase_changes(one: Standing, given: Scenario) -> list[str]:
    """Return in words what differs from the given plan, one change a line."""
    changes = one.plan.changes
    lines = [
        line
        for path, value in changes.items()
        if path[0] != "accounts"
        for line in _phrase_change(path, value, given)
    ]
    if any(path[0] == "accounts" for path in changes):
        lines += _phrase_money(one.plan.scenario, given)
    return lines or [_("nothing_changed")]


def phrase_alternative(one: Standing, found: Optimum) -> str:
    """Say how far a plan lies from the best, and the first of what differs from the given one."""
    changes = phrase_changes(one, found.space.scenario)
    apart = found.space.distance(found.best.plan.places, one.plan.places)
    return _(
        "alternative_line",
        name=phrase_name(one),
        share=percent(apart),
        changes=_first_changes(changes),
    )


def _first_changes(changes: list[str]) -> str:
    n_more = len(changes) - _SHOWN_CHANGES
    more = [_("changes_more", n=number(n_more))] if n_more > 0 else []
    return "; ".join([*changes[:_SHOWN_CHANGES], *more])


def _phrase_money(plan: Scenario, given: Scenario) -> list[str]:
    new, old = yearly_amounts(plan), yearly_amounts(given)
    lines = []
    for account, amounts in new.items():
        before, after = sum(old[account].values()), sum(amounts.values())
        if before != after:
            name = _("province") if account == PROVINCE else _city(given, account.split(".")[-1])
            lines.append(
                _("change_money", account=name, new=rupiah(after), old=rupiah(before),
                  change=_signed(after / before - 1))
            )  # fmt: skip
    return lines


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else ''}{percent(share)}"


def _phrase_change(path: Path, value: Any, given: Scenario) -> list[str]:
    old = value_at(given, path)
    if path == ("policy", "priority"):
        return [_("change_priority", new=_(f"rule_{value}"), old=_(f"rule_{old}"))]
    if path == ("policy", "order"):
        return [_("change_order", order=", ".join(_city(given, city) for city in value))]
    if path == ("policy", "wip_limit"):
        before = _("no_limit") if old is None else number(old)
        return [_("change_wip_limit", new=number(value), old=before)]
    if path[0] == "cities":
        return [_("change_zones", city=_city(given, path[1]), new=_years(value), old=_years(old))]
    resource = given.resources[path[1]]
    pool = resource.name or path[1]
    if path[2] == "capacity":
        return [_("change_posts", pool=pool, new=_posts(value))]
    return [
        _("change_posts_city", pool=pool, city=_city(given, city), new=_posts(capacity))
        for city, capacity in value.items()
        if capacity != resource.per_city.get(city)
    ]


def _city(given: Scenario, city: str) -> str:
    return given.cities[city].name


def _years(planned: int | Mapping[int, int]) -> str:
    """Return zones by stage, those of no zone left out."""
    if isinstance(planned, int):
        return number(planned)
    found = [f"{number(zones)} ({year})" for year, zones in sorted(planned.items()) if zones]
    return ", ".join(found) or number(0)


def _posts(capacity: Any) -> str:
    """Return posts, each number with the year in which it begins to hold."""
    if isinstance(capacity, int):
        return number(capacity)
    first, *later = capacity
    return " → ".join(
        [number(first.posts), *(f"{number(step.posts)} ({step.from_.year})" for step in later)]
    )

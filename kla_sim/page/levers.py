"""The levers of the page: the numbers of a scenario that planners move, with label, unit and range.

Those that the scenario declares under `levers:` keep to its limits; beside them stand the numbers
most often changed. A lever says what `--set` would be given to bring it to a value, and nothing
else: what it does to the text is the affair of `scenario.editing`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Literal, NamedTuple

from kla_sim.errors import UsageError
from kla_sim.language import text
from kla_sim.scenario.arguments import shortened
from kla_sim.scenario.levers import CountRange, FactorRange, Levers, Priority
from kla_sim.scenario.model import Capacity, City, Scenario

_ = partial(text, "page")

Group = Literal["policy", "staff", "money", "zones", "evaluation", "effects"]

MOST_CITIES = 12
"""Of more cities the levers are left to the text: nobody looks through hundreds of sliders."""

_MILLION = 1_000_000
_PRIORITIES: tuple[Priority, ...] = (
    "listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first",
)  # fmt: skip
_USUAL = FactorRange(low=0.5, high=1.5)
_LONGEST = 24


class Lever(NamedTuple):
    """One thing to move.

    Attributes
    ----------
    name : dotted path of what it moves.
    label, unit : in the language spoken.
    low, high, step : of the slider; the number beside it may go beyond.
    value : where the scenario stands.
    options : what there is to choose where it is no number.
    sets : from a value to what `--set` would be given.
    """

    name: str
    group: Group
    label: str
    unit: str
    low: float
    high: float
    step: float
    value: float | str
    sets: Callable[[str], list[str]]
    options: tuple[str, ...] = ()


def levers_of(scenario: Scenario, saved: Scenario) -> list[Lever]:
    """Return the levers of a scenario.

    Parameters
    ----------
    saved : as it is on disk; ranges are around its values, so that none moves with its lever.
    """
    declared = scenario.levers or Levers()
    return [
        *_policy(scenario, saved, declared),
        *_staff(scenario, saved, declared),
        *_money(scenario, saved, declared),
        *_zones(scenario, saved, declared),
        *_evaluation(scenario),
        *_effects(scenario),
    ]


def overrides_of(levers: list[Lever], moved: Mapping[str, str]) -> list[str]:
    """Return what `--set` would be given to bring some levers to new values.

    Raises
    ------
    UsageError : there is no such lever, or a value is no number.
    """
    by_name = {lever.name: lever for lever in levers}
    unknown = next((name for name in moved if name not in by_name), None)
    if unknown is not None:
        raise UsageError("page_lever_unknown", value=shortened(unknown))
    return [text for name, value in moved.items() for text in by_name[name].sets(value)]


def _policy(scenario: Scenario, saved: Scenario, declared: Levers) -> Iterator[Lever]:
    wip, limit = declared.wip_limit, scenario.policy.wip_limit
    if wip is not None or limit is not None:
        own = saved.policy.wip_limit or 1
        span = wip or CountRange(low=1, high=max(6, 2 * own))
        value = span.high if limit is None else limit
        yield _count("policy.wip_limit", "policy", _("wip_limit"), _("unit_zones"), span, value)
    yield Lever(
        "policy.priority",
        "policy",
        _("priority"),
        "",
        0,
        0,
        0,
        scenario.policy.priority,
        lambda value: [f"policy.priority={_known(value, _PRIORITIES)}"],
        tuple(declared.priority or _PRIORITIES),
    )


def _staff(scenario: Scenario, saved: Scenario, declared: Levers) -> Iterator[Lever]:
    for name, resource in scenario.resources.items():
        span = (declared.posts or {}).get(name)
        label = resource.name or name
        if name not in saved.resources:
            continue
        own = _first_posts(saved.resources[name].capacity)
        wide = span or CountRange(low=0, high=max(6, 2 * own))
        if span and span.per == "city" and len(scenario.cities) <= MOST_CITIES:
            for city, place in scenario.cities.items():
                posts = _first_posts(resource.per_city.get(city, resource.capacity))
                path, of_city = f"resources.{name}.per_city.{city}", f"{label}, {place.name}"
                yield _count(path, "staff", of_city, _("unit_posts"), wide, posts)
        else:
            path, posts = f"resources.{name}.capacity", _first_posts(resource.capacity)
            shown = label if resource.scope == "province" else _("posts_each", name=label)
            yield _count(path, "staff", shown, _("unit_posts"), wide, posts)


def _first_posts(capacity: Capacity) -> int:
    return capacity if isinstance(capacity, int) else capacity[0].posts


def _money(scenario: Scenario, saved: Scenario, declared: Levers) -> Iterator[Lever]:
    limits = declared.money
    accounts, before = scenario.accounts, saved.accounts
    span = (limits and (limits.province or limits.total)) or _USUAL
    yield from _total(
        "accounts.province",
        _("budget_of", account=_("province")),
        accounts.province,
        before.province,
        span,
    )
    if len(scenario.cities) > MOST_CITIES:
        return
    span = (limits and (limits.cities or limits.total)) or _USUAL
    for city, amounts in accounts.cities.items():
        label = _("budget_of", account=scenario.cities[city].name)
        own = before.cities.get(city, {})
        yield from _total(f"accounts.cities.{city}", label, amounts, own, span)


def _total(
    path: str, label: str, amounts: dict[int, int], own: dict[int, int], span: FactorRange
) -> Iterator[Lever]:
    """Yield the lever of what an account holds over all its years, in millions of rupiah."""
    total, before = (sum(one.values()) / _MILLION for one in (amounts, own))
    if total <= 0 or before <= 0:
        return
    step = 10.0 ** max(0, math.floor(math.log10(before / 100)))
    low = math.floor(min(total, before * span.low) / step) * step
    high = math.ceil(max(total, before * span.high) / step) * step
    yield Lever(path, "money", label, _("unit_money"), low, high, step, round(total, 2),
                lambda value: _shared_out(path, amounts, _number(value)))  # fmt: skip


def _shared_out(path: str, amounts: dict[int, int], total: float) -> list[str]:
    """Split a new total over the years in the old proportions, in whole millions."""
    if total < 0:
        raise UsageError("page_lever_not_a_number", value=str(total))
    years, whole = list(amounts), sum(amounts.values())
    exact = [amounts[year] / whole * total for year in years]
    parts = [math.floor(part) for part in exact]
    places = sorted(range(len(years)), key=lambda place: parts[place] - exact[place])
    for place in places[: round(total) - sum(parts)]:
        parts[place] += 1
    return [
        f"{path}.{year}={part} juta"
        for year, part in zip(years, parts, strict=True)
        if part * _MILLION != amounts[year]
    ]


def _zones(scenario: Scenario, saved: Scenario, declared: Levers) -> Iterator[Lever]:
    if len(scenario.cities) > MOST_CITIES:
        return
    for name, city in scenario.cities.items():
        if name in saved.cities:
            yield from _zones_of(name, city, saved.cities[name], declared)


def _zones_of(name: str, city: City, saved: City, declared: Levers) -> Iterator[Lever]:
    """Yield the zones of each stage of a city, or of all of them where none are set apart."""
    planned, own = city.zones.planned, saved.zones.planned
    stages: dict[str, int] = (
        {"": planned}
        if isinstance(planned, int)
        else {f".{year}": count for year, count in planned.items()}
    )
    most = max([own] if isinstance(own, int) else own.values(), default=0)
    if not any(stages.values()) and not most:
        return
    span = declared.zones or CountRange(low=0, high=max(4, 2 * most))
    for stage, value in stages.items():
        label = _("zones_of", city=city.name, stage=stage[1:]) if stage else city.name
        path = f"cities.{name}.zones.planned{stage}"
        yield _count(path, "zones", label, _("unit_zones"), span, value)


def _evaluation(scenario: Scenario) -> Iterator[Lever]:
    """Yield how strict juries are, unless a posterior says it."""
    strictness = scenario.evaluation.strictness
    if scenario.background.posterior is None and isinstance(strictness, int | float):
        yield Lever("evaluation.strictness", "evaluation", _("strictness"), _("unit_points"),
                    0, max(40.0, 2 * strictness), 1, strictness,
                    lambda value: [f"evaluation.strictness={_plain(_number(value))}"])  # fmt: skip


def _effects(scenario: Scenario) -> Iterator[Lever]:
    for group, share in scenario.effects.services.items():
        yield _share(
            f"effects.services.{group}",
            _("effect_of", group=text("schema", f"Group.{group}").rstrip(".")),
            share,
        )
    yield _share("effects.integration", _("effect_integration"), scenario.effects.integration)


def _share(path: str, label: str, share: float) -> Lever:
    """Return a lever in percent; no effect is above 95 %."""
    return Lever(path, "effects", label, "%", 0, 95, 1, round(100 * share, 2),
                 lambda value: [f"{path}={_plain(_number(value))}%"])  # fmt: skip


def _count(path: str, group: Group, label: str, unit: str, span: CountRange, value: int) -> Lever:
    """Return a lever that steps through whole numbers."""
    return Lever(path, group, label, unit, min(span.low, value), max(span.high, value), 1, value,
                 lambda given: [f"{path}={_plain(_number(given))}"])  # fmt: skip


def _known(value: str, options: tuple[str, ...]) -> str:
    if value not in options:
        raise UsageError("page_lever_not_an_option", value=shortened(value))
    return value


def _number(given: str) -> float:
    """Read what a number field or a slider sends: digits with a point, whatever the language."""
    try:
        value = float(given) if len(given) <= _LONGEST and given.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError("page_lever_not_a_number", value=shortened(given))
    return value


def _plain(value: float) -> str:
    """Write a number with at most two decimals, which no reader takes for thousands."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

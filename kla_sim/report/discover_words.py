"""What `discover` says: rules as sentences with units, and what they were held against."""

from __future__ import annotations

import shlex
from functools import partial

from kla_sim.analysis.box_search import Condition
from kla_sim.analysis.boxes import Rule
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.in_worlds import Unknown
from kla_sim.experiment.discover import Discovery
from kla_sim.experiment.happenings import Happening, Reading
from kla_sim.language import category, number, rupiah, text
from kla_sim.report.unknown_words import phrase_unknown
from kla_sim.report.words import phrase_cause, phrase_interval, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "discovering")

_UNITS = {
    "waited": "days",
    "launched": "zones",
    "launched_city": "zones",
    "jury": "points",
    "dormant": "zone_days",
    "vacant": "post_days",
    "score": "points",
    "rate": "per_year",
    "factor": "times",
}
"""Of a reading by its kind; others are plain numbers, or written by `_bound`."""

_MOST_DIGITS = 6


def phrase_discovery(found: Discovery, scenario: Scenario, file: str) -> list[str]:
    """Say how many futures fail, each rule as a sentence, and what no rule describes.

    Parameters
    ----------
    file : of the plan, to be run with more worlds.
    """
    rules, city = found.found.rules, found.city
    name = scenario.cities[city].name if city else ""
    lines = [_("nearly_all", city=name)] if city else []
    lines.append(
        _(
            "baseline",
            share=phrase_percent(found.found.baseline),
            n=number(found.n),
            fails=_("fails_city", city=name) if city else _("fails_all"),
        )
    )
    if not rules:
        told = _("none_found", worlds=number(found.n_worlds), plan=shlex.quote(file))
        return [*lines, told]
    lines += [_phrase_rule(found, place, scenario) for place in range(len(rules))]
    left = 1.0 - sum(rule.coverage for rule in rules)
    return [*lines, _("unexplained", share=phrase_percent(left))]


def _phrase_rule(found: Discovery, place: int, scenario: Scenario) -> str:
    rule = found.found.rules[place]
    return _(
        "rule_next" if place else "rule_first",
        place=number(place + 1),
        conditions=phrase_conditions(found, rule, scenario),
        density=phrase_percent(rule.density),
        baseline=phrase_percent(rule.baseline),
        held=phrase_percent(rule.held_out.value),
        interval=phrase_interval(rule.held_out),
        held_baseline=phrase_percent(rule.held_out_baseline),
        coverage=phrase_percent(rule.coverage),
    )


def phrase_conditions(found: Discovery, rule: Rule, scenario: Scenario) -> str:
    """Return the conditions of a rule in words, with units."""
    told = [_phrase_condition(found, one, scenario) for one in rule.conditions]
    return f" {_('and')} ".join(told)


def _phrase_condition(found: Discovery, condition: Condition, scenario: Scenario) -> str:
    reading = found.columns[condition.column]
    if reading.kind == "no_award":
        return _("cond_no_award" if condition.is_above else "cond_award", cycle=reading.subject)
    return _(
        "cond_at_least" if condition.is_above else "cond_below",
        reading=phrase_reading(reading, scenario),
        bound=_bound(reading, condition.bound),
    )


def phrase_reading(reading: Reading, scenario: Scenario) -> str:
    """Return in words what is read of a future."""
    if isinstance(reading, Unknown):
        return phrase_unknown(reading, scenario)
    kind, subject = reading
    if kind == "waited":
        return _("reading_waited", cause=phrase_cause(subject, scenario))
    if kind == "launched_city":
        return _("reading_launched_city", city=scenario.cities[subject].name)
    if kind == "vacant":
        return _("reading_vacant", resource=scenario.resources[subject].name or subject)
    return _(f"reading_{kind}", year=subject)


def _bound(reading: Reading, bound: float) -> str:
    """Return a bound with its unit, with as many decimals as it has."""
    kind = reading.kind
    if kind == "standing":
        return category(CATEGORIES[round(bound)])
    if isinstance(reading, Happening) and kind in ("appropriated", "lapsed"):
        return rupiah(bound)
    digits = next(
        (d for d in range(_MOST_DIGITS) if abs(round(bound, d) - bound) <= 1e-9 * abs(bound)),
        _MOST_DIGITS,
    )
    told = number(bound, digits)
    return _(f"unit_{_UNITS[kind]}", number=told) if kind in _UNITS else told


def rule_cells(place: int, rule: Rule) -> tuple[str, ...]:
    """Return the cells of one row: rule, failing without it, with it, elsewhere, and its cover."""
    return (
        number(place + 1),
        phrase_percent(rule.baseline),
        phrase_percent(rule.density),
        phrase_percent(rule.held_out.value),
        phrase_interval(rule.held_out),
        phrase_percent(rule.coverage),
    )

"""What `sensitivity` says of several runs: what to find out before choosing among them."""

from __future__ import annotations

from functools import partial

from kla_sim.analysis.estimate import LEVEL, Estimate
from kla_sim.analysis.evppi import Worth
from kla_sim.engine.in_worlds import Unknown
from kla_sim.experiment.finding_out import Choice
from kla_sim.language import number, text
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.unknown_words import phrase_unknown
from kla_sim.report.words import phrase_difference, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "sensitivity")

_NAMED_NEXT = 3

_FINE = 0.01
"""Percentage points below which amounts have more decimals."""


def worth_finding_out(choice: Choice) -> list[tuple[Unknown, Worth]]:
    """Return the unknowns whose worth stands out from the noise, the most valuable first."""
    floor = choice.found.floor
    return [(unknown, worth) for unknown, worth in choice.ranked() if worth.value > floor]


def phrase_choice(choice: Choice, plans: list[str], scenario: Scenario) -> list[str]:
    """Say what is chosen now, what would change that, and what knowing everything is worth."""
    found, seen = choice.found, worth_finding_out(choice)
    benefits = [_benefit(choice, value) for value in found.benefits.tolist()]
    others = "; ".join(
        f"{plan} ({benefit})"
        for place, (plan, benefit) in enumerate(zip(plans, benefits, strict=True))
        if place != found.best
    )
    best = plans[found.best]
    lines = [_("rare")] if choice.is_rare else []
    lines.append(_("choice_now", plan=best, benefit=benefits[found.best], others=others))
    if seen:
        unknown, worth = seen[0]
        lines.append(
            _(
                "choice_headline",
                unknown=phrase_unknown(unknown, scenario),
                share=phrase_percent(worth.change),
                where=_("where_high" if worth.is_high else "where_low"),
                other=plans[worth.plan],
                outcome=_("outcome_expected" if choice.is_rare else "outcome_odds"),
                gain=phrase_worth(choice, worth),
            )
        )
        following = [phrase_unknown(other, scenario) for other, _worth in seen[1:]][:_NAMED_NEXT]
        lines += [_("choice_next", unknowns="; ".join(following))] if following else []
    else:
        lines.append(_("choice_none", m=number(len(choice.unknowns))))
    amounts = {"perfect": _amount(choice, found.perfect), "floor": _amount(choice, found.floor)}
    return [*lines, _("choice_perfect", **amounts)]


def phrase_worth(choice: Choice, worth: Worth) -> str:
    """Return a worth with its interval and unit."""
    told = Estimate(worth.value, worth.low, worth.high, LEVEL, "regression", choice.last)
    return phrase_number(told) if choice.is_rare else phrase_difference(told)


def worth_cells(
    choice: Choice, unknown: Unknown, worth: Worth, plans: list[str], scenario: Scenario
) -> tuple[str, ...]:
    """Return the cells of one row: what, its worth, the other choice, and how often."""
    return (
        phrase_unknown(unknown, scenario),
        phrase_worth(choice, worth),
        plans[worth.plan],
        phrase_percent(worth.change),
    )


def _benefit(choice: Choice, value: float) -> str:
    return _("in_regions", value=number(value, 2)) if choice.is_rare else phrase_percent(value)


def _amount(choice: Choice, value: float) -> str:
    if choice.is_rare:
        return _("in_regions", value=number(value, 3))
    points = 100 * value
    return _("in_points", value=number(points, 2 if points >= _FINE else 4))

"""What `explain` says: what would help most, whether it is enough, and the table behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kla_sim.analysis.differences import is_shown
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.relieved import ButFor, Remedy
from kla_sim.language import number, rupiah, text
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.words import phrase_difference, phrase_percent
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.relief import Relief

_ = partial(text, "answers")

ENOUGH = 0.5
"""Odds at which a plan is as likely to succeed as to fail."""


def phrase_relief(relief: Relief | Remedy, scenario: Scenario) -> str:
    """Return in words what is relieved."""
    kind, subject = relief.kind, relief.subject
    if kind == "unlimited":
        return text("first_screen", "relief_unlimited")
    if kind == "account":
        city = subject.rpartition(".")[2]
        name = scenario.cities[city].name if city in scenario.cities else _("province")
        return _("relief_account", name=name)
    if kind == "pool":
        return _("relief_pool", name=scenario.resources[subject].name or subject)
    return _(f"relief_{kind}")


def phrase_headline(cases: list[ButFor], odds: float, scenario: Scenario, *, is_rare: bool) -> str:
    """Say in one sentence what would help most, and whether any one thing is enough."""
    helps = [case for case in cases if case.found.leading(is_rare=is_rare).low > 0.0]
    if not helps:
        return _("explain_nothing_helps")
    best = helps[0]
    what = phrase_relief(best.relief, scenario)
    gain = (phrase_number if is_rare else phrase_difference)(best.found.leading(is_rare=is_rare))
    enough = [case for case in helps if case.odds >= ENOUGH]
    fields = {"what": what, "gain": gain, "odds": phrase_percent(best.odds)}
    if odds >= ENOUGH:
        return _("explain_already", **fields)
    if not enough:
        return _("explain_none_enough", **fields)
    names = ", ".join(phrase_relief(case.relief, scenario) for case in enough)
    return _("explain_enough", **fields, names=names)


def case_cells(case: ButFor, scenario: Scenario) -> tuple[str, ...]:
    """Return the cells of one row: what, rescued, harmed, odds, regions, price of a point."""
    price = case.price_of_a_point
    return (
        phrase_relief(case.relief, scenario),
        number(case.found.won),
        number(case.found.lost),
        _or_none(case.found.odds, phrase_difference),
        _or_none(case.found.expected_cities, phrase_number),
        "-" if price is None else rupiah(price),
    )


def _or_none(difference: Estimate, phrase: Callable[[Estimate], str]) -> str:
    words = phrase(difference)
    return words if is_shown(difference) else _("not_shown_cell", difference=words)

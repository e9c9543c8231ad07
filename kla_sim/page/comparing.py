"""The plan on the page against the plan as it is saved, the same futures paired one by one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from kla_sim.analysis.differences import RARE, Outcomes, differences
from kla_sim.experiment.compare import outcomes
from kla_sim.experiment.pairing import Terms, check_pairing
from kla_sim.language import text
from kla_sim.page.events import Asked, Desk, Event, opened_of, piece
from kla_sim.page.levers import levers_of, overrides_of
from kla_sim.page.odds import Wish, prepare, simulate
from kla_sim.report.difference_words import Names, phrase_pair
from kla_sim.scenario.loading import digest, read_scenario
from kla_sim.scenario.model import MODEL_VERSION, Scenario

_ = partial(text, "page")

PAIRED = 1_000
"""Futures that are compared."""


def compare(desk: Desk, asked: Asked, wish: Wish) -> Iterator[Event]:
    """Yield the paired difference of the plan on the page from the one that is saved.

    Raises
    ------
    ScenarioError : one of the two is wrong.
    UsageError : they are plans of unlike things.
    """
    opened = opened_of(desk, asked)
    saved = read_scenario(opened.path, text=opened.text).scenario
    here = read_scenario(opened.path, text=asked.text).scenario
    overrides = overrides_of(levers_of(here, here), asked.moved)
    here = read_scenario(opened.path, text=asked.text, overrides=overrides).scenario
    if digest(saved) == digest(here):
        yield piece("comparison", "comparison", lines=[_("compare_same")])
        return
    names = _("saved_plan"), _("plan_here")
    terms = [
        Terms(name, plan, asked.seed, 0, MODEL_VERSION, 0, PAIRED)
        for name, plan in zip(names, (saved, here), strict=True)
    ]
    check_pairing(terms)
    yield piece("comparison", "comparison", lines=[_("comparing")])
    cities = list(saved.cities)
    pair = [_outcomes(plan, asked.seed, cities, wish) for plan in (saved, here)]
    yield piece("comparison", "comparison", lines=_lines(pair, saved, names))


def _outcomes(scenario: Scenario, seed: int, cities: list[str], wish: Wish) -> Outcomes:
    plan = prepare(scenario, seed, wish)
    return outcomes(plan, 0, simulate(plan, 0, PAIRED, wish), cities)


def _lines(pair: list[Outcomes], saved: Scenario, names: tuple[str, str]) -> list[str]:
    labels = [city.name for city in saved.cities.values()]
    odds = max(float(one.all_cities.mean()) for one in pair)
    is_rare = len(labels) > 1 and odds < RARE
    said = phrase_pair(differences(*pair), Names(*names, labels, saved.start), is_rare=is_rare)
    return [line[:1].upper() + line[1:] for line in said]  # a line may begin with a plan's name

"""What the page answers, event by event: pieces of the page, texts and values to be put in place.

Every answer is a stream made in threads: each step reckons something and returns an event. What
nobody waits for any more is given up between two steps. Not here: routes and forms (`app`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from kla_sim.analysis.estimate import may_be_narrow
from kla_sim.engine.code_cache import is_kept
from kla_sim.errors import Fault, KlaSimError, ScenarioError
from kla_sim.language import day, describe, describe_fault, text
from kla_sim.page.events import Asked, Desk, Event, opened_of, piece
from kla_sim.page.folder import SHIPPED, Opened
from kla_sim.page.futures import picker
from kla_sim.page.levers import MOST_CITIES, Lever, levers_of, overrides_of
from kla_sim.page.odds import LOOKS, Answered, Look, Wish, looks
from kla_sim.page.pictures import SCHEDULED, gantt_figure, tiles_of
from kla_sim.report.answer import phrase_narrow
from kla_sim.report.schedule_charts import Gantt
from kla_sim.report.tile_charts import Tiles
from kla_sim.report.words import phrase_expected, phrase_interval, phrase_odds, phrase_share
from kla_sim.scenario.editing import text_with
from kla_sim.scenario.lint import lint_loaded, set_warnings
from kla_sim.scenario.loading import LoadedScenario, digest, read_scenario
from kla_sim.scenario.model import Scenario

_ = partial(text, "page")

_MOST_LINES = 5_000
_MOST_TOLD = 50


def odds(desk: Desk, asked: Asked, wish: Wish) -> Iterator[Event]:
    """Yield the odds of what stands on the page, with faults and levers beside them."""
    opened = opened_of(desk, asked)
    try:
        loaded = read_scenario(opened.path, text=asked.text)
        overrides = overrides_of(levers_of(loaded.scenario, loaded.scenario), asked.moved)
        changed = read_scenario(opened.path, text=asked.text, overrides=overrides)
    except KlaSimError as error:
        yield from _refused(opened, asked, error)
        return
    wish.check()
    scenario = changed.scenario
    name = f"{digest(scenario)[:16]}-{asked.seed}"
    if not is_kept("run_replications"):
        yield piece("odds", "compiling")
    found = looks(scenario, asked.seed, wish)
    look = next(found)
    yield odds_piece(name, look, scenario)
    yield from _as_written(asked, opened, changed, overrides, wish)
    for look in found:
        yield odds_piece(name, look, scenario)
    wish.check()
    answered = Answered(scenario, asked.seed, look, look.summarise())
    desk.memory.keep(name, answered)
    wish.check()
    yield pictures_piece(name, answered)
    yield picker(name, answered)
    yield {"announce": _("announced", odds=phrase_odds(look.all_cities))}


def _as_written(
    asked: Asked, opened: Opened, changed: LoadedScenario, overrides: list[str], wish: Wish
) -> Iterator[Event]:
    """Yield the text with what levers have set in it, and what there is to say of it."""
    news = text_with(opened.path, asked.text, overrides)
    wish.check()
    loaded = read_scenario(opened.path, text=news)
    levers = levers_of(loaded.scenario, saved_scenario(opened) or loaded.scenario)
    if overrides:
        yield {"text": news}
    if not opened.name.startswith(SHIPPED) and opened.mark not in ("", asked.mark):
        yield {"announce": _("changed_on_disk")}
    if asked.is_edited:
        yield levers_piece(levers, loaded.scenario)
    yield {"values": {lever.name: lever.value for lever in levers}}
    yield from told_pieces(opened, news, [], [*set_warnings(changed), *lint_loaded(loaded)])


def _refused(opened: Opened, asked: Asked, error: KlaSimError) -> Iterator[Event]:
    """Yield what is wrong; the odds of the earlier text stay, and are said to be so."""
    faults = error.faults if isinstance(error, ScenarioError) else []
    if faults:
        yield from told_pieces(opened, asked.text, faults, [])
        yield {"announce": _("refused", n=len(faults)), "note": _("stale_text")}
    else:
        yield {"announce": describe(error), "note": _("stale_text")}


def pictures_piece(name: str, answered: Answered) -> Event:
    """Return the pictures of what was answered, each with what it shows in words."""
    figures: dict[str, Tiles | Gantt] = {"tiles": tiles_of(answered)}
    if answered.look.plan.structure.n_zones:
        figures["gantt"] = gantt_figure(answered)
    pictures = [
        {"which": which, "heading": _(f"{which}_heading"), "title": one.title, "alt": one.alt}
        for which, one in figures.items()
    ]
    return piece("pictures", "pictures", name=name, pictures=pictures, scheduled=SCHEDULED)


def levers_piece(levers: list[Lever], scenario: Scenario) -> Event:
    """Return the levers as a piece of the page."""
    return piece("levers", "levers", **lever_values(levers, scenario))


def lever_values(levers: list[Lever], scenario: Scenario | None) -> dict[str, Any]:
    """Return what the template of the levers shows."""
    groups: dict[str, list[Lever]] = {}
    for lever in levers:
        groups.setdefault(lever.group, []).append(lever)
    n_cities = len(scenario.cities) if scenario else 0
    return {"groups": list(groups.items()), "n_cities": n_cities, "most_cities": MOST_CITIES}


def saved_scenario(opened: Opened) -> Scenario | None:
    """Return the scenario as it is saved; None where that is none."""
    try:
        return read_scenario(opened.path, text=opened.text).scenario
    except ScenarioError:
        return None


class Told(NamedTuple):
    """A fault or warning in words, and its line of the text; 0 = it has none there."""

    line: int
    words: str


def told(opened: Opened, faults: list[Fault]) -> list[Told]:
    """Return faults in words, those of the text itself with their lines."""
    own = str(opened.path)
    return [
        Told(
            fault.line if fault.file == own else 0,
            describe_fault(replace(fault, file=opened.path.name) if fault.file == own else fault),
        )
        for fault in faults[:_MOST_TOLD]
    ]


def told_pieces(
    opened: Opened, text_: str, faults: list[Fault], warnings: list[Fault]
) -> Iterator[Event]:
    """Yield what is wrong with a text, in words and beside its lines."""
    values = told_values(opened, text_, faults, warnings)
    yield piece("faults", "faults", **values)
    yield piece("gutter", "gutter", **values)


def told_values(
    opened: Opened, text_: str, faults: list[Fault], warnings: list[Fault]
) -> dict[str, Any]:
    """Return what the templates of the faults and of the lines beside the text show."""
    marks = [""] * min(text_.count("\n") + 1, _MOST_LINES)
    shown = {"warning": told(opened, warnings), "fault": told(opened, faults)}
    for kind, found in shown.items():
        for one in found:
            if 0 < one.line <= len(marks):
                marks[one.line - 1] = kind
    return {"faults": shown["fault"], "warnings": shown["warning"], "gutter": marks}


def _narrow(look: Look) -> str:
    """Say that the interval of the odds may be narrow, where it may; else nothing."""
    n_worlds = min(look.n, look.plan.n_worlds)
    return phrase_narrow(n_worlds) if may_be_narrow(look.all_cities, n_worlds) else ""


def odds_piece(name: str, look: Look, scenario: Scenario) -> Event:
    """Return the odds as a piece of the page."""
    estimate, of_cities = look.all_cities, [one.value for one in look.cities]
    weakest = of_cities.index(min(of_cities)) if len(of_cities) > 1 else None
    deadline = day(scenario.target.deadline)
    value, interval = phrase_expected(look.expected, len(look.cities))
    return piece(
        "odds",
        "odds",
        name=name,
        odds=estimate,
        share=phrase_share(estimate),
        interval=phrase_interval(estimate),
        narrow=_narrow(look),
        sentence=_("sentence", category=scenario.target.category, deadline=deadline),
        most=LOOKS[-1],
        deadline=deadline,
        expected=_("expected", value=value, interval=interval, n=len(look.cities)),
        cities=[
            {
                "name": label,
                "value": one.value,
                "share": phrase_share(one),
                "interval": phrase_interval(one),
                "is_weakest": place == weakest,
            }
            for place, (label, one) in enumerate(
                zip(look.plan.labels.city_names, look.cities, strict=True)
            )
        ],
    )

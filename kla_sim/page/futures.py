"""The futures behind the odds, one by one: those with an outcome, and the story of one of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.reference import TraceEvent
from kla_sim.errors import UsageError
from kla_sim.experiment.trace import Future, trace_future
from kla_sim.language import category, day, number, text
from kla_sim.page.events import Asked, Desk, Event, piece
from kla_sim.page.odds import Answered, Wish
from kla_sim.report.future_words import Names, names_of, phrase_detail, phrase_what

_ = partial(text, "page")

_MOST_LISTED = 24
_MOST_TOLD = 400
_MAIN = frozenset(
    ("launch", "evidence", "award", "rework", "given_up", "lapse", "void", "departure", "year")
)
"""What a story tells one by one; of all else it says how often."""


class Outcome(NamedTuple):
    """Something that futures are picked by."""

    key: str
    label: str


def outcomes_of(answered: Answered) -> list[Outcome]:
    """Return what the futures of a question can be picked by, those that happen."""
    plan = answered.look.plan
    cities = list(zip(plan.labels.cities, plan.labels.city_names, strict=True))
    standing = answered.look.replications.standing
    found = [Outcome("missed", _("outcome_missed")), Outcome("met", _("outcome_met"))]
    found += [Outcome(f"failed:{key}", _("outcome_failed", city=name)) for key, name in cities]
    found += [
        Outcome(
            f"held:{key}:{CATEGORIES[held]}",
            _("outcome_held", city=name, category=CATEGORIES[held]),
        )
        for place, (key, name) in enumerate(cities)
        for held in np.unique(standing[:, place]).tolist()
    ]
    return found


def picker(name: str, answered: Answered) -> Event:
    """Return the piece with which futures are picked."""
    return piece("futures", "futures", name=name, outcomes=outcomes_of(answered))


def pick(desk: Desk, asked: Asked, _wish: Wish) -> Iterator[Event]:
    """Yield the futures that end as asked.

    Raises
    ------
    UsageError : the question is forgotten, or there is no such outcome.
    """
    answered = _answered(desk, asked)
    key = asked.more.get("outcome", "")
    outcome = next((one for one in outcomes_of(answered) if one.key == key), None)
    if outcome is None:
        raise UsageError("page_outcome_unknown", value=key[:60])
    rows = np.flatnonzero(_is_so(answered, key)).tolist()
    n = answered.look.n
    yield piece(
        "found", "found", label=outcome.label, n_found=len(rows), n=n, rows=rows[:_MOST_LISTED]
    )


def _is_so(answered: Answered, key: str) -> BoolArray:
    """Return which futures end in a way."""
    results, plan = answered.look.replications, answered.look.plan
    what, *rest = key.split(":")
    if what in ("met", "missed"):
        return np.asarray(results.is_met == (what == "met"))
    standing = results.standing[:, plan.labels.cities.index(rest[0])]
    if what == "failed":
        return np.asarray(standing < plan.structure.target)
    return np.asarray(standing == CATEGORIES.index(rest[1]))


def replay(desk: Desk, asked: Asked, _wish: Wish) -> Iterator[Event]:
    """Yield the story of one future, the same as `trace` tells.

    Raises
    ------
    UsageError : the question is forgotten, or the number is none of its futures.
    """
    answered = _answered(desk, asked)
    row = asked.more.get("future", "")
    if not (row.isascii() and row.isdigit() and len(row) < 10 and int(row) < answered.look.n):
        raise UsageError("page_future_unknown", value=row[:60], most=answered.look.n - 1)
    future = trace_future(answered.scenario, answered.seed, int(row))
    yield piece("story", "story", **_story(future, asked.more["answered"], answered))
    yield {"announce": _("replayed", replication=number(int(row)))}


def _answered(desk: Desk, asked: Asked) -> Answered:
    found = desk.memory.find(asked.more.get("answered", ""))
    if found is None:
        raise UsageError("page_answer_forgotten")
    return found


def _story(future: Future, name: str, answered: Answered) -> dict[str, Any]:
    labels, result = future.plan.labels, future.result
    names = names_of(future, answered.scenario)
    by_year = groupby(future.trace.events, lambda one: _date(future, one).year)
    return {
        "name": name,
        "replication": future.replication,
        "is_met": bool(result.is_met[0]),
        "standing": [
            (city, category(CATEGORIES[held]))
            for city, held in zip(labels.city_names, result.standing[0].tolist(), strict=True)
        ],
        "target": answered.scenario.target.category,
        "years": [_year(future, names, year, list(events)) for year, events in by_year],
    }


def _year(future: Future, names: Names, year: int, events: list[TraceEvent]) -> dict[str, Any]:
    main = [one for one in events if one.what in _MAIN and one.what != "year"]
    others = Counter(phrase_what(one) for one in events if one.what not in _MAIN)
    counted = [f"{what}: {number(count)}" for what, count in others.most_common()]
    return {
        "year": year,
        "counted": ", ".join(counted),
        "events": [
            (
                day(_date(future, one)),
                phrase_what(one),
                names.of(one.subject),
                phrase_detail(one),
            )
            for one in main[:_MOST_TOLD]
        ],
        "n_more": max(0, len(main) - _MOST_TOLD),
    }


def _date(future: Future, event: TraceEvent) -> dt.date:
    return future.plan.labels.start + dt.timedelta(days=event.day)

"""The odds of a scenario on the page: a few futures first, more as long as they are wanted.

The first look takes only the worlds that its futures run in, so that it comes before the worlds of
all others are made; it is the same as the first futures of a run, since a world is the same
whatever their number. One plan is prepared at a time, and a question that nobody asks any more is
given up between two steps. Not here: what a look is called in words (`views`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from kla_sim.analysis.conditional import conditional_chances, world_numbers
from kla_sim.analysis.counting import Tally
from kla_sim.analysis.counting.by_world import stretch_of
from kla_sim.analysis.counting.odds import OddsCounter
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Replications, join_replications
from kla_sim.experiment.batches import engine_of
from kla_sim.experiment.size import Asked, reckon, refuse_too_large
from kla_sim.scenario.model import Scenario

LOOKS = (40, 200, 500, 1_000, 2_000)
"""Futures after which the odds are told."""

_AT_ONCE = 250
_MOST_KEPT = 6
_preparing = threading.Lock()


class NotWantedError(Exception):
    """Nobody waits for the answer any more."""


class Wish:
    """Whether an answer is still wanted; asked by what reckons it, in whatever thread."""

    def __init__(self) -> None:
        self._is_over = threading.Event()

    def end(self) -> None:
        """Say that the answer is wanted no more."""
        self._is_over.set()

    def check(self) -> None:
        """Give up what nobody wants.

        Raises
        ------
        NotWantedError : nobody waits for it.
        """
        if self._is_over.is_set():
            raise NotWantedError


class Look(NamedTuple):
    """What the first n futures of a plan say.

    Attributes
    ----------
    all_cities, expected : the odds of all cities at the target, and how many reach it on average.
    cities : the odds of each city.
    """

    plan: Plan
    replications: Replications
    all_cities: Estimate
    cities: list[Estimate]
    expected: Estimate

    @property
    def n(self) -> int:
        """The number of futures."""
        return self.all_cities.replications

    def summarise(self) -> Summary:
        """Return all that they say, which takes longer than the odds alone."""
        tally = Tally(self.plan)
        tally.add(0, self.replications)
        return tally.summarise()


def looks(scenario: Scenario, seed: int, wish: Wish) -> Iterator[Look]:
    """Yield what more and more futures say, the first ones as soon as may be.

    Raises
    ------
    NotWantedError : nobody waits for more.
    UsageError : the plan is too large for this machine.
    """
    refuse_too_large(reckon(scenario, Asked(replications=LOOKS[-1])))
    if scenario.worlds > LOOKS[0]:
        few = prepare(scenario.model_copy(update={"worlds": LOOKS[0]}), seed, wish)
        yield from _looks(few, LOOKS[:1], wish)
    plan = prepare(scenario, seed, wish)
    yield from _looks(plan, LOOKS[scenario.worlds > LOOKS[0] :], wish)


def prepare(scenario: Scenario, seed: int, wish: Wish) -> Plan:
    """Return the plan of a scenario, one at a time."""
    with _preparing:
        wish.check()
        return compile_plan(scenario, seed, report=lambda done, asked: wish.check())


def simulate(plan: Plan, first: int, last: int, wish: Wish) -> Replications:
    """Return some futures of a plan, in pieces between which they may be given up."""
    engine = engine_of("compiled")
    pieces = []
    for start in range(first, last, _AT_ONCE):
        wish.check()
        pieces.append(engine(plan, start, min(start + _AT_ONCE, last)))
    return join_replications(pieces)


def _looks(plan: Plan, sizes: tuple[int, ...], wish: Wish) -> Iterator[Look]:
    """Yield what the first futures of a plan say, after so many."""
    counter, numbers = OddsCounter(plan), world_numbers(plan)
    pieces: list[Replications] = []
    for n in sizes:
        first = counter.n
        futures = simulate(plan, first, n, wish)
        pieces.append(futures)
        chances = conditional_chances(plan, first, futures, numbers)
        counter.add(stretch_of(plan, first, futures, numbers), chances)
        wish.check()
        yield Look(
            plan,
            join_replications(pieces),
            counter.all_cities(),
            counter.cities(),
            counter.expected_cities(),
        )


class Answered(NamedTuple):
    """A question, and the last look that was taken at it."""

    scenario: Scenario
    seed: int
    look: Look
    summary: Summary


class Memory:
    """The latest questions by their names, for pictures and futures that are asked for later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Answered] = OrderedDict()

    def keep(self, name: str, answered: Answered) -> None:
        """Keep what was answered, and forget the oldest."""
        with self._lock:
            self._kept[name] = answered
            self._kept.move_to_end(name)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)

    def find(self, name: str) -> Answered | None:
        """Return what was answered to a question, unless it is forgotten."""
        with self._lock:
            return self._kept.get(name)

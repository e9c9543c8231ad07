"""What a replication tells while it runs, when somebody listens."""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.engine.plan import Plan
from kla_sim.engine.reference.clock import Clock


class TraceEvent(NamedTuple):
    """One thing that happened: the day, what, to what, and numbers that tell more."""

    day: int
    what: str
    subject: str
    detail: dict[str, Any]


class Attempt(NamedTuple):
    """One attempt at an activity: days of start and (planned) finish, rupiah paid."""

    start: int
    finish: int
    cost: int


class Trace(NamedTuple):
    """What one replication did, event by event, and every attempt at every activity."""

    events: list[TraceEvent]
    attempts: list[list[Attempt]]
    given_up: list[bool]
    spells: list[tuple[int, int, int, int]]  # activity or city, kind, since, until
    complete_day: list[int]

    @classmethod
    def empty(cls, plan: Plan) -> Trace:
        """Return a trace in which nothing has happened yet."""
        n_activities = len(plan.labels.activities)
        return cls(
            [], [[] for _ in range(n_activities)], [False] * n_activities, [], [-1] * n_activities
        )


class Journal:
    """Writes down what happens, if somebody listens."""

    def __init__(self, clock: Clock, log: Trace | None) -> None:
        self._clock, self._log = clock, log

    def tell(self, what: str, subject: str, **detail: Any) -> None:
        """Add an event of today."""
        if self._log is not None:
            self._log.events.append(TraceEvent(self._clock.today, what, subject, detail))

    def note_attempt(self, act: int, finish: int, cost: int) -> None:
        """Keep an attempt at an activity that starts today."""
        if self._log is not None:
            self._log.attempts[act].append(Attempt(self._clock.today, finish, cost))

    def note_spell(self, act: int, kind: int, since: int, until: int) -> None:
        """Keep how some days were spent (`engine.spells`)."""
        if self._log is not None and until > since:
            self._log.spells.append((act, kind, since, until))

    def note_complete(self, act: int) -> None:
        """Keep that an activity is complete today."""
        if self._log is not None:
            self._log.complete_day[act] = self._clock.today

    def note_given_up(self, act: int) -> None:
        """Keep that an activity is given up."""
        if self._log is not None:
            self._log.given_up[act] = True

"""What a replication tells while it runs, when somebody listens."""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.engine.plan import Plan


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

    @classmethod
    def empty(cls, plan: Plan) -> Trace:
        """Return a trace in which nothing has happened yet."""
        n_activities = len(plan.labels.activities)
        return cls([], [[] for _ in range(n_activities)], [False] * n_activities)

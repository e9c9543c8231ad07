"""The clock of one replication: SimPy events whose priority is their place in the day.

Phase A runs by activity, phase B by calendar item and number, phase C last and at most once a day,
when somebody asked to look again at waiting work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy

_PHASE_B = 1 << 40
_ITEM = 1 << 32
_PHASE_C = 1 << 50

Action = Callable[[Any], None]


class _Moment(simpy.Event):
    """Something that happens on a day, at its place in the order of the day."""

    def __init__(self, env: simpy.Environment, days: int, place: int, action: Action) -> None:
        self.env = env
        self.callbacks = [action]
        self._ok = True
        self._value = None
        self._defused = False
        env.schedule(self, place, days)  # type: ignore[arg-type]


class Clock:
    """Schedules moments and remembers whose waiting work must be looked at again."""

    def __init__(self, n_cities: int, horizon_day: int) -> None:
        self.env = simpy.Environment()
        self.horizon_day = horizon_day
        self.today = 0
        self.n_events = 0
        self.is_touched = [True] * (1 + n_cities)
        self._scan_is_due = False
        self._scan: Callable[[], None]  # set by `run`

    def run(self, scan: Callable[[], None]) -> None:
        """Run from day 0 to the end of the horizon day; `scan` is phase C."""
        self._scan = scan
        self.look_again(0)
        self.env.run(until=self.horizon_day + 1)

    def complete_at(self, day: int, act: int, action: Callable[[int], None]) -> None:
        """Schedule a completion: phase A, in the order of activities."""

        def happen(_: Any) -> None:
            self.today = day
            self.n_events += 1
            action(act)

        _Moment(self.env, day - self.today, 1 + act, happen)

    def at(
        self,
        day: int,
        item: int,
        number: int,
        action: Callable[[int], None],
        *,
        counts: bool = True,
    ) -> None:
        """Schedule a calendar item: phase B, by item and number; past the horizon it is dropped.

        Parameters
        ----------
        counts : whether it is one of the events counted in `n_events`.
        """
        if day > self.horizon_day:
            return

        def happen(_: Any) -> None:
            self.today = day
            self.n_events += counts
            action(number)

        _Moment(self.env, day - self.today, _PHASE_B + item * _ITEM + number, happen)

    def look_again(self, group: int) -> None:
        """Ask for phase C today, for a city's work (1 + city) or with 0 for everybody's."""
        if group:
            self.is_touched[group] = True
        else:
            self.is_touched[:] = [True] * len(self.is_touched)
        if not self._scan_is_due:
            self._scan_is_due = True
            _Moment(self.env, 0, _PHASE_C, self._begin_phase_c)

    def _begin_phase_c(self, _: Any) -> None:
        self._scan_is_due = False
        self._scan()

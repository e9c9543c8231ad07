"""The work: what is ready, what holds it up, what starts, and what a completion brings.

Waiting work lies where its first failing check put it: before a closed window, behind the limit of
zones in progress, or in the queue of its city, which phase C scans.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable

from kla_sim.engine.formulas import MAXIMUM_ATTEMPTS, days_left, whole_days, whole_rupiah
from kla_sim.engine.reference.clock import Clock
from kla_sim.engine.reference.facts import Facts, Luck
from kla_sim.engine.reference.staff import Staff
from kla_sim.engine.reference.trace import Journal
from kla_sim.engine.reference.treasury import Part, Treasury
from kla_sim.engine.reference.zones import Zones
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import REWORK, WORK
from kla_sim.engine.structure.codes import LIMIT_CAUSE, NO_CAUSE, WINDOW_CAUSE
from kla_sim.engine.values import Values


class Work:
    """Every activity of the plan."""

    def __init__(
        self,
        facts: Facts,
        values: Values,
        luck: Luck,
        clock: Clock,
        staff: Staff,
        treasury: Treasury,
        zones: Zones,
        journal: Journal,
    ) -> None:
        s = facts.structure
        self._facts, self._s, self._values, self._luck = facts, s, values, luck
        self._clock, self._staff, self._treasury, self._zones = clock, staff, treasury, zones
        self._journal, self._tell = journal, journal.tell
        n_activities = len(facts.kind)
        self._n_before: list[int] = s.act_n_before.tolist()
        self.is_complete: list[bool] = s.act_done.tolist()
        self._is_given_up = [False] * n_activities
        self._is_resumed = [False] * n_activities
        self._n_attempts = [0] * n_activities
        self._duration = luck.draw_activities(s.duration_stream, values.duration)
        self._cost = luck.draw_activities(s.cost_stream, values.cost)
        self._parts: list[list[Part]] = [[]] * n_activities
        self._cause = [0] * n_activities
        self._since = [0] * n_activities
        self._wait_days = [[0] * s.n_causes for _ in range(1 + s.n_cities)]
        self._queue: list[list[int]] = [[] for _ in range(1 + s.n_cities)]
        self._before_window: list[list[int]] = [[] for _ in facts.window_open]
        self._behind_limit: list[list[int]] = [[] for _ in range(s.n_cities)]

    def begin(self) -> None:
        """Take up what had begun; make ready what waits for nothing, zones with their stages."""
        for act, elapsed in enumerate(self._s.act_elapsed.tolist()):
            if self._s.act_finished[act]:
                self._take_as_finished(act)
            elif elapsed >= 0:
                self._resume(act, elapsed)
        for act, zone in enumerate(self._facts.zone):
            if zone < 0 and not self.is_complete[act]:
                self._consider(act)

    def _take_as_finished(self, act: int) -> None:
        self.is_complete[act] = True
        zone = self._facts.zone[act]
        if zone >= 0:
            self._begin_zone(zone)
            self._zones.earn(act)
            self._zones.leave(zone)

    def _resume(self, act: int, elapsed: int) -> None:
        """Go on with work that had begun: it holds its staff, and its cost is paid."""
        facts, values = self._facts, self._values
        group, zone, kind = facts.group[act], facts.zone[act], facts.kind[act]
        self._is_resumed[act] = True
        city = float(values.city_duration[group - 1]) if group else 1.0
        learned = 1.0
        if zone >= 0:
            self._begin_zone(zone)
            learned = self._zones.learned(group - 1)
        chance = self._luck.uniform(self._s.duration_stream[act])
        finish = days_left(values.duration[kind], chance, facts.plan.tables, city, learned, elapsed)
        self._staff.take(facts.needs[act], finish)
        self._clock.complete_at(finish, act, self.complete)
        self._journal.note_attempt(act, finish, 0)
        self._journal.note_spell(act, WORK, 0, finish)
        self._tell("start", self._name(act), finish=finish, cost=0)

    def _begin_zone(self, zone: int) -> None:
        if not self._zones.is_started[zone]:
            self._zones.start(zone)

    def complete(self, act: int) -> None:
        """End an attempt: free its posts, check acceptance, and pass on what it brings."""
        self._staff.give_back(self._facts.needs[act])
        self._clock.look_again(self._facts.group[act])
        used = self._n_attempts[act]
        self._n_attempts[act] = used + 1
        success = self._values.success[self._facts.kind[act]]
        if success >= 1.0 or self._luck.uniform(self._s.acceptance_stream[act], used) < success:
            self._finish(act)
        elif used + 1 >= MAXIMUM_ATTEMPTS:
            self._give_up(act)
        else:
            self._tell("rework", self._name(act), attempt=used + 2)
            self._draw_again(act)
            self._make_ready(act)

    def _finish(self, act: int) -> None:
        self.is_complete[act] = True
        self._journal.note_complete(act)
        self._tell("complete", self._name(act))
        zone = self._facts.zone[act]
        if zone >= 0:
            if self._zones.earn(act):
                self._tell("launch", self._facts.zone_name[zone])
            self._leave_zone(zone)
        for later in self._facts.after[act]:
            self._n_before[later] -= 1
            self._consider(later)

    def _give_up(self, act: int) -> None:
        """Give up an activity and all that waits for it; what is complete stays complete."""
        if self._is_given_up[act] or self.is_complete[act]:
            return
        self._is_given_up[act] = True
        self._journal.note_given_up(act)
        self._tell("given_up", self._name(act))
        if self._facts.zone[act] >= 0:
            self._leave_zone(self._facts.zone[act])
        for later in self._facts.after[act]:
            self._give_up(later)

    def _leave_zone(self, zone: int) -> None:
        """Let the next zone pass the limit when this one's progress has ended."""
        if self._zones.leave(zone):
            city = self._facts.zone_city[zone]
            self._wake(self._behind_limit[city])
            self._clock.look_again(1 + city)

    def _draw_again(self, act: int) -> None:
        kind, use = self._facts.kind[act], self._n_attempts[act]
        s, values, luck = self._s, self._values, self._luck
        self._duration[act] = luck.draw(values.duration[kind], s.duration_stream[act], use)
        self._cost[act] = luck.draw(values.cost[kind], s.cost_stream[act], use)

    def begin_stage(self, zone: int) -> None:
        """B5: a zone may start from now on."""
        self._zones.is_due[zone] = True
        self._tell("stage", self._facts.zone_name[zone])
        for act in self._facts.zone_acts[zone]:
            self._consider(act)

    def turn_window(self, window: int) -> None:
        """B8: a window opens or closes; phase C sees who may start and what holds the others."""
        self._wake(self._before_window[window])
        for waiting in self._behind_limit:
            self._wake(waiting)
        self._clock.look_again(0)

    def _wake(self, waiting: list[int]) -> None:
        for act in waiting:
            insort(self._queue[self._facts.group[act]], self._facts.scan_place[act])
        waiting.clear()

    def _consider(self, act: int) -> None:
        """Make an activity ready if nothing holds it: predecessors, stage, an earlier ending."""
        zone = self._facts.zone[act]
        is_free = self._n_before[act] == 0 and (zone < 0 or self._zones.is_due[zone])
        is_free = is_free and not self._is_resumed[act]
        if is_free and not self.is_complete[act] and not self._is_given_up[act]:
            self._make_ready(act)

    def _make_ready(self, act: int) -> None:
        """Draw the attempt's cost and put it into the queue of its city or the province."""
        kind, group = self._facts.kind[act], self._facts.group[act]
        multiplier = float(self._values.city_cost[group - 1]) if group else 1.0
        amount = whole_rupiah(self._cost[act] * multiplier * self._rework(act))
        self._parts[act] = self._treasury.split(amount, self._facts.pays[kind], group)
        self._since[act] = self._clock.today
        insort(self._queue[group], self._facts.scan_place[act])
        self._clock.look_again(group)

    def _rework(self, act: int) -> float:
        """Return the factor on duration and cost: 1 at the first attempt."""
        return float(self._values.rework[self._facts.kind[act]]) if self._n_attempts[act] else 1.0

    def scan(self, city_order: Callable[[], list[int]]) -> None:
        """Start what can start, once through in priority order; then name what holds the rest.

        Nothing that a start changes lets other work start on the same day, so a queue that later
        starts touched is only looked at once more for what holds its work now.
        """
        is_touched = self._clock.is_touched
        for group in [0, *(1 + city for city in city_order())]:
            if is_touched[group]:
                is_touched[group] = False
                self._scan_queue(group)
        for group, is_stale in enumerate(is_touched):
            if is_stale:
                is_touched[group] = False
                self._scan_queue(group)

    def _scan_queue(self, group: int) -> None:
        """Look at a queue in order: start, or note what holds it and lay it there."""
        facts, causes = self._facts, self._cause
        held: list[int] = []
        for place in self._queue[group]:
            act = facts.scan_order[place]
            cause = self._obstacle(act)
            if cause == NO_CAUSE:
                self._start(act)
                continue
            if cause != causes[act]:
                self._book_wait(act)
                causes[act] = cause
            if cause == WINDOW_CAUSE:
                self._before_window[facts.window[act]].append(act)
            elif cause == LIMIT_CAUSE:
                self._behind_limit[group - 1].append(act)
            else:
                held.append(place)
        self._queue[group] = held

    def _obstacle(self, act: int) -> int:
        """Return the first check that fails, as a cause of waiting."""
        facts, zones = self._facts, self._zones
        window = facts.window[act]
        if window >= 0 and not facts.window_open[window][self._clock.today]:
            return WINDOW_CAUSE
        zone = facts.zone[act]
        if zone >= 0 and zones.is_held_back(zone):
            return LIMIT_CAUSE
        free, balance = self._staff.free, self._treasury.balance
        for pool, units, cause in facts.needs[act]:
            if free[pool] < units:
                return cause
        for account, part, cause in self._parts[act]:
            if balance[account] < part and part > 0:
                return cause
        return NO_CAUSE

    def _book_wait(self, act: int) -> None:
        today = self._clock.today
        self._wait_days[self._facts.group[act]][self._cause[act]] += today - self._since[act]
        self._journal.note_spell(act, self._cause[act], self._since[act], today)
        self._since[act] = today

    def _start(self, act: int) -> None:
        """Take everything at once: posts, money, and a place in progress for a new zone."""
        facts = self._facts
        group, zone = facts.group[act], facts.zone[act]
        self._book_wait(act)
        if zone >= 0:
            self._begin_zone(zone)
        duration = self._duration[act]
        if group:
            duration *= float(self._values.city_duration[group - 1])
        duration *= self._rework(act)
        if zone >= 0:
            duration *= self._zones.learned(group - 1)
        finish = self._clock.today + whole_days(duration)
        self._staff.take(facts.needs[act], finish)
        self._treasury.pay(self._parts[act])
        self._clock.look_again(group)
        self._clock.n_events += 1
        self._clock.complete_at(finish, act, self.complete)
        cost = sum(part for _, part, _ in self._parts[act])
        self._journal.note_attempt(act, finish, cost)
        kind = REWORK if self._n_attempts[act] else WORK
        self._journal.note_spell(act, kind, self._clock.today, finish)
        self._tell("start", self._name(act), finish=finish, cost=cost)

    def _name(self, act: int) -> str:
        return self._facts.plan.labels.activities[act]

    def write(self, out: Replications) -> None:
        """Write the days waited, counted to the end of the horizon day."""
        after = self._s.horizon_day + 1
        queued = [self._facts.scan_order[place] for queue in self._queue for place in queue]
        asleep = [act for waiting in (*self._before_window, *self._behind_limit) for act in waiting]
        for act in (*queued, *asleep):
            group = self._facts.group[act]
            self._wait_days[group][self._cause[act]] += after - self._since[act]
            self._journal.note_spell(act, self._cause[act], self._since[act], after)
        out.wait_days[:] = self._wait_days

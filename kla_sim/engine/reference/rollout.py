"""One replication: its parts, the calendar that drives them, and the results."""

from __future__ import annotations

from kla_sim.engine.reference.clock import Clock
from kla_sim.engine.reference.facts import Facts, Luck
from kla_sim.engine.reference.jury import Jury
from kla_sim.engine.reference.staff import Staff
from kla_sim.engine.reference.trace import Journal, Trace
from kla_sim.engine.reference.treasury import Treasury
from kla_sim.engine.reference.work import Work
from kla_sim.engine.reference.zones import Zones
from kla_sim.engine.replications import Replications, row_of
from kla_sim.engine.structure import codes


class Rollout:
    """The roll-out in one future."""

    def __init__(self, facts: Facts, replication: int, log: Trace | None) -> None:
        plan, s = facts.plan, facts.structure
        number = replication % plan.n_worlds
        world, values = plan.worlds[number], plan.values[number]
        luck = Luck(plan, replication)
        self._facts, self._s, self._values = facts, s, values
        self._clock = Clock(s.n_cities, s.horizon_day)
        journal = Journal(self._clock, log)
        self._tell = journal.tell
        self._staff = Staff(facts, values, luck, self._clock, journal)
        self._treasury = Treasury(facts, values, self._clock, replication, journal)
        self._zones = Zones(facts, number, values, self._clock, self._treasury, journal)
        self._work = Work(
            facts, values, luck, self._clock, self._staff, self._treasury, self._zones, journal
        )
        self._jury = Jury(facts, world, values, luck, self._clock, journal)
        self._listed: list[int] = s.listed_order.tolist()
        self._city_order = self._order_cities()

    def run(self, out: Replications, row: int) -> None:
        """Run from the start to the end of the horizon day and write one row of results."""
        self._jury.settle_calendar(self._close_evidence, self._publish)
        actions = {
            codes.YEAR: self._begin_year,
            codes.RELEASE: self._release,
            codes.CAPACITY: self._staff.step_capacity,
            codes.STAGE: self._work.begin_stage,
            codes.WINDOW: self._work.turn_window,
            codes.EVIDENCE: lambda cycle: self._jury.move_background(cycle, self._remainder),
        }
        for day, item, number in self._facts.agenda:
            self._clock.at(day, item, number, actions[item])
        if self._s.spent_before.any():
            last = len(self._facts.agenda)
            self._clock.at(
                0, codes.RELEASE, last, lambda _: self._treasury.take_spent(), counts=False
            )
        self._staff.begin()
        self._work.begin()
        self._clock.run(lambda: self._work.scan(self._current_order))
        mine = row_of(out, row)
        for part in (self._staff, self._treasury, self._zones, self._jury, self._work):
            part.write(mine)
        mine.n_events[...] = self._clock.n_events

    def _begin_year(self, year: int) -> None:
        """B1: what is unspent lapses, and upkeep falls due."""
        self._tell("year", str(self._facts.plan.labels.years[year]))
        if year > 0:
            self._treasury.end_year(year - 1)
        self._zones.begin_year(year)
        self._zones.try_upkeep()
        self._clock.look_again(0)

    def _release(self, number: int) -> None:
        self._treasury.release(number)
        self._zones.try_upkeep()

    def _close_evidence(self, cycle: int) -> None:
        self._jury.close_evidence(cycle, self._remainder)

    def _publish(self, cycle: int) -> None:
        self._jury.publish(cycle)
        self._city_order = self._order_cities()

    def _remainder(self, city: int) -> float:
        """Return the share of a city's gap at the start that Kaltara and wide work leave."""
        total = 0.0
        factors = self._zones.relative_factors(city)
        closing = [
            self._values.closes_gap[self._facts.kind[act]]
            for act in (*self._facts.wide_acts[0], *self._facts.wide_acts[1 + city])
            if self._work.is_complete[act] and not self._s.act_done[act]
        ]
        for group in range(codes.N_GROUPS):
            left = float(self._values.group_weight[city, group]) * factors[group]
            for closes_gap in closing:
                left *= 1.0 - float(closes_gap[group])
            total += left
        return total

    def _current_order(self) -> list[int]:
        if self._s.priority == codes.FEWEST_STARTED:
            return self._order_cities()
        return self._city_order

    def _order_cities(self) -> list[int]:
        """Return the cities as the policy ranks them now; ties keep the listed order."""
        if self._s.priority == codes.LOWEST_SCORE:
            return sorted(self._listed, key=self._jury.published.__getitem__)
        if self._s.priority == codes.CLOSEST:
            return sorted(self._listed, key=self._jury.distance_to_target)
        if self._s.priority == codes.FEWEST_STARTED:
            return sorted(self._listed, key=self._zones.n_started.__getitem__)
        return self._listed

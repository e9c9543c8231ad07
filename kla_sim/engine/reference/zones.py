"""The zones: what they have earned, which are in progress, launched, dormant for want of upkeep."""

from __future__ import annotations

from typing import NamedTuple

from kla_sim.engine.formulas import learning_multiplier, service_factor
from kla_sim.engine.reference.clock import Clock
from kla_sim.engine.reference.facts import Facts
from kla_sim.engine.reference.trace import Journal
from kla_sim.engine.reference.treasury import Treasury
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import DORMANT
from kla_sim.engine.structure.codes import INTEGRATION, LAUNCH, N_GROUPS, UPKEEP
from kla_sim.engine.values import Values


class _Launched(NamedTuple):
    """A launched zone, ordered as upkeep is paid: oldest first, then city, existing before new."""

    day: int
    city: int
    is_new: bool
    number: int
    zone: int  # -1 = existing at the start


class Zones:
    """The planned zones one by one, the existing ones by number."""

    def __init__(
        self,
        facts: Facts,
        world: int,
        values: Values,
        clock: Clock,
        treasury: Treasury,
        journal: Journal,
    ) -> None:
        s = facts.structure
        self._facts, self._s, self._world, self._values = facts, s, world, values
        self._clock, self._treasury = clock, treasury
        self._journal, self._tell = journal, journal.tell
        self.is_due = [False] * s.n_zones
        self.is_started = [False] * s.n_zones
        self.n_in_progress = [0] * s.n_cities
        self.n_started = [0] * s.n_cities
        self._n_left = [len(acts) for acts in facts.zone_acts]
        self._marks_left = [self._marks_to_earn(acts) for acts in facts.zone_acts]
        self._is_dormant = [False] * s.n_zones
        self._n_dormant_existing = [0] * s.n_cities
        self._n_launched: list[int] = s.existing_zones.tolist()
        self._launched = [
            _Launched(-1, city, False, number, -1)
            for city, n_existing in enumerate(self._n_launched)
            for number in range(n_existing)
        ]
        self._owed: list[_Launched] = []
        self._dormant_since = 0
        self._upkeep_is_due = False
        self._dormant_days = [0] * s.n_cities
        self._launches = [[0] * s.n_years for _ in range(s.n_cities)]
        self._zones_of = [
            range(s.city_zone_first[city], s.city_zone_first[city + 1])
            for city in range(s.n_cities)
        ]
        self._start_factors = [
            self._factors(city, int(s.reference_zones[city])) for city in range(s.n_cities)
        ]

    def _marks_to_earn(self, acts: list[int]) -> list[int]:
        """Count the activities behind each mark; -1 = nobody earns it, so never."""
        left = [0] * (N_GROUPS + 2)
        for act in acts:
            for mark in self._facts.marks[self._facts.kind[act]]:
                left[mark] += 1
        return [count or -1 for count in left]

    def is_held_back(self, zone: int) -> bool:
        """Return whether a zone has not started and as many as allowed are in progress."""
        n_in_progress = self.n_in_progress[self._facts.zone_city[zone]]
        return not self.is_started[zone] and n_in_progress >= self._values.wip_limit

    def start(self, zone: int) -> None:
        """Take a place in progress with the first start of any activity."""
        city = self._facts.zone_city[zone]
        self.is_started[zone] = True
        self.n_in_progress[city] += 1
        self.n_started[city] += 1

    def leave(self, zone: int) -> bool:
        """Count an activity as over; return whether that ended the zone's progress."""
        self._n_left[zone] -= 1
        if self._n_left[zone] > 0 or not self.is_started[zone]:
            return False
        self.n_in_progress[self._facts.zone_city[zone]] -= 1
        return True

    def earn(self, act: int) -> bool:
        """Earn the marks of a completed activity; return whether that launched the zone."""
        zone = self._facts.zone[act]
        left = self._marks_left[zone]
        for mark in self._facts.marks[self._facts.kind[act]]:
            left[mark] -= 1
            if mark == LAUNCH and left[mark] == 0:
                self._launch(zone)
                return True
        return False

    def _launch(self, zone: int) -> None:
        today, city = self._clock.today, self._facts.zone_city[zone]
        number = int(self._s.zone_number[zone])
        self._n_launched[city] += 1
        self._launched.append(_Launched(today, city, True, number, zone))
        self._launches[city][self._facts.year_of_day[today]] += 1

    def learned(self, city: int) -> float:
        """Return the learning multiplier for work that starts now in a city."""
        own = self._n_launched[city]
        others = len(self._launched) - own
        key = (self._world, own, others)
        known = self._facts.learned
        if key not in known:
            v = self._values
            known[key] = learning_multiplier(
                v.learning_rate, v.learning_floor, v.learning_transfer, own, others
            )
        return known[key]

    def begin_year(self, year: int) -> None:
        """B1: last year's unpaid upkeep is void; every launched zone owes anew and lies dormant."""
        today = self._clock.today
        self._count_dormant(today)
        for zone in self._owed:
            self._tell("void", self._name(zone), dormant_days=today - self._dormant_since)
        self._is_dormant = [False] * self._s.n_zones
        self._n_dormant_existing = [0] * self._s.n_cities
        self._owed = []
        if self._s.year_day[year] == today:
            self._dormant_since = today
            self._owed = sorted(zone for zone in self._launched if zone.day < today)
            for zone in self._owed:
                self._set_dormant(zone, is_dormant=True)

    def try_upkeep(self) -> None:
        """Ask for B3 today, after money came in."""
        if self._owed and not self._upkeep_is_due:
            self._upkeep_is_due = True
            today = self._clock.today
            self._clock.at(today, UPKEEP, 0, lambda _: self._pay_upkeep(), counts=False)

    def _pay_upkeep(self) -> None:
        """B3: a first charge, oldest launch first, passing over what cannot be paid."""
        self._upkeep_is_due = False
        unpaid = []
        for zone in self._owed:
            parts = self._treasury.split(
                self._values.upkeep, self._facts.upkeep_pays, 1 + zone.city
            )
            if self._treasury.can_pay(parts):
                self._treasury.pay(parts)
                dormant_days = self._clock.today - self._dormant_since
                self._dormant_days[zone.city] += dormant_days
                self._note_dormant(zone, self._clock.today)
                self._set_dormant(zone, is_dormant=False)
                cost = sum(part for _, part, _ in parts)
                if cost:
                    self._tell("upkeep", self._name(zone), cost=cost, dormant_days=dormant_days)
            else:
                unpaid.append(zone)
        self._owed = unpaid

    def _name(self, zone: _Launched) -> str:
        if zone.is_new:
            return self._facts.zone_name[zone.zone]
        return f"{self._facts.plan.labels.cities[zone.city]}/existing-{zone.number + 1}"

    def _set_dormant(self, zone: _Launched, *, is_dormant: bool) -> None:
        if zone.is_new:
            self._is_dormant[zone.zone] = is_dormant
        else:
            self._n_dormant_existing[zone.city] += 1 if is_dormant else -1

    def _count_dormant(self, until: int) -> None:
        for zone in self._owed:
            self._dormant_days[zone.city] += until - self._dormant_since
            self._note_dormant(zone, until)

    def _note_dormant(self, zone: _Launched, until: int) -> None:
        self._journal.note_spell(zone.city, DORMANT, self._dormant_since, until)

    def relative_factors(self, city: int) -> list[float]:
        """Return what Kaltara leaves of each group's gap, relative to the start."""
        return [
            now / at_start
            for now, at_start in zip(
                self._factors(city, int(self._s.existing_zones[city])),
                self._start_factors[city],
                strict=True,
            )
        ]

    def _factors(self, city: int, n_existing: int) -> list[float]:
        """Return what Kaltara leaves of each group's gap, by funded zones over districts."""
        values, districts = self._values, float(self._values.districts[city])
        existing = n_existing - self._n_dormant_existing[city]
        n_open, n_integrated = [existing] * N_GROUPS, existing
        for zone in self._zones_of[city]:
            if not self._is_dormant[zone]:
                left = self._marks_left[zone]
                for group in range(N_GROUPS):
                    n_open[group] += left[group] == 0
                n_integrated += left[INTEGRATION] == 0 and left[LAUNCH] == 0
        return [
            service_factor(
                float(values.effect[group]),
                n_open[group] / districts,
                float(values.integration),
                n_integrated / districts,
            )
            for group in range(N_GROUPS)
        ]

    def write(self, out: Replications) -> None:
        """Write launches and dormant days, counted to the end of the horizon day."""
        self._count_dormant(self._s.horizon_day + 1)
        out.dormant_days[:] = self._dormant_days
        out.launches[:] = self._launches

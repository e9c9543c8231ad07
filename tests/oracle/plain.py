"""A plan without chance, worked through day by day: the oracle of the engines.

Written from the rules of docs/model.md alone, without a look at the engines, and kept as simple as
it can be: every day of the clock passes through phases A, B1 to B10 and C, every key and count is
computed again each time it is needed, money is whole rupiah and scores are exact fractions (but for
the exponential of the background). It is slow, and obviously right; it is not for use.

Fixed durations and costs, acceptance that always or never succeeds, no turnover, noise or shocks,
calendar risk of 0 or 1: whatever else a scenario holds is refused.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from fractions import Fraction
from typing import Any

from kla_sim.scenario.model import Scenario

GROUPS = [
    "institutions",
    "civil_rights",
    "family_care",
    "health_welfare",
    "education_culture",
    "special_protection",
]
NAMES = ["none", "pratama", "madya", "nindya", "utama", "kla"]
GIVEN_UP_AT = 20
NEVER = 1e-100  # success below this fails at every attempt: the smallest variate is about 5e-17


def exact(number: float) -> Fraction:
    """The number as written in the file: 0.1 is a tenth."""
    return Fraction(repr(number))


def parts(amount: int, shares: dict[Any, int]) -> dict[Any, int]:
    """Split an amount by hundredths of a percent; the last listed takes the remainder."""
    split = {}
    left = amount
    for key, share in shares.items():
        split[key] = amount * share // 10_000
        left -= split[key]
    split[key] += left
    return split


def months_later(day: dt.date, months: int) -> dt.date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


class Work:
    """One activity of one kit: of the province, of a city, or of a zone of a city."""

    def __init__(self, name, owner, zone, activity, index):
        self.name = name
        self.owner = owner  # "province" or the id of a city
        self.zone = zone  # a Zone or None
        self.activity = activity
        self.index = index
        self.predecessors = []
        self.state = "waiting"  # running, complete, given up
        self.done_at_start = False
        self.attempts = []
        self.failures = 0


class Zone:
    def __init__(self, city, number, existing, stage):
        self.city = city
        self.number = number
        self.existing = existing
        self.stage = stage  # a year or None
        self.works = []
        self.launch_day = -1 if existing else None
        self.owes = False


class Plain:
    def __init__(self, scenario: Scenario):
        self.s = scenario
        self.day = 0
        self.horizon = (scenario.horizon - scenario.start).days
        self.cities = list(scenario.cities)
        self.order = list(scenario.policy.order or self.cities)  # of the scan, not of upkeep
        self.refuse_chance()
        self.build_work()
        self.build_calendar()
        years = range(scenario.start.year, scenario.horizon.year + 1)
        owners = ["province", *self.cities]
        self.money = {
            owner: {year: {"released": 0, "spent": 0, "lapsed": 0} for year in years}
            for owner in owners
        }
        self.balance = dict.fromkeys(owners, 0)
        self.waits = {owner: {} for owner in owners}
        self.dormant_days = dict.fromkeys(self.cities, 0)
        self.capacity = {}
        self.standing = {city: scenario.cities[city].award.category for city in self.cities}
        self.standing_on_deadline = dict(self.standing)
        self.published = {city: self.baseline_score(city) for city in self.cities}
        self.gap = {
            city: max(Fraction(1), 1000 - min(max(self.baseline_score(city), 0), 1000))
            for city in self.cities
        }
        self.last_step = 0
        self.evidence = {city: {} for city in self.cities}
        self.awarded = {city: {} for city in self.cities}

    def refuse_chance(self):
        s = self.s
        kits = [*s.work.province.values(), *s.work.city.values(), *s.work.zone.values()]
        for work in kits:
            assert isinstance(work.duration, float | int)
            assert isinstance(work.cost, int)
            assert work.success == 1 or work.success < NEVER
        assert all(r.turnover == 0 for r in s.resources.values())
        assert s.accounts.shock.common == s.accounts.shock.own == 0
        assert s.background.volatility == 0
        assert s.background.rate.spread == 0
        assert s.evaluation.one_step_up in (None, 0, 1)
        assert s.evaluation.tail_share is s.evaluation.confirmation is s.observed is None
        assert not s.uncertain
        for city in s.cities.values():
            assert city.award.category != "unknown"
            assert city.baseline.category is None
            assert city.baseline.sd == 0
            assert isinstance(city.baseline.ratio, float | int | None)

    def build_work(self):
        s = self.s
        self.works = []
        self.zones = []

        def add(prefix, owner, zone, kit):
            made = {}
            for key, activity in kit.items():
                made[key] = Work(f"{prefix}/{key}", owner, zone, activity, len(self.works))
                self.works.append(made[key])
            return made

        def link(made, wider):
            for work in made.values():
                for name in work.activity.after:
                    kit, _, key = name.rpartition(".")
                    work.predecessors.append((wider[kit] if kit else made)[key])

        province = add("province", "province", None, s.work.province)
        link(province, {})
        for city_id, city in s.cities.items():
            own = add(city_id, city_id, None, s.work.city)
            link(own, {"province": province})
            for key in city.done:
                own[key].state = "complete"
                own[key].done_at_start = True
            for number in range(1, city.zones.existing + 1):
                self.zones.append(Zone(city_id, number, True, None))
            planned = city.zones.planned
            stages = (
                [None] * planned
                if isinstance(planned, int)
                else [year for year in sorted(planned) for _ in range(planned[year])]
            )
            for number, stage in enumerate(stages, 1):
                zone = Zone(city_id, number, False, stage)
                made = add(f"{city_id}/zone-{number}", city_id, zone, s.work.zone)
                link(made, {"province": province, "city": own})
                zone.works = list(made.values())
                self.zones.append(zone)

    def build_calendar(self):
        s = self.s
        calendar_risk = s.evaluation.calendar
        self.scheduled = []  # days of the background's steps
        self.held = {}  # year: (evidence day, award day)
        next_evidence = None
        for year in sorted(s.evaluation.cycles, reverse=True):
            cycle = s.evaluation.cycles[year]
            cancelled = calendar_risk.cancelled if cycle.cancelled is None else cycle.cancelled
            slip = calendar_risk.slip if cycle.slip is None else cycle.slip
            assert cancelled in (0, 1)
            assert slip.chance in (0, 1)
            assert not (cycle.noise if cycle.noise is not None else s.evaluation.noise)
            self.scheduled.append((cycle.evidence_closes - s.start).days)
            if cancelled == 1:
                continue
            months = slip.months if slip.chance == 1 else 0
            evidence = (months_later(cycle.evidence_closes, months) - s.start).days
            award = (months_later(cycle.award, months) - s.start).days
            if next_evidence is not None and evidence >= next_evidence:
                continue  # merged into the next that is held
            self.held[year] = (evidence, award)
            next_evidence = evidence
        self.held = dict(sorted(self.held.items()))

    def date(self, day=None):
        return self.s.start + dt.timedelta(days=self.day if day is None else day)

    def is_new_year(self):
        return (self.date().month, self.date().day) == (1, 1)

    def run(self):
        for day in range(self.horizon + 1):
            self.day = day
            self.phase_a()
            if day == 0 or self.is_new_year():
                self.b1_fiscal_year()
            self.b2_releases()
            self.b3_upkeep()
            self.b4_capacity()
            self.b9_evidence()
            self.b10_awards()
            self.phase_c()
            for zone in self.zones:
                if zone.owes:
                    self.dormant_days[zone.city] += 1
        return self.document()

    def phase_a(self):
        for work in self.works:
            if work.state != "running" or work.attempts[-1][1] != self.day:
                continue
            if work.activity.success == 1:
                work.state = "complete"
                self.note_launch(work.zone)
            else:
                work.failures += 1
                work.state = "waiting"
                if work.failures == GIVEN_UP_AT:
                    self.give_up(work)

    def note_launch(self, zone):
        if zone is not None and zone.launch_day is None and self.zone_has(zone, "launches"):
            zone.launch_day = self.day

    def give_up(self, work):
        work.state = "given up"
        for other in self.works:
            if work in other.predecessors and other.state == "waiting":
                self.give_up(other)

    def zone_has(self, zone, what, value=True):
        """Every activity that says so is complete, and at least one says so."""
        if zone.existing:
            return True
        saying = [work for work in zone.works if getattr(work.activity, what) == value]
        return bool(saying) and all(work.state == "complete" for work in saying)

    def is_launched(self, zone):
        return zone.launch_day is not None

    def b1_fiscal_year(self):
        if self.day > 0:
            ended = self.date().year - 1
            for owner in self.balance:
                lost = self.balance[owner] * self.s.accounts.lapse // 10_000
                self.balance[owner] -= lost
                self.money[owner][ended]["lapsed"] += lost
        self.appropriation = {
            owner: self.appropriated(owner, self.date().year) for owner in self.balance
        }
        if self.is_new_year() and self.s.upkeep is not None:
            for zone in self.zones:
                zone.owes = self.is_launched(zone) and zone.launch_day < self.day

    def appropriated(self, owner, year):
        accounts = self.s.accounts
        listed = accounts.province if owner == "province" else accounts.cities.get(owner, {})
        if year in listed or not listed or year < min(listed):
            return listed.get(year, 0)
        before = self.appropriated(owner, year - 1)
        return math.floor(before * (1 + accounts.grows) + 0.5)

    def b2_releases(self):
        for owner in self.balance:
            tranches = parts(self.appropriation[owner], self.s.accounts.release)
            for month_day, amount in tranches.items():
                dated = dt.date(self.date().year, month_day // 100, month_day % 100)
                if dated == self.date() or (self.day == 0 and dated < self.date()):
                    self.balance[owner] += amount
                    self.money[owner][self.date().year]["released"] += amount

    def account(self, payer, city):
        return "province" if payer == "province" else city

    def holds(self, shares, city):
        return all(
            amount == 0 or self.balance[self.account(payer, city)] >= amount
            for payer, amount in shares.items()
        )

    def pay(self, shares, city):
        for payer, amount in shares.items():
            owner = self.account(payer, city)
            self.balance[owner] -= amount
            self.money[owner][self.date().year]["spent"] += amount

    def b3_upkeep(self):
        owing = [zone for zone in self.zones if zone.owes]
        owing.sort(
            key=lambda z: (z.launch_day, self.cities.index(z.city), not z.existing, z.number)
        )
        for zone in owing:
            shares = parts(self.s.upkeep.per_zone, self.s.upkeep.paid_by)
            if self.holds(shares, zone.city):
                self.pay(shares, zone.city)
                zone.owes = False

    def b4_capacity(self):
        for key, resource in self.s.resources.items():
            owners = ["province"] if resource.scope == "province" else self.cities
            for owner in owners:
                written = resource.per_city.get(owner, resource.capacity)
                if isinstance(written, int):
                    self.capacity[key, owner] = written
                    continue
                begun = [step for step in written if step.from_ <= self.date()]
                self.capacity[key, owner] = (
                    max(begun, key=lambda step: step.from_).posts if begun else 0
                )

    def baseline_score(self, city):
        baseline = self.s.cities[city].baseline
        if baseline.score is not None:
            return exact(baseline.score)
        return exact(baseline.self_assessment) * exact(baseline.ratio)

    def b9_evidence(self):
        for _ in range(self.scheduled.count(self.day)):
            years = (self.day - self.last_step) / 365.25
            rate = self.s.background.rate.median
            for city in self.cities:
                gap = self.gap[city]
                if rate > 0:
                    gap *= Fraction(math.exp(-rate * years))
                while not 1 <= gap <= 1000:
                    gap = 2 - gap if gap < 1 else 2000 - gap
                self.gap[city] = gap
            self.last_step = self.day
        for year, (evidence, _) in self.held.items():
            if evidence == self.day:
                for city in self.cities:
                    self.evidence[city][year] = self.score(city)

    def group_shares(self, city):
        indicators = self.s.indicators.values()
        if all(indicator.points is None for indicator in indicators):
            points = {i: Fraction(1000, len(indicators)) for i in range(len(indicators))}
        else:
            points = {i: exact(indicator.points) for i, indicator in enumerate(indicators)}
        profile = self.s.cities[city].baseline.profile
        gap = dict.fromkeys(GROUPS, Fraction(0))
        for i, indicator in enumerate(indicators):
            missing = 1 - exact(profile[indicator.group]) if profile else 1
            gap[indicator.group] += points[i] * missing
        total = sum(gap.values())
        return {group: gap[group] / total for group in GROUPS}

    def kaltara(self, city, group, open_zones, integrated_zones):
        districts = self.s.cities[city].districts
        cover = min(Fraction(1), Fraction(open_zones, districts))
        cover_integrated = min(Fraction(1), Fraction(integrated_zones, districts))
        service = exact(self.s.effects.services.get(group, 0.0))
        integration = exact(self.s.effects.integration)
        return (1 - service * cover) * (1 - integration * cover_integrated)

    def score(self, city):
        own = [zone for zone in self.zones if zone.city == city]
        existing = sum(zone.existing for zone in own)
        funded = [zone for zone in own if not zone.owes]
        integrated = sum(
            self.is_launched(zone) and self.zone_has(zone, "integrates") for zone in funded
        )
        left = Fraction(0)
        shares = self.group_shares(city)
        for group in GROUPS:
            open_zones = sum(self.zone_has(zone, "opens", group) for zone in funded)
            kaltara = self.kaltara(city, group, open_zones, integrated) / self.kaltara(
                city, group, existing, existing
            )
            policies = Fraction(1)
            for work in self.works:
                counts = work.zone is None and work.owner in ("province", city)
                if counts and work.state == "complete" and not work.done_at_start:
                    policies *= 1 - exact(work.activity.closes_gap.get(group, 0.0))
            left += shares[group] * kaltara * policies
        return min(max(1000 - self.gap[city] * left, Fraction(0)), Fraction(1000))

    def strictness(self, year):
        own = self.s.evaluation.cycles[year].strictness
        written = self.s.evaluation.strictness if own is None else own
        if written is None or isinstance(written, float | int):
            assert not written
            return Fraction(0)
        assert written.sd == 0
        return exact(written.mean)

    def category(self, score):
        bounds = self.s.categories
        if score < exact(bounds.pratama):
            return "none"
        above = [n for n in NAMES[2:] if score > exact(getattr(bounds, n))]
        return above[-1] if above else "pratama"

    def b10_awards(self):
        for year, (_, award) in self.held.items():
            if award != self.day:
                continue
            for city in self.cities:
                score = self.evidence[city][year]
                verified = min(max(score + self.strictness(year), Fraction(0)), Fraction(1000))
                category = self.category(verified)
                if self.s.evaluation.one_step_up == 1:
                    most = min(NAMES.index(self.standing[city]) + 1, 5)
                    category = NAMES[min(NAMES.index(category), most)]
                self.standing[city] = category
                if self.date() <= self.s.target.deadline:
                    self.standing_on_deadline[city] = category
                self.published[city] = verified
                self.awarded[city][year] = (score, verified, category)

    def city_key(self, city):
        priority = self.s.policy.priority
        score = self.published[city]
        place = self.order.index(city)
        if priority == "lowest_score_first":
            return (score, place)
        if priority == "closest_to_target_first":
            target = self.s.target.category
            if NAMES.index(self.category(score)) < NAMES.index(target):
                return (0, exact(getattr(self.s.categories, target)) - score, place)
            return (1, 0, place)
        if priority == "fewest_started_first":
            started = sum(
                any(work.attempts for work in zone.works)
                for zone in self.zones
                if zone.city == city and not zone.existing
            )
            return (started, place)
        return (place,)

    def is_ready(self, work):
        if work.state != "waiting":
            return False
        if any(before.state != "complete" for before in work.predecessors):
            return False
        stage = work.zone.stage if work.zone else None
        return stage is None or self.date() >= dt.date(stage, 1, 1)

    def in_progress(self, zone):
        return any(work.attempts for work in zone.works) and any(
            work.state in ("waiting", "running") for work in zone.works
        )

    def free(self, resource, owner):
        if self.s.resources[resource].scope == "province":
            owner = "province"
        used = sum(
            work.activity.needs.get(resource, 0)
            for work in self.works
            if work.state == "running" and (owner == "province" or work.owner == owner)
        )
        return self.capacity[resource, owner] - used

    def cost(self, work):
        cost = float(work.activity.cost)
        if work.owner != "province":
            cost *= self.s.cities[work.owner].multipliers.cost
        if work.attempts:
            cost *= work.activity.rework
        return math.floor(cost + 0.5)

    def duration(self, work):
        days = work.activity.duration
        if work.owner != "province":
            days *= self.s.cities[work.owner].multipliers.duration
        if work.attempts:
            days *= work.activity.rework
        if work.zone is not None:
            launched = [zone.city for zone in self.zones if self.is_launched(zone)]
            own = launched.count(work.owner)
            learning = self.s.learning
            exposure = 1 + own + learning.transfer * (len(launched) - own)
            days *= max(learning.floor, learning.rate ** math.log2(exposure))
        return max(1, math.floor(days + 0.5))

    def obstacle(self, work):
        """The first check that fails, or None."""
        window = work.activity.window
        if window is not None:
            today = self.date().month * 100 + self.date().day
            if window.from_ <= window.to:
                is_open = window.from_ <= today <= window.to
            else:
                is_open = today >= window.from_ or today <= window.to
            if not is_open:
                return "window"
        limit = self.s.policy.wip_limit
        if work.zone is not None and limit is not None and not self.in_progress(work.zone):
            busy = sum(self.in_progress(z) for z in self.zones if z.city == work.owner)
            if busy >= limit:
                return "wip_limit"
        for resource, units in work.activity.needs.items():
            if units > 0 and self.free(resource, work.owner) < units:
                return resource
        if work.activity.paid_by:
            for payer, amount in parts(self.cost(work), work.activity.paid_by).items():
                if amount > 0 and self.balance[self.account(payer, work.owner)] < amount:
                    return f"account:{payer}"
        return None

    def phase_c(self):
        city_keys = {city: self.city_key(city) for city in self.cities}

        def key(work):
            if work.owner == "province":
                return (0, (), 0, 0, work.activity.rank, work.index)
            number = work.zone.number if work.zone else 0
            return (
                1, city_keys[work.owner], work.zone is not None, number,
                work.activity.rank, work.index,
            )  # fmt: skip

        ready = sorted((work for work in self.works if self.is_ready(work)), key=key)
        for work in ready:
            if self.obstacle(work) is None:
                if work.activity.paid_by:
                    self.pay(parts(self.cost(work), work.activity.paid_by), work.owner)
                finish = self.day + self.duration(work)
                work.attempts.append([self.day, finish])
                work.state = "running"
        for work in ready:
            if work.state == "waiting":
                cause = self.obstacle(work)
                self.waits[work.owner][cause] = self.waits[work.owner].get(cause, 0) + 1

    def document(self):
        return {
            "activities": {work.name: work.attempts for work in self.works if work.attempts},
            "waits": self.waits,
            "money": {
                owner: {str(year): row for year, row in rows.items()}
                for owner, rows in self.money.items()
            },
            "dormant_days": self.dormant_days,
            "scores": {
                city: {
                    str(year): {
                        "score": float(score),
                        "verified": float(verified),
                        "category": category,
                        "evidence_day": self.held[year][0],
                        "award_day": self.held[year][1],
                    }
                    for year, (score, verified, category) in self.awarded[city].items()
                }
                for city in self.cities
            },
            "standing": self.standing_on_deadline,
        }


def plain_document(scenario: Scenario) -> dict[str, Any]:
    """The document of `trace --json` for a scenario without chance."""
    return Plain(scenario).run()

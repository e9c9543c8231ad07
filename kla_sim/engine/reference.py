"""The readable engine: one replication of the roll-out as a discrete-event simulation in SimPy.

Every event carries its place in the day as its SimPy priority, so that one day always runs in the
three phases of docs/model.md: A completions, B calendar, C starts (three-phase method: Tocher
1963; Pidd 2004). Work starts all or nothing in priority order (parallel schedule generation:
Kolisch 1996). The compiled engine must return equal arrays, bit for bit.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import simpy

from kla_sim.engine import structure as st
from kla_sim.engine.draws import sample, uniform, uniforms
from kla_sim.engine.formulas import (
    EXPONENTIAL,
    LOGNORMAL,
    MAXIMUM_ATTEMPTS,
    background_step,
    capped_category,
    category_of,
    clip_score,
    learning_multiplier,
    normal_quantile,
    part_of,
    quantile,
    service_factor,
    whole_days,
    whole_rupiah,
)
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import (
    CANCELLED,
    HELD,
    MERGED,
    Replications,
    empty_replications,
)

_PHASE_B = 1 << 40
_ITEM = 1 << 32
_PHASE_C = 1 << 50


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


def simulate(plan: Plan, first: int, last: int) -> Replications:
    """Run replications first to last - 1 of a plan.

    Returns
    -------
    arrays with last - first rows
    """
    out = empty_replications(plan.structure, last - first)
    facts = _Facts(plan)
    for replication in range(first, last):
        _Rollout(facts, replication, out, replication - first, None).run()
    return out


def trace(plan: Plan, replication: int) -> tuple[Replications, Trace]:
    """Run one replication and keep every event of it; its row equals that of any run."""
    out = empty_replications(plan.structure, 1)
    n_activities = len(plan.labels.activities)
    log = Trace([], [[] for _ in range(n_activities)], [False] * n_activities)
    _Rollout(_Facts(plan), replication, out, 0, log).run()
    return out, log


class _Moment(simpy.Event):
    """Something that happens on a day, at its place in the order of the day."""

    def __init__(
        self, env: simpy.Environment, day: int, place: int, action: Callable[[Any], None]
    ) -> None:
        self.env = env
        self.callbacks = [action]
        self._ok = True
        self._value = None
        self._defused = False
        env.schedule(self, place, day - env.now)  # type: ignore[arg-type]


class _Facts:
    """The plan in plain Python lists, which SimPy's callbacks read faster than arrays."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        s = plan.structure
        self.s = s
        self.act_kind = s.act_kind.tolist()
        self.group = [1 + city for city in s.act_city.tolist()]
        self.act_zone = s.act_zone.tolist()
        n_activities = len(self.act_kind)
        self.after = [
            s.after_act[s.after_first[act] : s.after_first[act + 1]].tolist()
            for act in range(n_activities)
        ]
        kind_needs = [
            [
                (int(s.need_resource[i]), int(s.need_units[i]))
                for i in range(s.need_first[kind], s.need_first[kind + 1])
                if s.need_units[i] > 0
            ]
            for kind in range(len(s.kind_kit))
        ]
        self.needs = [
            [
                (int(s.pool_of[resource, group]), units, 2 + resource)
                for resource, units in kind_needs[kind]
            ]
            for kind, group in zip(self.act_kind, self.group, strict=True)
        ]
        n_resources = len(plan.labels.resources)
        self.account_cause = 2 + n_resources, 3 + n_resources
        self.pays = [
            [
                (int(s.pay_payer[i]), int(s.pay_share[i]))
                for i in range(s.pay_first[kind], s.pay_first[kind + 1])
            ]
            for kind in range(len(s.kind_kit))
        ]
        self.upkeep_pays = list(
            zip(s.upkeep_payer.tolist(), s.upkeep_share.tolist(), strict=True)
        )
        self.window = [int(s.kind_window[kind]) for kind in self.act_kind]
        self.window_open = s.window_open.tolist()
        in_order = sorted(
            range(n_activities),
            key=lambda act: (self.act_zone[act], s.kind_rank[self.act_kind[act]], act),
        )
        self.at_place = in_order
        self.place = [0] * n_activities
        for place, act in enumerate(in_order):
            self.place[act] = place
        self.province_pools = {
            int(pool) for pool in s.pool_of[:, 0] if pool >= 0
        }
        self.group_of_pool = [
            0 if pool in self.province_pools else _city_of_pool(s, pool) + 1
            for pool in range(s.n_pools)
        ]
        self.agenda = list(
            zip(
                s.agenda_day.tolist(),
                s.agenda_item.tolist(),
                s.agenda_number.tolist(),
                strict=True,
            )
        )
        self.year_of_day = s.year_of_day.tolist()
        self.zone_acts = [
            [act for act in range(n_activities) if self.act_zone[act] == zone]
            for zone in range(s.n_zones)
        ]
        self.wide_acts = [
            [act for act in range(n_activities) if self.act_zone[act] < 0 and self.group[act] in (0, group)]
            for group in range(1 + s.n_cities)
        ]
        self.zones_of = [
            list(range(s.city_zone_first[city], s.city_zone_first[city + 1]))
            for city in range(s.n_cities)
        ]
        self.learned: dict[tuple[int, int, int], float] = {}


def _city_of_pool(s: st.Structure, pool: int) -> int:
    return int(np.argwhere(s.pool_of[:, 1:] == pool)[0, 1])


class _Rollout:
    """The state of one replication, and what each event does to it."""

    def __init__(
        self, facts: _Facts, replication: int, out: Replications, row: int, log: Trace | None
    ) -> None:
        plan, s = facts.plan, facts.s
        self.facts, self.s, self.log = facts, s, log
        self.replication, self.seed = replication, plan.seed
        self.world = replication % plan.n_worlds
        self.values = plan.values[self.world]
        self.tables = plan.tables
        self.out = Replications(*(array[row] for array in out))
        self.out_arrays, self.row = out, row
        self.env = simpy.Environment()
        self.scan_is_due = False
        self.upkeep_is_due = False

        self.n_before = s.act_n_before.tolist()
        self.is_complete = s.act_done.tolist()
        self.is_given_up = [False] * len(self.n_before)
        self.attempt = [0] * len(self.n_before)
        self.parts: list[list[tuple[int, int, int]]] = [[] for _ in self.n_before]
        self.cause = [0] * len(self.n_before)
        self.since = [0] * len(self.n_before)
        self.duration = self._sample(s.duration_stream, self.values.duration)
        self.cost = self._sample(s.cost_stream, self.values.cost)
        self.waiting: list[list[int]] = [[] for _ in range(1 + s.n_cities)]
        self.wait_days = [[0] * s.n_causes for _ in range(1 + s.n_cities)]
        self.is_touched = [True] * (1 + s.n_cities)

        self.zone_is_due = [False] * s.n_zones
        self.zone_is_started = [False] * s.n_zones
        self.zone_n_left = [len(acts) for acts in facts.zone_acts]
        self.zone_launch_day = [-1] * s.n_zones
        self.zone_is_dormant = [False] * s.n_zones
        self.zone_left = [self._marks_to_earn(zone) for zone in range(s.n_zones)]
        self.n_in_progress = [0] * s.n_cities
        self.n_started = [0] * s.n_cities
        self.n_launched = s.existing_zones.tolist()
        self.n_launched_in_all = sum(self.n_launched)
        self.n_dormant_existing = [0] * s.n_cities
        self.owed: list[tuple[int, int, int, int, int]] = []
        self.dormant_since = 0
        self.launched = [
            (-1, city, 0, number, -1)
            for city in range(s.n_cities)
            for number in range(self.n_launched[city])
        ]

        self.capacity = s.pool_capacity.tolist()
        self.is_filled = [True] * len(s.departure_stream)
        self.post_use = [0] * len(s.departure_stream)
        self.filled = list(self.capacity)
        self.free = list(self.capacity)
        self.filled_since = [0] * s.n_pools
        self.filled_days = [0] * s.n_pools
        self.vacant_days = [0] * s.n_pools
        self.busy_days = [0] * s.n_pools

        self.balance = [0] * s.n_accounts
        self.standing = plan.worlds[self.world].standing.tolist()
        self.gap = plan.worlds[self.world].gap.tolist()
        self.gap_day = 0
        self.published = plan.policy_score.tolist()
        self.city_order = self._order_cities()
        self.start_factor = [self._service_factors(city) for city in range(s.n_cities)]

    # --- the run -----------------------------------------------------------------------------

    def run(self) -> None:
        """Run from the start to the end of the horizon day and write the results."""
        self._settle_calendar()
        self._draw_appropriations()
        for day, item, number in self.facts.agenda:
            self._at(day, item, number, self._calendar_action(item, number))
        self._begin_posts()
        for act, n_before in enumerate(self.n_before):
            if n_before == 0 and self.facts.act_zone[act] < 0 and not self.is_complete[act]:
                self._make_ready(act)
        self._note_standing()
        self._request_scan()
        self.env.run(until=self.s.horizon_day + 1)
        self._close_books()

    def _at(self, day: int, item: int, number: int, action: Callable[[Any], None]) -> None:
        _Moment(self.env, day, _PHASE_B + item * _ITEM + number, action)

    def _calendar_action(self, item: int, number: int) -> Callable[[Any], None]:
        actions = {
            st.YEAR: self._begin_year,
            st.RELEASE: self._release,
            st.CAPACITY: self._step_capacity,
            st.STAGE: self._begin_stage,
            st.WINDOW: self._turn_window,
            st.EVIDENCE: self._move_background,
        }
        action = actions[item]

        def happen(_: Any) -> None:
            self.n_events += 1
            action(number)

        return happen

    n_events = 0

    def _today(self) -> int:
        return int(self.env.now)

    def _uniform(self, stream: Any, use: int = 0) -> float:
        return float(uniform(self.seed, stream, self.replication, use))

    def _sample(self, streams: Any, rows: Any) -> list[float]:
        values = sample(
            self.seed, streams, self.s.act_kind, rows, self.tables, self.replication, 0
        )
        return values.tolist()  # type: ignore[no-any-return]

    def _tell(self, what: str, subject: str, **detail: Any) -> None:
        if self.log is not None:
            self.log.events.append(TraceEvent(self._today(), what, subject, detail))

    # --- phase A: completions ----------------------------------------------------------------

    def _complete(self, act: int) -> None:
        """End an attempt: free its posts, check acceptance, and pass on what it brings."""
        self.n_events += 1
        facts, group = self.facts, self.facts.group[act]
        for pool, units, _ in facts.needs[act]:
            self.free[pool] += units
            self._touch(facts.group_of_pool[pool])
        self._touch(group)
        self._request_scan()
        kind = facts.act_kind[act]
        used = self.attempt[act]
        self.attempt[act] = used + 1
        success = self.values.success[kind]
        if success >= 1.0 or self._uniform(self.s.acceptance_stream[act], used) < success:
            self._finish(act)
        elif used + 1 >= MAXIMUM_ATTEMPTS:
            self._give_up(act)
        else:
            self._tell("rework", self._name(act), attempt=used + 2)
            self._draw_again(act)
            self._make_ready(act)

    def _finish(self, act: int) -> None:
        self.is_complete[act] = True
        self._tell("complete", self._name(act))
        if self.facts.act_zone[act] >= 0:
            self._earn_marks(act)
            self._leave_zone(act)
        for later in self.facts.after[act]:
            self.n_before[later] -= 1
            self._consider(later)

    def _give_up(self, act: int) -> None:
        """Give up an activity and all that waits for it; what is complete stays complete."""
        if self.is_given_up[act]:
            return
        self.is_given_up[act] = True
        if self.log is not None:
            self.log.given_up[act] = True
        self._tell("given_up", self._name(act))
        self._touch(self.facts.group[act])
        if self.facts.act_zone[act] >= 0:
            self._leave_zone(act)
        for later in self.facts.after[act]:
            self._give_up(later)

    def _draw_again(self, act: int) -> None:
        kind, use = self.facts.act_kind[act], self.attempt[act]
        for drawn, streams, rows in (
            (self.duration, self.s.duration_stream, self.values.duration),
            (self.cost, self.s.cost_stream, self.values.cost),
        ):
            probability = self._uniform(streams[act], use)
            drawn[act] = float(quantile(rows[kind], probability, self.tables))

    def _marks_to_earn(self, zone: int) -> list[int]:
        """Count the activities behind each mark: six services, integration, launch."""
        s = self.s
        left = [0] * 8
        for act in self.facts.zone_acts[zone]:
            for mark in _marks_of(s, self.facts.act_kind[act]):
                left[mark] += 1
        return [count if count > 0 else -1 for count in left]

    def _earn_marks(self, act: int) -> None:
        zone, kind = self.facts.act_zone[act], self.facts.act_kind[act]
        for mark in _marks_of(self.s, kind):
            self.zone_left[zone][mark] -= 1
            if mark == _LAUNCH and self.zone_left[zone][mark] == 0:
                self._launch(zone)

    def _launch(self, zone: int) -> None:
        city, today = int(self.s.zone_city[zone]), self._today()
        self.zone_launch_day[zone] = today
        self.n_launched[city] += 1
        self.n_launched_in_all += 1
        self.launched.append((today, city, 1, int(self.s.zone_number[zone]), zone))
        self.out.launches[city, self.facts.year_of_day[today]] += 1
        self._tell("launch", self._zone_name(zone))

    def _leave_zone(self, act: int) -> None:
        """Count an activity of a zone as over; the last one ends the zone's progress."""
        zone = self.facts.act_zone[act]
        self.zone_n_left[zone] -= 1
        if self.zone_n_left[zone] == 0 and self.zone_is_started[zone]:
            city = self.s.zone_city[zone]
            self.n_in_progress[city] -= 1
            self._touch(1 + city)

    # --- phase B: calendar -------------------------------------------------------------------

    def _begin_year(self, year: int) -> None:
        """B1: what is unspent lapses, and upkeep falls due."""
        today = self._today()
        if year > 0:
            self._end_year(year - 1)
        for city, n_existing in enumerate(self.n_dormant_existing):
            if n_existing:
                self.n_dormant_existing[city] = 0
        self.zone_is_dormant = [False] * self.s.n_zones
        self._count_dormant(today)
        self.owed = []
        if self.s.year_day[year] == today:
            self.owed = sorted(entry for entry in self.launched if entry[0] < today)
            self.dormant_since = today
            for _, city, _, _, zone in self.owed:
                if zone < 0:
                    self.n_dormant_existing[city] += 1
                else:
                    self.zone_is_dormant[zone] = True
            self._request_upkeep()
        self._tell("year", str(self.facts.plan.labels.years[year]))
        self._touch(0)
        self._request_scan()

    def _end_year(self, year: int) -> None:
        for account, balance in enumerate(self.balance):
            lost = part_of(balance, self.values.lapse)
            self.balance[account] = balance - lost
            self.out.lapsed[account, year] = lost
            self.out.held[account, year] = balance - lost

    def _release(self, number: int) -> None:
        """B2: one tranche of every account's appropriation."""
        year, tranche = divmod(number, len(self.s.release_share))
        for account, amount in enumerate(self.appropriated[year]):
            part = _tranche(amount, self.s.release_share, tranche)
            self.balance[account] += part
            self.out.released[account, year] += part
        self._request_upkeep()
        self._touch(0)
        self._request_scan()

    def _request_upkeep(self) -> None:
        if self.owed and not self.upkeep_is_due:
            self.upkeep_is_due = True
            self._at(self._today(), st.UPKEEP, 0, lambda _: self._pay_upkeep())

    def _pay_upkeep(self) -> None:
        """B3: a first charge, oldest launch first, passing over what cannot be paid."""
        self.upkeep_is_due = False
        unpaid = []
        for entry in self.owed:
            _, city, _, _, zone = entry
            parts = self._split(self.values.upkeep, self.facts.upkeep_pays, 1 + city)
            if any(0 < part and self.balance[account] < part for account, part, _ in parts):
                unpaid.append(entry)
                continue
            self._pay(parts)
            self._touch(0)
            self.out.dormant_days[city] += self._today() - self.dormant_since
            if zone < 0:
                self.n_dormant_existing[city] -= 1
            else:
                self.zone_is_dormant[zone] = False
        self.owed = unpaid

    def _count_dormant(self, until: int) -> None:
        for _, city, _, _, _ in self.owed:
            self.out.dormant_days[city] += until - self.dormant_since

    def _step_capacity(self, number: int) -> None:
        """B4: a pool gets another number of posts."""
        pool = int(self.s.step_pool[number])
        self._count_posts(pool)
        self.capacity[pool] = int(self.s.step_posts[number])
        first = self.s.pool_post_first[pool]
        filled = sum(self.is_filled[first : first + self.capacity[pool]])
        self._set_filled(pool, filled)

    def _set_filled(self, pool: int, filled: int) -> None:
        self.free[pool] += filled - self.filled[pool]
        self.filled[pool] = filled
        self._touch(self.facts.group_of_pool[pool])
        self._request_scan()

    def _count_posts(self, pool: int) -> None:
        """Book the post-days since the last change of a pool."""
        days = self._today() - self.filled_since[pool]
        self.filled_days[pool] += days * self.filled[pool]
        self.vacant_days[pool] += days * (self.capacity[pool] - self.filled[pool])
        self.filled_since[pool] = self._today()

    def _begin_stage(self, zone: int) -> None:
        """B5: a zone may start from now on."""
        self.zone_is_due[zone] = True
        for act in self.facts.zone_acts[zone]:
            self._consider(act)
        self._request_scan()

    def _begin_posts(self) -> None:
        for pool in range(self.s.n_pools):
            if self.values.turnover_days[self.s.pool_resource[pool]] > 0:
                for post in range(self.s.pool_post_first[pool], self.s.pool_post_first[pool + 1]):
                    self._await_departure(pool, post)

    def _await_departure(self, pool: int, post: int) -> None:
        mean = self.values.turnover_days[self.s.pool_resource[pool]]
        probability = self._uniform(self.s.departure_stream[post], self.post_use[post])
        row = np.array([float(EXPONENTIAL), mean, 0.0, 0.0, 0.0])
        days = whole_days(quantile(row, probability, self.tables))
        self._later(days, st.DEPARTURE, post, lambda _: self._depart(pool, post))

    def _depart(self, pool: int, post: int) -> None:
        """B6: somebody leaves; work in progress goes on."""
        self.n_events += 1
        self._fill(pool, post, is_filled=False)
        probability = self._uniform(self.s.replacement_stream[post], self.post_use[post])
        row = self.values.replacement[self.s.pool_resource[pool]]
        days = whole_days(quantile(row, probability, self.tables))
        self.post_use[post] += 1
        self._later(days, st.REPLACEMENT, post, lambda _: self._replace(pool, post))

    def _replace(self, pool: int, post: int) -> None:
        """B7: somebody new fills the post."""
        self.n_events += 1
        self._fill(pool, post, is_filled=True)
        self._await_departure(pool, post)

    def _later(self, days: int, item: int, number: int, action: Callable[[Any], None]) -> None:
        day = self._today() + days
        if day <= self.s.horizon_day:
            self._at(day, item, number, action)

    def _fill(self, pool: int, post: int, *, is_filled: bool) -> None:
        self.is_filled[post] = is_filled
        if post - self.s.pool_post_first[pool] < self.capacity[pool]:
            self._count_posts(pool)
            self._set_filled(pool, self.filled[pool] + (1 if is_filled else -1))
        self._tell(
            "replacement" if is_filled else "departure",
            f"{self.facts.plan.labels.pools[pool]}/post-{post - self.s.pool_post_first[pool] + 1}",
        )

    def _turn_window(self, _: int) -> None:
        """B8: a window opens or closes; who may start is seen in phase C."""
        self._touch(0)
        self._request_scan()

    def _move_background(self, cycle: int) -> None:
        """B9: the background moves on scheduled evidence days, held or not."""
        world = self.facts.plan.worlds[self.world]
        today = self._today()
        for city in range(self.s.n_cities):
            innovation = normal_quantile(self._uniform(self.s.background_stream[city, cycle]))
            self.gap[city] = background_step(
                self.gap[city],
                world.rate[city],
                self.values.volatility,
                today - self.gap_day,
                innovation,
            )
            self.out.scheduled_score[city, cycle] = self._latent_score(city)
        self.gap_day = today

    def _close_evidence(self, cycle: int) -> None:
        """B9: the jury sees what stands on this day."""
        self.n_events += 1
        values, s = self.values, self.s
        strictness = values.strictness_mean[cycle] + values.strictness_sd[
            cycle
        ] * normal_quantile(self._uniform(s.strictness_stream[cycle]))
        world = self.facts.plan.worlds[self.world]
        for city in range(s.n_cities):
            score = self._latent_score(city)
            noise = values.noise[cycle] * normal_quantile(
                self._uniform(s.noise_stream[city, cycle])
            )
            verified = clip_score(score + strictness + noise)
            self.out.score[city, cycle] = score
            self.out.verified[city, cycle] = verified
            self.out.claimed[city, cycle] = clip_score(verified / world.claimed_ratio[city])
        self._tell("evidence", str(self.facts.plan.labels.cycles[cycle]))

    def _publish(self, cycle: int) -> None:
        """B10: awards, at most one step above the standing category where the cap applies."""
        self.n_events += 1
        for city in range(self.s.n_cities):
            verified = float(self.out.verified[city, cycle])
            is_capped = self._uniform(self.s.cap_stream[city, cycle]) < self.values.one_step_up
            category = capped_category(
                category_of(verified, self.values.bounds), self.standing[city], is_capped
            )
            self.standing[city] = category
            self.published[city] = verified
            self.out.category[city, cycle] = category
            self._tell(
                "award",
                self.facts.plan.labels.cities[city],
                cycle=self.facts.plan.labels.cycles[cycle],
                verified=verified,
                category=category,
            )
        self.city_order = self._order_cities()
        self._note_standing()
        self._touch(0)
        self._request_scan()

    def _note_standing(self) -> None:
        if self._today() <= self.s.deadline_day:
            is_met = all(category >= self.s.target for category in self.standing)
            self.out.standing[:] = self.standing
            self.out_arrays.is_met[self.row] = is_met
            self.out_arrays.is_met_once[self.row] |= is_met

    # --- phase C: starts ---------------------------------------------------------------------

    def _request_scan(self) -> None:
        if not self.scan_is_due:
            self.scan_is_due = True
            _Moment(self.env, self._today(), _PHASE_C, self._scan)

    def _touch(self, group: int) -> None:
        """Mark whose work must be looked at again: a city's, or with 0 everybody's."""
        if group == 0:
            self.is_touched = [True] * len(self.is_touched)
        else:
            self.is_touched[group] = True

    def _make_ready(self, act: int) -> None:
        group = self.facts.group[act]
        kind = self.facts.act_kind[act]
        rework = self.values.rework[kind] if self.attempt[act] else 1.0
        multiplier = self.values.city_cost[group - 1] if group else 1.0
        amount = whole_rupiah(self.cost[act] * multiplier * rework)
        self.parts[act] = self._split(amount, self.facts.pays[kind], group)
        self.cause[act] = 0
        self.since[act] = self._today()
        insort(self.waiting[group], self.facts.place[act])
        self._touch(group)

    def _consider(self, act: int) -> None:
        """Make an activity ready if nothing holds it: predecessors, stage, an earlier ending."""
        zone = self.facts.act_zone[act]
        if self.n_before[act] == 0 and (zone < 0 or self.zone_is_due[zone]):
            if not (self.is_complete[act] or self.is_given_up[act]):
                self._make_ready(act)

    def _scan(self, _: Any) -> None:
        """Start what can start, once through in priority order; then name what holds the rest."""
        self.scan_is_due = False
        if self.s.priority == 3:
            self.city_order = self._order_cities()
        has_started = False
        for group in [0, *(1 + city for city in self.city_order)]:
            if self.is_touched[group] and self.waiting[group]:
                has_started |= self._scan_group(group)
        if has_started:
            for group, places in enumerate(self.waiting):
                if self.is_touched[group]:
                    for place in places:
                        act = self.facts.at_place[place]
                        self._note_cause(act, self._obstacle(act))
        self.is_touched = [False] * len(self.is_touched)

    def _scan_group(self, group: int) -> bool:
        places = self.waiting[group]
        held = []
        for place in places:
            act = self.facts.at_place[place]
            obstacle = self._obstacle(act)
            if obstacle < 0:
                self._start(act)
            else:
                held.append(place)
                self._note_cause(act, obstacle)
        self.waiting[group] = held
        return len(held) < len(places)

    def _obstacle(self, act: int) -> int:
        """Return the first check that fails, as a cause, or -1."""
        facts = self.facts
        window = facts.window[act]
        if window >= 0 and not facts.window_open[window][self.env.now]:  # type: ignore[index]
            return 0
        zone = facts.act_zone[act]
        if zone >= 0 and not self.zone_is_started[zone]:
            if self.n_in_progress[facts.group[act] - 1] >= self.s.wip_limit:
                return 1
        for pool, units, cause in facts.needs[act]:
            if self.free[pool] < units:
                return cause
        for account, part, cause in self.parts[act]:
            if self.balance[account] < part and part > 0:
                return cause
        return -1

    def _note_cause(self, act: int, cause: int) -> None:
        """Book the days waited so far when the cause changes."""
        if cause != self.cause[act]:
            self._book_wait(act)
            self.cause[act] = cause

    def _book_wait(self, act: int) -> None:
        today = self._today()
        self.wait_days[self.facts.group[act]][self.cause[act]] += today - self.since[act]
        self.since[act] = today

    def _start(self, act: int) -> None:
        """Take everything at once: posts, money, and a place in progress for a new zone."""
        facts, today = self.facts, self._today()
        self._book_wait(act)
        group, zone, kind = facts.group[act], facts.act_zone[act], facts.act_kind[act]
        if zone >= 0 and not self.zone_is_started[zone]:
            self.zone_is_started[zone] = True
            self.n_in_progress[group - 1] += 1
            self.n_started[group - 1] += 1
        duration = self.duration[act]
        if group:
            duration *= self.values.city_duration[group - 1]
        if self.attempt[act]:
            duration *= self.values.rework[kind]
        if zone >= 0:
            duration *= self._learned(group - 1)
        finish = today + whole_days(duration)
        end = min(finish, self.s.horizon_day + 1)
        for pool, units, _ in facts.needs[act]:
            self.free[pool] -= units
            self.busy_days[pool] += units * (end - today)
            self._touch(facts.group_of_pool[pool])
        if self._pay(self.parts[act]):
            self._touch(0)
        self._touch(group)
        _Moment(self.env, finish, 1 + act, lambda _: self._complete(act))
        if self.log is not None:
            cost = sum(part for _, part, _ in self.parts[act])
            self.log.attempts[act].append(Attempt(today, finish, cost))
            self._tell("start", self._name(act), finish=finish, cost=cost)

    def _learned(self, city: int) -> float:
        own = self.n_launched[city]
        others = self.n_launched_in_all - own
        key = (self.world, own, others)
        if key not in self.facts.learned:
            v = self.values
            self.facts.learned[key] = learning_multiplier(
                v.learning_rate, v.learning_floor, v.learning_transfer, own, others
            )
        return self.facts.learned[key]

    def _order_cities(self) -> list[int]:
        listed = self.s.listed_order.tolist()
        if self.s.priority == 1:
            return sorted(listed, key=self.published.__getitem__)
        if self.s.priority == 2:
            return sorted(listed, key=self._distance_to_target)
        if self.s.priority == 3:
            return sorted(listed, key=self.n_started.__getitem__)
        return listed  # type: ignore[no-any-return]

    def _distance_to_target(self, city: int) -> tuple[bool, float]:
        """Cities in a band below the target first, the smallest shortfall first."""
        score = self.published[city]
        if category_of(score, self.values.bounds) >= self.s.target:
            return True, 0.0
        return False, float(self.values.bounds[self.s.target - 1]) - score

    # --- money -------------------------------------------------------------------------------

    def _draw_appropriations(self) -> None:
        """Draw each year's appropriations: the plan's amount, a common shock and an own one."""
        s, values = self.s, self.values
        common = uniforms(self.seed, s.common_shock_stream, self.replication, 0)
        own = uniforms(self.seed, s.own_shock_stream.ravel(), self.replication, 0)
        self.appropriated: list[list[int]] = []
        for year in range(s.n_years):
            shared = _shock(values.common_shock, common[year])
            amounts = [
                whole_rupiah(
                    values.appropriation[account, year]
                    * shared
                    * _shock(values.own_shock, own[account * s.n_years + year])
                )
                for account in range(s.n_accounts)
            ]
            self.appropriated.append(amounts)
            self.out.appropriated[:, year] = amounts

    def _split(
        self, amount: int, pays: list[tuple[int, int]], group: int
    ) -> list[tuple[int, int, int]]:
        """Split an amount over its payers as (account, part, cause); the last takes the rest."""
        parts = []
        left = amount
        for place, (payer, share) in enumerate(pays):
            part = left if place == len(pays) - 1 else part_of(amount, share)
            left -= part
            account = 0 if payer == st.PROVINCE else group
            parts.append((account, part, self.facts.account_cause[payer]))
        return parts

    def _pay(self, parts: list[tuple[int, int, int]]) -> bool:
        """Take the parts from their accounts; return whether the province paid."""
        year = self.facts.year_of_day[self._today()]
        for account, part, _ in parts:
            self.balance[account] -= part
            self.out.spent[account, year] += part
        return any(account == 0 and part > 0 for account, part, _ in parts)

    # --- score and calendar ------------------------------------------------------------------

    def _settle_calendar(self) -> None:
        """Say which cycles are held and when, from the last cycle backwards."""
        s, values = self.s, self.values
        next_held = s.cycle_slipped_evidence_day.max(initial=0) + 2**30
        for cycle in reversed(range(s.n_cycles)):
            if self._uniform(s.cancelled_stream[cycle]) < values.cancelled[cycle]:
                self.out.cycle_state[cycle] = CANCELLED
                continue
            evidence, award = s.cycle_evidence_day[cycle], s.cycle_award_day[cycle]
            if self._uniform(s.slip_stream[cycle]) < values.slip[cycle]:
                evidence = s.cycle_slipped_evidence_day[cycle]
                award = s.cycle_slipped_award_day[cycle]
            if evidence >= next_held:
                self.out.cycle_state[cycle] = MERGED
                continue
            next_held = evidence
            self.out.cycle_state[cycle] = HELD
            self.out.evidence_day[cycle], self.out.award_day[cycle] = evidence, award
            self._schedule_cycle(cycle, int(evidence), int(award))

    def _schedule_cycle(self, cycle: int, evidence: int, award: int) -> None:
        """Plan a held cycle's evidence day, after all background steps of that day, and award."""
        if evidence <= self.s.horizon_day:
            place = self.s.n_cycles + cycle
            self._at(evidence, st.EVIDENCE, place, lambda _: self._close_evidence(cycle))
        if award <= self.s.horizon_day:
            self._at(award, st.AWARD, cycle, lambda _: self._publish(cycle))

    def _service_factors(self, city: int) -> list[float]:
        """Return what Kaltara leaves of each group's gap, by funded zones over districts."""
        values, districts = self.values, self.values.districts[city]
        existing = int(self.s.existing_zones[city]) - self.n_dormant_existing[city]
        n_open = [existing] * 6
        n_integrated = existing
        for zone in self.facts.zones_of[city]:
            if not self.zone_is_dormant[zone]:
                left = self.zone_left[zone]
                for group in range(6):
                    n_open[group] += left[group] == 0
                n_integrated += left[_INTEGRATION] == 0 and left[_LAUNCH] == 0
        return [
            service_factor(
                values.effect[group],
                n_open[group] / districts,
                values.integration,
                n_integrated / districts,
            )
            for group in range(6)
        ]

    def _latent_score(self, city: int) -> float:
        total = 0.0
        factors = self._service_factors(city)
        for group in range(6):
            left = self.values.group_weight[city, group] * (
                factors[group] / self.start_factor[city][group]
            )
            for act in self.facts.wide_acts[1 + city]:
                if self.is_complete[act] and not self.s.act_done[act]:
                    left *= 1.0 - self.values.closes_gap[self.facts.act_kind[act], group]
            total += left
        return float(clip_score(1000.0 - self.gap[city] * total))

    # --- the end -----------------------------------------------------------------------------

    def _close_books(self) -> None:
        """Book what is still open when the horizon day is over."""
        after = self.s.horizon_day + 1
        for group, places in enumerate(self.waiting):
            for place in places:
                act = self.facts.at_place[place]
                self.wait_days[group][self.cause[act]] += after - self.since[act]
        self._count_dormant(after)
        for pool in range(self.s.n_pools):
            self._count_posts(pool)
        self.out.held[:, self.facts.year_of_day[self.s.horizon_day]] = self.balance
        self.out.wait_days[:] = self.wait_days
        self.out.busy_days[:] = self.busy_days
        self.out.filled_days[:] = self.filled_days
        self.out.vacant_days[:] = self.vacant_days
        self.out_arrays.n_events[self.row] = self.n_events

    def _name(self, act: int) -> str:
        return self.facts.plan.labels.activities[act]

    def _zone_name(self, zone: int) -> str:
        return self._name(self.facts.zone_acts[zone][0]).rpartition("/")[0]


_INTEGRATION, _LAUNCH = 6, 7


def _marks_of(s: st.Structure, kind: int) -> list[int]:
    """Return the marks that an activity of this kind helps a zone to earn."""
    marks = [int(s.kind_opens[kind])] if s.kind_opens[kind] >= 0 else []
    marks += [_INTEGRATION] * bool(s.kind_integrates[kind])
    marks += [_LAUNCH] * bool(s.kind_launches[kind])
    return marks


def _tranche(amount: int, shares: Any, tranche: int) -> int:
    """Return one tranche of an appropriation; the last listed takes the rest."""
    if tranche < len(shares) - 1:
        return int(part_of(amount, int(shares[tranche])))
    return amount - sum(int(part_of(amount, int(share))) for share in shares[:-1])


def _shock(sigma: float, probability: float) -> float:
    row = np.array([float(LOGNORMAL), -sigma * sigma / 2.0, sigma, 0.0, 0.0])
    return float(quantile(row, probability, np.zeros((1, 1))))

"""The start of a replication: everything as it stands at the beginning of day 0.

Resets the state, draws what is drawn in one go, and takes up what had begun by the status date.
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.completions import consider
from kla_sim.engine.compiled.jury import begin_jury, settle_calendar
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.staff import begin_staff
from kla_sim.engine.compiled.starts import draw_first, occupy, schedule
from kla_sim.engine.compiled.state import Now, State, note_spell
from kla_sim.engine.compiled.treasury import draw_appropriations
from kla_sim.engine.compiled.waiting import NO_MONEY, NO_UNITS
from kla_sim.engine.compiled.zones import earn_marks, learned, leave_zone, start_zone
from kla_sim.engine.draws import fill_uniforms
from kla_sim.engine.formulas import days_left
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.spells import WORK


@inner(forceinline=True)
def begin(layout: Layout, state: State, out: Replications, kept: Attempts, now: Now) -> None:
    """Bring the state to the beginning of day 0."""
    _draw_chances(layout, state, now.replication)
    _reset_waiting(layout, state)
    _reset_zones(layout, state)
    begin_staff(layout, state, now)
    draw_appropriations(layout, state, out, now)
    begin_jury(layout, state, out, now)
    settle_calendar(layout, state, out, now)
    _reset_work(layout, state)
    draw_first(layout, state, now.world)
    if layout.sizes.has_past:
        _take_up(layout, state, out, kept, now)


@inner()
def _draw_chances(layout: Layout, state: State, replication: int) -> None:
    """Draw the uses that most streams come to, needed or not: in one go that is much faster."""
    seed, streams, chances = layout.seed, layout.streams, state.chances
    fill_uniforms(chances.cost, seed, streams.cost, replication, 0)
    fill_uniforms(chances.duration, seed, streams.duration, replication, 0)
    fill_uniforms(chances.check, seed, streams.check, replication, 0)
    fill_uniforms(chances.departure, seed, streams.departure, replication, 0)
    fill_uniforms(chances.own_shock, seed, streams.own_shock, replication, 0)
    fill_uniforms(chances.background, seed, streams.background, replication, 0)
    fill_uniforms(chances.noise, seed, streams.noise, replication, 0)
    fill_uniforms(chances.width, seed, streams.noise, replication, 1)
    fill_uniforms(chances.cap, seed, streams.cap, replication, 0)
    fill_uniforms(chances.confirmation, seed, streams.cap, replication, 1)
    fill_uniforms(chances.reach, seed, streams.cap, replication, 2)


@inner()
def _reset_waiting(layout: Layout, state: State) -> None:
    """Empty the queues and forget what was measured in them."""
    live = state.live[0]
    live.next_item = 0
    live.province_fell = False
    live.pool_rose = False
    live.pool_fell = False
    state.sets[:] = 0
    state.rises[:] = False
    state.falls[:] = False
    state.before_window[:] = -1
    state.blocked_min[:] = NO_UNITS
    state.passed_max[:] = 0
    for group in range(state.queues.shape[0]):
        queue = state.queues[group]
        queue.n_queued = 0
        queue.behind_limit = -1
        queue.to_check = 0
        queue.balance = 0
        for side in range(2):
            queue.blocked_money[side] = NO_MONEY
            queue.passed_money[side] = 0


@inner()
def _reset_zones(layout: Layout, state: State) -> None:
    """Let every planned zone be still to come."""
    live = state.live[0]
    live.n_launched = 0
    live.n_owed = 0
    live.dormant_since = 0
    for city in range(state.cities.shape[0]):
        one, existing = state.cities[city], layout.cities[city].existing
        one.n_in_progress = 0
        one.n_started = 0
        one.n_dormant_existing = 0
        one.learned_at = -1
        one.n_launched = existing
        live.n_launched += existing
    for number in range(state.zones.shape[0]):
        zone = state.zones[number]
        zone.n_left = layout.sizes.n_zone_acts
        zone.is_due = False
        zone.is_started = False
        zone.is_dormant = False
        for mark in range(layout.zone_marks.shape[0]):
            zone.marks_left[mark] = layout.zone_marks[mark]


@inner()
def _reset_work(layout: Layout, state: State) -> None:
    """Let no work have begun; make ready what waits for nothing, zones with their stages."""
    state.live[0].n_ready = 0
    for act in range(state.works.shape[0]):
        plan, work = layout.acts_at_start[act], state.works[act]
        work.n_before = plan.n_before
        work.n_attempts = 0
        work.is_begun = plan.elapsed >= 0
        work.is_complete = plan.is_done or plan.is_finished
        work.is_given_up = False
    for group in range(state.queues.shape[0]):
        for act in range(layout.groups[group].act_first, layout.groups[group].wide_last):
            consider(layout, state, act)


@inner()
def _take_up(layout: Layout, state: State, out: Replications, kept: Attempts, now: Now) -> None:
    """Take up what had begun by the status date: finished, or holding its staff for days still."""
    for act in range(state.works.shape[0]):
        plan, at_start = layout.acts[act], layout.acts_at_start[act]
        if not (at_start.is_finished or at_start.elapsed >= 0):
            continue
        kind, zone, group = plan.kind, plan.zone, plan.group
        if zone >= 0 and not state.zones[zone].is_started:
            start_zone(state, zone, group - 1)
        if not at_start.is_finished:
            pace, experience = 1.0, 1.0
            if group > 0:
                pace = layout.city_values[now.world, group - 1].city_duration
            if zone >= 0:
                experience = learned(layout, state, now.world, group - 1)
            finish = days_left(
                layout.kind_values[now.world, kind].duration,
                state.chances.duration[act],
                layout.tables,
                pace,
                experience,
                at_start.elapsed,
            )
            note_spell(state, now.row, act, WORK, 0, finish)
            schedule(layout, state, kept, now, act, finish)
            occupy(layout, state, out, now, act, finish)
        elif zone >= 0:
            earn_marks(state.zones[zone].marks_left, layout.kinds[kind])
            leave_zone(layout, state, out, now, zone, group - 1)

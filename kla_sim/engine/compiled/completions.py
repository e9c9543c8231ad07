"""Phase A: attempts end, by activity in the order of the plan.

Posts are free again; what is accepted passes on what it brings, what failed is ready once more, and
what failed too often is given up with all that waits for it. The twin of the first part of
`engine/reference/work.py`.
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.sets import sort_numbers
from kla_sim.engine.compiled.state import Now, State
from kla_sim.engine.compiled.waiting import pool_rose
from kla_sim.engine.compiled.zones import earn_marks, launch, leave_zone
from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import MAXIMUM_ATTEMPTS
from kla_sim.engine.replications import Replications


@inner(forceinline=True)
def complete_work(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """End every attempt that finishes today."""
    n_today = _gather(layout, state, now.day)
    out.n_events[now.row] += n_today
    for place in range(n_today):
        act = state.of_today[place]
        plan, work = layout.acts[act], state.works[act]
        for number in range(plan.need_first, plan.need_last):
            need = layout.needs[number]
            pool = state.pools[need.pool]
            pool.free += need.units
            pool_rose(state, need.resource, layout.pools[need.pool].group, pool.free)
        used = int(work.n_attempts)
        work.n_attempts = used + 1
        success = layout.kind_values[now.world, plan.kind].success
        is_accepted = success >= 1.0
        if not is_accepted:
            chance = state.chances.check[layout.check_of[act]]
            if used > 0:
                stream = layout.streams.acceptance[act]
                chance = uniform(layout.seed, stream, now.replication, used)
            is_accepted = chance < success
        if is_accepted:
            _finish(layout, state, out, now, act)
        elif used + 1 < MAXIMUM_ATTEMPTS:
            state.ready[state.live[0].n_ready] = act
            state.live[0].n_ready += 1
        else:
            _give_up(layout, state, out, now, act)


@inner(forceinline=True)
def _gather(layout: Layout, state: State, day: int) -> int:
    """Gather what finishes on a day in the order of the plan; return how many there are."""
    n_today = 0
    act = state.days[day].finish_first
    state.days[day].finish_first = -1
    while act >= 0:
        state.of_today[n_today] = layout.acts[act].number
        n_today += 1
        act = state.works[act].next
    if n_today == 1:
        state.of_today[0] = layout.of_number[state.of_today[0]]
        return 1
    sort_numbers(state.of_today, n_today)
    for place in range(n_today):
        state.of_today[place] = layout.of_number[state.of_today[place]]
    return n_today


@inner(forceinline=True)
def _finish(layout: Layout, state: State, out: Replications, now: Now, act: int) -> None:
    """Pass on what a completed activity brings to its zone and to all that waits for it."""
    plan = layout.acts[act]
    state.works[act].is_complete = True
    if state.told.n_entries.shape[0] > 0:
        state.told.complete_day[now.row, act] = now.day
    if plan.zone >= 0:
        if earn_marks(state.zones[plan.zone].marks_left, layout.kinds[plan.kind]):
            launch(state, out, now, plan.zone, plan.group - 1)
        leave_zone(layout, state, out, now, plan.zone, plan.group - 1)
    for spot in range(plan.after_first, plan.after_last):
        later = layout.after_act[spot]
        state.works[later].n_before -= 1
        consider(layout, state, later)


@inner(forceinline=True)
def consider(layout: Layout, state: State, act: int) -> None:
    """Make an activity ready if nothing holds it: predecessors, stage, an earlier ending."""
    plan, work = layout.acts[act], state.works[act]
    if work.n_before > 0 or work.is_begun or work.is_complete or work.is_given_up:
        return
    if plan.zone < 0 or state.zones[plan.zone].is_due:
        state.ready[state.live[0].n_ready] = act
        state.live[0].n_ready += 1


@inner()
def begin_stage(layout: Layout, state: State, zone: int) -> None:
    """B5: a zone may begin."""
    state.zones[zone].is_due = True
    first = layout.zones[zone].act_first
    for act in range(first, first + layout.sizes.n_zone_acts):
        consider(layout, state, act)


@inner()
def _give_up(layout: Layout, state: State, out: Replications, now: Now, first: int) -> None:
    """Give up an activity and all that waits for it; what is complete stays complete."""
    state.to_give_up[0] = first
    n_left = 1
    while n_left > 0:
        n_left -= 1
        act = state.to_give_up[n_left]
        if state.works[act].is_given_up:
            continue
        state.works[act].is_given_up = True
        plan = layout.acts[act]
        if plan.zone >= 0:
            leave_zone(layout, state, out, now, plan.zone, layout.zones[plan.zone].city)
        for spot in range(plan.after_first, plan.after_last):
            state.to_give_up[n_left] = layout.after_act[spot]
            n_left += 1

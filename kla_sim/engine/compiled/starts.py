"""Phase C: what is ready joins its queue, and what can start starts, in priority order.

All or nothing: an activity takes every post and every rupiah it needs, or nothing, and its first
check that fails is the cause of its wait. The twin of the second part of
`engine/reference/work.py`; whom a day touches stands in `waiting`.
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.jury import order_cities
from kla_sim.engine.compiled.layout import LAST_BIT, Layout
from kla_sim.engine.compiled.sets import (
    FIRST_RESOURCE,
    PASSED_MONEY,
    TOUCHED,
    add,
    holds,
    next_in,
    remove,
)
from kla_sim.engine.compiled.state import BRINGS_WORK, Now, State, note_spell
from kla_sim.engine.compiled.treasury import account_cause, account_of, pay, split
from kla_sim.engine.compiled.waiting import (
    EVERYTHING,
    NO_MONEY,
    NO_UNITS,
    bit_of,
    book_wait,
    pool_fell,
    put_into_queue,
    rank_groups,
    sleep_before,
    touch,
)
from kla_sim.engine.compiled.zones import learned, start_zone
from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import quantile, whole_days, whole_rupiah
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.spells import REWORK, WORK
from kla_sim.engine.structure.codes import (
    CITY,
    FEWEST_STARTED,
    FIRST_RESOURCE_CAUSE,
    LIMIT_CAUSE,
    NO_CAUSE,
    PROVINCE,
    WINDOW_CAUSE,
)

_UNTOUCHED = 1 << 62
"""No causes to check, and nothing new in the queue: a bit that no cause has."""


@inner(forceinline=True)
def start_work(layout: Layout, state: State, out: Replications, kept: Attempts, now: Now) -> None:
    """Queue what is ready, start what can start, then name what holds the rest.

    Nothing that a start changes lets other work start on the same day, so a queue that later starts
    touched is only looked at once more for what holds its work now.
    """
    for place in range(state.live[0].n_ready):
        _make_ready(layout, state, now, state.ready[place])
    state.live[0].n_ready = 0
    if state.live[0].is_order_stale:
        state.live[0].is_order_stale = False
        order_cities(layout, state, now.world)
        rank_groups(layout, state)
    is_naming = False
    position = 0
    while True:
        rank = _next_group(layout, state, position)
        if rank < 0:
            if is_naming:
                break
            is_naming = True
            position = 0
            _touch_what_fell(layout, state)
            continue
        position = rank + 1
        group = state.group_at[rank]
        bits = _bits_to_check(layout, state, group, rank)
        if bits != _UNTOUCHED:
            _scan_queue(layout, state, out, kept, now, group, bits)


@inner(forceinline=True)
def _make_ready(layout: Layout, state: State, now: Now, act: int) -> None:
    """Put an activity into the queue of its group; what a first attempt takes is drawn already."""
    if state.works[act].n_attempts > 0:
        _draw_rework(layout, state, now, act)
    group = layout.acts[act].group
    put_into_queue(state, layout.groups[group].act_first, group, act, now.day)


@inner()
def draw_first(layout: Layout, state: State, world: int) -> None:
    """Draw duration and cost of all first attempts, needed or not: in one go that is faster."""
    chances = state.chances
    for act in range(state.works.shape[0]):
        _write_attempt(layout, state, world, act, chances.duration[act], chances.cost[act])


@inner()
def _draw_rework(layout: Layout, state: State, now: Now, act: int) -> None:
    """Draw duration and cost of a later attempt."""
    use, streams = int(state.works[act].n_attempts), layout.streams
    chance = uniform(layout.seed, streams.duration[act], now.replication, use)
    dear = uniform(layout.seed, streams.cost[act], now.replication, use)
    _write_attempt(layout, state, now.world, act, chance, dear)


@inner(forceinline=True)
def _write_attempt(
    layout: Layout, state: State, world: int, act: int, chance: float, dear: float
) -> None:
    """Write the duration of an attempt, before rework and learning, and its cost by payer.

    Parameters
    ----------
    chance, dear : variates of its duration and of its cost.
    """
    plan, work = layout.acts[act], state.works[act]
    values, one = layout.kind_values[world, plan.kind], layout.kinds[plan.kind]
    length = quantile(values.duration, chance, layout.tables)
    price = quantile(values.cost, dear, layout.tables)
    if plan.group > 0:
        city = layout.city_values[world, plan.group - 1]
        length *= city.city_duration
        price *= city.city_cost
    if work.n_attempts > 0:
        price *= values.rework
    state.lengths[act] = length
    split(work.parts, whole_rupiah(price), one.n_pays, one.share[0])


@inner(forceinline=True)
def _next_group(layout: Layout, state: State, position: int) -> int:
    """Return the rank of the next group, from one on, that may have to be looked at; -1 = none."""
    found = next_in(state.sets, TOUCHED, position)
    if state.live[0].pool_rose:
        for number in range(layout.shared.shape[0]):
            resource = layout.shared[number]
            if state.rises[resource] and state.pools[layout.pool_of[0, resource]].free > 0:
                other = next_in(state.sets, FIRST_RESOURCE + resource, position)
                if other >= 0 and (found < 0 or other < found):
                    found = other
    return found


@inner(forceinline=True)
def _passed_by(layout: Layout, resource: int) -> int:
    """Return the set of groups with work that the pools of a resource let pass."""
    return int(FIRST_RESOURCE + layout.pool_of.shape[1] + resource)


@inner(forceinline=True)
def _touch_what_fell(layout: Layout, state: State) -> None:
    """Ask for a look at all that the province's pools and account let pass and may no longer."""
    live = state.live[0]
    if live.pool_rose:
        live.pool_rose = False
        state.rises[:] = False
    if live.pool_fell:
        live.pool_fell = False
        for number in range(layout.shared.shape[0]):
            resource = layout.shared[number]
            if not state.falls[resource]:
                continue
            free = state.pools[layout.pool_of[0, resource]].free
            passed = _passed_by(layout, resource)
            group = next_in(state.sets, passed, 0)
            while group >= 0:
                if state.passed_max[group, resource] > free:
                    touch(state, group, layout.behind[resource])
                elif state.passed_max[group, resource] == 0:
                    remove(state.sets, passed, group)
                group = next_in(state.sets, passed, group + 1)
        state.falls[:] = False
    if live.province_fell:
        live.province_fell = False
        group = next_in(state.sets, PASSED_MONEY, 0)
        while group >= 0:
            if state.queues[group].passed_money[0] > state.queues[0].balance:
                touch(state, group, EVERYTHING)
            elif state.queues[group].passed_money[0] == 0:
                remove(state.sets, PASSED_MONEY, group)
            group = next_in(state.sets, PASSED_MONEY, group + 1)


@inner(forceinline=True)
def _bits_to_check(layout: Layout, state: State, group: int, rank: int) -> int:
    """Return the causes to look at again in a queue, as bits, and forget what they measured.

    What is checked again is measured again; the rest keeps its measures.
    """
    queue, n_resources = state.queues[group], layout.pool_of.shape[1]
    bits = queue.to_check
    is_touched = holds(state.sets, TOUCHED, rank)
    if state.live[0].pool_rose:
        for number in range(layout.shared.shape[0]):
            resource = layout.shared[number]
            if state.rises[resource]:
                free = state.pools[layout.pool_of[0, resource]].free
                if free >= state.blocked_min[group, resource]:
                    bits |= bit_of(FIRST_RESOURCE_CAUSE + resource)
                    is_touched = True
                elif state.blocked_min[group, resource] == NO_UNITS:
                    remove(state.sets, FIRST_RESOURCE + resource, rank)
    if not is_touched:
        return _UNTOUCHED
    remove(state.sets, TOUCHED, rank)
    queue.to_check = 0
    if bits != 0:
        for resource in range(n_resources):
            if bits & bit_of(FIRST_RESOURCE_CAUSE + resource) != 0:
                state.blocked_min[group, resource] = NO_UNITS
            behind = layout.behind[resource]
            if bits & behind == behind:
                state.passed_max[group, resource] = 0
        if bits & bit_of(account_cause(layout, PROVINCE)) != 0:
            queue.blocked_money[0] = NO_MONEY
            queue.passed_money[1] = 0
        if bits & bit_of(account_cause(layout, CITY)) != 0:
            queue.blocked_money[1] = NO_MONEY
            queue.passed_money[0] = 0
    return int(bits)


@inner(forceinline=True)
def _scan_queue(
    layout: Layout,
    state: State,
    out: Replications,
    kept: Attempts,
    now: Now,
    group: int,
    bits: int,
) -> None:
    """Look at a queue in order: start, or note what holds it and lay it there."""
    queue = state.queues[group]
    first = layout.groups[group].act_first
    n_kept = 0
    for spot in range(first, first + queue.n_queued):
        act, cause = state.queue[spot].act, int(state.queue[spot].cause)
        if not _is_still_held(layout, state, group, cause, bits):
            cause = _look_at(layout, state, out, kept, now, group, act, cause)
        if cause >= FIRST_RESOURCE_CAUSE:
            held = state.queue[first + n_kept]
            held.act, held.cause = act, cause
            n_kept += 1
    queue.n_queued = n_kept


@inner(forceinline=True)
def _look_at(
    layout: Layout,
    state: State,
    out: Replications,
    kept: Attempts,
    now: Now,
    group: int,
    act: int,
    before: int,
) -> int:
    """Start waiting work, lay it to sleep, or leave it; return what holds it now."""
    cause = _obstacle(layout, state, now, group, act)
    if cause == NO_CAUSE:
        _start(layout, state, out, kept, now, act, before)
        return NO_CAUSE
    if cause != before and before >= 0:
        book_wait(state, out, now, group, act, before)
    if cause == WINDOW_CAUSE:
        sleep_before(state, layout.kinds[layout.acts[act].kind].window, act)
    elif cause == LIMIT_CAUSE:
        state.works[act].next = state.queues[group].behind_limit
        state.queues[group].behind_limit = act
    return cause


@inner(forceinline=True)
def _is_still_held(layout: Layout, state: State, group: int, cause: int, bits: int) -> bool:
    """Return whether the known cause of a wait holds without looking at everything again."""
    if cause >= 0 and (bits >> min(cause, LAST_BIT)) & 1 == 0:
        return True
    if cause >= FIRST_RESOURCE_CAUSE and bits >= 0:
        resource = cause - FIRST_RESOURCE_CAUSE
        n_resources = layout.pool_of.shape[1]
        if resource < n_resources and state.pools[layout.pool_of[group, resource]].free <= 0:
            _note_blocked(state, group, resource, 1)
            return True
    return False


@inner(forceinline=True)
def _obstacle(layout: Layout, state: State, now: Now, group: int, act: int) -> int:
    """Return the first check that fails, as a cause of waiting, and note what passed before it."""
    plan, queue = layout.acts[act], state.queues[group]
    kind, parts = layout.kinds[plan.kind], state.works[act].parts
    wip_limit = layout.world_values[now.world].wip_limit
    if kind.window >= 0 and not layout.window_open[kind.window, now.day]:
        return WINDOW_CAUSE
    is_new_zone = plan.zone >= 0 and not state.zones[plan.zone].is_started
    if is_new_zone and state.cities[group - 1].n_in_progress >= wip_limit:
        return LIMIT_CAUSE
    for number in range(plan.need_first, plan.need_last):
        need = layout.needs[number]
        if state.pools[need.pool].free < need.units:
            _note_blocked(state, group, need.resource, need.units)
            _note_passed(layout, state, group, plan.need_first, number)
            return int(FIRST_RESOURCE_CAUSE + need.resource)
    for side in range(kind.n_pays):
        account = account_of(kind.payer[side], group)
        if parts[side] > 0 and state.queues[account].balance < parts[side]:
            own = 0 if account == 0 else 1
            queue.blocked_money[own] = min(queue.blocked_money[own], parts[side])
            if side == 1:
                queue.passed_money[1 - own] = max(queue.passed_money[1 - own], parts[0])
                if own == 1:
                    add(state.sets, PASSED_MONEY, group)
            _note_passed(layout, state, group, plan.need_first, plan.need_last)
            return account_cause(layout, kind.payer[side])
    return NO_CAUSE


@inner(forceinline=True)
def _note_blocked(state: State, group: int, resource: int, units: int) -> None:
    """Note a demand that a pool holds up."""
    state.blocked_min[group, resource] = min(state.blocked_min[group, resource], units)
    add(state.sets, FIRST_RESOURCE + resource, state.queues[group].rank)


@inner(forceinline=True)
def _note_passed(layout: Layout, state: State, group: int, first: int, last: int) -> None:
    """Note the demands that pools let pass of work that something else holds up."""
    for number in range(first, last):
        resource, units = layout.needs[number].resource, layout.needs[number].units
        state.passed_max[group, resource] = max(state.passed_max[group, resource], units)
        add(state.sets, _passed_by(layout, resource), group)


@inner(forceinline=True)
def _start(
    layout: Layout,
    state: State,
    out: Replications,
    kept: Attempts,
    now: Now,
    act: int,
    before: int,
) -> None:
    """Take everything at once: posts, money, and a place in progress for a new zone."""
    plan, work, world = layout.acts[act], state.works[act], now.world
    group, zone, kind = plan.group, plan.zone, layout.kinds[plan.kind]
    out.n_events[now.row] += 1
    if before >= 0:
        book_wait(state, out, now, group, act, before)
    if zone >= 0 and not state.zones[zone].is_started:
        start_zone(state, zone, group - 1)
        if layout.sizes.priority == FEWEST_STARTED:
            state.live[0].is_order_stale = True
        if state.cities[group - 1].n_in_progress >= layout.world_values[world].wip_limit:
            touch(state, group, EVERYTHING)
    length = state.lengths[act]
    if work.n_attempts > 0:
        length *= layout.kind_values[world, plan.kind].rework
    if zone >= 0:
        length *= learned(layout, state, world, group - 1)
    finish = now.day + whole_days(length)
    kind_of_spell = REWORK if work.n_attempts > 0 else WORK
    note_spell(state, now.row, act, kind_of_spell, now.day, finish)
    schedule(layout, state, kept, now, act, finish)
    occupy(layout, state, out, now, act, finish)
    for side in range(kind.n_pays):
        pay(state, out, now, account_of(kind.payer[side], group), work.parts[side])


@inner(forceinline=True)
def schedule(layout: Layout, state: State, kept: Attempts, now: Now, act: int, finish: int) -> None:
    """Let an attempt finish on a day, if it lies within the horizon."""
    if kept.start.shape[0] > 0:
        number = layout.acts[act].number
        if kept.attempts[now.row, number] == 0:
            kept.start[now.row, number] = now.day
        kept.finish[now.row, number] = finish
        kept.attempts[now.row, number] += 1
    if finish <= layout.sizes.horizon_day:
        state.works[act].next = state.days[finish].finish_first
        state.days[finish].finish_first = act
        state.days[finish].brings |= BRINGS_WORK


@inner(forceinline=True)
def occupy(
    layout: Layout, state: State, out: Replications, now: Now, act: int, finish: int
) -> None:
    """Take the posts of an activity until a day; days past the horizon are not counted."""
    plan = layout.acts[act]
    days = min(finish, layout.sizes.horizon_day + 1) - now.day
    for number in range(plan.need_first, plan.need_last):
        need = layout.needs[number]
        pool = state.pools[need.pool]
        pool.free -= need.units
        out.busy_days[now.row, need.pool] += need.units * days
        pool_fell(layout, state, need.resource, layout.pools[need.pool].group, pool.free)

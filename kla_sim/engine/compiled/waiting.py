"""Waiting work: where it waits, and who must be looked at again.

What is waiting is looked at only when something may have changed what holds it. Each group of work
(the province, each city) keeps its queue in scan order and, from its last look, the smallest demand
that each pool or account holds up and the largest that passed it but is held up further on. A pool
or account that rises above the first or falls below the second touches the group; work before a
closed window or behind the limit of zones in progress sleeps until the window turns or a zone ends.
What everybody draws on (a pool of the province) is offered in priority order until it is used up.
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import LAST_BIT, Layout
from kla_sim.engine.compiled.sets import FIRST_RESOURCE, TOUCHED, add, holds
from kla_sim.engine.compiled.state import Now, State, note_spell
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure.codes import FIRST_RESOURCE_CAUSE, LIMIT_CAUSE, NO_CAUSE, WINDOW_CAUSE

EVERYTHING = -1
"""A look at a whole queue, as bits of causes."""

NO_UNITS = 2**31
NO_MONEY = 2**62
"""What no demand reaches: nothing is held up."""


@inner(forceinline=True)
def bit_of(cause: int) -> int:
    """Return the bit of a cause."""
    return 1 << min(cause, LAST_BIT)


@inner(forceinline=True)
def touch(state: State, group: int, bits: int) -> None:
    """Ask for a look at a queue: at what some causes hold up, or at everything."""
    state.queues[group].to_check |= bits
    add(state.sets, TOUCHED, state.queues[group].rank)


@inner(forceinline=True)
def pool_rose(state: State, resource: int, group: int, free: int) -> None:
    """Offer what a pool has more of: to everybody, or to the city whose work it serves."""
    if group == 0:
        state.live[0].pool_rose = True
        state.rises[resource] = True
    elif free >= state.blocked_min[group, resource]:
        touch(state, group, bit_of(FIRST_RESOURCE_CAUSE + resource))


@inner(forceinline=True)
def pool_fell(layout: Layout, state: State, resource: int, group: int, free: int) -> None:
    """Look again at work that a pool let pass and may let pass no longer."""
    if group == 0:
        state.live[0].pool_fell = True
        state.falls[resource] = True
    elif free < state.passed_max[group, resource]:
        touch(state, group, layout.behind[resource])


@inner(forceinline=True)
def account_fell(state: State, account: int) -> None:
    """Look again at work that an account let pass and may let pass no longer."""
    if account == 0:
        state.live[0].province_fell = True
    if state.queues[account].balance < state.queues[account].passed_money[1]:
        touch(state, account, EVERYTHING)


@inner(forceinline=True)
def book_wait(state: State, out: Replications, now: Now, group: int, act: int, cause: int) -> None:
    """Book the days that work has waited for a cause until today."""
    work = state.works[act]
    out.wait_days[now.row, group, cause] += now.day - work.since
    note_spell(state, now.row, act, cause, work.since, now.day)
    work.since = now.day


@inner(forceinline=True)
def put_into_queue(state: State, first: int, group: int, act: int, day: int) -> None:
    """Put an activity into its place in a queue, to be looked at today.

    Parameters
    ----------
    first : where the group's queue begins.
    """
    spot = first + state.queues[group].n_queued
    while spot > first and state.queue[spot - 1].act > act:
        state.queue[spot].act = state.queue[spot - 1].act
        state.queue[spot].cause = state.queue[spot - 1].cause
        spot -= 1
    state.queue[spot].act = act
    state.queue[spot].cause = NO_CAUSE
    state.queues[group].n_queued += 1
    state.works[act].since = day
    add(state.sets, TOUCHED, state.queues[group].rank)


@inner()
def wake(layout: Layout, state: State, out: Replications, now: Now, first: int, cause: int) -> None:
    """Put all that sleeps in a list back into the queues of their groups.

    Parameters
    ----------
    first : the first of the list, -1 = it is empty; the caller empties it.
    cause : why it sleeps.
    """
    act = first
    while act >= 0:
        group = layout.acts[act].group
        book_wait(state, out, now, group, act, cause)
        put_into_queue(state, layout.groups[group].act_first, group, act, now.day)
        act = state.works[act].next


@inner(forceinline=True)
def sleep_before(state: State, window: int, act: int) -> None:
    """Lay an activity before its closed window."""
    state.works[act].next = state.before_window[window]
    state.before_window[window] = act


@inner()
def turn_window(layout: Layout, state: State, out: Replications, now: Now, window: int) -> None:
    """B8: wake what sleeps before a window that opens; what waits sleeps when it closes.

    What has been woken today is still to be looked at.
    """
    if layout.window_open[window, now.day]:
        first = state.before_window[window]
        state.before_window[window] = -1
        wake(layout, state, out, now, first, WINDOW_CAUSE)
        return
    for group in range(state.queues.shape[0]):
        first, n_kept = layout.groups[group].act_first, 0
        for spot in range(first, first + state.queues[group].n_queued):
            act, cause = state.queue[spot].act, state.queue[spot].cause
            if cause >= 0 and layout.kinds[layout.acts[act].kind].window == window:
                book_wait(state, out, now, group, act, cause)
                sleep_before(state, window, act)
            else:
                held = state.queue[first + n_kept]
                held.act, held.cause = act, cause
                n_kept += 1
        state.queues[group].n_queued = n_kept
        act = state.queues[group].behind_limit
        while act >= 0:
            if layout.kinds[layout.acts[act].kind].window == window:
                wake_behind_limit(layout, state, out, now, group)
                break
            act = state.works[act].next


@inner(forceinline=True)
def wake_behind_limit(
    layout: Layout, state: State, out: Replications, now: Now, group: int
) -> None:
    """Put all that sleeps behind the limit of zones in progress back into its queue."""
    first = state.queues[group].behind_limit
    state.queues[group].behind_limit = -1
    wake(layout, state, out, now, first, LIMIT_CAUSE)


@inner()
def rank_groups(layout: Layout, state: State) -> None:
    """Give every group its rank, the province first, and carry the sets by rank over."""
    order, queues, sets = state.order, state.queues, state.sets
    is_same = True
    for place in range(order.shape[0]):
        is_same = is_same and state.group_at[1 + place] == 1 + order[place]
    if is_same:
        return
    for group in range(queues.shape[0]):
        state.was_touched[group] = holds(sets, TOUCHED, queues[group].rank)
    sets[TOUCHED, :] = 0
    sets[FIRST_RESOURCE : FIRST_RESOURCE + layout.pool_of.shape[1], :] = 0
    for place in range(order.shape[0]):
        state.group_at[1 + place] = 1 + order[place]
        queues[1 + order[place]].rank = 1 + place
    for group in range(queues.shape[0]):
        if state.was_touched[group]:
            add(sets, TOUCHED, queues[group].rank)
        for number in range(layout.shared.shape[0]):
            resource = layout.shared[number]
            if state.blocked_min[group, resource] < NO_UNITS:
                add(sets, FIRST_RESOURCE + resource, queues[group].rank)

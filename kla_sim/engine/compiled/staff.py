"""The posts of every pool: capacity, departures and replacements, and the days they were filled.

The twin of `engine/reference/staff.py`. Not here: taking posts at a start and giving them back
(`starts`, `completions`).
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.sets import sort_numbers
from kla_sim.engine.compiled.state import BRINGS_POST, Now, State
from kla_sim.engine.compiled.waiting import pool_fell, pool_rose
from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import exponential_quantile, quantile, whole_days
from kla_sim.engine.replications import Replications


@inner()
def begin_staff(layout: Layout, state: State, now: Now) -> None:
    """Fill every post and await the first departure where people leave."""
    for pool in range(state.pools.shape[0]):
        capacity = layout.pools[pool].capacity
        state.pools[pool].capacity = capacity
        state.pools[pool].filled = capacity
        state.pools[pool].free = capacity
        state.pools[pool].counted_until = 0
    for post in range(state.posts.shape[0]):
        state.posts[post].is_filled = True
        state.posts[post].n_turns = 0
        resource = layout.pools[layout.pool_of_post[post]].resource
        mean = layout.resource_values[now.world, resource].turnover_days
        if mean > 0.0:
            chance = state.chances.departure[post]
            _await_turn(layout, state, post, whole_days(exponential_quantile(mean, chance)))


@inner(forceinline=True)
def _await_turn(layout: Layout, state: State, post: int, day: int) -> None:
    if day <= layout.sizes.horizon_day:
        state.posts[post].turn_next = state.days[day].turn_first
        state.days[day].turn_first = post
        state.days[day].brings |= BRINGS_POST


@inner(forceinline=True)
def count_days(state: State, out: Replications, now: Now, pool: int) -> None:
    """Book the post-days since the last change of a pool."""
    one = state.pools[pool]
    days = now.day - one.counted_until
    out.filled_days[now.row, pool] += days * one.filled
    out.vacant_days[now.row, pool] += days * (one.capacity - one.filled)
    one.counted_until = now.day


@inner()
def _set_filled(layout: Layout, state: State, pool: int, filled: int) -> None:
    one, plan = state.pools[pool], layout.pools[pool]
    rise = filled - one.filled
    one.free += rise
    one.filled = filled
    if rise > 0:
        pool_rose(state, plan.resource, plan.group, one.free)
    else:
        pool_fell(layout, state, plan.resource, plan.group, one.free)


@inner()
def step_capacity(layout: Layout, state: State, out: Replications, now: Now, number: int) -> None:
    """B4: a pool gets another number of posts."""
    pool = layout.steps[number].pool
    count_days(state, out, now, pool)
    state.pools[pool].capacity = layout.steps[number].posts
    first = layout.pools[pool].post_first
    filled = 0
    for post in range(first, first + state.pools[pool].capacity):
        filled += state.posts[post].is_filled
    _set_filled(layout, state, pool, filled)


@inner()
def turn_posts(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """B6, B7: departures, then replacements, by post; work in progress goes on."""
    n_leaving, n_replaced = 0, 0
    post = state.days[now.day].turn_first
    state.days[now.day].turn_first = -1
    while post >= 0:
        if state.posts[post].is_filled:
            state.of_today[n_leaving] = post
            n_leaving += 1
        else:
            state.replaced_today[n_replaced] = post
            n_replaced += 1
        post = state.posts[post].turn_next
    sort_numbers(state.of_today, n_leaving)
    sort_numbers(state.replaced_today, n_replaced)
    out.n_events[now.row] += n_leaving + n_replaced
    for place in range(n_leaving):
        _depart(layout, state, out, now, state.of_today[place])
    for place in range(n_replaced):
        _replace(layout, state, out, now, state.replaced_today[place])


@inner()
def _depart(layout: Layout, state: State, out: Replications, now: Now, post: int) -> None:
    _fill(layout, state, out, now, post, is_filled=False)
    use = state.posts[post].n_turns
    state.posts[post].n_turns = use + 1
    chance = uniform(layout.seed, layout.streams.replacement[post], now.replication, use)
    resource = layout.pools[layout.pool_of_post[post]].resource
    row = layout.resource_values[now.world, resource].replacement
    days = whole_days(quantile(row, chance, layout.tables))
    _await_turn(layout, state, post, now.day + days)


@inner()
def _replace(layout: Layout, state: State, out: Replications, now: Now, post: int) -> None:
    _fill(layout, state, out, now, post, is_filled=True)
    use = state.posts[post].n_turns
    chance = uniform(layout.seed, layout.streams.departure[post], now.replication, use)
    resource = layout.pools[layout.pool_of_post[post]].resource
    mean = layout.resource_values[now.world, resource].turnover_days
    _await_turn(layout, state, post, now.day + whole_days(exponential_quantile(mean, chance)))


@inner()
def _fill(
    layout: Layout, state: State, out: Replications, now: Now, post: int, is_filled: bool
) -> None:
    """Fill or vacate a post; it counts if its number is within the capacity of the day."""
    pool = layout.pool_of_post[post]
    state.posts[post].is_filled = is_filled
    if post - layout.pools[pool].post_first < state.pools[pool].capacity:
        count_days(state, out, now, pool)
        filled = state.pools[pool].filled
        _set_filled(layout, state, pool, filled + 1 if is_filled else filled - 1)

"""The posts of futures day by day: how many work, how many are filled, when nobody is free.

Posts at work follow from what the engines tell of every attempt (`engine.spells`); departures and
replacements from the random numbers by address, which nothing else in a future changes. Over the
whole time the post-days are those of the engines (tests hold them to the day). Called by
`analysis.use_over_time`.
"""

from __future__ import annotations

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray, StreamArray
from kla_sim.engine.draws import sample
from kla_sim.engine.formulas import EXPONENTIAL, whole_days
from kla_sim.engine.plan import Plan
from kla_sim.engine.spells import REWORK, WORK, Spells
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import CAPACITY

_days_of = np.vectorize(whole_days, otypes=[np.int64])


def posts_at_work(s: Structure, spells: Spells) -> IntArray:
    """Return how many posts of each pool work overnight.

    Returns
    -------
    (n, n_pools, n_days) posts, from the start to the horizon
    """
    n, n_days = len(spells.complete_day), s.horizon_day + 1
    is_work = (spells.kind == WORK) | (spells.kind == REWORK)
    row, act = spells.row[is_work], spells.act[is_work]
    since, until = spells.since[is_work], np.minimum(spells.until[is_work], n_days)
    kind, group = s.act_kind[act], 1 + s.act_city[act]
    change = np.zeros((n, s.n_pools, n_days + 1), np.int64)
    n_needs = np.diff(s.need_first)
    for place in range(int(n_needs.max(initial=0))):
        needs = n_needs[kind] > place
        entry = s.need_first[kind[needs]] + place
        pool, units = s.pool_of[s.need_resource[entry], group[needs]], s.need_units[entry]
        np.add.at(change, (row[needs], pool, since[needs]), units)
        np.subtract.at(change, (row[needs], pool, until[needs]), units)
    at_work: IntArray = change[:, :, :-1].cumsum(axis=2)
    return at_work


def capacity_by_day(s: Structure) -> IntArray:
    """Return the planned posts of each pool, (n_pools, n_days)."""
    capacity = np.repeat(s.pool_capacity[:, None], s.horizon_day + 1, axis=1)
    is_step = s.agenda_item == CAPACITY
    for day, number in zip(s.agenda_day[is_step], s.agenda_number[is_step], strict=True):
        capacity[s.step_pool[number], day:] = s.step_posts[number]
    return capacity


def posts_filled(plan: Plan, first: int, n: int) -> IntArray:
    """Return how many posts of each pool are within the capacity and filled.

    Returns
    -------
    (n, n_pools, n_days) posts, of consecutive replications
    """
    s = plan.structure
    capacity = capacity_by_day(s)
    pool_of_post = np.repeat(np.arange(s.n_pools), np.diff(s.pool_post_first))
    number = np.arange(len(pool_of_post)) - s.pool_post_first[pool_of_post]
    is_planned = number[:, None] < capacity[pool_of_post]  # (n_posts, n_days)
    filled = np.repeat(capacity[None], n, axis=0)
    for row in range(n):
        for post, left, back in _vacancies(plan, first + row, pool_of_post):
            filled[row, pool_of_post[post], left:back] -= is_planned[post, left:back]
    return filled


def _vacancies(plan: Plan, replication: int, pool_of_post: IntArray) -> list[tuple[int, int, int]]:
    """Return each post that somebody leaves, the day, and the day on which it is filled again."""
    s, values = plan.structure, plan.values[replication % plan.n_worlds]
    resource = s.pool_resource[pool_of_post]
    stays = np.zeros((len(values.turnover_days), 5))
    stays[:, 0], stays[:, 1] = EXPONENTIAL, values.turnover_days

    def drawn_days(streams: StreamArray, rows: FloatArray, posts: IntArray, use: int) -> IntArray:
        kinds = resource[posts]
        drawn = sample(plan.seed, streams[posts], kinds, rows, plan.tables, replication, use)
        days: IntArray = _days_of(drawn)
        return days

    posts = np.flatnonzero(values.turnover_days[resource] > 0)
    today, use = np.zeros(len(pool_of_post), np.int64), 0
    found: list[tuple[int, int, int]] = []
    while len(posts):
        left = today[posts] + drawn_days(s.departure_stream, stays, posts, use)
        posts, left = posts[left <= s.horizon_day], left[left <= s.horizon_day]
        if len(posts):
            back = left + drawn_days(s.replacement_stream, values.replacement, posts, use)
            found += zip(posts.tolist(), left.tolist(), back.tolist(), strict=True)
            today[posts] = back
            posts = posts[back <= s.horizon_day]
        use += 1
    return found


def is_nobody_free(at_work: IntArray, filled: IntArray) -> BoolArray:
    """Return whether no post is free overnight; work that outlives a departure goes on."""
    return at_work >= filled

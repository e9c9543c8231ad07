"""What changes while a replication runs: one set of arrays, made once per chunk, for all rules.

`begin` resets it for each replication. Records keep side by side what a rule reads of one thing.
Not here: what a replication returns, which goes straight into its row of the results.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray, NumberArray, ShortArray
from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Fields, Layout, Records, empty_records
from kla_sim.engine.structure.codes import N_GROUPS

BRINGS_WORK, BRINGS_POST, BRINGS_CLOSING, BRINGS_AWARD = 1, 2, 4, 8
"""What a day brings beside the agenda, as bits."""

_WORD = 32  # bits in use per word of a set, so that no shift leaves 64-bit integers

LIVE: Fields = [
    ("row", np.uint32),  # of the results
    ("world", np.uint32),
    ("n_ready", np.int64),
    ("n_launched", np.int64),  # zones ever launched, existing ones included
    ("n_owed", np.int64),
    ("dormant_since", np.int64),
    ("gap_day", np.int64),  # of the last background step
    ("remainder_day", np.int64),  # of the remainders at hand
    ("noted_day", np.int64),  # of the last award noted
    ("next_item", np.int64),  # in the agenda
    ("is_order_stale", np.bool_),
    ("province_fell", np.bool_),
    ("pool_rose", np.bool_),  # any that everybody draws on
    ("pool_fell", np.bool_),
]
"""The single numbers."""

WORK: Fields = [
    ("n_before", np.int32),
    ("since", np.int32),  # day from which the days waited are not booked yet
    ("next", np.int32),  # of those that finish on the same day or sleep in the same place
    ("n_attempts", np.uint8),
    ("is_begun", np.bool_),  # by the status date
    ("is_complete", np.bool_),
    ("is_given_up", np.bool_),
    ("parts", np.int64, (2,)),  # of its cost, by payer
]
"""An activity."""

QUEUED: Fields = [("act", np.uint32), ("cause", np.int32)]
"""Waiting work and what holds it, so that what is still held need not be touched."""

QUEUE: Fields = [
    ("n_queued", np.uint32),
    ("behind_limit", np.int64),  # first of those that sleep behind the limit; -1 = none
    ("to_check", np.int64),  # causes to look at again, as bits
    ("rank", np.int64),
    ("balance", np.int64),
    ("blocked_money", np.int64, (2,)),  # smallest part that an account holds up: province's, own
    ("passed_money", np.int64, (2,)),  # largest part let pass by an account, held up further on
]
"""A group of work, its queue and its account."""

CITY_STATE: Fields = [
    ("n_in_progress", np.int64),
    ("n_started", np.int64),
    ("n_launched", np.int64),
    ("n_dormant_existing", np.int64),
    ("learned_at", np.int64),  # zones ever launched when `learned` was reckoned; -1 = never
    ("learned", np.float64),
    ("gap", np.float64),
    ("remainder", np.float64),
    ("standing", np.int64),
    ("published", np.float64),
]

ZONE_STATE: Fields = [
    ("n_left", np.int64),
    ("is_due", np.bool_),
    ("is_started", np.bool_),
    ("is_dormant", np.bool_),
    ("marks_left", np.int32, (N_GROUPS + 2,)),
]

POOL_STATE: Fields = [
    ("free", np.int64),
    ("capacity", np.int64),
    ("filled", np.int64),
    ("counted_until", np.int64),
]

POST_STATE: Fields = [("turn_next", np.int32), ("n_turns", np.int32), ("is_filled", np.bool_)]

DAY: Fields = [("finish_first", np.int32), ("turn_first", np.int32), ("brings", np.uint8)]
"""What happens on a day: lists through the activities and the posts. Empty between replications,
because every day up to the horizon is visited."""

LAUNCHED: Fields = [("zone", np.int64), ("city", np.int64), ("day", np.int64)]
"""A launched zone, oldest first; those that existed at the start have zone and day -1."""


class Chances(NamedTuple):
    """First uses of streams, and later ones that every cycle needs, drawn in one go."""

    duration: FloatArray  # (n_acts,)
    cost: FloatArray
    check: FloatArray  # (n_checks,)
    departure: FloatArray  # (n_posts,)
    own_shock: FloatArray  # (n_groups * n_years,)
    background: FloatArray  # (n_cities * n_cycles,)
    noise: FloatArray
    width: FloatArray  # of the noise
    cap: FloatArray
    confirmation: FloatArray
    reach: FloatArray


class Told(NamedTuple):
    """Receives how days were spent (`engine.spells`), unless it has no rows."""

    entries: ShortArray  # (n, most, 4) activity or city, kind, since, until
    n_entries: IntArray  # (n,) of which beyond `most` none is written
    complete_day: ShortArray  # (n, n_acts)


class State(NamedTuple):
    """Everything that changes in a replication."""

    live: Records  # (1,) LIVE
    chances: Chances
    days: Records  # (horizon_day + 2,) DAY
    works: Records  # (n_acts,) WORK
    lengths: FloatArray  # (n_acts,) days of the attempt that waits, before rework and learning
    ready: NumberArray  # (n_acts,)
    of_today: NumberArray  # (most of n_acts, n_posts) what ends today
    replaced_today: NumberArray  # (n_posts,)
    to_give_up: ShortArray
    queue: Records  # (n_acts,) QUEUED, each group's waiting work in the places of its activities
    queues: Records  # (n_groups,) QUEUE
    before_window: IntArray  # (n_windows,) first of those that sleep there; -1 = none
    sets: IntArray  # (n_sets, n_words) groups as bits, see `sets`
    rises: BoolArray  # (n_resources,) what everybody draws on and has more of since the last look
    falls: BoolArray
    blocked_min: IntArray  # (n_groups, n_resources) smallest demand that a pool holds up
    passed_max: IntArray  # largest demand let pass by a pool and held up further on
    group_at: NumberArray  # (n_groups,) by rank
    was_touched: BoolArray
    order: IntArray  # (n_cities,)
    key: FloatArray
    cities: Records  # (n_cities,) CITY_STATE
    zones: Records  # (n_zones,) ZONE_STATE
    launched: Records  # (n_existing + n_zones,) LAUNCHED
    owed: IntArray  # places in `launched` whose upkeep is unpaid
    pools: Records  # (n_pools,) POOL_STATE
    posts: Records  # (n_posts,) POST_STATE
    evidence_on: IntArray  # (n_cycles,) -1 = not held
    award_on: IntArray
    start_factors: FloatArray  # (n_cities, N_GROUPS) what Kaltara left of each gap at the start
    factors: FloatArray  # the same today
    told: Told


def empty_told(n_acts: int, n: int = 0, most: int = 0) -> Told:
    """Return arrays for what n replications tell, at most so many spells of each."""
    return Told(
        np.empty((n, most, 4), np.int32), np.zeros(n, np.int64), np.full((n, n_acts), -1, np.int32)
    )


def empty_state(layout: Layout, told: Told | None = None) -> State:
    """Return the arrays for a plan, as `begin` expects them before the first replication."""
    n_acts, n_posts = len(layout.acts), len(layout.pool_of_post)
    n_checks = len(layout.streams.check)
    n_groups, n_cities = len(layout.groups), len(layout.cities)
    n_resources, n_years = layout.pool_of.shape[1], len(layout.year_day)
    n_cycles, n_launched = len(layout.cycles), int(layout.cities.existing.sum()) + len(layout.zones)
    by_cycle = n_cities * n_cycles
    n_words = (n_groups + _WORD - 1) // _WORD
    days = empty_records(DAY, layout.sizes.horizon_day + 2)
    days.finish_first = days.turn_first = -1
    launched = empty_records(LAUNCHED, n_launched)
    launched.zone = launched.day = -1
    launched.city[: n_launched - len(layout.zones)] = np.repeat(
        np.arange(n_cities), layout.cities.existing
    )
    queues = empty_records(QUEUE, n_groups)
    queues.rank = np.arange(n_groups)
    return State(
        live=empty_records(LIVE, 1),
        chances=Chances(
            *map(np.empty, (n_acts, n_acts, n_checks, n_posts, n_groups * n_years)),
            *(np.empty(by_cycle) for _ in range(6)),
        ),
        days=days,
        works=empty_records(WORK, n_acts),
        lengths=np.empty(n_acts),
        ready=np.empty(n_acts, np.uint32),
        of_today=np.empty(max(n_acts, n_posts), np.uint32),
        replaced_today=np.empty(n_posts, np.uint32),
        to_give_up=np.empty(n_acts + len(layout.after_act), np.int32),
        queue=empty_records(QUEUED, n_acts),
        queues=queues,
        before_window=np.empty(len(layout.window_open), np.int64),
        sets=np.zeros((2 + 2 * n_resources, n_words), np.int64),
        rises=np.zeros(n_resources, np.bool_),
        falls=np.zeros(n_resources, np.bool_),
        blocked_min=np.empty((n_groups, n_resources), np.int64),
        passed_max=np.empty((n_groups, n_resources), np.int64),
        group_at=np.arange(n_groups, dtype=np.uint32),
        was_touched=np.zeros(n_groups, np.bool_),
        order=np.empty(n_cities, np.int64),
        key=np.zeros(n_cities),
        cities=empty_records(CITY_STATE, n_cities),
        zones=empty_records(ZONE_STATE, len(layout.zones)),
        launched=launched,
        owed=np.empty(n_launched, np.int64),
        pools=empty_records(POOL_STATE, len(layout.pools)),
        posts=empty_records(POST_STATE, n_posts),
        evidence_on=np.empty(n_cycles, np.int64),
        award_on=np.empty(n_cycles, np.int64),
        start_factors=np.empty((n_cities, N_GROUPS)),
        factors=np.empty((n_cities, N_GROUPS)),
        told=told or empty_told(n_acts),
    )


@inner(forceinline=True)
def note_spell(state: State, row: int, act: int, kind: int, since: int, until: int) -> None:
    """Note how some days were spent, if somebody listens; count also what finds no room."""
    told = state.told
    if row >= told.n_entries.shape[0] or until <= since:
        return
    place = told.n_entries[row]
    told.n_entries[row] = place + 1
    if place < told.entries.shape[1]:
        told.entries[row, place, 0] = act
        told.entries[row, place, 1] = kind
        told.entries[row, place, 2] = since
        told.entries[row, place, 3] = until


class Now(NamedTuple):
    """The replication that runs and its day."""

    replication: int
    row: int  # of the results
    world: int
    day: int
    year: int

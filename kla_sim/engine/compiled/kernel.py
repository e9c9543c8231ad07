"""The kernel: replications one after the other, in the three phases of docs/model.md.

One function holds the state of a replication in local arrays and runs its days; small functions
beside it serve places that several rules share. Same rules in the same order as the reference
engine, and the same scalar functions, so that results are equal bit for bit.

What is waiting is looked at only when something may have changed what holds it. Each group of work
(the province, each city) keeps its queue in scan order and, from its last look, the smallest demand
that each pool or account holds up and the largest that passed it but is held up further on. A pool
or account that rises above the first or falls below the second touches the group; work before a
closed window or behind the limit of zones in progress sleeps until the window turns or a zone ends.
What everybody draws on (a pool of the province) is offered in priority order until it is used up.
"""

# ruff: noqa: PLR1714, SIM102, SIM109  conditions stand as the compiler likes them

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.engine.code_cache import njit
from kla_sim.engine.compiled.layout import (
    INTEGRATION,
    LAUNCH,
    N_GROUPS,
    Acts,
    Calendar,
    Kinds,
    Money,
    NumberArray,
    Pools,
    ShortArray,
    Sizes,
    Zones,
)
from kla_sim.engine.draws import fill_uniforms, uniform
from kla_sim.engine.formulas import (
    FIXED,
    MAXIMUM_ATTEMPTS,
    PERT,
    PERT_CELLS,
    FloatArray,
    background_step,
    between_cells,
    cell_of,
    clip_score,
    days_left,
    exponential_quantile,
    learning_multiplier,
    lognormal_quantile,
    noise_factor,
    normal_quantile,
    part_of,
    quantile,
    quantile_of,
    service_factor,
    whole_days,
    whole_rupiah,
)
from kla_sim.engine.jury import award_of, category_of, verified_score
from kla_sim.engine.replications import CANCELLED, HELD, MERGED, Attempts, Replications
from kla_sim.engine.structure import (
    CAPACITY,
    CITY,
    EVIDENCE,
    PRIORITIES,
    PROVINCE,
    RELEASE,
    STAGE,
    WINDOW,
    YEAR,
    BoolArray,
    IntArray,
)

_LISTED, _LOWEST_SCORE, _CLOSEST, _FEWEST_STARTED = range(len(PRIORITIES))
_NOTHING, _WINDOW, _WIP_LIMIT, _FIRST_RESOURCE = -1, 0, 1, 2
_FRESH, _EVERYTHING, _LAST_BIT = -1, -1, 61
"""New in its queue, no cause known yet; a look at a whole queue; causes from here share a bit."""

_NO_UNITS = 2**31
_NO_MONEY = 2**62
_WORK, _POST, _CLOSING, _AWARD = 1, 2, 4, 8
"""What a day brings beside the agenda, as bits."""

_TOUCHED, _PASSED_MONEY, _FIRST_SHARED = 0, 1, 2
"""The sets of groups: touched (by rank), with work that the province's account lets pass and
something else holds up, and for each shared resource the blocked (by rank), then the passed."""

_WORD = 32  # bits in use per word, so that no shift leaves 64-bit integers


# --- sets of groups as bits ------------------------------------------------------------------


@njit(forceinline=True)
def _add(sets: IntArray, row: int, number: int) -> None:
    sets[row, number >> 5] |= 1 << (number & 31)


@njit(forceinline=True)
def _remove(sets: IntArray, row: int, number: int) -> None:
    sets[row, number >> 5] &= ~(1 << (number & 31))


@njit(forceinline=True)
def _holds(sets: IntArray, row: int, number: int) -> bool:
    return bool((sets[row, number >> 5] >> (number & 31)) & 1 == 1)


@njit(forceinline=True)
def _bit_number(bit: int) -> int:
    """Return the number of a single bit below 2**32, without a branch or a table."""
    return (
        ((bit & 0xFFFF0000) != 0) * 16
        + ((bit & 0xFF00FF00) != 0) * 8
        + ((bit & 0xF0F0F0F0) != 0) * 4
        + ((bit & 0xCCCCCCCC) != 0) * 2
        + ((bit & 0xAAAAAAAA) != 0)
    )


@njit(forceinline=True)
def _next_in(sets: IntArray, row: int, position: int) -> int:
    """Return the first member from a position on; -1 = none."""
    word = position >> 5
    if word >= sets.shape[1]:
        return -1
    here = sets[row, word] & -(1 << (position & 31))
    while here == 0:
        word += 1
        if word >= sets.shape[1]:
            return -1
        here = sets[row, word]
    return word * _WORD + _bit_number(here & -here)


# --- order -----------------------------------------------------------------------------------


@njit()
def _sort(numbers: NumberArray, n: int) -> None:
    """Sort the first n numbers in place, few as a rule (Shell 1959)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            number = numbers[i]
            j = i
            while j >= gap and numbers[j - gap] > number:
                numbers[j] = numbers[j - gap]
                j -= gap
            numbers[j] = number
        gap //= 3


@njit()
def _sort_cities(order: IntArray, key: FloatArray, listed_place: IntArray) -> None:
    """Sort cities in place by key, ties by the listed order."""
    n = order.shape[0]
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            city = order[i]
            j = i
            while j >= gap:
                other = order[j - gap]
                if key[other] < key[city]:
                    break
                if key[other] == key[city] and listed_place[other] < listed_place[city]:
                    break
                order[j] = other
                j -= gap
            order[j] = city
        gap //= 3


@njit()
def _rank_groups(
    order: IntArray,
    group_at: IntArray,
    rank: IntArray,
    sets: IntArray,
    n_shared: int,
    shared: IntArray,
    blocked_min: IntArray,
) -> None:
    """Give every group its rank, the province first, and carry the sets by rank over."""
    is_same = True
    for place in range(order.shape[0]):
        is_same = is_same and group_at[1 + place] == 1 + order[place]
    if is_same:
        return
    was_touched = np.zeros(rank.shape[0], np.bool_)
    for group in range(rank.shape[0]):
        was_touched[group] = _holds(sets, _TOUCHED, rank[group])
    sets[_TOUCHED, :] = 0
    sets[_FIRST_SHARED : _FIRST_SHARED + n_shared, :] = 0
    for place in range(order.shape[0]):
        group_at[1 + place] = 1 + order[place]
        rank[1 + order[place]] = 1 + place
    for group in range(rank.shape[0]):
        if was_touched[group]:
            _add(sets, _TOUCHED, rank[group])
        for number in range(n_shared):
            if blocked_min[shared[number], group] < _NO_UNITS:
                _add(sets, _FIRST_SHARED + number, rank[group])


# --- waiting work ----------------------------------------------------------------------------


@njit(forceinline=True)
def _insert(queue: NumberArray, first: int, n: int, act: int) -> None:
    """Put an activity into a sorted queue of n entries."""
    spot = first + n
    while spot > first and queue[spot - 1] > act:
        queue[spot] = queue[spot - 1]
        spot -= 1
    queue[spot] = act


@njit()
def _wake(
    asleep_first: IntArray,
    number: int,
    asleep_next: ShortArray,
    acts_group: NumberArray,
    queue: NumberArray,
    queue_first: IntArray,
    n_queued: IntArray,
    since: ShortArray,
    cause_of: ShortArray,
    day: int,
    row: int,
    out_wait_days: ShortArray,
    sets: IntArray,
    rank: IntArray,
) -> None:
    """Put all that sleeps in one list back into the queues of their groups."""
    act = asleep_first[number]
    asleep_first[number] = -1
    while act >= 0:
        group = acts_group[act]
        out_wait_days[row, group, cause_of[act]] += day - since[act]
        since[act] = day
        cause_of[act] = _FRESH
        _insert(queue, queue_first[group], n_queued[group], act)
        n_queued[group] += 1
        _add(sets, _TOUCHED, rank[group])
        act = asleep_next[act]


@njit(forceinline=True)
def _touch(group: int, bits: int, to_check: IntArray, sets: IntArray, rank: IntArray) -> None:
    """Ask for a look at a queue: at what some causes hold up, or at everything."""
    to_check[group] |= bits
    _add(sets, _TOUCHED, rank[group])


@njit(forceinline=True)
def _bit_of(cause: int) -> int:
    return 1 << min(cause, _LAST_BIT)


@njit(forceinline=True)
def _pool_rose(
    resource: int,
    group: int,
    free: int,
    blocked_min: IntArray,
    rises: BoolArray,
    to_check: IntArray,
    sets: IntArray,
    rank: IntArray,
) -> None:
    if group == 0:
        rises[0] = True
        rises[1 + resource] = True
    elif free >= blocked_min[resource, group]:
        _touch(group, _bit_of(_FIRST_RESOURCE + resource), to_check, sets, rank)


@njit(forceinline=True)
def _pool_fell(
    resource: int,
    group: int,
    free: int,
    passed_max: IntArray,
    falls: BoolArray,
    to_check: IntArray,
    sets: IntArray,
    rank: IntArray,
) -> None:
    if group == 0:
        falls[0] = True
        falls[1 + resource] = True
    elif free < passed_max[resource, group]:
        _touch(group, _EVERYTHING, to_check, sets, rank)


# --- what stands -----------------------------------------------------------------------------


@njit()
def _write_factors(
    factors: FloatArray,
    w: int,
    n_dormant_existing: IntArray,
    is_dormant: BoolArray,
    marks_left: IntArray,
    existing: IntArray,
    zone_first: IntArray,
    districts: FloatArray,
    effect: FloatArray,
    integration: FloatArray,
) -> None:
    """Write what Kaltara leaves of each group's gap, by funded zones over districts."""
    for city in range(factors.shape[0]):
        funded = existing[city] - n_dormant_existing[city]
        n_integrated = funded
        for zone in range(zone_first[city], zone_first[city + 1]):
            if not is_dormant[zone] and marks_left[zone, INTEGRATION] == 0:
                n_integrated += marks_left[zone, LAUNCH] == 0
        for group in range(N_GROUPS):
            n_open = funded
            for zone in range(zone_first[city], zone_first[city + 1]):
                n_open += not is_dormant[zone] and marks_left[zone, group] == 0
            factors[city, group] = service_factor(
                effect[w, group],
                n_open / districts[w, city],
                integration[w],
                n_integrated / districts[w, city],
            )


@njit()
def _write_remainders(
    remainders: FloatArray,
    w: int,
    factors: FloatArray,
    start_factors: FloatArray,
    group_weight: FloatArray,
    closes_gap: FloatArray,
    kinds: NumberArray,
    is_complete: BoolArray,
    is_done: BoolArray,
    group_first: IntArray,
    wide_last: IntArray,
    of_number: NumberArray,
) -> None:
    """Write the share of each city's gap at the start that Kaltara and wide work leave.

    Factors are multiplied in the order of the plan, not of the scan, as in the reference engine.
    """
    for city in range(remainders.shape[0]):
        total = 0.0
        for group in range(N_GROUPS):
            left = group_weight[w, city, group] * (
                factors[city, group] / start_factors[city, group]
            )
            for owner in (0, 1 + city):
                for number in range(group_first[owner], wide_last[owner]):
                    act = of_number[number]
                    if is_complete[act] and not is_done[act]:
                        left *= 1.0 - closes_gap[w, kinds[act], group]
            total += left
        remainders[city] = total


@njit(nogil=True, is_long=True)
def run_replications(
    first: int,
    last: int,
    seed: np.uint64,
    sizes: Sizes,
    acts: Acts,
    kinds: Kinds,
    zones: Zones,
    pools: Pools,
    money: Money,
    calendar: Calendar,
    values: Any,
    worlds: Any,
    tables: FloatArray,
    out: Replications,
    kept: Attempts,
) -> None:
    """Run replications first to last - 1 and write them into rows 0, 1, ... of the results.

    Parameters
    ----------
    kept : receives when each activity was at work, unless it has no rows.
    """
    n_groups, n_resources = sizes.n_groups, sizes.n_resources
    n_windows, n_worlds = sizes.n_windows, sizes.n_worlds
    horizon_day, deadline_day = sizes.horizon_day, sizes.deadline_day
    target, priority, has_past = sizes.target, sizes.priority, sizes.has_past
    n_cities = n_groups - 1

    act_kind, act_group, act_zone = acts.kind, acts.group, acts.zone
    act_number, act_of_number, act_n_before = acts.number, acts.of_number, acts.n_before
    after_first, after_act, is_done = acts.after_first, acts.after_act, acts.is_done
    is_finished, act_elapsed = acts.is_finished, acts.elapsed
    group_first = acts.group_first
    duration_stream, cost_stream = acts.duration_stream, acts.cost_stream
    acceptance_stream = acts.acceptance_stream
    n_acts = act_kind.shape[0]

    kind_window, kind_opens = kinds.window, kinds.opens
    kind_integrates, kind_launches = kinds.integrates, kinds.launches
    need_first, need_resource, need_units = (
        kinds.need_first, kinds.need_resource, kinds.need_units
    )  # fmt: skip
    n_pays, payer, share = kinds.n_pays, kinds.payer, kinds.share

    zone_city, zone_act_first, n_zone_acts = zones.city, zones.act_first, zones.n_acts
    city_zone_first, wide_last, existing = zones.of_city_first, zones.wide_last, zones.existing
    reference = zones.reference
    zone_marks = zones.marks
    n_zones = zone_city.shape[0]

    pool_of, pool_resource, pool_group = pools.pool_of, pools.resource, pools.group
    pool_capacity, post_first, post_pool = pools.capacity, pools.post_first, pools.post_pool
    departure_stream, replacement_stream = pools.departure_stream, pools.replacement_stream
    step_pool, step_posts, shared = pools.step_pool, pools.step_posts, pools.shared
    n_pools, n_posts, n_shared = pool_resource.shape[0], post_pool.shape[0], shared.shape[0]

    release_share, year_day, year_of_day = money.release_share, money.year_day, money.year_of_day
    common_shock_stream, own_shock_stream = money.common_shock_stream, money.own_shock_stream
    spent_before = money.spent_before
    n_upkeep_pays = money.n_upkeep_pays
    upkeep_payer, upkeep_share = money.upkeep_payer, money.upkeep_share
    n_years, n_tranches = year_day.shape[0], release_share.shape[0]

    window_open = calendar.window_open
    agenda_day, agenda_item = calendar.agenda_day, calendar.agenda_item
    agenda_number = calendar.agenda_number
    cycle_evidence_day, cycle_award_day = calendar.evidence_day, calendar.award_day
    slipped_evidence_day = calendar.slipped_evidence_day
    slipped_award_day = calendar.slipped_award_day
    cancelled_stream, slip_stream = calendar.cancelled_stream, calendar.slip_stream
    strictness_stream, noise_stream = calendar.strictness_stream, calendar.noise_stream
    cap_stream, background_stream = calendar.cap_stream, calendar.background_stream
    listed_order, policy_score = calendar.listed_order, calendar.policy_score
    n_agenda, n_cycles = agenda_day.shape[0], cycle_evidence_day.shape[0]

    duration, cost, success, rework = values.duration, values.cost, values.success, values.rework
    closes_gap, group_weight = values.closes_gap, values.group_weight
    city_duration, city_cost, districts = (
        values.city_duration, values.city_cost, values.districts
    )  # fmt: skip
    turnover_days, replacement = values.turnover_days, values.replacement
    appropriation, lapse = values.appropriation, values.lapse
    common_shock, own_shock, upkeep = values.common_shock, values.own_shock, values.upkeep
    effect, integration = values.effect, values.integration
    learning_rate, learning_floor = values.learning_rate, values.learning_floor
    learning_transfer = values.learning_transfer
    volatility, bounds = values.volatility, values.bounds
    cancelled, slip, noise = values.cancelled, values.slip, values.noise
    strictness_mean, strictness_sd = values.strictness_mean, values.strictness_sd
    one_step_up, confirmation = values.one_step_up, values.confirmation
    kla_reach = values.kla_reach
    tail_share, tail_factor = values.tail_share, values.tail_factor
    wip_limit = values.wip_limit
    world_gap, world_rate = worlds.gap, worlds.rate
    world_ratio, world_standing = worlds.claimed_ratio, worlds.standing

    out_is_met, out_is_met_once, out_standing = out.is_met, out.is_met_once, out.standing
    out_category, out_score, out_verified = out.category, out.score, out.verified
    out_claimed, out_gap, out_remainder = out.claimed, out.gap, out.remainder
    out_cycle_state, out_evidence_day = out.cycle_state, out.evidence_day
    out_award_day = out.award_day
    out_appropriated, out_released, out_spent = out.appropriated, out.released, out.spent
    out_lapsed, out_held, out_wait_days = out.lapsed, out.held, out.wait_days
    out_busy_days, out_filled_days, out_vacant_days = (
        out.busy_days, out.filled_days, out.vacant_days
    )  # fmt: skip
    out_dormant_days, out_launches, out_n_events = (
        out.dormant_days, out.launches, out.n_events
    )  # fmt: skip

    kept_start, kept_finish, kept_attempts = kept.start, kept.finish, kept.attempts
    keeps_attempts = kept_start.shape[0] > 0

    # what happens on which day: lists through the activities and the posts; empty between
    # replications, because every day up to the horizon is visited
    day_brings = np.zeros(horizon_day + 2, np.uint8)
    finish_first = np.empty(horizon_day + 1, np.int32)
    finish_first[:] = -1
    finish_next = np.empty(n_acts, np.int32)
    turn_first = np.empty(horizon_day + 1, np.int32)
    turn_first[:] = -1
    turn_next = np.empty(n_posts, np.int32)
    of_today = np.empty(max(n_acts, n_posts), np.uint32)
    replaced_today = np.empty(n_posts, np.uint32)

    # work
    n_before = np.empty(n_acts, np.int32)
    is_complete = np.empty(n_acts, np.bool_)
    is_given_up = np.empty(n_acts, np.bool_)
    n_attempts = np.empty(n_acts, np.uint8)
    cause_of = np.empty(n_acts, np.int32)
    since = np.empty(n_acts, np.int32)
    parts = np.zeros((n_acts, 2), np.int64)
    lengths = np.empty(n_acts, np.float64)
    ready = np.empty(n_acts, np.uint32)
    to_give_up = np.empty(n_acts + after_act.shape[0], np.int32)
    queue = np.empty(n_acts, np.uint32)
    n_queued = np.empty(n_groups, np.int64)
    asleep_next = np.empty(n_acts, np.int32)
    before_window = np.empty(n_windows, np.int64)
    behind_limit = np.empty(n_groups, np.int64)

    # chances
    cost_chance = np.empty(n_acts, np.float64)
    duration_chance = np.empty(n_acts, np.float64)
    departure_chance = np.empty(n_posts, np.float64)
    own_shock_chance = np.empty(n_groups * n_years, np.float64)
    background_chance = np.empty(n_cities * n_cycles, np.float64)
    noise_chance = np.empty(n_cities * n_cycles, np.float64)
    cap_chance = np.empty(n_cities * n_cycles, np.float64)

    # who must be looked at again
    n_words = (n_groups + _WORD - 1) // _WORD
    sets = np.zeros((_FIRST_SHARED + 2 * n_shared, n_words), np.int64)
    to_check = np.zeros(n_groups, np.int64)
    rises = np.zeros(1 + n_resources, np.bool_)  # 0 = any of what everybody draws on
    falls = np.zeros(1 + n_resources, np.bool_)
    blocked_min = np.empty((n_resources, n_groups), np.int64)
    passed_max = np.empty((n_resources, n_groups), np.int64)
    blocked_money = np.empty((2, n_groups), np.int64)  # 0 = the province's account, 1 = its own
    passed_money = np.empty((2, n_groups), np.int64)
    rank = np.empty(n_groups, np.int64)
    group_at = np.empty(n_groups, np.int64)
    for group in range(n_groups):
        rank[group], group_at[group] = group, group
    order = np.empty(n_cities, np.int64)
    listed_place = np.empty(n_cities, np.int64)
    for place in range(n_cities):
        listed_place[listed_order[place]] = place
    key = np.zeros(n_cities, np.float64)
    province_bit = _bit_of(_FIRST_RESOURCE + n_resources + PROVINCE)
    city_bit = _bit_of(_FIRST_RESOURCE + n_resources + CITY)

    # zones
    is_due = np.empty(n_zones, np.bool_)
    is_started = np.empty(n_zones, np.bool_)
    is_dormant = np.empty(n_zones, np.bool_)
    n_left = np.empty(n_zones, np.int64)
    marks_left = np.empty((n_zones, N_GROUPS + 2), np.int64)
    n_in_progress = np.empty(n_cities, np.int64)
    n_started = np.empty(n_cities, np.int64)
    n_launched = np.empty(n_cities, np.int64)
    n_dormant_existing = np.empty(n_cities, np.int64)
    learned = np.empty(n_cities, np.float64)
    learned_at = np.empty(n_cities, np.int64)
    n_existing = 0
    for city in range(n_cities):
        n_existing += existing[city]
    launched_zone = np.empty(n_existing + n_zones, np.int64)
    launched_city = np.empty(n_existing + n_zones, np.int64)
    launched_day = np.empty(n_existing + n_zones, np.int64)
    launched_zone[:] = -1
    launched_day[:] = -1
    owed = np.empty(n_existing + n_zones, np.int64)
    place = 0
    for city in range(n_cities):
        for _ in range(existing[city]):
            launched_city[place] = city
            place += 1

    # posts and money
    free = np.empty(n_pools, np.int64)
    capacity = np.empty(n_pools, np.int64)
    filled = np.empty(n_pools, np.int64)
    counted_until = np.empty(n_pools, np.int64)
    is_filled = np.empty(n_posts, np.bool_)
    n_turns = np.empty(n_posts, np.int64)
    balance = np.empty(n_groups, np.int64)

    # scores
    gap = np.empty(n_cities, np.float64)
    standing = np.empty(n_cities, np.int64)
    published = np.empty(n_cities, np.float64)
    evidence_on = np.empty(n_cycles, np.int64)
    award_on = np.empty(n_cycles, np.int64)
    start_factors = np.empty((n_cities, N_GROUPS), np.float64)
    factors = np.empty((n_cities, N_GROUPS), np.float64)
    remainders = np.empty(n_cities, np.float64)

    for replication in range(first, last):
        row = replication - first
        w = replication % n_worlds
        bounds_here = bounds[w]
        n_events = 0

        # --- the start -----------------------------------------------------------------------
        # first uses are drawn in one go, though not all will be needed: that is much faster
        fill_uniforms(cost_chance, seed, cost_stream, replication, 0)
        fill_uniforms(duration_chance, seed, duration_stream, replication, 0)
        fill_uniforms(departure_chance, seed, departure_stream, replication, 0)
        fill_uniforms(own_shock_chance, seed, own_shock_stream, replication, 0)
        fill_uniforms(background_chance, seed, background_stream, replication, 0)
        fill_uniforms(noise_chance, seed, noise_stream, replication, 0)
        fill_uniforms(cap_chance, seed, cap_stream, replication, 0)
        for act in range(n_acts):
            n_before[act] = act_n_before[act]
            is_complete[act] = is_done[act] or is_finished[act]
            is_given_up[act] = False
            n_attempts[act] = 0
        n_queued[:] = 0
        before_window[:] = -1
        behind_limit[:] = -1
        sets[:] = 0
        to_check[:] = 0
        rises[:] = False
        falls[:] = False
        province_fell = False
        blocked_min[:] = _NO_UNITS
        passed_max[:] = 0
        blocked_money[:] = _NO_MONEY
        passed_money[:] = 0
        n_ready = 0
        for group in range(n_groups):
            for act in range(group_first[group], wide_last[group]):
                if n_before[act] == 0 and not is_complete[act] and act_elapsed[act] < 0:
                    ready[n_ready] = act
                    n_ready += 1

        is_due[:] = False
        is_started[:] = False
        is_dormant[:] = False
        n_left[:] = n_zone_acts
        for zone in range(n_zones):
            for mark in range(N_GROUPS + 2):
                marks_left[zone, mark] = zone_marks[mark]
        n_in_progress[:] = 0
        n_started[:] = 0
        n_dormant_existing[:] = 0
        learned_at[:] = -1
        n_ever_launched = n_existing
        for city in range(n_cities):
            n_launched[city] = existing[city]
        n_owed = 0
        dormant_since = 0

        for pool in range(n_pools):
            capacity[pool] = pool_capacity[pool]
            filled[pool] = pool_capacity[pool]
            free[pool] = pool_capacity[pool]
            counted_until[pool] = 0
        for post in range(n_posts):
            is_filled[post] = True
            n_turns[post] = 0
            mean = turnover_days[w, pool_resource[post_pool[post]]]
            if mean > 0.0:
                chance = departure_chance[post]
                on = whole_days(exponential_quantile(mean, chance))
                if on <= horizon_day:
                    turn_next[post] = turn_first[on]
                    turn_first[on] = post
                    day_brings[on] |= _POST

        balance[:] = 0
        for year in range(n_years):
            common = 1.0
            if common_shock[w] > 0.0:
                chance = uniform(seed, common_shock_stream[year], replication, 0)
                mu = -common_shock[w] * common_shock[w] / 2.0
                common = lognormal_quantile(mu, common_shock[w], chance)
            for account in range(n_groups):
                own = 1.0
                if own_shock[w] > 0.0:
                    chance = own_shock_chance[account * n_years + year]
                    mu = -own_shock[w] * own_shock[w] / 2.0
                    own = lognormal_quantile(mu, own_shock[w], chance)
                amount = float(appropriation[w, account, year])
                out_appropriated[row, account, year] = whole_rupiah(amount * common * own)

        gap_day = 0
        remainder_day = -1
        for city in range(n_cities):
            gap[city] = world_gap[w, city]
            standing[city] = world_standing[w, city]
            published[city] = policy_score[city]
        _write_factors(start_factors, w, n_dormant_existing, is_dormant, marks_left, reference,
                       city_zone_first, districts, effect, integration)  # fmt: skip
        is_met = True
        for city in range(n_cities):
            is_met = is_met and standing[city] >= target
            out_standing[row, city] = standing[city]
        out_is_met[row] = is_met
        is_met_once = False
        noted_day = 0

        # which cycles are held, from the last backwards
        next_held = 2**62
        for cycle in range(n_cycles - 1, -1, -1):
            evidence_on[cycle] = -1
            award_on[cycle] = -1
            if cancelled[w, cycle] > 0.0:
                chance = uniform(seed, cancelled_stream[cycle], replication, 0)
                if chance < cancelled[w, cycle]:
                    out_cycle_state[row, cycle] = CANCELLED
                    continue
            evidence, award = cycle_evidence_day[cycle], cycle_award_day[cycle]
            if slip[w, cycle] > 0.0:
                if uniform(seed, slip_stream[cycle], replication, 0) < slip[w, cycle]:
                    evidence, award = slipped_evidence_day[cycle], slipped_award_day[cycle]
            if evidence >= next_held:
                out_cycle_state[row, cycle] = MERGED
                continue
            out_cycle_state[row, cycle] = HELD
            next_held = evidence
            evidence_on[cycle], award_on[cycle] = evidence, award
            out_evidence_day[row, cycle], out_award_day[row, cycle] = evidence, award
            if evidence <= horizon_day:
                day_brings[evidence] |= _CLOSING
            if award <= horizon_day:
                day_brings[award] |= _AWARD

        for city in range(n_cities):
            order[city] = listed_order[city]
        is_order_stale = True

        # what had begun by the status date: finished, or holding its staff for the days left
        if has_past:
            for act in range(n_acts):
                kind, group, zone = act_kind[act], act_group[act], act_zone[act]
                if zone >= 0 and (is_finished[act] or act_elapsed[act] >= 0):
                    if not is_started[zone]:
                        is_started[zone] = True
                        n_in_progress[group - 1] += 1
                        n_started[group - 1] += 1
                if is_finished[act] and zone >= 0:
                    if kind_opens[kind] >= 0:
                        marks_left[zone, kind_opens[kind]] -= 1
                    if kind_integrates[kind]:
                        marks_left[zone, INTEGRATION] -= 1
                    if kind_launches[kind]:
                        marks_left[zone, LAUNCH] -= 1
                    n_left[zone] -= 1
                    if n_left[zone] == 0:
                        n_in_progress[group - 1] -= 1
                elif act_elapsed[act] >= 0:
                    own_pace, experience = 1.0, 1.0
                    if group > 0:
                        own_pace = city_duration[w, group - 1]
                    if zone >= 0:
                        own_zones = n_launched[group - 1]
                        experience = learning_multiplier(
                            learning_rate[w], learning_floor[w], learning_transfer[w],
                            own_zones, n_ever_launched - own_zones,
                        )  # fmt: skip
                    finish = days_left(
                        duration[w, kind], duration_chance[act], tables, own_pace, experience,
                        act_elapsed[act],
                    )  # fmt: skip
                    if keeps_attempts:
                        kept_start[row, act_number[act]] = 0
                        kept_finish[row, act_number[act]] = finish
                        kept_attempts[row, act_number[act]] = 1
                    if finish <= horizon_day:
                        finish_next[act] = finish_first[finish]
                        finish_first[finish] = act
                        day_brings[finish] |= _WORK
                    for need in range(need_first[kind], need_first[kind + 1]):
                        pool = pool_of[need_resource[need], group]
                        free[pool] -= need_units[need]
                        busy_days = min(finish, horizon_day + 1)
                        out_busy_days[row, pool] += need_units[need] * busy_days

        # --- the days ------------------------------------------------------------------------
        agenda = 0
        day = 0
        while True:
            agenda_next = agenda_day[agenda] if agenda < n_agenda else horizon_day + 1
            while day < agenda_next and day_brings[day] == 0:
                day += 1
            if day > horizon_day:
                break
            brings = day_brings[day]
            day_brings[day] = 0
            this_year = year_of_day[day]

            # --- phase A: completions, by activity -------------------------------------------
            if brings & _WORK:
                n_today = 0
                act = finish_first[day]
                finish_first[day] = -1
                while act >= 0:
                    of_today[n_today] = act
                    n_today += 1
                    act = finish_next[act]
                if n_today > 1:  # in the order of the plan
                    for number in range(n_today):
                        of_today[number] = act_number[of_today[number]]
                    _sort(of_today, n_today)
                    for number in range(n_today):
                        of_today[number] = act_of_number[of_today[number]]
                n_events += n_today
                for number in range(n_today):
                    act = of_today[number]
                    kind, group, zone = act_kind[act], act_group[act], act_zone[act]
                    for need in range(need_first[kind], need_first[kind + 1]):
                        resource = need_resource[need]
                        pool = pool_of[resource, group]
                        free[pool] += need_units[need]
                        _pool_rose(resource, pool_group[pool], free[pool], blocked_min, rises,
                                   to_check, sets, rank)  # fmt: skip
                    used = int(n_attempts[act])
                    n_attempts[act] = used + 1
                    is_accepted = success[w, kind] >= 1.0
                    if not is_accepted:
                        chance = uniform(seed, acceptance_stream[act], replication, used)
                        is_accepted = chance < success[w, kind]
                    if is_accepted:
                        is_complete[act] = True
                        if zone >= 0:
                            if kind_opens[kind] >= 0:
                                marks_left[zone, kind_opens[kind]] -= 1
                            if kind_integrates[kind]:
                                marks_left[zone, INTEGRATION] -= 1
                            if kind_launches[kind]:
                                marks_left[zone, LAUNCH] -= 1
                                if marks_left[zone, LAUNCH] == 0:
                                    launched_zone[n_ever_launched] = zone
                                    launched_city[n_ever_launched] = group - 1
                                    launched_day[n_ever_launched] = day
                                    n_ever_launched += 1
                                    n_launched[group - 1] += 1
                                    out_launches[row, group - 1, this_year] += 1
                            n_left[zone] -= 1
                            if n_left[zone] == 0 and is_started[zone]:
                                n_in_progress[group - 1] -= 1
                                _wake(behind_limit, group, asleep_next, act_group,
                                      queue, group_first, n_queued,
                              since, cause_of, day, row, out_wait_days, sets, rank)  # fmt: skip
                        for spot in range(after_first[act], after_first[act + 1]):
                            later = after_act[spot]
                            n_before[later] -= 1
                            if n_before[later] == 0 and not is_complete[later]:
                                is_free = act_zone[later] < 0 or is_due[act_zone[later]]
                                if is_free and not is_given_up[later]:
                                    ready[n_ready] = later
                                    n_ready += 1
                    elif used + 1 < MAXIMUM_ATTEMPTS:
                        ready[n_ready] = act
                        n_ready += 1
                    else:
                        to_give_up[0] = act
                        n_to_give_up = 1
                        while n_to_give_up > 0:
                            n_to_give_up -= 1
                            lost = to_give_up[n_to_give_up]
                            if is_given_up[lost]:
                                continue
                            is_given_up[lost] = True
                            zone = act_zone[lost]
                            if zone >= 0:
                                n_left[zone] -= 1
                                if n_left[zone] == 0 and is_started[zone]:
                                    n_in_progress[zone_city[zone]] -= 1
                                    _wake(behind_limit, 1 + zone_city[zone], asleep_next,
                                          act_group, queue, group_first, n_queued,
                              since, cause_of, day, row, out_wait_days, sets, rank)  # fmt: skip
                            for spot in range(after_first[lost], after_first[lost + 1]):
                                to_give_up[n_to_give_up] = after_act[spot]
                                n_to_give_up += 1

            # --- phase B: calendar -----------------------------------------------------------
            upkeep_is_due = False
            while agenda < n_agenda and agenda_day[agenda] == day:  # B1, B2
                item, number = agenda_item[agenda], agenda_number[agenda]
                if item > RELEASE:
                    break
                agenda += 1
                n_events += 1
                if item == YEAR:
                    if number > 0:
                        for account in range(n_groups):
                            lost = part_of(balance[account], lapse[w])
                            balance[account] -= lost
                            out_lapsed[row, account, number - 1] = lost
                            out_held[row, account, number - 1] = balance[account]
                            if account == 0:
                                province_fell = True
                                if balance[0] < passed_money[1, 0]:
                                    _touch(0, _EVERYTHING, to_check, sets, rank)
                            elif balance[account] < passed_money[1, account]:
                                _touch(account, _EVERYTHING, to_check, sets, rank)
                    for place in range(n_owed):
                        city = launched_city[owed[place]]
                        out_dormant_days[row, city] += day - dormant_since
                    is_dormant[:] = False
                    n_dormant_existing[:] = 0
                    n_owed = 0
                    if year_day[number] == day:
                        dormant_since = day
                        for place in range(n_ever_launched):
                            if launched_day[place] < day:
                                owed[n_owed] = place
                                n_owed += 1
                                if launched_zone[place] >= 0:
                                    is_dormant[launched_zone[place]] = True
                                else:
                                    n_dormant_existing[launched_city[place]] += 1
                else:
                    year, tranche = number // n_tranches, number % n_tranches
                    for account in range(n_groups):
                        amount = out_appropriated[row, account, year]
                        if tranche < n_tranches - 1:
                            part = part_of(amount, release_share[tranche])
                        else:
                            part = amount
                            for earlier in range(n_tranches - 1):
                                part -= part_of(amount, release_share[earlier])
                        balance[account] += part
                        out_released[row, account, year] += part
                        if part > 0:
                            if balance[account] >= blocked_money[1, account]:
                                _touch(account, city_bit, to_check, sets, rank)
                            if account == 0:
                                for group in range(n_groups):
                                    if balance[0] >= blocked_money[0, group]:
                                        _touch(group, province_bit, to_check, sets, rank)
                        elif part < 0:
                            province_fell = province_fell or account == 0
                            _touch(account, _EVERYTHING, to_check, sets, rank)
                upkeep_is_due = n_owed > 0

            if has_past and day == 0:
                for account in range(n_groups):
                    part = max(0, min(spent_before[account], balance[account]))
                    balance[account] -= part
                    out_spent[row, account, this_year] += part

            if upkeep_is_due:  # B3
                left = upkeep[w]
                n_unpaid = 0
                upkeep_0, upkeep_1 = 0, 0
                if n_upkeep_pays == 1:
                    upkeep_0 = left
                elif n_upkeep_pays == 2:
                    upkeep_0 = part_of(left, upkeep_share[0])
                    upkeep_1 = left - upkeep_0
                for place in range(n_owed):
                    entry = owed[place]
                    city, zone = launched_city[entry], launched_zone[entry]
                    account_0 = 0 if upkeep_payer[0] == PROVINCE else 1 + city
                    account_1 = 0 if upkeep_payer[1] == PROVINCE else 1 + city
                    if (upkeep_0 > 0 and balance[account_0] < upkeep_0) or (
                        upkeep_1 > 0 and balance[account_1] < upkeep_1
                    ):
                        owed[n_unpaid] = entry
                        n_unpaid += 1
                        continue
                    for side in range(2):
                        part = upkeep_0 if side == 0 else upkeep_1
                        account = account_0 if side == 0 else account_1
                        if part > 0:
                            balance[account] -= part
                            out_spent[row, account, this_year] += part
                            if account == 0:
                                province_fell = True
                                if balance[0] < passed_money[1, 0]:
                                    _touch(0, _EVERYTHING, to_check, sets, rank)
                            elif balance[account] < passed_money[1, account]:
                                _touch(account, _EVERYTHING, to_check, sets, rank)
                    out_dormant_days[row, city] += day - dormant_since
                    if zone >= 0:
                        is_dormant[zone] = False
                    else:
                        n_dormant_existing[city] -= 1
                n_owed = n_unpaid

            while agenda < n_agenda and agenda_day[agenda] == day:  # B4, B5
                item, number = agenda_item[agenda], agenda_number[agenda]
                if item > STAGE:
                    break
                agenda += 1
                n_events += 1
                if item == CAPACITY:
                    pool = step_pool[number]
                    days = day - counted_until[pool]
                    out_filled_days[row, pool] += days * filled[pool]
                    out_vacant_days[row, pool] += days * (capacity[pool] - filled[pool])
                    counted_until[pool] = day
                    capacity[pool] = step_posts[number]
                    now_filled = 0
                    for post in range(post_first[pool], post_first[pool] + capacity[pool]):
                        now_filled += is_filled[post]
                    free[pool] += now_filled - filled[pool]
                    resource, group = pool_resource[pool], pool_group[pool]
                    if now_filled > filled[pool]:
                        _pool_rose(
                            resource, group, free[pool], blocked_min, rises, to_check, sets, rank
                        )
                    else:
                        _pool_fell(
                            resource, group, free[pool], passed_max, falls, to_check, sets, rank
                        )
                    filled[pool] = now_filled
                else:
                    is_due[number] = True
                    act_first = zone_act_first[number]
                    for act in range(act_first, act_first + n_zone_acts):
                        is_free = n_before[act] == 0 and not is_complete[act]
                        if is_free and not is_given_up[act] and act_elapsed[act] < 0:
                            ready[n_ready] = act
                            n_ready += 1

            if brings & _POST:  # B6, B7
                n_today, n_replaced = 0, 0
                post = turn_first[day]
                turn_first[day] = -1
                while post >= 0:
                    if is_filled[post]:
                        of_today[n_today] = post
                        n_today += 1
                    else:
                        replaced_today[n_replaced] = post
                        n_replaced += 1
                    post = turn_next[post]
                _sort(of_today, n_today)
                _sort(replaced_today, n_replaced)
                for number in range(n_today + n_replaced):
                    n_events += 1
                    is_leaving = number < n_today
                    post = of_today[number] if is_leaving else replaced_today[number - n_today]
                    pool = post_pool[post]
                    resource = pool_resource[pool]
                    is_filled[post] = not is_leaving
                    if post - post_first[pool] < capacity[pool]:
                        days = day - counted_until[pool]
                        out_filled_days[row, pool] += days * filled[pool]
                        out_vacant_days[row, pool] += days * (capacity[pool] - filled[pool])
                        counted_until[pool] = day
                        if is_leaving:
                            filled[pool] -= 1
                            free[pool] -= 1
                            _pool_fell(resource, pool_group[pool], free[pool], passed_max, falls,
                                       to_check, sets, rank)  # fmt: skip
                        else:
                            filled[pool] += 1
                            free[pool] += 1
                            _pool_rose(resource, pool_group[pool], free[pool], blocked_min, rises,
                                       to_check, sets, rank)  # fmt: skip
                    if is_leaving:
                        chance = uniform(seed, replacement_stream[post], replication, n_turns[post])
                        on = day + whole_days(quantile(replacement[w, resource], chance, tables))
                        n_turns[post] += 1
                    else:
                        mean = turnover_days[w, resource]
                        chance = uniform(seed, departure_stream[post], replication, n_turns[post])
                        on = day + whole_days(exponential_quantile(mean, chance))
                    if on <= horizon_day:
                        turn_next[post] = turn_first[on]
                        turn_first[on] = post
                        day_brings[on] |= _POST

            while agenda < n_agenda and agenda_day[agenda] == day:  # B8, B9
                item, number = agenda_item[agenda], agenda_number[agenda]
                agenda += 1
                n_events += 1
                if item == WINDOW:
                    if window_open[number, day]:
                        _wake(before_window, number, asleep_next, act_group, queue,
                              group_first, n_queued,
                              since, cause_of, day, row, out_wait_days, sets, rank)  # fmt: skip
                        continue
                    for group in range(n_groups):
                        for spot in range(group_first[group], group_first[group] + n_queued[group]):
                            if kind_window[act_kind[queue[spot]]] == number:
                                _touch(group, _EVERYTHING, to_check, sets, rank)
                                break
                        act = behind_limit[group]
                        while act >= 0:
                            if kind_window[act_kind[act]] == number:
                                _wake(behind_limit, group, asleep_next, act_group,
                                      queue, group_first, n_queued,
                              since, cause_of, day, row, out_wait_days, sets, rank)  # fmt: skip
                                break
                            act = asleep_next[act]
                elif item == EVIDENCE:
                    if remainder_day != day:
                        remainder_day = day
                        _write_factors(factors, w, n_dormant_existing, is_dormant, marks_left,
                                       existing, city_zone_first, districts, effect,
                                       integration)  # fmt: skip
                        _write_remainders(remainders, w, factors, start_factors, group_weight,
                                          closes_gap, act_kind, is_complete, is_done, group_first,
                                          wide_last, act_of_number)  # fmt: skip
                    for city in range(n_cities):
                        chance = background_chance[city * n_cycles + number]
                        gap[city] = background_step(
                            gap[city], world_rate[w, city], volatility[w], day - gap_day,
                            normal_quantile(chance),
                        )  # fmt: skip
                        out_gap[row, city, number] = gap[city]
                        out_remainder[row, city, number] = remainders[city]
                    gap_day = day

            if brings & _CLOSING:
                for cycle in range(n_cycles):
                    if evidence_on[cycle] != day:
                        continue
                    n_events += 1
                    if remainder_day != day:
                        remainder_day = day
                        _write_factors(factors, w, n_dormant_existing, is_dormant, marks_left,
                                       existing, city_zone_first, districts, effect,
                                       integration)  # fmt: skip
                        _write_remainders(remainders, w, factors, start_factors, group_weight,
                                          closes_gap, act_kind, is_complete, is_done, group_first,
                                          wide_last, act_of_number)  # fmt: skip
                    chance = uniform(seed, strictness_stream[cycle], replication, 0)
                    strictness = strictness_mean[w, cycle] + strictness_sd[
                        w, cycle
                    ] * normal_quantile(chance)
                    for city in range(n_cities):
                        score = clip_score(1000.0 - gap[city] * remainders[city])
                        wide = 1.0
                        if tail_share[w] > 0.0:
                            chance = uniform(
                                seed, noise_stream[city * n_cycles + cycle], replication, 1
                            )
                            wide = noise_factor(tail_share[w], tail_factor[w], chance)
                        chance = noise_chance[city * n_cycles + cycle]
                        own_noise = noise[w, cycle] * wide * normal_quantile(chance)
                        verified = verified_score(score, strictness, own_noise)
                        out_score[row, city, cycle] = score
                        out_verified[row, city, cycle] = verified
                        out_claimed[row, city, cycle] = clip_score(verified / world_ratio[w, city])

            if brings & _AWARD:  # B10
                for cycle in range(n_cycles):
                    if award_on[cycle] != day:
                        continue
                    n_events += 1
                    if day <= deadline_day:
                        # what a later award of the same day replaces never stood
                        is_met_once = is_met_once or (day > noted_day and is_met)
                        noted_day = day
                    everybody = True
                    for city in range(n_cities):
                        verified = out_verified[row, city, cycle]
                        habit = cap_stream[city * n_cycles + cycle]
                        category = award_of(
                            verified,
                            standing[city],
                            bounds_here,
                            cap_chance[city * n_cycles + cycle] < one_step_up[w],
                            uniform(seed, habit, replication, 1) < confirmation[w],
                            uniform(seed, habit, replication, 2) < kla_reach[w],
                        )
                        standing[city] = category
                        out_category[row, city, cycle] = category
                        published[city] = verified
                        everybody = everybody and category >= target
                    if day <= deadline_day:
                        is_met = everybody
                        for city in range(n_cities):
                            out_standing[row, city] = standing[city]
                        out_is_met[row] = is_met
                is_order_stale = is_order_stale or priority == _LOWEST_SCORE or priority == _CLOSEST

            # --- phase C: starts -------------------------------------------------------------
            for number in range(n_ready):
                act = ready[number]
                kind, group = act_kind[act], act_group[act]
                use = int(n_attempts[act])
                # PERT, the usual case, is looked up here: to hand on an array counts references
                price, lengths[act] = cost[w, kind, 1], duration[w, kind, 1]
                if cost[w, kind, 0] != FIXED:
                    chance = cost_chance[act]
                    if use > 0:
                        chance = uniform(seed, cost_stream[act], replication, use)
                    cell = cell_of(chance)
                    if cost[w, kind, 0] == PERT and 0 < cell < PERT_CELLS - 1:
                        low, table = cost[w, kind, 1], int(cost[w, kind, 4])
                        price = low + between_cells(
                            chance, cell, tables[table, cell], tables[table, cell + 1]
                        ) * (cost[w, kind, 2] - low)
                    else:
                        price = quantile_of(
                            int(cost[w, kind, 0]), cost[w, kind, 1], cost[w, kind, 2],
                            cost[w, kind, 3], cost[w, kind, 4], chance, tables,
                        )  # fmt: skip
                if duration[w, kind, 0] != FIXED:
                    chance = duration_chance[act]
                    if use > 0:
                        chance = uniform(seed, duration_stream[act], replication, use)
                    cell = cell_of(chance)
                    if duration[w, kind, 0] == PERT and 0 < cell < PERT_CELLS - 1:
                        low, table = duration[w, kind, 1], int(duration[w, kind, 4])
                        lengths[act] = low + between_cells(
                            chance, cell, tables[table, cell], tables[table, cell + 1]
                        ) * (duration[w, kind, 2] - low)
                    else:
                        lengths[act] = quantile_of(
                            int(duration[w, kind, 0]), duration[w, kind, 1], duration[w, kind, 2],
                            duration[w, kind, 3], duration[w, kind, 4], chance, tables,
                        )  # fmt: skip
                if group > 0:
                    price *= city_cost[w, group - 1]
                if use > 0:
                    price *= rework[w, kind]
                amount = whole_rupiah(price)
                if n_pays[kind] == 1:
                    parts[act, 0] = amount
                elif n_pays[kind] == 2:
                    parts[act, 0] = part_of(amount, share[kind, 0])
                    parts[act, 1] = amount - parts[act, 0]
                since[act] = day
                cause_of[act] = _FRESH
                _insert(queue, group_first[group], n_queued[group], act)
                n_queued[group] += 1
                _add(sets, _TOUCHED, rank[group])
            n_ready = 0

            if is_order_stale:
                is_order_stale = False
                if priority == _LOWEST_SCORE:
                    for city in range(n_cities):
                        key[city] = published[city]
                elif priority == _CLOSEST:
                    for city in range(n_cities):
                        if category_of(published[city], bounds_here) >= target:
                            key[city] = np.inf
                        else:
                            key[city] = bounds[w, target - 1] - published[city]
                elif priority == _FEWEST_STARTED:
                    for city in range(n_cities):
                        key[city] = n_started[city]
                if priority != _LISTED:
                    _sort_cities(order, key, listed_place)
                _rank_groups(order, group_at, rank, sets, n_shared, shared,
                             blocked_min)  # fmt: skip

            is_naming = False  # second time through: nothing starts, what holds work gets its name
            position = 0
            while True:
                found = _next_in(sets, _TOUCHED, position)
                is_touched = found >= 0
                if rises[0] and not is_naming:
                    for number in range(n_shared):
                        resource = shared[number]
                        if rises[1 + resource] and free[pool_of[resource, 0]] > 0:
                            other = _next_in(sets, _FIRST_SHARED + number, position)
                            if other >= 0 and (found < 0 or other < found):
                                found = other
                                is_touched = False
                if found < 0:
                    if is_naming:
                        break
                    is_naming = True
                    position = 0
                    if rises[0]:
                        rises[:] = False
                    if falls[0]:
                        for number in range(n_shared):
                            resource = shared[number]
                            if not falls[1 + resource]:
                                continue
                            now_free = free[pool_of[resource, 0]]
                            group = _next_in(sets, _FIRST_SHARED + n_shared + number, 0)
                            while group >= 0:
                                if passed_max[resource, group] > now_free:
                                    _touch(group, _EVERYTHING, to_check, sets, rank)
                                group = _next_in(sets, _FIRST_SHARED + n_shared + number, group + 1)
                        falls[:] = False
                    if province_fell:
                        province_fell = False
                        group = _next_in(sets, _PASSED_MONEY, 0)
                        while group >= 0:
                            if passed_money[0, group] > balance[0]:
                                _touch(group, _EVERYTHING, to_check, sets, rank)
                            group = _next_in(sets, _PASSED_MONEY, group + 1)
                    continue
                position = found + 1
                group = group_at[found]
                bits = to_check[group]
                if rises[0]:
                    for number in range(n_shared):
                        resource = shared[number]
                        if rises[1 + resource]:
                            if free[pool_of[resource, 0]] >= blocked_min[resource, group]:
                                bits |= _bit_of(_FIRST_RESOURCE + resource)
                                is_touched = True
                if not is_touched:
                    continue
                _remove(sets, _TOUCHED, found)
                to_check[group] = 0
                # what is checked again is measured again; the rest keeps its measures
                if bits != 0:
                    for resource in range(n_resources):
                        if bits & _bit_of(_FIRST_RESOURCE + resource) != 0:
                            blocked_min[resource, group] = _NO_UNITS
                    if bits & province_bit != 0:
                        blocked_money[0, group] = _NO_MONEY
                    if bits & city_bit != 0:
                        blocked_money[1, group] = _NO_MONEY
                if bits == _EVERYTHING:
                    for resource in range(n_resources):
                        passed_max[resource, group] = 0
                    passed_money[0, group] = 0
                    passed_money[1, group] = 0

                queue_first = group_first[group]
                n_kept = 0
                for spot in range(queue_first, queue_first + n_queued[group]):
                    act = queue[spot]
                    known = cause_of[act]
                    if known >= 0 and (bits >> min(known, _LAST_BIT)) & 1 == 0:
                        queue[queue_first + n_kept] = act
                        n_kept += 1
                        continue
                    if known >= _FIRST_RESOURCE and bits != _EVERYTHING:
                        resource = known - _FIRST_RESOURCE
                        if resource < n_resources and free[pool_of[resource, group]] <= 0:
                            blocked_min[resource, group] = 1
                            queue[queue_first + n_kept] = act
                            n_kept += 1
                            continue
                    kind, zone = act_kind[act], act_zone[act]
                    cause = _NOTHING
                    held_at = 0
                    window = kind_window[kind]
                    if window >= 0 and not window_open[window, day]:
                        cause = _WINDOW
                    elif (
                        zone >= 0
                        and not is_started[zone]
                        and n_in_progress[group - 1] >= wip_limit[w]
                    ):
                        cause = _WIP_LIMIT
                    else:
                        need_start, need_stop = need_first[kind], need_first[kind + 1]
                        for need in range(need_start, need_stop):
                            resource = need_resource[need]
                            units = need_units[need]
                            if free[pool_of[resource, group]] < units:
                                cause = _FIRST_RESOURCE + resource
                                held_at = need
                                blocked_min[resource, group] = min(
                                    blocked_min[resource, group], units
                                )
                                break
                        if cause == _NOTHING:
                            held_at = need_stop
                            for side in range(n_pays[kind]):
                                part = parts[act, side]
                                account = 0 if payer[kind, side] == PROVINCE else group
                                if part > 0 and balance[account] < part:
                                    cause = _FIRST_RESOURCE + n_resources + payer[kind, side]
                                    own_side = 0 if account == 0 else 1
                                    blocked_money[own_side, group] = min(
                                        blocked_money[own_side, group], part
                                    )
                                    if (
                                        side == 1
                                        and parts[act, 0] > passed_money[1 - own_side, group]
                                    ):
                                        passed_money[1 - own_side, group] = parts[act, 0]
                                    break
                        if cause != _NOTHING:
                            for need in range(need_start, held_at):
                                resource = need_resource[need]
                                passed_max[resource, group] = max(
                                    passed_max[resource, group], need_units[need]
                                )

                    if cause != _NOTHING:
                        if cause != known:
                            if known >= 0:
                                out_wait_days[row, group, known] += day - since[act]
                                since[act] = day
                            cause_of[act] = cause
                        if cause == _WINDOW:
                            asleep_next[act] = before_window[window]
                            before_window[window] = act
                        elif cause == _WIP_LIMIT:
                            asleep_next[act] = behind_limit[group]
                            behind_limit[group] = act
                        else:
                            queue[queue_first + n_kept] = act
                            n_kept += 1
                        continue

                    # everything is at hand: take it and start
                    n_events += 1
                    if known >= 0:
                        out_wait_days[row, group, known] += day - since[act]
                    if zone >= 0 and not is_started[zone]:
                        is_started[zone] = True
                        n_in_progress[group - 1] += 1
                        n_started[group - 1] += 1
                        is_order_stale = is_order_stale or priority == _FEWEST_STARTED
                        if n_in_progress[group - 1] >= wip_limit[w]:
                            _touch(group, _EVERYTHING, to_check, sets, rank)
                    length = lengths[act]
                    if group > 0:
                        length *= city_duration[w, group - 1]
                    if n_attempts[act] > 0:
                        length *= rework[w, kind]
                    if zone >= 0:
                        if learned_at[group - 1] != n_ever_launched:
                            learned_at[group - 1] = n_ever_launched
                            own_zones = n_launched[group - 1]
                            learned[group - 1] = learning_multiplier(
                                learning_rate[w], learning_floor[w], learning_transfer[w],
                                own_zones, n_ever_launched - own_zones,
                            )  # fmt: skip
                        length *= learned[group - 1]
                    finish = day + whole_days(length)
                    if keeps_attempts:
                        number = act_number[act]
                        if kept_attempts[row, number] == 0:
                            kept_start[row, number] = day
                        kept_finish[row, number] = finish
                        kept_attempts[row, number] += 1
                    days = min(finish, horizon_day + 1) - day
                    if finish <= horizon_day:
                        finish_next[act] = finish_first[finish]
                        finish_first[finish] = act
                        day_brings[finish] |= _WORK
                    for need in range(need_first[kind], need_first[kind + 1]):
                        resource = need_resource[need]
                        pool = pool_of[resource, group]
                        free[pool] -= need_units[need]
                        out_busy_days[row, pool] += need_units[need] * days
                        _pool_fell(resource, pool_group[pool], free[pool], passed_max, falls,
                                   to_check, sets, rank)  # fmt: skip
                    for side in range(n_pays[kind]):
                        part = parts[act, side]
                        if part > 0:
                            account = 0 if payer[kind, side] == PROVINCE else group
                            balance[account] -= part
                            out_spent[row, account, this_year] += part
                            if account == 0:
                                province_fell = True
                                if balance[0] < passed_money[1, 0]:
                                    _touch(0, _EVERYTHING, to_check, sets, rank)
                            elif balance[account] < passed_money[1, group]:
                                _touch(group, _EVERYTHING, to_check, sets, rank)
                n_queued[group] = n_kept
                for number in range(n_shared):
                    resource = shared[number]
                    if blocked_min[resource, group] < _NO_UNITS:
                        _add(sets, _FIRST_SHARED + number, found)
                    else:
                        _remove(sets, _FIRST_SHARED + number, found)
                    if passed_max[resource, group] > 0:
                        _add(sets, _FIRST_SHARED + n_shared + number, group)
                    else:
                        _remove(sets, _FIRST_SHARED + n_shared + number, group)
                if passed_money[0, group] > 0:
                    _add(sets, _PASSED_MONEY, group)
                else:
                    _remove(sets, _PASSED_MONEY, group)

            day += 1

        # --- the end: count to the end of the horizon day ------------------------------------
        after = horizon_day + 1
        for group in range(n_groups):
            for spot in range(group_first[group], group_first[group] + n_queued[group]):
                act = queue[spot]
                out_wait_days[row, group, cause_of[act]] += after - since[act]
            act = behind_limit[group]
            while act >= 0:
                out_wait_days[row, group, cause_of[act]] += after - since[act]
                act = asleep_next[act]
        for window in range(n_windows):
            act = before_window[window]
            while act >= 0:
                out_wait_days[row, act_group[act], cause_of[act]] += after - since[act]
                act = asleep_next[act]
        for pool in range(n_pools):
            days = after - counted_until[pool]
            out_filled_days[row, pool] += days * filled[pool]
            out_vacant_days[row, pool] += days * (capacity[pool] - filled[pool])
        for place in range(n_owed):
            out_dormant_days[row, launched_city[owed[place]]] += after - dormant_since
        for account in range(n_groups):
            out_held[row, account, year_of_day[horizon_day]] = balance[account]
        out_is_met_once[row] = is_met_once or is_met
        out_n_events[row] = n_events

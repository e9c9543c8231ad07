"""The plan as the kernel reads it: what belongs to one activity, pool or zone lies side by side.

Groups of work are numbered 0 for the province and 1 + city for a city, activities in scan order, so
that a queue in order of number is a queue in scan order. Records keep on one or two lines of the
processor's cache what a rule reads of one thing; what is drawn in one go stands in arrays of its
own. Derived once per plan; what changes in a replication stands in `state`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray, NumberArray, StreamArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import (
    CITY,
    FIRST_RESOURCE_CAUSE,
    INTEGRATION,
    LAUNCH,
    N_GROUPS,
    PROVINCE,
)
from kla_sim.engine.values import Values
from kla_sim.engine.worlds import World

LAST_BIT = 61
"""Causes from here share a bit."""

_LINE = 64
"""Bytes of a line of the processor's cache."""

FALL = -(2**63)
"""The bit of a look because something fell: nothing but a whole look will do."""

Records = np.recarray[Any, Any]
"""One record per thing; its fields stand in the type beside it."""

Fields = list[tuple[str, Any] | tuple[str, Any, tuple[int, ...]]]

ACT: Fields = [
    ("kind", np.uint32),
    ("group", np.uint32),
    ("zone", np.int32),
    ("number", np.uint32),  # in the plan
    ("after_first", np.uint32),
    ("after_last", np.uint32),
    ("need_first", np.uint32),
    ("need_last", np.uint32),
]
"""An activity, numbered group by group in the order in which waiting work is scanned."""

ACT_AT_START: Fields = [
    ("n_before", np.int32),
    ("elapsed", np.int32),  # days since it began; -1 = not begun
    ("is_done", np.bool_),
    ("is_finished", np.bool_),
]
"""An activity as a replication finds it."""

KIND: Fields = [
    ("window", np.int64),
    ("opens", np.int64),
    ("n_pays", np.int64),
    ("payer", np.int64, (2,)),
    ("share", np.int64, (2,)),
    ("integrates", np.bool_),
    ("launches", np.bool_),
]
"""An entry of the kits."""

NEED: Fields = [("pool", np.uint32), ("resource", np.uint32), ("units", np.int64)]
"""What an entry needs in a group; needs of zero units are left out."""

GROUP: Fields = [
    ("act_first", np.uint32),
    ("act_last", np.uint32),
    ("wide_last", np.uint32),  # end of its wide work
    ("spent_before", np.int64),
]
"""A group of work and its account."""

CITY_PLAN: Fields = [
    ("zone_first", np.int64),
    ("zone_last", np.int64),
    ("existing", np.int64),
    ("reference", np.int64),
    ("listed_place", np.int64),
    ("policy_score", np.float64),
]

ZONE_PLAN: Fields = [("city", np.int64), ("act_first", np.int64)]

POOL: Fields = [
    ("resource", np.int64),
    ("group", np.int64),  # whose work it serves, 0 = everybody's
    ("capacity", np.int64),
    ("post_first", np.int64),
]

STEP: Fields = [("pool", np.int64), ("posts", np.int64)]

ITEM: Fields = [("day", np.int64), ("what", np.int64), ("number", np.int64)]
"""An entry of the agenda, sorted by day, item and number."""

CYCLE: Fields = [
    ("evidence_day", np.int64),
    ("award_day", np.int64),
    ("slipped_evidence_day", np.int64),
    ("slipped_award_day", np.int64),
]

WORLD_VALUES: Fields = [
    ("lapse", np.int64),
    ("upkeep", np.int64),
    ("wip_limit", np.int64),
    ("common_shock", np.float64),
    ("own_shock", np.float64),
    ("integration", np.float64),
    ("learning_rate", np.float64),
    ("learning_floor", np.float64),
    ("learning_transfer", np.float64),
    ("volatility", np.float64),
    ("tail_share", np.float64),
    ("tail_factor", np.float64),
    ("one_step_up", np.float64),
    ("confirmation", np.float64),
    ("kla_reach", np.float64),
    ("effect", np.float64, (N_GROUPS,)),
    ("bounds", np.float64, (5,)),
]
"""What a world may change, see `Values` for the meaning of each."""

KIND_VALUES: Fields = [
    ("success", np.float64),
    ("rework", np.float64),
    ("duration", np.float64, (5,)),
    ("cost", np.float64, (5,)),
    ("closes_gap", np.float64, (N_GROUPS,)),
]

CITY_VALUES: Fields = [
    ("city_duration", np.float64),
    ("city_cost", np.float64),
    ("districts", np.float64),
    ("group_weight", np.float64, (N_GROUPS,)),
]

CITY_AT_START: Fields = [
    ("gap", np.float64),
    ("rate", np.float64),
    ("claimed_ratio", np.float64),
    ("standing", np.int64),
]
"""A city of a `World`."""

RESOURCE_VALUES: Fields = [("turnover_days", np.float64), ("replacement", np.float64, (5,))]

CYCLE_VALUES: Fields = [
    ("cancelled", np.float64),
    ("slip", np.float64),
    ("strictness_mean", np.float64),
    ("strictness_sd", np.float64),
    ("noise", np.float64),
]


class Sizes(NamedTuple):
    """Whole numbers of the plan."""

    n_worlds: int
    horizon_day: int
    deadline_day: int
    target: int
    priority: int
    has_past: bool  # whether anything had begun or been paid by the status date
    n_zone_acts: int
    n_upkeep_pays: int


class Streams(NamedTuple):
    """The numbers of the streams, by what draws from them."""

    duration: StreamArray  # (n_acts,)
    cost: StreamArray
    acceptance: StreamArray
    check: StreamArray  # (n_checks,) of those acceptances that may fail
    departure: StreamArray  # (n_posts,)
    replacement: StreamArray
    common_shock: StreamArray  # (n_years,)
    own_shock: StreamArray  # (n_groups * n_years,)
    cancelled: StreamArray  # (n_cycles,)
    slip: StreamArray
    strictness: StreamArray
    noise: StreamArray  # (n_cities * n_cycles,)
    cap: StreamArray
    background: StreamArray


class Layout(NamedTuple):
    """Everything about a plan that the kernel reads."""

    seed: np.uint64
    sizes: Sizes
    streams: Streams
    acts: Records  # (n_acts,) ACT
    acts_at_start: Records  # (n_acts,) ACT_AT_START
    check_of: NumberArray  # (n_acts,) place among the checks that may fail in any world
    of_number: NumberArray  # (n_acts,) the activity of each number in the plan
    after_act: NumberArray  # who waits for whom
    kinds: Records  # (n_kinds,) KIND
    needs: Records  # (n_groups * n_needs,) NEED
    groups: Records  # (n_groups,) GROUP
    cities: Records  # (n_cities,) CITY_PLAN
    zones: Records  # (n_zones,) ZONE_PLAN
    zone_marks: IntArray  # (N_GROUPS + 2,) activities behind each mark; -1 = nobody earns it
    pools: Records  # (n_pools,) POOL
    pool_of: NumberArray  # (n_groups, n_resources), 0 where the province has no such pool
    pool_of_post: IntArray  # (n_posts,)
    steps: Records  # (n_steps,) STEP
    shared: IntArray  # (n_shared,) resources that everybody draws on
    behind: IntArray  # (n_resources,) later causes that come after a resource in any kind, as bits
    release_share: IntArray  # (n_tranches,) hundredths of a percent
    upkeep_payer: IntArray  # (2,)
    upkeep_share: IntArray
    year_day: IntArray  # (n_years,)
    year_of_day: NumberArray  # (horizon_day + 1,)
    window_open: BoolArray  # (n_windows, horizon_day + 1)
    agenda: Records  # (n_agenda,) ITEM
    cycles: Records  # (n_cycles,) CYCLE
    listed_order: IntArray  # (n_cities,)
    world_values: Records  # (n_worlds,) WORLD_VALUES
    kind_values: Records  # (n_worlds, n_kinds) KIND_VALUES
    city_values: Records  # (n_worlds, n_cities) CITY_VALUES
    cities_at_start: Records  # (n_worlds, n_cities) CITY_AT_START
    resource_values: Records  # (n_worlds, n_resources) RESOURCE_VALUES
    cycle_values: Records  # (n_worlds, n_cycles) CYCLE_VALUES
    appropriation: IntArray  # (n_worlds, n_groups, n_years) rupiah, before shocks
    tables: FloatArray


def lay_out(plan: Plan) -> Layout:
    """Arrange a plan for the kernel."""
    s = plan.structure
    # wide work and each zone stay where they are, because the plan lists them in this order too
    may_fail = np.any([values.success < 1.0 for values in plan.values], axis=0)[s.act_kind]
    numbers = np.arange(len(s.act_kind))
    in_order = np.lexsort((numbers, s.kind_rank[s.act_kind], s.act_zone, s.act_city))
    of_number = np.argsort(in_order)
    acts, after_act = _acts(s, in_order, of_number)
    pool_of = np.maximum(s.pool_of, 0).T
    needs = _needs(s, pool_of, acts)
    marks, n_zone_acts = _zone_marks(s)
    payer, share = _two(s.upkeep_payer, s.upkeep_share, 0, len(s.upkeep_payer))
    return Layout(
        seed=plan.seed,
        sizes=_sizes(plan, n_zone_acts),
        streams=_streams(s, in_order, in_order[may_fail[in_order]]),
        acts=acts,
        acts_at_start=_acts_at_start(s, in_order),
        check_of=_numbers(np.cumsum(may_fail[in_order]) - may_fail[in_order]),
        of_number=_numbers(of_number),
        after_act=after_act,
        kinds=_kinds(s),
        needs=needs,
        groups=_groups(s),
        cities=_cities(plan),
        zones=records(ZONE_PLAN, city=s.zone_city, act_first=s.zone_act_first),
        zone_marks=marks,
        pools=_pools(s),
        pool_of=_numbers(pool_of),
        pool_of_post=np.repeat(np.arange(s.n_pools), np.diff(s.pool_post_first)),
        steps=records(STEP, pool=s.step_pool, posts=s.step_posts),
        shared=np.flatnonzero(s.pool_of[:, 0] >= 0),
        behind=_behind(s),
        release_share=s.release_share,
        upkeep_payer=payer,
        upkeep_share=share,
        year_day=s.year_day,
        year_of_day=_numbers(s.year_of_day),
        window_open=s.window_open,
        agenda=records(ITEM, day=s.agenda_day, what=s.agenda_item, number=s.agenda_number),
        cycles=records(
            CYCLE,
            evidence_day=s.cycle_evidence_day,
            award_day=s.cycle_award_day,
            slipped_evidence_day=s.cycle_slipped_evidence_day,
            slipped_award_day=s.cycle_slipped_award_day,
        ),
        listed_order=s.listed_order,
        world_values=_by_world(WORLD_VALUES, plan.values),
        kind_values=_by_world(KIND_VALUES, plan.values),
        city_values=_by_world(CITY_VALUES, plan.values),
        cities_at_start=_by_world(CITY_AT_START, plan.worlds),
        resource_values=_by_world(RESOURCE_VALUES, plan.values),
        cycle_values=_by_world(CYCLE_VALUES, plan.values),
        appropriation=np.array([values.appropriation for values in plan.values]),
        tables=plan.tables,
    )


def _acts_at_start(s: Structure, in_order: IntArray) -> Records:
    return records(
        ACT_AT_START,
        n_before=s.act_n_before[in_order],
        elapsed=s.act_elapsed[in_order],
        is_done=s.act_done[in_order],
        is_finished=s.act_finished[in_order],
    )


def _sizes(plan: Plan, n_zone_acts: int) -> Sizes:
    s = plan.structure
    has_past = s.act_finished.any() or (s.act_elapsed >= 0).any() or s.spent_before.any()
    return Sizes(
        n_worlds=plan.n_worlds,
        horizon_day=s.horizon_day,
        deadline_day=s.deadline_day,
        target=s.target,
        priority=s.priority,
        has_past=bool(has_past),
        n_zone_acts=n_zone_acts,
        n_upkeep_pays=len(s.upkeep_payer),
    )


def records(fields: Fields, **columns: Any) -> Records:
    """Return records with these columns; the first field's column has the shape of the whole."""
    kept = empty_records(fields, np.shape(columns[fields[0][0]]))
    for name, column in columns.items():
        kept[name] = column
    return kept


def empty_records(fields: Fields, shape: int | tuple[int, ...]) -> Records:
    """Return records of zeros, aligned as the processor reads them fastest.

    The first begins on a line of its cache, so that one of half a line never lies on two.
    """
    one = np.dtype(fields, align=True)
    n_bytes = one.itemsize * math.prod(np.atleast_1d(shape).tolist())
    room = np.zeros(n_bytes + _LINE, np.uint8)
    first = -room.ctypes.data % _LINE
    return room[first : first + n_bytes].view(one).reshape(shape).view(np.recarray)


def _by_world(fields: Fields, entries: Sequence[Values | World]) -> Records:
    """Return the fields of that name, worlds first."""
    names = [field[0] for field in fields]
    return records(
        fields, **{name: np.array([getattr(entry, name) for entry in entries]) for name in names}
    )


def _numbers(values: Any) -> NumberArray:
    return np.ascontiguousarray(values, dtype=np.uint32)


def _streams(s: Structure, in_order: IntArray, checked: IntArray) -> Streams:
    return Streams(
        duration=s.duration_stream[in_order],
        cost=s.cost_stream[in_order],
        acceptance=s.acceptance_stream[in_order],
        check=s.acceptance_stream[checked],
        departure=s.departure_stream,
        replacement=s.replacement_stream,
        common_shock=s.common_shock_stream,
        own_shock=s.own_shock_stream.ravel(),
        cancelled=s.cancelled_stream,
        slip=s.slip_stream,
        strictness=s.strictness_stream,
        noise=s.noise_stream.ravel(),
        cap=s.cap_stream.ravel(),
        background=s.background_stream.ravel(),
    )


def _acts(s: Structure, in_order: IntArray, of_number: IntArray) -> tuple[Records, NumberArray]:
    after = [of_number[s.after_act[start:stop]] for start, stop in _ends(s.after_first)]
    after = [after[number] for number in in_order]
    ends = np.cumsum([0, *map(len, after)])
    acts = records(
        ACT,
        kind=s.act_kind[in_order],
        group=1 + s.act_city[in_order],
        zone=s.act_zone[in_order],
        number=in_order,
        after_first=ends[:-1],
        after_last=ends[1:],
    )
    return acts, _numbers(np.concatenate([in_order[:0], *after]))


def _kinds(s: Structure) -> Records:
    pays = [_two(s.pay_payer, s.pay_share, *ends) for ends in _ends(s.pay_first)]
    return records(
        KIND,
        window=s.kind_window,
        opens=s.kind_opens,
        n_pays=np.diff(s.pay_first),
        payer=np.array([payer for payer, _ in pays], np.int64).reshape(-1, 2),
        share=np.array([share for _, share in pays], np.int64).reshape(-1, 2),
        integrates=s.kind_integrates,
        launches=s.kind_launches,
    )


def _needs(s: Structure, pool_of: IntArray, acts: Records) -> Records:
    """Return the needs of every group, group by group; note where those of each activity lie."""
    is_needed = s.need_units > 0
    first = np.concatenate(([0], np.cumsum(is_needed)))[s.need_first]
    resource = s.need_resource[is_needed]
    pool = pool_of[:, resource]
    needs = records(
        NEED,
        pool=pool.ravel(),
        resource=np.tile(resource, len(pool)),
        units=np.tile(s.need_units[is_needed], len(pool)),
    )
    place = first[-1] * acts.group.astype(np.int64) + first[acts.kind]
    acts.need_first, acts.need_last = place, place + np.diff(first)[acts.kind]
    return needs


def _ends(first: IntArray) -> list[tuple[int, int]]:
    return list(zip(first[:-1].tolist(), first[1:].tolist(), strict=True))


def _two(payer: IntArray, share: IntArray, start: int, stop: int) -> tuple[IntArray, IntArray]:
    """Return payers and shares in two places; there are only two payers, province and city."""
    payers, shares = np.full(2, PROVINCE), np.zeros(2, np.int64)
    payers[: stop - start] = payer[start:stop]
    shares[: stop - start] = share[start:stop]
    return payers, shares


def _groups(s: Structure) -> Records:
    first = np.concatenate((np.zeros(1, np.int64), s.city_act_first))
    n_city_kinds = int((s.kind_kit == CITY).sum())
    return records(
        GROUP,
        act_first=first[:-1],
        act_last=first[1:],
        wide_last=np.concatenate((s.city_act_first[:1], s.city_act_first[:-1] + n_city_kinds)),
        spent_before=s.spent_before,
    )


def _cities(plan: Plan) -> Records:
    s = plan.structure
    return records(
        CITY_PLAN,
        zone_first=s.city_zone_first[:-1],
        zone_last=s.city_zone_first[1:],
        existing=s.existing_zones,
        reference=s.reference_zones,
        listed_place=np.argsort(s.listed_order),
        policy_score=plan.policy_score,
    )


def _behind(s: Structure) -> IntArray:
    """Return what may hold up work that a resource has let pass: causes as bits, and the `FALL`."""
    n_resources = len(s.pool_of)
    bits = [FALL] * n_resources
    for needs, pays in zip(_ends(s.need_first), _ends(s.pay_first), strict=True):
        resources = s.need_resource[slice(*needs)].tolist()
        payers = s.pay_payer[slice(*pays)].tolist()
        checked = [*resources, *(n_resources + payer for payer in payers)]
        for place, resource in enumerate(resources):
            for later in checked[place + 1 :]:
                bits[resource] |= 1 << min(FIRST_RESOURCE_CAUSE + later, LAST_BIT)
    return np.array(bits, np.int64)


def _zone_marks(s: Structure) -> tuple[IntArray, int]:
    """Return the activities behind each mark of a zone, and how many activities a zone has."""
    zone_kinds = np.flatnonzero((s.kind_kit != PROVINCE) & (s.kind_kit != CITY)).tolist()
    marks = np.zeros(N_GROUPS + 2, np.int64)
    for kind in zone_kinds:
        if s.kind_opens[kind] >= 0:
            marks[s.kind_opens[kind]] += 1
        marks[INTEGRATION] += s.kind_integrates[kind]
        marks[LAUNCH] += s.kind_launches[kind]
    marks[marks == 0] = -1
    return marks, len(zone_kinds)


def _pools(s: Structure) -> Records:
    group = np.zeros(s.n_pools, np.int64)
    for pools in s.pool_of[s.pool_of[:, 0] < 0]:
        group[pools[1:]] = np.arange(1, 1 + s.n_cities)
    return records(
        POOL,
        resource=s.pool_resource,
        group=group,
        capacity=s.pool_capacity,
        post_first=s.pool_post_first[:-1],
    )

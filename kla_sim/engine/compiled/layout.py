"""The plan as the kernel reads it: arrays grouped by theme, all worlds in one block.

Groups of work are numbered 0 for the province and 1 + city for a city, activities in scan order, so
that a queue in order of number is a queue in scan order. Derived once per plan; the kernel itself
stands in `kernel`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.domain.indicators import GROUPS
from kla_sim.engine.formulas import FloatArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.structure import CITY, PROVINCE, BoolArray, IntArray, StreamArray, Structure
from kla_sim.engine.values import Values
from kla_sim.engine.worlds import World

N_GROUPS = len(GROUPS)
INTEGRATION, LAUNCH = N_GROUPS, N_GROUPS + 1
"""The marks a zone earns beside the services of the groups."""

ShortArray = npt.NDArray[np.int32]
NumberArray = npt.NDArray[np.uint32]
"""Numbers that count from 0; the compiler need not ask whether such an index is negative."""


class Sizes(NamedTuple):
    """Whole numbers of the plan."""

    n_groups: int
    n_resources: int
    n_windows: int
    n_worlds: int
    horizon_day: int
    deadline_day: int
    target: int
    priority: int
    has_past: bool  # whether anything had begun or been paid by the status date


class Acts(NamedTuple):
    """The activities, numbered group by group in the order in which waiting work is scanned."""

    kind: NumberArray  # (n_acts,)
    group: NumberArray
    zone: ShortArray
    number: NumberArray  # its number in the plan
    of_number: NumberArray  # the activity of each number in the plan
    n_before: ShortArray
    after_first: ShortArray  # (n_acts + 1,)
    after_act: NumberArray
    is_done: BoolArray
    is_finished: BoolArray
    elapsed: ShortArray
    group_first: IntArray  # (n_groups + 1,)
    duration_stream: StreamArray
    cost_stream: StreamArray
    acceptance_stream: StreamArray


class Kinds(NamedTuple):
    """The entries of the kits."""

    window: IntArray  # (n_kinds,)
    opens: IntArray
    integrates: BoolArray
    launches: BoolArray
    need_first: IntArray  # (n_kinds + 1,), needs of zero units left out
    need_resource: NumberArray
    need_units: IntArray
    n_pays: IntArray
    payer: IntArray  # (n_kinds, 2)
    share: IntArray  # (n_kinds, 2)


class Zones(NamedTuple):
    """The planned zones and the wide work around them."""

    city: IntArray  # (n_zones,)
    act_first: IntArray
    n_acts: int
    marks: IntArray  # (N_GROUPS + 2,) activities behind each mark of a zone; -1 = nobody earns it
    of_city_first: IntArray  # (n_cities + 1,)
    wide_last: IntArray  # (n_groups,) end of the wide work of each group
    existing: IntArray  # (n_cities,)
    reference: IntArray


class Pools(NamedTuple):
    """The posts."""

    pool_of: NumberArray  # (n_resources, n_groups), 0 where the province has no such pool
    resource: IntArray  # (n_pools,)
    group: IntArray  # (n_pools,) whose work it serves, 0 = everybody's
    capacity: IntArray
    post_first: IntArray
    post_pool: IntArray  # (n_posts,)
    departure_stream: StreamArray
    replacement_stream: StreamArray
    step_pool: IntArray
    step_posts: IntArray
    shared: IntArray  # (n_shared,) resources that everybody draws on


class Money(NamedTuple):
    """The accounts."""

    release_share: IntArray
    common_shock_stream: StreamArray
    own_shock_stream: StreamArray
    n_upkeep_pays: int
    upkeep_payer: IntArray  # (2,)
    upkeep_share: IntArray
    year_day: IntArray
    year_of_day: IntArray
    spent_before: IntArray  # (n_groups,)


class Calendar(NamedTuple):
    """Windows, the agenda, the cycles and the order of the policy."""

    window_open: BoolArray
    agenda_day: IntArray
    agenda_item: IntArray
    agenda_number: IntArray
    evidence_day: IntArray
    award_day: IntArray
    slipped_evidence_day: IntArray
    slipped_award_day: IntArray
    cancelled_stream: StreamArray
    slip_stream: StreamArray
    strictness_stream: StreamArray
    noise_stream: StreamArray
    cap_stream: StreamArray
    background_stream: StreamArray
    listed_order: IntArray
    policy_score: FloatArray


class Layout(NamedTuple):
    """Everything the kernel is handed, in the order of its arguments."""

    seed: np.uint64
    sizes: Sizes
    acts: Acts
    kinds: Kinds
    zones: Zones
    pools: Pools
    money: Money
    calendar: Calendar
    values: Any  # `Values`, each field with a leading axis of worlds
    worlds: Any  # `World`, the same
    tables: FloatArray


def lay_out(plan: Plan) -> Layout:
    """Arrange a plan for the kernel."""
    s = plan.structure
    return Layout(
        seed=plan.seed,
        sizes=Sizes(
            n_groups=1 + s.n_cities,
            n_resources=len(s.pool_of),
            n_windows=len(s.window_open),
            n_worlds=plan.n_worlds,
            horizon_day=s.horizon_day,
            deadline_day=s.deadline_day,
            target=s.target,
            priority=s.priority,
            has_past=bool(
                s.act_finished.any() or (s.act_elapsed >= 0).any() or s.spent_before.any()
            ),
        ),
        acts=_acts(s),
        kinds=_kinds(s),
        zones=_zones(s),
        pools=_pools(s),
        money=_money(s),
        calendar=_calendar(plan),
        values=_stack(Values, plan.values),
        worlds=_stack(World, plan.worlds),
        tables=plan.tables,
    )


def _stack(kind: Any, entries: list[Any]) -> Any:
    return kind(*(np.array(fields) for fields in zip(*entries, strict=True)))


def _short(values: Any) -> ShortArray:
    return np.ascontiguousarray(values, dtype=np.int32)


def _numbers(values: Any) -> NumberArray:
    return np.ascontiguousarray(values, dtype=np.uint32)


def _acts(s: Structure) -> Acts:
    # wide work and each zone stay where they are, because the plan lists them in this order too
    numbers = np.arange(len(s.act_kind))
    in_order = np.lexsort((numbers, s.kind_rank[s.act_kind], s.act_zone, s.act_city))
    place = np.argsort(in_order)
    after = [place[s.after_act[start:stop]] for start, stop in _ends(s.after_first)]
    after = [after[number] for number in in_order]
    return Acts(
        kind=_numbers(s.act_kind[in_order]),
        group=_numbers(1 + s.act_city[in_order]),
        zone=_short(s.act_zone[in_order]),
        number=_numbers(in_order),
        of_number=_numbers(place),
        n_before=_short(s.act_n_before[in_order]),
        after_first=_short(np.cumsum([0, *map(len, after)])),
        after_act=_numbers(np.concatenate([numbers[:0], *after])),
        is_done=s.act_done[in_order],
        is_finished=s.act_finished[in_order],
        elapsed=_short(s.act_elapsed[in_order]),
        group_first=np.concatenate((np.zeros(1, np.int64), s.city_act_first)),
        duration_stream=s.duration_stream[in_order],
        cost_stream=s.cost_stream[in_order],
        acceptance_stream=s.acceptance_stream[in_order],
    )


def _kinds(s: Structure) -> Kinds:
    kind_of_need = np.repeat(np.arange(len(s.kind_kit)), np.diff(s.need_first))
    is_needed = s.need_units > 0
    n_needs = np.bincount(kind_of_need[is_needed], minlength=len(s.kind_kit))
    pays = [_two(s.pay_payer, s.pay_share, *ends) for ends in _ends(s.pay_first)]
    return Kinds(
        window=s.kind_window,
        opens=s.kind_opens,
        integrates=s.kind_integrates,
        launches=s.kind_launches,
        need_first=np.concatenate((np.zeros(1, np.int64), np.cumsum(n_needs))),
        need_resource=_numbers(s.need_resource[is_needed]),
        need_units=s.need_units[is_needed],
        n_pays=np.diff(s.pay_first),
        payer=np.array([payer for payer, _ in pays], np.int64).reshape(-1, 2),
        share=np.array([share for _, share in pays], np.int64).reshape(-1, 2),
    )


def _ends(first: IntArray) -> list[tuple[int, int]]:
    return list(zip(first[:-1].tolist(), first[1:].tolist(), strict=True))


def _two(payer: IntArray, share: IntArray, start: int, stop: int) -> tuple[IntArray, IntArray]:
    """Return payers and shares in two places; there are only two payers, province and city."""
    payers, shares = np.full(2, PROVINCE), np.zeros(2, np.int64)
    payers[: stop - start] = payer[start:stop]
    shares[: stop - start] = share[start:stop]
    return payers, shares


def _zones(s: Structure) -> Zones:
    kit = s.kind_kit.tolist()
    zone_kinds = [kind for kind, number in enumerate(kit) if number not in (PROVINCE, CITY)]
    marks = np.zeros(N_GROUPS + 2, np.int64)
    for kind in zone_kinds:
        if s.kind_opens[kind] >= 0:
            marks[s.kind_opens[kind]] += 1
        marks[INTEGRATION] += s.kind_integrates[kind]
        marks[LAUNCH] += s.kind_launches[kind]
    marks[marks == 0] = -1
    return Zones(
        city=s.zone_city,
        act_first=s.zone_act_first,
        n_acts=len(zone_kinds),
        marks=marks,
        of_city_first=s.city_zone_first,
        wide_last=np.concatenate((s.city_act_first[:1], s.city_act_first[:-1] + kit.count(CITY))),
        existing=s.existing_zones,
        reference=s.reference_zones,
    )


def _pools(s: Structure) -> Pools:
    is_shared = s.pool_of[:, 0] >= 0
    group = np.zeros(s.n_pools, np.int64)
    for pools in s.pool_of[~is_shared]:
        group[pools[1:]] = np.arange(1, 1 + s.n_cities)
    return Pools(
        pool_of=_numbers(np.maximum(s.pool_of, 0)),
        resource=s.pool_resource,
        group=group,
        capacity=s.pool_capacity,
        post_first=s.pool_post_first,
        post_pool=np.repeat(np.arange(s.n_pools), np.diff(s.pool_post_first)),
        departure_stream=s.departure_stream,
        replacement_stream=s.replacement_stream,
        step_pool=s.step_pool,
        step_posts=s.step_posts,
        shared=np.flatnonzero(is_shared),
    )


def _money(s: Structure) -> Money:
    payer, share = _two(s.upkeep_payer, s.upkeep_share, 0, len(s.upkeep_payer))
    return Money(
        release_share=s.release_share,
        common_shock_stream=s.common_shock_stream,
        own_shock_stream=s.own_shock_stream.ravel(),
        n_upkeep_pays=len(s.upkeep_payer),
        upkeep_payer=payer,
        upkeep_share=share,
        year_day=s.year_day,
        year_of_day=s.year_of_day,
        spent_before=s.spent_before,
    )


def _calendar(plan: Plan) -> Calendar:
    s = plan.structure
    return Calendar(
        window_open=s.window_open,
        agenda_day=s.agenda_day,
        agenda_item=s.agenda_item,
        agenda_number=s.agenda_number,
        evidence_day=s.cycle_evidence_day,
        award_day=s.cycle_award_day,
        slipped_evidence_day=s.cycle_slipped_evidence_day,
        slipped_award_day=s.cycle_slipped_award_day,
        cancelled_stream=s.cancelled_stream,
        slip_stream=s.slip_stream,
        strictness_stream=s.strictness_stream,
        noise_stream=s.noise_stream.ravel(),
        cap_stream=s.cap_stream.ravel(),
        background_stream=s.background_stream.ravel(),
        listed_order=s.listed_order,
        policy_score=plan.policy_score,
    )

"""The structure of a plan: everything about a scenario that is the same in every world.

Declared here: the network of activities, posts, windows, calendar and stream numbers, as arrays of
whole numbers. `building` makes them from a scenario, with `kinds`, `network`, `posts`, `money` and
`calendar`, a part each; `codes` says what the numbers stand for. What a world may change stands in
`engine.values`; an `uncertain` path that would change the structure is refused. Days count from the
start (day 0); index -1 means none.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from kla_sim.arrays import BoolArray, FloatArray, IntArray, StreamArray


class Labels(NamedTuple):
    """What the indices of the arrays stand for."""

    cities: list[str]
    city_names: list[str]
    activities: list[str]
    pools: list[str]
    resources: list[str]
    accounts: list[str]
    years: list[int]
    cycles: list[int]
    causes: list[str]
    start: dt.date


class Structure(NamedTuple):
    """Arrays of whole numbers; dimensions are named in the comments of each block."""

    horizon_day: int
    deadline_day: int
    target: int
    priority: int
    n_cities: int
    n_zones: int
    n_pools: int
    n_accounts: int
    n_years: int
    n_cycles: int
    n_causes: int
    listed_order: IntArray  # (n_cities,) cities in list order
    population: IntArray  # (n_cities,)
    existing_zones: IntArray  # (n_cities,) with those launched by the status date
    reference_zones: IntArray  # (n_cities,) existing when the scenario starts
    start_category: IntArray  # (n_cities,) -1 = drawn from the baseline
    # kinds of work: one per entry of a kit
    kind_kit: IntArray  # (n_kinds,)
    kind_rank: FloatArray
    kind_window: IntArray
    kind_opens: IntArray
    kind_integrates: BoolArray
    kind_launches: BoolArray
    need_first: IntArray  # (n_kinds + 1,) into need_*
    need_resource: IntArray
    need_units: IntArray
    pay_first: IntArray  # (n_kinds + 1,) into pay_*
    pay_payer: IntArray
    pay_share: IntArray
    # activities: province, then city by city its own work and its zones
    act_kind: IntArray  # (n_activities,)
    act_city: IntArray
    act_zone: IntArray
    act_done: BoolArray  # before the scenario starts: closes no part of a gap
    act_finished: BoolArray  # between the start and the status date
    act_elapsed: IntArray  # days since the start of work in progress; -1 = not begun
    act_n_before: IntArray  # predecessors not done at the start
    after_first: IntArray  # (n_activities + 1,) into after_act: who waits for it
    after_act: IntArray
    duration_stream: StreamArray
    cost_stream: StreamArray
    acceptance_stream: StreamArray
    city_act_first: IntArray  # (n_cities + 1,) first activity of each city
    zone_city: IntArray  # (n_zones,)
    zone_number: IntArray
    zone_stage_day: IntArray
    zone_act_first: IntArray
    city_zone_first: IntArray  # (n_cities + 1,)
    # posts
    pool_of: IntArray  # (n_resources, n_cities + 1), column 0 = province
    pool_resource: IntArray  # (n_pools,)
    pool_capacity: IntArray  # at day 0
    pool_post_first: IntArray  # (n_pools + 1,) into *_stream of posts
    departure_stream: StreamArray
    replacement_stream: StreamArray
    step_pool: IntArray  # (n_steps,)
    step_posts: IntArray
    # money
    release_share: IntArray  # (n_tranches,) hundredths of a percent
    common_shock_stream: StreamArray  # (n_years,)
    own_shock_stream: StreamArray  # (n_accounts, n_years)
    spent_before: IntArray  # (n_accounts,) rupiah paid this year before the status date
    upkeep_payer: IntArray
    upkeep_share: IntArray
    year_day: IntArray  # (n_years,) 1 January; before the start it is negative
    year_of_day: IntArray  # (horizon_day + 1,)
    # calendar
    window_open: BoolArray  # (n_windows, horizon_day + 1)
    agenda_day: IntArray  # (n_agenda,) sorted by day, item, number
    agenda_item: IntArray
    agenda_number: IntArray
    cycle_evidence_day: IntArray  # (n_cycles,) as scheduled
    cycle_award_day: IntArray
    cycle_slipped_evidence_day: IntArray
    cycle_slipped_award_day: IntArray
    cancelled_stream: StreamArray
    slip_stream: StreamArray
    strictness_stream: StreamArray
    noise_stream: StreamArray  # (n_cities, n_cycles)
    cap_stream: StreamArray
    background_stream: StreamArray

    @property
    def n_activities(self) -> int:
        """The number of pieces of work, done or not."""
        return len(self.act_kind)

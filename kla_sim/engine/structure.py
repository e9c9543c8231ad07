"""The structure of a plan: everything about a scenario that is the same in every world.

The network of activities, posts, windows, calendar and stream numbers, as arrays of whole numbers.
What a world may change stands in `values`; an `uncertain` path that would change the structure is
refused. Days count from the start (day 0); index -1 means none.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.arrays import BoolArray, IntArray, StreamArray
from kla_sim.domain.categories import category_number
from kla_sim.domain.indicators import GROUPS
from kla_sim.engine.draws import stream
from kla_sim.scenario.model import Activity, Capacity, City, Scenario, WideActivity, ZoneActivity

PROVINCE, CITY, ZONE = range(3)
"""The number of each kit; `pay_payer` uses the first two."""

PRIORITIES = ("listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first")
LISTED, LOWEST_SCORE, CLOSEST, FEWEST_STARTED = range(len(PRIORITIES))
NO_LIMIT = 2**31

N_GROUPS = len(GROUPS)
INTEGRATION, LAUNCH = N_GROUPS, N_GROUPS + 1
"""The marks a zone earns beside the services of the groups."""

NO_CAUSE, WINDOW_CAUSE, LIMIT_CAUSE, FIRST_RESOURCE_CAUSE = range(-1, 3)
"""What work waits for, in the order of the checks: resources follow, then the payers."""

YEAR, RELEASE, UPKEEP, CAPACITY, STAGE, DEPARTURE, REPLACEMENT, WINDOW, EVIDENCE, AWARD = range(
    1, 11
)
"""The calendar items of one day, in the order in which they happen (docs/model.md, section 2)."""


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
    kind_rank: npt.NDArray[np.float64]
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


class _Kind(NamedTuple):
    kit: int
    name: str
    activity: Activity


class _Network(NamedTuple):
    """The activities one by one, as lists, before they become arrays."""

    names: list[str]
    kind: list[int]
    city: list[int]
    zone: list[int]
    zone_city: list[int]
    zone_number: list[int]
    zone_stage_day: list[int]
    zone_act_first: list[int]
    city_act_first: list[int]
    city_zone_first: list[int]


def rest_of(scenario: Scenario) -> Scenario:
    """Return what is left of a scenario at its status date: that day is the start, the past is cut.

    A cycle whose evidence has closed while its awards are still to come closes on the status date.
    What was observed stays written down; without observations nothing changes.
    """
    if scenario.observed is None:
        return scenario
    today = scenario.observed.date
    cycles = {
        year: cycle.model_copy(update={"evidence_closes": max(today, cycle.evidence_closes)})
        for year, cycle in scenario.evaluation.cycles.items()
        if cycle.award > today
    }
    evaluation = scenario.evaluation.model_copy(update={"cycles": cycles})
    return scenario.model_copy(update={"start": today, "evaluation": evaluation})


def compile_structure(scenario: Scenario) -> tuple[Structure, Labels]:
    """Turn the unchanging part of a scenario into arrays, with the names of their indices."""
    kinds = list_kinds(scenario)
    network = _list_activities(scenario, kinds)
    pools = _list_pools(scenario)
    years = list(range(scenario.start.year, scenario.horizon.year + 1))
    windows = _list_windows(kinds)
    labels = Labels(
        cities=list(scenario.cities),
        city_names=[city.name for city in scenario.cities.values()],
        activities=network.names,
        pools=[name for name, _, _ in pools],
        resources=list(scenario.resources),
        accounts=["province", *scenario.cities],
        years=years,
        cycles=sorted(scenario.evaluation.cycles),
        causes=["window", "wip_limit", *scenario.resources, "account:province", "account:city"],
        start=scenario.start,
    )
    arrays = {
        **_head_arrays(scenario, labels, network),
        **_kind_arrays(scenario, kinds, windows),
        **_activity_arrays(scenario, kinds, network),
        **_post_arrays(scenario, pools),
        **_money_arrays(scenario, labels),
        **_cycle_arrays(scenario, labels),
        **_agenda_arrays(scenario, windows, network, labels),
    }
    return Structure(**arrays), labels


def list_kinds(scenario: Scenario) -> list[_Kind]:
    """Return the entries of the three kits: province, city, zone, each in the order of the file."""
    work = scenario.work
    kits: list[Mapping[str, Activity]] = [work.province, work.city, work.zone]
    return [
        _Kind(kit, name, activity)
        for kit, entries in enumerate(kits)
        for name, activity in entries.items()
    ]


def day_number(scenario: Scenario, day: dt.date) -> int:
    """Return a date as days from the start."""
    return (day - scenario.start).days


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month; a day that the month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _day_in_year(year: int, day_of_year: int) -> dt.date:
    month, day = divmod(day_of_year, 100)
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _ints(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)


def _streams(names: Iterable[str]) -> StreamArray:
    return np.array([stream(name) for name in names], dtype=np.uint64)


def _first_places(sizes: Sequence[int]) -> IntArray:
    return _ints([0, *np.cumsum(sizes, dtype=np.int64)])


def _head_arrays(scenario: Scenario, labels: Labels, network: _Network) -> dict[str, Any]:
    cities = list(scenario.cities.values())
    order = scenario.policy.order or labels.cities
    return {
        "horizon_day": day_number(scenario, scenario.horizon),
        "deadline_day": day_number(scenario, scenario.target.deadline),
        "target": category_number(scenario.target.category),
        "priority": PRIORITIES.index(scenario.policy.priority),
        "n_cities": len(cities),
        "n_zones": len(network.zone_city),
        "n_pools": len(labels.pools),
        "n_accounts": len(labels.accounts),
        "n_years": len(labels.years),
        "n_cycles": len(labels.cycles),
        "n_causes": len(labels.causes),
        "listed_order": _ints(labels.cities.index(name) for name in order),
        "population": _ints(city.population for city in cities),
        "existing_zones": _ints(
            city.zones.existing + len(_launched(scenario, name))
            for name, city in scenario.cities.items()
        ),
        "reference_zones": _ints(city.zones.existing for city in cities),
        "start_category": _ints(
            -1 if city.award.category == "unknown" else category_number(city.award.category)
            for city in cities
        ),
    }


def _list_windows(kinds: list[_Kind]) -> list[tuple[int, int]]:
    found = {
        (kind.activity.window.from_, kind.activity.window.to): None
        for kind in kinds
        if kind.activity.window is not None
    }
    return list(found)


def _kind_arrays(
    scenario: Scenario, kinds: list[_Kind], windows: list[tuple[int, int]]
) -> dict[str, Any]:
    resources = list(scenario.resources)
    needs = [list(kind.activity.needs.items()) for kind in kinds]
    pays = [list(kind.activity.paid_by.items()) for kind in kinds]
    return {
        "kind_kit": _ints(kind.kit for kind in kinds),
        "kind_rank": np.array([kind.activity.rank for kind in kinds], dtype=np.float64),
        "kind_window": _ints(
            -1
            if kind.activity.window is None
            else windows.index((kind.activity.window.from_, kind.activity.window.to))
            for kind in kinds
        ),
        "kind_opens": _ints(
            GROUPS.index(kind.activity.opens)
            if isinstance(kind.activity, ZoneActivity) and kind.activity.opens
            else -1
            for kind in kinds
        ),
        "kind_integrates": np.array(
            [getattr(kind.activity, "integrates", False) for kind in kinds], dtype=np.bool_
        ),
        "kind_launches": np.array(
            [getattr(kind.activity, "launches", False) for kind in kinds], dtype=np.bool_
        ),
        "need_first": _first_places([len(need) for need in needs]),
        "need_resource": _ints(resources.index(name) for need in needs for name, _ in need),
        "need_units": _ints(units for need in needs for _, units in need),
        "pay_first": _first_places([len(pay) for pay in pays]),
        "pay_payer": _ints(
            PROVINCE if payer == "province" else CITY for pay in pays for payer, _ in pay
        ),
        "pay_share": _ints(share for pay in pays for _, share in pay),
    }


def _list_activities(scenario: Scenario, kinds: list[_Kind]) -> _Network:
    places = {kit: [i for i, kind in enumerate(kinds) if kind.kit == kit] for kit in range(3)}
    network = _Network([], [], [], [], [], [], [], [], [], [0])

    def add(kit: int, prefix: str, city: int, zone: int) -> None:
        for kind in places[kit]:
            network.names.append(f"{prefix}/{kinds[kind].name}")
            network.kind.append(kind)
            network.city.append(city)
            network.zone.append(zone)

    add(PROVINCE, "province", -1, -1)
    for city, (name, entry) in enumerate(scenario.cities.items()):
        network.city_act_first.append(len(network.names))
        add(CITY, name, city, -1)
        for number, stage_day in _zones_to_come(scenario, name, entry):
            network.zone_act_first.append(len(network.names))
            network.zone_city.append(city)
            network.zone_number.append(number)
            network.zone_stage_day.append(stage_day)
            add(ZONE, f"{name}/zone-{number}", city, len(network.zone_city) - 1)
        network.city_zone_first.append(len(network.zone_city))
    network.city_act_first.append(len(network.names))
    return network


def _zones_to_come(scenario: Scenario, name: str, city: City) -> Iterator[tuple[int, int]]:
    """Yield number and stage day of a city's planned zones, those launched left out."""
    seen = scenario.observed.work if scenario.observed else {}
    for number, day in enumerate(_stage_days(scenario, city.zones.planned), start=1):
        has_begun = any(work.startswith(f"{name}/zone-{number}/") for work in seen)
        if number not in _launched(scenario, name):
            yield number, 0 if has_begun else day


def _launched(scenario: Scenario, city: str) -> dict[int, dt.date]:
    """Return number and day of launch of the planned zones launched by the status date."""
    return scenario.observed.launched.get(city, {}) if scenario.observed else {}


def _stage_days(scenario: Scenario, planned: int | dict[int, int]) -> list[int]:
    if isinstance(planned, int):
        return [0] * planned
    return [
        max(0, day_number(scenario, dt.date(year, 1, 1)))
        for year in sorted(planned)
        for _ in range(planned[year])
    ]


def _activity_arrays(scenario: Scenario, kinds: list[_Kind], network: _Network) -> dict[str, Any]:
    place = {name: index for index, name in enumerate(network.names)}
    done_of_city = [set(city.done) for city in scenario.cities.values()]
    done = [
        kinds[kind].kit == CITY and kinds[kind].name in done_of_city[city]
        for kind, city in zip(network.kind, network.city, strict=True)
    ]
    seen = scenario.observed.work if scenario.observed else {}
    begun = [seen.get(name) for name in network.names]
    finished = [work is not None and work.finished is not None for work in begun]
    elapsed = [
        -1 if work is None or work.finished else (scenario.start - work.started).days
        for work in begun
    ]
    successors: list[list[int]] = [[] for _ in network.names]
    n_before = [0] * len(network.names)
    for index, (name, kind) in enumerate(zip(network.names, network.kind, strict=True)):
        kit_prefix, _, _ = name.rpartition("/")
        city_prefix = kit_prefix.partition("/")[0]
        for reference in dict.fromkeys(kinds[kind].activity.after):
            kit, _, entry = reference.rpartition(".")
            prefix = {"": kit_prefix, "province": "province", "city": city_prefix}[kit]
            before = place[f"{prefix}/{entry}"]
            if not (done[before] or finished[before]):
                successors[before].append(index)
                n_before[index] += 1
    return {
        "act_kind": _ints(network.kind),
        "act_city": _ints(network.city),
        "act_zone": _ints(network.zone),
        "act_done": np.array(done, dtype=np.bool_),
        "act_finished": np.array(finished, dtype=np.bool_),
        "act_elapsed": _ints(elapsed),
        "act_n_before": _ints(n_before),
        "after_first": _first_places([len(entries) for entries in successors]),
        "after_act": _ints(index for entries in successors for index in entries),
        "duration_stream": _streams(f"{name}/duration" for name in network.names),
        "cost_stream": _streams(f"{name}/cost" for name in network.names),
        "acceptance_stream": _streams(f"{name}/acceptance" for name in network.names),
        "city_act_first": _ints(network.city_act_first),
        "zone_city": _ints(network.zone_city),
        "zone_number": _ints(network.zone_number),
        "zone_stage_day": _ints(network.zone_stage_day),
        "zone_act_first": _ints(network.zone_act_first),
        "city_zone_first": _ints(network.city_zone_first),
    }


def _list_pools(scenario: Scenario) -> list[tuple[str, int, Capacity]]:
    pools: list[tuple[str, int, Capacity]] = []
    for number, (name, resource) in enumerate(scenario.resources.items()):
        if resource.scope == "province":
            pools.append((f"province/{name}", number, resource.capacity))
        else:
            pools += [
                (f"{city}/{name}", number, resource.per_city.get(city, resource.capacity))
                for city in scenario.cities
            ]
    return pools


def _steps(scenario: Scenario, capacity: Capacity) -> list[tuple[int, int]]:
    """Return (day, posts) in time order, the first at day 0; of one day the last listed holds."""
    if isinstance(capacity, int):
        return [(0, capacity)]
    steps = [(day_number(scenario, step.from_), step.posts) for step in capacity]
    steps.sort(key=lambda step: step[0])
    begun = [posts for day, posts in steps if day <= 0]
    return [(0, begun[-1] if begun else 0), *((day, posts) for day, posts in steps if day > 0)]


def _post_arrays(scenario: Scenario, pools: list[tuple[str, int, Capacity]]) -> dict[str, Any]:
    steps = [_steps(scenario, capacity) for _, _, capacity in pools]
    n_posts = [max(posts for _, posts in entries) for entries in steps]
    posts = [
        f"{name}/post-{number}"
        for (name, _, _), count in zip(pools, n_posts, strict=True)
        for number in range(1, count + 1)
    ]
    pool_of = np.full((len(scenario.resources), len(scenario.cities) + 1), -1, dtype=np.int64)
    for index, (name, resource, _) in enumerate(pools):
        owner = name.partition("/")[0]
        if owner == "province":
            pool_of[resource, :] = index
        else:
            pool_of[resource, 1 + list(scenario.cities).index(owner)] = index
    later = [(pool, posts) for pool, entries in enumerate(steps) for _, posts in entries[1:]]
    return {
        "pool_of": pool_of,
        "pool_resource": _ints(resource for _, resource, _ in pools),
        "pool_capacity": _ints(entries[0][1] for entries in steps),
        "pool_post_first": _first_places(n_posts),
        "departure_stream": _streams(f"{post}/departure" for post in posts),
        "replacement_stream": _streams(f"{post}/replacement" for post in posts),
        "step_pool": _ints(pool for pool, _ in later),
        "step_posts": _ints(count for _, count in later),
    }


def _money_arrays(scenario: Scenario, labels: Labels) -> dict[str, Any]:
    upkeep = scenario.upkeep.paid_by if scenario.upkeep else {}
    horizon_day = day_number(scenario, scenario.horizon)
    return {
        "release_share": _ints(scenario.accounts.release.values()),
        "common_shock_stream": _streams(f"common/account-{year}/shock" for year in labels.years),
        "own_shock_stream": _streams(
            f"{account}/account-{year}/shock"
            for account in labels.accounts
            for year in labels.years
        ).reshape(len(labels.accounts), len(labels.years)),
        "spent_before": _ints(_spent_before(scenario)),
        "upkeep_payer": _ints(PROVINCE if payer == "province" else CITY for payer in upkeep),
        "upkeep_share": _ints(upkeep.values()),
        "year_day": _ints(day_number(scenario, dt.date(year, 1, 1)) for year in labels.years),
        "year_of_day": _ints(
            (scenario.start + dt.timedelta(days=day)).year - scenario.start.year
            for day in range(horizon_day + 1)
        ),
    }


def _spent_before(scenario: Scenario) -> list[int]:
    if scenario.observed is None:
        return [0] * (1 + len(scenario.cities))
    spent = scenario.observed.spent
    return [spent.province, *(spent.cities.get(city, 0) for city in scenario.cities)]


def _cycle_arrays(scenario: Scenario, labels: Labels) -> dict[str, Any]:
    evaluation = scenario.evaluation
    cycles = [evaluation.cycles[year] for year in labels.cycles]
    months = [(cycle.slip or evaluation.calendar.slip).months for cycle in cycles]

    def slipped(days: Iterable[dt.date]) -> IntArray:
        return _ints(
            day_number(scenario, add_months(day, count))
            for day, count in zip(days, months, strict=True)
        )

    def of_cycle(what: str) -> StreamArray:
        return _streams(f"cycle-{year}/{what}" for year in labels.cycles)

    def of_city_and_cycle(what: str) -> StreamArray:
        names = (f"{city}/cycle-{year}/{what}" for city in labels.cities for year in labels.cycles)
        return _streams(names).reshape(len(labels.cities), len(labels.cycles))

    return {
        "cycle_evidence_day": _ints(day_number(scenario, c.evidence_closes) for c in cycles),
        "cycle_award_day": _ints(day_number(scenario, c.award) for c in cycles),
        "cycle_slipped_evidence_day": slipped(c.evidence_closes for c in cycles),
        "cycle_slipped_award_day": slipped(c.award for c in cycles),
        "cancelled_stream": of_cycle("cancelled"),
        "slip_stream": of_cycle("slip"),
        "strictness_stream": of_cycle("strictness"),
        "noise_stream": of_city_and_cycle("noise"),
        "cap_stream": of_city_and_cycle("cap"),
        "background_stream": of_city_and_cycle("background"),
    }


def _window_days(scenario: Scenario, windows: list[tuple[int, int]]) -> BoolArray:
    n_days = day_number(scenario, scenario.horizon) + 1
    dates = [scenario.start + dt.timedelta(days=day) for day in range(n_days)]
    day_of_year = _ints(day.month * 100 + day.day for day in dates)
    rows = [
        (day_of_year >= first) & (day_of_year <= last)
        if first <= last
        else (day_of_year >= first) | (day_of_year <= last)
        for first, last in windows
    ]
    return np.array(rows, dtype=np.bool_).reshape(len(windows), n_days)


def _agenda_arrays(
    scenario: Scenario, windows: list[tuple[int, int]], network: _Network, labels: Labels
) -> dict[str, Any]:
    """List what the calendar brings in every replication; slips, awards, departures come later."""
    agenda: list[tuple[int, int, int]] = []
    release = scenario.accounts.release
    for place, year in enumerate(labels.years):
        agenda.append((max(0, day_number(scenario, dt.date(year, 1, 1))), YEAR, place))
        for tranche, day_of_year in enumerate(release):
            day = max(0, day_number(scenario, _day_in_year(year, day_of_year)))
            agenda.append((day, RELEASE, place * len(release) + tranche))
    steps = [
        day for _, _, capacity in _list_pools(scenario) for day, _ in _steps(scenario, capacity)[1:]
    ]
    agenda += [(day, CAPACITY, number) for number, day in enumerate(steps)]
    agenda += [(day, STAGE, zone) for zone, day in enumerate(network.zone_stage_day)]
    window_open = _window_days(scenario, windows)
    agenda += [
        (int(day) + 1, WINDOW, number)
        for number, row in enumerate(window_open)
        for day in np.flatnonzero(np.diff(row))
    ]
    cycles = [scenario.evaluation.cycles[year] for year in labels.cycles]
    agenda += [
        (day_number(scenario, cycle.evidence_closes), EVIDENCE, number)
        for number, cycle in enumerate(cycles)
    ]
    horizon_day = day_number(scenario, scenario.horizon)
    agenda = sorted(entry for entry in agenda if entry[0] <= horizon_day)
    return {
        "window_open": window_open,
        "agenda_day": _ints(day for day, _, _ in agenda),
        "agenda_item": _ints(item for _, item, _ in agenda),
        "agenda_number": _ints(number for _, _, number in agenda),
    }


def closes_gap_of(activity: Activity) -> dict[int, float]:
    """Return the share of each group's gap that an activity closes, by group number."""
    if not isinstance(activity, WideActivity):
        return {}
    return {GROUPS.index(group): share for group, share in activity.closes_gap.items()}

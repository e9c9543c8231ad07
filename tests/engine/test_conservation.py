"""Nothing appears or vanishes: money, post-days and waits add up in any plan, and rules are kept.

Random plans with chance in every part; all is computed again from the attempts of the trace and the
scenario, not from the engine's own books.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from plans import city, filled_days, scenario

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import trace
from kla_sim.engine.reference.trace import Attempt
from kla_sim.engine.replications import Replications
from kla_sim.scenario.model import Scenario, Window

EXAMPLES = settings(max_examples=60, deadline=None)
START = dt.date(2022, 11, 14)
HORIZON = dt.date(2024, 6, 30)
VACANCY = (10, 100)  # days
N_DAYS = (HORIZON - START).days + 1
POOLS = {"staff": "city", "trainers": "province"}


@st.composite
def plans(draw: Any) -> Scenario:
    """Return a plan of two cities in which days, costs, checks, posts and money are chance."""
    kits = {
        "province": draw(kit("p", [], 2)),
        "city": draw(kit("c", ["province.p0"], 2)),
        "zone": draw(kit("z", ["province.p0", "city.c0"], 4)),
    }
    for name in kits["zone"]:
        kits["zone"][name]["launches"] = draw(st.booleans())
    cities = {
        name: city(
            zones={
                "existing": draw(st.integers(0, 1)),
                "planned": {2022: 1, 2023: draw(st.integers(0, 2)), 2024: 1},
            },
            multipliers={"duration": draw(st.sampled_from([0.8, 1.3])), "cost": 1.1},
        )
        for name in ("satu", "dua")
    }
    return scenario(
        start=str(START),
        horizon=str(HORIZON),
        cities=cities,
        resources={name: draw(pool(scope)) for name, scope in POOLS.items()},
        accounts=draw(accounts()),
        work=kits,
        upkeep={"per_zone": 97, "paid_by": {"city": "50%", "province": "50%"}},
        learning={"rate": 0.9, "floor": 0.6, "transfer": 0.3},
        policy={
            "priority": draw(st.sampled_from(["listed", "fewest_started_first"])),
            "wip_limit": draw(st.sampled_from([None, 1, 2])),
        },
    )


def kit(letter: str, wider: list[str], n_most: int) -> Any:
    """Return activities of one kit, each after some of those before it and of wider ones."""

    @st.composite
    def drawn(draw: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number in range(draw(st.integers(1, n_most))):
            possible = [*wider, *found]
            found[f"{letter}{number}"] = draw(activity(possible, is_wide=letter == "p"))
        return found

    return drawn()


@st.composite
def activity(draw: Any, possible: list[str], *, is_wide: bool) -> dict[str, Any]:
    days = draw(st.sampled_from([3, {"low": 5, "likely": 20, "high": 60}]))
    payers = ["province"] if is_wide else ["province", "city"]
    needs = ["trainers"] if is_wide else ["staff", "trainers"]
    split = draw(st.sampled_from([3333, 5000, 10_000])) if len(payers) == 2 else 10_000
    shares = {payers[0]: f"{split / 100}%", payers[-1]: f"{(10_000 - split) / 100}%"}
    return {
        "duration": days,
        "after": draw(st.lists(st.sampled_from(possible), max_size=2)) if possible else [],
        "needs": {name: draw(st.integers(0, 2)) for name in needs if draw(st.booleans())},
        "cost": draw(st.sampled_from([0, 101, {"low": 50, "likely": 200, "high": 900}])),
        "paid_by": shares if split < 10_000 else {"province": "100%"},
        "success": draw(st.sampled_from([1.0, 0.6, 0.05])),
        "rework": 0.5,
        "rank": draw(st.integers(-1, 1)),
        **draw(st.sampled_from([{}, {}, {"window": {"from": "1 November", "to": "20 Februari"}}])),
    }


@st.composite
def pool(draw: Any, scope: str) -> dict[str, Any]:
    first, later = draw(st.integers(1, 3)), draw(st.integers(0, 3))
    return {
        "scope": scope,
        "capacity": [
            {"from": "2022-01-01", "posts": first},
            {"from": "2023-07-01", "posts": later},
        ],
        "turnover": draw(st.sampled_from([0, 2])),
        "replacement": {"distribution": "uniform", "low": VACANCY[0], "high": VACANCY[1]},
    }


@st.composite
def accounts(draw: Any) -> dict[str, Any]:
    def amounts() -> dict[int, int]:
        return {year: draw(st.integers(0, 4000)) for year in (2022, 2023, 2024)}

    return {
        "province": amounts(),
        "cities": {"satu": amounts(), "dua": amounts()},
        "release": {"1 Februari": "33.33%", "1 Oktober": "46.67%", "1 Juni": "20%"},
        "lapse": draw(st.sampled_from(["0%", "33.33%", "100%"])),
        "shock": {"common": 0.1, "own": 0.2},
    }


class Future(NamedTuple):
    scenario: Scenario
    replication: int
    result: Replications
    attempts: dict[str, list[Attempt]]
    complete: dict[str, int]  # day
    given_up: dict[str, int]  # day


def future_of(plan: Scenario, replication: int) -> Future:
    compiled = compile_plan(plan, 1)
    result, log = trace(compiled, replication)
    ends: dict[str, dict[str, int]] = {"complete": {}, "given_up": {}}
    for event in log.events:
        if event.what in ends:
            ends[event.what][event.subject] = event.day
    attempts = dict(zip(compiled.labels.activities, log.attempts, strict=True))
    return Future(plan, replication, result, attempts, ends["complete"], ends["given_up"])


def entry(plan: Scenario, name: str) -> Any:
    prefix, _, key = name.rpartition("/")
    work = plan.work
    kits = {"province": work.province}.get(prefix) or (work.zone if "/" in prefix else work.city)
    return kits[key]


def predecessors(plan: Scenario, name: str) -> list[str]:
    prefix = name.rpartition("/")[0]
    wider = {"": prefix, "province": "province", "city": prefix.partition("/")[0]}
    found = []
    for reference in entry(plan, name).after:
        where, _, key = reference.rpartition(".")
        found.append(f"{wider[where]}/{key}")
    return found


def first_possible_day(future: Future, name: str) -> int | None:
    """Return the day from which work was ready, None = never."""
    days = [future.complete.get(one, -1) for one in predecessors(future.scenario, name)]
    if -1 in days:
        return None
    stage = stage_day(future.scenario, name)
    ready = max([0, *days] if stage is None else [0, stage, *days])
    return ready if ready < N_DAYS else None


def stage_day(plan: Scenario, name: str) -> int | None:
    if "zone-" not in name:
        return None
    owner, zone, _ = name.split("/")
    planned = plan.cities[owner].zones.planned
    years = [year for year in sorted(planned) for _ in range(planned[year])]
    return (dt.date(years[int(zone[5:]) - 1], 1, 1) - START).days


def contains(window: Window, day: int) -> bool:
    date = START + dt.timedelta(days=day)
    here = date.month * 100 + date.day
    if window.from_ <= window.to:
        return window.from_ <= here <= window.to
    return here >= window.from_ or here <= window.to


futures = st.builds(future_of, plans(), st.integers(0, 1000))


@EXAMPLES
@given(futures)
def test_money_is_held_spent_or_lapsed(future):
    result, plan = future.result, future.scenario
    lapse = plan.accounts.lapse
    for account in range(3):
        held = 0
        for year in range(3):
            released, spent, lapsed, now = (
                int(array[0, account, year])
                for array in (result.released, result.spent, result.lapsed, result.held)
            )
            unspent = held + released - spent
            assert unspent >= 0
            assert lapsed == (unspent * lapse // 10_000 if year < 2 else 0)
            assert now == unspent - lapsed
            held = now
    # every tranche of 2022 and 2023 is released; in 2024 all but the second listed, of 1 October
    assert (result.released[0, :, :2] == result.appropriated[0, :, :2]).all()
    for account in range(3):
        amount = int(result.appropriated[0, account, 2])
        assert int(result.released[0, account, 2]) == amount - amount * 4667 // 10_000


@EXAMPLES
@given(futures)
def test_what_is_spent_is_the_cost_of_attempts_and_whole_upkeeps(future):
    spent = int(future.result.spent.sum())
    cost = sum(one.cost for attempts in future.attempts.values() for one in attempts)
    assert spent >= cost
    assert (spent - cost) % 97 == 0


@EXAMPLES
@given(futures)
def test_post_days_at_work_are_those_of_the_attempts(future):
    plan, result = future.scenario, future.result
    busy = {"province/trainers": 0, "satu/staff": 0, "dua/staff": 0}
    for name, attempts in future.attempts.items():
        days = sum(min(one.finish, N_DAYS) - one.start for one in attempts)
        for resource, units in entry(plan, name).needs.items():
            owner = "province" if POOLS[resource] == "province" else name.partition("/")[0]
            busy[f"{owner}/{resource}"] += units * days
    pools = compile_plan(plan, 1).labels.pools
    assert dict(zip(pools, result.busy_days[0].tolist(), strict=True)) == busy
    for place, pool_name in enumerate(pools):
        capacity = [capacity_on(plan, pool_name.rpartition("/")[2], day) for day in range(N_DAYS)]
        posts = result.filled_days[0, place] + result.vacant_days[0, place]
        assert posts == sum(capacity)
        if plan.resources[pool_name.rpartition("/")[2]].turnover == 0:
            assert result.vacant_days[0, place] == 0


def capacity_on(plan: Scenario, resource: str, day: int) -> int:
    first, later = plan.resources[resource].capacity
    return (later if START + dt.timedelta(days=day) >= later.from_ else first).posts


@EXAMPLES
@given(futures)
def test_no_start_takes_more_posts_than_are_within_capacity_and_filled(future):
    plan = future.scenario
    use: dict[tuple[str, str], list[int]] = {}
    started: set[tuple[str, str, int]] = set()
    for name, attempts in future.attempts.items():
        for resource, units in entry(plan, name).needs.items():
            owner = "province" if POOLS[resource] == "province" else name.partition("/")[0]
            days = use.setdefault((owner, resource), [0] * N_DAYS)
            for one in attempts:
                for day in range(one.start, min(one.finish, N_DAYS)):
                    days[day] += units
                if units:
                    started.add((owner, resource, one.start))
    working = {(owner, resource): working_posts(future, owner, resource) for owner, resource in use}
    for owner, resource, day in started:
        assert use[owner, resource][day] <= working[owner, resource][day]
    pools = compile_plan(plan, 1).labels.pools
    for (owner, resource), posts in working.items():
        place = pools.index(f"{owner}/{resource}")
        assert sum(posts) == future.result.filled_days[0, place]


def working_posts(future: Future, owner: str, resource: str) -> list[int]:
    """Return for each day how many posts are within capacity and filled."""
    pool = future.scenario.resources[resource]
    filled = [
        filled_days(
            f"{owner}/{resource}/post-{k}", N_DAYS, future.replication, pool.turnover, VACANCY
        )
        for k in range(1, 4)
    ]
    return [
        sum(bool(days[day]) for days in filled[: capacity_on(future.scenario, resource, day)])
        for day in range(N_DAYS)
    ]


@EXAMPLES
@given(futures)
def test_starts_keep_order_window_stage_and_the_attempts_before(future):
    for name, attempts in future.attempts.items():
        if not attempts:
            assert name not in future.complete
            continue
        ready = first_possible_day(future, name)
        assert ready is not None
        for one in attempts:
            assert one.start >= ready
            assert one.finish > one.start
            ready = one.finish
        window = entry(future.scenario, name).window
        assert window is None or all(contains(window, one.start) for one in attempts)
        assert len(attempts) <= 20
        if name in future.complete:
            assert future.complete[name] == attempts[-1].finish
        if name in future.given_up:
            assert len(attempts) == 20


@EXAMPLES
@given(futures)
def test_given_up_work_holds_back_all_that_waits_for_it_and_nothing_else(future):
    names = set(future.attempts)
    for name in names:
        before = predecessors(future.scenario, name)
        if any(one in future.given_up for one in before):
            assert name in future.given_up
        elif name in future.given_up:
            assert len(future.attempts[name]) == 20


@EXAMPLES
@given(futures)
def test_waits_add_up_to_the_days_between_ready_and_start(future):
    expected = dict.fromkeys(("province", "satu", "dua"), 0)
    for name, attempts in future.attempts.items():
        ready = first_possible_day(future, name)
        if ready is None or (name in future.given_up and not attempts):
            continue
        owner = name.partition("/")[0]
        for one in attempts:
            expected[owner] += one.start - ready
            ready = one.finish
        if name not in future.complete and name not in future.given_up and ready < N_DAYS:
            expected[owner] += N_DAYS - ready
    waits = future.result.wait_days[0].sum(axis=1)
    assert waits.tolist() == list(expected.values())


@EXAMPLES
@given(futures)
def test_zones_in_progress_stay_within_the_limit(future):
    limit = future.scenario.policy.wip_limit or 100
    zones: dict[str, list[str]] = {}
    for name in future.attempts:
        if "zone-" in name:
            zones.setdefault(name.rpartition("/")[0], []).append(name)
    progress = {owner: [0] * N_DAYS for owner in ("satu", "dua")}
    for zone, names in zones.items():
        starts = [future.attempts[name][0].start for name in names if future.attempts[name]]
        ends = [future.complete.get(name, future.given_up.get(name, N_DAYS)) for name in names]
        for day in range(min(starts, default=N_DAYS), min(max(ends), N_DAYS)):
            progress[zone.partition("/")[0]][day] += 1
    for days in progress.values():
        assert max(days) <= limit


@EXAMPLES
@given(futures)
def test_launches_and_dormant_days_are_those_of_the_zones(future):
    plan, result = future.scenario, future.result
    saying = [name for name, activity in plan.work.zone.items() if activity.launches]
    for place, (owner, here) in enumerate(plan.cities.items()):
        n_planned = sum(here.zones.planned.values())
        launched = [
            max(future.complete.get(f"{owner}/zone-{k}/{name}", N_DAYS) for name in saying)
            for k in range(1, n_planned + 1)
            if saying
        ]
        years = [(START + dt.timedelta(days=day)).year for day in launched if day < N_DAYS]
        counted = [years.count(year) for year in (2022, 2023, 2024)]
        assert result.launches[0, place].tolist() == counted
        owing = here.zones.existing * 2 + sum(2024 - year for year in years)
        assert 0 <= result.dormant_days[0, place] <= 365 * owing

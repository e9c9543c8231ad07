"""Worlds begun once for plans that begin alike: never another number than in a plan made afresh."""

import datetime as dt
from functools import cache

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine import beginnings
from kla_sim.engine.beginnings import before_start
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.paths import with_changes
from kla_sim.scenario.relief import reliefs
from kla_sim.scenario.shipped import shipped_scenario

MUCH = 9_000_000_000
BARAT = "cities/jakarta_barat"
LATER = {
    "accounts/province/2023": MUCH,
    f"accounts/{BARAT}/2023": MUCH,
    "resources/facilitators/capacity": 9,
    "resources/facilitators/turnover": 0.5,
    "policy/priority": "lowest_score_first",
    "policy/wip_limit": 9,
    f"{BARAT}/zones/planned/2023": 1,
    f"{BARAT}/multipliers/cost": 2.0,
    f"{BARAT}/population": 1000,
    f"{BARAT}/districts": 9,
    "work/zone/site/duration": 9,
    "work/province/perda/closes_gap/institutions": 0.3,
    "effects/integration": 0.3,
    "learning/rate": 1.0,
    "evaluation/calendar/cancelled": 0.5,
    "evaluation/cycles/2024/award": dt.date(2024, 8, 1),
    "target/category": "nindya",
    "uncertain/learning.rate/low": 0.85,
    "uncertain/accounts.province.*/low": 0.1,
}
"""What no draw of the start looks at."""

BEFORE = {
    "start": dt.date(2022, 11, 15),
    f"{BARAT}/baseline/score": 721.0,
    f"{BARAT}/baseline/history/2022": "madya",
    f"{BARAT}/award/category": "madya",
    f"{BARAT}/status": "kabupaten",
    f"{BARAT}/on_java": False,
    f"{BARAT}/province": "Banten",
    "background/posterior": "2025",
    "categories/nindya": 710.0,
    "evaluation/noise": 3.0,
    "evaluation/claimed_ratio": 0.9,
    "uncertain/evaluation.stage_error.ministry.spread/high": 70.0,
}
"""What the worlds are drawn from."""


@cache
def read():
    return load_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=5"])


def read_with(changes, path):
    """Return the scenario with one value of a list above."""
    return with_changes(read(), {tuple(path.split("/")): lambda _: changes[path]})


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Begin each test with nothing kept."""
    monkeypatch.setattr(beginnings, "_kept", {})


@pytest.fixture
def drawn(monkeypatch):
    """Return a list to which every world drawn is added."""
    numbers, draw = [], beginnings.draw_world

    def draw_and_note(scenario, row, seed, world):
        numbers.append(world)
        return draw(scenario, row, seed, world)

    monkeypatch.setattr(beginnings, "draw_world", draw_and_note)
    return numbers


def bytes_of(part):
    """Return all numbers of a plan, to the bit."""
    if isinstance(part, np.ndarray):
        return (part.dtype.str, part.shape, part.tobytes())
    return [bytes_of(one) for one in part] if isinstance(part, tuple | list) else repr(part)


def afresh(scenario, seed=1, **how):
    beginnings._kept.clear()
    return compile_plan(scenario, seed, **how)


@pytest.mark.parametrize("change", LATER)
def test_a_change_of_what_comes_later_begins_like_the_plan_before(change, drawn):
    compile_plan(read(), 1)
    changed = read_with(LATER, change)
    plan = compile_plan(changed, 1)
    assert drawn == [0, 1, 2, 3, 4]
    assert bytes_of(plan) == bytes_of(afresh(changed))


@pytest.mark.parametrize("change", BEFORE)
def test_a_change_of_what_came_before_is_drawn_anew(change, drawn):
    base = compile_plan(read(), 1)
    changed = read_with(BEFORE, change)
    plan = compile_plan(changed, 1)
    assert drawn == [0, 1, 2, 3, 4] * 2
    assert bytes_of(plan) == bytes_of(afresh(changed))
    assert bytes_of(plan) != bytes_of(base)


def test_plans_with_one_thing_relieved_begin_alike(drawn):
    scenario = read()
    compile_plan(scenario, 1)
    for relief in reliefs(scenario):
        plan = compile_plan(relief.scenario, 1)
        assert drawn == [0, 1, 2, 3, 4]
        assert bytes_of(plan) == bytes_of(afresh(relief.scenario))
        drawn[5:] = []


def test_a_world_depends_on_the_seed_and_its_number(drawn):
    scenario = read()
    compile_plan(scenario, 1)
    later = compile_plan(scenario, 1, first_world=3)
    other = compile_plan(scenario, 2)
    central = compile_plan(scenario, 1, central=True)
    assert drawn == [0, 1, 2, 3, 4, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, None]
    assert bytes_of(later) == bytes_of(afresh(scenario, first_world=3))
    assert bytes_of(other) == bytes_of(afresh(scenario, 2))
    assert bytes_of(central) == bytes_of(afresh(scenario, central=True))


OBSERVED = """
extends: shipped:kaltara_2022
schema_version: 1
name: Sudah berjalan
worlds: 5
observed:
  date: 2023-09-01
  launched: {jakarta_pusat: {1: 2023-05-01}}
  awards: {2023: {jakarta_pusat: madya, jakarta_utara: utama}}
"""


def test_zones_observed_are_a_part_of_what_came_before(tmp_path, drawn):
    path = tmp_path / "berjalan.yaml"
    path.write_text(OBSERVED, encoding="utf-8")
    compile_plan(load_scenario(path), 1)
    for change, n_drawn in {
        "accounts.province.2024=9 miliar": 5,
        "work.zone.site.duration=9": 5,
        "cities.jakarta_pusat.districts=9": 10,
        "observed.launched.jakarta_pusat.1=2023-08-01": 15,
        "effects.integration=0.3": 20,
    }.items():
        changed = load_scenario(path, overrides=[change])
        plan = compile_plan(changed, 1)
        assert len(drawn) == n_drawn
        kept = dict(beginnings._kept)
        assert bytes_of(plan) == bytes_of(afresh(changed))
        del drawn[n_drawn:]
        beginnings._kept.update(kept)


def test_no_more_than_the_latest_beginnings_are_kept(drawn):
    base = read()
    compile_plan(base, 1)
    for seed in range(2, 9):
        compile_plan(read(), seed)
        compile_plan(base, 1)
    assert len(beginnings._kept) == 4
    assert len(drawn) == 8 * 5


def test_a_draw_that_asks_for_what_comes_later_finds_nothing():
    before = before_start(read())
    assert (before.accounts, before.policy, before.work) == (None, None, None)
    assert list(before.uncertain) == [
        "evaluation.stage_error.ministry.bias",
        "evaluation.stage_error.ministry.spread",
        "evaluation.stage_error.*.silent",
    ]


CITY_LATER = ("name", "population", "multipliers", "done", "zones.planned")
TOP_LATER = {
    "name", "horizon", "target", "worlds", "resources", "accounts", "upkeep", "learning", "policy",
    "attainment_claim", "sources", "assumptions", "waive", "levers", "evaluation.calendar",
}  # fmt: skip


def emptied(part, path=()):
    """Yield the paths of a scenario that hold nothing."""
    if part is None:
        yield ".".join(map(str, path))
    elif isinstance(part, dict):
        for key, inside in part.items():
            yield from emptied(inside, (*path, key))
    elif fields := getattr(type(part), "model_fields", {}):
        for key in fields:
            yield from emptied(getattr(part, key), (*path, key))


def taken_away(plan):
    return set(emptied(before_start(plan))) - set(emptied(plan))


def test_all_that_comes_later_is_taken_away_and_nothing_else():
    plan = small(learning=LEARNING)
    expected = {"work", "effects", "indicators", "evaluation.cycles"}
    expected |= {f"cities.kota.{key}" for key in (*CITY_LATER, "districts", "zones.existing")}
    assert taken_away(plan) == (TOP_LATER | expected) - set(emptied(plan))


def test_what_was_observed_is_told_by_work_and_zones_that_stand():
    of_work = (
        "name", "duration", "after", "needs", "cost", "paid_by", "window", "success", "rework",
        "rank",
    )  # fmt: skip
    seen = {"date": "2023-06-01", "spent": {"province": 5}, "awards": {2023: {"kota": "madya"}}}
    plan = small(observed=seen, learning=LEARNING)
    expected = {f"evaluation.cycles.2023.{key}" for key in ("cancelled", "slip", "award")}
    expected |= {f"work.city.{act}.{key}" for act in "ab" for key in of_work}
    expected |= {"observed.spent"}
    expected |= {f"cities.kota.{key}" for key in CITY_LATER}
    assert taken_away(plan) == (TOP_LATER | expected) - set(emptied(plan))


LEARNING = {"rate": 0.9, "floor": 0.5}
A = {
    "name": "Kegiatan",
    "duration": 1,
    "after": ["b"],
    "needs": {"staff": 1},
    "cost": 1,
    "paid_by": {"city": "100%"},
    "window": {"from": "1 Maret", "to": "1 Mei"},
}


def small(**changes):
    """Return a plan that begins in a moment: one city, whose score is not known for sure."""
    slip = {"chance": "10%", "months": 2}
    dates = {"evidence_closes": "2023-02-01", "award": "2023-05-01"}
    cycles = {2023: {**dates, "slip": slip, "cancelled": "5%"}}
    return scenario(
        cities={"kota": city(baseline={"score": 650.0, "sd": 20.0}, name="Kota")},
        worlds=3,
        resources={"staff": {"scope": "city", "capacity": 1}},
        work={"city": {"a": A, "b": {"duration": 1}}},
        evaluation={"one_step_up": "100%", "cycles": cycles},
        **changes,
    )


def test_small_plans_that_begin_alike_are_drawn_once(drawn):
    first = compile_plan(small(), 1)
    again = compile_plan(small(learning=LEARNING), 1)
    assert drawn == [0, 1, 2]
    assert [world.gap[0] for world in again.worlds] == [world.gap[0] for world in first.worlds]
    other = compile_plan(small(), 2)
    compile_plan(small(), 1, first_world=1)
    assert drawn == [0, 1, 2, 0, 1, 2, 1, 2, 3]
    assert other.worlds[0].gap[0] != first.worlds[0].gap[0]
    for seed in (3, 1, 4, 1, 5, 1, 2):  # the first is asked for again and again, the second not
        compile_plan(small(), seed)
    assert drawn[9:] == [0, 1, 2] * 4


def test_unknowns_of_what_comes_later_are_taken_away_with_it():
    unknown = {"by": "factor", "low": 0.9, "likely": 1.0, "high": 1.2}
    uncertain = {"learning.rate": unknown, "cities.kota.baseline.sd": unknown}
    plan = small(learning=LEARNING, uncertain=uncertain)
    assert list(before_start(plan).uncertain) == ["cities.kota.baseline.sd"]


def test_a_world_keeps_the_row_that_it_chose_and_is_drawn_under_it(monkeypatch):
    monkeypatch.setattr(beginnings, "row_of", lambda _, seed, world: (seed, world))
    monkeypatch.setattr(beginnings, "under_law", lambda scenario, row: (scenario, row))
    monkeypatch.setattr(beginnings, "draw_world", lambda here, *numbers: (here[1], *numbers))
    found = beginnings.begin_worlds(small(), 9, range(2, 4))
    assert found == [((9, world), ((9, world), (9, world), 9, world)) for world in (2, 3)]

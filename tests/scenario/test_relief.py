"""One thing relieved at a time: what changes in the plan, and nothing else."""

import pytest

from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.relief import reliefs
from kla_sim.scenario.shipped import shipped_scenario

PLAN = read_scenario(shipped_scenario("kaltara_2022")).scenario
FOUND = {(relief.kind, relief.subject): relief.scenario for relief in reliefs(PLAN)}


def changed(relieved):
    """Return the top keys in which a relieved plan differs, the uncertainties left out."""
    old, new = PLAN.model_dump(), relieved.model_dump()
    return {key for key in old if key != "uncertain" and old[key] != new[key]}


def test_every_account_and_every_pool_is_relieved_alone():
    accounts = {subject for kind, subject in FOUND if kind == "account"}
    assert accounts == {"accounts.province", *(f"accounts.cities.{city}" for city in PLAN.cities)}
    assert {subject for kind, subject in FOUND if kind == "pool"} == set(PLAN.resources)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("turnover", {"resources"}), ("rework", {"work"}), ("windows", {"work"}),
        ("wip_limit", {"policy"}), ("calendar", {"evaluation"}), ("upkeep", {"upkeep"}),
        ("earlier", {"cities"}), ("effects", {"effects"}),
    ],
)  # fmt: skip
def test_a_relief_changes_its_own_part_only(kind, keys):
    assert changed(FOUND[kind, ""]) == keys


def test_an_account_gets_a_quarter_more_every_year_and_stays_as_uncertain():
    relieved = FOUND["account", "accounts.cities.jakarta_selatan"]
    for year, amount in PLAN.accounts.cities["jakarta_selatan"].items():
        more = relieved.accounts.cities["jakarta_selatan"][year]
        assert more == round(amount * 1.25)
    assert relieved.accounts.cities["jakarta_barat"] == PLAN.accounts.cities["jakarta_barat"]
    assert relieved.uncertain == PLAN.uncertain


def test_a_pool_gets_one_post_more_everywhere():
    old, new = (
        PLAN.resources["facilitators"],
        FOUND["pool", "facilitators"].resources["facilitators"],
    )
    assert new.capacity == old.capacity + 1
    assert {city: posts - 1 for city, posts in new.per_city.items()} == old.per_city


def test_steps_of_capacity_all_rise():
    plan = read_scenario(
        shipped_scenario("kaltara_2022"),
        overrides=["resources.facilitators.capacity=[{from: 2022-11-14, posts: 3}, "
                   "{from: 2024-01-01, posts: 4}]"],
    ).scenario  # fmt: skip
    (relieved,) = [
        relief.scenario for relief in reliefs(plan)
        if (relief.kind, relief.subject) == ("pool", "facilitators")
    ]  # fmt: skip
    assert [step.posts for step in relieved.resources["facilitators"].capacity] == [4, 5]


def test_nobody_leaves_and_nothing_fails_or_waits_for_a_window():
    assert all(pool.turnover == 0 for pool in FOUND["turnover", ""].resources.values())
    kits = FOUND["rework", ""].work
    assert {
        work.success for kit in (kits.province, kits.city, kits.zone) for work in kit.values()
    } == {1.0}
    zone = FOUND["windows", ""].work.zone
    assert all(work.window is None for work in zone.values())
    assert any(work.window is not None for work in PLAN.work.zone.values())


def test_a_sure_calendar_is_uncertain_no_longer():
    sure = FOUND["calendar", ""]
    assert sure.evaluation.calendar.cancelled == 0.0
    assert sure.evaluation.calendar.slip.chance == 0.0
    assert not any(pattern.startswith("evaluation.calendar") for pattern in sure.uncertain)
    assert "accounts.province.*" in sure.uncertain


def test_stages_come_a_year_earlier_but_not_before_the_start():
    for city, before in PLAN.cities.items():
        planned, earlier = before.zones.planned, FOUND["earlier", ""].cities[city].zones.planned
        if isinstance(planned, int):
            assert earlier == planned
            continue
        assert sum(earlier.values()) == sum(planned.values())
        assert min(earlier) >= PLAN.start.year
        assert earlier == {year - 1: zones for year, zones in planned.items()}


def test_effects_go_to_the_top_of_their_range():
    best = FOUND["effects", ""]
    high = PLAN.uncertain["effects.integration"].high
    assert best.effects.integration == high
    factor = PLAN.uncertain["effects.services.*"].high
    for group, effect in PLAN.effects.services.items():
        assert best.effects.services[group] == pytest.approx(factor * effect)
    assert not any(pattern.startswith("effects") for pattern in best.uncertain)


def test_what_is_no_lack_is_not_relieved():
    plan = read_scenario(
        shipped_scenario("kaltara_2022"), overrides=["policy.wip_limit=null", "upkeep=null"]
    ).scenario
    kinds = {relief.kind for relief in reliefs(plan)}
    assert not kinds & {"wip_limit", "upkeep"}

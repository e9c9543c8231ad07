"""Two scenarios part by part: what differs, and plans that take some parts of each."""

import pytest

from kla_sim.scenario.loading import digest, read_scenario
from kla_sim.scenario.mixing import changed_blocks, joined, mixed
from kla_sim.scenario.shipped import shipped_scenario

KALTARA = shipped_scenario("kaltara_2022")
BASE = read_scenario(KALTARA)


def changed(*overrides):
    return read_scenario(KALTARA, overrides=overrides)


def effect(scenario):
    """What of a scenario makes its futures."""
    return scenario.model_copy(
        update={
            "name": "", "sources": {}, "assumptions": {}, "waive": {}, "attainment_claim": None
        }
    )  # fmt: skip


def names(blocks):
    return [block.name for block in blocks]


def test_scenarios_that_only_explain_themselves_otherwise_do_not_differ():
    assert changed_blocks(BASE, changed("name=Lain")) == []


def test_each_changed_part_is_a_block_with_its_values_before_and_after():
    other = changed("policy.wip_limit=1", "resources.facilitators.capacity=5")
    blocks = changed_blocks(BASE, other)
    assert names(blocks) == ["resources.facilitators", "policy.wip_limit"]
    (capacity,) = blocks[0].changes
    assert capacity == ("resources.facilitators.capacity", "3", "5")


def test_all_blocks_of_the_second_make_the_second_and_none_the_first():
    other = read_scenario(shipped_scenario("half_the_money"))
    blocks = changed_blocks(BASE, other)
    assert blocks
    whole, none = mixed(BASE, other, blocks), mixed(BASE, other, [])
    assert digest(effect(whole)) == digest(effect(other.scenario))
    assert digest(effect(none)) == digest(effect(BASE.scenario))


def test_one_block_changes_its_own_values_only():
    other = changed("policy.wip_limit=1", "resources.facilitators.capacity=5")
    staff, _limit = changed_blocks(BASE, other)
    half = mixed(BASE, other, [staff])
    assert (
        half.resources["facilitators"].capacity == other.scenario.resources["facilitators"].capacity
    )
    assert half.policy == BASE.scenario.policy


def test_what_only_one_scenario_gives_is_added_and_removed():
    other = changed("resources.translators={scope: city, capacity: 1}")
    (block,) = changed_blocks(BASE, other)
    assert block.name == "resources.translators"
    assert {change.before for change in block.changes} == {None}
    assert "translators" in mixed(BASE, other, [block]).resources
    (back,) = changed_blocks(other, BASE)
    assert "translators" not in mixed(other, BASE, [back]).resources


def test_a_mixture_that_breaks_a_rule_is_none():
    other = changed(
        "resources.translators={scope: city, capacity: 1}",
        "work.city.talks={duration: 3 minggu, needs: {translators: 1}}",
    )
    translators, talks = changed_blocks(BASE, other)
    assert (translators.name, talks.name) == ("resources.translators", "work.city")
    assert mixed(BASE, other, [talks]) is None
    assert mixed(BASE, other, [translators, talks]) is not None


def test_more_than_six_parts_are_taken_together():
    other = changed(
        *(f"cities.{city}.multipliers.cost=1.11" for city in BASE.scenario.cities),
        "policy.wip_limit=1",
    )
    assert sorted(names(changed_blocks(BASE, other))) == ["cities", "policy"]


def test_joined_blocks_stand_where_the_earlier_stood():
    other = changed("policy.wip_limit=1", "resources.facilitators.capacity=5", "worlds=3")
    blocks = changed_blocks(BASE, other)
    both = joined(blocks, 2, 0)
    assert len(both) == len(blocks) - 1
    assert both[0].name == f"{blocks[0].name}, {blocks[2].name}"
    assert both[0].changes == blocks[0].changes + blocks[2].changes


@pytest.mark.parametrize("value", ["3 minggu", "{low: 2 minggu, likely: 3 minggu, high: 5 minggu}"])
def test_a_value_that_becomes_a_mapping_is_replaced_whole(value):
    other = changed(f"work.zone.site.duration={value}")
    blocks = changed_blocks(BASE, other)
    duration = mixed(BASE, other, blocks).work.zone["site"].duration
    assert duration == other.scenario.work.zone["site"].duration

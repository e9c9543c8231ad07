"""Levers: what they admit, what a choice makes of the plan, and how a wrong one is told."""

import os
import random
from pathlib import Path

import pytest

from kla_sim.errors import ScenarioError, UsageError
from kla_sim.scenario.candidates import Space, candidate_of
from kla_sim.scenario.lint import lint_loaded
from kla_sim.scenario.loading import digest, read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.scenario.variants import variant_text, write_new

PLAN = Path(__file__).parents[1] / "data" / "levers" / "plan.yaml"
LOADED = read_scenario(PLAN)
SPACE = Space(LOADED.scenario)
MILLION = 1_000_000


def chosen(**values):
    """Return the plan in which some choices, written with __ for a dot, have other values."""
    places = SPACE.own
    for name, value in values.items():
        lever = name.replace("__", ".")
        places[lever] = SPACE.by_name[lever].values.index(value)
    return SPACE.candidate(places)


def faults(*overrides):
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(PLAN, overrides=overrides)
    return {(fault.code, fault.path) for fault in wrong.value.faults}


def warnings(*overrides):
    return {fault.code for fault in lint_loaded(read_scenario(PLAN, overrides=overrides))}


def test_every_kind_of_lever_gives_its_choices():
    assert {choice.name for choice in SPACE.choices} == {
        "priority", "order.a", "order.b", "wip_limit", "money.total", "money.province",
        "money.cities.a", "money.cities.b", "posts.facilitators.a", "posts.facilitators.b",
        "posts.trainers.2024", "posts.trainers.2025", "posts.trainers.2026",
        "zones.a.2024", "zones.a.2025", "zones.b.2024", "zones.b.2025",
    }  # fmt: skip
    assert SPACE.by_name["money.total"].values == (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    assert SPACE.by_name["wip_limit"].values == (1, 2)


@pytest.mark.parametrize("name", ["kaltara_2022", "kaltara_2026"])
def test_the_plan_that_ships_is_one_of_those_that_its_levers_admit(name):
    space = Space(read_scenario(shipped_scenario(name)).scenario)
    assert space.candidate(space.own).changes == {}
    assert space.refused_limit == ""


def test_levers_are_no_part_of_the_digest():
    without = LOADED.scenario.model_copy(update={"levers": None})
    assert digest(without) == digest(LOADED.scenario)


def test_money_is_split_by_weights_and_its_sum_stays():
    # weights 1.5 and twice 0.5 on 300 each: 450 of 300 * 3 / 2.5 -> 540, 180, 180 over three years
    plan = chosen(money__province=1.5, money__cities__a=0.5, money__cities__b=0.5)
    accounts = plan.scenario.accounts
    assert accounts.province == {2023: 100 * MILLION, 2024: 180 * MILLION, 2025: 180 * MILLION,
                                 2026: 180 * MILLION}  # fmt: skip
    assert accounts.cities["a"][2025] == accounts.cities["b"][2025] == 60 * MILLION
    assert plan.cost == 1_200 * MILLION


def test_less_money_leaves_the_year_that_has_begun_as_it_is():
    plan = chosen(money__total=0.5)
    assert plan.scenario.accounts.province == {
        2023: 100 * MILLION, 2024: 50 * MILLION, 2025: 50 * MILLION, 2026: 50 * MILLION
    }  # fmt: skip
    assert plan.cost == 750 * MILLION


def test_money_is_held_to_its_limit():
    space = Space(read_scenario(PLAN, overrides=["levers.limits.money=1 miliar"]).scenario)
    # 300 have been granted, so 700 of 900 are left: 233 each, in whole millions 77 a year
    plan = space.candidate(space.own)
    assert plan.scenario.accounts.province[2024] == 77 * MILLION
    assert plan.cost == (300 + 9 * 77) * MILLION


def test_posts_above_the_limit_are_given_up_one_by_one():
    plan = chosen(posts__facilitators__a=3, posts__facilitators__b=3, posts__trainers__2025=2)
    # 3 + 3 + 2 = 8 in 2025, 5 are allowed: three are given up, in whatever pools can
    levers = ("posts.facilitators.a", "posts.facilitators.b", "posts.trainers.2025")
    assert sum(SPACE.value(plan.places, lever) for lever in levers) == 5
    assert SPACE.candidate(plan.places) == plan


def test_posts_that_differ_from_year_to_year_are_steps():
    trainers = chosen(posts__trainers__2025=2).scenario.resources["trainers"].capacity
    assert [(step.from_.year, step.posts) for step in trainers] == [(2023, 1), (2025, 2), (2026, 1)]
    cities = chosen(posts__facilitators__b=2).scenario.resources["facilitators"].per_city
    assert {city: [step.posts for step in steps] for city, steps in cities.items()} == {"b": [1, 2]}


def test_an_own_order_goes_with_the_rule_listed_only():
    turned = chosen(priority="listed", order__a=1, order__b=0)
    assert turned.scenario.policy.order == ["b", "a"]
    by_rule = chosen(priority="lowest_score_first", order__a=1, order__b=0)
    assert by_rule.scenario.policy.order is None
    assert by_rule.scenario.policy.priority == "lowest_score_first"


def test_zones_of_a_stage_are_counted_anew():
    plan = chosen(zones__a__2024=2, zones__a__2025=0)
    assert plan.scenario.cities["a"].zones.planned == {2024: 2, 2025: 0}
    assert plan.scenario.cities["b"].zones.planned == {2024: 1, 2025: 1}


def test_the_distance_is_the_mean_over_the_kinds_of_levers():
    own = chosen().places
    # six kinds; the rule is another one, and wip_limit goes from end to end
    other = chosen(priority="lowest_score_first", wip_limit=1).places
    assert SPACE.distance(own, own) == 0.0
    assert SPACE.distance(own, other) == pytest.approx(2 / 6)
    # the one pair of cities turned: 1; one of five posts by one of two steps: 0.5 / 5
    other = chosen(order__a=1, order__b=0, posts__facilitators__a=2).places
    assert SPACE.distance(own, other) == pytest.approx((1 + 0.5 / 5) / 6)


@pytest.mark.parametrize("name", [str(PLAN), "kaltara_2022", "kaltara_2026"])
def test_a_plan_file_reads_back_as_the_plan_that_was_looked_at(name, tmp_path):
    path = Path(name) if name.endswith(".yaml") else shipped_scenario(name)
    loaded = read_scenario(path)
    space, chance = Space(loaded.scenario), random.Random(1)
    base = f"shipped:{name}" if path != PLAN else "given.yaml"
    (tmp_path / "given.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    for number in range(5):
        plan = space.candidate({choice.name: chance.randrange(len(choice.values))
                                for choice in space.choices})  # fmt: skip
        file = tmp_path / f"{number}.yaml"
        write_new(file, variant_text(base, 'Nama "lain"', plan.changes, ["uji"]))
        read = read_scenario(file).scenario
        assert digest(read) == digest(plan.scenario.model_copy(update={"name": 'Nama "lain"'}))


def test_a_file_that_holds_something_else_is_not_overwritten(tmp_path):
    path = tmp_path / "best.yaml"
    write_new(path, "satu")
    write_new(path, "satu")
    with pytest.raises(UsageError) as refused:
        write_new(path, "dua")
    assert refused.value.code == "plan_file_differs"
    assert path.read_text(encoding="utf-8") == "satu"


def test_ends_of_lines_that_an_editor_changed_are_the_same_file(tmp_path):
    path = tmp_path / "best.yaml"
    path.write_bytes(b"satu\r\ndua\r\n")
    write_new(path, "satu\ndua\n")
    assert path.read_bytes() == b"satu\r\ndua\r\n"


def test_a_pipe_in_the_place_of_a_plan_is_refused_unread(tmp_path):
    os.mkfifo(tmp_path / "best.yaml")
    with pytest.raises(UsageError) as refused:
        write_new(tmp_path / "best.yaml", "satu")
    assert refused.value.code == "plan_file_differs"


@pytest.mark.parametrize(
    ("override", "code", "path"),
    [
        ("levers.posts.trainer={low: 1, high: 2}", "unknown_resource_near", "levers.posts.trainer"),
        ("levers.posts.trainers.low=0", "lever_below_need", "levers.posts.trainers.low"),
        ("levers.posts.trainers.per=city", "lever_per_city", "levers.posts.trainers.per"),
        ("levers.wip_limit.low=0", "lever_below_one", "levers.wip_limit.low"),
        ("levers.wip_limit={low: 3, high: 2}", "high_below_low", "levers.wip_limit.high"),
        ("levers.money.total={low: 1.2, high: 0.5}", "high_below_low", "levers.money.total.high"),
        ("levers.speed=3", "unknown_key", "levers.speed"),
    ],
)  # fmt: skip
def test_a_wrong_lever_is_told_with_its_place(override, code, path):
    assert (code, path) in faults(override)


def test_an_order_without_the_rule_that_goes_by_it_is_refused(tmp_path):
    file = tmp_path / "plan.yaml"
    text = PLAN.read_text(encoding="utf-8").replace("[listed, lowest", "[lowest")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(file)
    assert [(fault.code, fault.path) for fault in wrong.value.faults] == [
        ("lever_order_unlisted", "levers.order")
    ]


def test_levers_on_what_each_world_draws_anew_are_refused(tmp_path):
    text = PLAN.read_text(encoding="utf-8").replace("levers:", (
        "uncertain:\n"
        "  accounts.province.*: {low: 1 juta, likely: 100 juta, high: 200 juta, by: value}\n"
        "  policy.wip_limit: {low: 1, likely: 2, high: 3, by: value}\n"
        "policy: {wip_limit: 2}\n"
        "levers:"))  # fmt: skip
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(file)
    found = {(fault.path, fault.fields["path"]) for fault in wrong.value.faults}
    assert found == {
        ("levers.money", "accounts.province.*"), ("levers.wip_limit", "policy.wip_limit")
    }  # fmt: skip


def test_limits_that_admit_nothing_or_one_plan_are_warned_of():
    assert "LEVERS_ADMIT_NO_PLAN" in warnings("levers.limits.money=100 juta")
    assert "LEVERS_ADMIT_NO_PLAN" in warnings("levers.limits.posts=2")
    assert "LEVERS_ADMIT_ONE_PLAN" in warnings(
        *(f"levers.{name}=null" for name in ("order", "priority", "money", "posts", "zones")),
        "levers.wip_limit={low: 2, high: 2}",
    )
    assert not {code for code in warnings() if code.startswith("LEVERS")}


def test_a_rule_alone_is_a_change_like_any_other():
    plan = candidate_of(LOADED.scenario, {}, {("policy", "priority"): "lowest_score_first"})
    assert plan.changes == {("policy", "priority"): "lowest_score_first"}
    assert candidate_of(LOADED.scenario, {}, {("policy", "priority"): "listed"}).changes == {}


def space(*overrides):
    return Space(read_scenario(PLAN, overrides=overrides).scenario)


def test_levers_left_out_leave_what_the_plan_says():
    left = space("levers.priority=null", "levers.wip_limit=null", "levers.money.total=null")
    assert {choice.block for choice in left.choices} == {"order", "money", "posts", "zones"}
    assert left.candidate(left.own).changes == {}
    turned = {**left.own, "order.a": left.own["order.b"], "order.b": left.own["order.a"]}
    assert left.candidate(turned).changes[("policy", "order")] == ["b", "a"]
    without = space("levers.order=null", "levers.priority=null")
    assert ("policy", "order") not in without.candidate(without.own).changes


def test_posts_without_a_limit_are_all_admitted():
    free = space("levers.limits.posts=null", "levers.limits.money=null")
    most = {name: len(choice.values) - 1 for name, choice in free.by_name.items()
            if choice.block == "posts"}  # fmt: skip
    plan = free.candidate({**free.own, **most})
    per_city = plan.changes[("resources", "facilitators", "per_city")]
    assert {city: steps[-1].posts for city, steps in per_city.items()} == {"a": 3, "b": 3}
    assert free.given.changes == {}

"""Levers: what a path and a range mean, what is refused, and the plans along a range."""

import pytest

from kla_sim import language
from kla_sim.errors import ScenarioError, UsageError
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.scenario.varying import dropped_ranges, plan_at, read_lever

PATH = shipped_scenario("kaltara_2022")
LOADED = read_scenario(PATH)
PLAN = LOADED.scenario


def lever(pattern, span):
    return read_lever(PLAN, pattern, span)


def plan(pattern, span, value):
    return plan_at(PATH, (), LOADED, [lever(pattern, span)], [value])


@pytest.mark.parametrize(
    ("pattern", "span", "kind", "ends"),
    [
        ("accounts.province", "1:3", "factor", (1.0, 3.0)),
        ("accounts.province", "1,5:3x", "factor", (1.5, 3.0)),
        ("accounts.province.2023", "2 miliar:Rp 5.000.000.000", "rupiah", (2e9, 5e9)),
        ("work.zone.*.duration", "0.5:1", "factor", (0.5, 1.0)),
        ("work.zone.site.duration", "2 minggu:1 bulan", "days", (14.0, 30.4375)),
        ("resources.facilitators.capacity", "2:6", "whole", (2.0, 6.0)),
        ("resources.facilitators.capacity", "1x:2x", "factor", (1.0, 2.0)),
        ("resources.facilitators.turnover", "0:50%", "number", (0.0, 0.5)),
        ("accounts.lapse", "0:1", "number", (0.0, 1.0)),
    ],
)
def test_a_range_is_read_by_what_it_moves(pattern, span, kind, ends):
    found = lever(pattern, span)
    assert found.kind == kind
    assert (found.low, found.high) == ends


def test_all_accounts_are_one_lever():
    found = lever("accounts", "1:2")
    years = len(PLAN.accounts.province) + sum(map(len, PLAN.accounts.cities.values()))
    assert len(found.paths) == years == 17


def test_the_scan_of_whole_numbers_holds_whole_numbers_once():
    assert lever("policy.wip_limit", "1:4").grid(9) == [1.0, 2.0, 3.0, 4.0]
    assert lever("policy.wip_limit", "1:21").grid(5) == [1.0, 6.0, 11.0, 16.0, 21.0]
    assert lever("accounts.province", "1:2").grid(5) == [1.0, 1.25, 1.5, 1.75, 2.0]


def test_amounts_are_multiplied_and_rounded_half_up():
    found = plan("accounts.province", "1:2", 1.5)
    assert found.accounts.province == {
        2022: 600_000_000, 2023: 6_300_000_000, 2024: 7_800_000_000, 2025: 9_000_000_000,
        2026: 8_250_000_000,
    }  # fmt: skip
    assert found.accounts.cities == PLAN.accounts.cities


def test_durations_are_multiplied_in_all_their_values():
    before, after = PLAN.work.zone["site"].duration, plan("work.zone.*.duration", "0.5:1", 0.5)
    site = after.work.zone["site"].duration
    halves = (before.low / 2, before.likely / 2, before.high / 2)
    assert (site.low, site.likely, site.high) == halves


def test_posts_by_year_keep_their_days():
    loaded = read_scenario(PATH, overrides=["resources.trainers.capacity={2022: 2, 2025: 3}"])
    one = read_lever(loaded.scenario, "resources.trainers.capacity", "1x:2x")
    steps = plan_at(
        PATH, ("resources.trainers.capacity={2022: 2, 2025: 3}",), loaded, [one], [2.0]
    ).resources["trainers"].capacity  # fmt: skip
    assert [(step.from_.year, step.posts) for step in steps][-2:] == [(2022, 4), (2025, 6)]


def test_what_is_uncertain_by_a_factor_stays_so_and_a_range_of_values_goes():
    money = lever("accounts", "1:2")
    assert dropped_ranges(LOADED, money) == []
    assert plan_at(PATH, (), LOADED, [money], [2.0]).uncertain == PLAN.uncertain
    turnover = lever("resources.facilitators.turnover", "0:50%")
    assert dropped_ranges(LOADED, turnover) == ["resources.facilitators.turnover"]
    left = plan_at(PATH, (), LOADED, [turnover], [0.3]).uncertain
    assert set(PLAN.uncertain) - set(left) == {"resources.facilitators.turnover"}


def test_a_plan_at_the_value_that_is_written_is_the_plan():
    assert plan("accounts.province", "1:2", 1.0) == PLAN


@pytest.mark.parametrize(
    ("pattern", "span", "code"),
    [
        ("accounts.provinse", "1:2", "lever_unknown_near"),
        ("qqqq", "1:2", "lever_unknown"),
        ("worlds", "1:2", "lever_not_decided"),
        ("accounts.release", "0:1", "lever_not_decided"),
        ("policy.priority", "1:2", "lever_not_a_number"),
        ("resources.facilitators", "1:2", "lever_not_a_number"),
        ("work.zone.*.window.from", "1:2", "lever_not_a_number"),
        ("cities.*.baseline.*", "1:2", "lever_not_a_number"),
        ("work.zone.site.*", "1:2", "lever_not_a_number"),
        ("accounts.province", "3", "range_unclear"),
        ("accounts.province", "a:b", "range_unclear"),
        ("policy.wip_limit", "1.5:3", "range_unclear"),
        ("policy.wip_limit", "1:2.500", "range_ambiguous"),
        ("accounts.province", "2.500 miliar:3 miliar", "range_ambiguous"),
        ("accounts.province", "1:2 miliar", "range_of_two_kinds"),
        ("accounts.province", "0:2", "range_not_positive"),
        ("accounts.province", "-1:2", "range_not_positive"),
        ("accounts.province", "3:1", "range_reversed"),
        ("accounts.province", "2:2", "range_reversed"),
        ("evaluation.calendar.slip.*", "0.5:1", "lever_of_unlike_things"),
    ],
)
def test_a_lever_that_cannot_be_moved_is_refused(pattern, span, code):
    with pytest.raises(UsageError) as refused:
        lever(pattern, span)
    assert refused.value.code == code


def test_the_nearest_path_is_named():
    with pytest.raises(UsageError) as refused:
        lever("resources.fasilitators.capacity", "1:2")
    assert refused.value.fields["nearest"] == "resources.facilitators.capacity"


def test_a_value_that_makes_no_plan_is_told_with_the_value_tried():
    with pytest.raises(ScenarioError) as refused:
        plan("learning.rate", "0.5:1.5", 1.5)
    language.use("en")
    told = language.describe(refused.value)
    language.use("id")
    assert told.startswith("--vary learning.rate = 1.5  learning.rate: 1.5 is above 1, ")


def test_a_value_at_which_an_uncertain_number_could_not_be_drawn_is_refused(tmp_path):
    """A success of 0.9 that is uncertain by up to 1.2 would be drawn above 1."""
    path, file = "work.zone.rbra_audit.success", tmp_path / "plan.yaml"
    entry = "{low: 0.8, likely: 1.0, high: 1.2, by: factor}"
    file.write_text(
        f"extends: shipped:kaltara_2022\nuncertain: {{{path}: {entry}}}\n", encoding="utf-8"
    )
    loaded = read_scenario(file)
    one = read_lever(loaded.scenario, path, "0.5:0.9")
    assert plan_at(file, (), loaded, [one], [0.5]).work.zone["rbra_audit"].success == 0.5
    with pytest.raises(ScenarioError) as refused:
        plan_at(file, (), loaded, [one], [0.9])
    assert [fault.code for fault in refused.value.faults] == ["uncertain_end_impossible"]

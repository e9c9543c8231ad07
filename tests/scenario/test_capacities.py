"""Posts over time: by year or date, what holds before their first day, one digest for a plan."""

import datetime as dt
from pathlib import Path

import pytest

from kla_sim import language
from kla_sim.errors import ScenarioError
from kla_sim.scenario.loading import (
    digest,
    dump_scenario,
    load_scenario,
    read_scenario,
    resolve,
)

PLAN = Path(__file__).parents[1] / "data" / "broken" / "plan.yaml"
"""Starts on 1 January 2023; three facilitators in each city, two trainers of the province."""


@pytest.fixture
def posts_of(tmp_path):
    """Lay texts over the small plan, one upon the other; return the facilitators' steps."""
    (tmp_path / "plan.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")

    def read(*texts, sets=(), city=None, start="2023-01-01"):
        below = "plan.yaml"
        for number, text in enumerate(texts):
            path = tmp_path / f"layer_{number}.yaml"
            path.write_text(f"extends: {below}\nstart: {start}\n{text}\n", encoding="utf-8")
            below = path.name
        loaded = read_scenario(path, overrides=sets)
        copy = tmp_path / "resolved.yaml"
        copy.write_text(dump_scenario(loaded), encoding="utf-8")
        assert digest(load_scenario(copy)) == digest(loaded.scenario)
        pool = loaded.scenario.resources["facilitators"]
        capacity = pool.capacity if city is None else pool.per_city[city]
        return [(str(step.from_), step.posts) for step in capacity], digest(loaded.scenario)

    return read


def of(capacity):
    return f"resources: {{facilitators: {{capacity: {capacity}}}}}"


def test_posts_by_year_hold_from_1_january_on(posts_of):
    steps, _ = posts_of(of("{2023: 3, 2025: 6}"))
    assert steps == [("2023-01-01", 3), ("2025-01-01", 6)]


SAME = {
    "list over a number": [of("[{from: 2024-01-01, posts: 6}]")],
    "year over a number": [of("{2024: 6}")],
    "whole list": [of("[{from: 2023-01-01, posts: 3}, {from: 2024-01-01, posts: 6}]")],
    "all years": [of("{2023: 3, 2024: 6}")],
    "years in any order": [of("{2024: 6, 2023: 3}")],
    "year over years": [of("{2023: 3}"), of("{2024: 6}")],
    "year over a list": [of("[{from: 2023-01-01, posts: 3}]"), of("{2024: 6}")],
    "list over years": [of("{2023: 3, 2024: 9}"), of("[{from: 2024-01-01, posts: 6}]")],
    "after another number": [of("8"), of("3"), of("{2024: 6}")],
}


@pytest.mark.parametrize("how", SAME)
def test_what_was_written_below_holds_until_the_first_step_in_every_form(posts_of, how):
    steps, name = posts_of(*SAME[how])
    assert steps == [("2023-01-01", 3), ("2024-01-01", 6)]
    assert name == posts_of(of("{2023: 3, 2024: 6}"))[1]


def test_a_year_set_on_the_command_line_leaves_the_years_before_it(posts_of):
    steps, name = posts_of("", sets=["resources.facilitators.capacity.2024=6"])
    assert steps == [("2023-01-01", 3), ("2024-01-01", 6)]
    assert name == posts_of(of("{2024: 6}"))[1]


def test_steps_below_that_come_between_are_kept_and_those_after_are_replaced(posts_of):
    below = of("[{from: 2022-01-01, posts: 2}, {from: 2023-05-01, posts: 4},"
               " {from: 2024-06-01, posts: 5}]")  # fmt: skip
    steps, _ = posts_of(below, of("{2024: 7}"))
    assert steps == [("2023-01-01", 2), ("2023-05-01", 4), ("2024-01-01", 7)]


def test_a_list_that_covers_the_start_inherits_nothing(posts_of):
    steps, _ = posts_of(of("[{from: 2023-01-01, posts: 0}, {from: 2024-01-01, posts: 6}]"))
    assert steps == [("2023-01-01", 0), ("2024-01-01", 6)]
    steps, _ = posts_of(of("{2022: 1, 2024: 6}"), start="2022-11-14")
    assert steps == [("2022-01-01", 1), ("2024-01-01", 6)]


def test_until_the_exception_of_a_city_begins_the_capacity_of_the_pool_holds(posts_of):
    own = "resources: {facilitators: {per_city: {barat: [{from: 2024-07-01, posts: 6}]}}}"
    assert posts_of(own, city="barat")[0] == [("2023-01-01", 3), ("2024-07-01", 6)]
    pool = of("{2023: 4, 2024: 5}")
    steps, _ = posts_of(pool, own, city="barat")
    assert steps == [("2023-01-01", 4), ("2024-01-01", 5), ("2024-07-01", 6)]
    other = "resources: {facilitators: {per_city: {barat: 1}}}"
    assert posts_of(other, own, city="barat")[0] == [("2023-01-01", 1), ("2024-07-01", 6)]


@pytest.mark.parametrize("capacity", ["{2024: 6}", "[{from: 2024-01-01, posts: 6}]"])
@pytest.mark.parametrize("removed", ["facilitators: null", "facilitators: {capacity: null}"])
def test_posts_that_begin_late_over_nothing_are_a_fault(posts_of, capacity, removed):
    text = f"resources: {{facilitators: {{scope: city, capacity: {capacity}}}}}"
    with pytest.raises(ScenarioError) as wrong:
        posts_of(f"resources: {{{removed}}}\nwork: null\nuncertain: null", text)
    (fault,) = wrong.value.faults
    assert (fault.code, fault.path) == ("capacity_begins_late", "resources.facilitators.capacity")
    assert fault.fields["first"] == dt.date(2024, 1, 1)
    with language.speaking("en"):
        said = language.describe_fault(fault)
    assert "begin on January 1, 2024 only" in said or "begin on 1 January 2024 only" in said
    # what it says to write is accepted
    assert "{from: 2023-01-01, posts: 3}" in said
    posts_of(
        text.replace("[", "[{from: 2023-01-01, posts: 3}, ").replace("{2024", "{2023: 3, 2024")
    )


@pytest.mark.parametrize("key", ["step_without_list", "capacity_begins_late"])
@pytest.mark.parametrize("name", language.LANGUAGES)
def test_no_example_of_a_message_leaves_out_the_start(name, key):
    with language.speaking(name):
        said = language.text("faults", key, first="", start="", day="2023-01-01", year="2023")
    assert "{from: 2023-01-01, posts: 3}" in said
    assert "2023: 3" in said


def test_resolve_shows_the_steps_that_hold(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    path = tmp_path / "more.yaml"
    path.write_text(
        "extends: plan.yaml\nresources: {facilitators: {capacity: {2024: 6}}}\n", encoding="utf-8"
    )
    leaves = {leaf.path: leaf for leaf in resolve(read_scenario(path))}
    before, later = (leaves[f"resources.facilitators.capacity.{year}"] for year in (2023, 2024))
    assert (before.value, before.file) == ("3", str(tmp_path / "plan.yaml"))
    assert (later.value, later.file, later.line) == ("6", str(path), 2)

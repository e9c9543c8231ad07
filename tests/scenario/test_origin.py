"""Where a plan comes from: the files behind it, and what differs from them."""

from pathlib import Path

from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.origin import MOST_SIGNS, Change, origin_of
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.store import new_manifest

PLAN = Path(__file__).parents[1] / "data" / "broken" / "plan.yaml"


def test_changed_values_stand_with_file_and_line():
    found = origin_of(read_scenario(shipped_scenario("two_more_facilitators")))
    file = "shipped:two_more_facilitators"
    assert found.files == (file, "shipped:kaltara_2022", "shipped:base")
    assert found.changed == (
        Change("resources.facilitators.capacity", "3", "5", file, 13),
        Change("resources.facilitators.per_city.kepulauan_seribu", "2", "4", file, 14),
    )
    assert found.set_here == ()
    assert found.n_added == {}


def test_what_was_set_is_apart_from_what_the_file_changes():
    found = origin_of(read_scenario(PLAN, overrides=["worlds=5", "horizon=2026-12-31"]))
    assert found.set_here == (
        Change("horizon", "2025-12-31", "2026-12-31", "--set", 0),
        Change("worlds", "2", "5", "--set", 0),
    )
    assert found.files == (str(PLAN),) or Path(found.files[0]).resolve() == PLAN
    assert (found.changed, found.n_added) == ((), {})


def test_values_taken_away_and_added_are_told(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN.read_text("utf-8"), encoding="utf-8")
    file = tmp_path / "variant.yaml"
    long = "x" * 5_000
    file.write_text(
        "extends: plan.yaml\nname: Lain\npolicy: {wip_limit: 2}\n"
        f"resources: {{trainers: {{name: {long}}}, facilitators: {{turnover: null, replacement: null}}}}\n"
    )
    found = origin_of(read_scenario(file))
    gone = {change.path: change for change in found.changed}
    assert gone["resources.facilitators.turnover"] == Change(
        "resources.facilitators.turnover", "0.1", "", str(file), 0
    )
    assert set(gone) == {
        "resources.facilitators.turnover",
        "resources.facilitators.replacement.low",
        "resources.facilitators.replacement.likely",
        "resources.facilitators.replacement.high",
    }
    assert found.n_added == {"policy": 1, "resources": 1}
    assert all(len(change.after) <= MOST_SIGNS for change in found.changed)


def test_a_manifest_keeps_the_origin_and_reads_it_back():
    origin = origin_of(read_scenario(shipped_scenario("two_more_facilitators")))
    settings = {"scenario": "x", "digest": "0" * 64, "seed": 1, "engine": "compiled", "label": ""}
    made = new_manifest(**settings, shard="", first=0, asked=1, origin=origin)
    again = type(made).model_validate_json(made.content(), strict=True)
    assert again.origin.files == list(origin.files)
    assert [tuple(change.model_dump().values()) for change in again.origin.changed] == [
        tuple(change) for change in origin.changed
    ]
    assert (
        type(made)
        .model_validate_json(
            new_manifest(**settings, shard="", first=0, asked=1).content(), strict=True
        )
        .origin
        is None
    )

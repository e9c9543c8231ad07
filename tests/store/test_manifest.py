"""A manifest: what makes two runs one, what a run is called, and what of it is there."""

import datetime as dt
import json

import pytest

from kla_sim import store
from kla_sim.errors import StoreError
from kla_sim.store.manifest import Manifest, read_manifest, run_name

WHEN = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)
PLAIN = Manifest(
    scenario="plan", digest="0123456789abcdef", seed=1, engine="compiled", replications_asked=0,
    python="3", packages={}, cpu_family="x", commit=None, is_tree_clean=None, start=WHEN,
    command=[],
)  # fmt: skip
OTHERWISE = {
    "digest": "0123456789abcdee",
    "seed": 2,
    "engine": "reference",
    "central": True,
    "model_version": PLAIN.model_version + 1,
    "shard": "1/2",
    "first": 7,
    "round_size": 1000,
    "keep": "activities",
}


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_folder_whose_run_differs_in_anything_that_makes_it_is_another_run(tmp_path, field):
    change = {field: OTHERWISE[field]}
    if field == "round_size":
        change["precision"] = 0.01
    if field == "first":
        change |= {"replications_asked": 7, "replications_done": 7}
    folder = tmp_path / run_name(PLAIN)
    folder.mkdir()
    (folder / "manifest.json").write_bytes(PLAIN.model_copy(update=change).content())
    for open_run in (store.open_to_read, lambda *asked: store.open_or_create(*asked, "x: 1\n")):
        with pytest.raises(StoreError) as refused:
            open_run(tmp_path, PLAIN)
        assert refused.value.code == "other_run"
        assert refused.value.fields["field"] == field
        assert refused.value.fields["found"] == str(OTHERWISE[field])
        assert refused.value.fields["asked"] == str(getattr(PLAIN, field))


@pytest.mark.parametrize(
    "change",
    [
        {"label": "x"}, {"replications_asked": 9}, {"python": "4"}, {"packages": {"numpy": "9"}},
        {"cpu_family": "y"}, {"overrides": ["worlds=3"]}, {"commit": "f" * 40},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_folder_that_differs_in_its_circumstances_is_the_same_run(tmp_path, change):
    folder = tmp_path / run_name(PLAIN)
    folder.mkdir()
    (folder / "manifest.json").write_bytes(PLAIN.model_copy(update=change).content())
    assert store.open_to_read(tmp_path, PLAIN).path == folder


def test_the_name_of_a_run_says_what_tells_it_from_others_of_its_plan():
    def named(**change):
        return run_name(PLAIN.model_copy(update=change))

    assert named() == "plan-01234567-1"
    assert named(seed=20) == "plan-01234567-20"
    assert named(round_size=1000, label="a b") == "plan-01234567-1-rounds-a_b"
    assert named(shard="2/3") == "plan-01234567-1-shard_2_of_3"


def part(number, first, last):
    return {
        "file": f"part-{number:05d}.parquet", "first": first, "last": last, "sha256": "0" * 64,
    }  # fmt: skip


def manifest(**change):
    return Manifest.model_validate({**PLAIN.model_dump(), **change})


def test_a_manifest_counts_from_its_first_replication_to_its_last():
    shard = manifest(
        shard="2/2", first=300, replications_asked=600, replications_done=450,
        parts=[part(0, 300, 400), part(1, 400, 450)],
    )  # fmt: skip
    assert shard.n == 150
    assert not shard.is_finished
    assert not shard.model_copy(update={"end": WHEN}).is_finished
    whole = shard.model_copy(update={"end": WHEN, "replications_asked": 450})
    assert whole.is_finished
    assert not whole.model_copy(update={"end": None}).is_finished


@pytest.mark.parametrize(
    "parts",
    [
        [(0, 0, 10), (1, 11, 20)],  # a gap
        [(0, 0, 10), (1, 9, 20)],  # an overlap
        [(0, 1, 20)],  # not from the first on
        [(0, 0, 10)],  # fewer than are counted
        [(0, 0, 21)],  # more
        [(0, 0, 20), (1, 20, 20)],  # one that holds nothing
        [(0, 0, 10), (0, 10, 20)],  # a file twice
    ],
)
def test_parts_that_do_not_make_up_what_is_counted_are_refused(parts):
    with pytest.raises(ValueError, match=r"parts|replications_done|file"):
        manifest(
            replications_asked=20, replications_done=20, parts=[part(*entry) for entry in parts]
        )


def test_a_part_holds_a_hundred_thousand_rows_and_no_more():
    for rows, is_refused in ((100_000, False), (100_001, True)):
        counted = {"replications_asked": rows, "replications_done": rows}
        try:
            manifest(**counted, parts=[part(0, 0, rows)])
        except ValueError:
            assert is_refused
        else:
            assert not is_refused


def test_when_a_run_was_written_is_its_last_word():
    hour = dt.timedelta(hours=1)
    assert PLAIN.written == WHEN
    assert PLAIN.model_copy(update={"end": WHEN + hour}).written == WHEN + hour
    updated = {"end": WHEN + hour, "updated": WHEN + 2 * hour}
    assert PLAIN.model_copy(update=updated).written == WHEN + 2 * hour


def written(folder, **change):
    """Write a manifest that nobody checked, and return the field that reading it names."""
    content = json.loads(PLAIN.content()) | change
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        read_manifest(folder)
    assert refused.value.code == "manifest_broken"
    return refused.value.fields["what"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": "1"}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"replications_asked": 2**32}, "replications_asked"),
        ({"engine": "magic"}, "engine"),
        ({"digest": "x" * 16}, "digest"),
        ({"precision": 0.01}, "precision"),  # without rounds
        ({"round_size": 1000}, "precision"),  # rounds without one
        ({"precision": 0.51, "round_size": 1000}, "precision"),
        ({"first": 5, "replications_done": 5}, "replications_done"),  # begins behind what is asked
        ({"start": "9001-01-01T00:00:00Z"}, "start"),
        ({"parts": [part(0, 0, 4) | {"sha256": "0"}]}, "parts.0.sha256"),
        ({"parts": [part(0, 0, 4)], "keep": "activities", "replications_done": 4}, "activities"),
    ],
)
def test_what_cannot_be_in_a_manifest_is_named(tmp_path, change, named):
    assert written(tmp_path, **change) == named


def test_the_largest_numbers_that_fit_are_read(tmp_path):
    most = manifest(
        seed=2**64 - 1, replications_asked=2**32 - 1, precision=0.5, round_size=1000
    )  # fmt: skip
    (tmp_path / "manifest.json").write_bytes(most.content())
    assert read_manifest(tmp_path) == (most, most.content())

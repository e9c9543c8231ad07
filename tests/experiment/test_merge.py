"""Shards: computed apart and put together they are the run itself, and nothing less is taken."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kla_sim import language, store
from kla_sim.errors import IncompleteError, StoreError, UsageError
from kla_sim.experiment import run as run_module
from kla_sim.experiment.merge import merge_runs
from kla_sim.experiment.run import RunRequest, Shard, run
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario

LOADED = read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=3"])


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setitem(run_module.PART_SIZES, "reference", 8)


def run_shard(folder, shard, n=20, **changes):
    settings = {
        "scenario": LOADED.scenario,
        "digest": digest(LOADED.scenario),
        "resolved": dump_scenario(LOADED),
        "replications": n,
        "engine": "reference",
        "shard": Shard.parse(shard) if shard else None,
        "results": folder,
        **changes,
    }
    return run(RunRequest(**settings)).run


def edited(folder, **changes):
    """Return a folder whose manifest says something else."""
    return store.RunFolder(folder.path, folder.manifest.model_copy(update=changes))


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    return [run_shard(folder, f"{number}/3").folder for number in (1, 2, 3)]


def test_merged_shards_equal_the_straight_run(tmp_path, shards):
    straight = run_shard(tmp_path / "straight", None)
    merged = merge_runs([shards[2], shards[0], shards[1]], tmp_path).run
    for field in ("is_met", "verified.jakarta_barat.2023", "spent.province.2024", "world"):
        np.testing.assert_array_equal(
            merged.folder.read_column(field, 20), straight.folder.read_column(field, 20)
        )
    assert merged.summary.all_cities == straight.summary.all_cities
    assert merged.folder.manifest.replications_done == 20


def test_merged_shards_hold_the_activities_of_the_whole(tmp_path):
    def activities(folder):
        files = [part.activities.file for part in folder.manifest.parts]
        return pa.concat_tables([pq.read_table(folder.path / file) for file in files])

    whole = run_shard(tmp_path / "whole", None, keeps_activities=True).folder
    parts = [
        run_shard(tmp_path / "parts", f"{number}/2", keeps_activities=True).folder
        for number in (1, 2)
    ]
    merged = merge_runs(parts, tmp_path / "merged").run.folder
    assert activities(merged).num_rows == 20
    assert activities(merged).equals(activities(whole))


def test_merging_again_changes_nothing(tmp_path, shards):
    once = merge_runs(shards, tmp_path).run.folder.manifest
    again = merge_runs(shards, tmp_path).run.folder.manifest
    assert once.parts == again.parts


@pytest.mark.parametrize(
    ("chosen", "code"), [((0, 2), "shards_gap"), ((0, 1, 1, 2), "shards_overlap")]
)
def test_gaps_and_overlaps_are_refused(tmp_path, shards, chosen, code):
    with pytest.raises(UsageError) as caught:
        merge_runs([shards[place] for place in chosen], tmp_path)
    assert caught.value.code == code
    assert not list(tmp_path.iterdir())


def test_a_missing_last_shard_is_refused(tmp_path, shards):
    with pytest.raises(UsageError) as caught:
        merge_runs(shards[:2], tmp_path)
    assert caught.value.code == "shards_missing"


@pytest.mark.parametrize("name", language.LANGUAGES)
def test_a_shard_of_another_seed_is_named_with_both_seeds(tmp_path, shards, name):
    with pytest.raises(UsageError) as caught:
        merge_runs([shards[0], edited(shards[1], seed=4711), shards[2]], tmp_path)
    with language.speaking(name):
        sentence = language.describe(caught.value)
    assert {"seed", str(shards[1].path)} <= set(sentence.replace(":", "").split())
    assert "4.711" in sentence or "4711" in sentence
    assert sentence.endswith((" 1.", " 1"))


def test_a_whole_run_is_no_shard(tmp_path, shards):
    whole = run_shard(tmp_path / "whole", None).folder
    with pytest.raises(UsageError) as caught:
        merge_runs([whole], tmp_path)
    assert caught.value.code == "not_a_shard"


def test_a_shard_that_was_changed_is_refused_before_anything_is_written(tmp_path, shards):
    copied = tmp_path / "shards" / shards[1].path.name
    shutil.copytree(shards[1].path, copied)
    changed = store.open_folder(copied)
    part = copied / changed.manifest.parts[-1].file
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(StoreError) as caught:
        merge_runs([shards[0], changed, shards[2]], tmp_path / "merged")
    assert caught.value.fields["path"] == str(part)
    assert not (tmp_path / "merged").exists()


def test_a_merge_waits_for_nobody_who_writes_the_whole_run(tmp_path, shards):
    merged = merge_runs(shards, tmp_path).run.folder
    held = store.writing(merged.path)
    with ThreadPoolExecutor(1) as other:
        other.submit(held.__enter__).result()
        with pytest.raises(IncompleteError) as caught:
            merge_runs(shards, tmp_path)
        other.submit(held.__exit__, None, None, None).result()
    assert caught.value.code == "folder_busy"


@pytest.mark.parametrize("field", ["digest", "seed", "engine", "model_version"])
def test_shards_of_another_run_are_refused(tmp_path, shards, field):
    other = edited(shards[1], **{field: 7 if field in ("seed", "model_version") else "other"})
    with pytest.raises(UsageError) as caught:
        merge_runs([shards[0], other, shards[2]], tmp_path)
    assert (caught.value.code, caught.value.fields["field"]) == ("shards_differ", field)
    found, asked = (getattr(shard.manifest, field) for shard in (other, shards[0]))
    with language.speaking("en"):
        assert language.describe(caught.value).endswith(f"{field} {found}, not {asked}.")


def test_a_shard_that_was_cut_off_is_refused(tmp_path, shards):
    with pytest.raises(UsageError) as caught:
        merge_runs([edited(shards[0], replications_done=3), *shards[1:]], tmp_path)
    assert caught.value.code == "shard_incomplete"


def test_other_packages_and_processors_are_named(tmp_path, shards):
    packages = {**shards[1].manifest.packages, "numpy": "9.9"}
    other = edited(shards[1], packages=packages, cpu_family="other")
    differences = merge_runs([shards[0], other, shards[2]], tmp_path).differences
    assert any(line.startswith("numpy: ") and "9.9" in line for line in differences)
    assert any(line.startswith("CPU: ") for line in differences)


@pytest.mark.parametrize("text", ["0/3", "4/3", "a/3", "3", "1/0", "-1/3"])
def test_a_shard_that_cannot_be_is_refused(text):
    with pytest.raises(UsageError):
        Shard.parse(text)

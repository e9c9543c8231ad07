"""Files of earlier versions stay good: the run of release 0.1.0, old manifests, old schemas."""

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from kla_sim import store
from kla_sim.cli import main
from kla_sim.errors import FullError, StoreError, UsageError
from kla_sim.experiment.migrate import migrate
from kla_sim.experiment.run import RunRequest, read_run, run
from kla_sim.scenario import migration
from kla_sim.scenario.loading import digest, dump_scenario, load_scenario, read_scenario

NAME = "rilis_0_1_0-9ee0ca85-7"
RELEASE = Path(__file__).parent / "data" / "run-0.1.0" / NAME
DIGEST = "9ee0ca85b3904dbf325e953c10060f39a2787239ac926cdbf00bcd0e86a6e12b"


@pytest.fixture
def old(tmp_path):
    """Return a copy of the release's run folder, below a results folder of its own."""
    return Path(shutil.copytree(RELEASE, tmp_path / "results" / NAME))


def command(*words):
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), "--language", "en"])
    return ended.value.code or 0


def request(folder, n):
    loaded = read_scenario(RELEASE / "scenario.yaml")
    return RunRequest(
        scenario=loaded.scenario,
        digest=digest(loaded.scenario),
        resolved=dump_scenario(loaded),
        replications=n,
        seed=7,
        engine="compiled",
        results=folder,
    )


def all_results(folder, n):
    stored = read_run(folder, n)
    return next(iter(folder.read_parts(stored.plan.labels, n))).replications


def test_the_digest_of_the_release_is_what_it_was():
    assert digest(load_scenario(RELEASE / "scenario.yaml")) == DIGEST
    assert store.open_folder(RELEASE).manifest.digest == DIGEST


def rounded(value):
    """Return a document with numbers of nine digits: other processors may differ in the last."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_the_run_of_the_release_says_what_it_said():
    from kla_sim.analysis.document import summary_document

    said = json.loads((RELEASE / "summary.json").read_text(encoding="utf-8"))
    now = json.loads(store.to_json(summary_document(read_run(store.open_folder(RELEASE)).summary)))
    assert now["odds"]["all_cities"]["value"] == pytest.approx(0.10801260747)
    for key in ("odds", "weakest_city", "target", "categories", "money", "waiting_days"):
        assert rounded(now[key]) == rounded(said[key])


def test_the_run_of_the_release_goes_on_as_a_run_of_today(tmp_path, old):
    continued = run(request(old.parent, 80))
    straight = run(request(tmp_path / "straight", 80))
    assert continued.simulated == 30
    assert continued.run.folder.path == old
    parts = list(continued.run.folder.read_parts(continued.run.plan.labels, 80))
    whole = all_results(straight.run.folder, 80)
    kept, added = (part.replications for part in parts)
    for name in kept._fields:
        together = np.concatenate([getattr(kept, name), getattr(added, name)])
        np.testing.assert_allclose(together, getattr(whole, name), rtol=1e-12)


def test_the_run_of_the_release_can_be_compared(tmp_path, old):
    run(request(tmp_path / "today", 50))
    today = tmp_path / "today" / NAME
    assert command("compare", old, today, "--no-plots", "--out", tmp_path / "r") == 0


def test_a_present_run_and_a_present_scenario_have_nothing_to_do(old, capsys):
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    assert command("migrate", old) == 0
    assert command("migrate", old / "scenario.yaml") == 0
    told = capsys.readouterr().out
    assert told.count("Nothing to do") == 2
    after = {path.name: path.read_bytes() for path in old.iterdir() if path.name in before}
    assert after == before


def test_hashes_that_earlier_runs_did_not_note_are_noted(old, tmp_path, capsys):
    manifest = old / "manifest.json"
    document = json.loads(manifest.read_text(encoding="utf-8"))
    expected = {key: document.pop(key) for key in ("scenario_sha256", "summary_sha256")}
    for key in ("updated", "overrides"):
        del document[key]
    manifest.write_text(json.dumps(document), encoding="utf-8")
    new = tmp_path / "new"
    assert command("migrate", old, "--out", new, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["noted"] == ["scenario.yaml", "summary.json"]
    assert (told["has_changed"], told["schema_version"]) == (True, 1)
    noted = json.loads((new / "manifest.json").read_text(encoding="utf-8"))
    assert {key: noted[key] for key in expected} == expected
    assert json.loads(manifest.read_text(encoding="utf-8")) == document
    assert migrate(new, None).noted == ()


def test_a_copy_that_fails_midway_leaves_nothing_and_the_disk_is_named(old, tmp_path, monkeypatch):
    def refused(source, target):
        if Path(source).suffix == ".parquet":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return copy(source, target)

    copy = shutil.copy2
    monkeypatch.setattr(shutil, "copy2", refused)
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(FullError) as caught:
        migrate(old, tmp_path / "new")
    assert caught.value.code == "disk_full"
    assert {path.name for path in tmp_path.iterdir()} == before
    monkeypatch.undo()
    migrate(old, tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {*before, "new"}


def test_a_run_that_was_changed_is_not_taken_for_good(old):
    (old / "scenario.yaml").write_text("name: x\n", encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        migrate(old, None)
    assert refused.value.code == "scenario_changed"


def test_a_place_that_is_taken_is_not_overwritten(old, tmp_path):
    with pytest.raises(UsageError) as refused:
        migrate(old, tmp_path)
    assert refused.value.code == "file_exists"


def test_a_manifest_of_a_newer_program_says_what_to_do(old, capsys):
    manifest = old / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"schema_version": 1', '"schema_version": 3'), "utf-8")
    with pytest.raises(StoreError) as refused:
        store.open_folder(old)
    assert (refused.value.code, refused.value.fields["found"]) == ("manifest_newer", 3)
    assert command("migrate", old) == 2
    assert "pip install --upgrade kla_sim" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "code"),
    [("2", "schema_newer"), ("0", "schema_unknown"), ("satu", "schema_unknown")],
)
def test_a_scenario_of_another_schema_says_what_to_do(tmp_path, version, code):
    file = tmp_path / "lama.yaml"
    text = f"schema_version: {version}\nextends: shipped:kaltara_2022\nname: Lama\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        migration.migrate_scenario(file)
    assert refused.value.code == code
    assert file.read_text(encoding="utf-8") == text


def test_faults_of_a_scenario_are_told_before_its_schema(tmp_path, capsys):
    file = tmp_path / "salah.yaml"
    file.write_text("schema_version: 1\nnama: x\n", encoding="utf-8")
    assert command("migrate", file) == 2
    assert "nama" in capsys.readouterr().err
    assert command("migrate", tmp_path / "none.yaml") == 2


def test_steps_lead_from_schema_to_schema_and_keep_comments(tmp_path, monkeypatch):
    """A plan of two schemas to come: a key is renamed, then one is added."""

    def rename(tree):
        tree.insert(1, "judul", tree.pop("name"))

    def add(tree):
        tree["bahasa"] = "id"

    monkeypatch.setattr(migration, "PRESENT", 3)
    monkeypatch.setattr(migration, "STEPS", {1: rename, 2: add})
    file = tmp_path / "lama.yaml"
    file.write_text("# catatan\nschema_version: 1\nname: Lama  # nama\nworlds: 5\n", "utf-8")
    found = migration.migrate_scenario(file)
    assert (found.before, found.after) == (1, 3)
    assert found.text.startswith("# catatan\nschema_version: 3\njudul: Lama")
    assert found.text.endswith("worlds: 5\nbahasa: id\n")
    outcome = migrate(file, tmp_path / "baru.yaml")
    assert outcome.has_changed
    assert (tmp_path / "baru.yaml").read_text(encoding="utf-8") == found.text
    assert "schema_version: 1" in file.read_text(encoding="utf-8")

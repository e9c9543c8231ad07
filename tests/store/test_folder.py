"""A run folder: whole or told, checked when read, and untouched by reading."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from kla_sim import store
from kla_sim.cli import main
from kla_sim.errors import IncompleteError, StoreError
from kla_sim.experiment import run as run_module
from kla_sim.experiment.progress import Progress
from kla_sim.experiment.run import RunRequest, Shard, read_run, run, scenario_of
from kla_sim.language import describe, speaking
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario

LOADED = read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=3"])


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setitem(run_module.PART_SIZES, "compiled", 8)


def request(folder, n, **changes):
    settings = {
        "scenario": LOADED.scenario,
        "digest": digest(LOADED.scenario),
        "resolved": dump_scenario(LOADED),
        "replications": n,
        "engine": "compiled",
        "results": folder,
        **changes,
    }
    return RunRequest(**settings)


def answer(outcome):
    return {"replications": outcome.run.summary.n, "seconds": outcome.seconds, "warnings": []}


def finished(folder, n=20, **changes):
    outcome = run(request(folder, n, **changes))
    outcome.run.folder.finish(answer(outcome), n)
    return outcome.run.folder


def seen(folder):
    """Return names, times and bytes of all files of a run."""
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.path.iterdir()
    }


def test_reading_a_finished_run_again_writes_nothing(tmp_path):
    folder = finished(tmp_path)
    before = seen(folder)
    outcome = run(request(tmp_path, 20))
    outcome.run.folder.finish({**answer(outcome), "seconds": 3.0, "run": "elsewhere"}, 20)
    assert outcome.simulated == 0
    assert seen(folder) == before


def test_another_answer_is_written_and_its_hash_noted(tmp_path):
    folder = finished(tmp_path)
    outcome = run(request(tmp_path, 20))
    outcome.run.folder.finish({**answer(outcome), "odds": 0.5}, 20)
    content = (folder.path / "summary.json").read_bytes()
    assert json.loads(content)["odds"] == 0.5
    manifest = store.open_folder(folder.path).manifest
    assert manifest.summary_sha256 == store.files.hash_of(content)


def test_a_run_that_goes_on_is_not_called_finished_until_its_answer_is_kept(tmp_path):
    folder = finished(tmp_path)
    longer = run(request(tmp_path, 28))
    between = store.open_folder(folder.path).manifest
    assert (between.n, between.replications_asked, between.is_finished) == (28, 28, False)
    longer.run.folder.finish(answer(longer), 28)
    assert store.open_folder(folder.path).manifest.is_finished


def test_the_summary_is_there_before_the_manifest_that_says_finished(tmp_path, monkeypatch):
    written = []
    write = store.folder.write_atomic
    monkeypatch.setattr(
        "kla_sim.store.folder.write_atomic",
        lambda path, content, **more: (written.append(path.name), write(path, content, **more)),
    )
    finished(tmp_path)
    assert written[-2:] == ["summary.json", "manifest.json"]
    assert written.index("scenario.yaml") < written.index("manifest.json")


class ReadOnly:
    """A disk that cannot be written: every call that would write a file fails as there."""

    def __init__(self, monkeypatch):
        self.tried = []
        for name in ("mkdir", "rename", "replace", "unlink", "rmdir"):
            monkeypatch.setattr(os, name, self.refuse)
        opened = os.open
        monkeypatch.setattr(
            os,
            "open",
            lambda path, flags, *more, **named: (
                self.refuse(path)
                if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
                else opened(path, flags, *more, **named)
            ),
        )
        import io

        plain = io.open
        monkeypatch.setattr(
            io,
            "open",
            lambda file, mode="r", *more, **named: (
                self.refuse(file) if set(mode) & set("wax+") else plain(file, mode, *more, **named)
            ),
        )

    def refuse(self, path, *more, **named):
        self.tried.append(path)
        if os.path.isdir(path) and not more:  # noqa: PTH112
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))


def test_a_finished_run_on_a_read_only_disk_is_read_and_answered(tmp_path, monkeypatch):
    folder = finished(tmp_path)
    disk = ReadOnly(monkeypatch)
    outcome = run(request(tmp_path, 20))
    outcome.run.folder.finish(answer(outcome), 20)
    assert outcome.simulated == 0
    assert read_run(folder, 20).summary.all_cities == outcome.run.summary.all_cities
    assert disk.tried == []
    outcome.run.folder.finish({**answer(outcome), "odds": 0.5}, 20)
    assert disk.tried


def test_a_longer_run_on_a_read_only_disk_is_refused_with_the_reason(tmp_path, monkeypatch):
    finished(tmp_path)
    ReadOnly(monkeypatch)
    with pytest.raises(StoreError) as refused:
        run(request(tmp_path, 28))
    assert (refused.value.code, refused.value.exit_code) == ("cannot_write", 2)
    with speaking("en"):
        assert describe(refused.value).endswith(
            "cannot be written: it is read-only. Check whether writing is allowed there, "
            "or choose another folder."
        )


def test_a_new_run_on_a_read_only_disk_is_refused_with_the_reason(tmp_path, monkeypatch):
    ReadOnly(monkeypatch)
    with pytest.raises(StoreError) as refused:
        run(request(tmp_path / "results", 8))
    assert refused.value.code == "cannot_write"


def interrupting(change):
    """Return a report of progress that does something to the folder after the second part."""
    seen_parts = []

    def report(progress):
        if not isinstance(progress, Progress):
            return
        seen_parts.append(progress.done)
        if len(seen_parts) == 2:
            change()

    return report, seen_parts


def test_a_folder_deleted_while_it_runs_is_noticed_before_the_next_part(tmp_path):
    report, seen_parts = interrupting(lambda: shutil.rmtree(next(tmp_path.iterdir())))
    with pytest.raises(IncompleteError) as gone:
        run(request(tmp_path, 80), report)
    assert (gone.value.code, gone.value.exit_code) == ("folder_gone", 3)
    assert seen_parts == [8, 16]
    assert store.list_runs(tmp_path) == []


def test_a_folder_replaced_while_it_runs_is_noticed_and_left_alone(tmp_path):
    def replace():
        folder = next(tmp_path.iterdir())
        shutil.copytree(folder, tmp_path / "copy")
        shutil.rmtree(folder)
        shutil.move(tmp_path / "copy", folder)

    report, _ = interrupting(replace)
    with pytest.raises(IncompleteError):
        run(request(tmp_path, 80), report)
    (left,) = store.list_runs(tmp_path)
    assert (left.manifest.n, left.manifest.is_finished) == (16, False)


@pytest.mark.parametrize("n_kept", [8, 16])
def test_a_rename_done_but_told_as_failed_is_told_as_it_was_and_what_it_kept(
    tmp_path, monkeypatch, n_kept
):
    plain = os.replace

    def replace(source, target, **more):
        plain(source, target, **more)
        path = Path(target)
        if path.name == "manifest.json" and f'"replications_done": {n_kept}' in path.read_text():
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(StoreError) as failed:
        run(request(tmp_path, 24))
    assert failed.value.code == "cannot_write"
    assert failed.value.__cause__.errno == errno.EIO
    (left,) = store.list_runs(tmp_path)
    assert (read_run(left).summary.n, left.manifest.is_finished) == (n_kept, False)
    monkeypatch.undo()
    assert run(request(tmp_path, 24)).run.summary.n == 24


def test_a_folder_deleted_before_the_end_is_noticed_at_the_end(tmp_path):
    outcome = run(request(tmp_path, 20))
    shutil.rmtree(outcome.run.folder.path)
    with pytest.raises(IncompleteError) as gone:
        outcome.run.folder.finish(answer(outcome), 20)
    assert gone.value.code == "folder_gone"
    assert not outcome.run.folder.path.exists()


def test_parts_deleted_while_it_runs_are_noticed_at_the_end(tmp_path):
    outcome = run(request(tmp_path, 20))
    (outcome.run.folder.path / "part-00000.parquet").unlink()
    with pytest.raises(IncompleteError):
        outcome.run.folder.finish(answer(outcome), 20)
    assert not store.open_folder(outcome.run.folder.path).manifest.is_finished


def test_the_command_ends_with_3_where_its_folder_was_deleted(tmp_path, monkeypatch, capsys):
    add = store.RunFolder.add_part

    def add_and_delete(folder, *words, **named):
        add(folder, *words, **named)
        if len(folder.manifest.parts) == 2:
            shutil.rmtree(folder.path)

    monkeypatch.setattr(store.RunFolder, "add_part", add_and_delete)
    with pytest.raises(SystemExit) as ended:
        main(["run", "-n", "40", "--no-plots", "--out", str(tmp_path), "--language", "en"])
    assert ended.value.code == 3
    assert "was deleted" in capsys.readouterr().err


def edit(folder, old, new):
    path = folder.path / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("hash_is", ["kept", "removed", "renewed"])
def test_an_edited_scenario_is_refused_wherever_the_run_is_read(tmp_path, hash_is):
    folder = finished(tmp_path)
    edit(folder, "category: utama", "category: nindya")
    if hash_is != "kept":
        document = json.loads((folder.path / "manifest.json").read_bytes())
        content = (folder.path / "scenario.yaml").read_bytes()
        document["scenario_sha256"] = "" if hash_is == "removed" else store.files.hash_of(content)
        (folder.path / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    for read in (
        lambda: read_run(store.open_folder(folder.path)),
        lambda: run(request(tmp_path, 20)),
        lambda: run(request(tmp_path, 28)),
    ):
        with pytest.raises(StoreError) as refused:
            read()
        assert refused.value.code == "scenario_changed"


def test_the_same_plan_in_other_words_goes_on_with_the_run(tmp_path):
    finished(tmp_path)
    other = dump_scenario(LOADED) + "# a remark\n"
    assert run(request(tmp_path, 20, resolved=other)).simulated == 0


def test_a_run_without_a_hash_of_its_scenario_is_still_read(tmp_path):
    folder = finished(tmp_path)
    document = json.loads((folder.path / "manifest.json").read_bytes())
    for field in ("scenario_sha256", "summary_sha256", "updated"):
        del document[field]
    (folder.path / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    assert scenario_of(store.open_folder(folder.path)) == LOADED.scenario
    assert read_run(store.open_folder(folder.path)).summary.n == 20


def test_parts_of_another_seed_are_refused_whatever_their_hashes(tmp_path):
    folder, other = finished(tmp_path), finished(tmp_path, seed=2)
    for part in other.manifest.parts:
        shutil.copy(other.path / part.file, folder.path / part.file)
    manifest = folder.manifest.model_copy(update={"parts": other.manifest.parts})
    with pytest.raises(StoreError) as refused:
        read_run(store.RunFolder(folder.path, manifest))
    assert refused.value.code == "part_broken"


def test_a_column_is_read_from_the_rows_that_a_shard_holds(tmp_path):
    shard = run(request(tmp_path, 40, shard=Shard.parse("2/2"))).run.folder
    assert shard.read_column("replication", 12).tolist() == list(range(20, 32))
    assert len(shard.read_column("is_met", 100)) == 20


def test_a_column_of_a_changed_part_is_refused(tmp_path):
    folder = finished(tmp_path)
    path = folder.path / "part-00001.parquet"
    path.write_bytes((folder.path / "part-00000.parquet").read_bytes())
    with pytest.raises(StoreError):
        folder.read_column("is_met", 20)
    assert len(folder.read_column("is_met", 8)) == 8


def test_a_folder_of_that_name_that_is_no_run_is_refused_and_left_alone(tmp_path):
    folder = finished(tmp_path)
    (folder.path / "manifest.json").unlink()
    before = seen(folder)
    with pytest.raises(StoreError) as refused:
        run(request(tmp_path, 20))
    assert refused.value.code == "no_manifest"
    assert seen(folder) == before


def test_a_write_that_fails_leaves_the_old_file_and_says_why(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    store.write_atomic(path, "old")
    monkeypatch.setattr(
        os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full"))
    )
    with pytest.raises(StoreError) as refused:
        store.write_atomic(path, "new")
    with speaking("en"):
        assert describe(refused.value) == (
            f"{path} cannot be written: no space is left on the disk. Free at least 0.1 MB on the "
            f"disk that holds {tmp_path}, for example by deleting old result folders "
            "(`python -m kla_sim runs` lists them), or choose another disk; then repeat the same "
            "command."
        )
    assert refused.value.exit_code == 3
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]

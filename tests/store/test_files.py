"""Files are written whole or not at all; what is there stays; litter is known by its name."""

import errno
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kla_sim.errors import StoreError
from kla_sim.store.files import (
    find_litter,
    hash_of,
    is_read_only,
    printable,
    remove_litter,
    to_json,
    write_atomic,
)
from kla_sim.writing import made_whole


@pytest.fixture
def the_dead():
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_written_file_is_the_only_thing_left(tmp_path):
    write_atomic(tmp_path / "new" / "a.json", "satu\n")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.json"]
    assert (tmp_path / "new" / "a.json").read_bytes() == b"satu\n"


def test_a_folder_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(StoreError) as caught:
        write_atomic(tmp_path / "gone" / "a.json", b"1", makes_folder=False)
    assert caught.value.code == "cannot_write"
    assert list(tmp_path.iterdir()) == []


def test_content_that_is_there_already_is_not_written_again(tmp_path):
    path = tmp_path / "a.json"
    write_atomic(path, b"12345")
    before = path.stat()
    write_atomic(path, b"12345")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    write_atomic(path, b"12346")  # as long, and something else
    assert path.read_bytes() == b"12346"


def test_a_link_is_replaced_and_what_it_names_stays(tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"12345")
    (tmp_path / "a.json").symlink_to(other)
    write_atomic(tmp_path / "a.json", b"12345")
    assert not (tmp_path / "a.json").is_symlink()
    write_atomic(tmp_path / "a.json", b"6")
    assert other.read_bytes() == b"12345"


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def full(self, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError) as caught:
        write_atomic(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    assert path.read_bytes() == b"old"
    assert not is_read_only(caught.value)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_what_may_not_be_written_is_told_from_other_failures(number):
    error = StoreError("cannot_write", path="a", reason="b")
    assert not is_read_only(error)
    error.__cause__ = OSError(number, os.strerror(number))
    assert is_read_only(error)


def test_litter_is_what_killed_writes_leave_and_nothing_else(tmp_path):
    folder = tmp_path / "run"
    (folder / "plots" / "first-16").mkdir(parents=True)
    litter = {
        folder / ".part-00000.parquet.41",
        folder / "..writer.41",
        folder / "plots" / ".odds.id.svg.7",
        folder / "plots" / "first-16" / ".odds.csv.7",
    }
    for path in (*litter, folder / ".hidden.json", folder / "part.json.41", folder / ".a.txt.41"):
        path.write_bytes(b"")
    (tmp_path / ".run.12").mkdir()
    (tmp_path / ".run.13").write_bytes(b"")  # no folder
    (tmp_path / ".runs.12").mkdir()
    assert set(find_litter(folder)) == {*litter, tmp_path / ".run.12"}
    remove_litter(folder)
    assert find_litter(folder) == []
    kept = {path.name for path in (*tmp_path.iterdir(), *folder.iterdir())}
    assert kept == {
        "run",
        ".run.13",
        ".runs.12",
        "plots",
        ".hidden.json",
        "part.json.41",
        ".a.txt.41",
    }


def test_a_write_removes_what_killed_writes_of_the_same_file_have_left(tmp_path, the_dead):
    left = tmp_path / f".a.json.{the_dead}"
    others = {f".b.json.{the_dead}", f".a.json.{os.getppid()}", ".a.json.", ".a.json.x"}
    for name in others:
        (tmp_path / name).write_bytes(b"1")
    for _ in range(2):  # written, and there already
        left.write_bytes(b"1")
        write_atomic(tmp_path / "a.json", b"12")
        assert {path.name for path in tmp_path.iterdir()} == {"a.json", *others}


def test_a_folder_is_there_whole_or_not_at_all(tmp_path, the_dead):
    left = tmp_path / f".new.{the_dead}"
    (left / "plots").mkdir(parents=True)
    (left / "plots" / "a.csv").write_bytes(b"1")

    def make(content):
        with made_whole(tmp_path / "new") as staging:
            staging.mkdir()
            (staging / "a").write_bytes(content)
            assert not (tmp_path / "new").exists()

    with pytest.raises(TypeError):
        make("no bytes")
    assert list(tmp_path.iterdir()) == []
    make(b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert (tmp_path / "new" / "a").read_bytes() == b"1"


def test_a_link_beside_a_folder_is_removed_and_what_it_names_stays(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / ".run.12").symlink_to(tmp_path / "mine")
    remove_litter(tmp_path / "run")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "run"]


def test_a_document_has_no_number_that_is_none_and_keeps_the_others_exactly():
    document = {1: math.nan, "b": (math.inf, 0.1), "c": [np.float64("nan"), {"d": -math.inf}]}
    assert "".join(to_json(document).split()) == ('{"1":null,"b":[null,0.1],"c":[null,{"d":null}]}')


def test_a_text_that_utf8_cannot_hold_is_escaped():
    assert printable("a\udc80b") == "a\\udc80b"
    assert printable("Ayo é") == "Ayo é"


def test_a_hash_is_that_of_sha256():
    assert hash_of(b"abc").startswith("ba7816bf8f01cfea")

"""One writer at a time: the second is told who writes, a dead one blocks nobody."""

import json
import os
import platform
import shutil
import subprocess
import sys
import threading

import pytest

from kla_sim import store
from kla_sim.errors import IncompleteError, StoreError
from kla_sim.language import describe
from kla_sim.store import lock

HOLD = """
import sys, time
from pathlib import Path
from kla_sim.store import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Return another process that writes a folder, and the folder."""
    folder = tmp_path / "run"
    command = [sys.executable, "-c", HOLD, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process, folder
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_and_told_who_writes(holder):
    process, folder = holder
    with pytest.raises(IncompleteError) as refused, store.writing(folder):
        pass
    assert refused.value.code == "folder_busy"
    assert refused.value.exit_code == 3
    assert refused.value.fields["process"] == str(process.pid)
    assert refused.value.fields["machine"] == platform.node()
    assert str(process.pid) in describe(refused.value)


@pytest.mark.parametrize("process", ["Infinity", "1e999", "[]", '"x"', "9" * 400])
def test_a_writer_of_no_process_is_not_told(holder, process):
    _, folder = holder
    said = f'{{"process": {process}, "machine": "{platform.node()}"}}'
    (folder / lock.WRITER).write_text(said, encoding="utf-8")
    with pytest.raises(IncompleteError) as refused, store.writing(folder):
        pass
    assert refused.value.fields["process"] == "?"


def test_a_killed_writer_blocks_nobody(holder):
    process, folder = holder
    process.kill()
    process.wait()
    assert (folder / lock.WRITER).exists()
    with store.writing(folder):
        assert json.loads((folder / lock.WRITER).read_text())["process"] == os.getpid()
    assert not (folder / lock.WRITER).exists()


def test_a_patient_writer_waits_for_the_other(holder):
    process, folder = holder
    threading.Timer(0.5, process.kill).start()
    with store.writing(folder, 10.0):
        assert process.wait() != 0


def test_a_word_left_by_a_dead_process_is_not_told(holder):
    _, folder = holder
    (folder / lock.WRITER).write_text(json.dumps({"process": 2**22, "machine": platform.node()}))
    with pytest.raises(IncompleteError) as refused, store.writing(folder):
        pass
    assert refused.value.fields["process"] == "?"


@pytest.mark.parametrize("word", ["", "[", "[" * 10_000, '{"process": "x"}', '{"process": 1}'])
def test_a_word_that_says_nothing_still_refuses(holder, word):
    _, folder = holder
    (folder / lock.WRITER).write_text(word)
    with pytest.raises(IncompleteError) as refused, store.writing(folder):
        pass
    assert refused.value.fields["machine"] == "?"


def test_inside_a_block_the_folder_is_held_already(tmp_path):
    with store.writing(tmp_path / "run"), store.writing(tmp_path / "x" / ".." / "run"):
        assert (tmp_path / "run" / lock.WRITER).exists()


def test_another_thread_is_another_writer(tmp_path):
    refused = []

    def write():
        try:
            with store.writing(tmp_path):
                pass
        except IncompleteError as error:
            refused.append(error.fields["process"])

    with store.writing(tmp_path):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert refused == [str(os.getpid())]


def test_a_command_keeps_what_it_took_until_it_ends(tmp_path):
    with store.locks_kept():
        with store.writing(tmp_path):
            pass
        assert (tmp_path / lock.WRITER).exists()
    assert not (tmp_path / lock.WRITER).exists()


def test_a_folder_deleted_meanwhile_is_noticed_when_it_is_let_go(tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(IncompleteError) as gone, store.writing(folder):
        shutil.rmtree(folder)
    assert gone.value.code == "folder_gone"
    assert not folder.exists()


def test_a_folder_replaced_meanwhile_is_noticed_and_left_alone(tmp_path):
    folder = tmp_path / "run"

    def replace():
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / lock.WRITER).write_text("theirs")

    with pytest.raises(IncompleteError), store.writing(folder):
        replace()
    assert (folder / lock.WRITER).read_text() == "theirs"


def test_litter_of_killed_writes_is_removed_and_nothing_else(tmp_path):
    folder = tmp_path / "run"
    (folder / "plots").mkdir(parents=True)
    (tmp_path / ".run.4711").mkdir()
    (tmp_path / ".run.4711" / "scenario.yaml").write_text("x")
    litter = [folder / ".part-00003.parquet.4711", folder / ".manifest.json.1",
              folder / "plots" / ".odds.svg.12"]  # fmt: skip
    kept = [folder / "part-00003.parquet", folder / ".notes.4711x", folder / ".hidden",
            tmp_path / ".run.x", tmp_path / ".other.4711"]  # fmt: skip
    for path in (*litter, *kept):
        path.write_text("x")
    with store.writing(folder):
        assert not any(path.exists() for path in litter)
        assert not (tmp_path / ".run.4711").exists()
    assert all(path.exists() for path in kept)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as refused, store.writing(tmp_path / "file" / "run"):
        pass
    assert refused.value.code == "cannot_write"


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "victim").write_text("x")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / lock.LOCK).symlink_to(tmp_path / "victim")
    with pytest.raises(StoreError), store.writing(tmp_path / "run"):
        pass
    assert (tmp_path / "victim").read_text() == "x"

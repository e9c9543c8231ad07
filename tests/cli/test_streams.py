"""Output that nobody reads, that has no room, or that is closed: no traceback, the right code."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from programs import ENVIRONMENT, PROGRAM

pytestmark = pytest.mark.skipif(os.name != "posix", reason="streams as POSIX has them")

FULL = Path("/dev/full")
CLOSED_PIPE = 141
SMALL = ("run", "-n", 20, "--engine", "reference", "--workers", 1, "--no-plots")


def run_in_shell(line, *words):
    """Run a line of a shell in which "$@" is the program with some words."""
    command = ["bash", "-c", f"set -o pipefail; {line}", "bash", *PROGRAM, *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env=ENVIRONMENT
    )


@pytest.mark.parametrize(
    "words", [("--help",), ("run", "--help"), ("schema",), ("resolve", "kaltara_2022"), ("runs",)]
)
def test_a_pipe_that_nobody_reads_ends_the_command_without_a_word(tmp_path, words):
    out = ("--out", tmp_path) if words == ("runs",) else ()
    done = run_in_shell('"$@" | true', *words, *out)
    assert (done.returncode, done.stderr) == (CLOSED_PIPE, "")


def test_a_pipe_closed_after_the_first_line_ends_the_command_without_a_word():
    done = run_in_shell('"$@" | head -1', "trace", "--language", "en")
    assert done.stdout.count("\n") == 1
    assert (done.returncode, done.stderr) == (CLOSED_PIPE, "")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("--help",), ("schema",), ("resolve", "kaltara_2022")])
def test_a_full_device_is_incomplete_and_no_fault_of_the_program(words):
    done = run_in_shell('KLA_SIM_LANGUAGE=en "$@" > /dev/full', *words)
    assert done.returncode == 3
    assert done.stderr.startswith("The answer could not be written to standard output: no space")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_was_simulated_before_a_full_device_is_kept(tmp_path, form):
    done = run_in_shell('"$@" > /dev/full', *SMALL, *form, "--out", tmp_path, "--language", "en")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert len(list(tmp_path.glob("*/part-00000.parquet"))) == 1
    again = run_in_shell('"$@"', *SMALL, "--out", tmp_path, "--language", "en")
    assert again.returncode == 0
    assert "Nothing had to be simulated: 20 read from earlier results." in again.stdout


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("streams", ["2> /dev/full", "> /dev/full 2> /dev/full", "2>&-"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_fault_that_cannot_be_told_still_has_its_exit_code(streams, form):
    assert run_in_shell(f'"$@" {streams}', "validate", "nowhere.yaml", *form).returncode == 2


@pytest.mark.parametrize("streams", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_stop_a_run(tmp_path, streams):
    done = run_in_shell(f'"$@" {streams}', *SMALL, "--out", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (streams == "2>&-")
    (folder,) = tmp_path.iterdir()
    assert {file.name for file in folder.iterdir()} >= {"manifest.json", "summary.json"}
    for file in folder.glob("*.json"):
        assert file.read_text(encoding="utf-8").startswith("{"), file  # nothing printed into it


def test_what_is_opened_after_a_closed_stream_does_not_take_its_place(tmp_path):
    code = (
        "import os; from kla_sim.cli.streams import prepare_streams; prepare_streams();"
        f"print(open({str(tmp_path / 'file')!r}, 'w').fileno() > 2, file=os.fdopen(3, 'w'))"
    )
    command = ["bash", "-c", '"$@" 3>&1 <&- >&- 2>&-', "bash", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert done.stdout == "True\n"


NOT_UTF8 = os.fsdecode(b"r\xff")


@pytest.mark.parametrize(
    "words",
    [
        (*SMALL, "--label", NOT_UTF8),
        (*SMALL, "--label", NOT_UTF8, "--json"),
        (*SMALL, "--set", f"name={NOT_UTF8}"),
        (*SMALL, "--shard", NOT_UTF8),
        ("validate", NOT_UTF8),
        ("validate", NOT_UTF8, "--json"),
        ("compare", NOT_UTF8, "latest"),
        ("merge", NOT_UTF8),
        (NOT_UTF8,),
    ],
)
def test_words_that_are_not_utf8_are_refused_and_leave_nothing_behind(tmp_path, words):
    done = subprocess.run(
        [*PROGRAM, *map(str, words), "--language", "en"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert any(name in done.stderr for name in ("r?", "rU+DCFF", "r<U+DCFF>"))
    if "--json" in words:
        assert json.loads(done.stdout)["error"] == done.stderr.strip()
    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_is_not_utf8_is_refused(tmp_path):
    name = os.fsencode(tmp_path) + b"/r\xff"
    command = [*map(os.fsencode, PROGRAM), *(str(word).encode() for word in SMALL), b"--out", name]
    done = subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_nothing_is_utf8_can_be_worked_in(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/r\xff"))
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no such names here: {errno.errorcode[error.errno]}")
    for form in ((), ("--json",)):
        done = subprocess.run(
            [*PROGRAM, *map(str, SMALL), *form],
            capture_output=True,
            check=False,
            cwd=folder,
            env=ENVIRONMENT,
        )
        assert (done.returncode, done.stderr) == (0, b"")


LONG = "a" * 300


@pytest.mark.parametrize(
    "words",
    [
        (*SMALL, "--out", LONG),
        ("runs", "--out", LONG),
        ("validate", LONG),
        ("new", f"{LONG}.yaml"),
        ("compare", LONG, "latest"),
        ("merge", LONG),
        ("backtest", "--panel", LONG),
        ("trail", "--awards", LONG),
    ],
)
def test_names_too_long_for_the_disk_are_refused(tmp_path, words):
    done = subprocess.run(
        [*PROGRAM, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert done.returncode == 2
    assert LONG[:50] in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_in_a_folder_that_is_not_utf8_is_listed(tmp_path):
    run_in_shell('"$@"', *SMALL, "--out", tmp_path)
    (folder,) = tmp_path.iterdir()
    try:
        folder.rename(tmp_path / NOT_UTF8)
    except OSError as error:
        pytest.skip(f"no such names here: {errno.errorcode[error.errno]}")
    listed = run_in_shell('"$@"', "runs", "--json", "--out", tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    (run,) = json.loads(listed.stdout)["runs"]
    assert run["run"] == str(tmp_path / NOT_UTF8)
    shown = run_in_shell('"$@"', "runs", "--out", tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")

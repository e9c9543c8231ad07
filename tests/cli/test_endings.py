"""The last net: what is a fault of the program says so, and nothing else does."""

import errno

import numpy as np
import pyarrow as pa
import pytest

from kla_sim import cli, language
from kla_sim.cli.endings import known_ending
from kla_sim.errors import IncompleteError, StoppedError, UsageError
from kla_sim.scenario.nodes import Mapping, Place, is_written


class Endless(dict):
    """A mapping whose entries are a mapping whose entries are ..., as deep as anybody looks."""

    def items(self):
        return self.items()


def read_endless():
    is_written(Mapping(Endless(), Place("")), "a")


def raised_by(function):
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError(f"nothing raised: {function}")


def deep():
    return deep()


ENDINGS = [
    (MemoryError(), IncompleteError, "memory_short"),
    (raised_by(lambda: np.empty(2**60, np.int8)), IncompleteError, "memory_short"),
    (pa.ArrowMemoryError("malloc"), IncompleteError, "memory_short"),
    (KeyboardInterrupt(), StoppedError, "stopped"),
    (OSError(errno.ENOSPC, "full"), IncompleteError, "machine_refused"),
    (OSError(errno.EIO, "input/output", "a"), IncompleteError, "file_refused"),
    (OSError(errno.EMFILE, "too many", "a"), IncompleteError, "file_refused"),
    (OSError(errno.ENAMETOOLONG, "too long", "a"), UsageError, "file_refused"),
    (PermissionError(errno.EACCES, "no", b"a"), UsageError, "file_refused"),
    (RuntimeError("can't start new thread"), IncompleteError, "machine_refused"),
    (raised_by(read_endless), UsageError, "nested_too_deeply"),
    (UsageError("compare_needs_two"), UsageError, "compare_needs_two"),
]


@pytest.mark.parametrize(("error", "kind", "code"), ENDINGS, ids=lambda entry: str(entry)[:40])
def test_what_is_no_fault_of_the_program_is_told_as_what_it_is(error, kind, code):
    known = known_ending(error)
    assert (type(known), known.code) == (kind, code)
    for name in language.LANGUAGES:
        with language.speaking(name):
            assert "{" not in language.describe(known)


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("division by zero"),
        KeyError("asked"),
        RuntimeError("generator raised StopIteration"),
        OSError(errno.EBADF, "Bad file descriptor"),
        OSError("no number"),
        raised_by(deep),
    ],
    ids=repr,
)
def test_what_is_left_is_a_fault_of_the_program(error):
    assert known_ending(error) is None


@pytest.mark.parametrize(
    ("error", "code", "is_fault"),
    [
        (MemoryError(), 3, False),
        (OSError(errno.ENAMETOOLONG, "too long", "a" * 300), 2, False),
        (IncompleteError("workers_lost", losses=3), 3, False),
        (KeyboardInterrupt(), 130, False),
        (ZeroDivisionError("division by zero"), 1, True),
        (RecursionError("too deep"), 1, True),
    ],
    ids=lambda entry: str(entry)[:40],
)
def test_a_traceback_is_shown_for_faults_of_the_program_only(
    monkeypatch, capsys, error, code, is_fault
):
    def perform(words):
        raise error

    monkeypatch.setattr(cli, "_perform", perform)
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    said = capsys.readouterr().err
    assert ended.value.code == code
    assert ("Traceback" in said) == is_fault
    assert ("Kesalahan pada kla_sim sendiri" in said) == is_fault
    assert said.strip()

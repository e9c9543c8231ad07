"""Every touch of the disk fails once, one after another: old or new file, never a mix.

A touch of each command in every run, all of them in the long test. Run this file as a program to
see the counts: `python tests/crashes/test_failing_disk.py 11 run "full once"` tries every 11th
touch of `run`, and with `11 189` those from the 189th on.
"""

import errno
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from commands import COMMANDS
from disk import NAMING, Disk
from trials import Stage, load_everything

ERRORS = {
    "full once": {"error": errno.ENOSPC},
    "full from then on": {"error": errno.ENOSPC, "stays": True},
    "input/output": {"error": errno.EIO},
    "done but told as failed": {"error": errno.EIO, "is_done": True},
    "read-only from then on": {"error": errno.EROFS, "stays": True},
    "size limit": {"error": errno.EFBIG},
    "dies": {},
}
SAMPLE = [
    (name, error)
    for place, name in enumerate(COMMANDS)
    for number, error in enumerate(ERRORS)
    if name == "run" or place % len(ERRORS) == number
]
"""Of which one touch is tried in every run: all errors of `run`, one of each other command."""


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Return the stage of each command, made when first asked for."""
    load_everything()
    made = {}

    def stage_of(name):
        if name not in made:
            made[name] = Stage(COMMANDS[name], tmp_path_factory.mktemp("stage") / "work")
        return made[name]

    return stage_of


def places_of(stage, error):
    """Return the numbers of the touches at which an error can happen."""
    names = NAMING if "is_done" in ERRORS[error] else set(stage.touches)
    return [at for at, name in enumerate(stage.touches, 1) if name in names]


def break_off(stage, error, at):
    """Break a command off at one touch, look at what is left, finish it; return how it ended."""
    failing = Disk(stage.out, at, **ERRORS[error])
    stage.reset()
    code, said = stage.say(stage.words, failing)
    assert "Traceback" not in said, said
    left = stage.check_between()
    if failing.error is None:
        assert code == -9, said
    else:
        assert code in (0, 2, 3), said
        assert code == 0 or said.strip()
        assert code != 0 or stage.lacks() == [] or "cannot be written" in said, stage.lacks()
        if not failing.stays:
            assert left == [] or stage.touches[at - 1] in ("unlink", "rmdir"), left
    stage.check_end()
    return code


@pytest.mark.parametrize(("name", "error"), SAMPLE)
def test_some_touches_that_fail_leave_old_or_new(stages, name, error):
    stage = stages(name)
    break_off(stage, error, Random(f"{name} {error}").choice(places_of(stage, error)))


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("error", ERRORS)
def test_each_touch_that_fails_leaves_old_or_new(stages, name, error):
    stage = stages(name)
    for at in places_of(stage, error):
        break_off(stage, error, at)


def main(words, every, first):
    """Print for each command and error how often it ended how; every how many touches are tried.

    Words are names of commands and of errors; where there are none, all are meant.
    """
    load_everything()
    n_wrong = 0
    errors = [word for word in words if word in ERRORS] or list(ERRORS)
    for name in [word for word in words if word not in ERRORS] or COMMANDS:
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(COMMANDS[name], Path(folder) / "work")
            n = len(stage.touches)
            for error in errors:
                ends = Counter()
                for at in [at for at in places_of(stage, error) if at >= first][::every]:
                    try:
                        ends[break_off(stage, error, at)] += 1
                    except AssertionError as wrong:
                        n_wrong += 1
                        ends["WRONG"] += 1
                        touch = f"touch {at} ({stage.touches[at - 1]})"
                        print(f"\n  {name}, {error}, {touch}: {wrong}"[:600])
                    told = f"{name}, {error}, to touch {at} of {n}: {dict(ends)}"
                    print(told, end="\r", flush=True)
                print()
    return int(n_wrong > 0)


if __name__ == "__main__":
    wanted = [word for word in sys.argv[1:] if not word.isdigit()]
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    sys.exit(main(wanted, *(numbers + [1, 1][len(numbers) :])))

"""Every touch of the disk fails once, one after another: old or new file, never a mix.

A sample of the touches of each command in every run, all of them in the long test. Run this file as
a program to see the counts: `python tests/crashes/test_failing_disk.py`.
"""

import errno
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from commands import COMMANDS
from disk import Disk
from trials import Stage, load_everything

ERRORS = {
    "full once": (errno.ENOSPC, False),
    "full from then on": (errno.ENOSPC, True),
    "input/output": (errno.EIO, False),
    "read-only from then on": (errno.EROFS, True),
    "size limit": (errno.EFBIG, False),
    "dies": (None, False),
}
SAMPLE = 1
"""Touches of each command and error in every run."""


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


def break_off(stage, error, at):
    """Break a command off at one touch, look at what is left, finish it; return how it ended."""
    number, stays = ERRORS[error]
    stage.reset()
    code, said = stage.say(stage.words, Disk(stage.out, at, number, stays=stays))
    assert "Traceback" not in said, said
    left = stage.check_between()
    if number is None:
        assert code == -9, said
    else:
        assert code in (0, 2, 3), said
        assert code == 0 or said.strip()
        if not stays:
            assert left == [] or stage.touches[at - 1] in ("unlink", "rmdir"), left
    stage.check_end()
    return code


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("error", ERRORS)
def test_some_touches_that_fail_leave_old_or_new(stages, name, error):
    stage = stages(name)
    for at in Random(f"{name} {error}").sample(range(1, len(stage.touches) + 1), SAMPLE):
        break_off(stage, error, at)


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("error", ERRORS)
def test_each_touch_that_fails_leaves_old_or_new(stages, name, error):
    stage = stages(name)
    for at in range(1, len(stage.touches) + 1):
        break_off(stage, error, at)


def main(names, every):
    """Print for each command and error how often it ended how; every how many touches are tried."""
    load_everything()
    n_wrong = 0
    for name in names or COMMANDS:
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(COMMANDS[name], Path(folder) / "work")
            for error in ERRORS:
                ends = Counter()
                for at in range(1, len(stage.touches) + 1, every):
                    try:
                        ends[break_off(stage, error, at)] += 1
                    except AssertionError as wrong:
                        n_wrong += 1
                        ends["WRONG"] += 1
                        print(
                            f"  {name}, {error}, touch {at} ({stage.touches[at - 1]}): {wrong}"[
                                :600
                            ]
                        )
                print(f"{name}, {error}: {dict(ends)}", flush=True)
    return int(n_wrong > 0)


if __name__ == "__main__":
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    sys.exit(main(sys.argv[2:], step))

"""Runs named on the command line; folders that are no runs are passed over with a word."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kla_sim.cli.listing import print_blocks
from kla_sim.language import describe, text

if TYPE_CHECKING:
    from kla_sim.errors import StoreError
    from kla_sim.store import RunFolder

_ = partial(text, "answers")


def find(name: str, out: Path) -> RunFolder:
    """Return the run that is meant.

    Raises
    ------
    StoreError : there is none, the name fits several, or what is meant cannot be read.
    """
    from kla_sim.store import find_run

    return find_run(out, name, say_passed_over)


def is_file(path: Path) -> bool:
    """Return whether there is such a file; a name that no file can have names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def say_passed_over(error: StoreError) -> None:
    """Say on standard error which folder was passed over, and why."""
    print_blocks([_("passed_over", why=describe(error))], sys.stderr)

"""The first run after an installation: the engine is compiled beside it, and one line says so."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from kla_sim.cli.output import print_notice
from kla_sim.language import text

if TYPE_CHECKING:
    from kla_sim.experiment.takeover import Takeover

_ = partial(text, "answers")


@contextmanager
def compiling_beside(
    engine: str, executor: str, told: list[str], *, is_quiet: bool
) -> Iterator[Takeover | None]:
    """Let runs inside begin before the engine is compiled; None where there is no need to.

    Parameters
    ----------
    told : receives what is said where the engine cannot be compiled beside the run.
    """
    if not is_to_compile(engine) or executor != "local":
        yield None
        return
    from kla_sim.engine.code_cache import has_place
    from kla_sim.experiment.takeover import taking_over

    def tell(code: str, reason: str) -> None:
        line = _(code, reason=reason)
        told.append(line)
        if not is_quiet:
            print_notice(line)

    if has_place() and not is_quiet and sys.stderr.isatty():
        print_notice(_("compiling_beside"))
    with taking_over(tell) as takeover:
        yield takeover


def is_to_compile(engine: str) -> bool:
    """Return whether an engine has to be compiled before its first replication."""
    from kla_sim.engine.code_cache import is_kept

    return engine == "compiled" and not is_kept("run_replications")

"""Sizes for a run of the tests without the compiler (`NUMBA_DISABLE_JIT=1`), as for coverage.

There a future takes some thousand times as long, and so does it to filter each of the 300 rows of a
shipped posterior. Tests say the same of fewer futures and rows; compiled, nothing changes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kla_sim.engine.posterior import Posterior

IS_COMPILED = os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
needs_compiler = pytest.mark.skipif(not IS_COMPILED, reason="about compiled code alone")
EVERY_ROW = 25
"""Of as many rows of a large posterior one stays."""


def sized(compiled: int, interpreted: int) -> int:
    """Return the size with the compiler, or the one without it."""
    return compiled if IS_COMPILED else interpreted


def thinned(posterior: Posterior) -> Posterior:
    """Return a posterior with some rows of many."""
    rows = posterior.rows
    return posterior._replace(rows=rows[::EVERY_ROW]) if len(rows) > 10 * EVERY_ROW else posterior


def pytest_configure() -> None:
    """Let plans be compiled under thinned posteriors, before the first module of tests is read."""
    if not IS_COMPILED:
        from kla_sim.engine import posterior, worlds

        worlds.load_posterior = lambda name: thinned(posterior.load_posterior(name))

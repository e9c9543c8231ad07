"""Every promise tried out, and the document of `selftest --intervals`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kla_sim import execution
from kla_sim.experiment.coverage import of_odds, of_others, pools
from kla_sim.experiment.coverage.trials import Coverage, Promise

Tell = Callable[[int, int], None]


def measure(
    trials: int, seed: int, n_workers: int, tell: Tell, *, with_flagship: bool = True
) -> list[Coverage]:
    """Measure the coverage of every interval that the program prints.

    Parameters
    ----------
    trials : of plain intervals; dearer ones have fewer.
    tell : called with how many promises are tried out and how many there are.
    with_flagship : whether pools of the shipped scenario are made, which takes about a minute.
    """
    promises = [*of_odds.promises(with_flagship=with_flagship), *of_others.promises()]
    if with_flagship:
        pools.flagship()  # once, before workers ask for it
    found: list[Coverage] = []

    def try_out(promise: Promise) -> Coverage:
        return promise.try_out(trials, seed)

    tell(0, len(promises))
    for coverage in execution.run_in_order(execution.threads(n_workers), try_out, promises):
        found.append(coverage)
        tell(len(found), len(promises))
    return found


def intervals_document(found: list[Coverage]) -> dict[str, Any]:
    """Return the document of `selftest --intervals --json`."""
    return {
        "intervals": [coverage.entry() for coverage in found],
        "passed": all(coverage.is_kept for coverage in found),
    }

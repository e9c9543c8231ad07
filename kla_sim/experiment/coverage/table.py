"""Every promise tried out, and the document of `selftest --intervals`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kla_sim import execution
from kla_sim.experiment.coverage import (
    of_choices,
    of_odds,
    of_others,
    of_ranges,
    of_studies,
    pools,
)
from kla_sim.experiment.coverage.trials import Coverage, Promise

Tell = Callable[[int, int], None]


def promises(*, with_flagship: bool = True) -> list[Promise]:
    """Return every promise of an interval that the program shows (`shown`).

    Parameters
    ----------
    with_flagship : those of pools of the shipped scenario as well.
    """
    return [
        *of_odds.promises(with_flagship=with_flagship),
        *of_choices.promises(with_flagship=with_flagship),
        *of_ranges.promises(),
        *of_studies.promises(),
        *of_others.promises(),
    ]


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
    asked = promises(with_flagship=with_flagship)
    if with_flagship:  # once, before workers ask for them
        pools.flagship()
        pools.relieved()
    found: list[Coverage] = []

    def try_out(promise: Promise) -> Coverage:
        return promise.try_out(trials, seed)

    tell(0, len(asked))
    for coverage in execution.run_in_order(execution.threads(n_workers), try_out, asked):
        found.append(coverage)
        tell(len(found), len(asked))
    return found


def intervals_document(found: list[Coverage]) -> dict[str, Any]:
    """Return the document of `selftest --intervals --json`."""
    return {
        "intervals": [coverage.entry() for coverage in found],
        "passed": all(coverage.is_kept for coverage in found),
    }

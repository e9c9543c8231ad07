"""What a run will take, in words, before it begins: time, memory and disk."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from kla_sim.cli import options
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.experiment.size import Size
    from kla_sim.scenario.model import Scenario

_ = partial(text, "answers")

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
_FEW = 10
"""From this many on, no decimals are given."""


def usual_size(scenario: Scenario) -> Size:
    """Return what `run` takes when nothing else is asked for."""
    from kla_sim.experiment.run import PART_SIZES
    from kla_sim.experiment.size import Asked, reckon

    engine = options.DEFAULT_ENGINE
    return reckon(
        scenario,
        Asked(
            replications=options.DEFAULT_REPLICATIONS,
            engine=engine,
            n_workers=os.cpu_count() or 1,
            part_size=PART_SIZES[engine],
        ),
    )


def size_words(size: Size) -> str:
    """Say what a run takes, roughly."""
    return _(
        "size_line",
        replications=number(size.replications),
        time=_time(size.seconds),
        memory=_gigabytes(size.memory_bytes),
        disk=_gigabytes(size.disk_bytes),
    )


def _time(seconds: float) -> str:
    """Return a time in its largest unit."""
    unit, length = next((entry for entry in _UNITS if seconds >= entry[1]), _UNITS[-1])
    return _(f"size_{unit}", count=_short(seconds / length))


def _gigabytes(n_bytes: float) -> str:
    return _short(n_bytes / 1e9)


def _short(value: float) -> str:
    return number(value, 0 if value >= _FEW else 1)

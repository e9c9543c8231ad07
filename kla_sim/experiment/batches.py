"""Batches: consecutive replications of a plan, simulated by either engine in any process.

`run` and `precise` cut their replications into batches; executors work on them. Not here: where
they are worked on (`execution`) and how results are kept and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import (
    Attempts,
    Replications,
    join_attempts,
    join_replications,
)
from kla_sim.engine.spells import Spells

EngineName = Literal["reference", "compiled"]


class Batch(NamedTuple):
    """Consecutive replications of a plan, small enough to send to any worker."""

    plan: Plan
    engine: EngineName
    first: int
    last: int
    keeps_activities: bool = False


class Simulated(NamedTuple):
    """Replications, with their activities if these are kept."""

    replications: Replications
    attempts: Attempts | None = None


def join_simulated(chunks: list[Simulated]) -> Simulated:
    """Put consecutive chunks together."""
    attempts = [chunk.attempts for chunk in chunks if chunk.attempts is not None]
    return Simulated(
        join_replications([chunk.replications for chunk in chunks]),
        join_attempts(attempts) if attempts else None,
    )


def simulate_batch(batch: Batch) -> Simulated:
    """Simulate one batch, in any process on any machine."""
    if batch.keeps_activities:
        return Simulated(*keeping_engine_of(batch.engine)(batch.plan, batch.first, batch.last))
    return Simulated(engine_of(batch.engine)(batch.plan, batch.first, batch.last))


def engine_of(name: EngineName) -> Callable[[Plan, int, int], Replications]:
    """Return an engine's function; heavy libraries load here and not before."""
    if name == "reference":
        from kla_sim.engine.reference import simulate

        return simulate
    from kla_sim.engine.compiled import simulate as simulate_compiled

    return simulate_compiled


def keeping_engine_of(
    name: EngineName,
) -> Callable[[Plan, int, int], tuple[Replications, Attempts]]:
    """Return an engine's function that keeps when each activity was at work."""
    if name == "reference":
        from kla_sim.engine.reference import simulate_keeping

        return simulate_keeping
    from kla_sim.engine.compiled import simulate_keeping as simulate_keeping_compiled

    return simulate_keeping_compiled


def telling_engine_of(
    name: EngineName,
) -> Callable[[Plan, int, int], tuple[Replications, Spells]]:
    """Return an engine's function that tells what every activity did from day to day."""
    if name == "reference":
        from kla_sim.engine.reference import simulate_telling

        return simulate_telling
    from kla_sim.engine.compiled import simulate_telling as simulate_telling_compiled

    return simulate_telling_compiled

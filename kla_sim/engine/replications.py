"""What replications return: arrays with one row per replication, the same from both engines."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.engine.structure import Structure

HELD, CANCELLED, MERGED = range(3)
"""What became of a cycle."""


class Replications(NamedTuple):
    """Results, one row per replication; an activity of the calendar not reached is -1 or NaN."""

    is_met: npt.NDArray[np.bool_]  # (n,) every city at the target on the deadline
    is_met_once: npt.NDArray[np.bool_]  # (n,) on some day up to the deadline all at once
    standing: npt.NDArray[np.int8]  # (n, n_cities) category on the deadline
    category: npt.NDArray[np.int8]  # (n, n_cities, n_cycles) -1 = no award within the horizon
    score: npt.NDArray[np.float64]  # latent, on the evidence day; NaN = not held
    verified: npt.NDArray[np.float64]
    claimed: npt.NDArray[np.float64]
    gap: npt.NDArray[np.float64]  # background gap after the step of the scheduled evidence day
    remainder: npt.NDArray[np.float64]  # what Kaltara and wide work leave of the gap, that day
    cycle_state: npt.NDArray[np.int8]  # (n, n_cycles) HELD, CANCELLED or MERGED
    evidence_day: npt.NDArray[np.int32]  # (n, n_cycles) with its slip; -1 = not held
    award_day: npt.NDArray[np.int32]
    appropriated: npt.NDArray[np.int64]  # (n, n_accounts, n_years) rupiah, after shocks
    released: npt.NDArray[np.int64]
    spent: npt.NDArray[np.int64]
    lapsed: npt.NDArray[np.int64]
    held: npt.NDArray[np.int64]  # at the end of the year, after lapsing, or at the horizon
    wait_days: npt.NDArray[np.int32]  # (n, 1 + n_cities, n_causes) row 0 = province
    busy_days: npt.NDArray[np.int32]  # (n, n_pools) post-days at work
    filled_days: npt.NDArray[np.int32]  # (n, n_pools) post-days within capacity and filled
    vacant_days: npt.NDArray[np.int32]  # (n, n_pools) post-days within capacity but vacant
    dormant_days: npt.NDArray[np.int32]  # (n, n_cities) zone-days
    launches: npt.NDArray[np.int16]  # (n, n_cities, n_years)
    n_events: npt.NDArray[np.int32]  # (n,) completions, calendar items and starts


class Attempts(NamedTuple):
    """When each activity was at work, activities in the order of the plan."""

    start: npt.NDArray[np.int32]  # (n, n_activities) day of the first start, -1 = never
    finish: npt.NDArray[np.int32]  # day the last attempt ends, maybe past the horizon; -1 = never
    attempts: npt.NDArray[np.int32]  # how often it was begun


def empty_attempts(structure: Structure, n: int) -> Attempts:
    """Return arrays for n replications in which nothing has begun."""
    shape = (n, len(structure.act_kind))
    return Attempts(
        np.full(shape, -1, np.int32), np.full(shape, -1, np.int32), np.zeros(shape, np.int32)
    )


def join_attempts(parts: list[Attempts]) -> Attempts:
    """Put replications one behind the other, in the order given."""
    return Attempts(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def empty_replications(structure: Structure, n: int) -> Replications:
    """Return arrays for n replications, filled with what holds before anything happens."""
    s = structure
    by_cycle = (n, s.n_cities, s.n_cycles)
    money = (n, s.n_accounts, s.n_years)

    def unknown() -> npt.NDArray[np.float64]:
        return np.full(by_cycle, np.nan)

    def amounts() -> npt.NDArray[np.int64]:
        return np.zeros(money, np.int64)

    def post_days() -> npt.NDArray[np.int32]:
        return np.zeros((n, s.n_pools), np.int32)

    def no_days() -> npt.NDArray[np.int32]:
        return np.full((n, s.n_cycles), -1, np.int32)

    return Replications(
        is_met=np.zeros(n, np.bool_),
        is_met_once=np.zeros(n, np.bool_),
        standing=np.zeros((n, s.n_cities), np.int8),
        category=np.full(by_cycle, -1, np.int8),
        score=unknown(),
        verified=unknown(),
        claimed=unknown(),
        gap=unknown(),
        remainder=unknown(),
        cycle_state=np.zeros((n, s.n_cycles), np.int8),
        evidence_day=no_days(),
        award_day=no_days(),
        appropriated=amounts(),
        released=amounts(),
        spent=amounts(),
        lapsed=amounts(),
        held=amounts(),
        wait_days=np.zeros((n, 1 + s.n_cities, s.n_causes), np.int32),
        busy_days=post_days(),
        filled_days=post_days(),
        vacant_days=post_days(),
        dormant_days=np.zeros((n, s.n_cities), np.int32),
        launches=np.zeros((n, s.n_cities, s.n_years), np.int16),
        n_events=np.zeros(n, np.int32),
    )


def row_of(out: Replications, row: int) -> Replications:
    """Return one row as views without the first dimension, to be written into."""
    views: list[Any] = [array[row, ...] for array in out]
    return Replications(*views)


def join_replications(parts: list[Replications]) -> Replications:
    """Put replications one behind the other, in the order given."""
    return Replications(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

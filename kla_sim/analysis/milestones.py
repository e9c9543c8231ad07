"""When zones and their work begin and are done, as quantiles over futures.

A future in which something does not happen counts as one in which it happens after the horizon:
quantiles are of all futures, never of the lucky ones alone. Called by `experiment.futures_schedule`
and shown by `report.schedule_figures`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.engine.spells import REWORK, WORK, Spells
from kla_sim.engine.structure import Structure

QUANTILES = (0.1, 0.5, 0.9)


class WorkDays(NamedTuple):
    """When each activity begins and is complete in each future, days from the start.

    Attributes
    ----------
    start, done : (n, n_activities) days; the day behind the horizon = not up to it.
    """

    start: IntArray
    done: IntArray


class Moments(NamedTuple):
    """When some things happen over futures.

    Attributes
    ----------
    days : (n_things, 3) P10, P50, P90 in days from the start; infinite = not up to the horizon.
    share : (n_things,) of the futures in which it happens up to the horizon.
    """

    days: FloatArray
    share: FloatArray


class PlanMoments(NamedTuple):
    """When a plan's work happens over futures.

    Attributes
    ----------
    n : number of futures.
    start, done : of each activity, in the order of the plan.
    zone_start : of the first work of each zone.
    zone_open : of the last of its services; share NaN where a zone opens none.
    zone_launch : of its launch; never where nothing launches it.
    """

    n: int
    start: Moments
    done: Moments
    zone_start: Moments
    zone_open: Moments
    zone_launch: Moments


def work_days(s: Structure, spells: Spells) -> WorkDays:
    """Return when each activity began and was complete; what stood at the start counts as day 0."""
    done = done_days(s, spells)
    start = np.full_like(done, s.horizon_day + 1)
    is_work = (spells.kind == WORK) | (spells.kind == REWORK)
    # spells stand in order: written backwards, the first of each activity is written last
    row, act = spells.row[is_work][::-1], spells.act[is_work][::-1]
    start[row, act] = spells.since[is_work][::-1]
    start[:, s.act_done | s.act_finished] = 0
    return WorkDays(start, done)


def done_days(s: Structure, spells: Spells) -> IntArray:
    """Return the day on which each activity is complete, (n, n_activities); see `WorkDays`."""
    never = s.horizon_day + 1
    done = np.where(spells.complete_day < 0, never, spells.complete_day).astype(np.int64)
    done[:, s.act_done | s.act_finished] = 0
    return done


def launch_days(s: Structure, done: IntArray) -> IntArray:
    """Return the day on which each zone is launched, (n, n_zones); past the horizon = never.

    Parameters
    ----------
    done : (n, n_activities) see `done_days`.
    """
    acts = _zone_activities(s)
    return _last_of(done[:, acts], s.kind_launches[s.act_kind[acts]], s.horizon_day + 1)


def plan_moments(s: Structure, days: WorkDays) -> PlanMoments:
    """Return when the work of a plan happens over futures."""
    n, never = len(days.start), s.horizon_day + 1
    acts = _zone_activities(s)
    kinds = s.act_kind[acts]
    begun = days.start[:, acts].min(axis=2, initial=never)
    opens = _last_of(days.done[:, acts], s.kind_opens[kinds] >= 0, never)
    is_without = ~(s.kind_opens[kinds] >= 0).any(axis=1)
    zone_open = moments(opens, s.horizon_day)
    zone_open.share[is_without] = np.nan
    return PlanMoments(
        n,
        moments(days.start, s.horizon_day),
        moments(days.done, s.horizon_day),
        moments(begun, s.horizon_day),
        zone_open,
        moments(launch_days(s, days.done), s.horizon_day),
    )


def moments(days: IntArray, horizon_day: int) -> Moments:
    """Return when things happen over futures.

    Parameters
    ----------
    days : (n, n_things) days from the start; past the horizon = not up to it.
    """
    n = len(days)
    places = [max(0, int(np.ceil(quantile * n - 1e-9)) - 1) for quantile in QUANTILES]
    found = np.sort(days, axis=0)[places].T.astype(float)
    found[found > horizon_day] = np.inf
    return Moments(found, (days <= horizon_day).mean(axis=0))


def _zone_activities(s: Structure) -> IntArray:
    """Return the activities of each zone, (n_zones, n_kinds_of_zone_work)."""
    n_of_zone = int((s.act_zone == 0).sum())
    first = s.zone_act_first.reshape(-1, 1)
    return first + np.arange(n_of_zone)


def _last_of(done: IntArray, counts: BoolArray, never: int) -> IntArray:
    """Return the day of the last of some work of each zone; never where there is no such work."""
    last: IntArray = np.where(counts, done, -1).max(axis=2, initial=-1)
    return np.where(last < 0, never, last)

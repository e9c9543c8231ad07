"""The critical chain behind each activity: what it waited for and worked on, back to the start.

The chain of an activity goes from it to the predecessor that was complete last, from there to the
one before, and so to the start or to the day of its stage. The days on it add up: to the day on
which the activity was complete, or to the day of the look at it if it was not. With limited posts
and money a chain holds waits as well as work; they belong to the activity that waited.

References
----------
Kelley, J. E. (1961). Critical-path planning and scheduling: mathematical basis. Operations Research
9(3), 296-320. doi:10.1287/opre.9.3.296
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.reasons import GIVEN_UP, N_BESIDE, STAGE
from kla_sim.analysis.zone_kit import after
from kla_sim.arrays import BoolArray, IntArray, ShortArray
from kla_sim.engine.spells import DORMANT, Spells
from kla_sim.engine.structure import Structure

_NEVER = 2**30
"""Later than any day; a completion after the look counts from here on."""


class Chains(NamedTuple):
    """The chains of n replications, each looked at on a day of its own."""

    is_done: BoolArray  # (n, n_activities) complete by the day
    due: IntArray  # the later, the later it is complete; beyond any day if not done by the day
    days: ShortArray  # (n, n_activities, n_reasons) on the chain, up to the day
    before: IntArray  # (n, n_activities) the predecessor on the chain; -1 = none


def follow_chains(s: Structure, spells: Spells, until: IntArray) -> Chains:
    """Return the critical chain of each activity.

    Parameters
    ----------
    until : (n,) day of the look; what happens on it is seen.
    """
    n, n_acts = spells.complete_day.shape
    completed = spells.complete_day.astype(np.int64)
    is_over = s.act_done | s.act_finished
    completed[:, is_over] = 0
    is_done = (completed >= 0) & (completed <= until[:, None])
    due = np.where(completed < 0, 2 * _NEVER, np.where(is_done, completed, _NEVER + completed))
    days = _days_spent(s, spells, until)
    before = np.full((n, n_acts), -1)
    chains = Chains(is_done, due, days, before)
    predecessors = _predecessors(s)
    for act in _in_order(s, predecessors):
        if not is_over[act]:
            _lengthen(s, chains, act, predecessors[act], until)
    return chains


def _lengthen(
    s: Structure, chains: Chains, act: int, predecessors: list[int], until: IntArray
) -> None:
    """Put the chain before an activity in front of its own days."""
    days, every = chains.days, np.arange(len(until))
    zone = s.act_zone[act]
    stage_day = np.minimum(int(s.zone_stage_day[zone]) if zone >= 0 else 0, until)
    if predecessors and s.act_elapsed[act] < 0:
        due = chains.due[:, predecessors]
        last = np.argmax(due, axis=1)
        found = np.array(predecessors)[last]
        # a stage that is still to come holds the work up whatever else is missing
        by_stage = (stage_day >= due[every, last]) | (stage_day >= until) & (zone >= 0)
        chains.before[:, act] = np.where(by_stage, -1, found)
        days[:, act] += np.where(by_stage[:, None], 0, days[every, found])
        days[:, act, STAGE] += np.where(by_stage, stage_day, 0)
    elif s.act_elapsed[act] < 0:
        days[:, act, STAGE] += stage_day
    end = np.where(chains.is_done[:, act], chains.due[:, act], until)
    days[:, act, GIVEN_UP] += end - days[:, act].sum(axis=1)


def _days_spent(s: Structure, spells: Spells, until: IntArray) -> ShortArray:
    """Return the days that each activity itself took up, (n, n_activities, n_reasons)."""
    shape = (len(until), s.n_activities, s.n_causes + N_BESIDE)
    is_work = spells.kind != DORMANT
    row, act, kind, since, end = (array[is_work] for array in spells[:5])
    length = np.maximum(np.minimum(end, until[row]) - since, 0)
    place = np.ravel_multi_index((row, act, kind % shape[2]), shape)
    return np.bincount(place, length, minlength=int(np.prod(shape))).astype(np.int32).reshape(shape)


def _predecessors(s: Structure) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(s.n_activities)]
    for act in range(s.n_activities):
        for later in after(s, act):
            found[later].append(act)
    return found


def _in_order(s: Structure, predecessors: list[list[int]]) -> list[int]:
    """Return the activities so that each comes behind its predecessors."""
    n_left = [len(before) for before in predecessors]
    order = [act for act, count in enumerate(n_left) if count == 0]
    for act in order:
        for later in after(s, act):
            n_left[later] -= 1
            if n_left[later] == 0:
                order.append(later)
    return order

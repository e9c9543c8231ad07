"""Spells: what every activity did from day to day, waiting or at work, and when it was complete.

Both engines can tell it beside their results; nothing of it is stored. The spells of an activity
follow each other without a hole from the day an attempt is ready until it ends. Who reckons with
them: `analysis.ledger_days` and its neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.arrays import IntArray, ShortArray

WORK, REWORK, DORMANT = -1, -2, -3
"""Kinds of spells beside the causes of waits: a first attempt, a later one, a zone's dormancy.

Negative, so that an array with three places behind those of the causes is indexed by either.
"""


class Spells(NamedTuple):
    """Spells of consecutive replications, by replication, activity and day."""

    row: IntArray  # (n_spells,) place of the replication
    act: IntArray  # activity in the order of the plan; of a dormant zone, the city
    kind: IntArray  # cause of a wait, or one of the kinds above
    since: IntArray  # first day
    until: IntArray  # the day behind the last, of work maybe past the horizon
    complete_day: ShortArray  # (n, n_activities) -1 = not completed in the replication


def arrange(entries: IntArray, complete_day: ShortArray) -> Spells:
    """Return spells in order, waits for one cause that touch each other in one piece.

    Parameters
    ----------
    entries : (n_entries, 5) row, act, kind, since, until, in any order.
    """
    row, act, kind, since, until = entries.T
    whose = (2 * row + (kind == DORMANT)) * (act.max(initial=0) + 1) + act
    when = since * (until.max(initial=0) + 1) + until
    held = entries[np.lexsort((when, whose))]
    row, act, kind, since, until = held.T
    goes_on = np.zeros(len(held), np.bool_)
    goes_on[1:] = (
        (kind[1:] >= 0) & (held[1:, :3] == held[:-1, :3]).all(axis=1) & (since[1:] == until[:-1])
    )
    is_first, is_last = ~goes_on, np.append(~goes_on[1:], True)[: len(held)]
    return Spells(
        row[is_first], act[is_first], kind[is_first], since[is_first], until[is_last], complete_day
    )

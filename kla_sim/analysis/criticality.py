"""How often an activity, a pool or an account is critical for a region that failed.

Of a verdict lost by points counts the zone that mattered: of the zones due by the evidence day the
first one not launched; where all are, the one launched last. An activity is critical if it lies on
the chain that ends in that launch (criticality index: van Slyke 1963, for stochastic networks
Kulkarni and Adlakha 1986), a pool, an account or another reason if the chain lost a day to it.

References
----------
Van Slyke, R. M. (1963). Monte Carlo methods and the PERT problem. Operations Research 11(5),
839-860. doi:10.1287/opre.11.5.839
Kulkarni, V. G. and Adlakha, V. G. (1986). Markov and Markov-regenerative PERT networks. Operations
Research 34(5), 769-781. doi:10.1287/opre.34.5.769
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.chains import Chains
from kla_sim.analysis.zone_kit import last_due, marking_activities, zone_activities
from kla_sim.arrays import BoolArray, IntArray
from kla_sim.engine.structure import INTEGRATION, Structure


class Criticality(NamedTuple):
    """Counts over verdicts, to be divided by their number."""

    n_verdicts: int
    activities: IntArray  # (n_kinds,) chains with an activity of this entry of the kits
    reasons: IntArray  # (n_reasons,) chains that lost a day to it
    days: IntArray  # (n_reasons,) days on the chains, work included

    def __add__(self, other: tuple[object, ...]) -> Criticality:
        """Return the counts of both together."""
        return Criticality(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))  # type: ignore[operator]


def criticality(
    s: Structure, is_booked: BoolArray, evidence_day: IntArray, chains: Chains
) -> Criticality:
    """Count over the verdicts lost by points in regions with a zone due.

    Parameters
    ----------
    is_booked : (n, n_cities) verdicts lost by points.
    evidence_day : (n,) up to which the chains were followed.
    """
    row, act = _ends(s, is_booked, evidence_day, chains)
    days = chains.days[row, act].sum(axis=0, dtype=np.int64)
    reasons = (chains.days[row, act] > 0).sum(axis=0)
    on_chain = np.zeros((len(row), len(s.kind_kit)), np.bool_)
    n_verdicts, place = len(row), np.arange(len(row))
    while len(place):
        on_chain[place, s.act_kind[act]] = True
        act = chains.before[row, act]
        goes_on = act >= 0
        place, row, act = place[goes_on], row[goes_on], act[goes_on]
    return Criticality(n_verdicts, on_chain.sum(axis=0), reasons, days)


def _ends(
    s: Structure, is_booked: BoolArray, evidence_day: IntArray, chains: Chains
) -> tuple[IntArray, IntArray]:
    """Return replication and activity at the end of each chain that counts."""
    n_zones = len(s.zone_city)
    ending = marking_activities(s, INTEGRATION)
    if not ending.shape[1]:
        ending = zone_activities(s)
    if not n_zones or not ending.shape[1]:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    ends = last_due(chains.due, ending)
    every = np.arange(len(ends))[:, None]
    is_open = chains.is_done[every, ends]
    due = np.where(is_open, chains.due[every, ends], evidence_day[:, None] + n_zones)
    # of what is missing the first zone counts, before all that was launched
    late = np.where(is_open, due, due - np.arange(n_zones))
    late = np.where(s.zone_stage_day <= evidence_day[:, None], late, -1)
    found: list[tuple[IntArray, IntArray]] = []
    for city in range(s.n_cities):
        zones = np.flatnonzero(s.zone_city == city)
        if not len(zones):
            continue
        rows = np.flatnonzero(is_booked[:, city] & (late[:, zones].max(axis=1) >= 0))
        found.append((rows, ends[rows, zones[late[rows][:, zones].argmax(axis=1)]]))
    return tuple(np.concatenate(arrays) for arrays in zip(*found, strict=True))  # type: ignore[return-value]

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
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import INTEGRATION


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
    zones, ends = zones_that_mattered(s, evidence_day, chains)
    row, city = np.nonzero(is_booked & (zones >= 0))
    act = ends[row, city]
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


def zones_that_mattered(
    s: Structure, evidence_day: IntArray, chains: Chains
) -> tuple[IntArray, IntArray]:
    """Return the zone that mattered in each region, and the activity that ends its chain.

    Returns
    -------
    zones : (n, n_cities) places of zones in the plan; -1 = none is due
    ends : (n, n_cities) activities
    """
    shape = (len(evidence_day), s.n_cities)
    zones, ends = np.full(shape, -1), np.zeros(shape, np.int64)
    ending = marking_activities(s, INTEGRATION)
    if not ending.shape[1]:
        ending = zone_activities(s)
    if not ending.size:
        return zones, ends
    every, n_zones = np.arange(shape[0])[:, None], len(ending)
    of_zones = last_due(chains.due, ending)
    is_done = chains.is_done[every, of_zones]
    # what is missing comes before all that stands, the first zone before the others
    missing = evidence_day[:, None] + n_zones - np.arange(n_zones)
    late = np.where(is_done, chains.due[every, of_zones], missing)
    late = np.where(s.zone_stage_day <= evidence_day[:, None], late, -1)
    for city in range(s.n_cities):
        own = np.flatnonzero(s.zone_city == city)
        if len(own):
            latest = own[late[:, own].argmax(axis=1)]
            is_due = late[every[:, 0], latest] >= 0
            zones[:, city] = np.where(is_due, latest, -1)
            ends[:, city] = of_zones[every[:, 0], latest]
    return zones, ends

"""What futures lost, all ledgers together: of one stretch of replications, or of several joined."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.chains import Chains, follow_chains
from kla_sim.analysis.criticality import Criticality, criticality
from kla_sim.analysis.ledger_days import days_by_year
from kla_sim.analysis.ledger_points import TERMS, LedgerOfPoints, points_ledger
from kla_sim.analysis.verdict_losses import LOSSES, POINTS, LastVerdicts, last_verdicts
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import Spells
from kla_sim.engine.verdicts import draw_verdicts

_RULE_WEIGHT = 50.0
"""Points that a verdict lost to a rule counts for where futures are compared."""


class Ledgers(NamedTuple):
    """What n futures lost."""

    days: IntArray  # (1 + n_cities, n_years, n_reasons) of all futures together
    last: LastVerdicts
    points: LedgerOfPoints
    critical: Criticality
    is_met: BoolArray  # (n,)

    @property
    def n(self) -> int:
        """The number of futures."""
        return len(self.is_met)


def keep_ledgers(
    plan: Plan, first: int, results: Replications, spells: Spells
) -> tuple[Ledgers, Chains]:
    """Return the ledgers of consecutive replications, and the chains behind them.

    Parameters
    ----------
    first : number of the first replication.
    """
    world = np.arange(first, first + len(results.is_met)) % plan.n_worlds
    drawn = draw_verdicts(plan, first, world)
    last = last_verdicts(plan, world, results, drawn)
    chains = follow_chains(plan.structure, spells, last.evidence_day)
    points = points_ledger(plan, world, results, drawn, last, chains)
    ledgers = Ledgers(
        days_by_year(plan.structure, spells),
        last,
        points,
        criticality(plan.structure, points.is_booked, last.evidence_day, chains),
        results.is_met,
    )
    return ledgers, chains


def join_ledgers(parts: list[Ledgers]) -> Ledgers:
    """Put the ledgers of consecutive stretches together."""
    critical = parts[0].critical
    for part in parts[1:]:
        critical = critical + part.critical
    return Ledgers(
        np.sum([part.days for part in parts], axis=0),
        LastVerdicts(*map(np.concatenate, zip(*(part.last for part in parts), strict=True))),
        LedgerOfPoints(*map(np.concatenate, zip(*(part.points for part in parts), strict=True))),
        critical,
        np.concatenate([part.is_met for part in parts]),
    )


def losses_by_city(ledgers: Ledgers) -> IntArray:
    """Count the futures that each region lost in each way, (n_cities, len(LOSSES))."""
    loss = ledgers.last.loss
    return np.stack([(loss == place).sum(axis=0) for place in range(len(LOSSES))], axis=1)


def mean_points(ledgers: Ledgers) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the means over each region's verdicts lost by points; 0 where it has none.

    Returns
    -------
    missing (n_cities,), terms (n_cities, len(TERMS)), shortfall (n_cities, n_reasons), points
    """
    points = ledgers.points
    n = np.maximum(points.is_booked.sum(axis=0), 1)
    return (
        points.missing.sum(axis=0) / n,
        points.terms.sum(axis=0) / n[:, None],
        points.shortfall.sum(axis=0) / n[:, None],
    )


def features(ledgers: Ledgers) -> FloatArray:
    """Return what tells futures apart, in points: missing by region, lost by reason, jury, rules.

    Returns
    -------
    (n, n_features)
    """
    points, loss = ledgers.points, ledgers.last.loss
    jury = points.terms[:, :, [TERMS.index("strictness"), TERMS.index("noise")]].sum(axis=1)
    by_rule = [(loss == place).sum(axis=1) for place in range(POINTS + 1, len(LOSSES))]
    return np.column_stack(
        [points.missing, points.shortfall.sum(axis=1), jury, _RULE_WEIGHT * np.array(by_rule).T]
    )

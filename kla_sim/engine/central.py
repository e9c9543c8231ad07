"""The values of a world without chance: what happens if everything goes as is to be expected.

Engines need not know of it: every distribution becomes its middle, every chance what is the more
likely, checks are passed, nobody leaves, nothing slips or is cancelled but what is certain to be.
Called by `plan` for `--central`.
"""

from __future__ import annotations

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.engine.formulas import FIXED, quantile
from kla_sim.engine.values import Values

_MIDDLE = 0.5


def without_chance(values: Values, tables: FloatArray) -> Values:
    """Return the values of a world in which every draw has one outcome.

    Times and costs are their medians (work under way longer than its median ends the next day),
    appropriations come as written, the background and the jury keep to their means.

    Parameters
    ----------
    tables : (n_tables, PERT_CELLS + 1) quantile tables of the plan.
    """
    return values._replace(
        duration=_middles(values.duration, tables),
        cost=_middles(values.cost, tables),
        replacement=_middles(values.replacement, tables),
        success=np.ones_like(values.success),
        turnover_days=np.zeros_like(values.turnover_days),
        common_shock=0.0,
        own_shock=0.0,
        volatility=0.0,
        cancelled=np.floor(values.cancelled),
        slip=np.floor(values.slip),
        strictness_sd=np.zeros_like(values.strictness_sd),
        noise=np.zeros_like(values.noise),
        one_step_up=_likelier(values.one_step_up),
        confirmation=_likelier(values.confirmation),
        kla_reach=_likelier(values.kla_reach),
    )


def _middles(rows: FloatArray, tables: FloatArray) -> FloatArray:
    """Return rows of fixed values, the medians of the rows given; (n, 5) each."""
    fixed = np.zeros_like(rows)
    fixed[:, 0] = FIXED
    fixed[:, 1] = [quantile(row, _MIDDLE, tables) for row in rows]
    return fixed


def _likelier(chance: float) -> float:
    return 1.0 if chance >= _MIDDLE else 0.0

"""The fast engine: all replications of a plan in one compiled kernel, equal to the reference.

The kernel holds the interpreter's lock only to be called, so threads share the cores. `layout`
arranges the plan, `kernel` simulates. Every rule stands in docs/model.md; the scalar ones in
`formulas` and `draws` are the very functions that the reference calls.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import numpy as np

from kla_sim.engine.compiled.kernel import run_replications
from kla_sim.engine.compiled.layout import Layout, lay_out
from kla_sim.engine.compiled.state import Told, empty_state, empty_told
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import (
    Attempts,
    Replications,
    empty_attempts,
    empty_replications,
)
from kla_sim.engine.spells import DORMANT, Spells, arrange

__all__ = ["simulate", "simulate_keeping", "simulate_telling"]

_KEPT = 4
_layouts: OrderedDict[int, tuple[Plan, Layout]] = OrderedDict()
_lock = Lock()


def simulate(plan: Plan, first: int, last: int) -> Replications:
    """Run replications first to last - 1 of a plan.

    Returns
    -------
    arrays with last - first rows
    """
    out = empty_replications(plan.structure, last - first)
    _run(plan, first, last, out, empty_attempts(plan.structure, 0))
    return out


def simulate_keeping(plan: Plan, first: int, last: int) -> tuple[Replications, Attempts]:
    """Run replications first to last - 1 and keep when each activity was at work."""
    out = empty_replications(plan.structure, last - first)
    kept = empty_attempts(plan.structure, last - first)
    _run(plan, first, last, out, kept)
    return out, kept


def simulate_telling(plan: Plan, first: int, last: int) -> tuple[Replications, Spells]:
    """Run replications first to last - 1 and tell what every activity did from day to day."""
    n, n_acts = last - first, plan.structure.n_activities
    layout, kept, most = _layout_of(plan), empty_attempts(plan.structure, 0), 4 * n_acts + 64
    while True:
        out = empty_replications(plan.structure, n)
        told = empty_told(n_acts, n, most)
        run_replications(first, last, layout, empty_state(layout, told), out, kept)
        if (told.n_entries <= most).all():
            return out, _arranged(layout, told)
        most = int(told.n_entries.max())


def _arranged(layout: Layout, told: Told) -> Spells:
    """Return what was told, with the activities in the order of the plan."""
    row, place = np.nonzero(np.arange(told.entries.shape[1]) < told.n_entries[:, None])
    found = told.entries[row, place].astype(np.int64)
    is_work = found[:, 1] != DORMANT
    found[is_work, 0] = layout.acts.number[found[is_work, 0]]
    complete_day = np.empty_like(told.complete_day)
    complete_day[:, layout.acts.number] = told.complete_day
    return arrange(np.column_stack([row, found]), complete_day)


def _run(plan: Plan, first: int, last: int, out: Replications, kept: Attempts) -> None:
    layout = _layout_of(plan)
    run_replications(first, last, layout, empty_state(layout), out, kept)


def _layout_of(plan: Plan) -> Layout:
    """Return the layout of a plan, kept for the next chunk; a kept plan keeps its identity."""
    with _lock:
        if id(plan) not in _layouts:
            _layouts[id(plan)] = plan, lay_out(plan)
            if len(_layouts) > _KEPT:
                _layouts.popitem(last=False)
        return _layouts[id(plan)][1]

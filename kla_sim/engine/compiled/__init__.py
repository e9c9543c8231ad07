"""The fast engine: all replications of a plan in one compiled kernel, equal to the reference.

The kernel holds the interpreter's lock only to be called, so threads share the cores. `layout`
arranges the plan, `kernel` simulates. Every rule stands in docs/model.md; the scalar ones in
`formulas` and `draws` are the very functions that the reference calls.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from kla_sim.engine.compiled.kernel import run_replications
from kla_sim.engine.compiled.layout import Layout, lay_out
from kla_sim.engine.compiled.state import empty_state
from kla_sim.engine.plan import Plan
from kla_sim.engine.replications import (
    Attempts,
    Replications,
    empty_attempts,
    empty_replications,
)

__all__ = ["simulate", "simulate_keeping"]

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

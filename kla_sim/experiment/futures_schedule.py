"""The schedule over futures: when work happens, simulated again from the first futures of a run.

Nothing of it is stored: the same futures come again from plan and seed (`unkept` does the same).
"""

from __future__ import annotations

from kla_sim.analysis.milestones import PlanMoments, plan_moments, work_days
from kla_sim.engine.plan import Plan
from kla_sim.experiment.batches import EngineName, telling_engine_of


def gantt_of(plan: Plan, first: int, last: int, engine: EngineName = "compiled") -> PlanMoments:
    """Return when the work of a plan happens over some of its futures.

    Parameters
    ----------
    first, last : number of the first future, and of the one behind the last.
    """
    _results, spells = telling_engine_of(engine)(plan, first, last)
    return plan_moments(plan.structure, work_days(plan.structure, spells))

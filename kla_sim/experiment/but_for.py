"""The same futures with one thing relieved: how many are rescued, how many harmed, at what price.

What would have been but for one lack is not what that lack has caused: several lacks may each hold
up a future alone, and relief may harm another by taking its staff. So both ways are counted, on the
same random numbers, beside the differences in odds and in the expected number of regions.
"""

from __future__ import annotations

from kla_sim.analysis.budgets import budget_differences
from kla_sim.analysis.differences import RARE, Outcomes, differences
from kla_sim.analysis.relieved import ButFor
from kla_sim.errors import UsageError
from kla_sim.experiment.compare import read_outcomes
from kla_sim.experiment.run import StoredRun
from kla_sim.experiment.unkept import Tell, outcomes_like
from kla_sim.scenario.relief import Relief, reliefs


def but_for(run: StoredRun, tell: Tell | None = None) -> list[ButFor]:
    """Return what relieving one thing at a time does to the futures of a run, the best first.

    By the odds of all cities; below 2 % by the expected number of cities.

    Raises
    ------
    UsageError : the run has fresh worlds each round.
    """
    manifest = run.folder.manifest
    if manifest.round_size:
        raise UsageError("explain_of_rounds")
    first, last = manifest.first, manifest.first + run.summary.n
    base = read_outcomes(run, first, last)
    cases = reliefs(run.scenario)
    found = []
    for relief in cases:
        found.append(_but_for(run, base, relief))
        if tell:
            tell(len(found), len(cases))
    is_rare = base.all_cities.mean() < RARE
    return sorted(found, key=lambda case: -case.found.leading(is_rare=is_rare).value)


def _but_for(run: StoredRun, base: Outcomes, relief: Relief) -> ButFor:
    relieved = outcomes_like(relief.scenario, run, base.first, base.first + len(base.is_met))
    n_met = int(base.is_met.sum())
    money = budget_differences(run.scenario, relief.scenario)
    return ButFor(
        relief,
        differences(base, relieved),
        len(base.is_met) - n_met,
        n_met,
        money.after - money.before,
        float(relieved.all_cities.mean()),
    )

"""What would help most, tried on the first futures of a run, at little cost.

Three things at most, those for which work waited longest in these futures, and staff and money
without limit; each on the same random numbers as the run. The plans begin alike, so that each takes
a fifth of a second and its futures. `explain` relieves everything, in all futures (`but_for`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kla_sim import execution
from kla_sim.analysis.budgets import budget_differences
from kla_sim.analysis.differences import Outcomes
from kla_sim.analysis.remedies import (
    Remedies,
    largest_lacks,
    ranked,
    read_remedies,
    remedy_of,
    withhold,
)
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.experiment.batches import Batch, EngineName, simulate_batch
from kla_sim.experiment.compare import join_outcomes, outcomes
from kla_sim.experiment.progress import RunningOdds
from kla_sim.experiment.run import StoredRun, here
from kla_sim.experiment.unkept import Tell
from kla_sim.scenario.relief import Relief, relieve, things_to_relieve, without_limits

if TYPE_CHECKING:
    from kla_sim.experiment.takeover import Takeover

MOST_TRIED = 600
"""Futures that each case is tried on: three of each of 200 worlds."""

N_TRIED = 3
"""Things tried one at a time."""


class _Beginning(NamedTuple):
    """The first futures of a run: how they end, and what work waited for in them."""

    planned: Outcomes
    waits: FloatArray  # (1 + n_cities, n_causes) days
    dormant: FloatArray  # (n_cities,) zone-days


def find_remedies(
    run: StoredRun, n_workers: int, takeover: Takeover | None = None, tell: Tell | None = None
) -> Remedies:
    """Return what would help most in a run: as it was kept, or tried now.

    It follows from the scenario, the seed and the first futures, whatever the number of workers and
    of the futures behind them.

    Parameters
    ----------
    takeover : as the run had it.

    Raises
    ------
    StoreError : a part of the run is missing or broken.
    """
    reason = _why_not(run, takeover)
    return kept_remedies(run) or (
        withhold(reason) if reason else _try(run, n_workers, takeover, tell)
    )


def remedies_at_hand(run: StoredRun) -> Remedies:
    """Return what the kept answer says would help, or that nothing was tried; nothing is run."""
    return kept_remedies(run) or withhold(_why_not(run, None) or "not_asked")


def kept_remedies(run: StoredRun) -> Remedies | None:
    """Return what the kept answer says would help; None where nothing was tried or kept."""
    answer = run.folder.read_answer()
    found = None if answer is None else read_remedies(answer.get("remedies"))
    if found is None or found.withheld or found.replications != _size(run):
        return None
    told = {(one.kind, one.subject) for one in found.tried}
    return found if told <= set(things_to_relieve(run.scenario)) else None


def _size(run: StoredRun) -> int:
    return min(run.summary.n, MOST_TRIED)


def _why_not(run: StoredRun, takeover: Takeover | None) -> str:
    manifest = run.folder.manifest
    if manifest.round_size:
        return "rounds"
    if manifest.shard:
        return "shard"
    if manifest.engine == "reference":
        return "reference"
    return "no_code" if takeover is not None and takeover.is_without_code else ""


def _try(run: StoredRun, n_workers: int, takeover: Takeover | None, tell: Tell | None) -> Remedies:
    begun = _begin(run, _size(run))
    odds, n = float(begun.planned.all_cities.mean()), len(begun.planned.is_met)
    reliefs = list(_chosen(run, begun))
    if not reliefs:
        return Remedies(n, odds, (), None)
    relieved = []
    for found in _relieved(run, reliefs, n, n_workers, takeover):
        relieved.append(found)
        if tell:
            tell(len(relieved), len(reliefs))
    budget = [budget_differences(run.scenario, relief.scenario) for relief in reliefs]
    unlimited, *tried = [
        remedy_of(relief.kind, relief.subject, money.after - money.before, begun.planned, found)
        for relief, money, found in zip(reliefs, budget, relieved, strict=True)
    ]
    return Remedies(n, odds, ranked(tried, odds), unlimited)


def _begin(run: StoredRun, n: int) -> _Beginning:
    """Read the first futures of a run once more."""
    labels = run.plan.labels
    waits = np.zeros((len(labels.accounts), len(labels.causes)))
    dormant = np.zeros(len(labels.cities))
    pieces = []
    for part in run.folder.read_parts(labels, run.folder.manifest.first + n):
        pieces.append(outcomes(run.plan, part.first, part.replications))
        waits += part.replications.wait_days.sum(axis=0)
        dormant += part.replications.dormant_days.sum(axis=0)
    return _Beginning(join_outcomes(pieces), waits, dormant)


def _chosen(run: StoredRun, begun: _Beginning) -> Iterator[Relief]:
    """Yield the plan without limits, and the plans with one of the largest lacks relieved."""
    lacks = largest_lacks(run.plan.labels, begun.waits, begun.dormant)
    if lacks:
        yield without_limits(run.scenario)
    found = (relieve(run.scenario, kind, subject) for kind, subject in lacks)
    for _number, relief in zip(range(N_TRIED), filter(None, found), strict=False):
        yield relief


def _relieved(
    run: StoredRun, reliefs: list[Relief], n: int, n_workers: int, takeover: Takeover | None
) -> Iterator[Outcomes]:
    """Yield what the first futures say with each thing relieved; plans are made on the way."""
    manifest = run.folder.manifest
    first, cities = manifest.first, run.plan.labels.cities
    plans: list[Plan] = []

    def batches() -> Iterator[Batch]:
        for relief in reliefs:
            plans.append(compile_plan(relief.scenario, manifest.seed))
            yield Batch(plans[-1], manifest.engine, first, first + n)

    def open_workplace(engine: EngineName) -> execution.OpenWorkplace:
        return here(engine, n_workers)

    if takeover is None:
        place = open_workplace(manifest.engine)
        results = execution.run_in_order(place, simulate_batch, batches())
    else:
        from kla_sim.experiment.takeover import simulate_meanwhile

        running = RunningOdds(None, 0, n)
        results = simulate_meanwhile(takeover, list(batches()), running, open_workplace)
    with closing(results):
        for number, simulated in enumerate(results):
            yield outcomes(plans[number], first, simulated.replications, cities)

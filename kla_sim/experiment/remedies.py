"""What would help most, tried on the first futures of a run, at little cost.

Three things at most, those for which work waited longest in these futures, and staff and money
without limit; each on the same random numbers as the run. The plans begin alike, so that each takes
a fifth of a second and its futures. `explain` relieves everything, in all futures (`but_for`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from kla_sim import execution
from kla_sim.analysis.budgets import budget_differences
from kla_sim.analysis.conditional import select_rows
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
from kla_sim.engine.replications import Replications
from kla_sim.experiment.batches import Batch, EngineName, simulate_batch
from kla_sim.experiment.compare import outcomes
from kla_sim.experiment.first_futures import MOST_TRIED
from kla_sim.experiment.progress import RunningOdds
from kla_sim.experiment.run import StoredRun, here
from kla_sim.experiment.unkept import Tell
from kla_sim.scenario.relief import Relief, relieve, things_to_relieve, without_limits

if TYPE_CHECKING:
    from kla_sim.experiment.takeover import Takeover

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
    """
    kept = kept_remedies(run)
    if kept is not None:
        return kept
    reason = _why_not(run, takeover)
    if reason or run.beginning is None:
        return withhold(reason or "rounds")
    begun = _begin(run, select_rows(run.beginning, slice(0, _size(run))))
    return _try(run, begun, n_workers, takeover, tell)


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


def _try(
    run: StoredRun,
    begun: _Beginning,
    n_workers: int,
    takeover: Takeover | None,
    tell: Tell | None,
) -> Remedies:
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


def _begin(run: StoredRun, first: Replications) -> _Beginning:
    """Say how the first futures of a run end."""
    return _Beginning(
        outcomes(run.plan, run.folder.manifest.first, first),
        first.wait_days.sum(axis=0),
        first.dormant_days.sum(axis=0),
    )


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

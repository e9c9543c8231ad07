"""What a report on a run is made of: the run read back, its plan as written, what explains it.

Whatever cannot be had is named with its reason and leaves the rest standing. The document is made
by `report.run_report`; the command line and the page tie the two together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from kla_sim.analysis.relieved import ButFor
from kla_sim.analysis.remedies import Remedies, withhold
from kla_sim.errors import KlaSimError
from kla_sim.experiment.but_for import but_for
from kla_sim.experiment.explain import Why, why
from kla_sim.experiment.futures_schedule import FuturesSchedule, futures_schedule
from kla_sim.experiment.remedies import find_remedies
from kla_sim.experiment.run import StoredRun
from kla_sim.scenario.loading import LoadedScenario, read_scenario

Result = TypeVar("Result")

_SCHEDULED = {"compiled": 300, "reference": 50}
"""Futures of which a schedule is drawn: P10 and P90 move by some days between such sets."""


class Material(NamedTuple):
    """All that a report on one run says something of.

    Attributes
    ----------
    loaded : the plan as the run keeps it, every value as it was written.
    remedies : what would help most, as kept with the run or tried now.
    cases : everything relieved, one thing at a time; empty where it was not asked for.
    missing : why a part is not there, by its name.
    """

    run: StoredRun
    loaded: LoadedScenario
    why: Why | None
    schedule: FuturesSchedule | None
    remedies: Remedies
    cases: tuple[ButFor, ...]
    missing: Mapping[str, KlaSimError]


def gather(run: StoredRun, *, has_details: bool = False) -> Material:
    """Look at why futures of a run fail and what would help.

    Parameters
    ----------
    has_details : whether everything is relieved, one thing at a time, in all its futures.

    Raises
    ------
    StoreError : something in the folder is missing, broken or changed.
    """
    missing: dict[str, KlaSimError] = {}

    def found(name: str, look: Callable[[], Result]) -> Result | None:
        try:
            return look()
        except KlaSimError as error:
            missing[name] = error
            return None

    return Material(
        run=run,
        loaded=read_scenario(run.folder.path / "scenario.yaml"),
        why=found("why", lambda: why(run)),
        schedule=found("schedule", lambda: _schedule(run)),
        remedies=found("remedies", lambda: find_remedies(run, os.cpu_count() or 1))
        or withhold("failed"),
        cases=tuple(found("cases", lambda: but_for(run)) or ()) if has_details else (),
        missing=missing,
    )


def _schedule(run: StoredRun) -> FuturesSchedule:
    """Return the schedule over the first futures of a run; with rounds, of its first worlds."""
    manifest = run.folder.manifest
    last = manifest.first + min(run.summary.n, _SCHEDULED[manifest.engine])
    return futures_schedule(run.plan, manifest.first, last, manifest.engine)

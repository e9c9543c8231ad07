"""What a report on a run is made of: the run read back, its plan as written, and why futures fail.

Whatever cannot be had is named with its reason and leaves the rest standing. The document is made
by `report.document`; the command line and the page tie the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kla_sim.errors import KlaSimError
from kla_sim.experiment.explain import Why, why
from kla_sim.experiment.run import StoredRun, read_run
from kla_sim.scenario.loading import LoadedScenario, read_scenario
from kla_sim.store import RunFolder


class Material(NamedTuple):
    """All that a report on one run says something of.

    Attributes
    ----------
    loaded : the plan as the run keeps it, every value as it was written.
    missing : why a part is not there, by its name.
    """

    run: StoredRun
    loaded: LoadedScenario
    why: Why | None
    missing: Mapping[str, KlaSimError]


def gather(folder: RunFolder, n: int | None = None) -> Material:
    """Read a run, at most its first n futures, and look at why they fail.

    Raises
    ------
    StoreError : something in the folder is missing, broken or changed.
    UsageError : this machine cannot hold its plan.
    """
    run = read_run(folder, n)
    missing: dict[str, KlaSimError] = {}
    found: Why | None = None
    try:
        found = why(run)
    except KlaSimError as error:
        missing["why"] = error
    return Material(run, read_scenario(folder.path / "scenario.yaml"), found, missing)

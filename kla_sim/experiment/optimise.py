"""Which of the plans that the levers of a scenario admit is best.

Where the search runs, what it is asked, and where its journal is kept. Not here: how it goes about
it (`stages`), and what is said of the outcome (`report.optimise_words`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kla_sim import execution, store
from kla_sim.errors import UsageError
from kla_sim.experiment.blocks import Trials
from kla_sim.experiment.journal import Journal
from kla_sim.experiment.optimum import Optimum, Request, Step, Tell
from kla_sim.experiment.run import cluster_of
from kla_sim.experiment.stages import Stages
from kla_sim.language.safe import for_file_name
from kla_sim.scenario.candidates import Space
from kla_sim.scenario.loading import LoadedScenario, digest


def check_levers_given(loaded: LoadedScenario) -> Space:
    """Return the plans that the levers of a scenario admit.

    Raises
    ------
    UsageError : it has no levers, they admit no plan, or none but the given one.
    """
    if loaded.scenario.levers is None:
        raise UsageError("levers_missing", file=str(loaded.path))
    space = Space(loaded.scenario)
    limit = space.refused_limit
    if limit:
        line = loaded.place(("levers", "limits", limit)).line
        raise UsageError("levers_admit_nothing", file=str(loaded.path), line=line, limit=limit)
    if space.n_plans <= 1:
        line = loaded.place("levers", of_key=True).line
        raise UsageError("levers_admit_one", file=str(loaded.path), line=line)
    return space


def folder_of(request: Request, results: Path) -> Path:
    """Return the folder of a search: another one for every other question."""
    scenario = request.loaded.scenario
    levers = scenario.levers.model_dump_json() if scenario.levers else ""
    asked = [digest(scenario), levers, request.n_trials, request.seed, request.odds]
    name = hashlib.sha256(json.dumps([*asked, request.engine]).encode()).hexdigest()[:12]
    return results / f"optimise-{for_file_name(scenario.name)}-{name}"


def workplace_of(executor: str, n_workers: int) -> execution.OpenWorkplace:
    """Return where plans are looked at: on this machine in processes, since plans are made there.

    Raises
    ------
    UsageError : there is no such executor.
    """
    if executor == "local":
        return execution.processes(n_workers) if n_workers > 1 else execution.threads(1)
    return cluster_of(executor, n_workers)


def optimise(
    request: Request, folder: Path, open_workplace: execution.OpenWorkplace, tell: Tell
) -> Optimum:
    """Look for the best plan, and choose it on fresh futures.

    Parameters
    ----------
    folder : where the journal is kept; the same request goes on from it.

    Raises
    ------
    UsageError : see `check_levers_given`; or optuna is not installed.
    StoreError : the journal in the folder was changed.
    """
    space = check_levers_given(request.loaded)
    with store.writing(folder):
        journal = Journal(folder, folder.name, len(request.loaded.scenario.cities))
        with open_workplace() as workplace:
            trials = Trials(journal, workplace, request.loaded, request.seed, request.engine)
            tell(Step("begin", 0, 1))
            return Stages(request, space, trials, tell).run()

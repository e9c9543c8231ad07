"""The plan of a stored run with the places of its values: in its own files where these still fit.

A run keeps a copy of its resolved plan. The files it came from tell more, since a planner knows
their lines; they are used as long as they mean exactly what was run.
"""

from __future__ import annotations

import json

from kla_sim.errors import KlaSimError
from kla_sim.reading import read_bounded
from kla_sim.scenario.loading import LoadedScenario, digest, read_scenario
from kla_sim.store import RunFolder

_MOST_BYTES = 2**26


def plan_as_written(folder: RunFolder) -> LoadedScenario:
    """Return the plan of a run, from its own files if they have its digest, else from the copy.

    Raises
    ------
    ScenarioError : the copy cannot be read either.
    """
    manifest = folder.manifest
    path = _path_noted(folder)
    if path:
        try:
            loaded = read_scenario(path, overrides=manifest.overrides)
        except (KlaSimError, OSError, ValueError):  # moved, edited or never here
            loaded = None
        if loaded and digest(loaded.scenario, manifest.model_version) == manifest.digest:
            return loaded
    return read_scenario(folder.path / "scenario.yaml")


def _path_noted(folder: RunFolder) -> str:
    """Return where the plan was when it ran, as its answer notes it; nothing where none does."""
    try:
        document = json.loads(read_bounded(folder.path / "summary.json", _MOST_BYTES))
        path = document["scenario"]["path"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return path if isinstance(path, str) else ""

"""The plan of a stored run with the places of its values: in its own files where these still fit.

A run keeps a copy of its resolved plan. The files it came from tell more, since a planner knows
their lines; they are used as long as they mean exactly what was run.
"""

from __future__ import annotations

from pathlib import Path

from kla_sim.errors import KlaSimError
from kla_sim.scenario.loading import LoadedScenario, digest, read_scenario
from kla_sim.scenario.origin import file_named
from kla_sim.store import RunFolder


def plan_as_written(folder: RunFolder) -> LoadedScenario:
    """Return the plan of a run, from its own files if they have its digest, else from the copy.

    Raises
    ------
    ScenarioError : the copy cannot be read either.
    """
    manifest = folder.manifest
    path = _own_file(folder)
    if path:
        try:
            loaded = read_scenario(path, overrides=manifest.overrides)
        except (KlaSimError, OSError, ValueError):  # moved, edited or never here
            loaded = None
        if loaded and digest(loaded.scenario, manifest.model_version) == manifest.digest:
            return loaded
    return read_scenario(folder.path / "scenario.yaml")


def _own_file(folder: RunFolder) -> Path | None:
    """Return the file that the plan was read from, as the manifest names it; None where none is."""
    origin = folder.manifest.origin
    return file_named(origin.files[0]) if origin is not None and origin.files else None

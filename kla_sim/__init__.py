"""kla_sim: the odds that every region of DKI Jakarta is utama at the end of 2026.

The layers, each knowing only those below it:

    cli                        commands, terminal output
    report | experiment        what is shown | what is tried (run, compare)
    analysis | execution | store   what it means | where work runs | what is kept
    engine                     one replication: plan, draws, reference (SimPy), compiled (numba)
    scenario                   what a planner writes: YAML, model, faults
    domain                     categories, indicators, units
    language                   every text, in Indonesian and English
    arrays                     what arrays of numbers are called in annotations
    reading                    files by others: regular ones of a bounded size only
    errors                     the exception tree

Data flows one way: Path -> Scenario -> Plan -> Replications -> Parquet part -> Summary -> figures
and words. Public names: `load_scenario`, `run`, `open_run`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load_scenario", "open_run", "run"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load public names on first use, so that `import kla_sim` costs nothing."""
    if name == "load_scenario":
        from kla_sim.scenario.loading import load_scenario

        return load_scenario
    if name == "run":
        from kla_sim.experiment.run import run

        return run
    if name == "open_run":
        from kla_sim.store import open_folder

        return open_folder
    raise AttributeError(name)

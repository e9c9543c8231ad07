"""The plans that a search has found, as scenario files that `run` takes."""

from __future__ import annotations

from pathlib import Path

from kla_sim.experiment.optimum import Optimum, Standing
from kla_sim.language import speaking, text
from kla_sim.scenario.loading import LoadedScenario, dump_scenario
from kla_sim.scenario.variants import COPY, base_of, variant_text, write_new


def write_plans(found: Optimum, loaded: LoadedScenario, folder: Path) -> dict[str, Path]:
    """Write the best plan and its alternatives into a folder; return the files by plan.

    Each extends the given scenario where that ships with the program, else a copy of it beside
    them. Names and comments are the same in whatever language the program speaks.

    Raises
    ------
    UsageError : a file of that name holds something else; nothing is overwritten.
    """
    base = base_of(loaded)
    if base == COPY:
        write_new(folder / COPY, dump_scenario(loaded))
    files = {}
    for one in (found.best, *found.alternatives):
        path = folder / f"{one.name.replace('_', '-')}.yaml"
        write_new(path, _text(one, loaded, base))
        files[one.name] = path
    return files


def _text(one: Standing, loaded: LoadedScenario, base: str) -> str:
    names, comments = [], []
    for language in ("id", "en"):
        with speaking(language):
            number = one.name.rpartition("_")[2]
            is_best = one.name == "best"
            name = text("optimising", "plan_best" if is_best else "plan_alternative", number=number)
            names.append(name)
            comments.append(
                text("optimising", "file_comment", name=name, scenario=loaded.scenario.name)
            )
    return variant_text(base, f"{loaded.scenario.name}, {names[0]}", one.plan.changes, comments)

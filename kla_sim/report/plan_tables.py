"""What a run rests on, as tables: assumptions and sources, every value of the plan, the run itself.

Values stand as they were written, with the file and line they come from.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kla_sim import __version__
from kla_sim.analysis.relieved import Remedy
from kla_sim.analysis.summary import Summary
from kla_sim.language import day, number, text
from kla_sim.report.captions import phrase_unfinished
from kla_sim.report.repeating import command_that_repeats
from kla_sim.report.run_tables import result_tables
from kla_sim.report.tables import Row, Table, columns, new_table
from kla_sim.scenario.loading import LoadedScenario, resolve
from kla_sim.scenario.nodes import node_at
from kla_sim.scenario.origin import shown_file
from kla_sim.scenario.paths import matching_paths
from kla_sim.scenario.writing import leaves
from kla_sim.store import Manifest

_ = partial(text, "tables")

_MOST_PLACES = 12
"""Places of one pattern whose values are told."""


def all_tables(
    loaded: LoadedScenario, summary: Summary, manifest: Manifest, tried: Sequence[Remedy] = ()
) -> list[Table]:
    """Return every table of a run, what it says first and what it rests on last.

    Parameters
    ----------
    loaded : the plan of the run, from its own files or from the copy that the run keeps.
    tried : what was relieved, one thing at a time, where somebody has tried it.
    """
    return [
        *result_tables(summary, loaded.scenario, tried),
        _assumptions(loaded),
        _uncertain(loaded),
        _values(loaded),
        _about(loaded, summary, manifest),
    ]


def _assumptions(loaded: LoadedScenario) -> Table:
    scenario = loaded.scenario
    rows: list[Row] = [
        (path, _value(loaded, path), *_range(loaded, path), _("is_assumed"), entry.why, None)
        for path, entry in scenario.assumptions.items()
    ]
    rows += [
        (path, _value(loaded, path), None, None, _("is_sourced"), entry.source, entry.date)
        for path, entry in scenario.sources.items()
    ]
    heads = [
        *columns("text", "path", "as_written", "from", "to", "standing", "reason"),
        *columns("date", "date"),
    ]
    return new_table("assumptions", heads, rows, _("note_assumptions"))


def _value(loaded: LoadedScenario, pattern: str) -> str:
    """Return what stands at a pattern as it was written; of several, with names, the first few."""
    stars = [place for place, key in enumerate(pattern.split(".")) if key == "*"]
    told = []
    for path in matching_paths(loaded.scenario, pattern):
        tree = node_at(loaded.tree, path)
        for keys, value in leaves(tree) if tree is not None else ():
            name = ".".join([*(str(path[place]) for place in stars), *keys])
            told.append(f"{name} {value}".strip())
    more = [f"(+{len(told) - _MOST_PLACES})"] * (len(told) > _MOST_PLACES)
    return "; ".join([*told[:_MOST_PLACES], *more])


def _range(loaded: LoadedScenario, path: str) -> tuple[str | None, ...]:
    """Return the ends of an assumption's range, else of what is drawn anew under the same path."""
    scenario = loaded.scenario
    if scenario.assumptions[path].range is not None:
        return tuple(_written(loaded, ("assumptions", path, "range", place)) for place in (0, 1))
    if path in scenario.uncertain:
        return tuple(_written(loaded, ("uncertain", path, end)) for end in ("low", "high"))
    return None, None


def _written(loaded: LoadedScenario, path: tuple[str | int, ...]) -> str:
    tree = node_at(loaded.tree, path)
    return "" if tree is None else ", ".join(value for _keys, value in leaves(tree))


def _uncertain(loaded: LoadedScenario) -> Table:
    rows = (
        (
            pattern,
            *(_written(loaded, ("uncertain", pattern, end)) for end in ("low", "likely", "high")),
            _(f"by_{entry.by}"),
            _("ends_p10_p90" if entry.meaning == "p10-p90" else "ends_range"),
        )
        for pattern, entry in loaded.scenario.uncertain.items()
    )
    heads = columns("text", "path", "from", "likely", "to", "by", "ends")
    return new_table("uncertain", heads, rows, _("note_uncertain"))


def _values(loaded: LoadedScenario) -> Table:
    found = resolve(loaded)
    files = {file: Path(shown_file(file)).name for file in {leaf.file for leaf in found}}
    rows = ((leaf.path, leaf.value, files[leaf.file], leaf.line) for leaf in found)
    heads = [*columns("text", "path", "as_written", "file"), *columns("year", "line")]
    return new_table("values", heads, rows, _("note_values"))


def _about(loaded: LoadedScenario, summary: Summary, manifest: Manifest) -> Table:
    scenario, n = loaded.scenario, number(summary.n)
    told = {
        "scenario": scenario.name,
        "changed": "; ".join(manifest.overrides),
        "start": day(scenario.start),
        "horizon": day(scenario.horizon),
        "target": _("target", category=scenario.target.category, day=day(scenario.target.deadline)),
        "n": n if manifest.is_finished else phrase_unfinished(manifest, n),
        "worlds": number(summary.worlds.n),
        "seed": str(manifest.seed),
        "engine": manifest.engine,
        "digest": manifest.digest,
        "model_version": str(manifest.model_version),
        "version": __version__,
        "shard": manifest.shard,
        "typed": shlex.join(manifest.command),
        "repeat": ""
        if manifest.shard
        else command_that_repeats(manifest, "scenario.yaml", summary.n),
    }
    rows = ((name, _(f"about_{name}"), value) for name, value in told.items() if value)
    heads = [*columns("key", "fact"), *columns("text", "fact_name", "fact_value")]
    return new_table("about", heads, rows, _("note_about"))

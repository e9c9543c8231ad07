"""Reads a scenario file with what it extends: every fault at once, each with its place.

`Path -> trees of the files -> one merged tree -> Scenario`. The merged tree keeps the place of each
key and value, so that later checks (`checks`, `lint`) can name it. Not here: what a scenario may
hold (`model`), which files there are (`layers`), and how YAML becomes a tree (`parsing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Sequence as Several
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from kla_sim.errors import Fault, ScenarioError
from kla_sim.scenario.blame import blame_variants
from kla_sim.scenario.capacities import with_earlier_posts
from kla_sim.scenario.checks import Problem, check_plan
from kla_sim.scenario.faults import fault_at, place_of, sign_behind
from kla_sim.scenario.layers import Reader
from kla_sim.scenario.merging import (
    SET,
    Keys,
    Layer,
    Merged,
    join,
    merge,
    parse_override,
    uncertain_patterns,
    without_nulls,
    without_orphans,
    without_uncertainty,
)
from kla_sim.scenario.model import MODEL_VERSION, Scenario
from kla_sim.scenario.nodes import Mapping, Scalar, child_of, plain_values
from kla_sim.scenario.posteriors import with_posterior
from kla_sim.scenario.refusals import faults_of
from kla_sim.scenario.salvage import is_consequence, salvage
from kla_sim.scenario.syntax import Place
from kla_sim.scenario.writing import leaves, yaml_lines


class LoadedScenario(NamedTuple):
    """A scenario, and where each of its values was written."""

    scenario: Scenario
    tree: Mapping
    path: Path
    parent: Mapping | None
    """What it extends, merged and unchecked; None for a scenario that stands alone."""
    unset: Mapping
    """The same before anything was set on the command line, unchecked."""
    dropped: tuple[Dropped, ...]
    """The uncertainties that went when values were set on the command line."""
    files: tuple[str, ...]
    """The files that it was read from, itself first."""

    def place(self, path: str | Keys, *, of_key: bool = False) -> Place:
        """Return where the value (or key) at a path was written, or the nearest around it."""
        return place_of(self.tree, _keys(path), of_key=of_key)

    def fault(
        self, code: str, path: str | Keys, /, *, of_key: bool = False, **fields: Any
    ) -> Fault:
        """Return a fault of the value (or key) at a dotted path, with its place."""
        return fault_at(self.tree, code, _keys(path), of_key=of_key, **fields)


class Dropped(NamedTuple):
    """An entry of `uncertain` that was dropped because a value it names was set."""

    pattern: str
    by: Keys


class Leaf(NamedTuple):
    """One written value of the resolved scenario and its place."""

    path: str
    value: str
    file: str
    line: int


def load_scenario(path: str | Path, *, overrides: Iterable[str] = ()) -> Scenario:
    """Read a scenario file; see `read_scenario`."""
    return read_scenario(path, overrides=overrides).scenario


def read_scenario(
    path: str | Path, *, overrides: Iterable[str] = (), text: str | None = None
) -> LoadedScenario:
    """Read a scenario file with what it extends, and check it.

    Parameters
    ----------
    overrides : `path=value` texts that replace single values, as after `--set`.
    text : stands for what is in the file, as while it is edited; None = the file is read.

    Raises
    ------
    ScenarioError : it is wrong; carries every fault found, in the order of the files.
    """
    path = Path(path)
    reader = Reader(text)
    layers = reader.read(path)
    if layers is None:
        raise ScenarioError(reader.faults)
    set_here = _overrides(overrides, reader.faults)
    judged = _judge([*set_here, *layers], reader.files)
    scenario, faults = judged.scenario, judged.faults
    if faults:
        faults = blame_variants(
            faults, [*set_here, *layers], lambda some: _judge(some, reader.files).faults
        )
    if reader.faults or faults or scenario is None:
        told_once = _split_numbers_once(reader.faults, faults)
        raise ScenarioError(_in_order(told_once, reader.files))
    return LoadedScenario(
        scenario,
        judged.tree,
        path,
        parent=_finished(join(layers[1:]), layers[1:]) if len(layers) > 1 else None,
        unset=_finished(join(layers), layers) if set_here else judged.tree,
        dropped=_dropped(set_here, join(layers)),
        files=tuple(name for name in reader.files if name != SET),
    )


class _Judged(NamedTuple):
    """Layers laid over each other, the scenario that they make, and what is wrong with it."""

    tree: Mapping
    scenario: Scenario | None
    faults: list[Fault]


def _judge(layers: list[Layer], files: list[str]) -> _Judged:
    merged = join(layers)
    tree = _finished(merged, layers)
    faults, removed = _uncertain_beside_posterior(merged.tree, files), list[Keys]()
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(plain_values(tree), by_alias=True, by_name=False)
    except ValidationError as error:
        faults += faults_of(error, tree, files)
        scenario, removed = salvage(tree, error)
    if scenario is not None:
        faults += [
            _fault_of(problem, tree, files)
            for problem in check_plan(scenario, tree)
            if not is_consequence(problem, removed)
        ]
    return _Judged(tree, scenario, [sign_behind(fault, tree) for fault in faults])


def digest(scenario: Scenario, model_version: int = MODEL_VERSION) -> str:
    """Return the SHA-256 that names a resolved scenario under a model version, else the present.

    A posterior counts by its content, whose hash the scenario carries, not by where its table lies.
    Levers do not count: what could be changed changes no future.
    """
    law = scenario.background
    if law.posterior is not None:
        named = law.model_copy(update={"posterior": Path(law.posterior).stem})
        scenario = scenario.model_copy(update={"background": named})
    resolved = scenario.model_dump_json(by_alias=True, exclude={"levers"})
    content = f"{model_version}\n{resolved}"
    return hashlib.sha256(content.encode()).hexdigest()


def dump_scenario(loaded: LoadedScenario) -> str:
    """Return the resolved scenario as YAML without `extends` that reads back as the same."""
    return "".join(f"{line}\n" for line in yaml_lines(loaded.tree))


def resolve(loaded: LoadedScenario) -> list[Leaf]:
    """Return every written value of the resolved scenario with the file and line it comes from."""
    return [
        Leaf(".".join(keys), value, *loaded.place(keys)[:2]) for keys, value in leaves(loaded.tree)
    ]


def _uncertain_beside_posterior(tree: Mapping, files: list[str]) -> list[Fault]:
    """Refuse uncertain numbers of the background written with the posterior or after it.

    Those of a file that it extends go with the numbers that the posterior replaces.
    """
    law = child_of(child_of(tree, "background"), "posterior")
    uncertain = tree.entries.get("uncertain")
    if not isinstance(law, Scalar) or law.is_null or uncertain is None:
        return []
    entries = uncertain.value.entries if isinstance(uncertain.value, Mapping) else {}
    return [
        fault_at(tree, "uncertain_from_posterior", ("uncertain", pattern), of_key=True)
        for pattern, entry in entries.items()
        if pattern.split(".")[0] == "background"
        and not (isinstance(entry.value, Scalar) and entry.value.is_null)
        and files.index(entry.place.file) <= files.index(law.place.file)
    ]


_SPLIT = ("comma_in_braces", "commas_in_braces")
_UNREADABLE = (
    "ambiguous_number", "more_than_count", "not_a_count", "not_a_day", "not_a_date", "not_a_number",
    "not_a_share", "not_a_time", "not_an_amount", "not_basis_points", "not_text",
    "not_whole_rupiah", "share_outside",
)  # fmt: skip


def _split_numbers_once(read: list[Fault], refused: list[Fault]) -> list[Fault]:
    """Join the faults of reading and of the model; a number split at its comma is judged once.

    What to write instead of `{2024: 1,5}` is advice only if the whole number may stand there.
    """
    unreadable = {
        (fault.file, fault.line, fault.column) for fault in refused if fault.code in _UNREADABLE
    }
    kept = [
        fault
        for fault in read
        if fault.code not in _SPLIT or (fault.file, fault.line, fault.column) not in unreadable
    ]
    return kept + refused


def _fault_of(problem: Problem, tree: Mapping, files: list[str]) -> Fault:
    """Give a problem its place; of several, the one that was written last."""
    if problem.elsewhere is not None:
        return problem.elsewhere
    faults = [
        fault_at(tree, problem.code, path, of_key=problem.of_key, **problem.fields)
        for path in (problem.path, *problem.or_at)
    ]
    return min(faults, key=lambda fault: files.index(fault.file))


def _keys(path: str | Keys) -> Keys:
    return tuple(path.split(".")) if isinstance(path, str) else path


def _overrides(texts: Iterable[str], faults: list[Fault]) -> list[Layer]:
    """Return values of the command line as layers, the last one first."""
    layers = []
    for text in texts:
        variant, keys, wrong = parse_override(text)
        faults += wrong
        if variant is not None:
            layers.append(Layer(variant, keys))
    return layers[::-1]


def _dropped(overrides: list[Layer], merged: Merged) -> tuple[Dropped, ...]:
    """Return the uncertainties that go when values are set over merged files."""
    dropped: list[Dropped] = []
    for layer in reversed(overrides):
        assert layer.keys is not None  # it comes from the command line
        merged = merge(merged, layer.tree)
        before = uncertain_patterns(merged.tree)
        merged = without_uncertainty(merged, layer.keys)
        kept = uncertain_patterns(merged.tree)
        dropped += [Dropped(pattern, layer.keys) for pattern in before if pattern not in kept]
    return tuple(dropped)


def _finished(merged: Merged, layers: list[Layer]) -> Mapping:
    """Return the tree of a scenario once everything is laid over everything."""
    tree = without_nulls(without_orphans(merged))
    assert isinstance(tree, Mapping)
    written = [layer.tree for layer in reversed(layers)]
    return with_posterior(with_earlier_posts(tree, written))


def _in_order(faults: Several[Fault], files: list[str]) -> list[Fault]:
    """Sort faults by file, the one that was asked for first, then by line and column."""
    place = {name: number for number, name in enumerate(files)}
    unique = {
        (fault.code, fault.path, fault.file, fault.line, fault.column): fault for fault in faults
    }
    return sorted(
        unique.values(),
        key=lambda fault: (place.get(fault.file, len(files)), fault.line, fault.column),
    )

"""Reads a scenario file with what it extends: every fault at once, each with its place.

`Path -> trees of the files -> one merged tree -> Scenario`. The merged tree keeps the place of each
key and value, so that later checks (`checks`, `lint`) can name it. Not here: what a scenario may
hold (`model`), and how YAML becomes a tree (`nodes`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Several
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from kla_sim.errors import Fault, ScenarioError
from kla_sim.scenario.blame import blame_variants
from kla_sim.scenario.capacities import with_earlier_posts
from kla_sim.scenario.checks import Problem, check_plan
from kla_sim.scenario.faults import (
    fault_at,
    faults_of,
    place_of,
    sign_behind,
    unknown_name,
    without_nulls,
)
from kla_sim.scenario.merging import (
    SET,
    Keys,
    Layer,
    Merged,
    join,
    merge,
    parse_override,
    uncertain_patterns,
    without_orphans,
    without_uncertainty,
)
from kla_sim.scenario.missing import SHIPPED, missing_file
from kla_sim.scenario.model import MODEL_VERSION, Scenario
from kla_sim.scenario.nodes import (
    MOST_BYTES,
    Mapping,
    Scalar,
    Sequence,
    Tree,
    child_of,
    parse_yaml,
    plain_values,
)
from kla_sim.scenario.posteriors import with_posterior
from kla_sim.scenario.salvage import is_consequence, salvage
from kla_sim.scenario.shipped import shipped_names, shipped_scenario
from kla_sim.scenario.syntax import Place, odd_fault

_MOST_LAYERS = 20


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


def read_scenario(path: str | Path, *, overrides: Iterable[str] = ()) -> LoadedScenario:
    """Read a scenario file with what it extends, and check it.

    Parameters
    ----------
    overrides : `path=value` texts that replace single values, as after `--set`.

    Raises
    ------
    ScenarioError : it is wrong; carries every fault found, in the order of the files.
    """
    path = Path(path)
    reader = _Reader()
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
        unset=_finished(join(layers), layers),
        dropped=_dropped(set_here, join(layers)),
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
    """
    law = scenario.background
    if law.posterior is not None:
        named = law.model_copy(update={"posterior": Path(law.posterior).stem})
        scenario = scenario.model_copy(update={"background": named})
    content = f"{model_version}\n{scenario.model_dump_json(by_alias=True)}"
    return hashlib.sha256(content.encode()).hexdigest()


def dump_scenario(loaded: LoadedScenario) -> str:
    """Return the resolved scenario as YAML without `extends` that reads back as the same."""
    return "".join(f"{line}\n" for line in _yaml_lines(loaded.tree, ""))


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


class _UnreadableError(Exception):
    """A file cannot be read at all; carries why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def _unreadable(code: str, place: Place, path: str = "", **fields: Any) -> _UnreadableError:
    return _UnreadableError(Fault(code, path, *place, fields=fields))


class _Reader:
    """Reads a file and what it extends, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.files: list[str] = [SET]

    def read(self, path: Path) -> list[Layer] | None:
        """Return a file and what it extends; None if some file could not be read at all."""
        try:
            layers = self._read_layers(path)
        except _UnreadableError as error:
            self.faults.append(error.fault)
            return None
        return layers

    def _read_layers(self, path: Path) -> list[Layer]:
        """Return the trees of a file and what it extends, without the key `extends` itself."""
        layers: list[Layer] = []
        seen: list[Path] = []
        shown, place = str(path), Place(str(path))
        while True:
            tree = self._read_file(path, shown, place)
            seen.append(path.resolve())
            extends = tree.entries.get("extends")
            rest = {key: entry for key, entry in tree.entries.items() if key != "extends"}
            layers.append(Layer(Mapping(rest, tree.place)))
            if extends is None:
                return layers
            path = _parent_of(path, extends.value, seen)
            shown, place = _shown(path), extends.value.place

    def _read_file(self, path: Path, shown: str, place: Place) -> Mapping:
        """Return a file's tree; `place` is where its name was written, for faults of the file."""
        self.files.append(shown)
        document = parse_yaml(_text_of(path, shown, place), shown)
        tree = document.tree
        if isinstance(tree, Mapping):
            self.faults += document.faults
            return tree
        if tree is None and document.faults:
            self.faults += document.faults[:-1]
            raise _UnreadableError(document.faults[-1])
        is_empty = tree is None or (isinstance(tree, Scalar) and tree.is_null)
        raise _unreadable("empty_file" if is_empty else "top_not_mapping", Place(shown, 1, 1))


def _text_of(path: Path, shown: str, place: Place) -> str:
    owner = "extends" if place.line else ""
    try:
        if path.is_dir():
            raise _unreadable("is_a_folder", place, owner, name=shown)
        if not path.exists():
            raise _UnreadableError(missing_file(path, shown, place, owner))
        if not path.is_file():
            raise _unreadable("not_a_file", place, owner, name=shown)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable("cannot_read", place, owner, name=shown) from error
    if len(content) > MOST_BYTES:
        raise _unreadable("file_too_large", place, owner, name=shown, most="1 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise _unreadable("not_utf8", Place(shown, line, column)) from error


def _parent_of(path: Path, name: Tree, seen: list[Path]) -> Path:
    """Return the file that `extends` names: a shipped scenario, or one in the same folder."""
    if not isinstance(name, Scalar) or not isinstance(name.value(), str):
        raise _unreadable("extends_not_text", name.place, "extends")
    if name.odd and not (path.parent / name.text).exists():
        odd, place = name.odd
        raise _UnreadableError(odd_fault(name.text, odd, place, "extends"))
    if name.text.startswith(SHIPPED):
        wanted, known = name.text.removeprefix(SHIPPED), shipped_names()
        if wanted not in known:
            code, fields = unknown_name("unknown_shipped", wanted, known)
            raise _unreadable(code, name.place, "extends", value=name.text, **fields)
        parent = shipped_scenario(wanted)
    else:
        parent = path.parent / name.text
        if not _is_inside(parent, path.parent):
            raise _unreadable("extends_outside", name.place, "extends", value=name.text)
    if parent.resolve() in seen:
        chain = [*seen[seen.index(parent.resolve()) :], parent]
        circle = " -> ".join(entry.name for entry in chain)
        raise _unreadable("extends_circle", name.place, "extends", circle=circle)
    if len(seen) >= _MOST_LAYERS:
        raise _unreadable("extends_too_long", name.place, "extends", most=str(_MOST_LAYERS))
    return parent


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL, a circle of links
        return False


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


def _shown(path: Path) -> str:
    """Return a path as briefly as it can be given from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


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


def leaves(tree: Tree, path: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Yield every written value of a tree below the keys that lead to it."""
    if isinstance(tree, Mapping):
        for key, entry in tree.entries.items():
            yield from leaves(entry.value, (*path, key))
    elif isinstance(tree, Scalar):
        yield path, tree.text
    else:
        yield path, _inline(tree)


def _inline(tree: Tree) -> str:
    """Write a value on one line."""
    if isinstance(tree, Scalar):
        return _scalar(tree)
    if isinstance(tree, Sequence):
        return f"[{', '.join(map(_inline, tree.items))}]"
    pairs = (f"{_quoted(entry.key)}: {_inline(entry.value)}" for entry in tree.entries.values())
    return f"{{{', '.join(pairs)}}}"


def _scalar(scalar: Scalar) -> str:
    """Write a value so that it reads back as the same: only numbers, flags and null stay plain."""
    value = scalar.value()
    return _quoted(value) if isinstance(value, str) else scalar.text or "null"


def _quoted(text: str) -> str:
    """Return a text in YAML's double quotes, or plain where that is safe."""
    is_text = isinstance(Scalar(text, True, Place("")).value(), str)
    if is_text and text.replace("_", "").isalnum() and text.isascii():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


def _yaml_lines(tree: Mapping, indent: str) -> Iterator[str]:
    for entry in tree.entries.values():
        key = _quoted(entry.key)
        if isinstance(entry.value, Mapping) and _is_deep(entry.value):
            yield f"{indent}{key}:"
            yield from _yaml_lines(entry.value, indent + "  ")
        else:
            yield f"{indent}{key}: {_inline(entry.value)}"


def _is_deep(tree: Mapping) -> bool:
    """Return whether a mapping is written over several lines: it holds mappings or much else."""
    n_signs = sum(len(entry.key) + len(_inline(entry.value)) + 4 for entry in tree.entries.values())
    return n_signs > 90 or any(isinstance(entry.value, Mapping) for entry in tree.entries.values())

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
from kla_sim.scenario.checks import Problem, check_plan
from kla_sim.scenario.faults import (
    fault_at,
    faults_of,
    nearest,
    place_of,
    unknown_name,
    without_nulls,
)
from kla_sim.scenario.merging import (
    SET,
    Keys,
    Merged,
    merge,
    parse_override,
    without_orphans,
    without_uncertainty,
)
from kla_sim.scenario.model import MODEL_VERSION, Scenario
from kla_sim.scenario.nodes import (
    MOST_BYTES,
    Mapping,
    Place,
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

_MOST_LAYERS = 20
_SHIPPED = "shipped:"


class LoadedScenario(NamedTuple):
    """A scenario, and where each of its values was written."""

    scenario: Scenario
    tree: Mapping
    path: Path
    parent: Mapping | None
    """What it extends, merged and unchecked; None for a scenario that stands alone."""

    def place(self, path: str | Keys, *, of_key: bool = False) -> Place:
        """Return where the value (or key) at a path was written, or the nearest around it."""
        return place_of(self.tree, _keys(path), of_key=of_key)

    def fault(
        self, code: str, path: str | Keys, /, *, of_key: bool = False, **fields: Any
    ) -> Fault:
        """Return a fault of the value (or key) at a dotted path, with its place."""
        return fault_at(self.tree, code, _keys(path), of_key=of_key, **fields)


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
    merged = reader.read(path)
    if merged is None:
        raise ScenarioError(reader.faults)
    merged = _override(merged, overrides, reader.faults)
    tree = without_nulls(without_orphans(merged))
    assert isinstance(tree, Mapping)
    tree = with_posterior(tree)
    faults, removed = list(reader.faults), list[Keys]()
    faults += _uncertain_beside_posterior(merged.tree, reader.files)
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(plain_values(tree), by_alias=True, by_name=False)
    except ValidationError as error:
        faults += faults_of(error, tree, reader.files)
        scenario, removed = salvage(tree, error)
    if scenario is not None:
        faults += [
            _fault_of(problem, tree, reader.files)
            for problem in check_plan(scenario, tree)
            if not is_consequence(problem, removed)
        ]
    if faults or scenario is None:
        raise ScenarioError(_in_order(faults, reader.files))
    parent = reader.parent and with_posterior(reader.parent)
    return LoadedScenario(scenario, tree, path, parent)


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
        Leaf(".".join(keys), value, *loaded.place(keys)[:2])
        for keys, value in _leaves(loaded.tree, ())
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


def _fault_of(problem: Problem, tree: Mapping, files: list[str]) -> Fault:
    """Give a problem its place; of several, the one that was written last."""
    faults = [
        fault_at(tree, problem.code, path, of_key=problem.of_key, **problem.fields)
        for path in (problem.path, *problem.or_at)
    ]
    return min(faults, key=lambda fault: files.index(fault.file))


def _keys(path: str | Keys) -> Keys:
    return tuple(path.split(".")) if isinstance(path, str) else path


class _UnreadableError(Exception):
    """A file cannot be read at all; carries why."""

    def __init__(self, code: str, place: Place, path: str = "", **fields: Any) -> None:
        super().__init__(code)
        self.fault = Fault(code, path, *place, fields=fields)


class _Reader:
    """Reads a file and what it extends, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.files: list[str] = [SET]
        self.parent: Mapping | None = None

    def read(self, path: Path) -> Merged | None:
        """Return the merged tree of a file; None if some file could not be read at all."""
        try:
            layers = self._read_layers(path)
        except _UnreadableError as error:
            self.faults.append(error.fault)
            return None
        merged = Merged(layers[-1], [])
        for layer in reversed(layers[:-1]):
            self.parent = without_orphans(merged)
            merged = merge(merged, layer)
        return merged

    def _read_layers(self, path: Path) -> list[Mapping]:
        """Return the trees of a file and what it extends, without the key `extends` itself."""
        layers: list[Mapping] = []
        seen: list[Path] = []
        shown, place = str(path), Place(str(path))
        while True:
            tree = self._read_file(path, shown, place)
            seen.append(path.resolve())
            extends = tree.entries.get("extends")
            rest = {key: entry for key, entry in tree.entries.items() if key != "extends"}
            layers.append(Mapping(rest, tree.place))
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
            last = document.faults[-1]
            place = Place(last.file, last.line, last.column)
            raise _UnreadableError(last.code, place, last.path, **last.fields)
        is_empty = tree is None or (isinstance(tree, Scalar) and tree.is_null)
        raise _UnreadableError("empty_file" if is_empty else "top_not_mapping", Place(shown, 1, 1))


def _text_of(path: Path, shown: str, place: Place) -> str:
    owner = "extends" if place.line else ""
    try:
        if path.is_dir():
            raise _UnreadableError("is_a_folder", place, owner, name=shown)
        if not path.exists():
            near = nearest(path.stem, shipped_names())
            code = "no_such_file_near" if near else "no_such_file"
            raise _UnreadableError(code, place, owner, name=shown, nearest=near or "")
        if not path.is_file():
            raise _UnreadableError("not_a_file", place, owner, name=shown)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _UnreadableError("cannot_read", place, owner, name=shown) from error
    if len(content) > MOST_BYTES:
        raise _UnreadableError("file_too_large", place, owner, name=shown, most="1 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise _UnreadableError("not_utf8", Place(shown, line, column)) from error


def _parent_of(path: Path, name: Tree, seen: list[Path]) -> Path:
    """Return the file that `extends` names: a shipped scenario, or one in the same folder."""
    if not isinstance(name, Scalar) or not isinstance(name.value(), str):
        raise _UnreadableError("extends_not_text", name.place, "extends")
    if name.text.startswith(_SHIPPED):
        wanted, known = name.text.removeprefix(_SHIPPED), shipped_names()
        if wanted not in known:
            code, fields = unknown_name("unknown_shipped", wanted, known)
            raise _UnreadableError(code, name.place, "extends", value=name.text, **fields)
        parent = shipped_scenario(wanted)
    else:
        parent = path.parent / name.text
        if not _is_inside(parent, path.parent):
            raise _UnreadableError("extends_outside", name.place, "extends", value=name.text)
    if parent.resolve() in seen:
        chain = [*seen[seen.index(parent.resolve()) :], parent]
        circle = " -> ".join(entry.name for entry in chain)
        raise _UnreadableError("extends_circle", name.place, "extends", circle=circle)
    if len(seen) >= _MOST_LAYERS:
        raise _UnreadableError("extends_too_long", name.place, "extends", most=str(_MOST_LAYERS))
    return parent


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL, a circle of links
        return False


def _override(merged: Merged, overrides: Iterable[str], faults: list[Fault]) -> Merged:
    for text in overrides:
        variant, keys, wrong = parse_override(text)
        faults += wrong
        if variant is not None:
            merged = without_uncertainty(merge(merged, variant), keys)
    return merged


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


def _leaves(tree: Tree, path: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(tree, Mapping):
        for key, entry in tree.entries.items():
            yield from _leaves(entry.value, (*path, key))
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

"""The files behind a scenario: itself and what it extends, each read into a tree.

Which file `extends` may name, and what is wrong where one cannot be read at all. Called by
`loading`, which lays them over each other.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from kla_sim.errors import Fault
from kla_sim.scenario.faults import unknown_name
from kla_sim.scenario.merging import SET, Layer
from kla_sim.scenario.missing import SHIPPED, missing_file
from kla_sim.scenario.nodes import Mapping, Scalar, Tree
from kla_sim.scenario.parsing import MOST_BYTES, Document, parse_yaml
from kla_sim.scenario.shipped import shipped_names, shipped_scenario
from kla_sim.scenario.syntax import Place, odd_fault

_MOST_LAYERS = 20
_MOST_PARSED = 16
_FIRST = 2
"""Files named once the one that was asked for is: behind the command line's."""


class _UnreadableError(Exception):
    """A file cannot be read at all; carries why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def _unreadable(code: str, place: Place, path: str = "", **fields: Any) -> _UnreadableError:
    return _UnreadableError(Fault(code, path, *place, fields=fields))


class Reader:
    """Reads a file and what it extends, and collects what is wrong with them.

    Parameters
    ----------
    text : stands for what is in the first file, which need not be there; None = it is read.
    """

    def __init__(self, text: str | None = None) -> None:
        self._text = text
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
        document = _parsed(self._content(path, shown, place), shown)
        tree = document.tree
        if isinstance(tree, Mapping):
            self.faults += document.faults
            return tree
        if tree is None and document.faults:
            self.faults += document.faults[:-1]
            raise _UnreadableError(document.faults[-1])
        is_empty = tree is None or (isinstance(tree, Scalar) and tree.is_null)
        raise _unreadable("empty_file" if is_empty else "top_not_mapping", Place(shown, 1, 1))

    def _content(self, path: Path, shown: str, place: Place) -> str:
        """Return what a file holds, or what was given in the place of the first one."""
        if self._text is None or len(self.files) > _FIRST:
            return _text_of(path, shown, place)
        return _within_size(self._text, shown)


@lru_cache(_MOST_PARSED)
def _parsed(text: str, shown: str) -> Document:
    """Read a text into a tree, which nobody changes; what it extends is the same again and again.

    A page that reads a scenario at each touch of a lever would spend most of its time here.
    """
    return parse_yaml(text, shown)


def _within_size(text: str, shown: str) -> str:
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise _unreadable("file_too_large", Place(shown), name=shown, most="1 MiB")
    return text


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


def _shown(path: Path) -> str:
    """Return a path as briefly as it can be given from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

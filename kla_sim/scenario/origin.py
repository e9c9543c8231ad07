"""Where a plan comes from: the files behind it, and which values differ from what it extends.

Kept with a run, so that a report can say what was changed when the files are gone or edited since.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kla_sim.scenario.faults import place_of
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.merging import SET
from kla_sim.scenario.missing import SHIPPED
from kla_sim.scenario.nodes import Mapping
from kla_sim.scenario.shipped import shipped_folder, shipped_scenario
from kla_sim.scenario.writing import Keys, leaves

MOST_CHANGES = 500
MOST_SIGNS = 200
"""Values told of, and signs of one; a plan with more is another plan, not a changed one."""

_NO_VALUES = frozenset(("schema_version", "sources", "assumptions", "waive", "levers", "name"))


class Change(NamedTuple):
    """A value that differs; an empty text stands for none, line 0 for no line of a file."""

    path: str
    before: str
    after: str
    file: str
    line: int


class Origin(NamedTuple):
    """The files behind a plan, itself first, and what differs.

    Attributes
    ----------
    changed : values that the file has otherwise than what it extends; at most `MOST_CHANGES`.
    set_here : values set on the command line, against those in the files.
    n_added : values that the file adds to what it extends, by their first key.
    """

    files: tuple[str, ...]
    changed: tuple[Change, ...]
    set_here: tuple[Change, ...]
    n_added: dict[str, int]


def origin_of(loaded: LoadedScenario) -> Origin:
    """Return where a plan comes from."""
    top = shown_file(loaded.files[0])
    own = _differences(loaded.parent, loaded.unset, top) if loaded.parent else []
    added: dict[str, int] = {}
    for change in own:
        if not change.before:
            key = change.path.split(".")[0]
            added[key] = added.get(key, 0) + 1
    changed = [change for change in own if change.before]
    here = _differences(loaded.unset, loaded.tree, SET)
    return Origin(
        tuple(map(shown_file, loaded.files)),
        tuple(changed[:MOST_CHANGES]),
        tuple(here[:MOST_CHANGES]),
        added,
    )


def shown_file(name: str) -> str:
    """Return a file as it can be named from anywhere: a shipped one without its folder."""
    path = Path(name)
    is_shipped = path.suffix == ".yaml" and path.resolve().parent == shipped_folder().resolve()
    return f"{SHIPPED}{path.stem}" if is_shipped else name


def file_named(name: str) -> Path:
    """Return the file that `shown_file` named so."""
    stem = name.removeprefix(SHIPPED)
    return Path(name) if stem == name else shipped_scenario(stem)


def _differences(before: Mapping, after: Mapping, remover: str) -> list[Change]:
    """Return the values that differ, in the order of the plan; what was taken away comes last.

    Parameters
    ----------
    remover : the file that takes values away; on which line is not kept.
    """
    old, new = _values(before), _values(after)
    changed = []
    for keys, value in new.items():
        if old.get(keys) != value:
            place = place_of(after, keys)
            file, line = (SET, 0) if place.file == SET else (shown_file(place.file), place.line)
            changed.append(_change(keys, old.get(keys, ""), value, file, line))
    gone = [_change(keys, value, "", remover, 0) for keys, value in old.items() if keys not in new]
    return changed + gone


def _values(tree: Mapping) -> dict[Keys, str]:
    return {keys: value for keys, value in leaves(tree) if keys[0] not in _NO_VALUES}


def _change(keys: Keys, before: str, after: str, file: str, line: int) -> Change:
    path, before, after = (text[:MOST_SIGNS] for text in (".".join(keys), before, after))
    return Change(path, before, after, file, line)

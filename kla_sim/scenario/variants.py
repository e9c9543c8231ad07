"""A plan that differs from a given one in some values, as a file that extends it.

What is written reads back as the same plan. Called by `experiment.optimise` for the plans that it
finds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kla_sim.errors import UsageError
from kla_sim.reading import read_in_place
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.model import CapacityStep
from kla_sim.scenario.paths import Path as Keys
from kla_sim.scenario.shipped import shipped_names, shipped_scenario
from kla_sim.writing import full_error, write_whole_new

COPY = "given.yaml"
"""The copy of a given scenario that does not ship with the program."""

_MILLION = 1_000_000


def base_of(loaded: LoadedScenario) -> str:
    """Return what a variant of a scenario extends: itself where it ships, else a copy beside it."""
    name = loaded.path.stem
    is_shipped = name in shipped_names() and loaded.path.resolve() == shipped_scenario(name)
    return f"shipped:{name}" if is_shipped and loaded.tree == loaded.unset else COPY


def variant_text(base: str, name: str, changes: dict[Keys, Any], comments: list[str]) -> str:
    """Return the file of a plan that changes some values of another.

    Parameters
    ----------
    base : what it extends.
    changes : the new values by path.
    comments : lines that say what it is.
    """
    tree: dict[str, Any] = {}
    for path, value in changes.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = _plain(path, value)
    head = [*(f"# {comment}" for comment in comments), "schema_version: 1", f"extends: {base}"]
    return (
        "\n".join([*head, f"name: {json.dumps(name, ensure_ascii=False)}", *_lines(tree, "")])
        + "\n"
    )


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; one that holds the same already is left as it is.

    Raises
    ------
    UsageError : a file of that name holds something else, or it cannot be written.
    """
    try:
        if path.exists():
            if read_in_place(path) != text:
                raise UsageError("plan_file_differs", file=str(path))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole_new(path, text.encode())
    except OSError as error:
        full = full_error(path, error)
        raise full or UsageError("cannot_write", path=str(path), reason=error) from error


def _plain(path: Keys, value: Any) -> Any:
    """Return a value as YAML writes it on one line."""
    if isinstance(value, dict):
        return {key: _plain(path, below) for key, below in value.items()}
    if isinstance(value, list):
        return f"[{', '.join(str(_plain(path, item)) for item in value)}]"
    if isinstance(value, CapacityStep):
        return f"{{from: {value.from_}, posts: {value.posts}}}"
    if path[0] == "accounts" and value >= _MILLION and value % _MILLION == 0:
        return f"{value // _MILLION} juta"
    return value


def _lines(tree: dict[str, Any], indent: str) -> list[str]:
    found: list[str] = []
    for key, value in tree.items():
        if isinstance(value, dict) and any(isinstance(below, dict) for below in value.values()):
            found += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        elif isinstance(value, dict):
            inner = ", ".join(f"{name}: {below}" for name, below in value.items())
            found.append(f"{indent}{key}: {{{inner}}}")
        else:
            found.append(f"{indent}{key}: {value}")
    return found

"""Posteriors that a scenario may name: the shipped ones, and tables that `calibrate` wrote.

Where the table is, its hash, its rows with what is wrong with them, and what it was fitted to. What
a row means is the engine's affair (`engine.posterior`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from kla_sim.domain.posterior_table import PosteriorRow, rows_from_csv
from kla_sim.domain.record import award_day
from kla_sim.domain.tables import read_bytes
from kla_sim.errors import Fault, ScenarioError
from kla_sim.scenario.nodes import Entry, Mapping, Scalar, child_of

MOST_BYTES = 2**26
"""Far above what a posterior takes."""

_TABLE = ".csv"
_EARLIER = "earlier"
"""Where shipped tables lie that were replaced, each by its name and the start of its hash."""


def shipped_posteriors() -> list[str]:
    """Return the names of the posteriors that ship with the package."""
    shelf = _shelf()
    if not shelf.is_dir():
        return []
    names = [Path(entry.name) for entry in shelf.iterdir()]
    return sorted(name.stem for name in names if name.suffix == _TABLE)


def table_with(name: str, sha256: str | None) -> str:
    """Return the name of the shipped table of that name that has a hash, be it an earlier one.

    A run keeps to the table that it was made with when another has replaced it. Without an earlier
    one of that hash the name stays what it is.
    """
    if sha256 is None or name.endswith(_TABLE) or hash_of(name) == sha256:
        return name
    earlier = f"{name}-{sha256[:8]}"
    return earlier if hash_of(earlier) == sha256 else name


def hash_of(name: str) -> str | None:
    """Return the SHA-256 of a posterior's table; None if it cannot be read."""
    try:
        return hashlib.sha256(read_bytes(_table(name), name)).hexdigest()
    except ScenarioError:
        return None


def read_rows(name: str) -> tuple[PosteriorRow, ...]:
    """Read the rows of a posterior's table.

    Raises
    ------
    ScenarioError : it is wrong or cannot be read; every fault with its line and column.
    """
    shown = _shown(name)
    return rows_from_csv(read_bytes(_table(name), shown), shown)


def table_faults(name: str) -> list[Fault]:
    """Return what is wrong with a posterior's table; of shipped ones nothing is."""
    if not name.endswith(_TABLE):
        return []
    try:
        read_rows(name)
    except ScenarioError as error:
        return error.faults
    return []


def notes_of(name: str) -> dict[str, Any] | None:
    """Return what a posterior was fitted to; None if nothing says so as `calibrate` writes it."""
    try:
        notes = json.loads(read_bytes(_notes(name), name))
        award_day(int(notes["fitted_until"]))
        is_whole = all(isinstance(province, str) for province in notes.get("left_out", []))
    except (ScenarioError, ValueError, LookupError, TypeError, AttributeError):
        return None
    except (OverflowError, RecursionError):  # a year beyond any calendar, lists without end
        return None
    return {"left_out": [], **notes} if is_whole else None


def fitted_until(name: str) -> dt.date | None:
    """Return the day of the last award that a posterior knows of; None if nothing says so."""
    notes = notes_of(name)
    return award_day(int(notes["fitted_until"])) if notes else None


def with_posterior(tree: Mapping) -> Mapping:
    """Return a scenario's tree in which a posterior's table has its full path and its hash.

    A run folder keeps the tree, so that the run can be read again from anywhere, and is refused if
    the table has become another.
    """
    background = child_of(tree, "background")
    named = child_of(background, "posterior")
    if not isinstance(background, Mapping) or not isinstance(named, Scalar):
        return tree
    text = named.text
    if text.endswith(_TABLE):
        text = str((Path(named.place.file).parent / text).absolute())
    entries = dict(background.entries)
    is_plain = named.is_plain and text == named.text
    named = replace(named, text=text, is_plain=is_plain)
    entries["posterior"] = entries["posterior"]._replace(value=named)
    found = hash_of(text)
    if found and "sha256" not in entries:
        entries["sha256"] = Entry("sha256", named.place, Scalar(found, False, named.place))
    here = tree.entries["background"]._replace(value=Mapping(entries, background.place))
    return Mapping({**tree.entries, "background": here}, tree.place)


def _shown(name: str) -> str:
    """Return the path of a table as briefly as it can be given from here."""
    here = Path.cwd()
    return str(Path(name).relative_to(here)) if Path(name).is_relative_to(here) else name


def _table(name: str) -> Traversable:
    return Path(name) if name.endswith(_TABLE) else _shipped(f"{name}{_TABLE}")


def _notes(name: str) -> Traversable:
    return Path(name).with_suffix(".json") if name.endswith(_TABLE) else _shipped(f"{name}.json")


def _shipped(file: str) -> Traversable:
    """Return a file of the present fits, or else of the earlier ones."""
    present = _shelf() / file
    return present if present.is_file() else _shelf() / _EARLIER / file


def _shelf() -> Traversable:
    return files("kla_sim") / "data" / "posteriors"

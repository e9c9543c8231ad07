"""Posteriors that a scenario may name: the shipped ones, and tables that `calibrate` wrote.

Only what reading a scenario needs: where the file is, its hash, and what it was fitted to. What a
row means is the engine's affair (`engine.posterior`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from kla_sim.domain.record import award_day
from kla_sim.reading import read_bounded
from kla_sim.scenario.nodes import Entry, Mapping, Scalar, child_of

MOST_BYTES = 2**26
"""Far above what a posterior takes."""

_TABLE = ".csv"


def shipped_posteriors() -> list[str]:
    """Return the names of the posteriors that ship with the package."""
    shelf = _shelf()
    if not shelf.is_dir():
        return []
    names = [Path(entry.name) for entry in shelf.iterdir()]
    return sorted(name.stem for name in names if name.suffix == _TABLE)


def hash_of(name: str) -> str | None:
    """Return the SHA-256 of a posterior's table; None if it cannot be read."""
    try:
        return hashlib.sha256(_content(_table(name))).hexdigest()
    except OSError:
        return None


def fitted_until(name: str) -> dt.date | None:
    """Return the day of the last award that a posterior knows of; None if nothing says so."""
    try:
        meta: dict[str, Any] = json.loads(_content(_notes(name)))
        return award_day(int(meta["fitted_until"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


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
    entries["posterior"] = entries["posterior"]._replace(value=Scalar(text, is_plain, named.place))
    found = hash_of(text)
    if found and "sha256" not in entries:
        entries["sha256"] = Entry("sha256", named.place, Scalar(found, False, named.place))
    here = tree.entries["background"]._replace(value=Mapping(entries, background.place))
    return Mapping({**tree.entries, "background": here}, tree.place)


def _content(file: Traversable) -> bytes:
    """Return the content of a posterior's file, whatever a scenario may name as one."""
    if isinstance(file, Path):
        return read_bounded(file, MOST_BYTES, follows_links=True)
    return file.read_bytes()


def _table(name: str) -> Traversable:
    return Path(name) if name.endswith(_TABLE) else _shelf() / f"{name}{_TABLE}"


def _notes(name: str) -> Traversable:
    return Path(name).with_suffix(".json") if name.endswith(_TABLE) else _shelf() / f"{name}.json"


def _shelf() -> Traversable:
    return files("kla_sim") / "data" / "posteriors"

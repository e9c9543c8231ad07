"""What every shape of a figure has: axes, a table of what is drawn, words for who does not see it.

A shape holds plain arrays and finished texts; makers fill it (`figures` and its likes), drawings
draw it (`drawing`). Every label is already in the reader's language; the tables keep the fixed
names of the JSON documents, so that a CSV reads the same in any language. Not here: the shapes
themselves, which `drawable` lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.language import number, text

_ = partial(text, "plots")

_MOST_PARTS = 12
"""Parts of a figure that its description for readers who do not see it names."""

Cell = str | float

Entry = TypeVar("Entry")
Places = tuple[int, ...] | None
"""What is drawn of many entries, in their order; None = all. The table always holds all."""


class Tick(NamedTuple):
    """A place on an axis and what stands there."""

    place: float
    label: str


class Axis(NamedTuple):
    """An axis with fixed ends."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...]


class Table(NamedTuple):
    """The drawn numbers, with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def picked(entries: Sequence[Entry], places: Places) -> tuple[Entry, ...]:
    """Return the entries at some places; all of them where no places are named."""
    return tuple(entries) if places is None else tuple(entries[place] for place in places)


def taken(values: FloatArray, places: Places, axis: int) -> FloatArray:
    """Return what `picked` does, along an axis of an array."""
    return values if places is None else np.take(values, places, axis=axis)


def rows_by_keys(keys: Sequence[Sequence[str]], values: FloatArray) -> list[tuple[Cell, ...]]:
    """Return one row of a table per combination of keys: these, then the numbers there.

    Parameters
    ----------
    values : its first dimensions are those of the keys; what is left is written side by side.
    """
    found = np.asarray(values, dtype=float)
    places = np.ndindex(*map(len, keys))
    return [
        (*named, *found[place].ravel().tolist())
        for named, place in zip(product(*keys), places, strict=True)
    ]


@dataclass(frozen=True)
class Figure:
    """What every figure has: the name of its files, a sentence as its title, and its footer.

    For readers who do not see it `alt` says the finding and what the parts are; where a figure is
    made without one, from its own title and labels.
    """

    name: str
    title: str
    footer: str
    alt: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.alt:
            object.__setattr__(self, "alt", _described(self.title, self.parts()))

    def parts(self) -> tuple[str, ...]:
        """Return what its parts are, in words, the most telling first."""
        return ()


def iso_day(start: dt.date, day: float) -> str:
    """Return a day counted from the start as a date that tables hold."""
    return (start + dt.timedelta(days=int(day))).isoformat()


def _described(title: str, parts: tuple[str, ...]) -> str:
    """Return a finding with the first parts of the figure that shows it."""
    if not parts:
        return title
    told, n_more = (
        "; ".join(part.rstrip(".") for part in parts[:_MOST_PARTS]),
        len(parts) - _MOST_PARTS,
    )
    if n_more > 0:
        return _("alt_more", title=title, parts=told, n=number(n_more))
    return _("alt", title=title, parts=told)

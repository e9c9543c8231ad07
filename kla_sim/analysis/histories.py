"""Award histories as a tree whose shared beginnings are worked out once.

The likelihood of a record and the forecasts of the back test both filter many histories through
the same law. A history stops at its last known award; the empty cells behind it, a silence, are
shared by all. Pure functions on arrays; called by `calibration` and `award_forecasts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.record import UNKNOWN, AwardRecord
from kla_sim.engine.background import (
    N_CATEGORIES,
    Law,
    award_chances,
    background_grid,
    first_chances,
    rate_nodes,
    step_kernel,
)
from kla_sim.engine.jury import NO_STANDING
from kla_sim.engine.posterior import PosteriorRow, law_of

History = tuple[int, ...]
"""The award of each evaluation so far, or the sign of an empty cell."""

UNREPORTED, UNREAD = -1, -2
"""Signs of an empty cell: the award may have gone unreported, or the list that holds it is known
to be complete and the cell is empty for a reason that has nothing to do with the category."""

_N_SIGHTS = (NO_STANDING + 1) * N_CATEGORIES


class Level(NamedTuple):
    """How the rows of one evaluation follow from those before: sorted terms, summed by target."""

    source: IntArray  # (n_terms,) row before
    sight: IntArray  # (n_terms,) flat index of standing, award and whether it went unreported
    start: IntArray  # (n_rows,) first term of each row after
    end_history: IntArray  # (n_ends,) histories that see their last award here
    end_row: IntArray  # (n_ends,) their rows
    end_award: IntArray  # (n_ends,) their last awards


class Tree(NamedTuple):
    """Histories, each ending with a known award; equal ones share their rows."""

    histories: tuple[History, ...]
    levels: tuple[Level, ...]


class Sights(NamedTuple):
    """The chance of each award by standing and cell at each evaluation, whatever the place."""

    steps: tuple[int, ...]  # background steps of one year before each evaluation, the first 0
    seen: list[FloatArray]  # (n_standings, n_categories, n_cells) at each evaluation
    unreported: list[FloatArray]  # the same, times the chance to go unreported


class Walk(NamedTuple):
    """Where a kind of place may be at an evaluation, given each beginning of a history."""

    place: int  # number of the evaluation
    level: Level
    state: FloatArray  # (n_rates, n_rows, n_cells) joint chance of the history, rate and gap


def signs_of(record: AwardRecord) -> IntArray:
    """Return the record with the sign of each empty cell, (n_places, n_years)."""
    empty = np.where(record.is_listed, UNREAD, UNREPORTED)
    return np.where(record.category == UNKNOWN, empty, record.category)


def steps_between(years: tuple[int, ...]) -> tuple[int, ...]:
    """Return the background steps before each evaluation: one a scheduled year, held or not."""
    return (0, *(later - earlier for earlier, later in pairwise(years)))


def see(row: PosteriorRow, years: tuple[int, ...], reporting: FloatArray) -> Sights:
    """Return what a jury gives at each evaluation.

    Parameters
    ----------
    reporting : (n_years, n_categories) chance that an award is on record.
    """
    grid, habits = background_grid(), law_of(row, 0)
    seen = [award_chances(grid, habits, row.strictness[year]) for year in years]
    hidden = (1.0 - reporting)[:, None, :, None]
    unreported = [awards * hides for awards, hides in zip(seen, hidden, strict=True)]
    return Sights(steps_between(years), seen, unreported)


_Rows = dict[History, list[tuple[int, int]]]
"""Beginnings of histories to the standing category and row of each of their states."""


def grow_tree(histories: tuple[History, ...]) -> Tree:
    """Return the tree of histories that each end with a known award."""
    rows: _Rows = {(): [(NO_STANDING, 0)]}
    levels = []
    for place in range(max((len(history) for history in histories), default=0)):
        level, rows = _next_level(histories, place, rows)
        levels.append(level)
    return Tree(histories, tuple(levels))


def _next_level(histories: tuple[History, ...], place: int, before: _Rows) -> tuple[Level, _Rows]:
    source: list[int] = []
    sight: list[int] = []
    start: list[int] = []
    after: _Rows = {}
    for beginning in dict.fromkeys(
        history[: place + 1] for history in histories if len(history) > place
    ):
        symbol = beginning[-1]
        # a KLA award never goes unreported, so an empty cell is not one
        awards = [symbol] if symbol >= 0 else range(N_CATEGORIES - 1)
        after[beginning] = []
        for award in awards:
            after[beginning].append((award, len(start)))
            start.append(len(source))
            for standing, row in before[beginning[:-1]]:
                source.append(row)
                sight.append(_sight(standing, award, symbol))
    ending = [number for number, history in enumerate(histories) if len(history) == place + 1]
    ends = [after[histories[number]][0] for number in ending]
    level = Level(
        np.array(source, np.int64),
        np.array(sight, np.int64),
        np.array(start, np.int64),
        np.array(ending, np.int64),
        np.array([row for _, row in ends], np.int64),
        np.array([award for award, _ in ends], np.int64),
    )
    return level, after


def _sight(standing: int, award: int, symbol: int) -> int:
    return standing * N_CATEGORIES + award + _N_SIGHTS * (symbol == UNREPORTED)


def start_and_kernel(law: Law) -> tuple[FloatArray, FloatArray]:
    """Return the chances of rate and gap before the first award, and of a step of one year.

    Returns
    -------
    first : (n_rates, n_cells)
    kernel : (n_rates, n_cells, n_cells)
    """
    grid = background_grid()
    rates, weights = rate_nodes(law.rate_median, law.rate_spread)
    first = weights[:, None] * first_chances(grid, law.first_mean, law.first_sd)
    return first, step_kernel(grid, rates, law.volatility)


def walk(tree: Tree, first: FloatArray, kernel: FloatArray, sights: Sights) -> Iterator[Walk]:
    """Follow all histories of a tree through the evaluations."""
    state = first[:, None, :]
    for place, level in enumerate(tree.levels):
        for _ in range(sights.steps[place]):
            state = state @ kernel
        by_sight = np.stack([sights.seen[place], sights.unreported[place]])
        chances = by_sight.reshape(2 * _N_SIGHTS, -1)[level.sight]
        state = np.add.reduceat(state[:, level.source] * chances, level.start, axis=1)
        yield Walk(place, level, state)


def chances_of_silences(
    silences: tuple[History, ...], kernel: FloatArray, sights: Sights
) -> dict[History, FloatArray]:
    """Return the chance of each silence up to the last evaluation, given gap and standing before.

    Parameters
    ----------
    silences : each after the one that it leaves when its first cell is dropped.

    Returns
    -------
    (n_rates, n_standings, n_cells) each
    """
    n_rates, n_cells = kernel.shape[:2]
    chances: dict[History, FloatArray] = {(): np.ones((n_rates, N_CATEGORIES, n_cells))}
    back = kernel.transpose(0, 2, 1)
    for silence in silences:
        if not silence:
            continue
        place = len(sights.steps) - len(silence)
        view = (sights.unreported if silence[0] == UNREPORTED else sights.seen)[place]
        awards = view[:, :-1].transpose(2, 0, 1)
        later = chances[silence[1:]][:, : N_CATEGORIES - 1].transpose(2, 1, 0)
        chance = (awards @ later).transpose(2, 1, 0)
        for _ in range(sights.steps[place]):
            chance = chance @ back
        chances[silence] = chance
    return chances


def marginal_chances(first: FloatArray, kernel: FloatArray, sights: Sights) -> FloatArray:
    """Return the chance of each award at each evaluation when nothing is known of a place.

    Returns
    -------
    (n_years, n_categories)
    """
    state = first[:, None, :]
    chances = []
    for place, steps in enumerate(sights.steps):
        for _ in range(steps):
            state = state @ kernel
        seen = sights.seen[place][[NO_STANDING]] if place == 0 else sights.seen[place][:-1]
        state = np.einsum("rsb,scb->rcb", state, seen)
        chances.append(state.sum(axis=(0, 2)))
    return np.asarray(np.clip(np.array(chances), 0.0, 1.0))

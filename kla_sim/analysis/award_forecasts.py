"""Forecasts of the next award: by the fitted law and by two naive rules, for the same moves.

A move is a pair of adjacent evaluations at which a place's award is known; the forecast of its
later award sees the place's awards up to the earlier one and nothing behind it. Forecasts are for
the five outcomes none to utama; KLA, which no place has reached, counts as utama.
Not here: how good a forecast was (`forecast_scores`), and which awards the law was fitted to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.analysis.histories import (
    History,
    Sights,
    Tree,
    grow_tree,
    see,
    signs_of,
    start_and_kernel,
    walk,
)
from kla_sim.domain.record import AwardRecord, kind_of_places
from kla_sim.engine.background import N_CATEGORIES
from kla_sim.engine.posterior import PosteriorRow, law_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

N_OUTCOMES = 5
"""none, pratama, madya, nindya, utama (or KLA)."""

_ADDED = 0.5


class Moves(NamedTuple):
    """Adjacent known awards of a record."""

    place: IntArray  # (n_moves,) place in the record
    evaluation: IntArray  # (n_moves,) number of the later evaluation
    earlier: IntArray  # (n_moves,) outcome known
    later: IntArray  # (n_moves,) outcome forecast

    def of(self, chosen: npt.NDArray[np.bool_]) -> Moves:
        """Return the chosen moves, (n_moves,)."""
        return Moves(*(part[chosen] for part in self))


def outcome_of(category: IntArray) -> IntArray:
    """Return the outcome of a category number."""
    return np.minimum(category, N_OUTCOMES - 1)


def moves_of(record: AwardRecord) -> Moves:
    """Return all moves of a record."""
    place, evaluation = record.pairs().T
    return Moves(
        place,
        evaluation,
        outcome_of(record.category[place, evaluation - 1]),
        outcome_of(record.category[place, evaluation]),
    )


def forecast_by_law(
    record: AwardRecord, moves: Moves, rows: Sequence[PosteriorRow], reporting: FloatArray
) -> FloatArray:
    """Forecast every move from the place's awards before it.

    Each row of the posterior counts by how well it explains those awards.

    Parameters
    ----------
    reporting : (n_years, n_categories) chance that an award is on record.

    Returns
    -------
    (n_moves, N_OUTCOMES)
    """
    signs, kinds = signs_of(record), kind_of_places(record)
    beginnings = [
        tuple(signs[place, :evaluation].tolist())
        for place, evaluation in zip(moves.place, moves.evaluation, strict=True)
    ]
    forecasts = np.zeros((len(beginnings), N_OUTCOMES))
    for kind in np.unique(kinds[moves.place]):
        chosen = np.flatnonzero(kinds[moves.place] == kind)
        distinct = tuple(dict.fromkeys(beginnings[move] for move in chosen))
        number = {history: place for place, history in enumerate(distinct)}
        joint = _joint_chances(distinct, int(kind), rows, record.years, reporting)
        forecast = joint.sum(axis=0)
        forecast[~forecast.any(axis=1)] = 1.0  # awards that no row can explain tell nothing
        forecast /= forecast.sum(axis=1, keepdims=True)
        forecast[:, N_OUTCOMES - 1] += forecast[:, N_OUTCOMES:].sum(axis=1)
        for move in chosen:
            forecasts[move] = forecast[number[beginnings[move]], :N_OUTCOMES]
    return forecasts


def _joint_chances(
    histories: tuple[History, ...],
    kind: int,
    rows: Sequence[PosteriorRow],
    years: tuple[int, ...],
    reporting: FloatArray,
) -> FloatArray:
    """Return the chance of history and next award, (n_rows, n_histories, n_categories)."""
    tree = grow_tree(histories)
    return np.stack([_joint_by_row(tree, kind, row, see(row, years, reporting)) for row in rows])


def _joint_by_row(tree: Tree, kind: int, row: PosteriorRow, sights: Sights) -> FloatArray:
    first, kernel = start_and_kernel(law_of(row, kind))
    joint = np.zeros((len(tree.histories), N_CATEGORIES))
    for place, level, state in walk(tree, first, kernel, sights):
        if not len(level.end_row):
            continue
        ahead = state[:, level.end_row]
        for _ in range(sights.steps[place + 1]):
            ahead = ahead @ kernel
        awards = sights.seen[place + 1][level.end_award]
        joint[level.end_history] = np.einsum("eb,ecb->ec", ahead.sum(axis=0), awards)
    return joint


def forecast_by_table(training: Moves, moves: Moves) -> FloatArray:
    """Forecast by the table of moves of the training places, 1/2 added to every cell.

    Returns
    -------
    (n_moves, N_OUTCOMES)
    """
    table = np.full((N_OUTCOMES, N_OUTCOMES), _ADDED)
    np.add.at(table, (training.earlier, training.later), 1.0)
    table /= table.sum(axis=1, keepdims=True)
    return np.asarray(table[moves.earlier])


def forecast_no_change(training: Moves, moves: Moves) -> FloatArray:
    """Forecast that the training places' share stays, 1/2 added, and the rest goes anywhere.

    Returns
    -------
    (n_moves, N_OUTCOMES)
    """
    n_stayed = float(np.sum(training.earlier == training.later))
    stays = (n_stayed + _ADDED) / (len(training.earlier) + 2 * _ADDED)
    table = np.full((N_OUTCOMES, N_OUTCOMES), (1.0 - stays) / (N_OUTCOMES - 1))
    np.fill_diagonal(table, stays)
    return np.asarray(table[moves.earlier])

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

from kla_sim.analysis.calibration import given_common, log_chances_by_common, prepare
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
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.domain.record import AwardRecord, kind_of_places
from kla_sim.engine.background import N_CATEGORIES
from kla_sim.engine.posterior import PosteriorRow, law_of
from kla_sim.engine.province import COMMON_CHANCES

N_OUTCOMES = 5
"""none, pratama, madya, nindya, utama (or KLA)."""

_ADDED = 0.5


class Moves(NamedTuple):
    """Adjacent known awards of a record."""

    place: IntArray  # (n_moves,) place in the record
    evaluation: IntArray  # (n_moves,) number of the later evaluation
    earlier: IntArray  # (n_moves,) outcome known
    later: IntArray  # (n_moves,) outcome forecast

    def of(self, chosen: BoolArray) -> Moves:
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


class Provinces(NamedTuple):
    """What each row of a posterior believes of what the places of a province share."""

    names: tuple[str, ...]
    chances: FloatArray  # (n_rows, n_provinces, n_common)

    @classmethod
    def seen_in(
        cls, record: AwardRecord, rows: Sequence[PosteriorRow], share: float = 1.0
    ) -> Provinces:
        """Return what a record says of its provinces.

        Parameters
        ----------
        share : part of all places that the record was chosen from, see `calibration.prepare`.
        """
        material = prepare(record, share)
        logs = np.stack(
            [
                log_chances_by_common(row, material, see(row, material.years, material.reporting))
                for row in rows
            ]
        )
        weights = COMMON_CHANCES * np.exp(logs - logs.max(axis=2, keepdims=True))
        return cls(material.provinces, weights / weights.sum(axis=2, keepdims=True))

    def of(self, province: str) -> FloatArray:
        """Return the beliefs of every row, (n_rows, n_common); those before any award if unseen."""
        if province not in self.names:
            return np.tile(COMMON_CHANCES, (len(self.chances), 1))
        return self.chances[:, self.names.index(province)]


def forecast_by_law(
    record: AwardRecord,
    moves: Moves,
    rows: Sequence[PosteriorRow],
    reporting: FloatArray,
    provinces: Provinces,
    is_fitted: BoolArray,
) -> FloatArray:
    """Forecast every move from the place's awards before it and those of its province.

    Each row of the posterior counts by how well it explains those awards of the place; where the
    rows were fitted to them, that is done already.

    Parameters
    ----------
    reporting : (n_years, n_categories) chance that an award is on record.
    provinces : what the rows believe of the provinces, by the record that they were fitted to.
    is_fitted : (n_moves,) whether that record holds the place's own awards before the move.

    Returns
    -------
    (n_moves, N_OUTCOMES)
    """
    joint = joint_chances(record, moves, rows, reporting)
    forecasts = np.zeros((len(moves.place), N_OUTCOMES))
    for move, place in enumerate(moves.place):
        given = joint[:, move]
        if is_fitted[move]:
            given = given / given.sum(axis=1, keepdims=True)
        forecast = np.einsum("kcu,ku->c", given, provinces.of(record.provinces[place]))
        forecast /= forecast.sum()
        forecast[N_OUTCOMES - 1] += forecast[N_OUTCOMES:].sum()
        forecasts[move] = forecast[:N_OUTCOMES]
    return forecasts


def joint_chances(
    record: AwardRecord, moves: Moves, rows: Sequence[PosteriorRow], reporting: FloatArray
) -> FloatArray:
    """Return the chance of a place's awards before each move and of each award after it.

    Parameters
    ----------
    reporting : (n_years, n_categories) chance that an award is on record.

    Returns
    -------
    (n_rows, n_moves, n_categories, n_common) given what the places of a province share
    """
    signs, kinds = signs_of(record), kind_of_places(record)
    beginnings = [
        tuple(signs[place, :evaluation].tolist())
        for place, evaluation in zip(moves.place, moves.evaluation, strict=True)
    ]
    found = np.zeros((len(rows), len(beginnings), N_CATEGORIES, len(COMMON_CHANCES)))
    for kind in np.unique(kinds[moves.place]):
        chosen = np.flatnonzero(kinds[moves.place] == kind)
        distinct = tuple(dict.fromkeys(beginnings[move] for move in chosen))
        number = {history: place for place, history in enumerate(distinct)}
        joint = _joint_chances(distinct, int(kind), rows, record.years, reporting)
        found[:, chosen] = joint[:, [number[beginnings[move]] for move in chosen]]
    return found


def _joint_chances(
    histories: tuple[History, ...],
    kind: int,
    rows: Sequence[PosteriorRow],
    years: tuple[int, ...],
    reporting: FloatArray,
) -> FloatArray:
    """Return the chance of history and next award, given what a province shares.

    Returns
    -------
    (n_rows, n_histories, n_categories, n_common)
    """
    tree = grow_tree(histories)
    return np.stack([_joint_by_row(tree, kind, row, see(row, years, reporting)) for row in rows])


def _joint_by_row(tree: Tree, kind: int, row: PosteriorRow, sights: Sights) -> FloatArray:
    first, kernel = start_and_kernel(law_of(row, kind))
    joint = np.zeros((len(tree.histories), N_CATEGORIES, len(first)))
    for place, level, state in walk(tree, first, kernel, sights):
        if not len(level.end_row):
            continue
        ahead = state[:, level.end_row]
        for _ in range(sights.steps[place + 1]):
            ahead = ahead @ kernel
        awards = sights.seen[place + 1][level.end_award]
        joint[level.end_history] = np.einsum("reb,ecb->ecr", ahead, awards)
    return np.maximum(joint @ given_common(row).T, 1e-300)


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

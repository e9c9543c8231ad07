"""What one row of a posterior says of the histories behind a scenario, and of scores beside them.

Called by `evidence`, which weighs rows, and by `start`, which draws cities under one. Not here: the
law on cells (`background`), one evaluation (`beliefs`), what a score says (`readings`).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine import beliefs as known
from kla_sim.engine.background import background_grid
from kla_sim.engine.cells import IMPOSSIBLE
from kla_sim.engine.past import History, Past, Source, strictness_of
from kla_sim.engine.posterior import PosteriorRow, law_of
from kla_sim.engine.readings import Reading, acceptance, award_sights, densities, verdicts


class Sparse(NamedTuple):
    """Beliefs of one place, only of the standings that it may hold."""

    standings: tuple[int, ...]
    chances: FloatArray  # (N_STRATA, n_held, n_cells)
    factor: float  # times them is the chance of all awards so far; 0 = the law rules one out

    @classmethod
    def of(cls, beliefs: FloatArray, factor: float) -> Sparse:
        """Leave out standings without a chance; (N_STRATA, N_STANDINGS, n_cells)."""
        held = np.flatnonzero(beliefs.any(axis=(0, 2)))
        return cls(tuple(held.tolist()), np.ascontiguousarray(beliefs[:, held]), factor)

    def whole(self) -> FloatArray:
        """Return the beliefs with all standings, (N_STRATA, N_STANDINGS, n_cells)."""
        beliefs = np.zeros((known.N_STRATA, known.N_STANDINGS, self.chances.shape[2]))
        beliefs[:, list(self.standings)] = self.chances
        return beliefs


class Filtered(NamedTuple):
    """What one row says of every history."""

    before: dict[History, Sparse]  # on the eve of the last evaluation
    after: dict[History, Sparse]  # after it
    verdicts: FloatArray  # (n_verdicts, n_cells) of the last evaluation
    acceptance: FloatArray  # (N_STANDINGS, n_categories, n_verdicts)

    def by_stratum(self, history: History) -> FloatArray:
        """Return the chance of a history given the stratum of its rate, (N_STRATA,).

        Up to the factor of its beliefs, which says how likely the history is in all.
        """
        return np.asarray(self.after[history].chances.sum(axis=(1, 2)) / known.STRATUM_CHANCES)

    def by_verdict(self, history: History) -> FloatArray:
        """Return the chance of a history and each verdict of its last evaluation.

        Returns
        -------
        (N_STRATA, n_verdicts) given the stratum of the rate, up to the factor of its beliefs
        """
        before, accepted = self.before[history], self._accepted(history)
        seen = np.einsum("kse,se->ke", before.chances @ self.verdicts.T, accepted.sum(axis=1))
        return np.asarray(seen / known.STRATUM_CHANCES[:, None])

    def with_reading(self, history: History, reading: Reading) -> FloatArray:
        """Return beliefs after the last evaluation, its award and a score of it.

        Returns
        -------
        (N_STRATA, N_STANDINGS, n_cells)
        """
        before = self.before[history]
        sight = (self._accepted(history) * densities(reading)) @ self.verdicts
        after = np.zeros((known.N_STRATA, known.N_STANDINGS, before.chances.shape[2]))
        after[:, : len(CATEGORIES)] = np.einsum("ksb,scb->kcb", before.chances, sight)
        if after.sum() < IMPOSSIBLE:
            return known.stubborn(before.whole(), history[1][-1])
        return after

    def _accepted(self, history: History) -> FloatArray:
        """Return acceptance of the standings held, zero for awards other than the one seen."""
        accepted = self.acceptance[list(self.before[history].standings)]
        award = history[1][-1]
        if award == known.UNSEEN:
            return accepted
        seen = np.zeros_like(accepted)
        seen[:, award] = accepted[:, award]
        return seen


_Key = tuple[Past, tuple[float, ...], tuple[tuple[int, float], ...]]
_ahead: dict[_Key, Filtered] = {}
"""Under rows that worlds may yet choose; as many as a posterior has rows, 0.2 MB each."""


def filtered(past: Past, row: PosteriorRow, source: Source) -> Filtered:
    """Filter every history under a row; the same row of the same past once only."""
    if all(year in row.strictness for year in past.held):
        return _filtered_once(*_key(past, row))
    juries = {year: strictness_of(row, year, source) for year in past.held}
    return filter_past(past, row._replace(strictness=juries))


def filter_ahead(past: Past, row: PosteriorRow) -> Filtered:
    """Filter under a row that worlds may choose, and keep it until `forget_unchosen`."""
    seen = _ahead[_key(past, row)] = filter_past(past, row)
    return seen


def forget_unchosen() -> None:
    """Drop what was filtered ahead and not asked for since."""
    _ahead.clear()


def _key(past: Past, row: PosteriorRow) -> _Key:
    return past, tuple(row[:-1]), tuple(row.strictness.items())


@lru_cache(maxsize=320)
def _filtered_once(
    past: Past, plain: tuple[float, ...], strictness: tuple[tuple[int, float], ...]
) -> Filtered:
    seen = _ahead.pop((past, plain, strictness), None)
    return seen or filter_past(past, PosteriorRow._make((*plain, dict(strictness))))


def filter_past(past: Past, row: PosteriorRow) -> Filtered:
    """Filter every history under a row that knows all juries.

    Places of one kind share their transition kernel, and all places the juries. An evaluation
    takes place every scheduled year, as in the fit of the posterior.
    """
    before: dict[History, Sparse] = {}
    after: dict[History, Sparse] = {}
    histories, habits = past.histories(), law_of(row, 0)
    accepted, juries = acceptance(habits), [row.strictness[year] for year in past.held]
    sights = [award_sights(background_grid(), habits, jury, accepted) for jury in juries]
    steps = [0, *(later - earlier for earlier, later in pairwise(past.held))]
    for kind in sorted({kind for kind, _ in histories}):
        own = [history for history in histories if history[0] == kind]
        law = law_of(row, kind)
        beliefs = known.first_beliefs(law, len(own))
        kernel = known.kernel_of(law, 1.0)
        eve, factor = beliefs, np.ones(len(own))
        factor_then = factor
        seen = np.array([awards for _, awards in own]).T
        for sight, n_steps, awards in zip(sights, steps, seen, strict=True):
            for _ in range(n_steps):
                beliefs = known.after_step(beliefs, kernel)
            eve, factor_then = beliefs, factor
            beliefs, here = known.after_seen(beliefs, sight, awards)
            factor = factor * here
        for place, history in enumerate(own):
            before[history] = Sparse.of(eve[:, place], float(factor_then[place]))
            after[history] = Sparse.of(beliefs[:, place], float(factor[place]))
    return Filtered(before, after, verdicts(background_grid(), habits, juries[-1]), accepted)

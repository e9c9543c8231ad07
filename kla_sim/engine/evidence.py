"""Which rows of a posterior explain what they do not know yet: provinces left out, and scores.

Worked out once for all worlds, since only how scores err differs between them. Called by `worlds`.
Not here: what one row says of a history (`filtered`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine import beliefs as known
from kla_sim.engine.cells import IMPOSSIBLE, add_scores
from kla_sim.engine.filtered import Filtered, filter_ahead
from kla_sim.engine.past import Past, Readings
from kla_sim.engine.posterior import Posterior, PosteriorRow
from kla_sim.engine.province import COMMON, COMMON_CHANCES, stratum_chances
from kla_sim.engine.readings import densities

_LOG_COMMON = np.log(COMMON_CHANCES)[:, None]


class _Group(NamedTuple):
    """A province, or the cities that share nothing with others; rows come last in every array."""

    province: str | None
    cities: tuple[str, ...]  # with a history
    given: FloatArray  # (n_common, N_STRATA, n_kept) chance of each stratum
    logs: FloatArray  # (n_common, n_kept) log chances of the awards of all its places
    by_verdict: FloatArray  # (n_cities, n_verdicts, N_STRATA, n_kept) chances with those awards
    unscored: FloatArray  # (n_cities, n_common, n_kept) chances of the awards of each city
    silent: FloatArray  # (n_kept,) log chance of the awards, where no city has a score


class Evidence(NamedTuple):
    """What all rows say of awards and verdicts that they were not fitted to; equal rows once."""

    number: IntArray  # (n_rows,) place of each row of the posterior in what follows
    groups: tuple[_Group, ...]


def choose_row(
    past: Past, readings: Readings, posterior: Posterior, sha256: str | None, chance: float
) -> int:
    """Choose the row of a posterior that a world takes.

    Rows are equally likely, but for what they do not know yet: the awards of provinces that the
    fit left out, and the scores that stand beside histories.

    Parameters
    ----------
    chance : uniform number.

    References
    ----------
    Rubin, D. B. (1988). Using the SIR algorithm to simulate posterior distributions. In: Bayesian
    Statistics 3, Oxford University Press, 395-402.
    """
    n_rows = len(posterior.rows)
    is_new = any(name in posterior.left_out and places for name, places in past.provinces)
    if not past.held or not (readings or is_new):
        return min(int(chance * n_rows), n_rows - 1)  # a chance next to 1 may round up
    place, _ = known.pick(row_weights(past, readings, posterior, sha256), chance)
    return place


def row_weights(
    past: Past, readings: Readings, posterior: Posterior, sha256: str | None
) -> FloatArray:
    """Return how well each row explains what it was not fitted to, (n_rows,), adding up to 1."""
    evidence = _evidence(_Key(posterior, sha256), past)
    told = dict(readings)
    total = np.zeros(len(evidence.number))
    for group in evidence.groups:
        explained, scores = group.silent, [told.get(name) for name in group.cities]
        if any(scores):
            joint, silence = group.logs + _LOG_COMMON, np.zeros(group.by_verdict.shape[1])
            density = np.stack([densities(score) if score else silence for score in scores])
            add_scores(group.given, group.by_verdict, density, group.unscored, joint)
            explained = logsumexp(joint, axis=0)
        total += explained[evidence.number]
    weights = np.exp(total - total.max())
    return np.asarray(weights / weights.sum())


class _Key:
    """A posterior by the hash of its table, so that what it says can be kept."""

    def __init__(self, posterior: Posterior, sha256: str | None) -> None:
        self.posterior, self._identity = posterior, (posterior.name, sha256)

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other._identity == self._identity


@lru_cache(maxsize=4)
def _evidence(key: _Key, past: Past) -> Evidence:
    rows, number = _distinct([_with_all_juries(row, past) for row in key.posterior.rows])
    by_row = [filter_ahead(past, row) for row in rows]
    names: list[str | None] = [name for name, _ in past.provinces]
    groups = [_group(past, province, rows, by_row) for province in [*names, None]]
    for place, group in enumerate(groups):
        if group.province not in key.posterior.left_out:
            logs = group.logs - group.silent
            groups[place] = group._replace(logs=logs, silent=logsumexp(logs + _LOG_COMMON, axis=0))
    return Evidence(number, tuple(groups))


def _group(
    past: Past, province: str | None, rows: list[PosteriorRow], by_row: list[Filtered]
) -> _Group:
    """Return what the rows say of one province, its awards counted in full."""
    given = _given(rows, province)
    logs = np.zeros((len(COMMON), len(rows)))
    for place in dict(past.provinces).get(province or "", ()):
        chances = [one.by_stratum(place) * one.after[place].factor for one in by_row]
        logs += np.log(_common(given, np.stack(chances, axis=1)))
    own = [(name, history) for name, of, history in past.cities if of == province]
    by_verdict = np.zeros((len(own), len(by_row[0].verdicts), known.N_STRATA, len(rows)))
    for city, (_, history) in enumerate(own):
        chances = [one.by_verdict(history).T for one in by_row]
        by_verdict[city] = np.stack(chances, axis=2)
    return _Group(
        province,
        tuple(name for name, _ in own),
        given,
        logs,
        by_verdict,
        np.array([_common(given, chances.sum(axis=0)) for chances in by_verdict]),
        np.asarray(logsumexp(logs + _LOG_COMMON, axis=0)),
    )


def _distinct(rows: list[PosteriorRow]) -> tuple[list[PosteriorRow], IntArray]:
    """Return each row once, and the place of every row among them."""
    known_rows: dict[str, int] = {}
    number = [known_rows.setdefault(repr(row), len(known_rows)) for row in rows]
    kept = [rows[number.index(place)] for place in range(len(known_rows))]
    return kept, np.array(number)


def _given(rows: list[PosteriorRow], province: str | None) -> FloatArray:
    """Return the chance of each stratum given what a province shares, (n_common, n, n_rows)."""
    shares = [0.0 if province is None else row.province_share for row in rows]
    chances = [stratum_chances(share, known.STRATUM_BOUNDS, COMMON) for share in shares]
    return np.stack(chances, axis=2)


def _common(given: FloatArray, by_stratum: FloatArray) -> FloatArray:
    """Return chances given what a province shares, (n_common, n_rows), from those by stratum."""
    return np.asarray(np.maximum(np.einsum("ukr,kr->ur", given, by_stratum), IMPOSSIBLE))


def _with_all_juries(row: PosteriorRow, past: Past) -> PosteriorRow:
    """Return a row in which a jury that it does not know is an ordinary one."""
    return row._replace(strictness={**dict.fromkeys(past.held, 0.0), **row.strictness})

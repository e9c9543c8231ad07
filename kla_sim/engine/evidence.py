"""Which rows of a posterior explain what they do not know yet: provinces left out, and scores.

Worked out once for all worlds, since only how scores err differs between them. Called by `worlds`.
Not here: what one row says of a history (`filtered`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from kla_sim.engine import beliefs as known
from kla_sim.engine.background import FloatArray, IntArray
from kla_sim.engine.cells import IMPOSSIBLE, add_scores
from kla_sim.engine.filtered import filtered
from kla_sim.engine.past import Past, Readings
from kla_sim.engine.posterior import Posterior, PosteriorRow
from kla_sim.engine.province import COMMON, COMMON_CHANCES, stratum_chances
from kla_sim.engine.readings import densities

_LOG_COMMON = np.log(COMMON_CHANCES)


class _Group(NamedTuple):
    """A province, or the cities that share nothing with others."""

    province: str | None
    given: FloatArray  # (n_kept, n_common, N_STRATA) chance of each stratum
    logs: FloatArray  # (n_kept, n_common) log chances of the awards of all its places


class Evidence(NamedTuple):
    """What all rows say of awards and verdicts that they were not fitted to; equal rows once."""

    number: IntArray  # (n_rows,) place of each row of the posterior in what follows
    groups: tuple[_Group, ...]
    by_verdict: dict[str, FloatArray]  # city to (n_kept, n_verdicts, N_STRATA)
    unscored: dict[str, FloatArray]  # city to (n_kept, n_common) logs of its awards alone


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
        joint = group.logs + _LOG_COMMON
        for name, of, _ in past.cities:
            if of == group.province and name in told:
                density = densities(told[name])
                scored, unscored = evidence.by_verdict[name], evidence.unscored[name]
                add_scores(group.given, scored, density, unscored, joint)
        total += logsumexp(joint, axis=1)[evidence.number]
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
    by_row = [filtered(past, row, _no_source) for row in rows]
    by_verdict = {
        name: np.ascontiguousarray([one.by_verdict(history).T for one in by_row])
        for name, _, history in past.cities
    }
    groups = []
    unscored: dict[str, FloatArray] = {}
    names: list[str | None] = [name for name, _ in past.provinces]
    for province in [*names, None]:
        given = _given(rows, province)
        logs = np.zeros((len(rows), len(COMMON)))
        for place in dict(past.provinces).get(province or "", ()):
            logs += _log(_common(given, np.stack([one.by_stratum(place) for one in by_row])))
        if province not in key.posterior.left_out:
            logs -= logsumexp(logs + _LOG_COMMON, axis=1, keepdims=True)
        groups.append(_Group(province, given, logs))
        for name, of, _ in past.cities:
            if of == province:
                unscored[name] = _log(_common(given, by_verdict[name].sum(axis=1)))
    return Evidence(number, tuple(groups), by_verdict, unscored)


def _distinct(rows: list[PosteriorRow]) -> tuple[list[PosteriorRow], IntArray]:
    """Return each row once, and the place of every row among them."""
    known_rows: dict[str, int] = {}
    number = [known_rows.setdefault(repr(row), len(known_rows)) for row in rows]
    kept = [rows[number.index(place)] for place in range(len(known_rows))]
    return kept, np.array(number)


def _given(rows: list[PosteriorRow], province: str | None) -> FloatArray:
    """Return the chance of each stratum given what a province shares, (n_rows, n_common, n)."""
    shares = [0.0 if province is None else row.province_share for row in rows]
    return np.stack([stratum_chances(share, known.STRATUM_BOUNDS, COMMON) for share in shares])


def _common(given: FloatArray, by_stratum: FloatArray) -> FloatArray:
    """Return chances given what a province shares, (n_rows, n_common), from those by stratum."""
    return np.asarray(np.einsum("ruk,rk->ru", given, by_stratum))


def _with_all_juries(row: PosteriorRow, past: Past) -> PosteriorRow:
    """Return a row in which a jury that it does not know is an ordinary one."""
    return row._replace(strictness={**dict.fromkeys(past.held, 0.0), **row.strictness})


def _no_source(name: str) -> float:
    raise AssertionError(name)


def _log(chances: FloatArray) -> FloatArray:
    return np.log(np.maximum(chances, IMPOSSIBLE))

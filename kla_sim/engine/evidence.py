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
from kla_sim.engine.background import FloatArray
from kla_sim.engine.filtered import filtered
from kla_sim.engine.past import Past, Readings
from kla_sim.engine.posterior import Posterior, PosteriorRow
from kla_sim.engine.province import COMMON, COMMON_CHANCES, stratum_chances
from kla_sim.engine.readings import densities


class Evidence(NamedTuple):
    """What all rows say of awards and verdicts that they were not fitted to."""

    groups: tuple[tuple[str | None, FloatArray], ...]  # province, (n_rows, n_common) log chances
    given: FloatArray  # (n_rows, n_common, N_STRATA) chance of each stratum
    by_verdict: dict[str, FloatArray]  # city to (n_rows, N_STRATA, n_verdicts)
    unscored: dict[str, FloatArray]  # city to (n_rows, n_common) logs of its awards alone


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
    total = np.zeros(len(posterior.rows))
    for province, logs in evidence.groups:
        joint = logs
        for name, of, _ in past.cities:
            if of == province and name in told:
                by_stratum = evidence.by_verdict[name] @ densities(told[name])
                scored = _log(_common(evidence, province, by_stratum))
                joint = joint + scored - evidence.unscored[name]
        total += logsumexp(joint + np.log(COMMON_CHANCES), axis=1)
    weights = np.exp(total - total.max())
    return np.asarray(weights / weights.sum())


def _common(evidence: Evidence, province: str | None, by_stratum: FloatArray) -> FloatArray:
    """Return chances given what a province shares, (n_rows, n_common), from those by stratum."""
    if province is None:
        return np.tile((by_stratum @ known.STRATUM_CHANCES)[:, None], (1, len(COMMON)))
    return np.asarray(np.einsum("ruk,rk->ru", evidence.given, by_stratum))


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
    rows = [_with_all_juries(row, past) for row in key.posterior.rows]
    by_row = [filtered(past, row, _no_source) for row in rows]
    given = np.stack(
        [stratum_chances(row.province_share, known.STRATUM_BOUNDS, COMMON) for row in rows]
    )
    bare = Evidence((), given, {}, {})
    by_verdict = {
        name: np.stack([one.by_verdict(history) for one in by_row])
        for name, _, history in past.cities
    }
    groups = []
    names: list[str | None] = [name for name, _ in past.provinces]
    for province in [*names, None]:
        logs = np.zeros((len(rows), len(COMMON)))
        places = dict(past.provinces).get(province or "", ())
        for place in places:
            by_stratum = np.stack([one.by_stratum(place) for one in by_row])
            logs += _log(_common(bare, province, by_stratum))
        if province not in key.posterior.left_out:
            logs -= logsumexp(logs + np.log(COMMON_CHANCES), axis=1, keepdims=True)
        groups.append((province, logs))
    unscored = {
        name: _log(_common(bare, province, by_verdict[name].sum(axis=2)))
        for name, province, _ in past.cities
    }
    return Evidence(tuple(groups), given, by_verdict, unscored)


def _with_all_juries(row: PosteriorRow, past: Past) -> PosteriorRow:
    """Return a row in which a jury that it does not know is an ordinary one."""
    return row._replace(strictness={**dict.fromkeys(past.held, 0.0), **row.strictness})


def _no_source(name: str) -> float:
    raise AssertionError(name)


def _log(chances: FloatArray) -> FloatArray:
    return np.log(np.maximum(chances, known.IMPOSSIBLE))

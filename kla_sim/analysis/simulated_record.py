"""Awards simulated from a fitted law, to hold the law against the record.

All places of Indonesia move and are judged as in a replication, without Kaltara, and a part of
their awards is reported. Called by the predictive checks of `calibrate` and by the test of the fit
on records whose law is known. Not here: the likelihood (`calibration`).
"""

from __future__ import annotations

import numpy as np

from kla_sim.analysis.histories import steps_between
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.categories import MAXIMUM_SCORE, SMALLEST_GAP
from kla_sim.domain.record import N_KINDS, UNKNOWN, places_by_kind, places_by_province
from kla_sim.engine.background import N_CATEGORIES, Law
from kla_sim.engine.jury import BOUNDS, NO_STANDING, awards_of
from kla_sim.engine.posterior import PosteriorRow, law_of

_LEAST_RATE = 1e-300


def all_kinds() -> IntArray:
    """Return the kind of every place of Indonesia, (514,)."""
    return np.repeat(np.arange(N_KINDS), places_by_kind())


def all_provinces(generator: np.random.Generator) -> IntArray:
    """Return a province for every place of `all_kinds`, (514,), which cities lie where at random.

    Provinces have their true sizes; which of their places are cities does not matter to totals.
    """
    by_kind = places_by_kind()
    numbers, begun = [], 0
    for on_java, kinds in ((False, by_kind[:2]), (True, by_kind[2:])):
        sizes = places_by_province(on_java=on_java)
        own = np.repeat(np.arange(begun, begun + len(sizes)), sizes)
        assert len(own) == sum(kinds)
        numbers.append(generator.permutation(own))
        begun += len(sizes)
    return np.concatenate(numbers)


def simulate_awards(
    row: PosteriorRow,
    kinds: IntArray,
    years: tuple[int, ...],
    generator: np.random.Generator,
    provinces: IntArray | None = None,
) -> IntArray:
    """Simulate the award of every place at every evaluation.

    Parameters
    ----------
    kinds : (n_places,) kind of each place.
    provinces : (n_places,) number of the province of each place; none = each has one of its own.

    Returns
    -------
    (n_places, n_years) category number
    """
    laws = [law_of(row, kind) for kind in range(N_KINDS)]
    median = np.array([law.rate_median for law in laws])[kinds]
    first_mean = np.array([law.first_mean for law in laws])[kinds]
    n_places = len(kinds)
    alone = np.arange(n_places) if provinces is None else provinces
    common = generator.standard_normal(alone.max() + 1)[alone]
    own = generator.standard_normal(n_places)
    share = row.province_share
    deviation = np.sqrt(share) * common + np.sqrt(1.0 - share) * own
    rate = median * np.exp(row.rate_spread * deviation)
    gap = _first_gaps(first_mean, row.first_sd, generator)
    awards = np.empty((n_places, len(years)), dtype=np.int64)
    for place, (year, steps) in enumerate(zip(years, steps_between(years), strict=True)):
        for _ in range(steps):
            gap = _step(gap, rate, row.volatility, generator)
        standing = awards[:, place - 1] if place else None
        awards[:, place] = _judge(gap, standing, laws[0], row.strictness[year], generator)
    return awards


def _first_gaps(mean: FloatArray, sd: float, generator: np.random.Generator) -> FloatArray:
    """Draw normal scores, cut to 0 to 999, as gaps."""
    from scipy.special import ndtr, ndtri

    highest = MAXIMUM_SCORE - SMALLEST_GAP
    low, high = ndtr((0.0 - mean) / sd), ndtr((highest - mean) / sd)
    chance = low + generator.random(len(mean)) * (high - low)
    # a score so far off that its chance is 0 or 1 lies at the nearest end
    return np.asarray(MAXIMUM_SCORE - np.clip(mean + sd * ndtri(chance), 0.0, highest))


def _step(
    gap: FloatArray, rate: FloatArray, volatility: float, generator: np.random.Generator
) -> FloatArray:
    rate = np.maximum(rate, _LEAST_RATE)
    spread = volatility * np.sqrt(-np.expm1(-2.0 * rate) / (2.0 * rate))
    moved = gap * np.exp(-rate) - spread * generator.standard_normal(len(gap))
    moved = np.where(moved < SMALLEST_GAP, 2 * SMALLEST_GAP - moved, moved)
    return np.where(moved > MAXIMUM_SCORE, 2 * MAXIMUM_SCORE - moved, moved)


def _judge(
    gap: FloatArray,
    standing: IntArray | None,
    habits: Law,
    strictness: float,
    generator: np.random.Generator,
) -> IntArray:
    n = len(gap)
    is_wide = generator.random(n) < habits.tail_share
    noise = habits.noise * np.where(is_wide, habits.tail_factor, 1.0)
    verified = MAXIMUM_SCORE - gap + strictness + noise * generator.standard_normal(n)
    chances = (habits.one_step_up, habits.confirmation, habits.kla_reach)
    is_capped, is_confirmed, is_reached = (generator.random(n) < chance for chance in chances)
    held = np.full(n, NO_STANDING) if standing is None else standing
    return awards_of(verified, held, BOUNDS, is_capped, is_confirmed, is_reached)


def report_awards(
    awards: IntArray, reporting: FloatArray, generator: np.random.Generator
) -> IntArray:
    """Return the awards that are reported, the others UNKNOWN.

    Parameters
    ----------
    awards : (n_places, n_years)
    reporting : (n_years, n_categories) chance that an award is on record.
    """
    chance = reporting[np.arange(awards.shape[1]), awards]
    return np.where(generator.random(awards.shape) < chance, awards, UNKNOWN)


def count_awards(awards: IntArray) -> IntArray:
    """Return how many places hold each category at each evaluation, (n_years, n_categories)."""
    return np.stack([np.bincount(year, minlength=N_CATEGORIES) for year in awards.T])


def share_of_moves(awards: IntArray) -> FloatArray:
    """Return the shares of falls, stays and rises between adjacent known awards.

    Returns
    -------
    (n_years - 1, 3); nan where no move is known
    """
    earlier, later = awards[:, :-1], awards[:, 1:]
    known = (earlier != UNKNOWN) & (later != UNKNOWN)
    direction = np.sign(later - earlier)
    n = known.sum(axis=0)
    counts = [((direction == sign) & known).sum(axis=0) for sign in (-1, 0, 1)]
    return np.stack(counts, axis=1) / np.where(n > 0, n, np.nan)[:, None]

"""Sums over cells of the background gap that would take numpy many small steps.

A scenario with histories is filtered under every row of its posterior, so these few sums decide how
long a plan takes to compile. The law is that of `background`, which the fit of a posterior uses;
tests hold the two together. Called by `beliefs`, `readings` and `evidence`. Not here: what the
sums mean.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE
from kla_sim.engine.code_cache import njit

_FAR = 8.5
"""Standard deviations beyond which a normal distribution function is 0 or 1 to the last bit."""

_PER_SD, _ORDER = 32, 7
_N_CATEGORIES = len(CATEGORIES)

IMPOSSIBLE = 1e-300
"""The chance below which something counts as ruled out."""

_SMALL = 1e-100
"""A product this small is put away as a logarithm before it comes to nothing."""

_NEAR_THE_FIRST_END, _NEAR_THE_LAST_END = 151.0, 700.0
"""Points; only cells up to the one and from the other take part in reflection (`background`)."""


def _taylor() -> FloatArray:
    """Return the Taylor polynomial of the normal distribution function around each node."""
    nodes = np.arange(-_FAR * _PER_SD, _FAR * _PER_SD + 1.0) / _PER_SD
    density = np.exp(-0.5 * nodes**2) / math.sqrt(2.0 * math.pi)
    found = [ndtr(nodes)]
    for order in range(1, _ORDER):
        only_last = np.eye(_ORDER)[order - 1]
        hermite = np.polynomial.hermite_e.hermeval(nodes, only_last)
        found.append((-1.0) ** (order - 1) * hermite * density / math.factorial(order))
    return np.stack(found, axis=1)


_TAYLOR = _taylor()
"""(n_nodes, _ORDER) the remainder is below 1e-15."""


@njit(forceinline=True)
def _normal_below(z: float) -> float:
    if z <= -_FAR:
        return 0.0
    if z >= _FAR:
        return 1.0
    node = int((z + _FAR) * _PER_SD + 0.5)
    rest = z - (node / _PER_SD - _FAR)
    value = 0.0
    for order in range(_ORDER - 1, -1, -1):
        value = value * rest + _TAYLOR[node, order]
    return value


@njit(forceinline=True)
def _holds_any(values: FloatArray) -> bool:
    """Return whether any value is not 0; numba takes longer to compile numpy's own word for it."""
    for value in values:  # noqa: SIM110  numba has no any() of a generator
        if value != 0.0:
            return True
    return False


@njit(nogil=True, is_long=True)
def fill_kernel(edges: FloatArray, centres: FloatArray, decay: FloatArray, spread: FloatArray,
                kernel: FloatArray) -> None:  # fmt: skip
    """Fill in where the gap goes in one background step, as `background.step_kernel` says.

    Parameters
    ----------
    edges : (n_cells + 1,) points; their ends reflect.
    decay, spread : (n_rates,) what is left of a gap, and the spread of a step, points above 0.
    kernel : (n_rates, n_cells, n_cells) filled in.
    """
    n_rates, n_cells, _ = kernel.shape
    first, last = edges[0], edges[n_cells]
    for rate in range(n_rates):
        scale = 1.0 / spread[rate]
        for start in range(n_cells):
            mean = centres[start] * decay[rate]
            row = kernel[rate, start]
            is_near = (first - mean) * scale > -_FAR
            is_far = (last - mean) * scale < _FAR
            below = _normal_below((first - mean) * scale)
            total = 0.0
            for cell in range(n_cells):
                low, high = edges[cell], edges[cell + 1]
                above = _normal_below((high - mean) * scale)
                chance = above - below
                below = above
                if is_near and low < _NEAR_THE_FIRST_END:
                    chance += _normal_below((2.0 * first - low - mean) * scale)
                    chance -= _normal_below((2.0 * first - high - mean) * scale)
                if is_far and low >= _NEAR_THE_LAST_END:
                    chance += _normal_below((2.0 * last - low - mean) * scale)
                    chance -= _normal_below((2.0 * last - high - mean) * scale)
                row[cell] = max(chance, 0.0)
                total += row[cell]
            for cell in range(n_cells):
                row[cell] /= total


@njit(nogil=True, is_long=True)
def fill_verdicts(
    bounds: FloatArray,
    gaps: FloatArray,
    weights: FloatArray,
    noise: FloatArray,
    chances: FloatArray,
) -> None:
    """Fill in the chance of each cell of the verified score, averaged over each cell of the gap.

    Parameters
    ----------
    bounds : (n_verdicts - 1,) points between cells of the verified score, rising.
    gaps, weights : (n_cells, n_points), (n_points,) where the gap is taken inside its cell, the
        jury's strictness taken off.
    noise : scale, share of wide noise and how many times wider.
    chances : (n_verdicts, n_cells) filled in.
    """
    narrow, tail_share, wide = 1.0 / noise[0], noise[1], 1.0 / (noise[0] * noise[2])
    n_cells, n_points = gaps.shape
    n_bounds = len(bounds)
    for cell in range(n_cells):
        before = 0.0
        for place in range(n_bounds):
            below = 0.0
            for point in range(n_points):
                distance = bounds[place] - (MAXIMUM_SCORE - gaps[cell, point])
                usual = _normal_below(distance * narrow)
                rare = _normal_below(distance * wide) if tail_share > 0.0 else 0.0
                below += weights[point] * ((1.0 - tail_share) * usual + tail_share * rare)
            below = min(below, 1.0)
            chances[place, cell] = max(below - before, 0.0)
            before = below
        chances[n_bounds, cell] = 1.0 - before


@njit(nogil=True, is_long=True)
def add_awards(beliefs: FloatArray, chances: FloatArray, seen: IntArray, after: FloatArray) -> None:
    """Add up what is believed of cities after their awards, up to the chance of what was seen.

    Parameters
    ----------
    beliefs : (n_strata, n_cities, n_standings, n_cells)
    chances : (n_standings, n_categories, n_cells), see `background.award_chances`.
    seen : (n_cities,) category numbers; below 0 = not known.
    after : as `beliefs`, zeros; added to.
    """
    n_strata, n_cities, n_standings, n_cells = beliefs.shape
    for stratum in range(n_strata):
        for city in range(n_cities):
            first, last = seen[city], seen[city] + 1
            if first < 0:
                first, last = 0, _N_CATEGORIES
            for standing in range(n_standings):
                here = beliefs[stratum, city, standing]
                if not _holds_any(here):
                    continue
                for award in range(first, last):
                    told, sight = after[stratum, city, award], chances[standing, award]
                    for cell in range(n_cells):
                        told[cell] += here[cell] * sight[cell]


@njit(nogil=True, is_long=True)
def add_scores(
    given: FloatArray,
    by_verdict: FloatArray,
    densities: FloatArray,
    unscored: FloatArray,
    joint: FloatArray,
) -> None:
    """Add up how well rows of a posterior explain the scores of cities, given their awards.

    Rows come last in every array, so that many of them are worked out side by side.

    Parameters
    ----------
    given : (n_common, n_strata, n_rows) chance of each stratum given what a province shares.
    by_verdict : (n_cities, n_verdicts, n_strata, n_rows) chance of a city's awards and verdict.
    densities : (n_cities, n_verdicts) of a city's score under each verdict; none below 0, and all 0
        where there is no score.
    unscored : (n_cities, n_common, n_rows) chance of the awards alone, above 0.
    joint : (n_common, n_rows) logs; added to.
    """
    n_common, n_strata, n_rows = given.shape
    by_stratum, scored = np.empty((n_strata, n_rows)), np.empty(n_rows)
    product = np.ones((n_common, n_rows))
    for city in range(len(densities)):
        if not _holds_any(densities[city]):
            continue
        by_stratum[:] = 0.0
        for verdict in range(densities.shape[1]):
            for stratum in range(n_strata):
                total, chances = by_stratum[stratum], by_verdict[city, verdict, stratum]
                for row in range(n_rows):
                    total[row] += densities[city, verdict] * chances[row]
        for common in range(n_common):
            scored[:] = 0.0
            for stratum in range(n_strata):
                share, chances = given[common, stratum], by_stratum[stratum]
                for row in range(n_rows):
                    scored[row] += share[row] * chances[row]
            here, alone = product[common], unscored[city, common]
            for row in range(n_rows):
                here[row] *= max(scored[row], IMPOSSIBLE) / alone[row]
                if here[row] < _SMALL:
                    joint[common, row] += math.log(max(here[row], IMPOSSIBLE))
                    here[row] = 1.0
    for common in range(n_common):
        for row in range(n_rows):
            joint[common, row] += math.log(product[common, row])

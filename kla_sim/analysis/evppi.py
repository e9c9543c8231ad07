"""What it is worth to find an unknown out before choosing a plan, since the choice may change.

By regression on the worlds of runs that pair: the benefit of each plan given an unknown is a smooth
curve fitted to the worlds, so that the luck within worlds is averaged away. Called by
`experiment.finding_out`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.estimate import LEVEL
from kla_sim.arrays import FloatArray

LEAST_WORLDS = 2_000
"""Below so many worlds a curve follows the luck of single worlds."""

_KNOTS = 3
_FEW_VALUES = 6
_DRAWS = 200
_SEED = 20_140_401
_SMALLEST = 1e-9


class Worth(NamedTuple):
    """What finding one unknown out is worth.

    Attributes
    ----------
    value : benefit gained in the mean by choosing the plan once it is known, never below 0.
    low, high : its interval, also where plans that are not shown to differ are equally good.
    change : share of the worlds in which another plan would be chosen.
    plan : the one chosen most often then; the best one now where none is.
    is_high : whether that is where the unknown is high rather than low.
    """

    value: float
    low: float
    high: float
    change: float
    plan: int
    is_high: bool


class FindingOut(NamedTuple):
    """What finding out is worth for a choice among plans.

    Attributes
    ----------
    best : the plan that is best in the mean.
    benefits : (n_plans,) mean benefit of each.
    worths : in the order of the unknowns.
    floor : what the greatest worth stays below, with a chance of 95 %, where no unknown matters.
    perfect : what knowing everything about a world is worth at most: plans are picked and judged
        by the same futures, and their luck adds to it.
    """

    best: int
    benefits: FloatArray
    worths: list[Worth]
    floor: float
    perfect: float


def finding_out(values: FloatArray, benefits: FloatArray) -> FindingOut:
    """Return what finding each unknown out is worth, with its interval and the noise floor.

    The benefit of each plan is regressed on one unknown at a time by a cubic spline with knots at
    its quartiles, or by means where it has few values. Floor as in `pawn`. Half an interval is the
    normal half-width of the worth over resampled worlds. What is worth most to know is which of two
    equally good plans to take, and a sample never finds them equal: so the high end is that of the
    worth which the same curves have where plans that are not shown to differ from the best are as
    good as it in the mean.

    Parameters
    ----------
    values : (n_worlds, n_unknowns)
    benefits : (n_plans, n_worlds) mean benefit of each plan in each world.

    References
    ----------
    Strong, M., Oakley, J. E. and Brennan, A. (2014). Estimating multiparameter partial expected
    value of perfect information from a probabilistic sensitivity analysis sample: a nonparametric
    regression approach. Medical Decision Making 34(3), 311-326. doi:10.1177/0272989X12465910
    """
    best = int(benefits.mean(axis=1).argmax())
    gains = (benefits - benefits[best]).T
    bases = [basis_of(column) for column in values.T]
    fits = [basis @ (basis.T @ gains) for basis in bases]
    found = np.array([_worth(fit) for fit in fits])
    rng = np.random.default_rng(_SEED)
    n_worlds = len(gains)
    shuffled = []
    for _draw in range(_DRAWS):
        of_others = gains[rng.permutation(n_worlds)]
        shuffled.append(max(_worth(basis @ (basis.T @ of_others)) for basis in bases))
    resampled = np.empty((_DRAWS, len(bases)))
    for draw in range(_DRAWS):
        picks = rng.integers(0, n_worlds, n_worlds)
        for place, basis in enumerate(bases):
            rows, seen = basis[picks], gains[picks]
            weights = np.linalg.lstsq(rows.T @ rows, rows.T @ seen, rcond=_SMALLEST)[0]
            resampled[draw, place] = _worth(rows @ weights)
    half = _normal_half_width(resampled.std(axis=0, ddof=1))
    as_good = [_worth(fit + _up_to_best(gains)) for fit in fits]
    highs = np.maximum(found, as_good) + half
    return FindingOut(
        best=best,
        benefits=benefits.mean(axis=1),
        worths=[
            _told(column, fit, best, worth, low, high)
            for column, fit, worth, low, high in zip(
                values.T, fits, found, found - half, highs, strict=True
            )
        ],
        floor=float(np.quantile(shuffled, LEVEL)),
        perfect=_worth(gains),
    )


def basis_of(column: FloatArray) -> FloatArray:
    """Return orthonormal columns in whose span the curves over an unknown lie, (n_worlds, n)."""
    from scipy.interpolate import BSpline

    distinct = np.unique(column)
    if len(distinct) <= _FEW_VALUES:
        rows = np.equal.outer(column, distinct).astype(float)
    else:
        inner = np.unique(np.quantile(column, np.arange(1, _KNOTS + 1) / (_KNOTS + 1)))
        ends = distinct[0], distinct[-1]
        inner = inner[(inner > ends[0]) & (inner < ends[1])]
        knots = np.concatenate([[ends[0]] * 4, inner, [ends[1]] * 4])
        rows = BSpline.design_matrix(column, knots, 3).toarray()
    left, sizes, _right = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(left[:, sizes > _SMALLEST * sizes[0]])


def _worth(gains: FloatArray) -> float:
    """Return what choosing in each world gains over choosing once; (n_worlds, n_plans) gains."""
    return float(gains.max(axis=1).mean() - gains.mean(axis=0).max())


def _normal_half_width(spread: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(float(ndtri((1 + LEVEL) / 2)) * spread)


def _up_to_best(gains: FloatArray) -> FloatArray:
    """Return what makes plans as good as the best that are not shown to be worse, (n_plans,).

    Parameters
    ----------
    gains : (n_worlds, n_plans) over the best in the mean, that of the best itself 0.
    """
    means = gains.mean(axis=0)
    half = _normal_half_width(gains.std(axis=0, ddof=1) / np.sqrt(len(gains)))
    return np.asarray(np.where(-means <= half, -means, 0.0))


def _told(
    column: FloatArray, fit: FloatArray, best: int, worth: float, low: float, high: float
) -> Worth:
    chosen = fit.argmax(axis=1)
    chosen[fit[np.arange(len(fit)), chosen] <= fit[:, best]] = best
    is_other = chosen != best
    plan = int(np.bincount(chosen[is_other]).argmax()) if is_other.any() else best
    is_high = bool(is_other.any() and np.mean(column[is_other]) > np.mean(column))
    return Worth(
        float(worth),
        max(0.0, min(float(low), float(worth))),
        max(float(high), float(worth)),
        float(is_other.mean()),
        plan,
        is_high,
    )

"""Which inputs of a function matter: Sobol indices and Morris effects, by SALib.

The function takes chances between 0 and 1, one per input, and returns one number. Called by
`experiment.study`, for which the inputs are the `uncertain` numbers of a scenario. Methods that
make do with the worlds of a run are in `pawn`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from kla_sim.analysis.estimate import LEVEL
from kla_sim.arrays import FloatArray
from kla_sim.errors import UsageError

Method = Literal["sobol", "morris"]
Evaluate = Callable[[FloatArray], FloatArray]
"""From (n_points, n_inputs) chances to (n_points,) numbers."""

_LEVELS = 4
_RESAMPLES = 500
_SEED = 19_930_401


class Interval(NamedTuple):
    """A value with its interval; None where it has none."""

    value: float
    low: float | None
    high: float | None


class Effect(NamedTuple):
    """What one input does.

    Attributes
    ----------
    main : by Sobol the share of the variance that it moves by itself; by Morris the mean size of
        the change that a step of it makes.
    total : by Sobol the share that it moves with all others; by Morris how much that change differs
        from place to place (interactions, bends), without an interval.
    """

    main: Interval
    total: Interval


def n_points(method: Method, n_inputs: int, size: int) -> int:
    """Return at how many points a function is looked at.

    Parameters
    ----------
    size : of the design: base points of Sobol, a power of two, or trajectories of Morris.
    """
    return size * (n_inputs + (2 if method == "sobol" else 1))


def effects(
    method: Method, evaluate: Evaluate, n_inputs: int, size: int, seed: int = _SEED
) -> list[Effect]:
    """Return what each input does, by Sobol or by Morris.

    Parameters
    ----------
    size : see `n_points`.
    seed : of the design and of its resamples: the same question, the same answer.

    Raises
    ------
    UsageError : SALib is not installed.

    References
    ----------
    Saltelli, A., Annoni, P., Azzini, I., Campolongo, F., Ratto, M. and Tarantola, S. (2010).
    Variance based sensitivity analysis of model output. Computer Physics Communications 181(2),
    259-270. doi:10.1016/j.cpc.2009.09.018
    Campolongo, F., Cariboni, J. and Saltelli, A. (2007). An effective screening design for
    sensitivity analysis of large models. Environmental Modelling and Software 22(10), 1509-1518.
    doi:10.1016/j.envsoft.2006.10.004
    Herman, J. and Usher, W. (2017). SALib: an open-source Python library for sensitivity analysis.
    Journal of Open Source Software 2(9), 97. doi:10.21105/joss.00097
    """
    try:
        from SALib.analyze import morris as analyse_morris
        from SALib.analyze import sobol as analyse_sobol
        from SALib.sample import morris as sample_morris
        from SALib.sample import sobol as sample_sobol
    except ImportError as error:
        raise UsageError("extra_missing", extra="analysis") from error
    names = [f"input_{place}" for place in range(n_inputs)]
    problem = {"num_vars": n_inputs, "names": names, "bounds": [[0.0, 1.0]] * n_inputs}
    shared: dict[str, Any] = {"num_resamples": _RESAMPLES, "conf_level": LEVEL, "seed": seed}
    if method == "sobol":
        points = sample_sobol.sample(problem, size, calc_second_order=False, seed=seed)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = analyse_sobol.analyze(
                problem, evaluate(points), calc_second_order=False, **shared
            )
        pairs = ("S1", "S1_conf"), ("ST", "ST_conf")
    else:
        points = sample_morris.sample(problem, size, num_levels=_LEVELS, seed=seed)
        found = analyse_morris.analyze(
            problem, points, evaluate(points), num_levels=_LEVELS, **shared
        )
        found["mu_star_conf"] *= _student_factor(size)
        pairs = ("mu_star", "mu_star_conf"), ("sigma", "")
    main, total = (_intervals(found[name], found[half] if half else None) for name, half in pairs)
    return [Effect(*both) for both in zip(main, total, strict=True)]


def _student_factor(n: int) -> float:
    """Return by how much Student's half-width of a mean of n exceeds that of its resamples.

    Resamples of few trajectories lie closer together than as many new ones would, and their normal
    half-width takes the spread for known.
    """
    from scipy.special import ndtri, stdtrit

    tail = (1 + LEVEL) / 2
    return float(stdtrit(n - 1, tail) / ndtri(tail) * np.sqrt(n / (n - 1)))


def _intervals(values: Any, halves: Any) -> list[Interval]:
    """Return values with their intervals; where nothing varies, nothing is moved."""
    numbers = np.nan_to_num(np.asarray(values, dtype=float))
    if halves is None:
        return [Interval(value, None, None) for value in numbers.tolist()]
    ends = np.stack([numbers, numbers - halves, numbers + halves], axis=1)
    return [Interval(*row) for row in np.nan_to_num(ends).tolist()]

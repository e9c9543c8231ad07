"""A yardstick that is hard to beat: a small multinomial logit of falls, stays and rises.

It knows what a law of gaps need not: that places rise more often from some categories, and in some
years. Fitted to the moves of the training places by penalised likelihood; its numbers mean nothing
by themselves. Called by the back test. Not here: the law it is held against (`award_forecasts`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from kla_sim.analysis.award_forecasts import N_OUTCOMES, Moves
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.record import AwardRecord, kind_of_places

_FALL, _STAY, _RISE = range(3)
_STEPS_UP = (0.975, 0.02, 0.005)
_STEPS_DOWN = (0.85, 0.11, 0.04)
"""Chances that a rise or a fall is of one, two or three categories, fixed beforehand."""

_PRIOR_SD = {"all": 2.0, "category": 1.0, "year": 0.7, "kind": 0.7}
"""Standard deviations of the normal priors of the coefficients, fixed beforehand."""


class Traits(NamedTuple):
    """What the logit knows of each move."""

    earlier: IntArray  # (n_moves,) outcome known
    year: IntArray  # (n_moves,) the evaluation forecast
    is_kota: IntArray  # (n_moves,) 0 or 1
    is_java: IntArray  # (n_moves,) 0 or 1


def traits_of(record: AwardRecord, moves: Moves) -> Traits:
    """Return what the logit knows of the moves of a record."""
    kinds = kind_of_places(record)[moves.place]
    years = np.array(record.years)[moves.evaluation]
    return Traits(moves.earlier, years, kinds % 2, kinds // 2)


def forecast_by_logit(training: Traits, came: IntArray, traits: Traits) -> FloatArray:
    """Forecast moves by a logit fitted to others.

    Parameters
    ----------
    came : (n_training,) later outcome of each training move.

    Returns
    -------
    (n_moves, N_OUTCOMES)

    References
    ----------
    Hoerl, A. E. and Kennard, R. W. (1970). Ridge regression. Technometrics 12(1), 55-67.
    doi:10.1080/00401706.1970.10488634
    """
    years = np.unique(training.year)
    coefficients = _fit(training, np.sign(came - training.earlier) + 1, years)
    directions = np.exp(_log_chances(_design(traits, years) @ coefficients, traits.earlier))
    return _spread_over_outcomes(directions, traits.earlier)


def _design(traits: Traits, years: IntArray) -> FloatArray:
    """Return (n_moves, n_traits): a year without training moves has no column."""
    return np.column_stack(
        [
            np.ones(len(traits.earlier)),
            traits.earlier[:, None] == np.arange(N_OUTCOMES),
            traits.year[:, None] == years,
            traits.is_kota,
            traits.is_java,
        ]
    ).astype(float)


def _prior_sd(n_years: int) -> FloatArray:
    names = ["all"] + ["category"] * N_OUTCOMES + ["year"] * n_years + ["kind"] * 2
    return np.array([_PRIOR_SD[name] for name in names])


def _fit(training: Traits, direction: IntArray, years: IntArray) -> FloatArray:
    """Return the coefficients of falls and rises against stays, (n_traits, 2)."""
    from scipy.optimize import minimize

    design, sd = _design(training, years), _prior_sd(len(years))[:, None]
    moves = np.arange(len(direction))

    def cost(flat: FloatArray) -> tuple[float, FloatArray]:
        coefficients = flat.reshape(-1, 2)
        logs = _log_chances(design @ coefficients, training.earlier)
        residual = np.exp(logs)
        residual[moves, direction] -= 1.0
        slope = design.T @ residual[:, [_FALL, _RISE]] + coefficients / sd**2
        value = 0.5 * np.sum((coefficients / sd) ** 2) - logs[moves, direction].sum()
        return float(value), slope.ravel()

    found = minimize(cost, np.zeros(2 * len(sd)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x.reshape(-1, 2))


def _log_chances(predictors: FloatArray, earlier: IntArray) -> FloatArray:
    """Return log chances of fall, stay and rise, (n_moves, 3); what cannot be has none."""
    logits = np.zeros((len(earlier), 3))
    logits[:, [_FALL, _RISE]] = predictors
    logits[earlier == 0, _FALL] = -np.inf
    logits[earlier == N_OUTCOMES - 1, _RISE] = -np.inf
    return np.asarray(logits - logsumexp(logits, axis=1, keepdims=True))


def _spread_over_outcomes(directions: FloatArray, earlier: IntArray) -> FloatArray:
    """Return chances of the outcomes; steps beyond the last one count as steps to it."""
    forecast = np.zeros((len(earlier), N_OUTCOMES))
    moves = np.arange(len(earlier))
    forecast[moves, earlier] = directions[:, _STAY]
    for direction, sign, steps in ((_FALL, -1, _STEPS_DOWN), (_RISE, 1, _STEPS_UP)):
        for size, chance in enumerate(steps, start=1):
            outcome = np.clip(earlier + sign * size, 0, N_OUTCOMES - 1)
            np.add.at(forecast, (moves, outcome), directions[:, direction] * chance)
    return forecast

"""Draws from the posterior: its mode, a normal approximation, and emcee ensembles with checks.

The shipped posteriors come from at least four ensembles of emcee that never see each other. The
many refits of the back test use the normal approximation at the mode, corrected by weights.
Not here: the posterior density (`calibration`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.errors import UsageError

LogDensity = Callable[[FloatArray], float]

_DIFFERENCE = 0.05
_MOST_SPREAD = 2.0
_STUDENT_DEGREES = 6.0


class Mode(NamedTuple):
    """The mode of a posterior and the spread around it."""

    vector: FloatArray  # (n_parameters,)
    log_density: float
    factor: FloatArray  # (n_parameters, n_parameters) columns turn standard normals into draws


class Ensembles(NamedTuple):
    """Draws of independent ensembles and what tells whether they agree."""

    draws: FloatArray  # (n_ensembles, n_steps, n_walkers, n_parameters) after the warm-up
    accepted: float  # share of accepted moves
    r_hat: FloatArray  # (n_parameters,) split and compared across ensembles
    effective: FloatArray  # (n_parameters,) effective number of draws

    @property
    def flat(self) -> FloatArray:
        """(n_draws, n_parameters) all draws in one row each."""
        return self.draws.reshape(-1, self.draws.shape[-1])


def find_mode(log_density: LogDensity, start: FloatArray, spread: FloatArray) -> Mode:
    """Return the mode and the curvature there.

    Parameters
    ----------
    start : (n_parameters,) where the search begins.
    spread : (n_parameters,) prior standard deviations: the scale of the search, and the most that
        the approximation may spread along any axis.
    """
    from scipy.optimize import minimize

    def cost(scaled: FloatArray) -> float:
        return -log_density(start + spread * scaled)

    found = minimize(
        cost, np.zeros(len(start)), method="L-BFGS-B", options={"maxiter": 60, "ftol": 1e-7}
    )
    values, vectors = np.linalg.eigh(_curvature(cost, found.x, float(found.fun)))
    scale = 1.0 / np.sqrt(np.maximum(values, 1.0 / _MOST_SPREAD**2))
    return Mode(start + spread * found.x, -float(found.fun), spread[:, None] * (vectors * scale))


def _curvature(cost: Callable[[FloatArray], float], at: FloatArray, here: float) -> FloatArray:
    """Return the second derivatives by finite differences."""
    n = len(at)
    moves = np.eye(n) * _DIFFERENCE
    ahead = np.array([cost(at + move) for move in moves])
    behind = np.array([cost(at - move) for move in moves])
    result = np.diag((ahead - 2 * here + behind) / _DIFFERENCE**2)
    for i in range(n):
        for j in range(i):
            both = cost(at + moves[i] + moves[j])
            result[i, j] = result[j, i] = (both - ahead[i] - ahead[j] + here) / _DIFFERENCE**2
    return result


def draw_near_mode(
    log_density: LogDensity, mode: Mode, n_draws: int, n_tries: int, generator: np.random.Generator
) -> FloatArray:
    """Draw by sampling importance resampling from a Student approximation at the mode.

    Returns
    -------
    (n_draws, n_parameters)

    References
    ----------
    Rubin, D. B. (1988). Using the SIR algorithm to simulate posterior distributions. In: Bayesian
    Statistics 3, Oxford University Press, 395-402.
    Ionides, E. L. (2008). Truncated importance sampling. Journal of Computational and Graphical
    Statistics 17(2), 295-311. doi:10.1198/106186008X320456
    """
    n = len(mode.vector)
    normal = generator.standard_normal((n_tries, n))
    chi = generator.chisquare(_STUDENT_DEGREES, n_tries) / _STUDENT_DEGREES
    standard = normal / np.sqrt(chi)[:, None]
    tries = mode.vector + standard @ mode.factor.T
    squares = np.sum(standard**2, axis=1)
    log_proposal = -0.5 * (_STUDENT_DEGREES + n) * np.log1p(squares / _STUDENT_DEGREES)
    log_weights = np.array([log_density(vector) for vector in tries]) - log_proposal
    weights = np.exp(log_weights - log_weights.max())
    weights = np.minimum(weights, weights.mean() * np.sqrt(n_tries))
    return tries[systematic_choice(weights, n_draws, generator)]


def systematic_choice(
    weights: FloatArray, n_draws: int, generator: np.random.Generator
) -> IntArray:
    """Choose places in proportion to weights, with one random number for all (Kitagawa 1996)."""
    ladder = np.cumsum(weights / weights.sum())
    rungs = (np.arange(n_draws) + generator.random()) / n_draws
    return np.minimum(np.searchsorted(ladder, rungs), int(np.flatnonzero(weights)[-1]))


def thin(draws: FloatArray, n_draws: int, generator: np.random.Generator) -> FloatArray:
    """Return some of the draws of ensembles, taken by lot.

    At even steps through draws in the order of steps and walkers, the same few walkers would be met
    again and again, and what they say would be worth a few draws only.

    Parameters
    ----------
    draws : (n, n_parameters)
    """
    n = len(draws)
    chosen = systematic_choice(np.ones(n), n_draws, generator)
    return np.asarray(draws[generator.permutation(n)[chosen]])


def run_ensembles(
    log_density: LogDensity,
    mode: Mode,
    seed: int,
    n_steps: int,
    n_ensembles: int = 4,
    progress: Callable[[int, int], None] | None = None,
) -> Ensembles:
    """Run independent ensembles of emcee, each begun from widely spread draws around the mode.

    Parameters
    ----------
    n_steps : steps of every walker; the first third is thrown away as warm-up.
    progress : is told the steps done and the steps asked for, over all ensembles.

    Raises
    ------
    UsageError : emcee is not installed.

    References
    ----------
    Foreman-Mackey, D. et al. (2013). emcee: The MCMC Hammer. PASP 125, 306. doi:10.1086/670067
    ter Braak, C. J. F. and Vrugt, J. A. (2008). Differential evolution Markov chain with snooker
    updater and fewer chains. Statistics and Computing 18, 435-446. doi:10.1007/s11222-008-9104-9
    """
    try:
        import emcee
    except ImportError as error:
        raise UsageError("extra_missing", extra="analysis") from error
    n = len(mode.vector)
    n_walkers = 2 * n + 4
    warm_up = n_steps // 3
    chains, accepted = [], []
    for number in range(n_ensembles):
        generator = np.random.default_rng([seed, number])
        begin = _spread_start(log_density, mode, n_walkers, generator)
        legacy = np.random.RandomState(np.random.MT19937(np.random.SeedSequence([seed, number])))
        moves = [
            (emcee.moves.DEMove(), 0.7),
            (emcee.moves.DESnookerMove(), 0.1),
            (emcee.moves.StretchMove(), 0.2),
        ]
        sampler = emcee.EnsembleSampler(n_walkers, n, log_density, moves=moves)
        state = emcee.State(begin, random_state=legacy.get_state())
        for step, _ in enumerate(sampler.sample(state, iterations=n_steps), start=1):
            if progress:
                progress(number * n_steps + step, n_ensembles * n_steps)
        chains.append(sampler.get_chain(discard=warm_up))
        accepted.append(float(np.mean(sampler.acceptance_fraction)))
    draws = np.stack(chains)
    return Ensembles(draws, float(np.mean(accepted)), split_r_hat(draws), effective_size(draws))


def _spread_start(
    log_density: LogDensity, mode: Mode, n_walkers: int, generator: np.random.Generator
) -> FloatArray:
    """Return walkers spread wider than the posterior, all where the density is not zero."""
    found: list[FloatArray] = []
    while len(found) < n_walkers:
        vector = mode.vector + 1.2 * mode.factor @ generator.standard_normal(len(mode.vector))
        if np.isfinite(log_density(vector)):
            found.append(vector)
    return np.array(found)


def split_r_hat(draws: FloatArray) -> FloatArray:
    """Return R-hat across ensembles, each split into its first and second half.

    Parameters
    ----------
    draws : (n_ensembles, n_steps, n_walkers, n_parameters); the walkers of one ensemble move
        together, so each half ensemble counts as one chain.

    References
    ----------
    Gelman, A. and Rubin, D. B. (1992). Inference from iterative simulation using multiple
    sequences. Statistical Science 7(4), 457-472. doi:10.1214/ss/1177011136
    """
    half = draws.shape[1] // 2
    halves = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    chains = halves.reshape(len(halves), -1, draws.shape[-1])
    within = chains.var(axis=1, ddof=1).mean(axis=0)
    between = chains.mean(axis=1).var(axis=0, ddof=1)
    return np.asarray(np.sqrt(1.0 + between / within))


def effective_size(draws: FloatArray) -> FloatArray:
    """Return the effective number of draws from the autocorrelation of walkers.

    References
    ----------
    Goodman, J. and Weare, J. (2010). Ensemble samplers with affine invariance. Communications in
    Applied Mathematics and Computational Science 5(1), 65-80. doi:10.2140/camcos.2010.5.65
    Sokal, A. (1997). Monte Carlo methods in statistical mechanics. In: Functional Integration,
    Springer, 131-192.
    """
    n_ensembles, n_steps, n_walkers, n = draws.shape
    times = [
        np.mean(
            [_autocorrelation_time(draws[number, :, :, place]) for number in range(n_ensembles)]
        )
        for place in range(n)
    ]
    return np.asarray(n_ensembles * n_steps * n_walkers / np.array(times))


def _autocorrelation_time(chains: FloatArray) -> float:
    """Return the integrated autocorrelation time of (n_steps, n_walkers) chains, in steps."""
    n_steps = len(chains)
    centred = chains - chains.mean()
    transform = np.fft.rfft(centred, n=2 * n_steps, axis=0)
    covariance = np.fft.irfft(np.abs(transform) ** 2, axis=0)[:n_steps].mean(axis=1)
    if covariance[0] <= 0.0:
        return 1.0
    times = 2.0 * np.cumsum(covariance / covariance[0]) - 1.0
    enough = np.arange(n_steps) >= 5.0 * times
    return max(1.0, float(times[np.argmax(enough)] if enough.any() else times[-1]))

"""Simulation-based calibration of the fit, on a scale that fits a test.

Free are four of the parameters (rate, volatility, noise, first score); the others stand at the
middle of their prior. A record has 80 places of one kind and three evaluations, the later two
with empty cells; the national totals, whose weight is a choice and no probability, are left out.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.calibration import PRIORS, log_posterior, prepare, prior_centre, row_of
from kla_sim.analysis.sampling import draw_near_mode, find_mode
from kla_sim.analysis.simulated_record import report_awards, simulate_awards
from kla_sim.domain.record import AwardRecord
from kla_sim.engine.background import N_CATEGORIES

YEARS = (2021, 2022, 2023)
FREE = ("rate_median", "volatility", "noise", "first_mean")
N_PLACES, N_RECORDS, N_DRAWS = 80, 100, 19


@pytest.mark.long
def test_ranks_of_true_parameters_among_draws_are_uniform() -> None:
    """Talts, S. et al. (2018). Validating Bayesian inference algorithms with simulation-based
    calibration. arXiv:1804.06788."""
    generator = np.random.default_rng(20)
    place = [[prior.name for prior in PRIORS].index(name) for name in FREE]
    mean = np.array([PRIORS[number].mean for number in place])
    sd = np.array([PRIORS[number].sd for number in place])
    reporting = np.full((3, N_CATEGORIES), 0.6)
    reporting[0], reporting[:, -1] = 1.0, 1.0
    ranks = []
    for _ in range(N_RECORDS):
        truth = mean + sd * generator.standard_normal(len(FREE))
        awards = simulate_awards(
            row_of(whole(truth, place), YEARS), np.zeros(N_PLACES, int), YEARS, generator
        )
        seen = report_awards(awards, reporting, generator)
        record = AwardRecord(
            tuple(f"Kab. {number}" for number in range(N_PLACES)),
            ("Riau",) * N_PLACES,
            YEARS,
            seen,
            np.zeros(seen.shape, bool),
        )
        material = prepare(record)._replace(reporting=reporting, totals=())

        def density(free: np.ndarray, material=material) -> float:
            return log_posterior(whole(free, place), material)

        mode = find_mode(density, mean, sd)
        draws = draw_near_mode(density, mode, N_DRAWS, 300, generator)
        ranks.append(np.sum(draws < truth, axis=0))
    for name, column in zip(FREE, np.array(ranks).T, strict=True):
        counts = np.bincount(column, minlength=N_DRAWS + 1).reshape(5, -1).sum(axis=1)
        assert stats.chisquare(counts).pvalue > 0.002, (name, counts)


def whole(free: np.ndarray, place: list[int]) -> np.ndarray:
    """The whole parameter vector: the free ones as given, the others in the middle."""
    vector = prior_centre(len(YEARS))
    vector[place] = free
    return vector

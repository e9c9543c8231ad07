"""Simulation-based calibration of the fit, on a scale that fits a test.

Free are four of the parameters at a time; the others stand at the middle of their prior. A record
has 80 places of one kind in eight provinces and three evaluations, the later two with empty cells;
the national totals, whose weight is a choice and no probability, are left out. Where it is asked
whether KLA is in reach, places begin high, so that the record can tell.
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
N_PROVINCES, N_IN_EACH = 8, 10
N_PLACES = N_PROVINCES * N_IN_EACH
N_RECORDS, N_DRAWS = 100, 19
FREE = {
    "the law": (("rate_median", "volatility", "noise", "first_mean"), 480.0),
    "what is shared and what is out of reach": (
        ("rate_median", "province_share", "kla_reach", "first_mean"),
        780.0,
    ),
}
"""Names of the free parameters, and around which first score places begin, points."""


@pytest.mark.long
@pytest.mark.parametrize("of", FREE)
def test_ranks_of_true_parameters_among_draws_are_uniform(of: str) -> None:
    """Talts, S. et al. (2018). Validating Bayesian inference algorithms with simulation-based
    calibration. arXiv:1804.06788."""
    names, first_mean = FREE[of]
    priors = tuple(
        prior._replace(mean=first_mean) if prior.name == "first_mean" else prior for prior in PRIORS
    )
    generator = np.random.default_rng(20)
    place = [[prior.name for prior in priors].index(name) for name in names]
    mean = np.array([priors[number].mean for number in place])
    sd = np.array([priors[number].sd for number in place])
    reporting = np.full((3, N_CATEGORIES), 0.6)
    reporting[0], reporting[:, -1] = 1.0, 1.0
    provinces = np.repeat(np.arange(N_PROVINCES), N_IN_EACH)

    def whole(free: np.ndarray) -> np.ndarray:
        """The whole parameter vector: the free ones as given, the others in the middle."""
        vector = prior_centre(len(YEARS), priors)
        vector[place] = free
        return vector

    ranks = []
    for _ in range(N_RECORDS):
        truth = mean + sd * generator.standard_normal(len(names))
        kinds = np.zeros(N_PLACES, int)
        awards = simulate_awards(row_of(whole(truth), YEARS), kinds, YEARS, generator, provinces)
        seen = report_awards(awards, reporting, generator)
        record = AwardRecord(
            tuple(f"Kab. {number}" for number in range(N_PLACES)),
            tuple(f"Provinsi {number}" for number in provinces),
            YEARS,
            seen,
            np.zeros(seen.shape, bool),
        )
        material = prepare(record)._replace(reporting=reporting, totals=())

        def density(free: np.ndarray, material=material) -> float:
            return log_posterior(whole(free), material, priors)

        mode = find_mode(density, mean, sd)
        draws = draw_near_mode(density, mode, N_DRAWS, 300, generator)
        ranks.append(np.sum(draws < truth, axis=0))
    for name, column in zip(names, np.array(ranks).T, strict=True):
        counts = np.bincount(column, minlength=N_DRAWS + 1).reshape(5, -1).sum(axis=1)
        assert stats.chisquare(counts).pvalue > 0.002, (name, counts)

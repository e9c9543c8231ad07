"""The background law on a grid, its likelihood, and draws from posteriors that are known."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
from scipy import stats

from kla_sim.analysis.award_forecasts import Provinces, forecast_by_law, moves_of
from kla_sim.analysis.calibration import (
    PRIORS,
    log_likelihood,
    log_posterior,
    log_prior,
    national_totals,
    prepare,
    prior_centre,
    reporting_chances,
    reporting_in,
    row_of,
)
from kla_sim.analysis.histories import UNREPORTED, chances_of_silences, see, start_and_kernel
from kla_sim.analysis.sampling import (
    Mode,
    draw_near_mode,
    effective_size,
    find_mode,
    run_ensembles,
    split_r_hat,
    thin,
)
from kla_sim.analysis.simulated_record import simulate_awards
from kla_sim.domain.record import UNKNOWN, AwardRecord
from kla_sim.engine.background import (
    N_CATEGORIES,
    NO_STANDING,
    award_chances,
    background_grid,
    category_chances,
    rate_nodes,
    see_award,
    step_kernel,
)
from kla_sim.engine.formulas import background_step
from kla_sim.engine.posterior import law_of, rows_from_csv, rows_to_csv
from kla_sim.engine.province import COMMON_CHANCES

YEARS = (2021, 2022, 2023)
ROW = row_of(prior_centre(len(YEARS)), YEARS)._replace(
    confirmation=0.2, province_share=0.0, strictness={2021: 5.0, 2022: -10.0, 2023: 20.0}
)
"""A law under which every place is alone; `test_provinces` shares a part."""


def record_of(category: list[list[int]], is_listed: list[list[bool]] | None = None) -> AwardRecord:
    cells = np.array(category)
    return AwardRecord(
        tuple(f"Kab. {number}" for number in range(len(cells))),
        ("Riau",) * len(cells),
        YEARS,
        cells,
        np.zeros(cells.shape, bool) if is_listed is None else np.array(is_listed),
    )


def chance_of(awards: tuple[int, ...]) -> float:
    """The chance of fully known awards, by summing the state cell by cell."""
    grid, law = background_grid(), law_of(ROW, 0)
    first, kernel = start_and_kernel(law)
    state = first
    standing = NO_STANDING
    for place, (year, award) in enumerate(zip(YEARS, awards, strict=False)):
        if place:
            state = np.einsum("rb,rbc->rc", state, kernel)
        state = state * award_chances(grid, law, ROW.strictness[year])[standing, award]
        standing = award
    return float(state.sum())


@pytest.mark.parametrize("gap", [30.0, 205.0, 455.0, 880.0])
def test_grid_step_agrees_with_the_step_of_the_engine(gap: float) -> None:
    grid = background_grid()
    cell = int(np.searchsorted(grid.edges, gap)) - 1
    kernel = step_kernel(grid, np.array([0.08]), 40.0)[0, cell]
    generator = np.random.default_rng(5)
    moved = [
        background_step(float(grid.centres[cell]), 0.08, 40.0, 365, z * 1.0)
        for z in generator.standard_normal(20_000)
    ]
    seen = np.histogram(moved, grid.edges)[0]
    expected = kernel * len(moved)
    enough = expected > 5
    seen = np.append(seen[enough], seen[~enough].sum())
    expected = np.append(expected[enough], expected[~enough].sum() + 1e-9)
    assert stats.chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-3


def test_every_gap_goes_somewhere_and_every_jury_gives_something() -> None:
    grid, law = background_grid(), law_of(ROW, 3)
    kernel = step_kernel(grid, rate_nodes(law.rate_median, 1.0)[0], law.volatility)
    np.testing.assert_allclose(kernel.sum(axis=2), 1.0, atol=1e-12)
    assert kernel.min() > -1e-9
    awards = award_chances(grid, law, -20.0)
    np.testing.assert_allclose(awards.sum(axis=1), 1.0, atol=1e-12)


def test_cap_holds_an_award_to_one_step_up() -> None:
    grid, law = background_grid(), law_of(ROW, 0)._replace(one_step_up=1.0, confirmation=0.0)
    awards = award_chances(grid, law, 0.0)
    free = category_chances(grid, law, 0.0)
    assert np.all(awards[1, 3:] == 0.0)
    np.testing.assert_allclose(awards[1, 2], free[2:].sum(axis=0))
    np.testing.assert_allclose(awards[1, :2], free[:2])


def test_confirmation_keeps_the_standing_category_whatever_the_score() -> None:
    law = law_of(ROW, 0)._replace(confirmation=0.3, one_step_up=1.0)
    grid = background_grid()
    awards = award_chances(grid, law, 0.0)
    far_below = int(np.searchsorted(grid.centres, 900.0))
    assert awards[4, 4, far_below] == pytest.approx(0.3, abs=1e-3)


def test_likelihood_of_known_awards_is_the_chance_summed_cell_by_cell() -> None:
    known = [(0, 1, 1), (2, 2, 3), (2, 2, 3), (3, 3, 2)]
    material = prepare(record_of([list(row) for row in known]))._replace(totals=())
    expected = sum(np.log(chance_of(row)) for row in known)
    assert log_likelihood(ROW, material) == pytest.approx(expected, rel=1e-10)


def test_empty_cells_are_summed_over_with_their_chance_to_go_unreported() -> None:
    reporting = np.full((3, N_CATEGORIES), 0.4)
    reporting[:, 0], reporting[:, -1] = 0.1, 1.0
    record = record_of([[UNKNOWN, 2, UNKNOWN], [1, UNKNOWN, 2], [3, UNKNOWN, UNKNOWN]])
    material = prepare(record)._replace(reporting=reporting, totals=())
    expected = 0.0
    for row in record.category:
        total = 0.0
        for filled in itertools.product(range(N_CATEGORIES), repeat=3):
            if all(cell in (UNKNOWN, award) for cell, award in zip(row, filled, strict=True)):
                hidden = [
                    1 - reporting[year, award]
                    for year, (cell, award) in enumerate(zip(row, filled, strict=True))
                    if cell == UNKNOWN
                ]
                total += chance_of(filled) * np.prod(hidden)
        expected += np.log(total)
    assert log_likelihood(ROW, material) == pytest.approx(expected, rel=1e-10)


def test_an_empty_cell_of_a_complete_list_says_nothing_of_the_category() -> None:
    reporting = np.full((3, N_CATEGORIES), 0.9)
    reporting[:, -1] = 1.0
    record = record_of([[2, 2, UNKNOWN]], [[False, False, True]])
    material = prepare(record)._replace(reporting=reporting, totals=())
    # only KLA is ruled out, which would have been noticed
    expected = np.log(sum(chance_of((2, 2, award)) for award in range(N_CATEGORIES - 1)))
    assert log_likelihood(ROW, material) == pytest.approx(expected, rel=1e-10)


def test_a_silence_and_its_complement_make_a_whole() -> None:
    reporting = np.zeros((3, N_CATEGORIES))
    sights = see(ROW, YEARS, reporting)
    _first, kernel = start_and_kernel(law_of(ROW, 0))
    silences = tuple((UNREPORTED,) * length for length in range(3))
    never_kla = chances_of_silences(silences, kernel, sights)[(UNREPORTED,) * 2]
    assert np.all(never_kla <= 1.0 + 1e-12)
    assert never_kla[:, 1, -1] == pytest.approx(1.0, abs=1e-3)


def test_national_totals_count_every_place_once_a_year() -> None:
    totals = national_totals(YEARS)
    for evaluation in range(len(YEARS)):
        of_year = [total for total in totals if total.evaluation == evaluation]
        assert sum(total.n_places for total in of_year) == 514
        named = [category for total in of_year for category in total.categories]
        assert sorted(named) == [0, 1, 2, 3, 4]


def test_an_award_is_reported_as_often_as_the_record_shows_of_the_national_total() -> None:
    record = record_of([[4, 4, 4]] * 5 + [[1, 1, 1]] * 10)
    chances = reporting_chances(record)
    assert chances[2, 4] == pytest.approx(5 / 19)
    assert chances[2, 1] == pytest.approx(10 / 135)
    assert chances[2, 5] == 1.0


def test_forecast_is_the_chance_of_the_history_with_the_award_over_that_without() -> None:
    record = record_of([[2, 3, 3]])
    moves = moves_of(record)
    unseen = Provinces((), np.zeros((1, 0, len(COMMON_CHANCES))))
    reporting, is_fitted = np.zeros((3, N_CATEGORIES)), np.zeros(2, bool)
    forecasts = forecast_by_law(record, moves, [ROW], reporting, unseen, is_fitted)
    of_2023 = [chance_of((2, 3, award)) for award in range(N_CATEGORIES)]
    expected = np.array([*of_2023[:4], of_2023[4] + of_2023[5]]) / chance_of((2, 3))
    np.testing.assert_allclose(forecasts[1], expected, rtol=1e-9)


def test_belief_after_awards_agrees_with_their_chances() -> None:
    grid, law = background_grid(), law_of(ROW, 0)
    first, kernel = start_and_kernel(law)
    state = np.zeros((len(first), N_CATEGORIES + 1, len(grid.centres)))
    state[:, NO_STANDING] = first
    for year, seen in ((2021, 2), (2022, 3), (2023, None)):
        if year > 2021:
            state = state @ kernel
        state = see_award(state, award_chances(grid, law, ROW.strictness[year]), seen)
    expected = [chance_of((2, 3, award)) / chance_of((2, 3)) for award in range(N_CATEGORIES)]
    np.testing.assert_allclose(state.sum(axis=(0, 2))[:N_CATEGORIES], expected, rtol=1e-9)


def test_simulated_awards_occur_as_often_as_their_chances_say() -> None:
    n_places = 40_000
    kinds = np.zeros(n_places, int)
    awards = simulate_awards(ROW, kinds, YEARS, np.random.default_rng(8))
    for history in [(1, 1, 2), (2, 2, 2), (0, 1, 1), (2, 3, 3)]:
        seen = int(np.all(awards == history, axis=1).sum())
        chance = chance_of(history)
        # grid and quadrature are worth a percent of a chance; the rest is the draw's own noise
        allowed = 4 * np.sqrt(n_places * chance * (1 - chance)) + 0.02 * n_places * chance
        assert abs(seen - n_places * chance) < allowed, history


def test_posterior_rows_survive_their_file() -> None:
    rows = (ROW, ROW._replace(noise=1 / 3))
    assert rows_from_csv(rows_to_csv(rows)) == rows


def _normal(covariance: np.ndarray, vector: np.ndarray) -> float:
    return float(-0.5 * vector @ np.linalg.solve(covariance, vector))


COVARIANCE = np.array([[1.0, 0.6, 0.0], [0.6, 2.0, -0.3], [0.0, -0.3, 0.5]])


def test_mode_and_draws_near_it_are_right_for_a_normal_posterior() -> None:
    density = partial(_normal, COVARIANCE)
    mode = find_mode(density, np.array([1.0, -2.0, 0.5]), np.ones(3))
    np.testing.assert_allclose(mode.vector, 0.0, atol=1e-2)
    np.testing.assert_allclose(mode.factor @ mode.factor.T, COVARIANCE, rtol=1e-2, atol=1e-2)
    draws = draw_near_mode(density, mode, 2_000, 8_000, np.random.default_rng(3))
    error = np.sqrt(np.diag(COVARIANCE) / 1_000)
    assert np.all(np.abs(draws.mean(axis=0)) < 4 * error)
    np.testing.assert_allclose(np.cov(draws.T), COVARIANCE, atol=0.2)


def test_ensembles_agree_with_a_normal_posterior_and_with_each_other() -> None:
    mode = Mode(np.zeros(3), 0.0, np.linalg.cholesky(COVARIANCE))
    ensembles = run_ensembles(partial(_normal, COVARIANCE), mode, seed=4, n_steps=600)
    assert ensembles.draws.shape[0] == 4
    assert np.all(ensembles.r_hat < 1.02)
    error = np.sqrt(np.diag(COVARIANCE) / ensembles.effective)
    assert np.all(np.abs(ensembles.flat.mean(axis=0)) < 4 * error)
    again = run_ensembles(partial(_normal, COVARIANCE), mode, seed=4, n_steps=600)
    np.testing.assert_array_equal(ensembles.draws, again.draws)


def test_r_hat_tells_ensembles_that_disagree() -> None:
    generator = np.random.default_rng(6)
    draws = generator.standard_normal((4, 100, 10, 2))
    draws[0, :, :, 1] += 3.0
    r_hat = split_r_hat(draws)
    assert r_hat[0] < 1.01
    assert r_hat[1] > 1.5


def test_effective_size_is_that_of_an_autoregression() -> None:
    generator = np.random.default_rng(7)
    noise = generator.standard_normal((4, 3_000, 10, 1))
    draws = np.zeros_like(noise)
    for step in range(1, noise.shape[1]):
        draws[:, step] = 0.8 * draws[:, step - 1] + noise[:, step]
    expected = noise.size * (1 - 0.8) / (1 + 0.8)
    assert effective_size(draws)[0] == pytest.approx(expected, rel=0.15)


def test_every_parameter_has_a_proper_prior() -> None:
    assert all(prior.sd > 0 for prior in PRIORS)
    assert len({prior.name for prior in PRIORS}) == len(PRIORS)


def test_the_posterior_is_prior_times_likelihood_and_impossible_far_out() -> None:
    material = prepare(record_of([[0, 1, 1], [2, 2, 3]]))
    centre = prior_centre(3)
    near = centre + 0.5
    expected = log_prior(near) + log_likelihood(row_of(near, material.years), material)
    assert log_posterior(near, material) == pytest.approx(expected, rel=1e-12)
    assert np.isfinite(expected)
    for far in (np.full_like(centre, np.nan), centre + 2e4, centre + 1e3):
        assert log_posterior(far, material) == -np.inf


def test_log_prior_is_that_of_independent_normals() -> None:
    vector = prior_centre(3)
    assert log_prior(vector) == 0.0
    vector[0] += 2.0 * PRIORS[0].sd
    vector[-1] += 1.0  # the jury of a year, in its own standard deviations
    assert log_prior(vector) == pytest.approx(-0.5 * (4.0 + 1.0))


def test_silence_of_a_year_without_totals_is_no_evidence() -> None:
    record = record_of([[0, 1, 1], [2, 2, 3]])
    chances = reporting_in(record, (record.years[0], 1999))
    assert chances[0] == pytest.approx(reporting_chances(record)[0])
    assert chances[1].tolist() == [0.0] * N_CATEGORIES


def test_rows_of_a_fit_come_from_walkers_by_lot():
    n_steps, n_walkers = 200, 216
    steps, walkers = np.divmod(np.arange(n_steps * n_walkers), n_walkers)
    rows = thin(np.stack([steps, walkers], axis=1).astype(float), 300, np.random.default_rng(1))
    assert len({tuple(row) for row in rows.tolist()}) == 300
    # of 216 walkers 300 draws by lot meet 216 (1 - (1 - 1/216)^300) = 162, give or take 6
    assert 144 < len(set(rows[:, 1])) < 180
    order = np.corrcoef(rows[:-1, 0], rows[1:, 0])[0, 1]
    assert abs(order) < 0.2
    assert rows[:, 0].mean() == pytest.approx(99.5, abs=4 * 57.7 / 300**0.5)


def test_more_rows_than_draws_repeat_each_alike():
    rows = thin(np.arange(5.0)[:, None], 10, np.random.default_rng(1))
    assert sorted(rows[:, 0]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]

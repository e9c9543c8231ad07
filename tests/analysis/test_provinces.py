"""What places of one province share, in the likelihood: against integrals worked out in full."""

from __future__ import annotations

import numpy as np
import pytest

from kla_sim.analysis.award_forecasts import Provinces, forecast_by_law, moves_of
from kla_sim.analysis.calibration import (
    log_chances_by_common,
    log_likelihood,
    prepare,
    prior_centre,
    row_of,
)
from kla_sim.analysis.histories import see
from kla_sim.analysis.simulated_record import all_kinds, all_provinces, simulate_awards
from kla_sim.domain.record import AwardRecord
from kla_sim.engine.background import (
    N_CATEGORIES,
    NO_STANDING,
    award_chances,
    background_grid,
    first_chances,
    step_kernel,
)
from kla_sim.engine.posterior import law_of
from kla_sim.engine.province import COMMON_CHANCES

YEARS = (2021, 2022, 2023)
ROW = row_of(prior_centre(len(YEARS)), YEARS)._replace(
    confirmation=0.2,
    rate_spread=0.47,
    province_share=0.87,
    strictness={2021: 5.0, 2022: -10.0, 2023: 20.0},
)
"""Spread and share as fitted, so that quadrature is held where it is used."""

RISING = [(1, 2, 3), (2, 3, 3), (1, 2, 2)]
_N_NODES = 31


def record_of(category, provinces=None) -> AwardRecord:
    cells = np.array(category)
    return AwardRecord(
        tuple(f"Kab. {number}" for number in range(len(cells))),
        provinces or ("Riau",) * len(cells),
        YEARS,
        cells,
        np.zeros(cells.shape, bool),
    )


def normal_nodes():
    points, weights = np.polynomial.hermite_e.hermegauss(_N_NODES)
    return points, weights / weights.sum()


def chances_of(awards, deviations, row=ROW):
    """The chance of known awards given the deviation of the log rate, cell by cell."""
    grid, law = background_grid(), law_of(row, 0)
    rates = law.rate_median * np.exp(law.rate_spread * np.ravel(deviations))
    state = np.tile(first_chances(grid, law.first_mean, law.first_sd), (len(rates), 1))
    kernel = step_kernel(grid, rates, law.volatility)
    standing = NO_STANDING
    for place, (year, award) in enumerate(zip(YEARS, awards, strict=False)):
        if place:
            state = np.einsum("rb,rbc->rc", state, kernel)
        state = state * award_chances(grid, law, row.strictness[year])[standing, award]
        standing = award
    return state.sum(axis=1).reshape(np.shape(deviations))


def log_chance_together(records, row=ROW) -> float:
    """The log chance of the records of places of one province: over its part, over each own."""
    points, weights = normal_nodes()
    share = row.province_share
    deviations = np.sqrt(share) * points[:, None] + np.sqrt(1.0 - share) * points
    given = [chances_of(awards, deviations, row) @ weights for awards in records]
    return float(np.log(np.prod(given, axis=0) @ weights))


def likelihood(row, category, provinces=None) -> float:
    return log_likelihood(row, prepare(record_of(category, provinces))._replace(totals=()))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.87])
def test_likelihood_of_a_province_agrees_with_the_integral_over_its_part(share: float) -> None:
    row = ROW._replace(province_share=share)
    together = log_chance_together(RISING, row)
    assert likelihood(row, RISING) == pytest.approx(together, abs=0.03)
    alone = sum(log_chance_together([awards], row) for awards in RISING)
    assert together > alone + 0.1  # three that rise say that the province does


def test_without_a_common_part_provinces_are_sums_of_places() -> None:
    row = ROW._replace(province_share=0.0)
    apart = sum(likelihood(row, [awards]) for awards in RISING)
    assert likelihood(row, RISING) == pytest.approx(apart, rel=1e-9)


def test_places_of_other_provinces_share_nothing() -> None:
    provinces = ("Riau", "Aceh", "Jambi")
    apart = sum(likelihood(ROW, [awards]) for awards in RISING)
    assert likelihood(ROW, RISING, provinces) == pytest.approx(apart, rel=1e-9)
    assert likelihood(ROW, RISING) > apart + 0.1


def test_a_place_alone_in_its_province_is_as_likely_as_without_provinces() -> None:
    alone = ROW._replace(province_share=0.0)
    for awards in RISING:
        # the common part stands on 15 points; what they leave is a thousandth at most
        assert likelihood(ROW, [awards]) == pytest.approx(likelihood(alone, [awards]), abs=2e-3)


def test_awards_of_a_province_speak_for_its_next_place() -> None:
    """The forecast of a place given its neighbours is the chance of all over that without."""
    moves = moves_of(record_of(RISING))
    wanted = moves.of((moves.place == 0) & (moves.evaluation == 2))
    neighbours = record_of([[-1, -1, -1], *RISING[1:]])
    reporting = np.zeros((3, N_CATEGORIES))
    reporting[:, -1] = 1.0
    provinces = Provinces.seen_in(neighbours.of(np.array([False, True, True])), [ROW])
    forecast = forecast_by_law(
        record_of(RISING), wanted, [ROW], reporting, provinces, np.array([False])
    )[0]
    logs = [
        log_chance_together([(*RISING[0][:2], award), *RISING[1:]]) for award in range(N_CATEGORIES)
    ]
    expected = np.exp(np.array(logs) - log_chance_together([RISING[0][:2], *RISING[1:]]))
    expected[4] += expected[5]
    assert forecast == pytest.approx(expected[:5], abs=4e-3)
    alone = Provinces((), np.zeros((1, 0, len(COMMON_CHANCES))))
    ordinary = forecast_by_law(
        record_of(RISING), wanted, [ROW], reporting, alone, np.array([False])
    )[0]
    assert forecast[2:].sum() > ordinary[2:].sum() + 0.01


def test_each_province_is_told_by_its_own_places() -> None:
    provinces = ("Riau", "Aceh", "Riau")
    material = prepare(record_of(RISING, provinces))
    logs = log_chances_by_common(ROW, material, see(ROW, YEARS, material.reporting))
    for name in ("Aceh", "Riau"):
        own = [awards for awards, of in zip(RISING, provinces, strict=True) if of == name]
        material_alone = prepare(record_of(own))._replace(reporting=material.reporting)
        alone = log_chances_by_common(ROW, material_alone, see(ROW, YEARS, material.reporting))
        assert logs[material.provinces.index(name)] == pytest.approx(alone[0], rel=1e-12)


def test_simulated_places_of_a_province_rise_together() -> None:
    """The share of rises in a province varies as the common part says, more than by chance."""
    generator = np.random.default_rng(7)
    kinds = all_kinds()

    def variance(share: float) -> float:
        found = []
        for _ in range(40):
            provinces = all_provinces(generator)
            row = ROW._replace(province_share=share, rate_spread=0.8)
            awards = simulate_awards(row, kinds, YEARS, generator, provinces)
            rises = (awards[:, 2] > awards[:, 0]).astype(float)
            outside = kinds < 2
            sums = np.bincount(provinces[outside], rises[outside] - rises[outside].mean())
            sizes = np.bincount(provinces[outside])
            found.append(np.mean((sums**2 / sizes)[sizes > 0]))
        return float(np.mean(found))

    assert variance(0.87) > 1.5 * variance(0.0)


def test_all_places_of_indonesia_have_a_province_on_their_island() -> None:
    numbers = all_provinces(np.random.default_rng(1))
    kinds = all_kinds()
    assert len(numbers) == len(kinds) == 514
    assert set(numbers[kinds < 2].tolist()).isdisjoint(numbers[kinds >= 2].tolist())
    assert np.bincount(numbers).sum() == 514
    assert sorted(np.bincount(numbers[kinds >= 2])[-6:].tolist()) == [5, 6, 8, 27, 35, 38]

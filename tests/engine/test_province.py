"""What cities of one province share of their rates: closed forms, and draws of many worlds."""

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine import beliefs as known
from kla_sim.engine.background import rate_nodes
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.province import (
    COMMON,
    COMMON_CHANCES,
    node_weights,
    own_part,
    stratum_chances,
)

SHARE, SPREAD, MEDIAN, N_WORLDS = 0.4, 0.6, 0.05, 3000


@pytest.mark.parametrize(
    ("share", "closeness"), [(0.0, 1e-12), (0.2, 1e-4), (0.45, 2e-4), (0.7, 5e-4), (0.9, 1.5e-3)]
)
def test_weights_of_rates_given_a_province_add_up_to_those_of_all(share, closeness):
    weights = node_weights(share, 5)
    assert np.abs(weights.sum(axis=1) - 1.0).max() < 1e-12
    everywhere = rate_nodes(1.0, 1.0)[1]
    # the common part stands on 15 points, cut at 3.5 standard deviations
    assert COMMON_CHANCES @ weights == pytest.approx(everywhere, abs=closeness)


@pytest.mark.parametrize("share", [0.1, 0.45, 0.87])
def test_weights_of_rates_have_the_moments_of_what_a_province_leaves_open(share):
    """The polynomial through the nodes is exact up to the fourth power."""
    points = np.log(rate_nodes(1.0, 1.0)[0])
    mean, sd = np.sqrt(share) * COMMON, np.sqrt(1.0 - share)
    weights = node_weights(share, 5)
    for power, expected in (
        (1, mean),
        (2, mean**2 + sd**2),
        (3, mean**3 + 3 * mean * sd**2),
        (4, mean**4 + 6 * mean**2 * sd**2 + 3 * sd**4),
    ):
        assert weights @ points**power == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("share", "closeness"), [(0.0, 1e-12), (0.2, 5e-5), (0.45, 1e-4), (0.7, 1e-4), (0.9, 1e-3)]
)
def test_strata_given_a_province_add_up_to_those_of_all(share, closeness):
    chances = stratum_chances(share, known.STRATUM_BOUNDS, COMMON)
    assert np.abs(chances.sum(axis=1) - 1.0).max() < 1e-12
    assert chances.min() >= 0.0
    assert COMMON_CHANCES @ chances == pytest.approx(known.STRATUM_CHANCES, abs=closeness)


def test_strata_are_those_of_what_a_province_leaves_open():
    for common in (-2.0, 0.0, 1.3):
        given = known.chances_given(known.Own(*own_part(SHARE, common)))
        by_table = stratum_chances(SHARE, known.STRATUM_BOUNDS, np.array([common]))[0]
        assert given == pytest.approx(by_table, abs=1e-14)


def four_cities(*names, share=SHARE, worlds=N_WORLDS, **changes):
    """Return a plan of cities in Riau (a, b), in no province (c) and in Jambi (d)."""
    provinces = {"a": "Riau", "b": "Riau", "c": None, "d": "Jambi"}
    return scenario(
        cities={name: city(province=provinces[name]) for name in names or "abcd"},
        background={
            "rate": {"median": MEDIAN, "spread": SPREAD, "province_share": share},
            "volatility": 30.0,
        },
        worlds=worlds,
        **changes,
    )


@pytest.fixture(scope="module")
def log_rates():
    plan = compile_plan(four_cities(), 11)
    return np.log([world.rate for world in plan.worlds])


def test_rates_of_one_province_are_correlated_by_their_share(log_rates):
    """Fisher's z of a correlation has variance 1 / (n - 3)."""
    found = np.arctanh(np.corrcoef(log_rates.T)[np.triu_indices(4, 1)])
    expected = np.arctanh([SHARE, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert np.abs(found - expected).max() < 4.0 / np.sqrt(N_WORLDS - 3)


def test_every_city_keeps_the_whole_spread_of_rates(log_rates):
    sd = log_rates.std(axis=0, ddof=1)
    assert np.abs(sd - SPREAD).max() < 4.0 * SPREAD / np.sqrt(2 * N_WORLDS)
    assert np.abs(log_rates.mean(axis=0) - np.log(MEDIAN)).max() < 4.0 * SPREAD / np.sqrt(N_WORLDS)


def test_nothing_shared_is_the_law_without_provinces():
    alone = compile_plan(four_cities(share=0.0, worlds=20), 3)
    without = scenario(
        cities={name: city() for name in "abcd"},
        background={"rate": {"median": MEDIAN, "spread": SPREAD}, "volatility": 30.0},
        worlds=20,
    )
    for one, other in zip(alone.worlds, compile_plan(without, 3).worlds, strict=True):
        assert one.rate == pytest.approx(other.rate, rel=1e-12)


def test_all_shared_is_one_rate_for_the_province():
    for world in compile_plan(four_cities(share=1.0, worlds=20), 3).worlds:
        a, b, c, d = world.rate
        assert a == pytest.approx(b, rel=1e-4)
        assert len({round(rate, 6) for rate in (a, c, d)}) == 3


def test_a_city_of_another_province_moves_nobody_elses_numbers():
    few = compile_plan(four_cities(*"abc", worlds=30), 3)
    more = compile_plan(four_cities(*"abcd", worlds=30), 3)
    for one, other in zip(few.worlds, more.worlds, strict=True):
        assert one.rate.tolist() == other.rate[:3].tolist()
        assert one.gap.tolist() == other.gap[:3].tolist()


def test_a_province_of_the_scenario_is_that_of_cities_that_name_none():
    named = compile_plan(four_cities(*"ab", worlds=10), 3)
    rate = {"median": MEDIAN, "spread": SPREAD, "province_share": SHARE}
    inherited = scenario(
        cities={"a": city(), "b": city()},
        province="Riau",
        background={"rate": rate, "volatility": 30.0},
        worlds=10,
    )
    for one, other in zip(named.worlds, compile_plan(inherited, 3).worlds, strict=True):
        assert one.rate.tolist() == other.rate.tolist()

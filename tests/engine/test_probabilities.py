"""Chances are chances at the rim of every parameter: none below 0, none above 1, whole in all."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws import row

from kla_sim.analysis.award_forecasts import (
    Provinces,
    forecast_by_law,
    forecast_by_table,
    forecast_no_change,
    moves_of,
)
from kla_sim.analysis.chances import (
    Awards,
    CityTerms,
    Jury,
    chance_above,
    chance_of_all,
    chance_of_each,
)
from kla_sim.analysis.conditional import conditional_chances
from kla_sim.analysis.forecast_scores import log_scores
from kla_sim.analysis.histories import marginal_chances, see, start_and_kernel
from kla_sim.analysis.simulated_record import all_kinds, simulate_awards
from kla_sim.domain.categories import category_number
from kla_sim.domain.record import AwardRecord
from kla_sim.engine import beliefs as known
from kla_sim.engine.background import (
    N_CATEGORIES,
    NO_STANDING,
    Grid,
    Law,
    award_chances,
    background_grid,
    category_chances,
    first_chances,
    rate_nodes,
    see_award,
    step_kernel,
)
from kla_sim.engine.compiled import simulate
from kla_sim.engine.formulas import DISCRETE, NORMAL, quantile
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.scenario.distributions import Discrete, Normal
from kla_sim.scenario.loading import load_scenario

ROUNDING = 1e-12
SHARES = st.sampled_from([0.0, 1e-12, 0.5, 1.0 - 1e-12, 1.0]) | st.floats(0, 1)
SPREADS = st.sampled_from([0.0, 1e-9, 1.0, 1e3, 1e4]) | st.floats(1e-9, 1e3)
STRICTNESS = st.sampled_from([-1000.0, 0.0, 1000.0]) | st.floats(-1000, 1000)
RATES = st.sampled_from([0.0, 5e-324, 1e-9, 1.0, 1000.0]) | st.floats(0, 10)
LAWS = st.builds(
    Law,
    rate_median=RATES,
    rate_spread=st.sampled_from([0.0, 1.0, 10.0]),
    volatility=SPREADS,
    noise=SPREADS,
    tail_share=SHARES,
    tail_factor=st.sampled_from([1.0, 5.0, 100.0]),
    one_step_up=SHARES,
    confirmation=SHARES,
    kla_reach=SHARES,
    first_mean=st.sampled_from([-1e6, 0.0, 480.0, 1000.0, 1e6]),
    first_sd=SPREADS,
)
LEFT = st.sampled_from([1e-9, 0.05, 1.0]) | st.floats(0.01, 1)


def assert_chances(chances, axis):
    assert np.isfinite(chances).all()
    assert chances.min() >= 0.0
    assert chances.max() <= 1.0
    assert np.abs(chances.sum(axis=axis) - 1.0).max() < ROUNDING


@settings(max_examples=150, deadline=None)
@given(LAWS, STRICTNESS, LEFT)
def test_awards_have_chances_that_add_up(law, strictness, left):
    grid = background_grid()
    seen = Grid(grid.edges * left, grid.centres * left)
    assert_chances(category_chances(seen, law, strictness), 0)
    assert_chances(award_chances(seen, law, strictness), 1)


def test_a_band_out_of_reach_has_a_chance_of_0_and_none_below():
    law = Law(0.05, 0.5, 34.0, 10.0, 0.0, 1.0, 0.98, 0.0, 1.0, 480.0, 120.0)
    highest = award_chances(background_grid(), law, -300.0)[NO_STANDING, -1]
    assert highest.min() == 0.0


@settings(max_examples=150, deadline=None)
@given(LAWS, st.sampled_from([0.0, 1 / 365.25, 1.0, 100.0]))
def test_steps_and_first_scores_have_chances_that_add_up(law, years):
    grid = background_grid()
    rates, weights = rate_nodes(law.rate_median, law.rate_spread)
    assert_chances(weights, 0)
    assert_chances(step_kernel(grid, rates, law.volatility, years), 2)
    assert_chances(known.kernel_of(law, years), 2)
    assert_chances(first_chances(grid, law.first_mean, law.first_sd), 0)


@settings(max_examples=60, deadline=None)
@given(LAWS, STRICTNESS, st.lists(st.integers(-1, N_CATEGORIES - 1), min_size=1, max_size=6))
def test_beliefs_stay_whole_after_any_awards(law, strictness, seen):
    beliefs = known.first_beliefs(law, 1)
    kernel = known.kernel_of(law, 1.0)
    for award in seen:
        beliefs = known.after_awards(beliefs, law, strictness, np.array([award]))
        assert np.isfinite(beliefs).all()
        assert beliefs.min() >= 0.0
        assert 0.0 < beliefs.sum() <= 1.0 + ROUNDING
        beliefs = known.after_step(beliefs, kernel)
    for chance in (2.0**-54, 0.5, 1.0 - 2.0**-53):
        drawn = known.draw(beliefs[:, 0], law, None, (chance, chance, chance))
        assert 1.0 <= drawn.gap <= 1000.0
        assert 0 <= drawn.standing < N_CATEGORIES
        if seen[-1] != known.UNSEEN:
            assert drawn.standing == seen[-1]


def test_an_award_ruled_out_stands_and_tells_nothing():
    """A gap of 350 points without noise can be no KLA: gap and rate are what they were."""
    law = Law(0.05, 0.5, 34.0, 1e-9, 0.0, 1.0, 1.0, 0.0, 1.0, 650.0, 1e-9)
    before = known.first_beliefs(law, 1)
    kla = category_number("kla")
    after = known.after_awards(before, law, 0.0, np.array([kla]))
    assert after[:, 0, kla].sum() == pytest.approx(1.0, abs=ROUNDING)
    assert after[:, 0].sum(axis=1) == pytest.approx(before[:, 0].sum(axis=1), abs=ROUNDING)
    state = np.moveaxis(before, 1, 0)[0]
    seen = see_award(state, award_chances(background_grid(), law, 0.0), kla)
    assert seen[:, kla] == pytest.approx(state.sum(axis=1), abs=ROUNDING)


def test_a_draw_takes_no_place_without_weight():
    for chance in (2.0**-54, 0.3, 1.0 - 2.0**-53):
        assert known.pick(np.array([0.0, 1e-320, 0.0, 1.0, 0.0]), chance)[0] in (1, 3)
        place, inside = known.pick(np.zeros(4), chance)
        assert (place, 0.0 < inside < 1.0) == (int(4 * chance), True)


TERMS = st.tuples(
    st.sampled_from([-1e4, 1.0, 350.0, 1000.0]) | st.floats(0, 1000),
    SPREADS,
    st.sampled_from([0.0, 1e-9, 1.0, 1.5]) | st.floats(1e-9, 1.5),
    SPREADS,
    SHARES,
    st.sampled_from([1.0, 5.0, 100.0]),
)
BOUNDS = st.sampled_from([0.0, 500.0, 800.0, 1000.0]) | st.floats(0, 1000)


@pytest.mark.parametrize("includes", [False, True])
def test_the_chances_of_the_last_day_are_chances_at_every_corner(includes):
    corners = np.array(
        list(
            product(
                (1.0, 200.0, 1000.0),
                (0.0, 1e-9, 1e3),
                (0.0, 1e-9, 1.0),
                (0.0, 1e-9, 1e3),
                (0.0, 1.0),
                (1.0, 100.0),
                (-1000.0, 0.0, 1000.0),
                (0.0, 1e-9, 1e3),
            )
        )
    )
    terms = CityTerms(*corners.T[:6])
    jury = Jury(np.full(len(corners), 800.0), *corners.T[6:], includes)
    awards = Awards(np.full((len(corners), 2), 0.1), np.full((len(corners), 2), 0.9))
    for chance in (
        chance_of_all([terms, terms], awards, jury),
        chance_of_each(terms, jury),
        chance_above(jury.bound - jury.mean, terms, includes_bound=includes),
    ):
        assert np.isfinite(chance).all()
        assert chance.min() >= 0.0
        assert chance.max() <= 1.0


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(
    st.lists(TERMS, min_size=1, max_size=3),
    BOUNDS,
    STRICTNESS,
    SPREADS,
    SHARES,
    SHARES,
    st.booleans(),
)
def test_the_chances_of_the_last_day_are_chances(cities, bound, mean, sd, floor, factor, includes):
    terms = [CityTerms(*(np.array([number]) for number in numbers)) for numbers in cities]
    jury = Jury(np.array([bound]), np.array([mean]), np.array([sd]), includes)
    shape = (1, len(terms))
    awards = Awards(np.full(shape, floor), np.full(shape, factor * (1.0 - floor)))
    together = chance_of_all(terms, awards, jury)
    each = [chance_of_each(entry, jury) for entry in terms]
    alone = [chance_above(jury.bound, entry, includes_bound=includes) for entry in terms]
    for chance in (together, *each, *alone):
        assert 0.0 <= chance[0] <= 1.0


RULED_OUT = """
schema_version: 1
name: obs
start: 2022-03-01
horizon: 2024-12-31
target: {{category: utama, deadline: 2024-12-31}}
worlds: 20
cities:
  kota: {{name: Kota, districts: 5, population: 10,
    award: {{category: pratama, date: 2022-01-01}}, baseline: {{score: 650}}}}
accounts: {{release: {{1 Januari: 100%}}, lapse: 100%}}
background: {{rate: {{median: 0}}, volatility: {volatility}}}
evaluation:
  noise: {noise}
  one_step_up: 98%
  cycles:
    2022: {{evidence_closes: 2022-06-01, award: 2022-07-23}}
    2023: {{evidence_closes: 2023-06-01, award: 2023-07-23}}
    2024: {{evidence_closes: 2024-06-01, award: 2024-07-23}}
observed: {{date: 2024-01-01, awards: {{2022: {{kota: {first}}}, 2023: {{kota: {second}}}}}}}
"""


@pytest.mark.parametrize("noise", [0, 1, 1000])
@pytest.mark.parametrize("volatility", [0, 34, 10000])
@pytest.mark.parametrize(("first", "second"), [("kla", "none"), ("none", "kla"), ("kla", "kla")])
def test_awards_observed_that_the_law_rules_out_stand(tmp_path, noise, volatility, first, second):
    path = tmp_path / "obs.yaml"
    text = RULED_OUT.format(noise=noise, volatility=volatility, first=first, second=second)
    path.write_text(text, encoding="utf-8")
    plan = compile_plan(load_scenario(path), 1)
    assert {int(world.standing[0]) for world in plan.worlds} == {category_number(second)}
    assert all(1.0 <= world.gap[0] <= 1000.0 for world in plan.worlds)
    chances = conditional_chances(plan, 0, simulate(plan, 0, 40))
    assert 0.0 <= chances.all_cities.min() <= chances.all_cities.max() <= 1.0


def test_awards_ruled_out_tell_nothing_of_the_gap(tmp_path):
    """Without noise and volatility the city keeps its 650 points, whatever was given to it."""
    path = tmp_path / "obs.yaml"
    text = RULED_OUT.format(noise=0, volatility=0, first="kla", second="none")
    path.write_text(text, encoding="utf-8")
    plan = compile_plan(load_scenario(path), 1)
    assert [world.gap[0] for world in plan.worlds] == pytest.approx([350.0] * 20, abs=25.0)


@pytest.mark.parametrize("noise", [1e-9, 1e3])
@pytest.mark.parametrize("confirmation", [0.0, 1.0])
@pytest.mark.parametrize("one_step_up", [0.0, 1.0])
@pytest.mark.parametrize("first_mean", [-1e4, 480.0, 1e4])
def test_records_and_forecasts_at_the_rim_are_whole(noise, confirmation, one_step_up, first_mean):
    law = row(
        noise=noise, confirmation=confirmation, one_step_up=one_step_up, first_mean=first_mean
    )
    years = tuple(law.strictness)
    reporting = np.ones((len(years), N_CATEGORIES))
    first, kernel = start_and_kernel(known_law(law))
    assert_chances(marginal_chances(first, kernel, see(law, years, reporting)), 1)
    awards = simulate_awards(law, all_kinds(), years, np.random.default_rng(1))
    assert (awards.min() >= 0, awards.max() < N_CATEGORIES) == (True, True)
    # one place that rises by a step each time, one that the law may not explain at all
    record = AwardRecord(
        places=("Kota A", "Kabupaten B"),
        provinces=("Aceh", "Aceh"),
        years=years,
        category=np.array([[0, 1, 2, 3, 4], [5, 0, 5, 0, 5]]),
        is_listed=np.ones((2, 5), np.bool_),
    )
    moves = moves_of(record)
    for share in (0.0, 0.5, 1.0):
        sharing = law._replace(province_share=share)
        provinces = Provinces.seen_in(record, [sharing])
        for is_fitted in (False, True):
            fitted = np.full(len(moves.place), is_fitted)
            forecasts = forecast_by_law(record, moves, [sharing], reporting, provinces, fitted)
            assert_chances(forecasts, 1)
    assert_chances(forecast_by_table(moves, moves), 1)
    assert_chances(forecast_no_change(moves, moves), 1)
    assert np.isfinite(log_scores(forecasts, moves.later)).all()


def known_law(law):
    from kla_sim.engine.posterior import law_of

    return law_of(law, 0)


def test_the_last_values_of_a_discrete_law_have_no_more_than_their_chance():
    values, chances = [1.0, 2.0, 3.0, 4.0], [0.1 + 1e-10, 0.2, 0.7 - 5e-10, 0.0]
    book = TableBook()
    law = distribution_row(
        Discrete[float](distribution="discrete", values=values, chances=chances), book
    )
    assert int(law[0]) == DISCRETE
    assert quantile(law, 1.0 - 2.0**-53, book.array()) == 3.0


def test_a_truncated_normal_has_a_largest_draw():
    book = TableBook()
    law = distribution_row(Normal[float](distribution="normal", mean=0.0, sd=1.0), book)
    assert int(law[0]) == NORMAL
    assert quantile(law, 1.0 - 2.0**-53, book.array()) == pytest.approx(8.2, abs=0.1)

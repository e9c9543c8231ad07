"""Beliefs in few cells, worked by hand: what is picked, what stands, what is drawn."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import ndtr
from test_background_by_hand import GRID, LAW, N_CELLS

from kla_sim.engine import beliefs as known
from kla_sim.engine.background import award_chances
from kla_sim.engine.beliefs import ALONE, UNSEEN, Own
from kla_sim.engine.cells import add_scores

FIRST = 2.0**-53
NO_RECORD = known.N_STANDINGS - 1
BOUNDS = [-1.4, -0.6, 0.0, 0.5, 0.9, 1.3, 1.7, 2.2]


def beliefs_at(**chances):
    """Return beliefs with some entries: `s<stratum>_<standing>_<cell>`."""
    found = np.zeros((known.N_STRATA, known.N_STANDINGS, N_CELLS))
    for place, chance in chances.items():
        stratum, standing, cell = map(int, place[1:].split("_"))
        found[stratum, standing, cell] = chance
    return found


@pytest.mark.parametrize(
    ("chance", "place", "inside"),
    [(0.1, 1, 0.2), (0.5 - 1e-12, 1, 1.0), (0.5, 2, FIRST), (0.75, 2, 0.5), (0.875, 2, 0.75)],
)
def test_a_place_is_picked_by_weight_and_the_rest_of_the_chance_says_where(chance, place, inside):
    found = known.pick(np.array([0.0, 2.0, 2.0, 0.0]), chance)
    assert found == (place, pytest.approx(inside, abs=1e-11))


def test_places_without_weight_count_the_same_and_no_chance_falls_off_the_end():
    assert known.pick(np.zeros(4), 0.625) == (2, 0.5)
    assert known.pick(np.array([1.0, 1.0, 0.0]), 1.0) == (1, 1.0 - FIRST)
    assert known.pick(np.array([1.0, 1.0]), 1e-300) == (0, FIRST)


def test_rates_are_quantiles_of_a_lognormal_and_stay_numbers():
    assert known.rate_at(LAW, 0.5) == pytest.approx(0.06)
    one_up = float(ndtr(1.0))
    assert known.rate_at(LAW, one_up) == pytest.approx(0.06 * math.exp(0.6))
    assert known.rate_at(LAW, one_up, Own(0.5, 0.25)) == pytest.approx(0.06 * math.exp(0.45))
    wild = LAW._replace(rate_spread=1e6)
    assert known.rate_at(wild, one_up) == 0.06 * math.exp(600.0)


def test_strata_of_the_rate_have_these_chances_and_middles():
    below = [0.0, *ndtr(BOUNDS), 1.0]
    assert known.chances_given(ALONE) == pytest.approx(np.diff(below), abs=1e-15)
    of_all = known.STRATUM_CHANCES
    assert of_all == pytest.approx(np.diff(below), abs=1e-15)
    shifted = ndtr((np.array(BOUNDS) - 0.3) / 0.5)
    assert known.chances_given(Own(0.3, 0.5)) == pytest.approx(np.diff([0.0, *shifted, 1.0]))
    middles = [known.rate_at(LAW, (a + b) / 2) for a, b in pairwise(below)]
    assert known.strata(LAW) == pytest.approx(middles)
    assert known.strata(LAW._replace(rate_median=0.0)).tolist() == [1e-9] * 9


def test_cities_begin_without_an_award_and_with_the_first_score_of_their_kind():
    found = known.first_beliefs(LAW, 2)
    assert found.shape == (9, 2, known.N_STANDINGS, N_CELLS)
    assert found.sum(axis=(0, 2, 3)) == pytest.approx([1.0, 1.0])
    assert found[:, :, :NO_RECORD].sum() == 0.0
    scores = 1000.0 - GRID.centres
    assert found[:, 1].sum(axis=(0, 1)) @ scores == pytest.approx(480.0, abs=0.5)
    assert found.sum(axis=(1, 2, 3)) / 2 == pytest.approx(known.STRATUM_CHANCES)


def test_a_step_moves_each_stratum_by_its_own_kernel():
    before = beliefs_at(s0_1_2=0.25, s8_5_3=0.75)[:, None]
    kernel = np.zeros((9, N_CELLS, N_CELLS))
    kernel[0, 2, 4] = kernel[8, 3, 0] = kernel[8, 3, 1] = 0.5
    found = known.after_step(before, kernel)
    expected = beliefs_at(s0_1_4=0.125, s8_5_0=0.375, s8_5_1=0.375)[:, None]
    assert np.array_equal(found, expected)


def chances_of(award, chance):
    """Return chances of awards: one award in every cell, whatever stands."""
    found = np.zeros((known.N_STANDINGS, 6, N_CELLS))
    found[:, award] = chance
    return found


def test_an_award_seen_stands_and_weighs_by_its_chance():
    before = beliefs_at(s0_1_2=0.25, s1_6_3=0.75)
    chances = chances_of(4, 0.5)
    chances[6, 4, 3] = 0.1
    both = np.stack([before, before, before], axis=1)
    after, factor = known.after_seen(both, chances, np.array([4, UNSEEN, 2]))
    expected = beliefs_at(s0_4_2=0.125, s1_4_3=0.075)
    assert after[:, 0] == pytest.approx(expected)
    assert after[:, 1] == pytest.approx(expected)
    assert after[:, 2] == pytest.approx(beliefs_at(s0_2_2=0.25, s1_2_3=0.75))  # ruled out
    assert factor.tolist() == [1.0, 1.0, 0.0]
    assert known.after_one(before, chances, 4) == pytest.approx(expected)
    of_law = known.after_awards(both, LAW, -7.0, np.array([4, UNSEEN, 2]))
    sight = award_chances(GRID, LAW, -7.0)
    expected = known.after_seen(both, sight, np.array([4, UNSEEN, 2]))[0]
    assert of_law == pytest.approx(expected)


def test_beliefs_that_come_to_little_are_made_whole_and_remember_by_how_much():
    before = beliefs_at(s0_1_2=0.25, s1_6_3=0.75)[:, None]
    after, factor = known.after_seen(before, chances_of(4, 1e-120), np.array([4]))
    assert after.sum() == pytest.approx(1.0)
    assert factor == pytest.approx([1e-120], rel=1e-12)
    less, kept = known.after_seen(before, chances_of(4, 1e-90), np.array([4]))
    assert less.sum() == pytest.approx(1e-90)
    assert kept.tolist() == [1.0]


def test_what_was_ruled_out_stands_and_what_was_not_seen_does_not():
    before = beliefs_at(s0_1_2=0.5, s1_6_3=1.5)
    assert known.stubborn(before, 3) == pytest.approx(beliefs_at(s0_3_2=0.25, s1_3_3=0.75))
    assert known.stubborn(before, UNSEEN) == pytest.approx(before / 2.0)


def test_a_city_is_drawn_standing_then_gap_then_rate():
    beliefs = beliefs_at(s2_1_4=0.5, s5_3_6=1.0, s7_3_9=0.5)
    low, high = GRID.edges[9:11]
    found = known.draw(beliefs, LAW, None, (0.5, 0.75, 0.5))
    assert found.standing == 3
    assert found.gap == pytest.approx(low + 0.25 * (high - low))
    middle = (ndtr(1.7) + ndtr(2.2)) / 2
    own = Own(0.3, 0.5)
    assert known.rate_at(LAW, middle) == pytest.approx(found.rate)
    again = known.draw(beliefs, LAW, 1, (0.9, 0.25, 0.25), own)
    left, right = ndtr((np.array([-0.6, 0.0]) - 0.3) / 0.5)
    assert again.standing == 1
    assert again.gap == pytest.approx(GRID.edges[4] + 0.25 * (GRID.edges[5] - GRID.edges[4]))
    assert again.rate == pytest.approx(known.rate_at(LAW, left + 0.25 * (right - left), own))


def test_an_award_ruled_out_draws_gap_and_rate_of_all_and_no_record_counts_as_the_highest():
    beliefs = beliefs_at(s5_6_6=1.0)
    found = known.draw(beliefs, LAW, 2, (0.5, 0.5, 0.5))
    assert (found.standing, found.gap) == (2, GRID.centres[6])
    assert known.draw(beliefs, LAW, None, (0.5, 0.5, 0.5)).standing == NO_RECORD - 1


def test_scores_are_explained_given_what_a_province_shares():
    """Two rows, two values of what is shared, two strata; the second city has no score."""
    given = np.zeros((2, 2, 2))  # shared, stratum, row
    given[:, :, 0], given[:, :, 1] = [[1.0, 0.0], [0.5, 0.5]], [[0.25, 0.75], [0.0, 1.0]]
    by_verdict = np.zeros((2, 2, 2, 2))  # city, verdict, stratum, row
    by_verdict[0, :, :, 0] = [[0.1, 0.2], [0.3, 0.4]]
    by_verdict[0, :, :, 1] = [[0.5, 0.6], [0.7, 0.8]]
    density = np.array([[2.0, 1.0], [0.0, 0.0]])
    unscored = np.full((2, 2, 2), 0.5)
    joint = np.full((2, 2), 3.0)
    add_scores(given, by_verdict, density, unscored, joint)
    by_stratum = np.array([[0.5, 1.7], [0.8, 2.0]])
    expected = 3.0 + np.log(np.einsum("ukr,kr->ur", given, by_stratum) / 0.5)
    assert joint == pytest.approx(expected, rel=1e-14)


def test_scores_that_many_cities_all_but_rule_out_are_added_up_as_logarithms():
    n = 40
    given, by_verdict = np.ones((1, 1, 1)), np.full((n, 1, 1, 1), 1e-20)
    joint = np.zeros((1, 1))
    add_scores(given, by_verdict, np.ones((n, 1)), np.ones((n, 1, 1)), joint)
    assert joint[0, 0] == pytest.approx(n * math.log(1e-20), rel=1e-12)
    add_scores(given, 0 * by_verdict[:1], np.ones((1, 1)), np.ones((1, 1, 1)), joint)
    assert joint[0, 0] == pytest.approx(n * math.log(1e-20) + math.log(1e-300), rel=1e-12)

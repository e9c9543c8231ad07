"""PAWN on a sample: indices by hand, the noise floor, and the same indices as SALib's."""

import numpy as np
import pytest
from SALib.analyze import pawn as salib_pawn

from kla_sim.analysis.pawn import pawn, slices_of

RNG = np.random.default_rng(7)
N = 300
INPUTS = RNG.normal(size=(N, 4))


def test_slices_hold_as_many_values_each():
    assert np.bincount(slices_of(np.arange(60.0), 3)).tolist() == [20, 20, 20]


def test_few_values_are_slices_of_their_own():
    assert slices_of(np.array([0.0] * 20 + [2.0] * 40), 3).tolist() == [0] * 20 + [1] * 40


def test_an_outcome_that_is_the_input_has_the_index_of_three_even_slices():
    """With three slices of 20 the distances are 2/3, 1/3 and 2/3: their mean is 5/9."""
    column = np.arange(60.0)
    (found,) = pawn(column[:, None], column).influences
    assert found.strength == pytest.approx(5 / 9)
    assert found.low <= 5 / 9 <= found.high
    assert (found.lowest, found.highest) == (9.5, 49.5)


def test_an_outcome_that_never_changes_has_no_influence():
    found = pawn(INPUTS, np.zeros(N))
    assert [one.strength for one in found.influences] == [0.0] * 4
    assert found.floor == 0.0


def test_indices_are_those_of_salib():
    outcome = INPUTS[:, 0] ** 2 + 0.5 * INPUTS[:, 1]
    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[-9, 9]] * 4}
    theirs = salib_pawn.analyze(problem, INPUTS, outcome, S=10, seed=1)["mean"]
    ours = [one.strength for one in pawn(INPUTS, outcome).influences]
    # SALib leaves the greatest value of each input out of the last slice: one world in thirty
    assert ours == pytest.approx(theirs, abs=0.012)


def test_what_matters_stands_above_the_floor_and_what_does_not_stays_below():
    outcome = INPUTS[:, 0] ** 2 + 0.5 * INPUTS[:, 1]
    found = pawn(INPUTS, outcome)
    above = [one.strength > found.floor for one in found.influences]
    assert above == [True, True, False, False]


def test_where_nothing_matters_a_floor_is_passed_in_five_of_a_hundred_samples():
    """Binomial with 200 samples of chance 5 %: more than 19 would come once in a thousand times."""
    rng = np.random.default_rng(11)
    passed = 0
    for _sample in range(200):
        found = pawn(rng.normal(size=(60, 5)), rng.normal(size=60))
        passed += max(one.strength for one in found.influences) > found.floor
    assert 1 <= passed <= 19


def test_the_same_worlds_give_the_same_answer():
    outcome = INPUTS[:, 0]
    assert pawn(INPUTS, outcome) == pawn(INPUTS, outcome)

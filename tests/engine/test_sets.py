"""Sets of groups as bits, on words of 32 bits."""

import numba
import numpy as np
import pytest

from kla_sim.engine.compiled.sets import add, holds, next_in, remove


@numba.njit  # only compiled code can call these functions
def changed(sets, row, numbers, signs):
    """Add numbers (1) or remove them (-1)."""
    for place in range(len(numbers)):
        number, sign = numbers[place], signs[place]
        if sign == 1:
            add(sets, row, number)
        else:
            remove(sets, row, number)


@numba.njit
def found_from(sets, row, position):
    return next_in(sets, row, position)


@numba.njit
def is_held(sets, row, number):
    return holds(sets, row, number)


@pytest.mark.parametrize("number", range(0, 96, 5))
def test_a_set_finds_its_only_member_from_each_position_up_to_it(number):
    sets = np.zeros((2, 3), np.int64)
    changed(sets, 1, np.array([number]), np.array([1]))
    found = [found_from(sets, 1, position) for position in (0, number, number + 1, 96)]
    assert found == [number, number, -1, -1]
    assert found_from(sets, 0, 0) == -1
    assert [one for one in range(96) if is_held(sets, 1, one)] == [number]


def test_members_come_in_order_and_leave_one_by_one():
    sets, wanted = np.zeros((1, 3), np.int64), [0, 16, 31, 32, 47, 63, 64, 80, 95]
    changed(sets, 0, np.array(wanted[::-1]), np.full(len(wanted), 1))
    changed(sets, 0, np.array([63, 16]), np.array([-1, -1]))
    found = [-1]
    while (following := found_from(sets, 0, found[-1] + 1)) >= 0:
        found.append(following)
    assert found[1:] == [0, 31, 32, 47, 64, 80, 95]

"""Sets of groups as bits, on words of 32 bits, and the orders that are scanned."""

import numpy as np
import pytest

from kla_sim.engine.compiled.sets import add, holds, next_in, put, remove


@pytest.mark.parametrize("number", range(0, 96, 5))
def test_a_set_finds_its_only_member_from_each_position_up_to_it(number):
    sets = np.zeros((2, 3), np.int64)
    add(sets, 1, number)
    assert [next_in(sets, 1, position) for position in (0, number, number + 1, 96)] == [
        number,
        number,
        -1,
        -1,
    ]
    assert next_in(sets, 0, 0) == -1
    assert [one for one in range(96) if holds(sets, 1, one)] == [number]


def test_members_come_in_order_and_leave_one_by_one():
    sets, wanted = np.zeros((1, 3), np.int64), [0, 16, 31, 32, 47, 63, 64, 80, 95]
    for number in wanted[::-1]:
        put(sets, 0, number, True)
    remove(sets, 0, 63)
    put(sets, 0, 16, False)
    found = [-1]
    while (following := next_in(sets, 0, found[-1] + 1)) >= 0:
        found.append(following)
    assert found[1:] == [0, 31, 32, 47, 64, 80, 95]

"""What compiled code hands on as a pointer is read as the NamedTuple that it is a copy of."""

from typing import NamedTuple

import numba
import numpy as np

from kla_sim.engine.code_cache import inner, njit
from kla_sim.engine.compiled.pointers import pointer_to
from tests.without_compiler import needs_compiler


class Inside(NamedTuple):
    rate: float
    is_open: bool


class Outside(NamedTuple):
    numbers: np.ndarray
    inside: Inside
    more: Inside


@inner()
def spend(outside, place):
    if outside.more.is_open and not outside.inside.is_open:
        outside.numbers[place] -= outside.inside.rate * outside.more.rate


def spend_all(outside):
    pointer = pointer_to(outside)
    for place in range(outside.numbers.shape[0]):
        spend(pointer, place)
    return pointer.numbers[1]


def outside():
    return Outside(np.array([10.0, 20.0, 30.0]), Inside(2.0, False), Inside(3.5, True))


def test_fields_are_read_and_arrays_written_through_a_pointer():
    one = outside()
    assert njit(counts_references=False)(spend_all)(one) == 13.0
    assert one.numbers.tolist() == [3.0, 13.0, 23.0]


def test_a_pointer_is_the_tuple_itself_where_python_runs_the_code():
    one = outside()
    assert pointer_to(one) is one


@inner()
def twice(number):
    return 2 * number


def sum_of_kinds(narrow, byte, wide):
    return twice(narrow[0]) + twice(byte[0]) + twice(wide[0]) + twice(0) + twice(1)


@needs_compiler
def test_whole_numbers_of_all_kinds_share_one_code():
    wide = np.array([2**31 - 1], np.uint32)
    counted = numba.njit(sum_of_kinds)  # not kept, so that it is compiled here
    assert counted(np.array([-5], np.int32), np.array([255], np.uint8), wide) == 2**32 + 500
    assert len(twice.signatures) == 1

"""Sets of groups as bits, and the order of numbers and cities: what scanning in order stands on.

Members of a set are found from a position on without looking at those that are not in it.
"""

from __future__ import annotations

from kla_sim.arrays import FloatArray, IntArray, NumberArray
from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Records

TOUCHED, PASSED_MONEY, FIRST_RESOURCE = 0, 1, 2
"""The sets: touched (by rank), with work that the province's account lets pass and something else
holds up, and for each resource the blocked (by rank), then the passed. Whoever finds a member that
belongs there no longer takes it out."""

_WORD = 32


@inner(forceinline=True)
def add(sets: IntArray, row: int, number: int) -> None:
    """Put a number into a set."""
    sets[row, number >> 5] |= 1 << (number & 31)


@inner(forceinline=True)
def remove(sets: IntArray, row: int, number: int) -> None:
    """Take a number out of a set."""
    sets[row, number >> 5] &= ~(1 << (number & 31))


@inner(forceinline=True)
def holds(sets: IntArray, row: int, number: int) -> bool:
    """Return whether a number is in a set."""
    return bool((sets[row, number >> 5] >> (number & 31)) & 1 == 1)


@inner(forceinline=True)
def _bit_number(bit: int) -> int:
    """Return the number of a single bit below 2**32, without a branch or a table."""
    return (
        ((bit & 0xFFFF0000) != 0) * 16
        + ((bit & 0xFF00FF00) != 0) * 8
        + ((bit & 0xF0F0F0F0) != 0) * 4
        + ((bit & 0xCCCCCCCC) != 0) * 2
        + ((bit & 0xAAAAAAAA) != 0)
    )


@inner(forceinline=True)
def next_in(sets: IntArray, row: int, position: int) -> int:
    """Return the first member from a position on; -1 = none."""
    word = position >> 5
    if word >= sets.shape[1]:
        return -1
    here = sets[row, word] & -(1 << (position & 31))
    while here == 0:
        word += 1
        if word >= sets.shape[1]:
            return -1
        here = sets[row, word]
    return word * _WORD + _bit_number(here & -here)


@inner()
def sort_numbers(numbers: NumberArray, n: int) -> None:
    """Sort the first n numbers in place, few as a rule (Shell 1959)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            number = numbers[i]
            j = i
            while j >= gap and numbers[j - gap] > number:
                numbers[j] = numbers[j - gap]
                j -= gap
            numbers[j] = number
        gap //= 3


@inner()
def sort_cities(order: IntArray, key: FloatArray, cities: Records) -> None:
    """Sort cities in place by key, ties by the listed order."""
    n = order.shape[0]
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            city = order[i]
            j = i
            while j >= gap:
                other = order[j - gap]
                if key[other] < key[city]:
                    break
                is_tie = key[other] == key[city]
                if is_tie and cities[other].listed_place < cities[city].listed_place:
                    break
                order[j] = other
                j -= gap
            order[j] = city
        gap //= 3

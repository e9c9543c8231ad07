"""The search for the end of an interval, held against the library that it stands for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from kla_sim.analysis.bounded import root_between


@given(
    root=st.floats(0.01, 0.99),
    power=st.sampled_from([1, 3]),
    bend=st.floats(-3.0, 3.0),
    tolerance=st.sampled_from([1e-9, 1e-6, 1e-2]),
)
def test_root_is_that_of_scipy_to_the_last_bit(
    root: float, power: int, bend: float, tolerance: float
) -> None:
    def function(x: float) -> float:
        return (x - root) ** power * math.exp(bend * x)

    expected = brentq(function, -1.0, 1.0, xtol=tolerance, rtol=1e-12)
    assert root_between(function, -1.0, 1.0, tolerance) == expected


def test_root_at_an_end_is_that_end() -> None:
    assert root_between(lambda x: x - 1.0, 0.0, 1.0, 1e-6) == 1.0
    assert root_between(lambda x: x, 0.0, 1.0, 1e-6) == 0.0


def test_ends_of_one_sign_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.0, 1\.0"):
        root_between(lambda x: x + 2.0, 0.0, 1.0, 1e-6)

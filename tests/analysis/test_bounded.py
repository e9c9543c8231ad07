"""The search for the end of an interval, held against the library that it stands for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from kla_sim.analysis.bounded import mean_interval, root_between


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


SHAPES = {
    "line": lambda x: 3.0 * x,
    "cube": lambda x: x**3 + 1e-3 * x,
    "fifth": lambda x: x**5 + 1e-2 * x,
    "steep": lambda x: math.tanh(60.0 * x),
    "flat on the left": lambda x: x if x > 0.0 else 1e-6 * x,
    "flat on the right": lambda x: -x * math.exp(-9.0 * x),
    "step": lambda x: math.copysign(1.0, x),
    "bent": lambda x: math.expm1(12.0 * x),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("root", [0.003, 0.31, 0.62, 0.97])
def test_each_evaluation_is_made_where_scipy_makes_it(shape: str, root: float) -> None:
    for low, high in ((0.0, 1.0), (-0.2, 1.1), (-1.0, 1.0)):
        for tolerance in (1e-12, 1e-6, 1e-3):
            seen: dict[str, list[float]] = {"ours": [], "scipy": []}

            def function(x: float, whose: str) -> float:
                seen[whose].append(x)  # noqa: B023
                return SHAPES[shape](x - root)

            ours = root_between(lambda x: function(x, "ours"), low, high, tolerance)
            theirs = brentq(
                lambda x: function(x, "scipy"),
                low,
                high,
                xtol=tolerance,
                rtol=1e-12,
            )
            assert ours == theirs
            assert seen["ours"] == seen["scipy"]


def test_root_at_an_end_is_that_end() -> None:
    assert root_between(lambda x: x - 1.0, 0.0, 1.0, 1e-6) == 1.0
    assert root_between(lambda x: x, 0.0, 1.0, 1e-6) == 0.0


def test_ends_of_one_sign_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(0.0, 1.0\)"):
        root_between(lambda x: x + 2.0, 0.0, 1.0, 1e-6)


def test_the_mean_of_a_quantity_without_a_range_is_known() -> None:
    sums, sizes = np.full(3, 2.0), np.ones(3)
    assert mean_interval(sums, sizes, 2.0, 2.0, 0.95) == (2.0, 2.0)

"""The least and the largest of a quantity, by which warnings tell what can never be."""

import math

import pytest

from kla_sim.scenario.distributions import (
    SPREADS,
    Discrete,
    Exponential,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)


@pytest.mark.parametrize(
    ("law", "least"),
    [
        (Pert[float](low=2.0, likely=3.0, high=9.0), 2.0),
        (Uniform[float](distribution="uniform", low=2.0, high=9.0), 2.0),
        (Triangular[float](distribution="triangular", low=2.0, likely=3.0, high=9.0), 2.0),
        (Normal[float](distribution="normal", mean=10.0, sd=1.0), 10.0 - SPREADS),
        (Normal[float](distribution="normal", mean=1.0, sd=9.0), 0.0),
        (Lognormal[float](distribution="lognormal", mean=0.0, sd=1.0), 0.0),
        (Lognormal[float](distribution="lognormal", mean=5.0, sd=0.0), 5.0),
        (Exponential[float](distribution="exponential", mean=30.0), 0.0),
        (Discrete[float](distribution="discrete", values=[1.0, 2.0], chances=[0.0, 1.0]), 2.0),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, float) else str(value),
)
def test_least_of_a_law(law, least):
    assert law.least() == pytest.approx(least, rel=1e-15)


def test_least_of_a_lognormal_lies_three_spreads_of_its_logarithm_below():
    law = Lognormal[float](distribution="lognormal", mean=2.0, sd=1.5)
    spread = math.sqrt(math.log(1.0 + 0.75**2))
    median = 2.0 / math.sqrt(1.0 + 0.75**2)
    assert law.least() == pytest.approx(median * math.exp(-SPREADS * spread), rel=1e-12)


@pytest.mark.parametrize(("mean", "sd", "largest"), [(0.0, 1.0, 0.0), (5.0, 0.0, 5.0)])
def test_a_lognormal_without_spread_has_one_value(mean, sd, largest):
    assert Lognormal[float](distribution="lognormal", mean=mean, sd=sd).largest() == largest


def test_the_largest_of_a_discrete_law_is_its_largest_value():
    values = [3.0, 9.0, 4.0]
    law = Discrete[float](distribution="discrete", values=values, chances=[0.2, 0.3, 0.5])
    assert law.largest() == 9.0

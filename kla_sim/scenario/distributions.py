"""What a planner may write instead of a number: distributions of a quantity, with their rules.

`Distribution[Days]` is a plain time, or a mapping told apart by its key `distribution`. Each says
how far it reaches, for the checks and warnings; how it is drawn stands in the engine. Called by
`model`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Self, TypeVar, Union

from pydantic import Discriminator, Field, Tag, model_validator

from kla_sim.domain.lognormal import (
    LARGEST_NORMAL,
    largest_exponential,
    largest_lognormal,
    lognormal_numbers,
)
from kla_sim.domain.pert import pert_range
from kla_sim.scenario.numerals import fault
from kla_sim.scenario.part import Part
from kla_sim.scenario.quantities import Share

Quantity = TypeVar("Quantity", bound=float)

MOST_DISCRETE = 1_000
"""A discrete distribution and its chances share one table of the engine."""
SPREADS = 3.0
"""Standard deviations at which a distribution without an end is taken to end."""
_ROUNDING = 1e-9


def refuse_disorder(low: Any, likely: Any, high: Any) -> None:
    """Refuse a range whose likely value lies outside."""
    if likely < low:
        fault("likely_below_low", at="likely", low=low, likely=likely)
    if high < likely:
        fault("high_below_likely", at="high", likely=likely, high=high)


def _refuse_negative(part: Part, *names: str) -> None:
    for name in names:
        if getattr(part, name) < 0:
            fault("below_zero", at=name)


class Law(Part):
    """What every distribution tells of itself."""

    @abstractmethod
    def least(self) -> float:
        """Return the smallest value to reckon with."""

    @abstractmethod
    def largest(self) -> float:
        """Return the largest value that can be drawn."""


def least_of(quantity: Any) -> float:
    """Return the smallest value to reckon with of a number or distribution."""
    return quantity.least() if isinstance(quantity, Law) else float(quantity)


def largest_of(quantity: Any) -> float:
    """Return the largest value that a number or distribution can take."""
    return quantity.largest() if isinstance(quantity, Law) else float(quantity)


class Pert(Law, Generic[Quantity]):
    """PERT over the range, or with `low` and `high` as its 10th and 90th percentiles."""

    distribution: Literal["pert"] = "pert"
    low: Quantity
    likely: Quantity
    high: Quantity
    meaning: Literal["range", "p10-p90"] = "range"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse_disorder(self.low, self.likely, self.high)
        return self

    def least(self) -> float:
        """Return the low end; of percentiles one that lies further out, but not below zero."""
        is_range = self.meaning == "range"
        return float(self.low) if is_range else max(0.0, 2 * self.low - self.likely)

    def largest(self) -> float:
        """Return the high end, which lies beyond a percentile."""
        is_range = self.meaning == "range" or self.low >= self.high
        return float(self.high) if is_range else pert_range(self.low, self.likely, self.high)[1]


class Uniform(Law, Generic[Quantity]):
    """Every value between `low` and `high` equally likely."""

    distribution: Literal["uniform"]
    low: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            fault("high_below_low", at="high", low=self.low, high=self.high)
        return self

    def least(self) -> float:
        """Return the low end."""
        return float(self.low)

    def largest(self) -> float:
        """Return the high end."""
        return float(self.high)


class Triangular(Law, Generic[Quantity]):
    """Density rising from `low` to `likely` and falling to `high`."""

    distribution: Literal["triangular"]
    low: Quantity
    likely: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse_disorder(self.low, self.likely, self.high)
        return self

    def least(self) -> float:
        """Return the low end."""
        return float(self.low)

    def largest(self) -> float:
        """Return the high end."""
        return float(self.high)


class Normal(Law, Generic[Quantity]):
    """Normal; truncated at 0 where the quantity is a time or money."""

    distribution: Literal["normal"]
    mean: Quantity
    sd: Quantity

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _refuse_negative(self, "sd")
        return self

    def least(self) -> float:
        """Return what lies some spreads below the mean, but not below zero."""
        return max(0.0, self.mean - SPREADS * self.sd)

    def largest(self) -> float:
        """Return the largest draw."""
        return self.mean + LARGEST_NORMAL * self.sd


class Lognormal(Law, Generic[Quantity]):
    """Lognormal with the given mean and standard deviation of the quantity itself."""

    distribution: Literal["lognormal"]
    mean: Quantity
    sd: Quantity

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _refuse_negative(self, "mean", "sd")
        return self

    def least(self) -> float:
        """Return what lies some spreads below the mean of the logarithm."""
        if self.mean <= 0:
            return 0.0
        variance = math.log1p((self.sd / self.mean) ** 2)
        return self.mean * math.exp(-variance / 2 - SPREADS * math.sqrt(variance))

    def largest(self) -> float:
        """Return the largest draw."""
        if self.mean <= 0 or self.sd <= 0:
            return max(float(self.mean), 0.0)
        return largest_lognormal(*lognormal_numbers(self.mean, self.sd))


class Exponential(Law, Generic[Quantity]):
    """Exponential with the given mean."""

    distribution: Literal["exponential"]
    mean: Quantity

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _refuse_negative(self, "mean")
        return self

    def least(self) -> float:
        """Return zero, near which most draws lie."""
        return 0.0

    def largest(self) -> float:
        """Return the largest draw."""
        return largest_exponential(self.mean)


class Discrete(Law, Generic[Quantity]):
    """One of a few values, with their chances."""

    distribution: Literal["discrete"]
    values: list[Quantity] = Field(min_length=1, max_length=MOST_DISCRETE)
    chances: list[Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.values) != len(self.chances):
            fault(
                "chances_of_values",
                at="chances",
                values=len(self.values),
                chances=len(self.chances),
            )
        if abs(sum(self.chances) - 1) > _ROUNDING:
            fault("chances_not_one", at="chances", total=round(100 * sum(self.chances), 6))
        return self

    def least(self) -> float:
        """Return the smallest value that has a chance."""
        pairs = zip(self.values, self.chances, strict=True)
        return min(float(value) for value, chance in pairs if chance > 0)

    def largest(self) -> float:
        """Return the largest value."""
        return float(max(self.values))


def _kind_of_distribution(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("distribution", "pert"))
    return str(getattr(value, "distribution", "fixed"))


_KINDS = {
    "pert": Pert,
    "uniform": Uniform,
    "triangular": Triangular,
    "normal": Normal,
    "lognormal": Lognormal,
    "exponential": Exponential,
    "discrete": Discrete,
}

if TYPE_CHECKING:
    Distribution = Union[Quantity, Law]  # noqa: UP007  mypy sees no generic alias in `... | Law`
else:

    class Distribution:
        """`Distribution[Days]`: a plain quantity, or a mapping told apart by `distribution`.

        A plain alias would not do: typing does not substitute inside pydantic's generic models.
        """

        def __class_getitem__(cls, quantity: Any) -> Any:
            kinds = [Annotated[kind[quantity], Tag(name)] for name, kind in _KINDS.items()]
            choice = Union[(Annotated[quantity, Tag("fixed")], *kinds)]
            return Annotated[choice, Discriminator(_kind_of_distribution)]

"""What a planner may write instead of a number: distributions of a quantity, with their rules.

`Distribution[Days]` is a plain time, or a mapping told apart by its key `distribution`. Called by
`model`; how a distribution is drawn stands in the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Self, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from kla_sim.scenario.numerals import fault
from kla_sim.scenario.quantities import Share

Quantity = TypeVar("Quantity")

MOST_DISCRETE = 1_000
"""A discrete distribution and its chances share one table of the engine."""
_ROUNDING = 1e-9


class Part(BaseModel):
    """A part of a scenario: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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


class Pert(Part, Generic[Quantity]):
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


class Uniform(Part, Generic[Quantity]):
    """Every value between `low` and `high` equally likely."""

    distribution: Literal["uniform"]
    low: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low: Any = self.low
        if low > self.high:
            fault("high_below_low", at="high", low=self.low, high=self.high)
        return self


class Triangular(Part, Generic[Quantity]):
    """Density rising from `low` to `likely` and falling to `high`."""

    distribution: Literal["triangular"]
    low: Quantity
    likely: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse_disorder(self.low, self.likely, self.high)
        return self


class Normal(Part, Generic[Quantity]):
    """Normal; truncated at 0 where the quantity is a time or money."""

    distribution: Literal["normal"]
    mean: Quantity
    sd: Quantity

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _refuse_negative(self, "sd")
        return self


class Lognormal(Part, Generic[Quantity]):
    """Lognormal with the given mean and standard deviation of the quantity itself."""

    distribution: Literal["lognormal"]
    mean: Quantity
    sd: Quantity

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _refuse_negative(self, "mean", "sd")
        return self


class Exponential(Part, Generic[Quantity]):
    """Exponential with the given mean."""

    distribution: Literal["exponential"]
    mean: Quantity

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _refuse_negative(self, "mean")
        return self


class Discrete(Part, Generic[Quantity]):
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
    Distribution = Union[  # noqa: UP007  mypy sees no generic alias in `Quantity | ...`
        Quantity,
        Pert[Quantity],
        Uniform[Quantity],
        Triangular[Quantity],
        Normal[Quantity],
        Lognormal[Quantity],
        Exponential[Quantity],
        Discrete[Quantity],
    ]
else:

    class Distribution:
        """`Distribution[Days]`: a plain quantity, or a mapping told apart by `distribution`.

        A plain alias would not do: typing does not substitute inside pydantic's generic models.
        """

        def __class_getitem__(cls, quantity: Any) -> Any:
            kinds = [Annotated[kind[quantity], Tag(name)] for name, kind in _KINDS.items()]
            choice = Union[(Annotated[quantity, Tag("fixed")], *kinds)]
            return Annotated[choice, Discriminator(_kind_of_distribution)]

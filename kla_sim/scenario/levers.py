"""What a planner may change, and within which limits: the part `levers` of a scenario.

Levers say nothing of any future: a run is the same with them and without. Not here: which plans
they admit (`candidates`), and how the best of these is looked for (`experiment.optimise`).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kla_sim.domain.limits import MOST_ZONES
from kla_sim.scenario.numerals import fault
from kla_sim.scenario.part import Part
from kla_sim.scenario.quantities import Count, Flag, Identifier, Ratio, Rupiah

Priority = Literal[
    "listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first"
]

Factor = Annotated[Ratio, Field(gt=0, le=10)]


class FactorRange(Part):
    """Between which multiples of the plan's own amounts an amount may lie."""

    low: Factor
    high: Factor

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_disorder(self.low, self.high)
        return self


class CountRange(Part):
    """Between which whole numbers a count may lie."""

    low: Annotated[Count, Field(le=100_000)]
    high: Annotated[Count, Field(le=100_000)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_disorder(self.low, self.high)
        return self


class PostRange(CountRange):
    """Posts of a pool: one number for each year, or one for each city."""

    per: Literal["year", "city"] = "year"


class ZoneRange(CountRange):
    """Zones of a city in each stage."""

    high: Annotated[Count, Field(le=MOST_ZONES)]


class MoneyLevers(Part):
    """How much money there is in all, and how it is split."""

    total: FactorRange | None = None
    province: FactorRange | None = None
    cities: FactorRange | None = None


class LeverLimits(Part):
    """What no plan may exceed."""

    money: Rupiah | None = None
    posts: Annotated[Count, Field(le=1_000_000)] | None = None


class Levers(Part):
    """What `optimise` may change in a plan."""

    why: str | None = None
    limits: LeverLimits = LeverLimits()
    order: Flag = False
    priority: Annotated[list[Priority], Field(min_length=1)] | None = None
    wip_limit: CountRange | None = None
    money: MoneyLevers | None = None
    posts: Annotated[dict[Identifier, PostRange], Field(min_length=1)] | None = None
    zones: ZoneRange | None = None


def _refuse_disorder(low: float, high: float) -> None:
    if high < low:
        fault("high_below_low", at="high", low=low, high=high)

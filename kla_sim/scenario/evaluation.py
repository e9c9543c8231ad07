"""How scores become awards: cycles, the jury, the stages of verification, points and bounds.

The part `evaluation` of a scenario with `categories` and `indicators`. Called by `model`.
"""

# ruff: noqa: RUF012  pydantic copies a field's default for each model

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from kla_sim.domain.categories import LOWER_BOUNDS
from kla_sim.domain.indicators import INDICATORS, Group
from kla_sim.scenario.distributions import Distribution
from kla_sim.scenario.numerals import fault
from kla_sim.scenario.part import Part, form_of
from kla_sim.scenario.quantities import Count, Date, Number, Points, Ratio, Share, Year

Stage = Literal["self", "ministry", "province", "final"]
Score = Annotated[Points, Field(ge=0, le=1000)]


class Slip(Part):
    """A chance that a cycle slips by whole calendar months."""

    chance: Share
    months: Annotated[Count, Field(le=120)]


class CalendarRisk(Part):
    """What may happen to every cycle that does not say otherwise."""

    cancelled: Share = 0.0
    slip: Slip = Slip(chance=0.0, months=0)


class Strictness(Part):
    """Points the jury adds (negative: takes) for all cities of a cycle."""

    mean: Points = 0.0
    sd: Annotated[Points, Field(ge=0)] = 0.0


JuryStrictness = Annotated[
    Annotated[Points, Field(ge=0), Tag("(plain)")] | Annotated[Strictness, Tag("(mapping)")],
    Discriminator(form_of),
]


class Cycle(Part):
    """One evaluation: the day evidence closes, the day of the award, and exceptions."""

    evidence_closes: Date
    award: Date
    cancelled: Share | None = None
    slip: Slip | None = None
    strictness: JuryStrictness | None = None
    noise: Annotated[Points, Field(ge=0)] | None = None


class StageError(Part):
    """How a score of one stage errs against the verified score of its evaluation."""

    bias: Points = 0.0
    spread: Annotated[Points, Field(gt=0)]
    silent: Share = 0.0


class Evaluation(Part):
    """How scores become awards; what is left out comes from the posterior, if there is one."""

    strictness: JuryStrictness | None = None
    noise: Annotated[Points, Field(ge=0)] | None = None
    tail_share: Share | None = None
    tail_factor: Annotated[Number, Field(ge=1, le=100)] | None = None
    one_step_up: Share | None = None
    confirmation: Share | None = None
    kla_reach: Share | None = None
    calendar: CalendarRisk = CalendarRisk()
    cycles: dict[Year, Cycle]
    claimed_ratio: Distribution[Ratio] = 1.0
    stage_fall: dict[Stage, Distribution[Points]] = {}
    stage_error: dict[Stage, StageError] = {}


class IndicatorPoints(Part):
    """One indicator: its name, its group, its maximum points (none = an equal part)."""

    name: str | None = None
    group: Group
    points: Annotated[Points, Field(gt=0)] | None = None


def standard_indicators() -> dict[str, IndicatorPoints]:
    """Return the indicators of the ministry with their groups, points left open."""
    return {
        key: IndicatorPoints(name=indicator.name, group=indicator.group)
        for key, indicator in INDICATORS.items()
    }


class CategoryBounds(Part):
    """The score each category begins at."""

    pratama: Score = LOWER_BOUNDS["pratama"]
    madya: Score = LOWER_BOUNDS["madya"]
    nindya: Score = LOWER_BOUNDS["nindya"]
    utama: Score = LOWER_BOUNDS["utama"]
    kla: Score = LOWER_BOUNDS["kla"]

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        for lower, upper in pairwise(type(self).model_fields):
            low, high = getattr(self, lower), getattr(self, upper)
            if high > low:
                continue
            if upper in self.model_fields_set:
                fault("category_not_above", at=upper, other=lower, bound=low)
            fault("category_not_below", at=lower, other=upper, bound=high)
        return self

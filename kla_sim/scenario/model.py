"""The scenario as a frozen pydantic model: every key a planner may write, with its unit and rule.

Names equal the YAML keys. A sentence on each key, in each language, stands in the catalogue
`schema`. Rules between the values of one part stand here too. Not here: reading files and merging
variants (`loading`), and rules that need the whole plan, such as cycles in the network (`checks`).
"""

# ruff: noqa: RUF012  pydantic copies a field's default for each model

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from kla_sim.domain.categories import Category
from kla_sim.domain.indicators import Group
from kla_sim.domain.limits import MOST_ZONES
from kla_sim.scenario.distributions import Distribution, refuse_disorder
from kla_sim.scenario.evaluation import (
    CategoryBounds,
    Evaluation,
    IndicatorPoints,
    Score,
    Stage,
    standard_indicators,
)
from kla_sim.scenario.levers import Levers, Priority
from kla_sim.scenario.numerals import fault
from kla_sim.scenario.observed import Observed
from kla_sim.scenario.part import Part, form_of
from kla_sim.scenario.quantities import (
    AnyQuantity,
    BasisPoints,
    Count,
    Date,
    DayOfYear,
    Days,
    Flag,
    Identifier,
    Number,
    Points,
    PosteriorName,
    Ratio,
    Rupiah,
    Share,
    Year,
)

MODEL_VERSION = 2
"""Raised whenever the same scenario and seed give other results than before; part of the digest."""

Payer = Literal["province", "city"]
NumberOfZones = Annotated[Count, Field(le=MOST_ZONES)]


class Zones(Part):
    """Kaltara zones of a city: those standing at the start and those planned."""

    existing: NumberOfZones = 0
    planned: Annotated[
        Annotated[NumberOfZones, Tag("(plain)")]
        | Annotated[dict[Year, NumberOfZones], Tag("(mapping)")],
        Discriminator(form_of),
    ] = 0


class StandingAward(Part):
    """The award a city holds at the start."""

    category: Literal[Category, "unknown"]
    date: Date


class Baseline(Part):
    """What is known of a city's score at the start: exactly one of the four ways."""

    score: Score | None = None
    sd: Annotated[Points, Field(ge=0)] = 0.0
    stage: Stage | None = None
    category: Category | None = None
    self_assessment: Score | None = None
    ratio: Distribution[Ratio] | None = None
    history: dict[Year, Category] | None = None
    profile: dict[Group, Share] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [
            name for name in ("score", "category", "self_assessment", "history")
            if getattr(self, name) is not None
        ]  # fmt: skip
        if not ways:
            fault("baseline_missing")
        if len(ways) > 1 and set(ways) != {"score", "history"}:
            fault("baseline_twice", at=ways[1], other=ways[0])
        if ways == ["history"] and not self.history:
            fault("too_few", at="history", least=1)
        if self.self_assessment is not None and self.ratio is None:
            fault("baseline_needs_ratio")
        return self


class Multipliers(Part):
    """Factors on every duration and cost of a city."""

    duration: Annotated[Number, Field(gt=0, le=1000)] = 1.0
    cost: Annotated[Number, Field(ge=0, le=1000)] = 1.0


class City(Part):
    """One city or regency."""

    name: str
    districts: Annotated[Count, Field(ge=1)]
    population: Annotated[Count, Field(ge=1)]
    status: Literal["kota", "kabupaten"] = "kota"
    on_java: Flag = True
    province: str | None = None
    zones: Zones = Zones()
    award: StandingAward
    baseline: Baseline
    multipliers: Multipliers = Multipliers()
    done: list[Identifier] = []


Posts = Annotated[Count, Field(le=100_000)]


class CapacityStep(Part):
    """From a day on, so many posts."""

    from_: Date = Field(alias="from")
    posts: Posts


def _refuse_step_for_years(value: Any) -> Any:
    if isinstance(value, dict) and {"from", "posts"} & set(map(str, value)):
        fault("step_without_list")
    return value


def _steps_of_years(posts: dict[int, int]) -> list[CapacityStep]:
    """Write posts by year as the steps that they are: each from 1 January on."""
    return [
        CapacityStep.model_validate({"from": dt.date(year, 1, 1), "posts": count})
        for year, count in sorted(posts.items())
    ]


if TYPE_CHECKING:
    Capacity = int | list[CapacityStep]
else:
    Capacity = Annotated[
        Annotated[Posts, Tag("(plain)")]
        | Annotated[list[CapacityStep], Field(min_length=1), Tag("(list)")]
        | Annotated[
            dict[Year, Posts],
            Field(min_length=1),
            BeforeValidator(_refuse_step_for_years),
            AfterValidator(_steps_of_years),
            Tag("(mapping)"),
        ],
        Discriminator(form_of),
    ]


class Resource(Part):
    """A pool of posts, of the province or one in every city."""

    name: str | None = None
    scope: Literal["province", "city"]
    capacity: Capacity
    per_city: dict[Identifier, Capacity] = {}
    turnover: Annotated[Number, Field(ge=0, le=365)] = 0.0
    replacement: Distribution[Days] | None = None

    @model_validator(mode="after")
    def _replaced(self) -> Self:
        if self.turnover > 0 and self.replacement is None:
            fault("turnover_without_replacement", at="turnover")
        return self


class Shock(Part):
    """Coefficients of variation of the yearly appropriations."""

    common: Annotated[Ratio, Field(ge=0, le=10)] = 0.0
    own: Annotated[Ratio, Field(ge=0, le=10)] = 0.0


class Accounts(Part):
    """Yearly appropriations and how they are released."""

    province: dict[Year, Rupiah] = {}
    cities: dict[Identifier, dict[Year, Rupiah]] = {}
    grows: Annotated[Ratio, Field(ge=-1)] | None = None
    release: dict[DayOfYear, BasisPoints]
    lapse: BasisPoints
    shock: Shock = Shock()

    @model_validator(mode="after")
    def _released_in_full(self) -> Self:
        _refuse_part("release", self.release)
        return self


PaidBy = dict[Payer, BasisPoints]


def _refuse_part(name: str, shares: dict[Any, int]) -> None:
    if sum(shares.values()) != 10_000:
        fault("shares_not_whole", at=name, total=sum(shares.values()) / 100)


class Upkeep(Part):
    """What each launched zone owes every 1 January after its launch."""

    per_zone: Rupiah
    paid_by: PaidBy

    @model_validator(mode="after")
    def _paid_in_full(self) -> Self:
        _refuse_part("paid_by", self.paid_by)
        return self


class Window(Part):
    """The days of the year on which work may start; from > to wraps over New Year."""

    from_: DayOfYear = Field(alias="from")
    to: DayOfYear


class Activity(Part):
    """One piece of work: how long, with whom, for how much, after what."""

    name: str | None = None
    duration: Distribution[Days]
    after: list[str] = []
    needs: dict[Identifier, Count] = {}
    cost: Distribution[Rupiah] = 0
    paid_by: PaidBy = {}
    window: Window | None = None
    success: Annotated[Share, Field(gt=0)] = 1.0
    rework: Annotated[Ratio, Field(ge=0, le=1000)] = 1.0
    rank: Number = 0.0

    @model_validator(mode="after")
    def _paid_in_full(self) -> Self:
        if self.paid_by:
            _refuse_part("paid_by", self.paid_by)
        elif isinstance(self.cost, BaseModel) or self.cost > 0:
            fault("cost_without_payer", at="cost")
        return self


class WideActivity(Activity):
    """Work of the province or of a city, which may close part of a group's gap."""

    closes_gap: dict[Group, Share] = {}


class ZoneActivity(Activity):
    """Work of a zone, which may open a service, integrate the zone or launch it."""

    opens: Group | None = None
    integrates: Flag = False
    launches: Flag = False


class Work(Part):
    """The three kits: once for the province, once per city, once per planned zone."""

    province: dict[Identifier, WideActivity] = {}
    city: dict[Identifier, WideActivity] = {}
    zone: dict[Identifier, ZoneActivity] = {}


Effect = Annotated[Share, Field(ge=0, le=0.95)]


class Effects(Part):
    """What full coverage takes off a group's gap (assumptions, all of them)."""

    services: dict[Group, Effect] = {}
    integration: Effect = 0.0


class Rate(Part):
    """How fast the background gap closes, per year: lognormal over cities."""

    median: Annotated[Number, Field(ge=0, le=1000)]
    spread: Annotated[Number, Field(ge=0, le=10)] = 0.0
    province_share: Share = 0.0


class Background(Part):
    """How the score moves without Kaltara: by plain numbers, or by a law fitted to the record."""

    posterior: PosteriorName | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    rate: Rate | None = None
    volatility: Annotated[Number, Field(ge=0, le=10_000)] | None = None

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        given = [name for name in ("rate", "volatility") if getattr(self, name) is not None]
        if self.posterior is not None and given:
            fault("background_twice", at="posterior", other=given[0])
        if self.posterior is None:
            if self.sha256 is not None:
                fault("hash_without_posterior", at="sha256")
            if len(given) < 2:
                missing = next(name for name in ("rate", "volatility") if name not in given)
                fault("background_missing", missing=missing)
        return self


class Learning(Part):
    """Wright's learning curve over launched zones."""

    rate: Annotated[Share, Field(gt=0)] = 1.0
    floor: Share = 0.0
    transfer: Share = 0.0


class Policy(Part):
    """Which city comes first when staff and money are short."""

    priority: Priority = "listed"
    wip_limit: Annotated[Count, Field(ge=1)] | None = None
    order: list[Identifier] | None = None


class Uncertainty(Part):
    """A number drawn anew in each world; `likely` is the central case."""

    low: AnyQuantity
    likely: AnyQuantity
    high: AnyQuantity
    by: Literal["factor", "value"]
    meaning: Literal["range", "p10-p90"] = "range"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse_disorder(self.low, self.likely, self.high)
        return self


class Source(Part):
    """Where a number comes from."""

    source: str
    date: Date | None = None


class Assumption(Part):
    """Why a number without a source was chosen, and between what limits it may lie."""

    why: str
    range: Annotated[list[AnyQuantity], Field(min_length=2, max_length=2)] | None = None


class AttainmentClaim(Part):
    """What somebody said of the province's attainment, beside which the verified one is shown."""

    date: Date
    value: Share
    said_by: str


class Target(Part):
    """The category every city is to hold, and by when."""

    category: Literal["pratama", "madya", "nindya", "utama", "kla"]
    deadline: Date


class Scenario(Part):
    """A whole scenario, read, merged and checked."""

    schema_version: Literal[1]
    name: str
    start: Date
    horizon: Date
    target: Target
    province: str | None = None
    worlds: Annotated[Count, Field(ge=1, le=100_000)] = 1
    cities: dict[Identifier, City] = Field(min_length=1)
    resources: dict[Identifier, Resource] = {}
    accounts: Accounts
    work: Work = Work()
    upkeep: Upkeep | None = None
    effects: Effects = Effects()
    background: Background
    learning: Learning = Learning()
    policy: Policy = Policy()
    evaluation: Evaluation
    categories: CategoryBounds = CategoryBounds()
    indicators: dict[Identifier, IndicatorPoints] = Field(
        default_factory=standard_indicators, min_length=1
    )
    attainment_claim: AttainmentClaim | None = None
    observed: Observed | None = None
    levers: Levers | None = None
    uncertain: dict[str, Uncertainty] = {}
    sources: dict[str, Source] = {}
    assumptions: dict[str, Assumption] = {}
    waive: dict[str, str] = {}

"""The scenario as a frozen pydantic model: every key a planner may write, with its unit and rule.

Names equal the YAML keys. A sentence on each key, in each language, stands in the catalogue
`schema`. Not here: reading files and merging variants (`loading`), and rules that need the whole
plan, such as cycles in the network (`kla_sim.engine.plan`).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from kla_sim.domain.categories import LOWER_BOUNDS, Category
from kla_sim.domain.indicators import INDICATORS, Group
from kla_sim.scenario.quantities import (
    BasisPoints,
    Count,
    Days,
    DayOfYear,
    Identifier,
    Number,
    Points,
    Ratio,
    Rupiah,
    Share,
    Year,
)

Quantity = TypeVar("Quantity")
Payer = Literal["province", "city"]
Priority = Literal[
    "listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first"
]
Stage = Literal["ministry", "province", "final"]


class Part(BaseModel):
    """A part of a scenario: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# --- distributions ---------------------------------------------------------------------------


class Pert(Part, Generic[Quantity]):
    """PERT over the range, or with `low` and `high` as its 10th and 90th percentiles."""

    distribution: Literal["pert"] = "pert"
    low: Quantity
    likely: Quantity
    high: Quantity
    meaning: Literal["range", "p10-p90"] = "range"


class Uniform(Part, Generic[Quantity]):
    """Every value between `low` and `high` equally likely."""

    distribution: Literal["uniform"]
    low: Quantity
    high: Quantity


class Triangular(Part, Generic[Quantity]):
    """Density rising from `low` to `likely` and falling to `high`."""

    distribution: Literal["triangular"]
    low: Quantity
    likely: Quantity
    high: Quantity


class Normal(Part, Generic[Quantity]):
    """Normal; truncated at 0 where the quantity is a time or money."""

    distribution: Literal["normal"]
    mean: Quantity
    sd: Quantity


class Lognormal(Part, Generic[Quantity]):
    """Lognormal with the given mean and standard deviation of the quantity itself."""

    distribution: Literal["lognormal"]
    mean: Quantity
    sd: Quantity


class Exponential(Part, Generic[Quantity]):
    """Exponential with the given mean."""

    distribution: Literal["exponential"]
    mean: Quantity


class Discrete(Part, Generic[Quantity]):
    """One of a few values, with their chances."""

    distribution: Literal["discrete"]
    values: list[Quantity] = Field(min_length=1)
    chances: list[Ratio] = Field(min_length=1)


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
    Distribution = (
        Quantity
        | Pert[Quantity]
        | Uniform[Quantity]
        | Triangular[Quantity]
        | Normal[Quantity]
        | Lognormal[Quantity]
        | Exponential[Quantity]
        | Discrete[Quantity]
    )
else:

    class Distribution:
        """`Distribution[Days]`: a plain quantity, or a mapping told apart by `distribution`.

        A plain alias would not do: typing does not substitute inside pydantic's generic models.
        """

        def __class_getitem__(cls, quantity: Any) -> Any:
            kinds = [Annotated[kind[quantity], Tag(name)] for name, kind in _KINDS.items()]
            choice = Union[(Annotated[quantity, Tag("fixed")], *kinds)]  # noqa: UP007
            return Annotated[choice, Discriminator(_kind_of_distribution)]


# --- cities ----------------------------------------------------------------------------------


class Zones(Part):
    """Kaltara zones of a city: those standing at the start and those planned."""

    existing: Count = 0
    planned: Count | dict[Year, Count] = 0


class StandingAward(Part):
    """The award a city holds at the start."""

    category: Category | Literal["unknown"]
    date: dt.date


class Baseline(Part):
    """What is known of a city's score at the start: exactly one of the three ways."""

    score: Points | None = None
    sd: Annotated[Points, Field(ge=0)] = 0.0
    stage: Stage | None = None
    category: Category | None = None
    self_assessment: Points | None = None
    ratio: Distribution[Ratio] | None = None
    profile: dict[Group, Share] | None = None


class Multipliers(Part):
    """Factors on every duration and cost of a city."""

    duration: Annotated[Number, Field(gt=0)] = 1.0
    cost: Annotated[Number, Field(ge=0)] = 1.0


class City(Part):
    """One city or regency."""

    name: str
    districts: Annotated[Count, Field(ge=1)]
    population: Annotated[Count, Field(ge=1)]
    zones: Zones = Zones()
    award: StandingAward
    baseline: Baseline
    multipliers: Multipliers = Multipliers()
    done: list[Identifier] = []


# --- staff and money -------------------------------------------------------------------------


class CapacityStep(Part):
    """From a day on, so many posts."""

    from_: dt.date = Field(alias="from")
    posts: Count


Capacity = Count | Annotated[list[CapacityStep], Field(min_length=1)]


class Resource(Part):
    """A pool of posts, of the province or one in every city."""

    name: str | None = None
    scope: Literal["province", "city"]
    capacity: Capacity
    per_city: dict[Identifier, Capacity] = {}
    turnover: Annotated[Number, Field(ge=0)] = 0.0
    replacement: Distribution[Days] | None = None


class Shock(Part):
    """Coefficients of variation of the yearly appropriations."""

    common: Annotated[Ratio, Field(ge=0)] = 0.0
    own: Annotated[Ratio, Field(ge=0)] = 0.0


class Accounts(Part):
    """Yearly appropriations and how they are released."""

    province: dict[Year, Rupiah] = {}
    cities: dict[Identifier, dict[Year, Rupiah]] = {}
    grows: Ratio | None = None
    release: dict[DayOfYear, BasisPoints]
    lapse: BasisPoints
    shock: Shock = Shock()


PaidBy = dict[Payer, BasisPoints]


class Upkeep(Part):
    """What each launched zone owes every 1 January after its launch."""

    per_zone: Rupiah
    paid_by: PaidBy


# --- work ------------------------------------------------------------------------------------


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
    rework: Annotated[Ratio, Field(ge=0)] = 1.0
    rank: Number = 0.0


class WideActivity(Activity):
    """Work of the province or of a city, which may close part of a group's gap."""

    closes_gap: dict[Group, Share] = {}


class ZoneActivity(Activity):
    """Work of a zone, which may open a service, integrate the zone or launch it."""

    opens: Group | None = None
    integrates: bool = False
    launches: bool = False


class Work(Part):
    """The three kits: once for the province, once per city, once per planned zone."""

    province: dict[Identifier, WideActivity] = {}
    city: dict[Identifier, WideActivity] = {}
    zone: dict[Identifier, ZoneActivity] = {}


# --- score and evaluation --------------------------------------------------------------------

Effect = Annotated[Share, Field(ge=0, le=0.95)]


class Effects(Part):
    """What full coverage takes off a group's gap (assumptions, all of them)."""

    services: dict[Group, Effect] = {}
    integration: Effect = 0.0


class Rate(Part):
    """How fast the background gap closes, per year: lognormal over cities."""

    median: Annotated[Number, Field(ge=0)]
    spread: Annotated[Number, Field(ge=0)] = 0.0


class Background(Part):
    """How the score moves without Kaltara."""

    rate: Rate
    volatility: Annotated[Number, Field(ge=0)]


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


class Cycle(Part):
    """One evaluation: the day evidence closes, the day of the award, and exceptions."""

    evidence_closes: dt.date
    award: dt.date
    cancelled: Share | None = None
    slip: Slip | None = None
    strictness: Annotated[Points, Field(ge=0)] | Strictness | None = None
    noise: Annotated[Points, Field(ge=0)] | None = None


class Evaluation(Part):
    """How scores become awards."""

    strictness: Annotated[Points, Field(ge=0)] | Strictness = 0.0
    noise: Annotated[Points, Field(ge=0)] = 0.0
    one_step_up: Share = 0.0
    calendar: CalendarRisk = CalendarRisk()
    cycles: dict[Year, Cycle]
    claimed_ratio: Distribution[Ratio] = 1.0
    stage_fall: dict[Stage, Distribution[Points]] = {}


class IndicatorPoints(Part):
    """One indicator: its name, its group, its maximum points (none = an equal part)."""

    name: str | None = None
    group: Group
    points: Annotated[Points, Field(gt=0)] | None = None


def _standard_indicators() -> dict[str, IndicatorPoints]:
    return {
        key: IndicatorPoints(name=indicator.name, group=indicator.group)
        for key, indicator in INDICATORS.items()
    }


class CategoryBounds(Part):
    """The score each category begins at."""

    pratama: Points = LOWER_BOUNDS["pratama"]
    madya: Points = LOWER_BOUNDS["madya"]
    nindya: Points = LOWER_BOUNDS["nindya"]
    utama: Points = LOWER_BOUNDS["utama"]
    kla: Points = LOWER_BOUNDS["kla"]


# --- what is not known, and where numbers come from ------------------------------------------


class Uncertainty(Part):
    """A number drawn anew in each world; `likely` is the central case."""

    low: Number
    likely: Number
    high: Number
    by: Literal["factor", "value"]
    meaning: Literal["range", "p10-p90"] = "range"


class Source(Part):
    """Where a number comes from."""

    source: str
    date: dt.date | None = None


class Assumption(Part):
    """Why a number without a source was chosen, and between what limits it may lie."""

    why: str
    range: list[Number] | None = None


class AttainmentClaim(Part):
    """What somebody said of the province's attainment, beside which the verified one is shown."""

    date: dt.date
    value: Share
    said_by: str


class Target(Part):
    """The category every city is to hold, and by when."""

    category: Literal["pratama", "madya", "nindya", "utama", "kla"]
    deadline: dt.date


class Scenario(Part):
    """A whole scenario, read, merged and checked."""

    schema_version: Literal[1]
    name: str
    start: dt.date
    horizon: dt.date
    target: Target
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
        default_factory=_standard_indicators, min_length=1
    )
    attainment_claim: AttainmentClaim | None = None
    uncertain: dict[str, Uncertainty] = {}
    sources: dict[str, Source] = {}
    assumptions: dict[str, Assumption] = {}
    waive: dict[str, str] = {}

"""Random scenarios for Hypothesis: small plans in which every rule of the model is at work.

Each is a mapping as a planner might write it and goes through `Scenario.model_validate`. Few staff,
little money, narrow windows and low chances of acceptance, so that work waits, fails and is given
up; horizons of one to four years, so that a replication stays short in the reference engine.
"""

import datetime as dt

from hypothesis import strategies as st

from kla_sim.scenario.model import Scenario
from kla_sim.scenario.paths import matching_paths

GROUPS = (
    "institutions",
    "civil_rights",
    "family_care",
    "health_welfare",
    "education_culture",
    "special_protection",
)
CATEGORIES = ("none", "pratama", "madya", "nindya", "utama", "kla")
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
PRIORITIES = ("listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first")


def rarely(strategy, otherwise, one_in=4):
    """Return a strategy that takes the first one now and then."""
    return st.integers(1, one_in).flatmap(lambda n: strategy if n == 1 else otherwise)


def percent(low=0, high=100):
    """Return shares as a planner writes them."""
    return st.integers(low, high).map(lambda n: f"{n}%")


@st.composite
def distributions(draw, low, high, unit=""):
    """Return a quantity between two numbers, fixed or as one of the distributions."""

    def written(number):
        return f"{number} {unit}" if unit else number

    numbers = sorted(draw(st.lists(st.integers(low, high), min_size=3, max_size=3)))
    a, b, c = (written(number) for number in numbers)
    centre = {"mean": b, "sd": written(max(1, (numbers[2] - numbers[0]) // 2))}
    kinds = [
        b,
        b,
        {"low": a, "likely": b, "high": c},
        {"distribution": "uniform", "low": a, "high": c},
        {"distribution": "triangular", "low": a, "likely": b, "high": c},
        {"distribution": "normal", **centre},
        {"distribution": "exponential", "mean": b},
        {"distribution": "discrete", "values": [a, c], "chances": [0.25, 0.75]},
    ]
    if numbers[0] < numbers[1] < numbers[2]:
        kinds.append({"distribution": "lognormal", **centre})
        if numbers[0] * 2 > numbers[2]:  # so that the range stays above zero
            kinds.append({"low": a, "likely": b, "high": c, "meaning": "p10-p90"})
    return draw(st.sampled_from(kinds))


def days_of_year():
    """Return a day and month; 29 February is refused, so the 28th is the last here."""
    return st.tuples(st.integers(1, 28), st.sampled_from(MONTHS)).map(
        lambda pair: f"{pair[0]} {pair[1]}"
    )


def windows():
    """Return windows; half of them wrap over New Year."""
    return st.fixed_dictionaries({"from": days_of_year(), "to": days_of_year()})


def paid_by(payers):
    """Return account shares that add to a whole, in either order."""
    one = st.sampled_from(payers).map(lambda payer: {payer: "100%"})
    if len(payers) == 1:
        return st.one_of(st.just({}), one)

    def both(entry):
        first, share = entry
        second = "city" if first == "province" else "province"
        return {first: f"{share}%", second: f"{100 - share}%"}

    two = st.tuples(st.sampled_from(payers), st.integers(0, 100)).map(both)
    return st.one_of(one, two, two)


@st.composite
def activities(draw, after, resources, payers, capacity_of):
    """Return one entry of a kit."""
    n_before = draw(st.integers(0, min(2, len(after))))
    before = draw(st.permutations(after))[:n_before] if after else []
    usable = draw(st.permutations(resources))[: draw(st.integers(0, 2))] if resources else []
    found = {
        "duration": draw(distributions(1, draw(st.sampled_from((2, 40, 200))), "days")),
        "after": before,
        "needs": {name: draw(st.integers(0, capacity_of[name])) for name in usable},
        "success": draw(rarely(st.sampled_from(("1%", "30%", "80%")), st.just("100%"), 3)),
        "rework": draw(st.sampled_from((0, 0.5, 1, 1.5))),
        "rank": draw(st.sampled_from((0, 0, 0, -1, 1, 0.5))),
    }
    found["paid_by"] = draw(paid_by(payers))
    if found["paid_by"]:
        highest = draw(st.sampled_from((1, 60_000_000, 400_000_000)))
        found["cost"] = draw(distributions(0, highest))
    if draw(st.integers(1, 3)) == 1:
        found["window"] = draw(windows())
    return found


@st.composite
def kits(draw, resources, city_resources, capacity_of):
    """Return the three kits."""
    closing = st.dictionaries(st.sampled_from(GROUPS), percent(0, 60), max_size=2)
    province, city, zone = {}, {}, {}
    for number in range(draw(st.integers(0, 3))):
        entry = draw(activities(list(province), resources, ["province"], capacity_of))
        province[f"p{number}"] = {**entry, "closes_gap": draw(closing)}
    payers = ["province", "city"]
    everything = [*resources, *city_resources]
    wider = [f"province.{name}" for name in province]
    for number in range(draw(st.integers(0, 3))):
        entry = draw(activities([*city, *wider], everything, payers, capacity_of))
        city[f"c{number}"] = {**entry, "closes_gap": draw(closing)}
    wider += [f"city.{name}" for name in city]
    short = draw(st.booleans())  # so that zones get launched and owe upkeep for years
    for number in range(draw(st.integers(0, 2) if short else st.integers(1, 5))):
        zone[f"z{number}"] = {
            **draw(activities([*zone, *zone, *wider], everything, payers, capacity_of)),
            "opens": draw(st.sampled_from((None, *GROUPS))),
            "integrates": draw(st.booleans()),
            "launches": short or draw(st.booleans()),
        }
        if short:
            zone[f"z{number}"] |= {"duration": "20 days", "success": "60%", "cost": 0}
    return {"province": province, "city": city, "zone": zone}


@st.composite
def capacities(draw, start, most):
    """Return a capacity that reaches `most` at some time."""
    if draw(st.booleans()):
        return most
    offsets = draw(st.lists(st.integers(-60, 1200), min_size=1, max_size=4, unique=True))
    posts = [draw(st.integers(0, most)) for _ in offsets]
    posts[draw(st.integers(0, len(posts) - 1))] = most
    if min(offsets) > 0:  # what holds at the start has to be said
        offsets, posts = [0, *offsets], [0, *posts]
    return [
        {"from": str(start + dt.timedelta(days=day)), "posts": count}
        for day, count in zip(offsets, posts, strict=True)
    ]


@st.composite
def resource_sets(draw, start, cities):
    """Return resources of both scopes, and what each can give at most."""
    resources, capacity_of = {}, {}
    for number in range(draw(st.integers(0, 4))):
        name, scope = f"r{number}", draw(st.sampled_from(("province", "city")))
        most = draw(st.integers(1, 3))
        entry = {
            "scope": scope,
            "capacity": draw(capacities(start, most)),
            "turnover": draw(st.sampled_from((0, 0, 0.5, 3))),
            "replacement": draw(distributions(1, 150, "days")),
        }
        if scope == "city" and draw(st.booleans()):
            own = draw(st.sampled_from(cities))
            entry["per_city"] = {own: draw(capacities(start, draw(st.integers(most, 4))))}
        resources[name], capacity_of[name] = entry, most
    return resources, capacity_of


@st.composite
def baselines(draw):
    """Return a baseline of one of the three kinds."""
    kind = draw(st.sampled_from(("score", "category", "self_assessment")))
    if kind == "category":
        found = {"category": draw(st.sampled_from(CATEGORIES))}
    elif kind == "score":
        found = {
            "score": draw(st.integers(0, 1000)),
            "sd": draw(st.sampled_from((0, 10, 60))),
            "stage": draw(st.sampled_from((None, "ministry", "province", "final"))),
        }
    else:
        found = {
            "self_assessment": draw(st.integers(300, 1000)),
            "ratio": {"distribution": "uniform", "low": 0.6, "high": 0.83},
        }
    if draw(st.booleans()):
        found["profile"] = draw(
            st.dictionaries(st.sampled_from(GROUPS), percent(0, 90), max_size=3)
        )
    return found


@st.composite
def cities(draw, start, last_year, city_kit):
    """Return one city."""
    planned = st.one_of(
        st.integers(0, 4),
        st.dictionaries(st.integers(start.year - 1, last_year + 1), st.integers(0, 3), max_size=3),
    )
    return {
        "name": "Kota",
        "districts": draw(st.integers(1, 4)),
        "population": draw(st.integers(1, 3_000_000)),
        "zones": {"existing": draw(rarely(st.integers(1, 6), st.just(0), 2)),
                  "planned": draw(planned)},
        "award": {
            "category": draw(st.sampled_from(("unknown", *CATEGORIES))),
            "date": str(start - dt.timedelta(days=draw(st.integers(0, 500)))),
        },
        "baseline": draw(baselines()),
        "multipliers": {
            "duration": draw(st.sampled_from((0.8, 1.0, 1.25))),
            "cost": draw(st.sampled_from((0.0, 0.9, 1.0, 1.1))),
        },
        "done": [name for name in city_kit if draw(st.integers(1, 5)) == 1],
    }  # fmt: skip


@st.composite
def accounts(draw, start, last_year, cities):
    """Return accounts; some hold nothing, some begin after the start."""
    most = draw(st.sampled_from((100_000_000, 1_000_000_000)))

    def amounts():
        first = draw(st.integers(start.year - 1, last_year))
        return draw(
            st.one_of(
                st.just({}),
                st.just({first: draw(st.integers(0, most))}),
                st.fixed_dictionaries(
                    dict.fromkeys(range(first, last_year + 1), st.integers(0, most))
                ),
            )
        )

    days = draw(st.lists(days_of_year(), min_size=1, max_size=4, unique=True))
    shares = [draw(st.integers(0, 10_000 // len(days))) for _ in days[1:]]
    parts = [10_000 - sum(shares), *shares]
    shock = {"common": draw(st.sampled_from((0, 0.2))), "own": draw(st.sampled_from((0, 0.3)))}
    return {
        "province": amounts(),
        "cities": {name: amounts() for name in cities if draw(st.integers(1, 5)) > 1},
        "grows": draw(st.sampled_from(("0%", "7%"))),
        "release": {
            day: f"{part // 100}.{part % 100:02d}%" for day, part in zip(days, parts, strict=True)
        },
        "lapse": draw(st.sampled_from(("0%", "33.33%", "100%"))),
        "shock": shock,
    }


@st.composite
def evaluations(draw, start, last_year):
    """Return an evaluation whose cycles may be cancelled, slip and run into each other."""
    cycles = {}
    day = start + dt.timedelta(days=draw(st.integers(0, 300)))
    for number in range(draw(st.integers(0, 4))):
        award = day + dt.timedelta(days=draw(st.integers(0, 120)))
        cycle = {"evidence_closes": str(day), "award": str(award)}
        if draw(st.integers(1, 3)) == 1:
            cycle["cancelled"] = draw(st.sampled_from(("0%", "50%", "100%")))
        if draw(st.integers(1, 3)) == 1:
            cycle["slip"] = {"chance": "60%", "months": draw(st.integers(0, 14))}
        if draw(st.integers(1, 3)) == 1:
            cycle["strictness"] = {"mean": draw(st.integers(-40, 20)), "sd": 5}
            cycle["noise"] = draw(st.integers(0, 20))
        cycles[start.year + number] = cycle
        day += dt.timedelta(days=draw(st.sampled_from((0, 1, 200, 365))))
    fall = st.one_of(st.just(0), distributions(0, 120))
    return {
        "strictness": draw(st.sampled_from((0, 15))),
        "noise": draw(st.sampled_from((0, 10))),
        "one_step_up": draw(st.sampled_from(("0%", "90%", "100%"))),
        "kla_reach": draw(st.sampled_from(("0%", "30%", "100%"))),
        "calendar": {
            "cancelled": draw(st.sampled_from(("0%", "20%"))),
            "slip": {"chance": draw(st.sampled_from(("0%", "30%"))), "months": 12},
        },
        "cycles": cycles,
        "claimed_ratio": draw(
            st.sampled_from((1.0, {"distribution": "uniform", "low": 0.6, "high": 0.83}))
        ),
        "stage_fall": {stage: draw(fall) for stage in ("ministry", "province", "final")},
    }


def _uncertain(draw, written):
    """Return unknowns that the plan has, each drawn in about every second plan."""
    by_factor = {"low": 0.5, "likely": 1.0, "high": 1.6, "by": "factor"}
    possible = {
        "background.rate.median": {"low": 0.0, "likely": 0.05, "high": 0.1, "by": "value"},
        "background.volatility": by_factor,
        "work.zone.*.duration": by_factor,
        "work.zone.*.cost": by_factor,
        "work.city.*.duration": by_factor,
        "work.province.*.cost": by_factor,
        "effects.services.*": by_factor,
        "effects.integration": {"low": 0.0, "likely": 0.1, "high": 0.3, "by": "value"},
        "accounts.province.*": by_factor,
        "accounts.cities.*.*": by_factor,
        "resources.*.turnover": by_factor,
        "resources.*.replacement": by_factor,
        "learning.rate": {"low": 0.7, "likely": 0.9, "high": 1.0, "by": "value"},
        "upkeep.per_zone": by_factor,
        "evaluation.strictness": by_factor,
        "evaluation.noise": {"low": 0, "likely": 8, "high": 20, "by": "value"},
        "evaluation.calendar.cancelled": by_factor,
        "cities.*.multipliers.duration": by_factor,
        "cities.*.baseline.sd": by_factor,
        "cities.*.districts": {"low": 0.9, "likely": 1.0, "high": 1.9, "by": "factor"},
    }
    if written["upkeep"] is None:
        del possible["upkeep.per_zone"]
    return {path: entry for path, entry in possible.items() if draw(st.booleans())}


@st.composite
def written_scenarios(draw):
    """Return a random scenario as a planner would write it."""
    start = dt.date(2022, 1, 1) + dt.timedelta(
        days=draw(st.one_of(st.just(0), st.integers(0, 800)))
    )
    horizon = start + dt.timedelta(days=draw(st.integers(0, 1500)))
    n_days = (horizon - start).days
    deadline = horizon - dt.timedelta(days=draw(rarely(st.integers(0, n_days), st.just(0))))
    names = [f"kota_{letter}" for letter in "abcd"[: draw(st.integers(1, 4))]]
    resources, capacity_of = draw(resource_sets(start, names))
    shared = [name for name, entry in resources.items() if entry["scope"] == "province"]
    own = [name for name in resources if name not in shared]
    work = draw(kits(shared, own, capacity_of))
    policy = {"priority": draw(st.sampled_from(PRIORITIES))}
    if draw(st.booleans()):
        policy["wip_limit"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        policy["order"] = draw(st.permutations(names))
    upkeep = {
        "per_zone": draw(st.sampled_from((0, 20_000_000, 90_000_001))),
        "paid_by": draw(paid_by(["province", "city"])),
    }
    written = {
        "schema_version": 1,
        "name": "acak",
        "start": str(start),
        "horizon": str(horizon),
        "target": {
            "category": draw(st.sampled_from(CATEGORIES[1:])),
            "deadline": str(deadline),
        },
        "worlds": draw(st.sampled_from((1, 3))),
        "cities": {name: draw(cities(start, horizon.year, work["city"])) for name in names},
        "resources": resources,
        "accounts": draw(accounts(start, horizon.year, names)),
        "work": work,
        "upkeep": draw(st.sampled_from((upkeep, upkeep, None))),
        "effects": {
            "services": draw(st.dictionaries(st.sampled_from(GROUPS), percent(0, 60))),
            "integration": 0.1,
        },
        "background": {
            "rate": {"median": 0.05, "spread": draw(st.sampled_from((0, 0.3)))},
            "volatility": draw(st.sampled_from((0, 34, 200))),
        },
        "learning": {
            "rate": draw(st.sampled_from((0.9, 1.0))),
            "floor": "60%",
            "transfer": draw(st.sampled_from(("0%", "30%"))),
        },
        "policy": policy,
        "evaluation": draw(evaluations(start, horizon.year)),
    }
    if written["learning"]["rate"] == 1.0:
        written["uncertain"] = {}
    else:
        written["uncertain"] = _uncertain(draw, written)
    return written


def _read(written):
    """Read a scenario, without the unknowns that name nothing in it."""
    central = Scenario.model_validate({**written, "uncertain": {}})
    uncertain = {
        path: entry for path, entry in written["uncertain"].items() if matching_paths(central, path)
    }
    return Scenario.model_validate({**written, "uncertain": uncertain})


def scenarios():
    """Return random valid scenarios."""
    return written_scenarios().map(_read)

"""Odd plans without chance, as mappings a scenario file could hold: every feature, in combination.

`odd_plan` takes its choices from an object with `integer`, `pick` and `chance`, so that the same
plans come from Hypothesis (which shrinks them) and from a plain seed (for long runs).
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from hypothesis import strategies as st

GROUPS = [
    "institutions",
    "civil_rights",
    "family_care",
    "health_welfare",
    "education_culture",
    "special_protection",
]
NAMES = ["none", "pratama", "madya", "nindya", "utama", "kla"]
PRIORITIES = [
    "listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first",
]  # fmt: skip
MONTHS = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
]  # fmt: skip
ODD_DAYS = [
    "1 Januari", "2 Januari", "31 Januari", "28 Februari", "1 Maret", "15 Juni", "31 Juli",
    "30 November", "30 Desember", "31 Desember",
]  # fmt: skip


class SeededChoices:
    """Choices from a plain seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, values: list[Any]) -> Any:
        return self.random.choice(values)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent


class DrawnChoices:
    """Choices drawn by Hypothesis; the plainer plan is always the smaller draw."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, values: list[Any]) -> Any:
        return self.draw(st.sampled_from(values))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent


@st.composite
def odd_plans(draw: Any) -> dict[str, Any]:
    """Mappings of odd plans, for Hypothesis."""
    return odd_plan(DrawnChoices(draw))


def odd_plan(choose: Any) -> dict[str, Any]:
    """One odd plan."""
    start = _start(choose)
    horizon = _horizon(choose, start)
    years = list(range(start.year, horizon.year + 1))
    names = _shuffled(choose, ["utara", "timur", "selatan", "barat", "pusat"])
    cities = names[: choose.integer(1, 4)]
    resources = _resources(choose, start, horizon, cities)
    one_post = choose.chance(30)  # for which all work competes: what the policy says matters
    if one_post:
        resources["builder"] = {"scope": "province", "capacity": 1}
    scale = choose.pick([1_000, 10**6, 10**9])
    work = _work(choose, resources, scale)
    if one_post:
        for kit in work.values():
            for activity in kit.values():
                activity |= {"needs": {"builder": 1}, "cost": 0}
                activity["duration"] = min(activity["duration"], choose.integer(2, 60))
                activity.pop("window", None)
    shape = {
        "schema_version": 1,
        "name": "odd",
        "start": start,
        "horizon": horizon,
        "target": {
            "category": choose.pick(NAMES[1:]),
            "deadline": horizon,
        },
        "cities": {city: _city(choose, city, start, years, list(work["city"])) for city in cities},
        "resources": resources,
        "accounts": _accounts(choose, cities, years, scale),
        "work": work,
        "effects": {
            "services": {g: _share(choose, 950) for g in GROUPS if choose.chance(60)},
            "integration": _share(choose, 950),
        },
        "background": {
            "rate": {"median": choose.pick([0.0, 0.05, 0.1979, 1.3, 6.0])},
            "volatility": 0,
        },
        "policy": {"priority": choose.pick(PRIORITIES)},
        "evaluation": _evaluation(choose, start, years),
    }
    _add_what_may_be_left_out(choose, shape, cities, scale)
    return shape


def _add_what_may_be_left_out(
    choose: Any, shape: dict[str, Any], cities: list[str], scale: int
) -> None:
    if choose.chance(60):
        shape["learning"] = {
            "rate": choose.pick([1.0, 0.9, 0.85, 0.7, 0.5]),
            "floor": choose.pick([0.0, 0.5, 0.75, 1.0]),
            "transfer": choose.pick([0.0, 0.3, 0.5, 1.0]),
        }
    if choose.chance(60):
        shape["policy"]["wip_limit"] = choose.pick([1, 1, 1, 2, 3])
    if choose.chance(30):
        shape["policy"]["order"] = _shuffled(choose, cities)
    if choose.chance(70):
        shape["upkeep"] = {
            "per_zone": choose.pick([0, 1, 7 * scale // 10, 2 * scale + 3, 5 * scale]),
            "paid_by": _paid_by(choose),
        }
    if choose.chance(10):
        bounds = [400.0, 550.0, 700.0, 800.0, 950.5]
        shape["categories"] = dict(zip(NAMES[1:], bounds, strict=True))
    if choose.chance(10):
        shape["indicators"] = {
            "one": {"group": choose.pick(GROUPS), "points": 600},
            "two": {"group": choose.pick(GROUPS), "points": 400},
        }


def _shuffled(choose: Any, values: list[Any]) -> list[Any]:
    left, shuffled = list(values), []
    while left:
        shuffled.append(left.pop(choose.integer(0, len(left) - 1)))
    return shuffled


def _start(choose: Any) -> dt.date:
    if choose.chance(50):
        return choose.pick(
            [
                dt.date(2023, 1, 1),
                dt.date(2022, 12, 31),
                dt.date(2024, 2, 29),
                dt.date(2024, 1, 31),
                dt.date(2023, 8, 31),
                dt.date(2023, 1, 2),
                dt.date(2024, 1, 1),
            ]
        )
    return dt.date(2022, 1, 1) + dt.timedelta(days=choose.integer(0, 1400))


def _horizon(choose: Any, start: dt.date) -> dt.date:
    if choose.chance(40):
        year = start.year + choose.integer(1, 3)
        return choose.pick([dt.date(year, 12, 31), dt.date(year, 1, 1), dt.date(year, 6, 30)])
    return start + dt.timedelta(days=choose.integer(1, 1000))


def _share(choose: Any, most: int) -> float:
    return choose.pick([0, most, min(500, most), choose.integer(0, most)]) / 1000


def _steps(choose: Any, start: dt.date, horizon: dt.date, most: int) -> Any:
    if choose.chance(30):
        return choose.integer(1, most)
    span = (horizon - start).days
    first = choose.pick([0, 0, 0, -100, -1, 1, span // 3])
    days = sorted({first, *(choose.integer(0, span) for _ in range(choose.integer(0, 3)))})
    posts = [choose.integer(0, most) for _ in days]
    posts[choose.integer(0, len(days) - 1)] = most
    if days[0] > 0:  # what holds at the start has to be said
        days, posts = [0, *days], [0, *posts]
    return [
        {"from": start + dt.timedelta(days=day), "posts": count}
        for day, count in zip(days, posts, strict=True)
    ]


def _resources(choose: Any, start: dt.date, horizon: dt.date, cities: list[str]) -> dict[str, Any]:
    resources = {}
    for name in ["builder", "lawyer", "analyst"][: choose.integer(0, 3)]:
        most = choose.integer(1, 3)
        resource: dict[str, Any] = {
            "scope": choose.pick(["province", "city"]),
            "capacity": _steps(choose, start, horizon, most),
        }
        if resource["scope"] == "city":
            resource["per_city"] = {
                city: _steps(choose, start, horizon, most) for city in cities if choose.chance(40)
            }
        resources[name] = resource
    return resources


def _city(
    choose: Any, name: str, start: dt.date, years: list[int], city_work: list[str]
) -> dict[str, Any]:
    zones: dict[str, Any] = {"existing": choose.pick([0, 0, 1, 2, 4])}
    if choose.chance(50):
        zones["planned"] = choose.integer(0, 4)
    else:
        zones["planned"] = {
            year: choose.integer(1, 2)
            for year in [years[0] - 1, *years, years[-1] + 1]
            if choose.chance(50)
        }
    baseline: dict[str, Any] = {"score": _score(choose)}
    if choose.chance(10):
        baseline = {"self_assessment": choose.pick([1000, 900.5]), "ratio": choose.pick([0.6, 1])}
    if choose.chance(60):
        baseline |= {"sd": 0, "stage": "final"}
    if choose.chance(10):
        baseline["profile"] = {group: choose.integer(0, 9) / 10 for group in GROUPS}
    return {
        "name": name.title(),
        "districts": choose.integer(1, 5),
        "population": 1000,
        "zones": zones,
        "award": {"category": choose.pick(NAMES), "date": start},
        "baseline": baseline,
        "multipliers": {
            "duration": choose.pick([1.0, 0.5, 1.25, 0.73, 1.38]),
            "cost": choose.pick([1.0, 0.5, 1.25, 0.97, 0.0]),
        },
        "done": [key for key in city_work if choose.chance(20)],
    }


def _score(choose: Any) -> float:
    if choose.chance(50):
        return choose.pick([700.0, 500.0, 600.0, 800.0, 900.0, 499.9, 0.0, 1000.0, 999.5, 800.1])
    return choose.integer(3000, 9500) / 10


def _paid_by(choose: Any) -> dict[str, str]:
    return choose.pick(
        [
            {"city": "100%"},
            {"province": "100%"},
            {"province": "33.33%", "city": "66.67%"},
            {"city": "30%", "province": "70%"},
            {"city": "100%", "province": "0%"},
        ]
    )


def _accounts(choose: Any, cities: list[str], years: list[int], scale: int) -> dict[str, Any]:
    def appropriations(most: int) -> dict[int, int]:
        return {
            year: choose.integer(0, most) * scale // 3 + choose.integer(0, 99) for year in years
        }

    return {
        "province": appropriations(60),
        "cities": {city: appropriations(20) for city in cities},
        "release": choose.pick(
            [
                {"1 Januari": "100%"},
                {"31 Desember": "100%"},
                {"1 Juni": "40%", "1 Februari": "30%", "1 September": "30%"},
                {"9 Februari": "33.33%", "10 Februari": "33.33%", "31 Desember": "33.34%"},
                {"2 Januari": "50%", "1 Januari": "50%"},
            ]
        ),
        "lapse": choose.pick(["100%", "0%", "50%", "33.33%"]),
    }


def _window(choose: Any) -> dict[str, str]:
    if choose.chance(10):  # closed on 29 February only
        return {"from": "1 Maret", "to": "28 Februari"}
    first = choose.pick(ODD_DAYS) if choose.chance(50) else _some_day(choose)
    last = choose.pick([first, choose.pick(ODD_DAYS), _some_day(choose)])
    return {"from": first, "to": last}


def _some_day(choose: Any) -> str:
    return f"{choose.integer(1, 28)} {choose.pick(MONTHS)}"


def _activity(
    choose: Any, before: list[str], wider: list[str], resources: dict[str, Any], scale: int
) -> dict[str, Any]:
    """One activity; where something is refused for good, its attempts are quick."""
    activity: dict[str, Any] = {
        "duration": choose.pick([0, 0.4, 1, 2, 12.5, choose.integer(1, 300) / 2]),
        "after": [name for name in before if choose.chance(40)]
        + [name for name in wider if choose.chance(10)],
        "cost": choose.pick([0, 1, 2 * scale // 3, 2 * scale + 1, choose.integer(0, 10 * scale)]),
        "rank": choose.pick([0, 0, 1, -1, 1.5]),
    }
    needs = {
        key: choose.pick([0, 1, 1, 2])
        for key in _shuffled(choose, list(resources))
        if choose.chance(50)
    }
    if needs:
        activity["needs"] = needs
    if choose.chance(35):
        activity["window"] = _window(choose)
    if choose.chance(6):
        activity |= {"success": 1e-300, "rework": choose.pick([1.0, 0.5, 0.1, 1.7, 0.0])}
        if choose.chance(60):
            activity |= {"duration": choose.pick([1, 4.5, 9]), "cost": choose.pick([0, 7])}
            activity.pop("window", None)
    return activity


def _work(choose: Any, resources: dict[str, Any], scale: int) -> dict[str, Any]:
    common = {key: value for key, value in resources.items() if value["scope"] == "province"}
    province: dict[str, Any] = {}
    city: dict[str, Any] = {}
    zone: dict[str, Any] = {}
    for key in ["p1", "p2", "p3"][: choose.integer(0, 3)]:
        province[key] = _activity(choose, list(province), [], common, scale)
        province[key]["paid_by"] = {"province": "100%"}
    far = [f"province.{key}" for key in province]
    for key in ["c1", "c2", "c3"][: choose.integer(0, 3)]:
        city[key] = _activity(choose, list(city), far, resources, scale)
        city[key]["paid_by"] = _paid_by(choose)
    for activity in (*province.values(), *city.values()):
        if choose.chance(50):
            activity["closes_gap"] = {
                group: choose.pick([0.1, 0.25, 1.0, choose.integer(0, 400) / 1000])
                for group in GROUPS
                if choose.chance(30)
            }
    far += [f"city.{key}" for key in city]
    for key in ["z1", "z2", "z3", "z4"][: choose.integer(0, 4)]:
        zone[key] = _activity(choose, list(zone), far, resources, scale)
        zone[key]["paid_by"] = _paid_by(choose)
        if choose.chance(70):
            zone[key]["opens"] = choose.pick(GROUPS)
        if choose.chance(40):
            zone[key]["integrates"] = True
        if choose.chance(50):
            zone[key]["launches"] = True
    kits = {"province": province, "city": city, "zone": zone}
    return {  # the order in the file need not be that of precedence
        name: {key: kit[key] for key in _shuffled(choose, list(kit))} for name, kit in kits.items()
    }


def _evaluation(choose: Any, start: dt.date, years: list[int]) -> dict[str, Any]:
    cycles = {}
    slipping = choose.pick([20, 90])
    for year in [*years, years[-1] + 1]:
        evidence = dt.date(year, choose.integer(1, 12), 1) + dt.timedelta(
            days=choose.integer(0, 30)
        )
        evidence = min(evidence, dt.date(year, 12, 31))
        if choose.chance(20):
            evidence = choose.pick(
                [dt.date(year, 1, 1), dt.date(year, 12, 31), dt.date(year, 1, 31)]
            )
        if year == years[0] and (evidence < start or choose.chance(30)):
            if not choose.chance(50):
                continue
            evidence = start
        award = evidence + dt.timedelta(days=choose.pick([0, 1, 30, 90, 200, 365]))
        cycle: dict[str, Any] = {"evidence_closes": evidence, "award": award}
        if choose.chance(15):
            cycle["cancelled"] = choose.pick([1, 0])
        if choose.chance(slipping):
            cycle["slip"] = {
                "chance": choose.pick([1, 1, 0]),
                "months": choose.pick([0, 1, 3, 6, 11, 12, 12, 13, 18, 24, 30]),
            }
        if choose.chance(20):
            cycle["strictness"] = {"mean": choose.pick([-400, -27.5, 10, 300]), "sd": 0}
        cycles[year] = cycle
    evaluation: dict[str, Any] = {
        "one_step_up": choose.pick([0, 1]),
        "cycles": cycles,
    }
    if choose.chance(20):
        evaluation["calendar"] = {
            "cancelled": choose.pick([0, 0, 1]),
            "slip": {"chance": choose.pick([0, 1]), "months": choose.pick([1, 11, 12])},
        }
    if choose.chance(10):
        evaluation["strictness"] = {"mean": choose.pick([-15, 20]), "sd": 0}
    return evaluation


@st.composite
def slipping_plans(draw: Any) -> dict[str, Any]:
    """Mappings of plans in which most cycles slip far, for Hypothesis."""
    return slipping_plan(DrawnChoices(draw))


def slipping_plan(choose: Any) -> dict[str, Any]:
    """One city, no work, six years of cycles that are left out, cancelled, slipped past others."""
    start, horizon = dt.date(2022, 3, 1), dt.date(2029, 12, 31)
    cycles = {}
    for year in range(2022, 2028):
        if choose.chance(15) and cycles:
            continue
        evidence = dt.date(year, choose.pick([3, 6, 7]), choose.pick([1, 15, 30]))
        cycles[year] = {
            "evidence_closes": evidence,
            "award": evidence + dt.timedelta(days=choose.pick([0, 30, 200])),
            "cancelled": int(choose.chance(15)),
            "slip": {
                "chance": int(choose.chance(80)),
                "months": choose.pick([0, 6, 12, 12, 13, 24, 24, 30, 36]),
            },
        }
    return {
        "schema_version": 1,
        "name": "slipping",
        "start": start,
        "horizon": horizon,
        "target": {"category": "utama", "deadline": horizon},
        "cities": {
            "timur": {
                "name": "Timur",
                "districts": 1,
                "population": 1,
                "award": {"category": choose.pick(NAMES), "date": start},
                "baseline": {"score": 700.0},
            }
        },
        "accounts": {
            "province": dict.fromkeys(range(2022, 2030), 0),
            "cities": {"timur": dict.fromkeys(range(2022, 2030), 0)},
            "release": {"1 Januari": "100%"},
            "lapse": "0%",
        },
        "background": {"rate": {"median": 0.1}, "volatility": 0},
        "evaluation": {"one_step_up": choose.pick([0, 1]), "cycles": cycles},
    }

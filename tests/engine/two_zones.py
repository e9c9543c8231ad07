"""A plan of two zones without chance, every day and rupiah of which is worked out here by hand.

One crew, and money for one zone a year. Zone 1 is built on days 0-100, its service opens on day 150
and it is launched on day 160. Zone 2 waits for the crew until day 100, then for money until New
Year (day 365); its service opens on day 515, it is launched on day 525. In 2023 the region spends
1,000 + 300 of 2,000 rupiah, in 2024 300 (upkeep of zone 1, at once) + 1,000 + 300; the province
300 of 500 each year; the rest of 2023 lapses.
"""

from __future__ import annotations

from typing import Any

from plans import city, scenario

from kla_sim.scenario.model import Scenario

WORK = {
    "zone": {
        "site": {"duration": 100, "needs": {"crew": 1}, "cost": 1000, "paid_by": {"city": "100%"}},
        "service": {
            "after": ["site"],
            "duration": 50,
            "opens": "health_welfare",
            "cost": 600,
            "paid_by": {"province": "50%", "city": "50%"},
        },
        "launch": {"after": ["service"], "duration": 10, "launches": True},
    }
}
MONEY = {"province": {2023: 500, 2024: 500}, "cities": {"kota": {2023: 2000, 2024: 2000}}}


def two_zones(*, n: int = 2, release: dict[str, str] | None = None, **changes: Any) -> Scenario:
    """Return the plan, or one with another number of zones, other tranches, or other parts."""
    parts = {
        "start": "2023-01-01",
        "horizon": "2024-12-31",
        "cities": {"kota": city(zones={"existing": 0, "planned": n})},
        "resources": {"crew": {"scope": "city", "capacity": 1}},
        "accounts": {**MONEY, "release": release or {"1 Januari": "100%"}, "lapse": "100%"},
        "work": WORK,
        "upkeep": {"per_zone": 300, "paid_by": {"city": "100%"}},
        **changes,
    }
    return scenario(**parts)


TWO_TRANCHES = {"1 Januari": "10%", "1 Juli": "90%"}
"""With these the first zone begins on 1 July 2023 (day 181) and is launched on day 341; its upkeep
of 2024 is paid on 1 July (day 547), so it is dormant from day 365 until then."""


def of_chance() -> Scenario:
    """Return the plan with site work of 50 to 200 days, so that futures differ."""
    site = {**WORK["zone"]["site"], "duration": {"low": 50, "likely": 100, "high": 200}}
    return two_zones(work={"zone": {**WORK["zone"], "site": site}})

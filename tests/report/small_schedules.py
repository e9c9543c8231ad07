"""Schedules of a small plan, filled from the engine: what the tests of figures and drawings show.

Zone 1 is launched on day 160, 10 June 2023. Zone 2 waits for the crew until day 100, then for money
until New Year (day 365), and is launched on day 525; zone 3 never begins.
"""

from functools import cache

from kla_sim.analysis.one_future import one_future
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.futures_schedule import futures_schedule
from kla_sim.experiment.trace import trace_future
from kla_sim.report.schedule_figures import Shown, schedule_makers
from kla_sim.report.timeline_figures import Told, timeline_makers
from kla_sim.report.use_figures import Used, use_makers
from kla_sim.scenario.model import Scenario

FOOTER = "Rencana · sidik 0123abcd · benih 1"
CITY = {
    "name": "Kota",
    "districts": 10,
    "population": 1_000_000,
    "zones": {"existing": 0, "planned": 3},
    "award": {"category": "madya", "date": "2022-01-01"},
    "baseline": {"score": 650.0},
}
ZONE = {
    "site": {"name": "Lokasi", "duration": 100, "needs": {"crew": 1}, "cost": 1000,
             "paid_by": {"city": "100%"}, "window": {"from": "1 Januari", "to": "30 Juni"}},
    "service": {"after": ["site"], "duration": 50, "opens": "health_welfare", "cost": 600,
                "paid_by": {"province": "50%", "city": "50%"}},
    "launch": {"after": ["service"], "duration": 10, "launches": True},
}  # fmt: skip
CYCLES = {2023: {"evidence_closes": "2023-06-15", "award": "2023-07-23"},
          2024: {"evidence_closes": "2024-06-15", "award": "2024-07-23"}}  # fmt: skip


def scenario(cities=None, zone=None, **changes):
    """Return the plan, or one with other cities, other work in zones or other parts."""
    cities = cities or {"kota": CITY}
    parts = {
        "schema_version": 1,
        "name": "Rencana",
        "start": "2023-01-01",
        "horizon": "2024-12-31",
        "target": {"category": "utama", "deadline": "2024-12-31"},
        "cities": cities,
        "resources": {"crew": {"name": "Regu", "scope": "city", "capacity": 1}},
        "accounts": {
            "province": {2023: 500, 2024: 500},
            "cities": {key: {2023: 2000, 2024: 2000} for key in cities},
            "release": {"1 Januari": "100%"},
            "lapse": "100%",
        },
        "work": {"zone": ZONE if zone is None else zone},
        "upkeep": {"per_zone": 300, "paid_by": {"city": "100%"}},
        "background": {"rate": {"median": 0.0}, "volatility": 0.0},
        "evaluation": {"strictness": 0, "noise": 0, "one_step_up": "100%", "cycles": CYCLES},
        **changes,
    }
    return Scenario.model_validate(parts)


def makers_of(plan_of, n=6):
    """Return what makes every schedule of a plan, and the timelines of its future 3."""
    plan = compile_plan(plan_of, 1)
    found = futures_schedule(plan, 0, n)
    future = trace_future(plan_of, 1, 3)
    told = one_future(future.plan, 3, future.result, future.trace)
    return {
        **schedule_makers(Shown(found.moments, plan, plan_of, FOOTER), is_whole=True),
        **use_makers(Used(found.staff, found.cash, n, plan, plan_of, FOOTER)),
        **timeline_makers(Told(told, plan_of, "trace-3", "Simulasi nomor 3", FOOTER)),
    }


@cache
def small():
    """Return the makers of the small plan."""
    return makers_of(scenario())

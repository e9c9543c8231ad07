"""Four futures of two cities, written out by hand: what a run must say of them can be reckoned.

The cities begin 300 and 400 points below a full score, and a score is 1000 less what is left of
that; from above 800 on it is `utama`. There is no background step, noise or cap, but every cycle is
cancelled with 20 %. So a future's chance is 0.8 where its last evidence is enough, and 0.2 where
the award of the year before is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from evaluations import calm, city

from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import CANCELLED, Replications, empty_replications
from kla_sim.scenario.model import Scenario

N = 4
GAPS = np.array([300.0, 400.0])[:, None]
NINDYA, UTAMA, KLA, NOTHING = 3, 4, 5, -1
MILLION = 1_000_000
EVIDENCE_DAYS, AWARD_DAYS = (165, 531), (203, 569)


def parts(**changes: Any) -> dict[str, Any]:
    """Return the plan: 640,000 and 160,000 people, one pool, two years with a cycle each."""
    return {
        "schema_version": 1,
        "name": "four futures",
        "start": "2023-01-01",
        "horizon": "2024-12-31",
        "target": {"category": "utama", "deadline": "2024-12-31"},
        "cities": {
            "barat": city(700, "madya", name="Barat", population=640_000),
            "timur": city(600, "pratama", name="Timur", population=160_000),
        },
        "resources": {"facilitators": {"scope": "province", "capacity": 3}},
        "accounts": accounts(400),
        "work": {
            "zone": {
                "site": {
                    "duration": 30,
                    "needs": {"facilitators": 1},
                    "cost": 50_500_000,
                    "paid_by": {"province": "40%", "city": "60%"},
                    "opens": "family_care",
                },
                "launch": {"duration": 1, "after": ["site"], "launches": True, "integrates": True},
            }
        },
        "effects": {"services": {"family_care": 0.3}, "integration": 0.1},
        "background": {"rate": {"median": 0.0}, "volatility": 0.0},
        "evaluation": {
            **calm(),
            "one_step_up": "0%",
            "calendar": {"cancelled": "20%", "slip": {"chance": "0%", "months": 12}},
            "cycles": {
                year: {"evidence_closes": f"{year}-06-15", "award": f"{year}-07-23"}
                for year in (2023, 2024)
            },
        },
        **changes,
    }


def accounts(millions: int) -> dict[str, Any]:
    """Return the money, with so many million rupiah for the province in the first year."""
    return {
        "release": {"1 Januari": "100%"},
        "lapse": "50%",
        "province": {2023: millions * MILLION, 2024: 200 * MILLION},
        "cities": {
            "barat": {2023: 100 * MILLION, 2024: 100 * MILLION},
            "timur": {2023: 0, 2024: 100 * MILLION},
        },
    }


def plan(**changes: Any) -> Plan:
    """Return the plan as the engines read it."""
    return compile_plan(Scenario.model_validate(parts(**changes)), 1)


def futures(plan: Plan) -> Replications:
    """Return the four; first dimension future, then city (or account), then year."""
    empty = empty_replications(plan.structure, N)
    remainder = np.array(
        [
            [[0.6, 0.5], [0.4, 0.25]],  # 820, 850 and 840, 900
            [[0.6, 0.5], [0.4, 0.525]],  # 820, 850 and 840, 790: there once, and lost again
            [[0.9, 0.5], [0.7, 0.45]],  # 730, 850 and 720, 820: no second award
            [[0.9, 0.2], [0.45, 0.45]],  # 730, 940 and 820, 820
        ]
    )
    is_out = np.ones((N, 2), bool)
    is_out[2, 1] = False
    score = np.where(is_out[:, None], 1000.0 - GAPS * remainder, np.nan)
    return empty._replace(
        is_met=np.array([True, False, False, True]),
        is_met_once=np.array([True, True, False, True]),
        standing=np.array([[4, 4], [4, 3], [3, 3], [5, 4]], np.int8),
        category=np.array(
            [
                [[UTAMA, UTAMA], [UTAMA, UTAMA]],
                [[UTAMA, UTAMA], [UTAMA, NINDYA]],
                [[NINDYA, NOTHING], [NINDYA, NOTHING]],
                [[NINDYA, KLA], [UTAMA, UTAMA]],
            ],
            np.int8,
        ),
        score=score,
        verified=score,
        claimed=score + 50.0,
        gap=np.broadcast_to(GAPS, (N, 2, 2)).copy(),
        remainder=remainder,
        cycle_state=np.where(is_out, 0, CANCELLED).astype(np.int8),
        evidence_day=np.where(is_out, EVIDENCE_DAYS, -1).astype(np.int32),
        award_day=np.where(is_out, AWARD_DAYS, -1).astype(np.int32),
        appropriated=_rupiah([100, 100, 100, 100], [[4, 2], [1, 1], [0, 1]]),
        released=_rupiah([100, 90, 80, 90], [[4, 2], [1, 1], [0, 1]]),
        spent=_spent([[357, 181], [88, 88], [0, 87]]),
        lapsed=_rupiah([0, 4, 0, 0], [[0, 1], [2, 0], [0, 3]]),
        held=_rupiah([0, 0, 0, 2], [[6, 2], [0, 4], [0, 0]]),
        wait_days=_waits(plan.structure.n_causes),
        busy_days=np.array([[100], [120], [140], [160]], np.int32),
        filled_days=np.array([[700], [702], [702], [704]], np.int32),
        vacant_days=np.array([[0], [0], [6], [0]], np.int32),
        dormant_days=np.array([[0, 1], [0, 1], [0, 1], [8, 2]], np.int32),
        launches=np.array(
            [[[1, 1], [2, 0]], [[1, 1], [1, 0]], [[0, 2], [0, 0]], [[0, 0], [0, 1]]], np.int16
        ),
        n_events=np.full(N, 20, np.int32),
    )


def _rupiah(by_future: list[int], weight: list[list[int]]) -> Any:
    """Return millions by account and year: those of a future times a whole number of each."""
    return np.array(by_future)[:, None, None] * np.array(weight) * MILLION


def _spent(means: list[list[int]]) -> Any:
    """Return millions by account and year around their mean; all that was released and not kept."""
    mean = np.array(means)
    return (mean + np.array([-3, -1, 1, 3])[:, None, None] * (mean > 0)) * MILLION


def _waits(n_causes: int) -> Any:
    """Return days in order of causes: window, wip_limit, facilitators, money of province, city."""
    days = np.zeros((N, 3, n_causes), np.int32)
    days[0, 1, 0] = 12
    days[0, 1, 2], days[1, 1, 2], days[2, 0, 2] = 4, 8, 1
    days[:, 2, 4] = 6
    return days

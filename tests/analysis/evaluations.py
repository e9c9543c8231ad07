"""Small plans for the tests of the odds: a few cities, three evaluations, any calendar risk."""

from __future__ import annotations

from typing import Any

from kla_sim.scenario.model import Scenario

_CYCLES = {
    year: {"evidence_closes": f"{year}-06-15", "award": f"{year}-07-23"}
    for year in (2023, 2024, 2025)
}
_SCORES = {"barat": (790, "nindya"), "selatan": (770, "madya"), "timur": (835, "utama")}
_ZONE_WORK = {
    "zone": {
        "site": {"duration": {"low": 60, "likely": 200, "high": 900}, "opens": "family_care"},
        "launch": {"duration": 30, "after": ["site"], "launches": True, "integrates": True},
    }
}


def city(score: float, category: str, **changes: Any) -> dict[str, Any]:
    """Return a city of two districts that plans two zones."""
    return {
        "name": category,
        "districts": 2,
        "population": 1_000_000,
        "zones": {"planned": 2},
        "award": {"category": category, "date": "2022-07-22"},
        "baseline": {"score": score},
        **changes,
    }


def scenario(**changes: Any) -> Scenario:
    """Return a plan of three cities in which everything that the odds depend on is uncertain."""
    parts = {
        "schema_version": 1,
        "name": "evaluations",
        "start": "2023-01-01",
        "horizon": "2025-12-31",
        "target": {"category": "utama", "deadline": "2025-12-31"},
        "cities": {name: city(score, award) for name, (score, award) in _SCORES.items()},
        "accounts": {"release": {"1 Januari": "100%"}, "lapse": "100%"},
        "work": _ZONE_WORK,
        "effects": {"services": {"family_care": 0.3}, "integration": 0.1},
        "background": {"rate": {"median": 0.1}, "volatility": 25.0},
        "policy": {"priority": "closest_to_target_first", "wip_limit": 1},
        **changes,
    }
    parts["evaluation"] = evaluation(**parts.pop("evaluation", {}))
    return Scenario.model_validate(parts)


def evaluation(**changes: Any) -> dict[str, Any]:
    """Return evaluations with a common strictness, noise, the cap and calendar risk."""
    return {
        "strictness": 15.0,
        "noise": 8.0,
        "one_step_up": "90%",
        "calendar": {"cancelled": "25%", "slip": {"chance": "30%", "months": 12}},
        "cycles": _CYCLES,
        **changes,
    }


def calm(**changes: Any) -> dict[str, Any]:
    """Return evaluations without any chance."""
    return evaluation(
        strictness=0.0,
        noise=0.0,
        one_step_up="100%",
        calendar={"cancelled": "0%", "slip": {"chance": "0%", "months": 12}},
        **changes,
    )

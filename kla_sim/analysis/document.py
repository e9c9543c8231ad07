"""The summary of a run as the JSON document of the command line; names are fixed (docs)."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES

SCHEMA_VERSION = 1


def summary_document(summary: Summary) -> dict[str, Any]:
    """Return the parts of `run --json` that follow from the replications alone."""
    labels = summary.labels
    accounts, years = labels.accounts, [str(year) for year in labels.years]
    return {
        "target": {
            "category": CATEGORIES[summary.target],
            "deadline": (labels.start + dt.timedelta(days=summary.deadline_day)).isoformat(),
        },
        "odds": {
            "all_cities": _estimate(summary.all_cities),
            "counted": _estimate(summary.counted),
            "counted_less_conditional": {
                **_estimate(summary.check.difference),
                "z": summary.check.z,
            },
            "variance_ratio": summary.variance_ratio,
            "all_cities_at_once_ever": _estimate(summary.all_cities_at_once_ever),
            "on_claimed_scores": _estimate(summary.on_claimed_scores),
            "cities": {
                city: _estimate(estimate)
                for city, estimate in zip(labels.cities, summary.cities, strict=True)
            },
        },
        "without_kaltara": {
            "all_cities": _estimate(summary.without_kaltara.all_cities),
            "difference": _estimate(summary.without_kaltara.difference),
            "won": summary.without_kaltara.won,
            "lost": summary.without_kaltara.lost,
            "same": summary.without_kaltara.same,
        },
        "worlds": summary.worlds._asdict(),
        "tau": [{**part._asdict(), "odds": _estimate(part.odds)} for part in summary.tau],
        "precision": summary.precision and summary.precision._asdict(),
        "weakest_city": labels.cities[summary.weakest_city],
        "expected_cities": _estimate(summary.expected_cities),
        "reached_50": _iso(summary.reached(0.5)),
        "reached_80": _iso(summary.reached(0.8)),
        "attainment": [
            {
                "date": point.date.isoformat(),
                "mean": point.mean,
                "p10": _or_none(point.p10),
                "p90": _or_none(point.p90),
            }
            for point in summary.attainment
        ],
        "categories": {
            city: {
                str(cycle): dict(zip((*CATEGORIES, "no_award"), map(float, shares), strict=True))
                for cycle, shares in zip(labels.cycles, by_cycle, strict=True)
            }
            for city, by_cycle in zip(labels.cities, summary.category_shares, strict=True)
        },
        "money": {
            account: {
                year: {
                    field: float(getattr(summary.money, field)[place, column])
                    for field in summary.money._fields
                }
                for column, year in enumerate(years)
            }
            for place, account in enumerate(accounts)
        },
        "waiting_days": {
            account: {cause: float(days) for cause, days in zip(labels.causes, row, strict=True)}
            for account, row in zip(accounts, summary.wait_days, strict=True)
        },
        "waiting_shares": dict(
            zip(labels.causes, (float(share) for share in summary.wait_shares), strict=True)
        ),
        "posts": {
            pool: {
                field: float(getattr(summary.posts, field)[place])
                for field in summary.posts._fields
            }
            for place, pool in enumerate(labels.pools)
        },
        "dormant_days": _by_city(summary, summary.dormant_days),
        "launches": {
            city: dict(zip(years, (float(number) for number in row), strict=True))
            for city, row in zip(labels.cities, summary.launches, strict=True)
        },
    }


def _by_city(summary: Summary, values: Any) -> dict[str, float]:
    return {city: float(value) for city, value in zip(summary.labels.cities, values, strict=True)}


def _or_none(value: float) -> float | None:
    """Return a number, or nothing where too few futures leave it unknown."""
    return None if math.isnan(value) else value


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return estimate._asdict()


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()

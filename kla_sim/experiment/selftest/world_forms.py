"""Closed forms of what worlds draw: baselines, rates, and every number under `uncertain`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from kla_sim.engine.worlds import World
from kla_sim.experiment.selftest.laboratory import Form, Laboratory
from kla_sim.experiment.selftest.numbers import Number, mean_number, share_number, zero
from kla_sim.experiment.selftest.small_plans import city, scenario

_DECILES = (0.1, 0.3, 0.5, 0.7, 0.9)


def _worlds(laboratory: Laboratory, baseline: dict[str, Any], **changes: Any) -> list[World]:
    award = {"category": "unknown", "date": "2022-01-01"}
    cities = {"kota": city(baseline=baseline, award=award)}
    return laboratory.worlds(scenario(cities=cities, **changes)).worlds


def _scores(laboratory: Laboratory, baseline: dict[str, Any], **changes: Any) -> Any:
    return np.array([1000 - world.gap[0] for world in _worlds(laboratory, baseline, **changes)])


def _of_law(name: str, values: npt.ArrayLike, law: Any) -> Iterator[Number]:
    """Compare the mean of a sample, and its shares below some quantiles, with a distribution."""
    yield mean_number(name, values, float(law.mean()), float(law.std()))
    for share in _DECILES:
        yield share_number(f"{name}, p{100 * share:g}", np.asarray(values) <= law.ppf(share), share)


def _baseline(laboratory: Laboratory) -> Iterator[Number]:
    """Compare scores drawn around what is written, less the fall of their stage, with limits."""
    fall = {"distribution": "uniform", "low": 50, "high": 200}
    evaluation = {"cycles": {}, "stage_fall": {"province": fall}}
    written = {"score": 750, "sd": 10, "stage": "province"}
    scores = _scores(laboratory, written, evaluation=evaluation)
    yield mean_number("score_less_fall", scores, 750 - 125, math.hypot(10, 150 / math.sqrt(12)))
    plain = _scores(laboratory, {"score": 750, "sd": 10, "stage": "final"})
    yield from _of_law("score", plain, stats.norm(750, 10))
    low = _scores(laboratory, {"score": 50, "sd": 100})
    yield share_number("score = 0", low == 0, float(stats.norm.cdf(0, 50, 100)))
    yield zero("below_0", np.sum(low < 0))
    high = _scores(laboratory, {"score": 950, "sd": 100})
    yield share_number("score = 999", high == 999, float(stats.norm.sf(999, 950, 100)))


def _category(laboratory: Laboratory) -> Iterator[Number]:
    """Compare scores of a category, uniform in its band, and categories of scores drawn."""
    worlds = _worlds(laboratory, {"category": "nindya"})
    yield from _of_law("score", [1000 - world.gap[0] for world in worlds], stats.uniform(700, 100))
    yield zero("other_standing", sum(int(world.standing[0]) != 3 for world in worlds))
    drawn = _worlds(laboratory, {"score": 710, "sd": 40})
    standing = np.array([world.standing[0] for world in drawn])
    yield share_number("nindya_or_more", standing >= 3, float(stats.norm.sf(700, 710, 40)))


def _self_assessment(laboratory: Laboratory) -> Iterator[Number]:
    """Compare self-assessments times a ratio that is drawn, cut at their limits."""
    ratio = {"distribution": "uniform", "low": 0.6, "high": 0.83}
    scores = _scores(laboratory, {"self_assessment": 900, "ratio": ratio})
    yield from _of_law("score", scores, stats.uniform(540, 207))
    ratio = {"distribution": "uniform", "low": 0.9, "high": 1.4}
    high = _scores(laboratory, {"self_assessment": 900, "ratio": ratio})
    yield share_number("score = 999", high == 999, 1 - (1000 / 900 - 0.9) / 0.5)


def _rates(laboratory: Laboratory) -> Iterator[Number]:
    """Compare lognormal rates, of which cities of one province share a part."""
    share, spread = 0.4, 0.3
    rate = {"median": 0.05, "spread": spread, "province_share": share}
    plan = scenario(
        cities={name: city(province="Provinsi") for name in ("a", "b")},
        background={"rate": rate, "volatility": 0},
    )
    logs = np.log([world.rate for world in laboratory.worlds(plan).worlds])
    law = stats.norm(math.log(0.05), spread)
    yield from _of_law("log_rate", logs[:, 0], law)
    together = (logs - math.log(0.05)).prod(axis=1)
    sd = spread**2 * math.sqrt(1 + share**2)
    yield mean_number("rates_of_a_province", together, share * spread**2, sd)


def _uncertain(laboratory: Laboratory) -> Iterator[Number]:
    """Compare uncertain numbers, by factor and by value, with their ranges."""
    uncertain = {
        "work.zone.*.duration": {"low": 0.8, "likely": 1.0, "high": 1.5, "by": "factor"},
        "effects.integration": {"low": 0.0, "likely": 0.1, "high": 0.25, "by": "value"},
    }
    zone = {"a": {"duration": {"low": 10, "likely": 20, "high": 40}}, "b": {"duration": 50}}
    plan = laboratory.worlds(
        scenario(work={"zone": zone}, effects={"integration": 0.1}, uncertain=uncertain)
    )
    fixed = np.array([values.duration[1, 1] for values in plan.values])
    low = np.array([values.duration[0, 1] for values in plan.values])
    by_factor = stats.beta(1 + 4 * 2 / 7, 5 - 4 * 2 / 7, 0.8, 0.7)
    yield from _of_law("factor", fixed / 50, by_factor)
    # one path with * shares one draw
    yield zero("draws_not_shared", np.sum(np.abs(low / 10 - fixed / 50) > 1e-6))
    effect = np.array([values.integration for values in plan.values])
    by_value = stats.beta(1 + 4 * 0.4, 5 - 4 * 0.4, 0, 0.25)
    yield from _of_law("value", effect, by_value)
    together = (fixed / 50 - by_factor.mean()) * (effect - by_value.mean())
    yield mean_number("of_two_numbers", together, 0.0, by_factor.std() * by_value.std())


FORMS = (
    Form("baseline", 1_500, _baseline),
    Form("category", 1_500, _category),
    Form("self_assessment", 1_500, _self_assessment),
    Form("rates", 1_500, _rates),
    Form("uncertain", 1_500, _uncertain),
)

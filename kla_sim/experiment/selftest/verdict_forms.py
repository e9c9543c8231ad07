"""Closed forms of the evaluation: tails of the verdict, caps, the calendar, the background gap."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import integrate, stats

from kla_sim.engine.replications import CANCELLED, HELD, MERGED
from kla_sim.experiment.selftest import laws
from kla_sim.experiment.selftest.laboratory import Form, Laboratory
from kla_sim.experiment.selftest.numbers import Number, mean_number, share_number, zero
from kla_sim.experiment.selftest.small_plans import city, one_cycle, scenario

_MADYA, _NINDYA, _UTAMA, _KLA = range(2, 6)


def _normal_tail(laboratory: Laboratory) -> Iterator[Number]:
    """Compare verdicts on cities that stand still, the strictness of the jury common to them."""
    cities = {name: city(baseline={"score": score}) for name, score in (("a", 790), ("b", 805))}
    found = laboratory.run(
        scenario(cities=cities, evaluation=one_cycle(strictness=15, noise=10))
    ).results
    is_there = found.category[:, :, 0] >= _UTAMA
    spread = math.hypot(15, 10)
    yield share_number("b_at_target", is_there[:, 1], float(stats.norm.sf((800 - 805) / spread)))
    yield share_number("a_at_target", is_there[:, 0], float(stats.norm.sf((800 - 790) / spread)))
    both, _ = integrate.quad(
        lambda z: (
            stats.norm.pdf(z)
            * stats.norm.sf((10 - 15 * z) / 10)
            * stats.norm.sf((-5 - 15 * z) / 10)
        ),
        -8,
        8,
    )
    yield share_number("both_at_target", is_there.all(axis=1), both)
    yield mean_number("verified_a", found.verified[:, 0, 0], 790.0, spread)
    squares = (found.verified[:, 0, 0] - 790.0) ** 2
    yield mean_number("variance_a", squares, spread**2, math.sqrt(2) * spread**2)
    yield zero("met_otherwise", np.sum(found.is_met != is_there.all(axis=1)))
    yield zero("moved", np.sum(np.abs(found.score[:, 0, 0] - 790.0) > 1e-9))


def _wide_tails(laboratory: Laboratory) -> Iterator[Number]:
    """Compare verdicts with noise that is now and then wider."""
    tail, factor, noise = 0.1, 4.0, 10.0
    evaluation = one_cycle(noise=noise, tail_share=tail, tail_factor=factor)
    found = laboratory.run(
        scenario(cities={"kota": city(baseline={"score": 770})}, evaluation=evaluation)
    ).results
    verified = found.verified[:, 0, 0]
    variance = noise**2 * (1 - tail + tail * factor**2)
    fourth = 3 * noise**4 * (1 - tail + tail * factor**4)
    squares = (verified - 770.0) ** 2
    yield mean_number("variance", squares, variance, math.sqrt(fourth - variance**2))
    above = (1 - tail) * stats.norm.sf(30 / noise) + tail * stats.norm.sf(30 / (noise * factor))
    yield share_number("at_target", found.category[:, 0, 0] >= _UTAMA, float(above))


def _bounds(laboratory: Laboratory) -> Iterator[Number]:
    """Compare scores on the bounds of bands, which are in the lower one, and a point above."""
    scores = {500: 1, 600: 1, 601: 2, 700: 2, 701: 3, 800: 3, 801: 4, 900: 4, 901: 5, 499: 0}
    cities = {f"kota_{score}": city(baseline={"score": score}) for score in scores}
    few = laboratory._replace(n=10)
    found = few.run(scenario(cities=cities, evaluation=one_cycle())).results
    expected = np.array(list(scores.values()))
    yield zero("in_another_band", np.sum(found.category[:, :, 0] != expected))


def _cap(laboratory: Laboratory) -> Iterator[Number]:
    """Compare how rare two steps at once are with what the cap says."""
    for cap in (0.7, 0.985):
        plan = scenario(
            cities={"kota": city(baseline={"score": 850})}, evaluation=one_cycle(one_step_up=cap)
        )
        category = laboratory.run(plan).results.category[:, 0, 0]
        yield share_number(f"two_steps, cap {cap:g}", category == _UTAMA, 1 - cap)
        yield zero(f"another_step, cap {cap:g}", np.sum((category < _NINDYA) | (category > _UTAMA)))
    for cap in (0.0, 1.0):
        plan = scenario(
            cities={"kota": city(baseline={"score": 850})}, evaluation=one_cycle(one_step_up=cap)
        )
        category = laboratory._replace(n=100).run(plan).results.category[:, 0, 0]
        expected = _NINDYA if cap else _UTAMA
        yield zero(f"another_step, cap {cap:g}", np.sum(category != expected))


def _habits(laboratory: Laboratory) -> Iterator[Number]:
    """Compare categories that are confirmed unseen, and verdicts of KLA that are not given."""
    confirmation, reach = 0.2, 0.3
    evaluation = one_cycle(confirmation=confirmation, kla_reach=reach)
    found = laboratory.run(
        scenario(cities={"kota": city(baseline={"score": 950})}, evaluation=evaluation)
    ).results
    category = found.category[:, 0, 0]
    yield share_number("becomes_utama", category == _UTAMA, (1 - confirmation) * (1 - reach))
    yield share_number("confirmed", category == _MADYA, confirmation)
    yield share_number("becomes_kla", category == _KLA, (1 - confirmation) * reach)


def _calendar(laboratory: Laboratory) -> Iterator[Number]:
    """Compare how often cycles are cancelled, slip, and merge with the next."""
    cancelled, slip = 0.15, 0.25
    cycles = {
        year: {"evidence_closes": f"{year}-06-01", "award": f"{year}-08-01"}
        for year in (2023, 2024)
    }
    evaluation = {
        "calendar": {"cancelled": cancelled, "slip": {"chance": slip, "months": 12}},
        "cycles": cycles,
    }
    found = laboratory.run(scenario(evaluation=evaluation, horizon="2025-12-31")).results
    state, day = found.cycle_state, found.evidence_day
    # 2023 slips onto the day of 2024, which is held there, unless that is cancelled or slips too
    merged = (1 - cancelled) * slip * (1 - cancelled) * (1 - slip)
    yield share_number("held", state[:, 0] == HELD, 1 - cancelled - merged)
    yield share_number("cancelled", state[:, 1] == CANCELLED, cancelled)
    yield share_number("slipped", day[:, 1] == 151 + 731, (1 - cancelled) * slip)
    yield share_number("merged", state[:, 0] == MERGED, merged)
    yield zero("day_though_not_held", np.sum(day[state != HELD] != -1))
    yield zero("held_without_award", np.sum(found.category[:, 0, 0][state[:, 0] == HELD] < 0))


def _background(laboratory: Laboratory) -> Iterator[Number]:
    """Compare the background gap at two dates: means, variances, and what they share.

    References
    ----------
    Uhlenbeck, G. E. and Ornstein, L. S. (1930). On the theory of the Brownian motion. Physical
    Review 36, 823-841. doi:10.1103/PhysRev.36.823
    """
    for rate in (0.08, 0.0):
        yield from _background_at(laboratory, rate)


def _background_at(laboratory: Laboratory, rate: float) -> Iterator[Number]:
    days, starts = (90, 609), (500, 400)
    cycles = {
        2023: {"evidence_closes": "2023-04-01", "award": "2023-08-01"},
        2024: {"evidence_closes": "2024-09-01", "award": "2024-12-01", "cancelled": 1.0},
    }
    plan = scenario(
        cities={"a": city(baseline={"score": 500}), "b": city(baseline={"score": 600})},
        background={"rate": {"median": rate}, "volatility": 30},
        evaluation={"cycles": cycles},
        horizon="2024-12-31",
    )
    gap = laboratory.run(plan).results.gap

    def variance(n_days: int) -> float:
        years = n_days / laws.DAYS_PER_YEAR
        return 900 * (-math.expm1(-2 * rate * years) / (2 * rate) if rate else years)

    deviations = {}
    for cycle in (1, 0):
        years = days[cycle] / laws.DAYS_PER_YEAR
        for place, start in enumerate(starts):
            mean, spread = start * math.exp(-rate * years), math.sqrt(variance(days[cycle]))
            here = gap[:, place, cycle]
            name = f"{'ab'[place]}_{days[cycle]}, rate {rate:g}"
            yield mean_number(f"gap_{name}", here, mean, spread)
            deviations[place, cycle] = here - mean
            squares = deviations[place, cycle] ** 2
            yield mean_number(f"variance_{name}", squares, spread**2, math.sqrt(2) * spread**2)
    shared = variance(days[0]) * math.exp(-rate * (days[1] - days[0]) / laws.DAYS_PER_YEAR)
    yield mean_number(f"two_dates, rate {rate:g}", deviations[0, 0] * deviations[0, 1], shared)
    yield mean_number(
        f"two_cities, rate {rate:g}", deviations[0, 1] * deviations[1, 1], 0.0,
        variance(days[1]),
    )  # fmt: skip


def _reflection(laboratory: Laboratory) -> Iterator[Number]:
    """Compare a gap that is reflected at one point."""
    plan = scenario(
        cities={"kota": city(baseline={"score": 998})},
        background={"rate": {"median": 0.0}, "volatility": 5},
        evaluation=one_cycle(evidence="2024-01-01", award="2024-02-01"),
        horizon="2024-12-31",
    )
    gap = laboratory.run(plan).results.gap[:, 0, 0]
    sd = 5 * math.sqrt(365 / laws.DAYS_PER_YEAR)
    for points in (5, 2, 9):
        below = stats.norm.cdf(points - 2, 0, sd) - stats.norm.cdf(-points, 0, sd)
        yield share_number(f"gap <= {points}", gap <= points, float(below))
    yield zero("below_one_point", np.sum(gap < 1))


FORMS = (
    Form("normal_tail", 300_000, _normal_tail),
    Form("wide_tails", 600_000, _wide_tails),
    Form("bounds", 10, _bounds),
    Form("cap", 250_000, _cap),
    Form("habits", 250_000, _habits),
    Form("calendar", 250_000, _calendar),
    Form("background", 200_000, _background),
    Form("reflection", 200_000, _reflection),
)

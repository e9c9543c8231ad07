"""The answer of a run in words: honest rounding, both languages, never a bare 0 % or 100 %.

Called by the command line; the sentences stand in the catalogue `answers`.
"""

from __future__ import annotations

import datetime as dt
import math

from kla_sim.analysis.estimate import MINIMUM_PER_WORLD, Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.scenario.model import Scenario

_SHOWN_CAUSES = 3
_ONE_IN = (15, 20, 25, 30, 40, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def answer(summary: Summary, scenario: Scenario) -> list[str]:
    """Return what a run says, a sentence a line."""
    return [
        _odds_line(summary),
        _weakest_line(summary),
        _expected_line(summary),
        *_dates_lines(summary),
        *_attainment_lines(summary, scenario),
        _worlds_line(summary),
        _money_line(summary),
        _waiting_line(summary, scenario),
        _assumptions_line(scenario),
    ]


def phrase_odds(estimate: Estimate) -> str:
    """Return odds as people say them: `about 3 in 10 (26-35 %)`."""
    return text(
        "answers", "odds_with_interval", odds=_in_words(estimate), interval=phrase_interval(estimate)
    )


def phrase_share(estimate: Estimate) -> str:
    """Return odds as a whole percentage, never 0 or 100."""
    return phrase_percent(estimate.value)


def phrase_percent(share: float) -> str:
    """Return a share of futures as a whole percentage, never 0 or 100."""
    if share < 0.005:
        return text("answers", "share_below")
    return text("answers", "share_above") if share >= 0.995 else percent(share)


def phrase_difference(estimate: Estimate) -> str:
    """Return a difference of odds in percentage points with its interval."""
    points = [
        number(100 * value, 1) for value in (estimate.value, estimate.low, estimate.high)
    ]
    sign = "+" if estimate.value > 0 else ""
    return text("answers", "difference", value=sign + points[0], low=points[1], high=points[2])


def phrase_cause(cause: str, scenario: Scenario) -> str:
    """Return the name of a cause of waiting."""
    if cause in scenario.resources:
        return scenario.resources[cause].name or cause
    return text("answers", f"cause_{cause.replace(':', '_')}")


def _in_words(estimate: Estimate) -> str:
    value, n = estimate.value, number(estimate.replications)
    if value <= 0:
        return text("answers", "odds_none", n=n)
    if value >= 1:
        return text("answers", "odds_all", n=n)
    if value < 0.05:
        return text("answers", "odds_one_in", n=number(_nearest(1 / value)))
    if value > 0.95:
        rarely = _nearest(1 / (1 - value))
        return text("answers", "odds_all_but_one", k=number(rarely - 1), n=number(rarely))
    return text("answers", "odds_in_ten", k=number(min(9, max(1, round(10 * value)))))


def _nearest(ratio: float) -> int:
    return min(_ONE_IN, key=lambda n: abs(math.log(n / ratio)))


def phrase_interval(estimate: Estimate) -> str:
    """Return the interval of odds, widened to whole percents, never 0 or 100."""
    low, high = math.floor(100 * estimate.low), math.ceil(100 * estimate.high)
    if low <= 0:
        return text("answers", "interval_below", high=number(max(high, 1)))
    if high >= 100:
        return text("answers", "interval_above", low=number(min(low, 99)))
    return text("answers", "interval", low=number(low), high=number(high))


def _date(summary: Summary, day_number: int) -> str:
    return day(summary.labels.start + dt.timedelta(days=day_number))


def _odds_line(summary: Summary) -> str:
    return text(
        "answers",
        "odds_line",
        n_cities=number(len(summary.cities)),
        category=CATEGORIES[summary.target],
        deadline=_date(summary, summary.deadline_day),
        odds=phrase_odds(summary.all_cities),
        n=number(summary.n),
    )


def _weakest_line(summary: Summary) -> str:
    place = summary.weakest_city
    return text(
        "answers",
        "weakest_line",
        city=summary.labels.city_names[place],
        odds=phrase_odds(summary.cities[place]),
    )


def _expected_line(summary: Summary) -> str:
    expected = summary.expected_cities
    key = "expected_line" if math.isfinite(expected.low) else "expected_line_bare"
    return text(
        "answers",
        key,
        value=number(expected.value, 1),
        low=number(expected.low, 1) if math.isfinite(expected.low) else "",
        high=number(expected.high, 1) if math.isfinite(expected.high) else "",
        n_cities=number(len(summary.cities)),
    )


def _dates_lines(summary: Summary) -> list[str]:
    lines = []
    for level in (0.5, 0.8):
        reached = summary.reached(level)
        if reached is None:
            horizon = _date(summary, summary.horizon_day)
            lines.append(text("answers", "not_reached", level=percent(level), horizon=horizon))
        else:
            lines.append(text("answers", "reached", level=percent(level), date=day(reached)))
    return lines


def _attainment_lines(summary: Summary, scenario: Scenario) -> list[str]:
    first, last = summary.attainment[0], summary.attainment[-1]
    lines = [
        text("answers", "attainment_start", date=day(first.date), value=percent(first.mean, 0)),
        text(
            "answers",
            "attainment_end",
            date=day(last.date),
            value=percent(last.mean),
            low=percent(last.p10),
            high=percent(last.p90),
        ),
    ]
    claim = scenario.attainment_claim
    if claim is not None:
        claimed = text(
            "answers",
            "attainment_claim",
            value=percent(claim.value),
            said_by=claim.said_by,
            date=day(claim.date),
        )
        lines.insert(1, claimed)
    return lines


def _worlds_line(summary: Summary) -> str:
    worlds = summary.worlds
    if worlds.n == 1:
        return text("answers", "one_world")
    if worlds.p10 is None or worlds.p90 is None or worlds.share_of_variance is None:
        needed = worlds.n * MINIMUM_PER_WORLD
        return text("answers", "worlds_withheld", n=number(worlds.n), needed=number(needed))
    return text(
        "answers",
        "worlds_line",
        n=number(worlds.n),
        low=_bounded_percent(worlds.p10),
        high=_bounded_percent(worlds.p90),
        share=percent(worlds.share_of_variance),
    )


def _bounded_percent(value: float) -> str:
    return percent(min(0.99, max(0.01, value)))


def _money_line(summary: Summary) -> str:
    money = summary.money
    return text(
        "answers",
        "money_line",
        appropriated=rupiah(money.appropriated.sum()),
        spent=rupiah(money.spent.sum()),
        lapsed=rupiah(money.lapsed.sum()),
    )


def _waiting_line(summary: Summary, scenario: Scenario) -> str:
    by_cause = summary.wait_days.sum(axis=0)
    total = by_cause.sum()
    if total <= 0:
        return text("answers", "no_waiting")
    largest = sorted(range(len(by_cause)), key=lambda cause: -by_cause[cause])[:_SHOWN_CAUSES]
    return text(
        "answers",
        "waiting_line",
        total=number(total),
        causes="; ".join(
            f"{phrase_cause(summary.labels.causes[cause], scenario)} {percent(by_cause[cause] / total)}"
            for cause in largest
            if by_cause[cause] > 0
        ),
    )


def _assumptions_line(scenario: Scenario) -> str:
    return text("answers", "assumptions_line", n=number(len(scenario.assumptions)))

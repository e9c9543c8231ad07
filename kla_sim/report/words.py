"""The answer of a run in words: honest rounding, both languages, never a bare 0 % or 100 %.

Called by the command line; the sentences stand in the catalogue `answers`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from functools import partial

from kla_sim.analysis.estimate import MINIMUM_PER_WORLD, Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.scenario.model import Scenario

_ = partial(text, "answers")

_SHOWN_CAUSES = 3
_ONE_IN = (10, 15, 20, 25, 30, 40, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_NEXT_TO_NONE = 0.005
"""Below this share a whole percentage would read 0."""

_RAREST = 0.7e-4
"""Below this share even one in the largest number of `_ONE_IN` is too many."""

_ALARMING = 3.0
"""Standard errors between conditional and counted odds that chance does not explain."""

_SMALL_DIFFERENCE = 0.002
"""Below this difference one decimal of a percentage point says next to nothing."""

_SAFE = 0.8
"""Odds that a planner may call safe."""

_WORTH_SAYING = 0.01
"""Odds after the deadline that are worth a sentence of their own."""

_SHOWN_CHANGES, _LONGEST_CHANGE = 2, 60
"""How many changes of a plan are named, and how many signs one may take."""

_RARE = 0.095
"""Below this share `k in 10` is too coarse."""


def answer(summary: Summary, scenario: Scenario) -> list[str]:
    """Return what a run says, a sentence a line."""
    is_joint = len(summary.cities) > 1
    return [
        _odds_line(summary),
        _dates_line(summary),
        _without_line(summary),
        *_claimed_lines(summary),
        *([*_at_once_lines(summary), _weakest_line(summary), _expected_line(summary)] * is_joint),
        *_attainment_lines(summary, scenario),
        *_precision_lines(summary),
        *_check_lines(summary),
        _worlds_line(summary),
        _money_line(summary),
        _waiting_line(summary, scenario),
        _assumptions_line(scenario),
    ]


def _without_line(summary: Summary) -> str:
    """Say what the replication adds, and that the effects behind it are assumptions."""
    without = summary.without_kaltara
    if without.all_cities.value == summary.all_cities.value:
        return _("without_same")
    shown = without.difference.low > 0 or without.difference.high < 0
    return _(
        "without_line" if shown else "without_line_not_shown",
        odds=phrase_odds(without.all_cities),
        difference=phrase_difference(without.difference),
    )


def _claimed_lines(summary: Summary) -> list[str]:
    """Call out a plan that is safe on claimed scores and not on verified ones."""
    claimed = summary.on_claimed_scores
    if claimed.value < _SAFE or summary.all_cities.value >= _SAFE:
        return []
    return [_("claimed_is_safer", odds=phrase_odds(claimed))]


def alarms(summary: Summary) -> list[str]:
    """Return what cannot be right in the numbers themselves."""
    z = summary.check.z
    return [_("check_alarm", z=number(abs(z), 1))] if abs(z) > _ALARMING else []


def phrase_odds(estimate: Estimate) -> str:
    """Return odds as people say them: `about 3 in 10 (26-35 %)`."""
    return _("odds_with_interval", odds=_in_words(estimate), interval=phrase_interval(estimate))


def phrase_share(estimate: Estimate) -> str:
    """Return odds as a whole percentage; next to 0 or 1 as the bound their interval gives."""
    if estimate.value < _NEXT_TO_NONE:
        return _("share_below", high=number(min(99, max(1, math.ceil(100 * estimate.high)))))
    if estimate.value >= 1 - _NEXT_TO_NONE:
        return _("share_above", low=number(max(1, min(99, math.floor(100 * estimate.low)))))
    return percent(estimate.value)


def phrase_percent(share: float) -> str:
    """Return a share of futures as a whole percentage, never 0 or 100."""
    if share < _NEXT_TO_NONE:
        return _("share_below", high=number(1))
    return _("share_above", low=number(99)) if share >= 1 - _NEXT_TO_NONE else percent(share)


def phrase_interval(estimate: Estimate) -> str:
    """Return the interval of odds, widened to whole percents, never 0 or 100."""
    low, high = math.floor(100 * estimate.low), math.ceil(100 * estimate.high)
    if low <= 0:
        return _("interval_below", high=number(min(max(high, 1), 99)))
    if high >= 100:
        return _("interval_above", low=number(min(low, 99)))
    return _("interval", low=number(low), high=number(high))


def phrase_range(low: float, high: float) -> str:
    """Return a range of shares in whole percents, one number where both ends round to it."""
    ends = number(100 * low), number(100 * high)
    return percent(high) if ends[0] == ends[1] else _("interval", low=ends[0], high=ends[1])


def phrase_difference(estimate: Estimate) -> str:
    """Return a difference of odds in percentage points with its interval; small ones finer."""
    digits = 1 if abs(estimate.value) >= _SMALL_DIFFERENCE else 2
    value, low, high = (
        number(100 * part, digits) for part in (estimate.value, estimate.low, estimate.high)
    )
    sign = "+" if estimate.value > 0 else ""
    return _("difference", value=sign + value, low=low, high=high)


def phrase_plan(name: str, overrides: Sequence[str]) -> str:
    """Return the name of a plan, with what was changed in it on the command line."""
    return _("plan_changed", name=name, changes=phrase_changes(overrides)) if overrides else name


def phrase_changes(overrides: Sequence[str]) -> str:
    """Return what was changed on the command line, the first of many."""
    shown = [_one_change(override) for override in overrides[:_SHOWN_CHANGES]]
    n_more = len(overrides) - len(shown)
    if n_more:
        return _("plan_changes_more", changes=", ".join(shown), n=number(n_more))
    return ", ".join(shown)


def _one_change(override: str) -> str:
    """Return `path = value` on one line, the middle left out where it is long."""
    path, _is_set, value = " ".join(override.split()).partition("=")
    words = f"{path.strip()} = {value.strip()}"
    half = _LONGEST_CHANGE // 2
    return words if len(words) <= _LONGEST_CHANGE else f"{words[:half]} … {words[-half:]}"


def phrase_cause(cause: str, scenario: Scenario) -> str:
    """Return the name of a cause of waiting."""
    if cause in scenario.resources:
        return scenario.resources[cause].name or cause
    return _(f"cause_{cause.replace(':', '_')}")


def _in_words(estimate: Estimate) -> str:
    value, n = estimate.value, number(estimate.replications)
    if value <= 0:
        return _("odds_none", n=n)
    if value >= 1:
        return _("odds_all", n=n)
    if value < _RAREST:
        return _("odds_rarer", n=number(_ONE_IN[-1]))
    if value > 1 - _RAREST:
        return _("odds_surer", k=number(_ONE_IN[-1] - 1), n=number(_ONE_IN[-1]))
    if value < _RARE:
        return _("odds_one_in", n=number(_nearest(1 / value)))
    if value > 1 - _RARE:
        rarely = _nearest(1 / (1 - value))
        return _("odds_all_but_one", k=number(rarely - 1), n=number(rarely))
    return _("odds_in_ten", k=number(round(10 * value)))


def _nearest(ratio: float) -> int:
    return min(_ONE_IN, key=lambda n: abs(math.log(n / ratio)))


def _counted(estimate: Estimate) -> str:
    """Return odds with the number of futures they are counted from, said once."""
    odds = phrase_odds(estimate)
    if estimate.value in {0.0, 1.0}:
        return odds
    return _("odds_counted", odds=odds, n=number(estimate.replications))


def _date(summary: Summary, day_number: int) -> str:
    return day(summary.labels.start + dt.timedelta(days=day_number))


def _all_regions(n_cities: int) -> str:
    return _("regions_both") if n_cities == 2 else _("regions_all", n=number(n_cities))


def _odds_line(summary: Summary) -> str:
    return _(
        "odds_line" if len(summary.cities) > 1 else "odds_line_one",
        regions=_all_regions(len(summary.cities)),
        city=summary.labels.city_names[0],
        category=CATEGORIES[summary.target],
        deadline=_date(summary, summary.deadline_day),
        odds=_counted(summary.all_cities),
    )


def _dates_line(summary: Summary) -> str:
    """Return when the odds first reach 50 and 80 %, or that they do not."""
    half, most = (summary.reached(level) for level in (0.5, 0.8))
    horizon = _date(summary, summary.horizon_day)
    levels = {"half": percent(0.5), "most": percent(0.8)}
    if half is None:
        return _("reached_neither", **levels, horizon=horizon) + _highest_later(summary)
    if most is None:
        return _("reached_half", **levels, half_date=day(half), horizon=horizon)
    return _("reached_both", **levels, half_date=day(half), most_date=day(most))


def _highest_later(summary: Summary) -> str:
    """Return how far the odds come after the deadline, where the horizon lies behind it."""
    days, joint = summary.curve.days, summary.curve.joint
    later = days > summary.deadline_day
    if not later.any() or joint[later].max() <= max(joint[~later].max(), _WORTH_SAYING):
        return ""
    place = int(joint[later].argmax())
    fields = {"odds": percent(float(joint[later][place]))}
    return " " + _("highest_later", **fields, date=_date(summary, int(days[later][place])))


def _at_once_lines(summary: Summary) -> list[str]:
    """Return the odds that all were once there together, where they are others than at the end."""
    if summary.all_cities_at_once_ever.value == summary.all_cities.value:
        return []
    return [_("at_once_line", odds=phrase_odds(summary.all_cities_at_once_ever))]


def _weakest_line(summary: Summary) -> str:
    place = summary.weakest_city
    weakest = summary.cities[place]
    n_others = sum(city.value == weakest.value for city in summary.cities) - 1
    return _(
        "weakest_line_tied" if n_others else "weakest_line",
        city=summary.labels.city_names[place],
        n=number(n_others),
        odds=phrase_odds(weakest),
    )


def _expected_line(summary: Summary) -> str:
    expected, n_cities = summary.expected_cities, number(len(summary.cities))
    value = number(expected.value, 1)
    low, high = (
        number(min(max(end, 0.0), len(summary.cities)), 1) if math.isfinite(end) else ""
        for end in (expected.low, expected.high)
    )
    if low == high:
        return _("expected_line_bare", value=value, n_cities=n_cities)
    return _("expected_line", value=value, low=low, high=high, n_cities=n_cities)


def _attainment_lines(summary: Summary, scenario: Scenario) -> list[str]:
    first, last = summary.attainment[0], summary.attainment[-1]
    start, measured = day(first.date), percent(first.mean)
    claim = scenario.attainment_claim
    if claim is None:
        lines = [_("attainment_start", date=start, value=measured)]
    else:
        claimed = {"claimed": percent(claim.value), "said_by": claim.said_by}
        key = "attainment_claim" if claim.date == first.date else "attainment_claim_dated"
        said_on = day(claim.date)
        lines = [_(key, date=start, value=measured, said_on=said_on, **claimed)]
    if last.date > first.date:
        range_ = phrase_range(last.p10, last.p90)
        mean = percent(last.mean)
        key = "attainment_end" if range_ != mean else "attainment_end_bare"
        lines.append(_(key, date=day(last.date), value=mean, range=range_))
    return lines


def _precision_lines(summary: Summary) -> list[str]:
    precision = summary.precision
    if precision is None:
        return []
    return [
        _(
            "precision_reached" if precision.is_reached else "precision_missed",
            asked=_points(precision.asked),
            width=_points(precision.half_width),
            n=number(summary.n),
        )
    ]


def _points(share: float) -> str:
    """Return percentage points, finer where they are few, never none."""
    points = 100 * abs(share)
    return number(points, 1) if points >= 1 else number(max(points, 0.01), 2)


def _check_lines(summary: Summary) -> list[str]:
    ratio, check = summary.variance_ratio, summary.check
    if ratio is None:
        return alarms(summary)
    line = _(
        "check_line",
        counted=phrase_share(summary.counted),
        difference=_points(check.difference.value),
        z=number(abs(check.z), 1),
        ratio=number(ratio, 1),
    )
    return [line, *alarms(summary)]


def _worlds_line(summary: Summary) -> str:
    worlds = summary.worlds
    if worlds.n == 1:
        return _("one_world")
    if worlds.p10 is None or worlds.p90 is None or worlds.share_of_variance is None:
        if summary.precision is not None:
            n_worlds, fewest = number(worlds.n), number(MINIMUM_PER_WORLD)
            return _("worlds_withheld_rounds", n=n_worlds, needed=fewest)
        needed = worlds.n * MINIMUM_PER_WORLD
        return _("worlds_withheld", n=number(worlds.n), needed=number(needed), plain=str(needed))
    return _(
        "worlds_line",
        n=number(worlds.n),
        low=phrase_percent(worlds.p10),
        high=phrase_percent(worlds.p90),
        share=phrase_percent(worlds.share_of_variance),
    )


def _money_line(summary: Summary) -> str:
    appropriated, spent, lapsed = (
        float(amounts.sum())
        for amounts in (summary.money.appropriated, summary.money.spent, summary.money.lapsed)
    )
    if appropriated <= 0:
        return _("no_money")
    return _(
        "money_line",
        appropriated=rupiah(appropriated),
        spent=rupiah(spent),
        spent_share=percent(spent / appropriated),
        lapsed=rupiah(lapsed),
        lapsed_share=percent(lapsed / appropriated),
    )


def _waiting_line(summary: Summary, scenario: Scenario) -> str:
    by_cause = summary.wait_days.sum(axis=0)
    total = float(by_cause.sum())
    if total <= 0:
        return _("no_waiting")
    largest = sorted(range(len(by_cause)), key=lambda cause: -by_cause[cause])[:_SHOWN_CAUSES]
    causes = [
        f"{phrase_cause(summary.labels.causes[cause], scenario)} {percent(by_cause[cause] / total)}"
        for cause in largest
        if by_cause[cause] > 0
    ]
    return _("waiting_line", total=number(total), causes=", ".join(causes))


def _assumptions_line(scenario: Scenario) -> str:
    n = len(scenario.assumptions)
    if n == 0:
        return _("assumptions_none")
    has_effects = any(path.split(".")[0] == "effects" for path in scenario.assumptions)
    return _("assumptions_line" if has_effects else "assumptions_line_plain", n=number(n))

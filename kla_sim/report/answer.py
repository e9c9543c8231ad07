"""What a run answers, sentence by sentence; how its numbers are said stands in `words`.

Called by the command line, which shows a few of them first (`first_screen`); the sentences stand in
the catalogue `answers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kla_sim.analysis.estimate import MINIMUM_PER_WORLD, Estimate, unseen_share
from kla_sim.analysis.summary import Summary
from kla_sim.analysis.togetherness import TauOdds
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.report.words import (
    expected_ends,
    money_shares,
    phrase_cause,
    phrase_day,
    phrase_difference,
    phrase_odds,
    phrase_percent,
    phrase_range,
    phrase_share,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "answers")

_SHOWN_CAUSES = 3
_LEAST_TOLD = 0.005
"""Share of all days below which a cause would read 0 %."""

_ALARMING = 3.0
"""Standard errors between conditional and counted odds that chance does not explain."""

SAFE = 0.8
"""Odds that a planner may call safe."""

_WORTH_SAYING = 0.01
"""Odds after the deadline that are worth a sentence of their own."""

_MOST_TIMES = 100.0
"""Beyond so many times it is said that it is more."""


def answer(summary: Summary, scenario: Scenario) -> list[str]:
    """Return all that a run says, a sentence a line."""
    is_joint = len(summary.cities) > 1
    return [
        odds_line(summary),
        *narrow_lines(summary),
        _dates_line(summary),
        _without_line(summary),
        *claimed_lines(summary),
        *([*_at_once_lines(summary), weakest_line(summary), _expected_line(summary)] * is_joint),
        *_attainment_lines(summary, scenario),
        *precision_lines(summary),
        *_check_lines(summary),
        worlds_line(summary),
        *_tau_lines(summary),
        money_line(summary),
        waiting_line(summary, scenario),
        assumptions_line(scenario),
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


def claimed_lines(summary: Summary) -> list[str]:
    """Call out a plan that is safe on claimed scores and not on verified ones."""
    claimed = summary.on_claimed_scores
    is_shown = claimed.low > summary.all_cities.high
    if claimed.value < SAFE or summary.all_cities.value >= SAFE or not is_shown:
        return []
    return [_("claimed_is_safer", odds=phrase_odds(claimed))]


def alarms(summary: Summary) -> list[str]:
    """Return what cannot be right in the numbers themselves."""
    z = summary.check.z
    return [_("check_alarm", z=number(abs(z), 1))] if abs(z) > _ALARMING else []


def narrow_lines(summary: Summary) -> list[str]:
    """Say which intervals leave no room for worlds that the run may not have met."""
    n = summary.n_worlds
    joint = [phrase_narrow(n)] if summary.is_joint_narrow else []
    names = [summary.labels.city_names[place] for place in summary.narrow_cities]
    return joint if len(summary.cities) == 1 else [*joint, *narrow_of(names, n)]


def narrow_of(names: Sequence[str], n_worlds: int) -> list[str]:
    """Say of which of several intervals that is so; nothing where it is of none."""
    named = ", ".join(names)
    return [_("may_be_narrow_of", names=named, **_unseen(n_worlds))] if names else []


def phrase_narrow(n_worlds: int) -> str:
    """Say that the interval just told leaves no room for worlds not met among so many."""
    return _("may_be_narrow", **_unseen(n_worlds))


def _unseen(n_worlds: int) -> dict[str, str]:
    return {"n": number(n_worlds), "share": phrase_percent(unseen_share(n_worlds))}


def _counted(estimate: Estimate) -> str:
    """Return odds with the number of futures they are counted from, said once."""
    odds = phrase_odds(estimate)
    if estimate.value in {0.0, 1.0}:
        return odds
    key = "odds_counted_one" if estimate.replications == 1 else "odds_counted"
    return _(key, odds=odds, n=number(estimate.replications))


def _all_regions(n_cities: int) -> str:
    return _("regions_both") if n_cities == 2 else _("regions_all", n=number(n_cities))


def odds_line(summary: Summary) -> str:
    """Say the odds that all regions reach the target, or the only one."""
    return _(
        "odds_line" if len(summary.cities) > 1 else "odds_line_one",
        regions=_all_regions(len(summary.cities)),
        city=summary.labels.city_names[0],
        category=CATEGORIES[summary.target],
        deadline=phrase_day(summary, summary.deadline_day),
        odds=_counted(summary.all_cities),
    )


def _dates_line(summary: Summary) -> str:
    """Return when the odds first reach 50 and 80 %, or that they do not."""
    half, most = (summary.reached(level) for level in (0.5, 0.8))
    horizon = phrase_day(summary, summary.horizon_day)
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
    fields = {"odds": phrase_percent(float(joint[later][place]))}
    return " " + _("highest_later", **fields, date=phrase_day(summary, int(days[later][place])))


def _at_once_lines(summary: Summary) -> list[str]:
    """Return the odds that all were once there together, where they are others than at the end."""
    if summary.all_cities_at_once_ever.value == summary.all_cities.value:
        return []
    return [_("at_once_line", odds=phrase_odds(summary.all_cities_at_once_ever))]


def weakest_line(summary: Summary) -> str:
    """Say which region has the lowest odds, and how many share them."""
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
    value, low, high = expected_ends(expected, len(summary.cities))
    if low == high:
        return _("expected_line_bare", value=value, n_cities=n_cities)
    return _("expected_line", value=value, low=low, high=high, n_cities=n_cities)


def _attainment_lines(summary: Summary, scenario: Scenario) -> list[str]:
    first, last = summary.attainment[0], summary.attainment[-1]
    start, measured = day(first.date), phrase_percent(first.mean)
    claim = scenario.attainment_claim
    if claim is None:
        lines = [_("attainment_start", date=start, value=measured)]
    else:
        claimed = {"claimed": phrase_percent(claim.value), "said_by": claim.said_by}
        key = "attainment_claim" if claim.date == first.date else "attainment_claim_dated"
        said_on = day(claim.date)
        lines = [_(key, date=start, value=measured, said_on=said_on, **claimed)]
    if last.date > first.date:
        range_ = phrase_range(last.p10, last.p90)
        mean = phrase_percent(last.mean)
        key = "attainment_end_bare" if range_ in {"", mean} else "attainment_end"
        lines.append(_(key, date=day(last.date), value=mean, range=range_))
    return lines


def precision_lines(summary: Summary) -> list[str]:
    """Say whether a run that was to stop by itself got as far as asked."""
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
        "check_line" if ratio <= _MOST_TIMES else "check_line_beyond",
        counted=phrase_share(summary.counted),
        difference=_points(check.difference.value),
        z=number(abs(check.z), 1),
        ratio=number(ratio, 1) if ratio <= _MOST_TIMES else number(_MOST_TIMES),
    )
    return [line, *alarms(summary)]


def worlds_line(summary: Summary) -> str:
    """Say how far the odds run across worlds, or why that is not known."""
    worlds = summary.worlds
    if worlds.n == 1:
        return _("one_world")
    if worlds.withheld == "few_worlds":
        return _("worlds_withheld_few", n=number(worlds.n))
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


def _tau_lines(summary: Summary) -> list[str]:
    """Say the odds where regions of a province move together weakly, and where strongly."""
    if not summary.tau:
        return []
    weak, strong = summary.tau
    is_shown = weak.odds.high < strong.odds.low or strong.odds.high < weak.odds.low
    words = {
        "weak": phrase_odds(weak.odds),
        "strong": phrase_odds(strong.odds),
        "weak_range": _tau_range(weak),
        "strong_range": _tau_range(strong),
    }
    return [_("tau_line" if is_shown else "tau_line_not_shown", **words)]


def _tau_range(part: TauOdds) -> str:
    return _("interval_plain", low=number(part.low, 2), high=number(part.high, 2))


def money_line(summary: Summary) -> str:
    """Say where the money went: spent, lapsed, held at the horizon, never released; all of it."""
    whole = money_shares(summary.money)
    if not whole:
        return _("no_money")
    horizon = phrase_day(summary, summary.horizon_day)
    parts = [
        _(f"money_{name}", amount=rupiah(amount), share=share, horizon=horizon)
        for name, (amount, share) in whole.items()
    ]
    appropriated = rupiah(float(summary.money.appropriated.sum()))
    return _("money_line", appropriated=appropriated, parts=", ".join(parts))


def waiting_line(summary: Summary, scenario: Scenario) -> str:
    """Say what ready work waited for most."""
    by_cause = summary.wait_days.sum(axis=0)
    total = float(by_cause.sum())
    if total <= 0:
        return _("no_waiting")
    largest = sorted(range(len(by_cause)), key=lambda cause: -by_cause[cause])[:_SHOWN_CAUSES]
    causes = [
        f"{phrase_cause(summary.labels.causes[cause], scenario)} {percent(by_cause[cause] / total)}"
        for cause in largest
        if by_cause[cause] >= _LEAST_TOLD * total
    ]
    return _("waiting_line", total=number(total), causes=", ".join(causes))


def assumptions_line(scenario: Scenario) -> str:
    """Say how many groups of numbers are assumptions."""
    n = len(scenario.assumptions)
    if n == 0:
        return _("assumptions_none")
    has_effects = any(path.split(".")[0] == "effects" for path in scenario.assumptions)
    return _("assumptions_line" if has_effects else "assumptions_line_plain", n=number(n))

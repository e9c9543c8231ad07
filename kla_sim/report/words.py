"""Numbers in words: honest rounding, both languages, never a bare 0 % or 100 %.

Odds, shares, ranges, differences, dates and changes, as every text and figure says them; what a run
answers stands in `answer`. The texts stand in the catalogue `answers`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from functools import partial

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Money, Summary
from kla_sim.language import day, number, percent, text
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.status import zones_to_come

_ = partial(text, "answers")

_FINE = 0.1
"""Below this share, and above its complement, percentages carry one decimal."""

_NEXT_TO_NONE = 0.0005
"""Below this share even one decimal would read 0."""

_LARGEST_ONE_IN = 10_000

_ROUND_ENOUGH = 0.05
"""How far a round number may be from what it stands for."""

_RAREST = 0.7e-4
"""Below this share even one in the largest number said is too many."""

_PLAIN_FRACTIONS = (
    *((k, 10) for k in range(1, 10)), (1, 3), (2, 3), (1, 4), (3, 4), (1, 6), (5, 6),
)  # fmt: skip
"""What people say as it stands, for odds that are neither rare nor nearly sure."""


_SMALL_DIFFERENCE = 0.002
"""Below this difference one decimal of a percentage point says next to nothing."""


_SHOWN_CHANGES, _LONGEST_CHANGE = 2, 60
"""How many changes of a plan are named, and how many signs one may take."""


def phrase_odds(estimate: Estimate) -> str:
    """Return odds as people say them: `30 %, about 3 in 10 (26-35 %)`."""
    return _("odds_with_interval", odds=_in_words(estimate), interval=phrase_interval(estimate))


def phrase_share(estimate: Estimate) -> str:
    """Return odds as a percentage; next to 0 or 1 as the bound their interval gives."""
    if estimate.value < _NEXT_TO_NONE:
        return _("share_below", high=_end(min(0.999, max(0.001, estimate.high)), math.ceil))
    if estimate.value >= 1 - _NEXT_TO_NONE:
        return _("share_above", low=_end(max(0.001, min(0.999, estimate.low)), math.floor))
    return percent(estimate.value, _digits(estimate.value))


def phrase_percent(share: float, n: int | None = None) -> str:
    """Return a share of futures as a percentage, finer near 0 and 100, and neither of them.

    Parameters
    ----------
    n : futures of which it was counted; of few, none is not next to none (95 %, exact binomial).
    """
    unseen = 0.001 if n is None else min(0.999, max(0.001, 1.0 - 0.025 ** (1.0 / n)))
    if share < _NEXT_TO_NONE:
        return _("share_below", high=_end(unseen, math.ceil))
    if share >= 1 - _NEXT_TO_NONE:
        return _("share_above", low=_end(1.0 - unseen, math.floor))
    return percent(share, _digits(share))


def phrase_interval(estimate: Estimate) -> str:
    """Return the interval of odds, its ends rounded outward, never 0 or 100."""
    reads_none, reads_all = estimate.low < 0.001, estimate.high > 0.999
    if reads_none and reads_all:
        return _("interval_unknown")
    if reads_none:
        return _("interval_below", high=_end(max(estimate.high, 0.001), math.ceil))
    if reads_all:
        return _("interval_above", low=_end(min(estimate.low, 0.999), math.floor))
    return _("interval", low=_end(estimate.low, math.floor), high=_end(estimate.high, math.ceil))


def phrase_range(low: float, high: float) -> str:
    """Return a range of shares, one number where both ends read the same; empty if not known."""
    if math.isnan(low) or math.isnan(high):
        return ""
    ends = [number(100 * end, _digits(end)) for end in (low, high)]
    return (
        percent(high, _digits(high))
        if ends[0] == ends[1]
        else _("interval", low=ends[0], high=ends[1])
    )


def phrase_difference(estimate: Estimate) -> str:
    """Return a difference of odds in percentage points with its interval; small ones finer."""
    hides_sign = 0.0 < estimate.low < 0.001 or -0.001 < estimate.high < 0.0
    digits = 2 if abs(estimate.value) < _SMALL_DIFFERENCE or hides_sign else 1
    return _("difference", **signed(estimate, digits, scale=100.0))


def signed(estimate: Estimate, digits: int, *, scale: float = 1.0) -> dict[str, str]:
    """Return value, low and high of a difference, with its sign, the ends rounded outward."""
    value = number(scale * estimate.value, digits)
    return {
        "value": ("+" if estimate.value > 0 else "") + value,
        "low": number(_outward(scale * estimate.low, digits, math.floor), digits),
        "high": number(_outward(scale * estimate.high, digits, math.ceil), digits),
    }


def _digits(share: float) -> int:
    return 1 if share < _FINE or share > 1 - _FINE else 0


def _end(share: float, rounding: Callable[[float], int]) -> str:
    digits = _digits(share)
    return number(_outward(100 * share, digits, rounding), digits)


def _outward(value: float, digits: int, rounding: Callable[[float], int]) -> float:
    """Round one way only, but for what the last bits of a number add to it."""
    scale = 10.0**digits
    return rounding(round(value * scale, 9)) / scale


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


def phrase_day(summary: Summary, since_start: int) -> str:
    """Return a day of a run, counted from its start, as a date in words."""
    return phrase_date(summary.labels.start, since_start)


def phrase_date(start: dt.date, since_start: int) -> str:
    """Return a day counted from the start of a plan as a date in words."""
    return day(start + dt.timedelta(days=since_start))


def phrase_cause(cause: str, scenario: Scenario) -> str:
    """Return the name of a cause of waiting."""
    if cause in scenario.resources:
        return scenario.resources[cause].name or cause
    return _(f"cause_{cause.replace(':', '_')}")


def _in_words(estimate: Estimate) -> str:
    """Return odds as a percentage, and as a fraction where one says the same."""
    value, n = estimate.value, number(estimate.replications)
    is_only = estimate.replications == 1
    if value <= 0:
        return _("odds_none_one" if is_only else "odds_none", n=n)
    if value >= 1:
        return _("odds_all_one" if is_only else "odds_all", n=n)
    if value < _RAREST:
        return _("odds_rarer", n=number(_LARGEST_ONE_IN))
    if value > 1 - _RAREST:
        return _("odds_surer", k=number(_LARGEST_ONE_IN - 1), n=number(_LARGEST_ONE_IN))
    fraction = _fraction(value)
    if fraction is None:
        return phrase_percent(value)
    said = _("odds_fraction", k=number(fraction[0]), n=number(fraction[1]))
    if _NEXT_TO_NONE <= value < 1 - _NEXT_TO_NONE:
        return _("odds_both", share=phrase_percent(value), fraction=said)
    return said


def _fraction(value: float) -> tuple[int, int] | None:
    """Return a fraction that people say and that reads the same as a percentage; None without."""
    if value < _FINE:
        n = _round_number(1 / value)
        candidates = [(1, n)]
    elif value > 1 - _FINE:
        n = _round_number(1 / (1 - value))
        candidates = [(n - 1, n)]
    else:
        candidates = sorted(_PLAIN_FRACTIONS, key=lambda pair: abs(pair[0] / pair[1] - value))
    k, n = candidates[0]
    return (k, n) if phrase_percent(k / n) == phrase_percent(value) else None


def _round_number(ratio: float) -> int:
    """Return the roundest number within 5 %: 10, 11, 15, 17, 35, 80, 140, 250, 1,100 ..."""
    size = 10.0 ** math.floor(math.log10(ratio))
    for scale in (size, size / 2, size / 10):
        n = max(10, scale * round(ratio / scale))
        if abs(n / ratio - 1) <= _ROUND_ENOUGH:
            break
    return min(_LARGEST_ONE_IN, round(n))


def phrase_expected(expected: Estimate, n_cities: int) -> tuple[str, str]:
    """Return the expected number of regions at the target, and its interval."""
    value, low, high = expected_ends(expected, n_cities)
    return value, _("interval_plain", low=low, high=high)


def expected_ends(expected: Estimate, n_cities: int) -> tuple[str, str, str]:
    """Return an expected number of regions with the ends of its interval, rounded outward."""
    return (
        number(expected.value, 1),
        number(_outward(max(expected.low, 0.0), 1, math.floor), 1),
        number(_outward(min(expected.high, n_cities), 1, math.ceil), 1),
    )


def money_shares(money: Money) -> dict[str, tuple[float, str]]:
    """Return rupiah and share of each part of what was appropriated; the shares add up to 100 %.

    What is released is spent, lapses, or is held at the horizon: money that stays from year to year
    is held at the end of each, so that only the last year's counts. Empty where there is no money.
    """
    appropriated = float(money.appropriated.sum())
    if appropriated <= 0:
        return {}
    spent, lapsed = float(money.spent.sum()), float(money.lapsed.sum())
    amounts = {
        "spent": spent,
        "lapsed": lapsed,
        "held": float(money.held[:, -1].sum()),
        "unreleased": appropriated - float(money.released.sum()),
    }
    shown = {
        name: amount
        for name, amount in amounts.items()
        if name in {"spent", "lapsed"} or amount >= 0.5
    }
    shares = _whole_percents([100 * amount / appropriated for amount in shown.values()])
    return {
        name: (
            amount,
            _("share_below", high=number(1)) if 0 == share < amount else percent(share / 100),
        )
        for (name, amount), share in zip(shown.items(), shares, strict=True)
    }


def _whole_percents(parts: list[float]) -> list[int]:
    """Round parts of 100 so that they still add up: the largest remainders are rounded up."""
    whole = [math.floor(part) for part in parts]
    missing = round(sum(parts)) - sum(whole)
    largest = sorted(range(len(parts)), key=lambda place: whole[place] - parts[place])[:missing]
    return [share + (place in largest) for place, share in enumerate(whole)]


def zones_ahead(city: str, scenario: Scenario) -> int:
    """Return how many zones of a region are planned and not launched before the start."""
    return len(zones_to_come(scenario, city))


def phrase_zones(launched: float, city: str, scenario: Scenario) -> str:
    """Return how many zones a region launches on average, of those still planned at the start."""
    n_planned = zones_ahead(city, scenario)
    if n_planned == 0 and launched == 0:
        return _("zones_none")
    return _("zones_of", launched=number(launched, 1), planned=number(n_planned))

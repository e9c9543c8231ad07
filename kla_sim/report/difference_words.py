"""What a comparison says, in sentences and cells; the texts stand in the catalogue `answers`."""

from __future__ import annotations

import datetime as dt
import math
from functools import partial
from typing import NamedTuple

from kla_sim.analysis.across_worlds import AcrossWorlds
from kla_sim.analysis.differences import RARE, Differences, HalfDates, Needed, is_shown
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.shares import Share
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.report.words import phrase_difference, phrase_percent, signed

_ = partial(text, "answers")

_SHOWN_CHANGES, _LONGEST_VALUE = 3, 40
NEXT_TO_NOTHING = 0.00005
"""Odds, and regions, that differ by less read 0.00 and matter to nobody, shown or not."""

_WORTH_SHARING = 0.5
"""Of a total below this many of its own half-widths the parts are no shares."""


class Names(NamedTuple):
    """What the sentences of a pair name: both plans, the regions, and the day counted as 0."""

    a: str
    b: str
    cities: list[str]
    start: dt.date


def phrase_pair(found: Differences, names: Names, *, is_rare: bool) -> list[str]:
    """Return the sentences of one pair: odds, expected regions, what is shown, dates and money."""
    a, b = names.a, names.b
    odds = _(
        "compare_pair",
        a=a,
        b=b,
        difference=phrase_difference(found.odds),
        won=number(found.won),
        lost=number(found.lost),
        same=number(found.odds.replications - found.won - found.lost),
    )
    expected = _("compare_expected", a=a, b=b, difference=phrase_number(found.expected_cities))
    of_odds = [odds, phrase_shown(found.odds, found.needed_odds)]
    of_number = [expected, phrase_shown(found.expected_cities, found.needed_expected)]
    if len(names.cities) == 1:
        lines = of_odds
    else:
        lines = [*of_number, *of_odds] if is_rare else [*of_odds, *of_number]
    return [*lines, *_date_lines(found.half_dates, names), phrase_spent(found.spent, a, b)]


def phrase_number(estimate: Estimate) -> str:
    """Return a difference in the number of regions, finer the smaller it is."""
    return _("compare_regions", **signed(estimate, _digits(estimate)))


def _digits(estimate: Estimate) -> int:
    largest = max(abs(estimate.value), estimate.high - estimate.low, 1e-4)
    return min(4, max(1, 2 - math.floor(math.log10(largest))))


def phrase_shown(difference: Estimate, needed: Needed | None) -> str:
    """Say whether a difference is shown, and what would show one of this size."""
    if is_shown(difference):
        return _("compare_shown" if abs(difference.value) >= NEXT_TO_NOTHING else "compare_tiny")
    if difference.value == 0.0:
        return _("compare_none")
    if needed is None:
        return _("compare_not_shown")
    if needed.worlds is None:
        return _("compare_needs", n=_rounded(needed.futures))
    return _("compare_needs_worlds", n=_rounded(needed.futures), worlds=_rounded(needed.worlds))


def _rounded(n: int) -> str:
    """Return a number to two digits: it is a reckoning, not a promise."""
    scale = 10 ** max(0, len(str(n)) - 2)
    return number(scale * math.ceil(n / scale))


def phrase_verdict(difference: Estimate) -> str:
    """Say in a word whether a region's odds rise, fall, or show no difference."""
    if not is_shown(difference):
        return _("verdict_same" if difference.value == 0.0 else "verdict_not_shown")
    if abs(difference.value) < NEXT_TO_NOTHING:
        return _("verdict_tiny")
    return _("verdict_higher" if difference.value > 0.0 else "verdict_lower")


def _date_lines(half_dates: list[HalfDates], names: Names) -> list[str]:
    """Say for whom the day of one half moves; that it moves for nobody, where it exists."""
    all_cities, *of_cities = half_dates
    subjects = [
        (_("compare_all_regions"), all_cities),
        *zip(names.cities, of_cities, strict=True),
    ]
    if len(of_cities) == 1:
        subjects = subjects[1:]
    moved = [_date_line(subject, dates, names) for subject, dates in subjects if dates.a != dates.b]
    exists = any(dates.a is not None for _subject, dates in subjects)
    return moved or [_("half_same" if exists else "half_never")]


def _date_line(subject: str, dates: HalfDates, names: Names) -> str:
    of_a, of_b = (
        _("half_not") if days is None else day(names.start + dt.timedelta(days=days))
        for days in (dates.a, dates.b)
    )
    line = _("half_moves", subject=subject, a=names.a, b=names.b, of_a=of_a, of_b=of_b)
    return line if not dates.low <= 0.0 <= dates.high else _("half_unsure", line=line)


def phrase_spent(spent: Estimate, a: str, b: str) -> str:
    """Say how much more or less is spent up to the horizon."""
    if spent.low == spent.high == 0.0:
        return _("spent_same", a=a, b=b)
    if not is_shown(spent):
        return _("spent_not_shown", a=a, b=b, most=rupiah(max(-spent.low, spent.high)))
    ends = sorted((abs(spent.low), abs(spent.high)))
    return _(
        "spent_more" if spent.value > 0.0 else "spent_less",
        a=a,
        b=b,
        difference=rupiah(abs(spent.value)),
        low=rupiah(ends[0]),
        high=rupiah(ends[1]),
    )


def phrase_shares(shares: list[Share], *, is_rare: bool) -> list[str]:
    """Return one sentence for each changed part, with its share of the change."""
    total = sum(_led(share, is_rare=is_rare).value for share in shares)
    unsure = max((_half_width(_led(share, is_rare=is_rare)) for share in shares), default=0.0)
    has_shares = len(shares) > 1 and abs(total) > max(_WORTH_SHARING * unsure, 1e-9)
    whole = total if has_shares else None
    return [_phrase_share(share, whole, is_rare=is_rare) for share in shares]


def _led(share: Share, *, is_rare: bool) -> Estimate:
    return share.expected_cities if is_rare else share.odds


def _half_width(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2


def _phrase_share(share: Share, total: float | None, *, is_rare: bool) -> str:
    led = _led(share, is_rare=is_rare)
    shown = [
        _(
            "change",
            path=change.path,
            before=_value(change.before),
            after=_value(change.after),
        )
        for change in share.block.changes[:_SHOWN_CHANGES]
    ]
    n_more = len(share.block.changes) - len(shown)
    words = {
        "changes": _("change_more", changes="; ".join(shown), n=number(n_more))
        if n_more
        else "; ".join(shown),
        "difference": phrase_number(led) if is_rare else phrase_difference(led),
    }
    if total is None:
        return _("change_line", **words)
    return _("change_line_share", **words, share=percent(led.value / total))


def _value(value: str | None) -> str:
    if value is None:
        return _("change_absent")
    flat = " ".join(value.split())
    return flat if len(flat) <= _LONGEST_VALUE else f"{flat[: _LONGEST_VALUE - 2]} …"


def phrase_rare() -> str:
    """Say why the expected number of regions comes first."""
    return _("compare_rare", bound=percent(RARE))


def worlds_cells(plan: AcrossWorlds) -> tuple[str, str, str]:
    """Return the cells of `--worlds`: worst tenth, regret, share of worlds above the threshold."""
    above = "-" if plan.share_above is None else phrase_percent(plan.share_above)
    regret = number(100 * max(0.0, plan.regret), 2)
    return phrase_percent(plan.worst_tenth), _("points", value=regret), above

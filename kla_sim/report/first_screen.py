"""What `run` says before and below its table: five lines at most, then where time and money went.

All else that a run answers stands in `answer` and is printed under `--details`. Called by the
command line; the sentences of this screen stand in the catalogue `first_screen`.
"""

from __future__ import annotations

from functools import partial

from kla_sim.analysis.relieved import Remedy
from kla_sim.analysis.remedies import Remedies
from kla_sim.analysis.summary import Summary
from kla_sim.language import number, rupiah, text
from kla_sim.report.answer import (
    SAFE,
    alarms,
    assumptions_line,
    claimed_lines,
    money_line,
    odds_line,
    phrase_narrow,
    precision_lines,
    waiting_line,
    weakest_line,
    worlds_line,
)
from kla_sim.report.difference_words import NEXT_TO_NOTHING, phrase_number
from kla_sim.report.explain_words import ENOUGH, phrase_relief
from kla_sim.report.words import phrase_changes, phrase_difference, phrase_odds, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "first_screen")


def headlines(
    summary: Summary, scenario: Scenario, remedies: Remedies, overrides: list[str]
) -> list[str]:
    """Return the lines above the table: odds, weakest region, what helps, how sure, where to read.

    Parameters
    ----------
    overrides : what was changed in the plan on the command line.
    """
    narrow = [phrase_narrow(summary.n_worlds)] if summary.is_joint_narrow else []
    odds = " ".join([odds_line(summary), *narrow, _without(summary)])
    if overrides:
        odds = _("changed", changes=phrase_changes(overrides), line=odds)
    return [
        odds,
        *([weakest_line(summary)] if len(summary.cities) > 1 else []),
        remedies_line(remedies, scenario),
        _sure_line(summary, scenario),
        _("read_on"),
    ]


def below_table(summary: Summary, scenario: Scenario) -> list[str]:
    """Return the lines below the table: a caution, what work waited for, and the money."""
    return [*claimed_lines(summary), waiting_line(summary, scenario), money_line(summary)]


def next_step(summary: Summary, folder: str) -> str:
    """Return the command that leads on from here, with what it tells."""
    is_safe = summary.all_cities.value >= SAFE
    return _("next_safe" if is_safe else "next_explain", run=folder)


def remedies_line(remedies: Remedies, scenario: Scenario) -> str:
    """Say what would help most and what it costs, and what staff and money could do at most."""
    if remedies.withheld:
        return _(f"withheld_{remedies.withheld}")
    fields = {"futures": number(remedies.replications)}
    if remedies.unlimited is None:
        return _("nothing_waits", **fields)
    best = remedies.best
    if best is None:
        names = "; ".join(phrase_relief(one, scenario) for one in remedies.tried)
        first = _("nothing_helps", names=names, **fields)
    else:
        first = _helps(best, remedies, scenario)
    return f"{first} {_at_most(remedies.unlimited, remedies)}"


def at_most_line(remedies: Remedies) -> str | None:
    """Say how far staff and money without limit would come; nothing where that was not tried."""
    return _at_most(remedies.unlimited, remedies) if remedies.unlimited else None


def _helps(best: Remedy, remedies: Remedies, scenario: Scenario) -> str:
    price = _("price", amount=rupiah(best.price)) if best.price > 0 else _("no_price")
    return _(
        "helps_one" if len(remedies.tried) == 1 else "helps",
        n=number(len(remedies.tried)),
        what=phrase_relief(best, scenario),
        gain=_gain(best, remedies),
        rescued=number(best.rescued),
        failed=number(best.n_failed),
        harmed=number(best.harmed),
        price=price,
    )


def _gain(remedy: Remedy, remedies: Remedies) -> str:
    leading = remedy.leading(is_rare=remedies.is_rare)
    return phrase_number(leading) if remedies.is_rare else phrase_difference(leading)


def _at_most(unlimited: Remedy, remedies: Remedies) -> str:
    """Say how far staff and money without limit would come, and what then is left."""
    if unlimited.leading(is_rare=remedies.is_rare).low <= 0.0:
        return _("unlimited_nothing")
    n = unlimited.difference.replications
    odds = phrase_percent(unlimited.odds, n)
    if odds == phrase_percent(remedies.odds, n):
        return _("unlimited_hardly", odds=odds)
    is_enough = unlimited.odds >= ENOUGH
    return _(
        "unlimited" if is_enough else "unlimited_not_enough",
        odds=odds,
        gain=_gain(unlimited, remedies),
    )


def tried_lines(remedies: Remedies, scenario: Scenario) -> list[str]:
    """Return a line for each thing tried, the best first, and one for what is the most."""
    if not remedies.tried:
        return []
    return [
        _("tried", futures=number(remedies.replications)),
        *(
            _(
                "tried_one",
                what=phrase_relief(one, scenario),
                gain=_gain(one, remedies),
                rescued=number(one.rescued),
                harmed=number(one.harmed),
            )
            for one in remedies.every
        ),
    ]


def _without(summary: Summary) -> str:
    """Say the odds without Kaltara, beside those of the plan."""
    without = summary.without_kaltara
    if abs(without.difference.value) < NEXT_TO_NOTHING:
        return _("without_same")
    is_shown = not without.difference.low <= 0.0 <= without.difference.high
    key = "without" if is_shown else "without_not_shown"
    return _(key, odds=phrase_odds(without.all_cities))


def _sure_line(summary: Summary, scenario: Scenario) -> str:
    """Say what the interval leaves out; a number that cannot be right comes before all."""
    worlds = summary.worlds
    is_known = worlds.p10 is not None and worlds.p90 is not None
    across = (
        _(
            "across_worlds",
            n=number(worlds.n),
            low=phrase_percent(worlds.p10 or 0.0),
            high=phrase_percent(worlds.p90 or 0.0),
        )
        if is_known
        else worlds_line(summary)
    )
    sure = precision_lines(summary) or [_("sure")]
    return " ".join([*alarms(summary), *sure, across, assumptions_line(scenario)])

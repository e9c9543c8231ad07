"""What `sensitivity` says of the worlds of a run: which unknowns matter, and how much."""

from __future__ import annotations

import shlex
from functools import partial

from kla_sim.analysis.pawn import Influence
from kla_sim.engine.in_worlds import Unknown
from kla_sim.experiment.sensitivity import Sensitivity
from kla_sim.language import number, percent, text
from kla_sim.report.unknown_words import phrase_unknown
from kla_sim.report.words import phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "sensitivity")

_NAMED_NEXT = 3
_MUCH_LUCK = 0.5


def standing_out(found: Sensitivity) -> list[tuple[Unknown, Influence]]:
    """Return the unknowns that stand out from the noise, the most influential first."""
    floor = found.leading.floor
    return [(unknown, one) for unknown, one in found.ranked() if one.strength > floor]


def phrase_outcome(found: Sensitivity) -> str:
    """Return in words what is looked at."""
    return _("outcome_expected" if found.is_rare else "outcome_odds")


def phrase_slice(found: Sensitivity) -> str:
    """Return the share of the worlds that one slice holds."""
    return percent(1.0 / found.leading.n_slices)


def phrase_sensitivity(found: Sensitivity, scenario: Scenario, file: str) -> list[str]:
    """Say which unknowns matter most, how many can be seen to, and what luck hides.

    Parameters
    ----------
    file : of the plan, to be run with more worlds.
    """
    seen = standing_out(found)
    m, worlds = number(len(found.unknowns)), number(found.n_worlds)
    lines = [_("rare")] if found.is_rare else []
    if seen:
        unknown, influence = seen[0]
        lines.append(
            _(
                "headline",
                outcome=phrase_outcome(found),
                unknown=phrase_unknown(unknown, scenario),
                slice=phrase_slice(found),
                lowest=_outcome(found, influence.lowest),
                highest=_outcome(found, influence.highest),
            )
        )
        following = seen[1 : 1 + _NAMED_NEXT]
        names = "; ".join(phrase_unknown(other, scenario) for other, _influence in following)
        lines += [_("next", unknowns=names)] if following else []
        lines.append(_("few_found", found=number(len(seen)), m=m, worlds=worlds))
    else:
        lines.append(_("none_found", m=m, worlds=worlds, plan=shlex.quote(file)))
    luck = "luck_much" if found.share_of_luck > _MUCH_LUCK else "luck"
    return [*lines, _(luck, share=phrase_percent(found.share_of_luck))]


def influence_cells(
    found: Sensitivity, unknown: Unknown, influence: Influence, scenario: Scenario
) -> tuple[str, ...]:
    """Return the cells of one row: what, its influence with interval, the outcome at both ends."""
    return (
        phrase_unknown(unknown, scenario),
        number(influence.strength, 2),
        f"{number(influence.low, 2)}-{number(influence.high, 2)}",
        _outcome(found, influence.lowest),
        _outcome(found, influence.highest),
    )


def _outcome(found: Sensitivity, value: float) -> str:
    return number(value, 2) if found.is_rare else phrase_percent(value)

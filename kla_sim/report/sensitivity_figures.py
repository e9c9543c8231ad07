"""What the plots of `sensitivity` show: each unknown with its interval, and the noise floor."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.experiment.sensitivity import Sensitivity
from kla_sim.language import number, text
from kla_sim.report.charts import Dots
from kla_sim.report.scales import axis_around_zero
from kla_sim.report.sensitivity_words import phrase_outcome, standing_out
from kla_sim.report.unknown_words import phrase_unknown
from kla_sim.scenario.model import Scenario

_ = partial(text, "sensitivity")

MOST_ROWS = 20
"""Unknowns that are drawn; the table holds all."""


def influence_dots(found: Sensitivity, scenario: Scenario, footer: str) -> Dots:
    """Return the influence of each unknown, the greatest first, with the noise floor."""
    ranked, seen = found.ranked(), standing_out(found)
    points = np.array([[(one.low, one.strength, one.high) for _unknown, one in ranked]])
    title = _("figure_none")
    if seen:
        first = phrase_unknown(seen[0][0], scenario)
        title = _("figure_title", outcome=phrase_outcome(found), unknown=first)
    n_more = len(ranked) - MOST_ROWS
    floor = found.leading.floor
    return Dots(
        "sensitivity",
        title,
        f"{footer}; {_('figure_more', n=number(n_more))}" if n_more > 0 else footer,
        x=axis_around_zero(_("figure_axis", floor=number(floor, 2)), points),
        row_keys=tuple(unknown.name for unknown, _one in ranked),
        row_labels=tuple(phrase_unknown(unknown, scenario) for unknown, _one in ranked),
        series_keys=("pawn",),
        series_labels=(_("figure_series"),),
        points=points,
        table_names=("method", "unknown", "low", "strength", "high"),
        level=floor,
        drawn_rows=tuple(range(MOST_ROWS)) if n_more > 0 else None,
    )

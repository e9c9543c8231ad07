"""What the plots of `sensitivity` show: each unknown with its interval, and what noise reaches."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.designs import Interval
from kla_sim.experiment.finding_out import Choice
from kla_sim.experiment.sensitivity import Sensitivity
from kla_sim.experiment.study import Study
from kla_sim.language import number, text
from kla_sim.report.charts import Places
from kla_sim.report.choice_words import worth_finding_out
from kla_sim.report.range_charts import Dots
from kla_sim.report.scales import axis_around_zero
from kla_sim.report.sensitivity_words import phrase_outcome, standing_out
from kla_sim.report.study_words import (
    COLUMNS,
    column_names,
    phrase_studied,
    scale_of,
)
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
    floor = found.leading.floor
    return Dots(
        "sensitivity",
        title,
        _noted(footer, len(ranked)),
        x=axis_around_zero(_("figure_axis", floor=number(floor, 2)), points),
        row_keys=tuple(unknown.name for unknown, _one in ranked),
        row_labels=tuple(phrase_unknown(unknown, scenario) for unknown, _one in ranked),
        series_keys=("pawn",),
        series_labels=(_("figure_series"),),
        points=points,
        table_names=("method", "unknown", "low", "strength", "high"),
        level=floor,
        drawn_rows=_drawn(len(ranked)),
    )


def worth_dots(choice: Choice, scenario: Scenario, footer: str) -> Dots:
    """Return what finding each unknown out is worth, the most first, with the noise floor."""
    ranked, seen = choice.ranked(), worth_finding_out(choice)
    scale, unit = (1.0, "regions") if choice.is_rare else (100.0, "points")
    points = np.array([[(one.low, one.value, one.high) for _unknown, one in ranked]]) * scale
    title = _("choice_figure_none")
    if seen:
        title = _("choice_figure", unknown=phrase_unknown(seen[0][0], scenario))
    return Dots(
        "finding-out",
        title,
        _noted(footer, len(ranked)),
        x=axis_around_zero(_(f"choice_axis_{unit}"), points),
        row_keys=tuple(unknown.name for unknown, _one in ranked),
        row_labels=tuple(phrase_unknown(unknown, scenario) for unknown, _one in ranked),
        series_keys=("evppi",),
        series_labels=(_("choice_series"),),
        points=points,
        table_names=("method", "unknown", "low", f"value_{unit}", "high"),
        level=choice.found.floor * scale,
        drawn_rows=_drawn(len(ranked)),
    )


def effect_dots(found: Study, scenario: Scenario, footer: str) -> Dots:
    """Return both measures of each uncertain number, the greatest first."""
    ranked = found.ranked()
    points = scale_of(found) * np.array(
        [[_ends(effect[place]) for _unknown, effect in ranked] for place in (0, 1)]
    )
    outcome = phrase_studied(found)
    return Dots(
        f"sensitivity-{found.method}",
        _("study_figure", outcome=outcome, unknown=phrase_unknown(ranked[0][0], scenario)),
        _noted(footer, len(ranked)),
        x=axis_around_zero(_(f"study_axis_{found.method}", outcome=outcome), points),
        row_keys=tuple(unknown.name for unknown, _effect in ranked),
        row_labels=tuple(phrase_unknown(unknown, scenario) for unknown, _effect in ranked),
        series_keys=COLUMNS[found.method],
        series_labels=tuple(column_names(found)),
        points=points,
        table_names=("measure", "unknown", "low", "value", "high"),
        level=0.0,
        drawn_rows=_drawn(len(ranked)),
    )


def _ends(part: Interval) -> tuple[float, float, float]:
    value, low, high = part
    return value if low is None else low, value, value if high is None else high


def _noted(footer: str, n_rows: int) -> str:
    """Return a footer that says how many rows are not drawn, where there are such."""
    n_more = n_rows - MOST_ROWS
    return f"{footer}; {_('figure_more', n=number(n_more))}" if n_more > 0 else footer


def _drawn(n_rows: int) -> Places:
    return tuple(range(MOST_ROWS)) if n_rows > MOST_ROWS else None

"""What the plot of `discover` shows: density against coverage, with the chosen rules."""

from __future__ import annotations

from functools import partial

from kla_sim.experiment.discover import Discovery
from kla_sim.language import number, text
from kla_sim.report.choice_charts import Trade, TradeOffs
from kla_sim.report.discover_words import phrase_conditions
from kla_sim.report.scales import percent_axis
from kla_sim.report.words import phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "discovering")

_SCALES = (80, 85, 90, 95, 100), (50, 60, 70, 80, 90, 100), (0, 20, 40, 60, 80, 100)
"""Ticks of the density in percent."""


def rules_chart(found: Discovery, scenario: Scenario, footer: str) -> TradeOffs:
    """Return the best boxes met in the search, and the chosen rules as held-out worlds see them."""
    rules = found.found.rules
    title = _("figure_none")
    if rules:
        conditions = phrase_conditions(found, rules[0], scenario)
        title = _("figure_title", conditions=conditions, density=phrase_percent(rules[0].density))
    return TradeOffs(
        "discover",
        title,
        footer,
        x=percent_axis(_("axis_coverage")),
        y=percent_axis(_("axis_density"), _ticks(found)),
        front=found.found.looked_at,
        points=tuple(
            Trade(
                f"rule_{place}",
                number(place),
                rule.coverage,
                rule.held_out.value,
                rule.held_out.low,
                rule.held_out.high,
                rule.held_out_baseline,
            )
            for place, rule in enumerate(rules, 1)
        ),
        level=found.found.held_out_baseline,
        front_label=_("legend_looked_at"),
        point_label=_("legend_rule"),
        level_label=_("legend_baseline"),
        table_names=("box", "coverage", "density", "low", "high", "baseline"),
    )


def _ticks(found: Discovery) -> tuple[int, ...]:
    """Return the part of the scale on which anything lies."""
    rules, front = found.found.rules, found.found.looked_at
    levels = [found.found.held_out_baseline, *(rule.held_out_baseline for rule in rules)]
    lowest = 100 * min(*levels, *front[:, 1], *(rule.held_out.low for rule in rules))
    return next(ticks for ticks in _SCALES if ticks[0] <= lowest)

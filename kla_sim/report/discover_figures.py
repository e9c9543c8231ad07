"""What the plot of `discover` shows: density against coverage, with the chosen rules."""

from __future__ import annotations

from functools import partial

from kla_sim.experiment.discover import Discovery
from kla_sim.language import number, text
from kla_sim.report.charts import Trade, TradeOffs
from kla_sim.report.discover_words import phrase_conditions
from kla_sim.report.scales import percent_axis
from kla_sim.report.words import phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "discovering")


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
        y=percent_axis(_("axis_density")),
        front=found.found.looked_at,
        points=tuple(
            Trade(
                f"rule_{place}",
                number(place),
                rule.coverage,
                rule.held_out.value,
                rule.held_out.low,
                rule.held_out.high,
            )
            for place, rule in enumerate(rules, 1)
        ),
        level=found.found.baseline,
        front_label=_("legend_looked_at"),
        point_label=_("legend_rule"),
        level_label=_("legend_baseline"),
        table_names=("box", "coverage", "density", "low", "high"),
    )

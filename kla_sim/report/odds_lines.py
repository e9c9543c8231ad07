"""Lines of odds over time: what stands beside their ends."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.summary import Summary
from kla_sim.language import text
from kla_sim.report.line_charts import StepLine
from kla_sim.report.words import phrase_percent, phrase_share

_ = partial(text, "figures")


def with_value(line: StepLine, summary: Summary, odds: Estimate) -> StepLine:
    """Put the odds at the end of a line into its label.

    Parameters
    ----------
    odds : on the deadline; if no award follows it they are those at the end, and where they are
        next to 0 or 1 their interval says how near.
    """
    if not line.label:
        return line
    is_last = summary.deadline_day >= summary.curve.days[-1]
    value = phrase_share(odds) if is_last else phrase_percent(float(line.values[-1]), summary.n)
    return replace(line, label=_("line_label", name=line.label, value=value))

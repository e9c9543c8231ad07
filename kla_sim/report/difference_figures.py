"""What the plot of paired differences shows: every plan against the first, in percentage points."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.differences import Differences, is_shown
from kla_sim.analysis.summary import Summary
from kla_sim.language import text
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.figures import Caption
from kla_sim.report.limits import below, best_runs, noted, weakest_cities
from kla_sim.report.range_charts import Dots
from kla_sim.report.scales import axis_around_zero
from kla_sim.report.words import phrase_difference

_ = partial(text, "figures")


def compare_differences(
    summaries: list[Summary],
    found: list[Differences],
    names: list[str],
    caption: Caption,
    *,
    is_rare: bool,
) -> Dots:
    """Return the differences in odds of all cities and of each, a mark per plan.

    Parameters
    ----------
    summaries, names : of every plan, the first of which the others are compared with.
    found : differences of the others, their cities in the order of the first plan.
    is_rare : joint odds say little, so that the title goes by the expected number of cities.
    """
    first, rows, runs = summaries[0], weakest_cities(summaries[0]), best_runs(summaries)
    points = 100.0 * np.array(
        [[(e.low, e.value, e.high) for e in (pair.odds, *pair.cities)] for pair in found]
    )
    footer = noted(caption.footer(), "cities", rows, len(first.cities))
    return Dots(
        "compare-differences",
        _title(found, names, is_rare=is_rare),
        noted(footer, "runs", runs, len(names)),
        x=axis_around_zero(_("differences_axis", run=names[0]), points),
        row_keys=("all_cities", *first.labels.cities),
        row_labels=(_("all_cities"), *first.labels.city_names),
        series_keys=tuple(names[1:]),
        series_labels=tuple(names[1:]),
        points=points,
        table_names=("run", "city", "low", "points", "high"),
        is_first_apart=True,
        level=0.0,
        drawn_rows=below(rows),
        first_look=1,  # as in the other plots, where the first plan is drawn as well
        drawn_series=None if runs is None else tuple(place - 1 for place in runs[1:]),
    )


def _title(found: list[Differences], names: list[str], *, is_rare: bool) -> str:
    """Say which plan gains or loses most of those whose difference is shown."""
    led = [pair.leading(is_rare=is_rare) for pair in found]
    shown = [place for place, difference in enumerate(led) if is_shown(difference)]
    if not shown:
        return _("compare_differences_none", run=names[0])
    most = max(shown, key=lambda place: abs(led[place].value))
    say = phrase_number if is_rare else phrase_difference
    return _("compare_differences_title", run=names[1 + most], difference=say(led[most]))

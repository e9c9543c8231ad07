"""The plot of what would have been but for one thing: a tornado, the largest gain on top.

It is made from the entries of `explain --json`, so that what was stored draws as what was just run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from kla_sim.analysis.differences import is_shown
from kla_sim.analysis.estimate import Estimate
from kla_sim.arrays import FloatArray
from kla_sim.language import number, text
from kla_sim.report.choice_charts import Tornado
from kla_sim.report.difference_words import phrase_number
from kla_sim.report.explain_words import phrase_relief
from kla_sim.report.scales import fixed_axis
from kla_sim.report.words import phrase_difference
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.relief import Relief

_ = partial(text, "plots")

_MOST_ROWS = 25

_POINTS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_REGIONS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
"""Where the axis may end, so that two runs can mostly be laid side by side."""


def but_for_tornado(
    cases: Sequence[Mapping[str, Any]], scenario: Scenario, footer: str, *, is_rare: bool
) -> Tornado:
    """Return what relieving one thing at a time adds, with intervals, rescued and harmed.

    Parameters
    ----------
    cases : entries of `but_for` in `explain --json`, at least one, the best first.
    is_rare : odds so low that the expected number of regions is drawn instead.
    """
    measure, scale = ("expected_cities", 1.0) if is_rare else ("difference", 100.0)
    gains = [Estimate(**case[measure]) for case in cases]
    points = scale * np.array([(gain.low, gain.value, gain.high) for gain in gains])
    labels = tuple(
        phrase_relief(Relief(case["relieved"], case["subject"], scenario), scenario)
        for case in cases
    )
    drawn = tuple(range(_MOST_ROWS)) if len(cases) > _MOST_ROWS else None
    n_failed, n_met = cases[0]["of_failed"], cases[0]["of_met"]
    note = _("tornado_note", failed=number(n_failed), met=number(n_met))
    left_out = _("tornado_drawn", drawn=number(_MOST_ROWS), n=number(len(cases))) if drawn else ""
    return Tornado(
        "but-for",
        _title(gains, labels, phrase_number if is_rare else phrase_difference),
        " ".join(part for part in (left_out, note, footer) if part),
        x=fixed_axis(
            _("tornado_regions" if is_rare else "tornado_points"),
            points,
            _REGIONS if is_rare else _POINTS,
        ),
        row_keys=tuple((case["relieved"], case["subject"]) for case in cases),
        row_labels=labels,
        points=points,
        is_shown=tuple(map(is_shown, gains)),
        counts=tuple((case["rescued"], case["harmed"]) for case in cases),
        count_labels=tuple(
            (gain, number(case["rescued"]), number(case["harmed"]))
            for gain, case in zip(_in_words(points[:, 1], is_rare), cases, strict=True)
        ),
        shown_label=_("tornado_shown"),
        unshown_label=_("tornado_unshown"),
        column_labels=(
            _("tornado_gain_regions" if is_rare else "tornado_gain_points"),
            _("tornado_rescued"),
            _("tornado_harmed"),
        ),
        unit="regions" if is_rare else "points",
        drawn_rows=drawn,
    )


def _in_words(gains: FloatArray, is_rare: bool) -> list[str]:
    return [("+" if gain > 0 else "") + number(gain, 3 if is_rare else 1) for gain in gains]


def _title(
    gains: list[Estimate], labels: tuple[str, ...], phrase: Callable[[Estimate], str]
) -> str:
    """Say what helps most of what is shown to help at all."""
    best = next((place for place, gain in enumerate(gains) if gain.low > 0.0), None)
    if best is None:
        return _("tornado_none")
    return _("tornado_title", what=labels[best], gain=phrase(gains[best]))

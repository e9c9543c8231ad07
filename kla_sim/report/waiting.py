"""How long ready work waited, by cause: the largest causes one by one, the others in one.

Days are those of all activities together, so they are told by zone where there are zones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.estimate import Estimate
from kla_sim.arrays import FloatArray
from kla_sim.language import number, text
from kla_sim.report.bar_charts import OTHERS, Bars
from kla_sim.report.charts import Figure, Places
from kla_sim.report.scales import count_axis
from kla_sim.scenario.budgets import PROVINCE

_ = partial(text, "plots")

_MOST_CAUSES = 8


class Waits(NamedTuple):
    """Days by cause: the largest causes in the order of the plan, then the others in one."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    looks: tuple[int, ...]  # place in the palette
    days: FloatArray  # (n_rows, n_causes)


def gather_waits(wait_days: FloatArray, causes: dict[str, str]) -> Waits:
    """Choose the largest causes; what held nothing up is left out.

    Parameters
    ----------
    wait_days : (n_rows, n_causes) activity-days.
    causes : the name of each cause by its key.
    """
    totals = wait_days.sum(axis=0)
    largest = [int(cause) for cause in np.argsort(-totals, kind="stable") if totals[cause] > 0]
    shown, others = sorted(largest[:_MOST_CAUSES]), sorted(largest[_MOST_CAUSES:])
    keys, names = list(causes), list(causes.values())
    waits = Waits(
        tuple(keys[place] for place in shown),
        tuple(names[place] for place in shown),
        tuple(shown),
        wait_days[:, shown],
    )
    if not others:
        return waits
    return Waits(
        (*waits.keys, "others"),
        (*waits.names, _("other_causes")),
        (*waits.looks, OTHERS),
        np.column_stack([waits.days, wait_days[:, others].sum(axis=1)]),
    )


def gain_of(cause: str, cases: Sequence[Mapping[str, Any]], *, is_rare: bool) -> Estimate | None:
    """Return what relieving a cause adds to the odds, or to the regions at the target.

    Parameters
    ----------
    cause : as in `Labels.causes`; of the cities' own money the largest gain of one city's.
    cases : entries of `but_for` in `explain --json`, or of those tried by a run; maybe none.
    """
    measure = "expected_cities" if is_rare else "difference"
    kinds = {"window": ("windows", ""), "wip_limit": ("wip_limit", "")}
    kinds["account:province"] = ("account", PROVINCE)
    gains = [
        Estimate(**case[measure])
        for case in cases
        if (case["relieved"], case["subject"]) == kinds.get(cause, ("pool", cause))
        or (
            cause == "account:city"
            and case["relieved"] == "account"
            and case["subject"] != PROVINCE
        )
    ]
    return max(gains, key=lambda gain: gain.value, default=None)


def waiting_bars(
    head: Figure,
    waits: Waits,
    rows: dict[str, str],
    subject: str,
    drawn_rows: Places,
    *,
    is_per_zone: bool = False,
) -> Bars:
    """Return the days waited, a bar per row.

    Parameters
    ----------
    rows : the label of each row by its key.
    subject : what the rows are, as the table names them.
    """
    n_rows, n_causes = waits.days.shape
    highest = float(np.nan_to_num(waits.days).sum(axis=1).max(initial=0.0))
    axis = count_axis(_("waiting_per_zone" if is_per_zone else "waiting_axis"), highest)
    return Bars(
        head.name,
        head.title,
        head.footer,
        x=axis,
        row_keys=tuple(rows),
        row_labels=tuple(rows.values()),
        panel_keys=("",),
        panel_labels=("",),
        series_keys=waits.keys,
        series_labels=waits.names,
        values=waits.days[:, None, :],
        part_labels=((("",) * n_causes,),) * n_rows,
        end_labels=tuple(
            ("" if np.isnan(row).any() else number(float(row.sum())),) for row in waits.days
        ),
        palette="series",
        looks=waits.looks,
        table_names=(subject, "panel", "cause", "days_per_zone" if is_per_zone else "days"),
        drawn_rows=drawn_rows,
    )

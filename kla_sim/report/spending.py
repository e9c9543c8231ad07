"""Money by account and year, of one run or of several side by side."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.language import number, text
from kla_sim.report.bar_charts import Columns
from kla_sim.report.charts import Figure
from kla_sim.report.scales import rupiah_axis

_ = partial(text, "plots")


def spending_columns(
    summaries: list[Summary], names: list[str], head: Figure, *, is_by_city: bool
) -> Columns:
    """Return money by panel and year: the province, then each city or all cities together."""
    labels = summaries[0].labels
    years = sorted({year for summary in summaries for year in summary.labels.years})
    if is_by_city:
        groups = [slice(place, place + 1) for place in range(len(labels.accounts))]
        keys = tuple(labels.accounts)
        panel_labels = (_("province"), *labels.city_names)
    else:
        groups = [slice(0, 1), slice(1, None)]
        keys = ("province", "cities")
        panel_labels = (_("province"), _("cities_together", n=number(len(labels.cities))))
    appropriated, spent, lapsed = (
        np.stack([_by_year(summary, field, groups, years) for summary in summaries])
        for field in ("appropriated", "spent", "lapsed")
    )
    highest = float(np.nanmax(np.maximum(appropriated, spent + lapsed), initial=0.0))
    return Columns(
        head.name,
        head.title,
        head.footer,
        panel_keys=keys,
        panel_labels=panel_labels,
        y=rupiah_axis(highest),
        year_labels=tuple(map(str, years)),
        run_keys=tuple(names),
        appropriated_label=_("budget_frame"),
        spent_labels=tuple(_("spent_in", run=name) if name else _("spent") for name in names),
        lapsed_label=_("lapsed"),
        rest_label=_("rest_of_money"),
        appropriated=appropriated,
        spent=spent,
        lapsed=lapsed,
        column_labels=tuple(
            tuple(
                tuple(
                    number(100 * float(used) / float(amount)) if amount > 0 else ""
                    for used, amount in zip(*panel, strict=True)
                )
                for panel in zip(*run, strict=True)
            )
            for run in zip(spent, appropriated, strict=True)
        ),
    )


def _by_year(summary: Summary, field: str, groups: list[slice], years: list[int]) -> FloatArray:
    """Return (n_groups, n_years) rupiah; a year that a run lacks is unknown, not empty."""
    amounts = getattr(summary.money, field)
    by_year = np.full((len(groups), len(years)), np.nan)
    for column, year in enumerate(summary.labels.years):
        for place, group in enumerate(groups):
            by_year[place, years.index(year)] = amounts[group, column].sum()
    return by_year

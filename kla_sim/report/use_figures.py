"""What is used of staff and money month by month over many simulations, against what there is.

Filled from `analysis.use_over_time`; `fan_drawing` draws. Money is shown as planners follow
it: what is spent since New Year, against what was carried over and released since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.use_over_time import Months, Use, months_of
from kla_sim.arrays import FloatArray
from kla_sim.engine.plan import Plan
from kla_sim.language import month, number, percent, text
from kla_sim.language.safe import brief
from kla_sim.report.charts import Axis, Places
from kla_sim.report.scales import calendar, rupiah_axis, whole_axis
from kla_sim.report.schedule_charts import MANY_AT_LIMIT, MOST_AT_LIMIT, Fan, Fans
from kla_sim.report.schedule_figures import MOST_SIGNS
from kla_sim.report.words import phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "schedules")

MOST_FANS = 12
"""Pools or accounts drawn on one sheet; of more those that are at their limit most."""


class Used(NamedTuple):
    """What the fans are filled from, and what stands below them."""

    staff: Use
    cash: Use
    n: int  # simulations
    plan: Plan
    scenario: Scenario
    footer: str

    @property
    def months(self) -> Months:
        """The months of the plan."""
        return months_of(self.plan.labels.start, self.plan.structure.horizon_day)


def use_makers(used: Used) -> dict[str, Callable[[], Fans]]:
    """Return what makes the fans of a plan, by their names; none of what the plan does not have."""
    makers: dict[str, Callable[[], Fans]] = {}
    if used.staff.quantiles.any():
        makers["staff-use"] = partial(staff_fans, used)
    if used.cash.limit.any():
        makers["cash-use"] = partial(cash_fans, used)
    return makers


def staff_fans(used: Used) -> Fans:
    """Return the posts at work in the mean of each month, a panel per pool that has work."""
    labels, use = used.plan.labels, used.staff
    names = {"province": _("province"), **dict(zip(labels.cities, labels.city_names, strict=True))}
    fans = []
    for place, pool in enumerate(labels.pools):
        if use.quantiles[place].any():
            owner, _slash, key = pool.rpartition("/")
            resource = brief(used.scenario.resources[key].name or key, MOST_SIGNS)
            label = _("pool", resource=resource, owner=brief(names[owner], MOST_SIGNS))
            y = whole_axis(_("posts_unit"), _highest(use, place))
            fans.append(_fan(used, use, place, pool, label, y))
    return _fans(used, "staff", fans)


def cash_fans(used: Used) -> Fans:
    """Return what is spent since New Year, a panel per account that gets money."""
    labels, use = used.plan.labels, used.cash
    names = (_("province"), *(brief(name, MOST_SIGNS) for name in labels.city_names))
    fans = [
        _fan(used, use, place, account, name, rupiah_axis(_highest(use, place)))
        for place, (account, name) in enumerate(zip(labels.accounts, names, strict=True))
        if use.limit[place].any()
    ]
    return _fans(used, "cash", fans)


def _highest(use: Use, place: int) -> float:
    return float(max(use.quantiles[place].max(), use.limit[place].max()))


def _fan(used: Used, use: Use, place: int, key: str, label: str, y: Axis) -> Fan:
    at_limit = use.at_limit[place]
    worst = int(np.argmax(at_limit))
    year, of_year = (int(part) for part in used.months.keys[worst].split("-"))
    words = (
        _("at_limit_never")
        if at_limit[worst] <= 0
        else _(
            "at_limit_most",
            month=month(dt.date(year, of_year, 1)),
            share=phrase_percent(float(at_limit[worst]), used.n),
        )
    )
    return Fan(key, label, y, use.quantiles[place], use.limit[place], at_limit, words)


def _fans(used: Used, what: str, fans: list[Fan]) -> Fans:
    """Return the figure of some fans, its title the one that is at its limit most."""
    months, labels = used.months, used.plan.labels
    shares = np.array([_mean_share(fan, months) for fan in fans])
    worst = int(np.argmax(shares))
    drawn = _most_at_limit(shares)
    footer = used.footer
    if drawn is not None:
        footer = _("drawn_fans", drawn=number(len(drawn)), n=number(len(fans)), footer=footer)
    is_never = not shares[worst] > 0
    return Fans(
        f"{what}-use",
        _(f"{what}_title_never")
        if is_never
        else _(
            f"{what}_title",
            of=fans[worst].label,
            share=phrase_percent(float(shares[worst]), used.n),
        ),
        footer,
        start=labels.start,
        x=calendar(labels.start, used.plan.structure.horizon_day),
        months=months.first_days.astype(float),
        month_keys=months.keys,
        fans=tuple(fans),
        labels=(
            _("fan_median"),
            _("fan_band"),
            _("fan_ends"),
            _(f"{what}_limit"),
            _(f"{what}_often", share=percent(MANY_AT_LIMIT)),
            _(f"{what}_mostly", share=percent(MOST_AT_LIMIT)),
        ),
        drawn_fans=drawn,
    )


def _mean_share(fan: Fan, months: Months) -> float:
    """Return the share of all days and simulations at the limit."""
    return float(np.average(fan.at_limit, weights=months.lengths))


def _most_at_limit(shares: FloatArray) -> Places:
    if len(shares) <= MOST_FANS:
        return None
    return tuple(sorted(np.argsort(-shares, kind="stable")[:MOST_FANS].tolist()))

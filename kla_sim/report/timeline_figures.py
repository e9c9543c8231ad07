"""What the timelines of one future show: its zones, or the work of a region, and the cash below.

Filled from `analysis.one_future`; `timeline_drawing` draws. The traced future of `trace` and the
one without chance of `run --central` are shown alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.one_future import Balance, OneFuture, Stretch, ZoneCourse, balance_of
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.spells import DORMANT, REWORK, WORK
from kla_sim.engine.structure import Structure
from kla_sim.language import category, number, text
from kla_sim.language.safe import brief
from kla_sim.report.charts import Places
from kla_sim.report.scales import calendar, rupiah_axis
from kla_sim.report.schedule_charts import CashPanel, Look, Piece, Row, Sign, Timeline
from kla_sim.report.schedule_figures import (
    MOST_REGIONS,
    MOST_ROWS,
    MOST_SIGNS,
    day_lines,
    line_looks,
)
from kla_sim.report.words import phrase_cause
from kla_sim.scenario.model import Scenario

_ = partial(text, "schedules")

_BESIDE = {WORK: "at_work", REWORK: "rework", DORMANT: "dormant"}
_SIGNS = ("launch", "given_up", "award")

MOST_WORKS = 160
"""Pieces of work drawn on one sheet, the first of a region."""


class Told(NamedTuple):
    """What timelines are filled from, and what stands around them.

    Attributes
    ----------
    name : of the files, e.g. `trace-17`.
    heading : which future it is, in words.
    """

    future: OneFuture
    scenario: Scenario
    name: str
    heading: str
    footer: str

    @property
    def structure(self) -> Structure:
        """The structure of the plan."""
        return self.future.plan.structure

    def look_of(self, kind: int) -> str:
        """Return the key of what a stretch of this kind looks like."""
        return _BESIDE.get(kind) or f"wait:{self.future.plan.labels.causes[kind]}"

    def cause_name(self, cause: str) -> str:
        """Return what work waits for, in words."""
        return brief(phrase_cause(cause, self.scenario), MOST_SIGNS)

    def city_name(self, city: int) -> str:
        """Return the name of a region."""
        return brief(self.future.plan.labels.city_names[city], MOST_SIGNS)

    def pieces(self, stretches: list[Stretch]) -> tuple[Piece, ...]:
        """Return stretches as pieces of a row."""
        return tuple(
            Piece(self.look_of(one.kind), float(one.first), float(one.last)) for one in stretches
        )


def timeline_makers(told: Told, *, is_whole: bool = True) -> dict[str, Callable[[], Timeline]]:
    """Return what makes the timelines of a future, by their names.

    Parameters
    ----------
    is_whole : with the work of each region.
    """
    makers: dict[str, Callable[[], Timeline]] = {told.name: partial(zones_timeline, told)}
    for city in _regions(told) if is_whole else ():
        key = told.future.plan.labels.cities[city]
        makers[f"{told.name}-{key}"] = partial(region_timeline, told, city)
    return makers


def _regions(told: Told) -> list[int]:
    """Return the regions that work, at most so many: those whose work waits longest."""
    waited = told.future.result.wait_days[0, 1:].sum(axis=1)
    working = [
        city
        for city in range(told.structure.n_cities)
        if any(told.future.works[act] for act in _works_of(told, city))
    ]
    return sorted(sorted(working, key=lambda city: -waited[city])[:MOST_REGIONS])


def zones_timeline(told: Told) -> Timeline:
    """Return a row per zone, by region, with each region's awards; the cash of all below."""
    labels, future = told.future.plan.labels, told.future
    rows: list[Row] = []
    for city in range(len(labels.cities)):
        rows += [_zone_row(told, zone) for zone in future.zones if zone.city == city]
        rows += _award_row(told, city)
    everyone = list(range(1, len(labels.accounts)))
    cash = [_panel(told, "province", _("province"), [0])]
    cash.append(
        _panel(told, labels.cities[0], told.city_name(0), everyone)
        if len(everyone) == 1
        else _panel(told, "cities", _("cities_together", n=number(len(everyone))), everyone)
    )
    return _timeline(told, told.name, _title(told), rows, cash, MOST_ROWS)


def region_timeline(told: Told, city: int) -> Timeline:
    """Return a row per piece of work of a region, by zone; its own cash below."""
    labels, s = told.future.plan.labels, told.structure
    rows = [_work_row(told, act) for act in _works_of(told, city) if told.future.works[act]]
    rows += _award_row(told, city)
    zones = [zone for zone in told.future.zones if zone.city == city and zone.zone >= 0]
    title = _(
        "region_timeline",
        heading=told.heading,
        city=told.city_name(city),
        n=number(sum(zone.launch_day >= 0 for zone in zones)),
        total=number(int((s.zone_city == city).sum())),
    )
    cash = [_panel(told, labels.cities[city], told.city_name(city), [1 + city])]
    key = labels.cities[city]
    found = _timeline(told, f"{told.name}-{key}", title, rows, cash, MOST_WORKS)
    return replace(found, is_fine=True)


def _timeline(
    told: Told, name: str, title: str, rows: list[Row], cash: list[CashPanel], most: int
) -> Timeline:
    s, labels, result = told.structure, told.future.plan.labels, told.future.result
    drawn: Places = tuple(range(most)) if len(rows) > most else None
    footer = told.footer
    if s.n_cities > MOST_REGIONS:
        footer = _("regions_apart", most=number(MOST_REGIONS), footer=footer)
    if drawn is not None:
        footer = _("drawn_first", drawn=number(most), n=number(len(rows)), footer=footer)
    return Timeline(
        name,
        title,
        footer,
        start=labels.start,
        x=calendar(labels.start, s.horizon_day),
        rows=tuple(rows),
        looks=_looks(told, rows),
        signs=_signs(rows),
        lines=day_lines(result.evidence_day[0], result.award_day[0], s.horizon_day),
        line_looks=line_looks("came"),
        cash=tuple(cash),
        cash_labels=(_("cash_released"), _("cash_spent"), _("cash_lapsed")),
        drawn_rows=drawn,
    )


def _looks(told: Told, rows: list[Row]) -> tuple[Look, ...]:
    """Return the looks that rows have; a cause keeps its place in the palette in every future."""
    used = {piece.look for row in rows for piece in row.pieces}
    causes = told.future.plan.labels.causes
    names = {"at_work": _("look_at_work"), "rework": _("look_rework"), "dormant": _("look_dormant")}
    names |= {f"wait:{cause}": _("look_wait", cause=told.cause_name(cause)) for cause in causes}
    return tuple(
        Look(key, label, place) for place, (key, label) in enumerate(names.items()) if key in used
    )


def _signs(rows: list[Row]) -> tuple[Look, ...]:
    used = {sign.look for row in rows for sign in row.signs}
    return tuple(
        Look(key, _(f"sign_{key}"), place) for place, key in enumerate(_SIGNS) if key in used
    )


def _zone_row(told: Told, zone: ZoneCourse) -> Row:
    s = told.structure
    given_up = _given_up_day(told, zone)
    signs = [Sign("launch", float(zone.launch_day))] if zone.launch_day >= 0 else []
    signs += [] if given_up is None else [Sign("given_up", float(given_up))]
    label = (
        _("zone", number=number(int(s.zone_number[zone.zone])))
        if zone.zone >= 0
        else _("existing_zones", n=number(int(s.existing_zones[zone.city])))
    )
    return Row(
        zone.name, label, told.city_name(zone.city), told.pieces(zone.stretches),
        signs=tuple(signs),
    )  # fmt: skip


def _given_up_day(told: Told, zone: ZoneCourse) -> int | None:
    """Return the day on which the first work of a zone was given up after its last attempt."""
    if zone.zone < 0:
        return None
    acts = np.flatnonzero(told.structure.act_zone == zone.zone).tolist()
    works, given_up = told.future.works, told.future.given_up
    ends = [works[act][-1].last for act in acts if given_up[act] and works[act]]
    return min(ends, default=None)


def _award_row(told: Told, city: int) -> list[Row]:
    """Return a row of the categories that a region is awarded; none where there is no award."""
    result, labels = told.future.result, told.future.plan.labels
    signs = tuple(
        Sign("award", float(day), category(CATEGORIES[held]))
        for held, day in zip(
            result.category[0, city].tolist(), result.award_day[0].tolist(), strict=True
        )
        if held >= 0
    )
    if not signs:
        return []
    key = f"{labels.cities[city]}/award"
    return [Row(key, _("award_row"), told.city_name(city), (), signs=signs)]


def _works_of(told: Told, city: int) -> range:
    s = told.structure
    return range(int(s.city_act_first[city]), int(s.city_act_first[city + 1]))


def _work_row(told: Told, act: int) -> Row:
    s, labels = told.structure, told.future.plan.labels
    work = told.scenario.work
    key = labels.activities[act].rpartition("/")[2]
    zone = int(s.act_zone[act])
    kit = work.zone if zone >= 0 else work.city
    stretches = told.future.works[act]
    signs = (Sign("given_up", float(stretches[-1].last)),) if told.future.given_up[act] else ()
    return Row(
        labels.activities[act],
        kit[key].name or key,
        _("zone", number=number(int(s.zone_number[zone]))) if zone >= 0 else _("whole_region"),
        told.pieces(stretches),
        signs=signs,
    )


def _panel(told: Told, key: str, label: str, accounts: list[int]) -> CashPanel:
    found: Balance = balance_of(told.future.cash, accounts, told.structure.horizon_day)
    return CashPanel(
        key,
        label,
        rupiah_axis(float(found.released.max(initial=0))),
        *(column.astype(float) for column in found),
    )


def _title(told: Told) -> str:
    """Return how many zones are launched, and what work waits for most."""
    future, labels = told.future, told.future.plan.labels
    zones = [zone for zone in future.zones if zone.zone >= 0]
    waited = future.result.wait_days[0].sum(axis=0)
    fields = {
        "heading": told.heading,
        "n": number(sum(zone.launch_day >= 0 for zone in zones)),
        "total": number(len(zones)),
    }
    if not waited.any():
        return _("timeline_title_no_wait", **fields)
    cause = int(np.argmax(waited))
    return _(
        "timeline_title",
        **fields,
        cause=told.cause_name(labels.causes[cause]),
        days=number(int(waited[cause])),
    )

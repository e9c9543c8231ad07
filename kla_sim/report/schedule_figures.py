"""What the schedules over many simulations show: of zones, of a region's work, of one kind of work.

Filled from `analysis.milestones`; a bar reaches from the median start to the median end, whiskers
from P10 to P90, and what half of the simulations do not reach is left open. `gantt_drawing` draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from kla_sim.analysis.milestones import Moments, PlanMoments
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.plan import Plan
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import CITY, ZONE
from kla_sim.language import number, text
from kla_sim.language.safe import brief
from kla_sim.report.charts import Places
from kla_sim.report.scales import calendar
from kla_sim.report.schedule_charts import (
    DayBand,
    DayLine,
    Gantt,
    Look,
    Milestone,
    Piece,
    Row,
    Sign,
)
from kla_sim.report.words import phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "schedules")

MOST_ROWS = 80
"""Rows drawn on one sheet; of more whole regions, those whose zones are launched most rarely."""

MOST_REGIONS = 12
"""Regions with a schedule of their own; of more those whose zones are launched most rarely."""

MOST_SIGNS = 60
"""Letters of a name within a title: a longer one would leave no room for the finding."""

_PERIODS = ("building", "joining", "work", "span")
_MOMENTS = ("begun", "open", "launched", "done")


class Shown(NamedTuple):
    """What schedules are filled from, and what stands below them."""

    moments: PlanMoments
    plan: Plan
    scenario: Scenario
    footer: str

    @property
    def structure(self) -> Structure:
        """The structure of the plan."""
        return self.plan.structure

    def kind_name(self, kind: int) -> str:
        """Return the name of a kind of work."""
        work = self.scenario.work
        kits = (work.province, work.city, work.zone)
        names: list[str] = [one.name or key for kit in kits for key, one in kit.items()]
        return brief(names[kind], MOST_SIGNS)

    def kind_key(self, kind: int) -> str:
        """Return the key of a kind of work."""
        work = self.scenario.work
        return [*work.province, *work.city, *work.zone][kind]

    def zone_label(self, zone: int) -> str:
        """Return what a zone is called within its region."""
        return _("zone", number=number(int(self.structure.zone_number[zone])))

    def zone_key(self, zone: int) -> str:
        """Return a zone as documents name it."""
        city = self.plan.labels.cities[self.structure.zone_city[zone]]
        return f"{city}/zone-{self.structure.zone_number[zone]}"

    def zone_group(self, zone: int) -> str:
        """Return the name of a zone's region."""
        return self.city_name(int(self.structure.zone_city[zone]))

    def city_name(self, city: int) -> str:
        """Return the name of a region, or of the province for -1."""
        name = self.plan.labels.city_names[city] if city >= 0 else _("province")
        return brief(name, MOST_SIGNS)


def schedule_makers(shown: Shown, *, is_whole: bool = False) -> dict[str, Callable[[], Gantt]]:
    """Return what makes the schedules of a plan, by their names.

    Parameters
    ----------
    is_whole : with those of each region and of each kind of work in zones.
    """
    s, labels = shown.structure, shown.plan.labels
    makers: dict[str, Callable[[], Gantt]] = {}
    if s.n_activities:
        makers["gantt"] = partial(zones_gantt if s.n_zones else wide_gantt, shown)
    if not is_whole:
        return makers
    for city in _rarest_regions(shown):
        makers[f"gantt-{labels.cities[city]}"] = partial(region_gantt, shown, city)
    if s.n_zones:
        for kind in np.flatnonzero(s.kind_kit == ZONE).tolist():
            name = f"gantt-work-{shown.kind_key(kind)}"
            makers[name] = partial(kind_gantt, shown, kind)
    return makers


def zones_gantt(shown: Shown) -> Gantt:
    """Return a row per zone, by region: start of work, all services open, launch."""
    s, moments = shown.structure, shown.moments
    rows = tuple(_zone_row(shown, zone) for zone in range(s.n_zones))
    drawn = _rarest(moments.zone_launch.share, s.zone_city)
    return Gantt(
        "gantt",
        _zones_title(shown),
        _footer(shown, drawn, s.n_zones),
        start=shown.plan.labels.start,
        x=calendar(shown.plan.labels.start, s.horizon_day),
        rows=rows,
        looks=_looks("building", "joining", "begun", "open", "launched"),
        signs=_signs(rows),
        lines=day_lines(s.cycle_evidence_day, s.cycle_award_day, s.horizon_day),
        line_looks=line_looks("planned"),
        share_title=_("share_launched"),
        drawn_rows=drawn,
    )


def wide_gantt(shown: Shown) -> Gantt:
    """Return the work of the province and the regions, where a plan builds no zones."""
    s, moments = shown.structure, shown.moments
    rows = tuple(
        _work_row(
            shown, act, shown.city_name(int(s.act_city[act])), shown.kind_name(int(s.act_kind[act]))
        )
        for act in range(s.n_activities)
    )
    drawn = _rarest(moments.done.share, s.act_city)
    return Gantt(
        "gantt",
        _("zones_title_none"),
        _footer(shown, drawn, len(rows)),
        start=shown.plan.labels.start,
        x=calendar(shown.plan.labels.start, s.horizon_day),
        rows=rows,
        looks=_looks("work", "begun", "done"),
        signs=_signs(rows),
        lines=day_lines(s.cycle_evidence_day, s.cycle_award_day, s.horizon_day),
        line_looks=line_looks("planned"),
        share_title=_("share_done"),
        drawn_rows=drawn,
    )


def region_gantt(shown: Shown, city: int) -> Gantt:
    """Return a region's work: a group per kind, in it a lane per zone."""
    s, labels = shown.structure, shown.plan.labels
    zones = range(int(s.city_zone_first[city]), int(s.city_zone_first[city + 1]))
    rows: list[Row] = []
    for kind in [*np.flatnonzero(s.kind_kit == CITY), *np.flatnonzero(s.kind_kit == ZONE)]:
        acts = np.flatnonzero((s.act_kind == kind) & (s.act_city == city)).tolist()
        rows += _lanes(shown, int(kind), acts)
    launched = shown.moments.zone_launch.share[zones.start : zones.stop]
    return Gantt(
        f"gantt-{labels.cities[city]}",
        _(
            "region_title" if zones else "region_title_none",
            city=shown.city_name(city),
            n=number(int((launched >= 0.5).sum())),
            total=number(len(zones)),
        ),
        _("lanes", footer=_region_footer(shown)) if zones else _region_footer(shown),
        start=labels.start,
        x=calendar(labels.start, s.horizon_day),
        rows=tuple(rows),
        looks=_looks("work", "span"),
        signs=_signs(tuple(rows)),
        lines=day_lines(s.cycle_evidence_day, s.cycle_award_day, s.horizon_day),
        line_looks=line_looks("planned"),
        share_title=_("share_done"),
        is_in_lanes=True,
    )


def kind_gantt(shown: Shown, kind: int) -> Gantt:
    """Return one kind of work in each zone, by region, with the window in which it may start."""
    s, moments = shown.structure, shown.moments
    acts = np.flatnonzero(s.act_kind == kind).tolist()
    rows = tuple(
        _work_row(shown, act, shown.zone_group(zone), shown.zone_label(zone))
        for act, zone in zip(acts, s.act_zone[acts].tolist(), strict=True)
    )
    shares = moments.done.share[acts]
    drawn = _rarest(shares, s.zone_city[s.act_zone[acts]])
    bands = _windows(s, int(s.kind_window[kind]))
    return Gantt(
        f"gantt-work-{shown.kind_key(kind)}",
        _(
            "kind_title",
            work=shown.kind_name(kind),
            n=number(int((shares >= 0.5).sum())),
            total=number(len(acts)),
        ),
        _footer(shown, drawn, len(acts)),
        start=shown.plan.labels.start,
        x=calendar(shown.plan.labels.start, s.horizon_day),
        rows=rows,
        looks=_looks("work", "begun", "done"),
        signs=_signs(rows),
        lines=day_lines(s.cycle_evidence_day, s.cycle_award_day, s.horizon_day),
        line_looks=line_looks("planned"),
        bands=bands,
        band_label=_("window") if bands else "",
        share_title=_("share_done"),
        drawn_rows=drawn,
    )


def day_lines(
    evidence: IntArray,
    awards: IntArray,
    horizon_day: int,
) -> tuple[DayLine, ...]:
    """Return the days on which evidence closes and awards come, as vertical lines.

    Parameters
    ----------
    evidence, awards : (n_cycles,) days from the start; below 0 = none.
    """
    return tuple(
        DayLine(look, float(day), "")
        for look, days in (("evidence", evidence), ("award", awards))
        for day in days.tolist()
        if 0 <= day <= horizon_day
    )


def line_looks(of: str) -> tuple[Look, ...]:
    """Return what the vertical lines are: days as `planned`, or as they `came`."""
    return (
        Look("evidence", _(f"evidence_{of}"), 0),
        Look("award", _(f"award_{of}"), 1),
    )


def _looks(*keys: str) -> tuple[Look, ...]:
    """Return looks by their keys; the place in the palette is the same in every figure."""
    order = (*_PERIODS, *_MOMENTS, "stage", "beyond")
    return tuple(Look(key, _(f"look_{key}"), order.index(key)) for key in keys)


def _signs(rows: tuple[Row, ...]) -> tuple[Look, ...]:
    """Return the looks of the signs that rows have, and of what goes on past the end."""
    has_stage = any(row.signs for row in rows)
    goes_on = any(piece.is_open for row in rows for piece in row.pieces)
    return (_looks("stage") if has_stage else ()) + (_looks("beyond") if goes_on else ())


def _zone_row(shown: Shown, zone: int) -> Row:
    moments = shown.moments
    begun, opened, launched = (
        _milestone(look, of, zone)
        for look, of in (
            ("begun", moments.zone_start),
            ("open", moments.zone_open),
            ("launched", moments.zone_launch),
        )
    )
    has_services = not math.isnan(opened.share)
    middle = opened.p50 if has_services else launched.p50
    pieces = [_piece("building", begun.p50, middle, shown)]
    if has_services:
        pieces.append(_piece("joining", middle, launched.p50, shown))
    stage = int(shown.structure.zone_stage_day[zone])
    return Row(
        shown.zone_key(zone),
        shown.zone_label(zone),
        shown.zone_group(zone),
        tuple(piece for piece in pieces if piece is not None),
        (begun, opened, launched) if has_services else (begun, launched),
        (Sign("stage", float(stage)),) if 0 < stage <= shown.structure.horizon_day else (),
        share=launched.share,
        share_label=phrase_percent(launched.share, moments.n),
    )


def _work_row(shown: Shown, act: int, group: str, label: str) -> Row:
    moments, s, name = shown.moments, shown.structure, shown.plan.labels.activities[act]
    if s.act_done[act] or s.act_finished[act]:
        return Row(name, label, group, (), share=1.0, share_label=_("done_before"))
    begun, done = _milestone("begun", moments.start, act), _milestone("done", moments.done, act)
    piece = _piece("work", begun.p50, done.p50, shown)
    return Row(
        name,
        label,
        group,
        (piece,) if piece else (),
        (begun, done),
        share=done.share,
        share_label=phrase_percent(done.share, moments.n),
    )


def _lanes(shown: Shown, kind: int, acts: list[int]) -> list[Row]:
    """Return the work of a kind, a lane per zone; the share in their mean stands at the middle."""
    s, rows = shown.structure, []
    share = float(shown.moments.done.share[acts].mean()) if acts else math.nan
    for place, act in enumerate(acts):
        zone = int(s.act_zone[act])
        label = shown.zone_label(zone) if zone >= 0 else ""
        row = _work_row(shown, act, shown.kind_name(kind), label)
        if row.milestones:
            begun, done = row.milestones
            span = _piece("span", begun.p10, done.p90, shown)
            row = row._replace(
                pieces=((span,) if span else ()) + row.pieces,
                share=share,
                share_label=phrase_percent(share, shown.moments.n),
            )
        is_middle = place == len(acts) // 2
        rows.append(row if is_middle else row._replace(share=math.nan, share_label=""))
    return rows


def _milestone(look: str, of: Moments, place: int) -> Milestone:
    p10, p50, p90 = of.days[place].tolist()
    return Milestone(look, p10, p50, p90, float(of.share[place]))


def _piece(look: str, first: float, last: float, shown: Shown) -> Piece | None:
    """Return a stretch between two days; open where the second is not reached, none if neither."""
    if math.isinf(first):
        return None
    is_open = math.isinf(last)
    end = float(max(shown.structure.horizon_day, 1))
    return Piece(look, first, end if is_open else last, is_open)


def _windows(s: Structure, window: int) -> tuple[DayBand, ...]:
    """Return the stretches of days on which a window is open."""
    if window < 0:
        return ()
    edges = np.diff(np.concatenate([[0], s.window_open[window].astype(np.int64), [0]]))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return tuple(
        DayBand(float(first), float(last))
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    )


def _zones_title(shown: Shown) -> str:
    share = shown.moments.zone_launch.share
    if not len(share):
        return _("zones_title_none")
    rarest = int(np.argmin(share))
    return _(
        "zones_title" if len(share) > 1 else "zones_title_one",
        n=number(int((share >= 0.5).sum())),
        total=number(len(share)),
        city=shown.zone_group(rarest),
        zone=shown.zone_label(rarest),
        share=phrase_percent(float(share[rarest]), shown.moments.n),
    )


def _footer(shown: Shown, drawn: Places, n: int) -> str:
    if drawn is None:
        return shown.footer
    return _("drawn_rows", drawn=number(len(drawn)), n=number(n), footer=shown.footer)


def _region_footer(shown: Shown) -> str:
    if shown.structure.n_cities <= MOST_REGIONS:
        return shown.footer
    return _("regions_apart", most=number(MOST_REGIONS), footer=shown.footer)


def _rarest(shares: FloatArray, region: IntArray) -> Places:
    """Return the places of the rows drawn, in their order: whole regions, the rarest done first.

    Parameters
    ----------
    shares : (n_rows,) of simulations in which each is done.
    region : (n_rows,) of each.
    """
    if len(shares) <= MOST_ROWS:
        return None
    means = {one: float(shares[region == one].mean()) for one in dict.fromkeys(region.tolist())}
    chosen: list[int] = []
    for one in sorted(means, key=lambda one: means[one]):
        places = np.flatnonzero(region == one).tolist()
        if chosen and len(chosen) + len(places) > MOST_ROWS:
            break
        chosen += places[:MOST_ROWS]
    return tuple(sorted(chosen))


def _rarest_regions(shown: Shown) -> list[int]:
    """Return the regions that have work, at most so many: those whose zones are rarest launched."""
    s, launched = shown.structure, shown.moments.zone_launch.share
    regions = np.flatnonzero(np.diff(s.city_act_first) > 0).tolist()

    def share(city: int) -> float:
        own = launched[s.zone_city == city]
        return float(own.mean()) if len(own) else 1.0

    return sorted(sorted(regions, key=share)[:MOST_REGIONS])

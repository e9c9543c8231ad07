"""One future told in short: evaluations, scores, zones and money by region and year.

Names stand where the engines have addresses, and what happened alike on one day is told together.
Called by the command `trace`, which shows every event with `--details`, and by the page; the texts
stand in the catalogue `tracing`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from kla_sim import language
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.replications import CANCELLED, HELD
from kla_sim.language import number, rupiah, text
from kla_sim.report.words import phrase_cause, phrase_date

if TYPE_CHECKING:
    from kla_sim.engine.reference.trace import TraceEvent
    from kla_sim.experiment.trace import Future
    from kla_sim.scenario.model import Scenario

_ = partial(text, "tracing")

MOST_REGIONS = 12
"""Regions with a row of their own in the story; those that miss the target come first."""

_SUMMED, _OF_ZONES = ("release", "lapse"), ("stage", "upkeep", "void", "launch")
"""Events told once for a region: money that comes or lapses in one sum, zones that fare alike."""

COUNTED = ("launch", "rework", "given_up", "departure")
"""Events that are counted by year."""


class Names(NamedTuple):
    """What people call the places, the work and the posts that the engines address.

    Attributes
    ----------
    work : by level (province, city, zone) and key.
    """

    places: Mapping[str, str]
    work: Mapping[tuple[str, str], str]
    resources: Mapping[str, str]

    def of(self, address: str) -> str:
        """Return an address such as `city/zone-2/site` in words; what is none stays as it is."""
        head, *rest = address.split("/")
        place = self.places.get(head)
        if place is None:
            return address
        level = "province" if head == "province" else "city"
        return _("inside", place=place, what=self._inside(level, rest)) if rest else place

    def of_all(self, addresses: list[str]) -> str:
        """Return addresses in words; of several, which are zones of one region or the same."""
        if len(set(addresses)) == 1:
            return self.of(addresses[0])
        head, kind = re.split("[/-]", addresses[0])[:2]
        numbers = ", ".join(address.rpartition("-")[2] for address in addresses)
        zones = _("zones" if kind == "zone" else "existing_several", number=numbers)
        return _("inside", place=self.places[head], what=zones)

    def _inside(self, level: str, rest: list[str]) -> str:
        first, *more = rest
        kind, _dash, count = first.partition("-")
        if kind in {"zone", "existing"} and count.isdigit():
            zone = _(kind, number=count)
            work = self.work.get(("zone", more[0]), more[0]) if more else ""
            return _("inside", place=zone, what=work) if work else zone
        pool = self.resources.get(first, first)
        if more:
            return _("post", name=pool, number=more[0].rpartition("-")[2])
        return self.work.get((level, first), pool)


def names_of(future: Future, scenario: Scenario) -> Names:
    """Return the names of everything that the events of a future speak of."""
    labels = future.plan.labels
    cities = dict(zip(labels.cities, labels.city_names, strict=True))
    levels = {level: getattr(scenario.work, level) for level in ("province", "city", "zone")}
    return Names(
        {"province": text("answers", "province"), **cities},
        {
            (level, key): one.name or key
            for level, work in levels.items()
            for key, one in work.items()
        },
        {key: one.name or key for key, one in scenario.resources.items()},
    )


def verdict(future: Future) -> str:
    """Say whether the target is met, and by whom it is missed."""
    labels, target = future.plan.labels, future.plan.structure.target
    missed = [
        _("held", city=name, category=CATEGORIES[category])
        for name, category in zip(labels.city_names, future.result.standing[0], strict=True)
        if category < target
    ]
    fields = {"category": CATEGORIES[target], "n": number(len(labels.cities))}
    return _("missed", names=", ".join(missed), **fields) if missed else _("met", **fields)


def shown_regions(future: Future) -> list[int]:
    """Return the places of the regions that the story tells of, in their order."""
    standing = future.result.standing[0]
    order = sorted(range(len(standing)), key=lambda place: int(standing[place]))
    return sorted(order[:MOST_REGIONS])


def evaluation_rows(future: Future) -> list[tuple[str, ...]]:
    """Return of every evaluation its year, the day its evidence closed, and that of the awards."""
    result, labels = future.result, future.plan.labels
    rows = []
    for cycle, (year, state) in enumerate(zip(labels.cycles, result.cycle_state[0], strict=True)):
        days = (result.evidence_day[0, cycle], result.award_day[0, cycle])
        if state == HELD:
            cells = tuple(phrase_date(labels.start, int(one)) if one >= 0 else "-" for one in days)
        else:
            cells = (_("cancelled" if state == CANCELLED else "merged"), "-")
        rows.append((str(year), *cells))
    return rows


def score_cells(future: Future, city: int) -> list[str]:
    """Return the verified score and the category of a region in each evaluation."""
    result = future.result
    return [
        "-" if category < 0 else _("scored", score=number(verified), category=CATEGORIES[category])
        for verified, category in zip(
            result.verified[0, city], result.category[0, city], strict=True
        )
    ]


def launch_cells(future: Future, city: int, scenario: Scenario) -> list[str]:
    """Return a region's launches by year, the zones that were to come, and its longest wait."""
    labels, result, s = future.plan.labels, future.result, future.plan.structure
    waits = result.wait_days[0, 1 + city]
    longest = int(waits.argmax())
    wait = (
        _(
            "wait",
            cause=phrase_cause(labels.causes[longest], scenario),
            days=number(int(waits[longest])),
        )
        if waits.any()
        else "-"
    )
    launched = [number(int(n)) for n in result.launches[0, city]]
    return [*launched, number(int((s.zone_city == city).sum())), wait]


def year_rows(future: Future) -> list[tuple[str, ...]]:
    """Return of every year its money in millions, and how often work was redone and people left."""
    labels, result = future.plan.labels, future.result
    starts = [(dt.date(year, 1, 1) - labels.start).days for year in labels.years]
    counts: Counter[tuple[int, str]] = Counter()
    for event in future.trace.events:
        if event.what in COUNTED:
            year = sum(start <= event.day for start in starts[1:])
            counts[year, event.what] += 1
    return [
        (
            str(year),
            *(
                number(float(getattr(result, field)[0, :, place].sum()) / 1e6, 1)
                for field in ("appropriated", "spent", "lapsed")
            ),
            *(number(counts[place, what]) for what in COUNTED),
        )
        for place, year in enumerate(labels.years)
    ]


def event_rows(future: Future, names: Names) -> list[tuple[str, ...]]:
    """Return every event in words; those alike on one day are told together, region by region."""
    return [
        (
            str(event.day),
            (future.plan.labels.start + dt.timedelta(days=event.day)).isoformat(),
            phrase_what(event),
            subject,
            detail,
        )
        for event, subject, detail in _told(future.trace.events, names)
    ]


def _told(events: list[TraceEvent], names: Names) -> Iterator[tuple[TraceEvent, str, str]]:
    """Yield the first of the events told together, with their subject and detail in words."""
    for (_day, what), alike in groupby(events, key=lambda event: (event.day, event.what)):
        together: dict[object, list[TraceEvent]] = {}
        for place, event in enumerate(alike):
            together.setdefault(_told_with(what, event, place), []).append(event)
        for some in together.values():
            detail = _sum(some) if what in _SUMMED else phrase_detail(some[0])
            if detail and what in _OF_ZONES and len(some) > 1:
                detail = _("each", detail=detail)
            yield some[0], names.of_all([event.subject for event in some]), detail


def _told_with(what: str, event: TraceEvent, place: int) -> object:
    """Return what events of a day and a kind have in common that are told together."""
    head, _slash, rest = event.subject.partition("/")
    if what in _SUMMED:
        return head
    if what in _OF_ZONES:
        return head, rest.partition("-")[0], str(event.detail)
    return place


def _sum(events: list[TraceEvent]) -> str:
    amount = rupiah(sum(event.detail["amount"] for event in events))
    return _("in_parts", amount=amount, n=number(len(events))) if len(events) > 1 else amount


def phrase_what(event: TraceEvent) -> str:
    """Return what happened."""
    return text("answers", f"what_{event.what}")


def phrase_detail(event: TraceEvent) -> str:
    """Return the numbers of an event."""
    return ", ".join(
        text("answers", f"detail_{key}", value=_shown(key, value))
        for key, value in event.detail.items()
    )


def _shown(key: str, value: Any) -> str:
    """Return a number of an event as people write it: money, points, a category, a count."""
    if key in ("cost", "amount"):
        return rupiah(value)
    if key == "category":
        return language.category(CATEGORIES[value])
    return number(value, 1) if isinstance(value, float) else str(value)

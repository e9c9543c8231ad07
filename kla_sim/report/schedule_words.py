"""What `run --central` says: whether the plan fits if all goes well, and what is late."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kla_sim import language
from kla_sim.language import day, number, text
from kla_sim.report.words import phrase_cause, phrase_date

if TYPE_CHECKING:
    from kla_sim.experiment.schedule import Schedule, Zone
    from kla_sim.scenario.model import Scenario

_ = partial(text, "central")


def headline(schedule: Schedule, scenario: Scenario) -> list[str]:
    """Say how many zones stand in time, and which regions reach the target."""
    labels = schedule.plan.labels
    counts = [schedule.counts(city) for city in labels.cities]
    planned = sum(one["planned"] for one in counts)
    in_time = sum(one["in_time"] for one in counts)
    zones = {
        "in_time": number(in_time),
        "planned": number(planned),
        "last": phrase_date(schedule.plan.labels.start, schedule.last_day),
    }
    standing = schedule.future.result.standing[0]
    missing = [
        _("held", city=name, category=schedule.category_of(city))
        for city, name, category in zip(labels.cities, labels.city_names, standing, strict=True)
        if category < schedule.plan.structure.target
    ]
    target = {
        "category": scenario.target.category,
        "deadline": day(scenario.target.deadline),
        "n": number(len(labels.cities)),
    }
    return [
        _("no_zones") if planned == 0 else _("all_fit" if in_time == planned else "fits", **zones),
        _("met", **target)
        if not missing
        else _(
            "not_met",
            **target,
            reached=number(len(labels.cities) - len(missing)),
            missing=", ".join(missing),
        ),
    ]


def city_cells(schedule: Schedule, city: str, scenario: Scenario) -> tuple[str, ...]:
    """Return a region's zones planned, in time, late and not at all, and its longest wait."""
    counts = schedule.counts(city)
    labels = schedule.plan.labels
    waits = schedule.future.result.wait_days[0, labels.accounts.index(city)]
    longest = int(waits.argmax()) if waits.any() else None
    cause = (
        "-"
        if longest is None
        else _(
            "wait",
            cause=phrase_cause(labels.causes[longest], scenario),
            days=number(int(waits[longest])),
        )
    )
    return (*(number(counts[name]) for name in ("planned", "in_time", "late", "never")), cause)


def score_cells(schedule: Schedule, city: str) -> tuple[str, ...]:
    """Return the verified score and the category of each cycle, and what stands in the end."""
    from kla_sim.domain.categories import CATEGORIES

    result, labels = schedule.future.result, schedule.plan.labels
    place = labels.cities.index(city)
    cells = [
        "-" if category < 0 else _("scored", score=number(verified), category=CATEGORIES[category])
        for verified, category in zip(
            result.verified[0, place], result.category[0, place], strict=True
        )
    ]
    return (*cells, language.category(schedule.category_of(city)))


def late_lines(schedule: Schedule, scenario: Scenario) -> list[str]:
    """Say of each zone that does not stand in time when it does, or what is still to do."""
    names = dict(zip(schedule.plan.labels.cities, schedule.plan.labels.city_names, strict=True))
    return [_late(schedule, zone, names[zone.city], scenario) for zone in schedule.late]


def _late(schedule: Schedule, zone: Zone, city: str, scenario: Scenario) -> str:
    start = schedule.plan.labels.start
    fields = {"city": city, "number": zone.number, "stage": phrase_date(start, zone.stage_day)}
    if zone.launch_day is not None:
        return _("late", **fields, date=phrase_date(start, zone.launch_day))
    if not zone.unfinished:
        return _("never_launches", **fields)
    work = scenario.work.zone[zone.unfinished].name or zone.unfinished
    return _("unfinished", **fields, work=work, horizon=day(scenario.horizon))

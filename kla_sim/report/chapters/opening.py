"""The first page: the answer in words, how sure it is, the weakest region, what would help."""

from __future__ import annotations

from functools import partial

from kla_sim.analysis.summary import Summary
from kla_sim.domain.categories import CATEGORIES
from kla_sim.experiment.material import Material
from kla_sim.language import category, number, percent, text
from kla_sim.language.safe import brief
from kla_sim.report.answer import narrow_lines
from kla_sim.report.blocks import Block, Chapter, Part, Points, Table, Words
from kla_sim.report.first_screen import remedies_line
from kla_sim.report.words import (
    expected_ends,
    phrase_day,
    phrase_interval,
    phrase_odds,
    phrase_percent,
    phrase_share,
    phrase_zones,
)
from kla_sim.scenario.model import Scenario

_ = partial(text, "reporting")

MOST_ON_PAGE = 10
"""Regions of which the first page tells; one more and it would need a second page."""

_LONGEST_NAME = 48


def opening(material: Material, limits_title: str, regions_title: str) -> Chapter:
    """Return the first page.

    Parameters
    ----------
    limits_title, regions_title : titles of the chapters that it refers to.
    """
    summary, scenario = material.run.summary, material.run.scenario
    blocks: list[Block] = [
        Words(_answer(summary), "lead"),
        Words(_beside(summary)),
        _short_table(summary, scenario, regions_title),
        Part(_("uncertain_title"), (Points(_uncertain(summary)),)),
        *_weakest_part(summary),
        Part(_("help_title"), (Words(remedies_line(material.remedies, scenario)),)),
        Words(_caution(scenario, limits_title), "warning"),
    ]
    return Chapter("answer", _("answer_title"), tuple(blocks))


def short_name(name: str) -> str:
    """Return a region's name as it stands on the first page."""
    return brief(name, _LONGEST_NAME)


def category_name(place: int) -> str:
    """Return a category as it is written: berpredikat Utama."""
    return category(CATEGORIES[place])


def regions_table(summary: Summary, scenario: Scenario, places: list[int], caption: str) -> Table:
    """Return the odds of some regions, with a bar behind each."""
    labels = summary.labels
    estimates = [summary.cities[place] for place in places]
    return Table(
        caption,
        (*(_(f"column_{name}") for name in ("region", "odds", "interval", "zones", "award")),),
        [
            (
                short_name(labels.city_names[place]),
                phrase_share(estimate),
                phrase_interval(estimate),
                phrase_zones(float(summary.launches[place].sum()), labels.cities[place], scenario),
                category(scenario.cities[labels.cities[place]].award.category),
            )
            for place, estimate in zip(places, estimates, strict=True)
        ],
        texts=(0, 4),
        bars=tuple(estimate.value for estimate in estimates),
    )


def _answer(summary: Summary) -> str:
    key = "all_six" if len(summary.cities) > 1 else "one_only"
    return _(
        key,
        n=number(len(summary.cities)),
        city=short_name(summary.labels.city_names[0]),
        category=category_name(summary.target),
        deadline=phrase_day(summary, summary.deadline_day),
        odds=phrase_odds(summary.all_cities),
    )


def _beside(summary: Summary) -> str:
    without = phrase_odds(summary.without_kaltara.all_cities)
    if len(summary.cities) == 1:
        return _("without_only", without=without)
    value, low, high = expected_ends(summary.expected_cities, len(summary.cities))
    return _(
        "expected", value=value, low=low, high=high, n=number(len(summary.cities)), without=without
    )


def _short_table(summary: Summary, scenario: Scenario, regions_title: str) -> Table:
    n = len(summary.cities)
    deadline = phrase_day(summary, summary.deadline_day)
    places = list(range(n))
    caption = _("regions_caption", deadline=deadline)
    if n > MOST_ON_PAGE:
        places = sorted(places, key=lambda place: summary.cities[place].value)[:MOST_ON_PAGE]
        fields = {"shown": number(MOST_ON_PAGE), "n": number(n), "chapter": regions_title}
        caption = _("regions_weakest", deadline=deadline, **fields)
    return regions_table(summary, scenario, places, caption)


def _uncertain(summary: Summary) -> tuple[str, ...]:
    return (_by_chance(summary), _by_worlds(summary), *narrow_lines(summary))


def _by_chance(summary: Summary) -> str:
    return _("by_chance", odds=phrase_share(summary.all_cities), n=number(summary.n))


def _by_worlds(summary: Summary) -> str:
    worlds = summary.worlds
    if worlds.n == 1:
        return _("one_world")
    if worlds.p10 is None or worlds.p90 is None or worlds.share_of_variance is None:
        return _("by_worlds_withheld", n=number(worlds.n), futures=number(summary.n))
    return _(
        "by_worlds",
        n=number(worlds.n),
        low=phrase_percent(worlds.p10),
        high=phrase_percent(worlds.p90),
        share=percent(worlds.share_of_variance),
    )


def _weakest_part(summary: Summary) -> list[Block]:
    """Return what is said of the weakest region; nothing where there is one only."""
    if len(summary.cities) == 1:
        return []
    return [Part(_("weakest_title"), (Words(_weakest(summary)),))]


def _weakest(summary: Summary) -> str:
    names = summary.labels.city_names
    place = summary.weakest_city
    weakest = summary.cities[place]
    tied = sum(city.value == weakest.value for city in summary.cities) - 1
    fields = {"city": short_name(names[place]), "odds": phrase_odds(weakest)}
    if tied:
        return _("weakest_tied", n=number(tied), **fields)
    others = [other for other in range(len(names)) if other != place]
    following = min(others, key=lambda other: summary.cities[other].value)
    return _(
        "weakest_next",
        next=short_name(names[following]),
        next_odds=phrase_share(summary.cities[following]),
        **fields,
    )


def _caution(scenario: Scenario, limits_title: str) -> str:
    n = len(scenario.assumptions)
    if any(path.split(".")[0] == "effects" for path in scenario.assumptions):
        return _("caution", n=number(n), chapter=limits_title)
    return _("caution_plain", chapter=limits_title)

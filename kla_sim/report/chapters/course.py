"""How the odds come about over the years, and all regions where the first page has some only."""

from __future__ import annotations

from functools import partial

from kla_sim.experiment.material import Material
from kla_sim.language import day, percent, text
from kla_sim.report.blocks import Block, Chapter, Words
from kla_sim.report.chapters.opening import MOST_ON_PAGE, regions_table
from kla_sim.report.words import phrase_day, phrase_odds

_ = partial(text, "reporting")


def course_chapter(material: Material, pictures: list[Block]) -> Chapter:
    """Return the odds over time."""
    summary, scenario = material.run.summary, material.run.scenario
    blocks: list[Block] = [Words(_reached(material))]
    if summary.all_cities_at_once_ever.value != summary.all_cities.value:
        blocks.append(Words(_("at_once", odds=phrase_odds(summary.all_cities_at_once_ever))))
    blocks += pictures
    n = len(summary.cities)
    if n > MOST_ON_PAGE:
        deadline = phrase_day(summary, summary.deadline_day)
        caption = _("regions_caption", deadline=deadline)
        blocks.append(regions_table(summary, scenario, list(range(n)), caption))
    return Chapter("course", _("course_title"), tuple(blocks))


def _reached(material: Material) -> str:
    summary = material.run.summary
    half, most = (summary.reached(level) for level in (0.5, 0.8))
    horizon = phrase_day(summary, summary.horizon_day)
    half_words, most_words = percent(0.5), percent(0.8)
    if half is None:
        return _("reached_neither", half=half_words, most=most_words, horizon=horizon)
    if most is None:
        fields = {"half": half_words, "most": most_words, "date": day(half)}
        return _("reached_half", horizon=horizon, **fields)
    fields = {"half": half_words, "most": most_words, "half_date": day(half)}
    return _("reached_both", most_date=day(most), **fields)

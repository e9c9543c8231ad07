"""Why futures fail: verdicts, missing points and lost days, and typical failed futures in words."""

from __future__ import annotations

from functools import partial

from kla_sim.analysis.relieved import Remedy
from kla_sim.experiment.explain import Why
from kla_sim.experiment.material import Material
from kla_sim.language import describe, number, rupiah, text
from kla_sim.report.blocks import Block, Chapter, Part, Points, Table, Words, table_of
from kla_sim.report.explain_words import phrase_relief
from kla_sim.report.ledger_words import (
    critical_lines,
    days_sheet,
    points_sheet,
    shortfall_sheet,
    verdicts_sheet,
)
from kla_sim.report.typical_words import tell_future
from kla_sim.report.words import phrase_difference

_ = partial(text, "reporting")
_of_why = partial(text, "explaining")

MOST_DAYS = 60
"""Rows of the ledger of days; with many regions it would fill pages, and the figure shows them."""


def why_chapter(material: Material, pictures: list[Block]) -> Chapter:
    """Return why futures fail.

    Parameters
    ----------
    pictures : places of its figures.
    """
    found = material.why
    if found is None:
        reason = describe(material.missing["why"])
        blocks: list[Block] = [Words(_("part_missing", reason=reason), "warning"), *pictures]
    elif not found.n_failed:
        blocks = [Words(_of_why("no_failures", told=number(found.ledgers.n))), *pictures]
    else:
        blocks = [*_ledgers(material, found, pictures), _typical(material, found)]
    blocks += _relieved(material)
    return Chapter("why", _("why_title"), tuple(blocks))


def _ledgers(material: Material, found: Why, pictures: list[Block]) -> list[Block]:
    ledgers, plan, scenario = found.ledgers, found.plan, material.run.scenario
    told = _("why_told", told=number(ledgers.n), failed=number(found.n_failed))
    sheets = [
        verdicts_sheet(ledgers, plan),
        points_sheet(ledgers, plan),
        shortfall_sheet(ledgers, plan, scenario),
    ]
    days = days_sheet(ledgers, plan, scenario)
    return [
        Words(told),
        *(table_of(sheet) for sheet in sheets if sheet.rows),
        *(Words(line) for line in critical_lines(ledgers, plan, scenario)),
        *pictures,
        *([table_of(days)] if 0 < len(days.rows) <= MOST_DAYS else []),
    ]


def _typical(material: Material, found: Why) -> Part:
    told = tuple(
        " ".join(tell_future(future, found.n_failed, found.plan, material.run.scenario))
        for future in found.typical
    )
    return Part(_("typical_title"), (Words(_("typical_note"), "note"), Points(told)))


def relieved_in(material: Material) -> list[Remedy]:
    """Return what was relieved, one thing each: everything if asked for, else what was tried."""
    return [case.remedy for case in material.cases] or list(material.remedies.every)


def _relieved(material: Material) -> list[Block]:
    """Return what one thing relieved does; a part that could not be had is said."""
    scenario = material.run.scenario
    if "cases" in material.missing:
        reason = describe(material.missing["cases"])
        return [Words(_("part_missing", reason=reason), "warning")]
    found = relieved_in(material)
    if not found:
        return []
    n = number(found[0].n_failed + found[0].n_met)
    columns = ("relieved", "rescued", "harmed", "gain", "price")
    rows = [
        (
            phrase_relief(one, scenario),
            number(one.rescued),
            number(one.harmed),
            phrase_difference(one.difference),
            rupiah(one.price) if one.price else "-",
        )
        for one in found
    ]
    caption = _("relieved_caption", n=n, failed=number(found[0].n_failed))
    table = Table(caption, tuple(_(f"column_{name}") for name in columns), rows)
    return [Part(_("relieved_title"), (table, Words(_("relieved_note"), "note")))]

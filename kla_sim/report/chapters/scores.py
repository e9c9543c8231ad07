"""What is claimed beside what is verified, and the odds with and without Kaltara."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.experiment.material import Material
from kla_sim.language import day, number, text
from kla_sim.report.blocks import Block, Chapter, Points, Table, Words
from kla_sim.report.words import phrase_difference, phrase_odds, phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "reporting")

_MOST_REGIONS = 45


def claims_chapter(material: Material, pictures: list[Block]) -> Chapter:
    """Return what regions claim of themselves beside what field verification finds."""
    summary, scenario = material.run.summary, material.run.scenario
    blocks: list[Block] = [
        Words(_claimed_odds(summary)),
        *_attainment(summary, scenario),
        *([_scores(summary, scenario)] if summary.labels.cycles else []),
        *pictures,
    ]
    return Chapter("claims", _("claims_title"), tuple(blocks))


def without_chapter(material: Material) -> Chapter:
    """Return what the replication adds in the same futures."""
    summary = material.run.summary
    without = summary.without_kaltara
    difference = without.difference
    is_shown = difference.low > 0 or difference.high < 0
    rows = [
        (_("with_kaltara"), phrase_odds(summary.all_cities)),
        (_("without_kaltara"), phrase_odds(without.all_cities)),
        (_("difference"), phrase_difference(difference)),
    ]
    counts = {
        "won": number(without.won),
        "lost": number(without.lost),
        "same": number(without.same),
    }
    said = (
        _("without_shown" if is_shown else "without_not_shown"),
        _("without_counts", **counts),
        _("without_assumed"),
    )
    caption = _("without_caption", n=number(summary.n))
    table = Table(caption, (_("column_plan"), _("column_odds_interval")), rows, texts=(0, 1))
    return Chapter("without", _("without_title"), (table, Points(said)))


def _claimed_odds(summary: Summary) -> str:
    claimed = summary.on_claimed_scores
    key = "claimed_safer" if claimed.low > summary.all_cities.high else "claimed_alike"
    odds = {"claimed": phrase_odds(claimed), "verified": phrase_odds(summary.all_cities)}
    return _(key, category=CATEGORIES[summary.target], **odds)


def _attainment(summary: Summary, scenario: Scenario) -> list[Block]:
    """Say what was stated of the province's attainment, beside the measured one."""
    claim, first = scenario.attainment_claim, summary.attainment[0]
    if claim is None:
        return []
    fields = {"said_by": claim.said_by, "claimed": phrase_percent(claim.value)}
    return [
        Words(
            _(
                "attainment",
                said_on=day(claim.date),
                date=day(first.date),
                verified=phrase_percent(first.mean),
                **fields,
            )
        )
    ]


def _scores(summary: Summary, scenario: Scenario) -> Table:
    """Return the scores of the last evaluation: middle and middle eight of ten, by region."""
    labels, cycle = summary.labels, len(summary.labels.cycles) - 1
    bound = float(getattr(scenario.categories, CATEGORIES[summary.target]))
    rows = [
        (
            name,
            *_spread(summary.claimed[place, cycle]),
            *_spread(summary.verified[place, cycle]),
        )
        for place, name in enumerate(labels.city_names[:_MOST_REGIONS])
    ]
    columns = ("region", "claimed", "claimed_range", "verified", "verified_range")
    caption = _(
        "scores_caption",
        year=str(labels.cycles[cycle]),
        bound=number(bound),
        category=CATEGORIES[summary.target],
    )
    return Table(caption, tuple(_(f"column_{column}") for column in columns), rows)


def _spread(points: FloatArray) -> tuple[str, str]:
    """Return the middle and the range of 10, 50, 90 % points; (3,)."""
    if np.isnan(points).any():
        return "-", "-"
    low, middle, high = (number(float(point)) for point in points)
    return middle, f"{low}-{high}"

"""Money and staff: where the money goes by account and year, and how busy and vacant posts are."""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.summary import Money, Summary
from kla_sim.arrays import FloatArray
from kla_sim.experiment.material import Material
from kla_sim.language import number, percent, rupiah, text
from kla_sim.report.blocks import Block, Chapter, Table, Words
from kla_sim.report.words import phrase_cause
from kla_sim.scenario.model import Scenario

_ = partial(text, "reporting")

_MOST_ACCOUNTS = 45
_NO_SHARE = "-"


def means_chapter(material: Material, pictures: list[Block]) -> Chapter:
    """Return where money and staff go, and what ready work waits for."""
    summary, scenario = material.run.summary, material.run.scenario
    money = summary.money
    blocks: list[Block] = [Words(_("money_note"), "note")]
    if money.appropriated.sum() > 0:
        blocks += [_by_year(summary, money), _by_account(summary, money)]
    else:
        blocks.append(Words(_("no_money")))
    blocks += pictures
    if summary.labels.pools:
        blocks.append(_staff(summary, scenario))
    waiting = _waiting(summary, scenario)
    blocks += [waiting] if waiting.rows else [Words(_("no_waiting"))]
    return Chapter("means", _("means_title"), tuple(blocks))


def _by_year(summary: Summary, money: Money) -> Table:
    rows = [
        (str(year), *_amounts(*(part[:, place].sum() for part in _parts(money))))
        for place, year in enumerate(summary.labels.years)
    ]
    total = (_("total"), *_amounts(*(part.sum() for part in _parts(money))))
    return Table(_("money_by_year"), (_("column_year"), *_money_columns()), [*rows, total])


def _by_account(summary: Summary, money: Money) -> Table:
    labels = summary.labels
    names = [_("province"), *labels.city_names]
    order = np.argsort(-money.appropriated.sum(axis=1), kind="stable")[:_MOST_ACCOUNTS]
    shown = sorted(order.tolist())
    rows = [
        (names[place], *_amounts(*(part[place].sum() for part in _parts(money)))) for place in shown
    ]
    return Table(_("money_by_account"), (_("column_account"), *_money_columns()), rows)


def _parts(money: Money) -> tuple[FloatArray, FloatArray, FloatArray]:
    return money.appropriated, money.spent, money.lapsed


def _money_columns() -> tuple[str, ...]:
    return tuple(_(f"column_{name}") for name in ("appropriated", "spent", "absorbed", "lapsed"))


def _amounts(appropriated: float, spent: float, lapsed: float) -> tuple[str, ...]:
    share = percent(spent / appropriated) if appropriated > 0 else _NO_SHARE
    return rupiah(appropriated), rupiah(spent), share, rupiah(lapsed)


def _staff(summary: Summary, scenario: Scenario) -> Table:
    """Return the posts of each kind, all regions together: at work and vacant, as shares."""
    kinds = [pool.rpartition("/")[2] for pool in summary.labels.pools]
    rows = []
    for kind in dict.fromkeys(kinds):
        is_of = np.array([one == kind for one in kinds])
        busy, filled, vacant = (
            float(summary.means[name][is_of].sum())
            for name in ("busy_days", "filled_days", "vacant_days")
        )
        posts = (filled + vacant) / max(summary.horizon_day, 1)
        rows.append(
            (
                phrase_cause(kind, scenario),
                number(posts, 1),
                percent(busy / filled) if filled > 0 else _NO_SHARE,
                percent(vacant / (filled + vacant)) if filled + vacant > 0 else _NO_SHARE,
            )
        )
    columns = tuple(_(f"column_{name}") for name in ("staff", "posts", "busy", "vacant"))
    return Table(_("staff_caption"), columns, rows)


def _waiting(summary: Summary, scenario: Scenario) -> Table:
    """Return what ready work waits for, the longest first."""
    by_cause = summary.wait_days.sum(axis=0)
    total = float(by_cause.sum())
    rows = [
        (
            phrase_cause(summary.labels.causes[place], scenario),
            number(float(by_cause[place])),
            percent(float(by_cause[place]) / total),
        )
        for place in np.argsort(-by_cause, kind="stable").tolist()
        if by_cause[place] >= 0.5
    ]
    columns = tuple(_(f"column_{name}") for name in ("cause", "days", "share"))
    return Table(_("waiting_caption"), columns, rows)

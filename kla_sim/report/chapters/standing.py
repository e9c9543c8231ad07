"""How far the model can be believed: what is known to be wrong first, then how it was tested.

The figures are those of `kla_sim/data/backtest.json`, written by `backtest --standing`; the page
docs/calibration.md is held to the same file by a test.
"""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import kla_sim
from kla_sim.language import number, percent, text
from kla_sim.report.blocks import Block, Chapter, Part, Points, Table, Words
from kla_sim.scenario.model import Scenario

_ = partial(text, "standing")

FIGURES = Path(kla_sim.__file__).parent / "data" / "backtest.json"

_FORECASTERS = ("model", "pooled", "logit", "table_of_moves", "no_change")
_JOINT = ("model", "independent_places", "table_of_moves")
_SHOWN_BAND = 1
"""The band of chances, 20 to 40 %, that comes true too rarely."""

_FALLEN = ("Kepulauan Seribu", 2025)
"""The fall that the law thought next to impossible."""


def standing_title() -> str:
    """Return the title of the chapter, to which the first page refers."""
    return _("title")


def standing_chapter(scenario: Scenario) -> Chapter:
    """Return what is wrong with the model, and how its forecasts did."""
    figures = read_figures()
    is_fitted = scenario.background.posterior is not None
    blocks: list[Block] = [
        Words(_("fitted" if is_fitted else "not_fitted"), "warning"),
        Part(_("wrong_title"), (Points(_wrong(figures)),)),
        Part(
            _("tested_title"), (_single(figures), _joint(figures), Words(_("scores_note"), "note"))
        ),
        Part(_("verified_title"), (Points(tuple(_(f"verified_{k}") for k in range(1, 6))),)),
    ]
    return Chapter("standing", _("title"), tuple(blocks))


@cache
def read_figures() -> dict[str, Any]:
    """Return the figures of the back tests that ship with the program."""
    figures: dict[str, Any] = json.loads(FIGURES.read_text("utf-8"))
    return figures


def _wrong(figures: dict[str, Any]) -> tuple[str, ...]:
    """Return what is known to be wrong, in the order of weight."""
    single, joint, dki = figures["single"], figures["joint"], figures["dki"]
    left_out, rolling = single["left_out"], single["rolling"]
    band = left_out["calibration"][_SHOWN_BAND]
    region, year = _FALLEN
    fall = next(one for one in dki["forecasts"] if region in one["region"] and one["year"] == year)
    return (
        _("wrong_effects"),
        _("wrong_sharing"),
        _(
            "wrong_table",
            model=number(left_out["log_score"]["model"], 3),
            table=number(left_out["log_score"]["table_of_moves"], 3),
            difference=_difference(left_out["log_score_difference"]["table_of_moves"]),
            rolling=number(rolling["log_score"]["model"], 3),
            rolling_table=number(rolling["log_score"]["table_of_moves"], 3),
        ),
        _(
            "wrong_joint",
            cases=number(joint["left_out"]["cases"]),
            difference=_difference(
                joint["left_out"]["differences"]["log_score"]["independent_places"]
            ),
        ),
        _(
            "wrong_ahead",
            share=percent(joint["rolling"]["pit"]["model"][0]),
            high=percent(joint["rolling"]["pit_band"][1]),
        ),
        _(
            "wrong_band",
            low=percent(band["low"]),
            high=percent(band["high"]),
            observed=percent(band["observed"]),
            n=number(band["n"]),
            forecast=percent(band["forecast"]),
        ),
        _(
            "wrong_fall",
            region=region,
            year=str(year),
            chance=percent(fall["chances"]["model"][fall["outcome"]], 1),
        ),
        _("wrong_kla"),
    )


def _single(figures: dict[str, Any]) -> Table:
    """Return the scores of single places, left out and ahead in time."""
    return _scores(figures["single"], "single_caption", "forecasts", _FORECASTERS)


def _joint(figures: dict[str, Any]) -> Table:
    """Return the scores of whole provinces."""
    return _scores(figures["joint"], "joint_caption", "cases", _JOINT)


def _scores(
    figures: dict[str, Any], caption: str, counted: str, forecasters: tuple[str, ...]
) -> Table:
    """Return the scores of forecasters, places left out and ahead in time.

    Parameters
    ----------
    counted : under what the figures say how many forecasts were scored.
    """
    ways = [figures[way] for way in ("left_out", "rolling")]
    rows = [
        (
            _(f"forecast_{name}"),
            *(number(way["log_score"][name], 3) for way in ways),
            *(number(way["rps"][name], 4) for way in ways),
        )
        for name in forecasters
    ]
    left_out, rolling = (number(way[counted]) for way in ways)
    said = _(caption, left_out=left_out, rolling=rolling)
    return Table(said, (_("column_forecast"), *_score_columns()), rows)


def _score_columns() -> tuple[str, ...]:
    return tuple(
        _(f"column_{score}_{way}") for score in ("log", "rps") for way in ("left_out", "rolling")
    )


def _difference(found: dict[str, float]) -> str:
    value, low, high = (number(found[name], 3) for name in ("value", "low", "high"))
    return _("difference", value=value, low=low, high=high)

"""What the plots of a back test show: calibration, and the score by evaluation.

Called by the command `backtest`. Nothing here knows how it is drawn; forecasts of whole provinces
are in `joint_figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kla_sim.analysis.forecast_scores import CalibrationBand, log_scores, mean_difference
from kla_sim.arrays import FloatArray
from kla_sim.language import number, text
from kla_sim.report.drawable import Drawable
from kla_sim.report.range_charts import Dots
from kla_sim.report.scales import axis_around_zero, percent_axis
from kla_sim.report.score_charts import Reliability

if TYPE_CHECKING:
    from kla_sim.experiment.backtest import BackTest, Forecasts, Scores

_ = partial(text, "calibration")

_NOT_KNOWN = (np.nan,) * 4


def backtest_makers(tested: BackTest) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures of a back test, by their names."""
    scores, forecasts = {"left_out": tested.left_out}, {"left_out": tested.forecasts}
    if tested.rolling and tested.rolling_forecasts:
        scores["rolling"], forecasts["rolling"] = tested.rolling, tested.rolling_forecasts
    footer = "; ".join(
        _(
            "scored_footer",
            way=_(f"legend_{way}"),
            n=number(found.n_forecasts),
            places=number(found.n_places),
        )
        for way, found in scores.items()
    )
    return {
        "calibration": partial(_calibration, scores, footer),
        "score_by_evaluation": partial(_score_by_evaluation, forecasts, footer),
    }


def _calibration(scores: dict[str, Scores], footer: str) -> Reliability:
    return reliability(
        "calibration",
        _("figure_calibration", **held(*(found.calibration for found in scores.values()))),
        footer,
        panels={(way,): (_(f"legend_{way}"), found.calibration) for way, found in scores.items()},
        n_columns=len(scores),
        table_names=("way",),
    )


def held(*ways: Sequence[CalibrationBand]) -> dict[str, str]:
    """Return of how many bands of chances, over all ways, what came lies where it should."""
    bands = [one for bands in ways for one in bands]
    n_held = sum(one.band_low <= one.observed <= one.band_high for one in bands)
    return {"held": number(n_held), "n": number(len(bands))}


def reliability(
    name: str,
    title: str,
    footer: str,
    panels: dict[tuple[str, ...], tuple[str, Sequence[CalibrationBand]]],
    n_columns: int,
    table_names: tuple[str, ...],
) -> Reliability:
    """Return chances given beside what came.

    Parameters
    ----------
    panels : the label and the bands of each panel, by its key.
    table_names : what the parts of a key are.
    """
    bands = [bands for _label, bands in panels.values()]
    axis = percent_axis("", (0, 50, 100))
    return Reliability(
        name,
        title,
        footer,
        x=axis._replace(label=_("axis_given")),
        y=axis._replace(label=_("axis_came")),
        panel_keys=tuple(panels),
        panel_labels=tuple(label for label, _bands in panels.values()),
        n_columns=n_columns,
        points=tuple(
            np.array([(one.forecast, one.observed, one.band_low, one.band_high) for one in some])
            for some in bands
        ),
        counts=tuple(tuple(one.n for one in some) for some in bands),
        count_labels=tuple(tuple(number(one.n) for one in some) for some in bands),
        point_label=_("legend_came"),
        right_label=_("legend_right"),
        band_label=_("legend_band"),
        table_names=table_names,
    )


def _score_by_evaluation(forecasts: dict[str, Forecasts], footer: str) -> Dots:
    """Return the model's log score less that of the table of moves, evaluation by evaluation."""
    years = sorted({year for one in forecasts.values() for year in one.year.tolist()})
    found = np.array([[_difference(one, year) for year in years] for one in forecasts.values()])
    points = found[..., :3]
    return Dots(
        "score_by_evaluation",
        _score_title(points),
        footer,
        x=axis_around_zero(_("axis_difference"), points),
        row_keys=tuple(map(str, years)),
        row_labels=tuple(map(str, years)),
        series_keys=tuple(forecasts),
        series_labels=tuple(_(f"legend_{way}") for way in forecasts),
        points=points,
        table_names=("way", "year", "low", "difference", "high", "n"),
        beside=found[..., 3:],
        level=0.0,
    )


def _score_title(points: FloatArray) -> str:
    """Say how often the model is shown to forecast better or worse; (n_ways, n_years, 3) points."""
    low, middle, high = np.moveaxis(points, -1, 0)
    return _(
        "figure_score",
        better=number(int(np.sum(high < 0))),
        worse=number(int(np.sum(low > 0))),
        n=number(int(np.isfinite(middle).sum())),
    )


def _difference(forecasts: Forecasts, year: int) -> tuple[float, ...]:
    """Return low end, mean and high end of a difference, and of how many forecasts it is."""
    chosen = forecasts.year == year
    if not chosen.any():
        return _NOT_KNOWN
    model, table = (
        log_scores(forecasts.chances[name][chosen], forecasts.outcome[chosen])
        for name in ("model", "table_of_moves")
    )
    found = mean_difference(model, table, forecasts.place[chosen])
    low, high = (end if np.isfinite(end) else np.nan for end in (found.low, found.high))
    return low, found.value, high, float(chosen.sum())

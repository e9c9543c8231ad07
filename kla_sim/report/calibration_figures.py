"""What the plots of a fit show: its numbers before and after, and two checks against the record.

Called by the command `calibrate`. Nothing here knows how it is drawn; the back tests are in
`backtest_figures`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from kla_sim.analysis.calibration import PRIORS
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import number, text
from kla_sim.report.calibration_words import check_label, parameter_label
from kla_sim.report.charts import Axis
from kla_sim.report.drawable import Drawable
from kla_sim.report.range_charts import Dots, Ranges
from kla_sim.report.scales import axis_around_zero, count_axis, percent_axis

if TYPE_CHECKING:
    from kla_sim.experiment.calibrate import Calibration, PredictiveCheck

_ = partial(text, "calibration")

_MOVES = ("fall", "stay", "rise")

_OUTER = 0.95
"""The chance below the upper end of the ranges that a fit gives."""


def calibration_makers(fitted: Calibration) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures of a fit, by their names."""
    meta = fitted.meta
    footer = _(
        "fit_until",
        year=str(meta["fitted_until"]),
        left_out=", ".join(meta["left_out"]) or _("nothing"),
        seed=str(meta["seed"]),
    )
    totals, moves = (
        [check for check in fitted.checks if check.what == what] for what in ("total", "move")
    )
    return {
        "parameters": partial(_parameters, fitted, footer),
        "totals": partial(_totals, totals, footer),
        "moves": partial(_moves, moves, footer),
    }


def _parameters(fitted: Calibration, footer: str) -> Dots:
    """Return each number before and after the fit, as far from the prior's middle as it is."""
    names = tuple(fitted.parameters)
    own_units = np.array(
        [[points[name] for name in names] for points in (fitted.prior, fitted.parameters)]
    )
    points = np.stack(
        [_in_deviations(name, own_units[:, place]) for place, name in enumerate(names)], axis=1
    )
    far = np.abs(points[1, :, 1]) > 1.0
    return Dots(
        "parameters",
        _("figure_parameters", moved=number(int(np.sum(far))), n=number(len(names))),
        footer,
        x=axis_around_zero(_("axis_sd"), points),
        row_keys=names,
        row_labels=tuple(map(parameter_label, names)),
        series_keys=("prior", "posterior"),
        series_labels=(_("legend_prior"), _("legend_posterior")),
        points=points,
        table_names=("range", "parameter", "sd_p5", "sd_p50", "sd_p95", "p5", "p50", "p95"),
        beside=own_units,
        level=0.0,
    )


def _in_deviations(name: str, own_units: FloatArray) -> FloatArray:
    """Return (2, 3) points of prior and posterior in standard deviations of the prior.

    On the scale on which the prior is normal.
    """
    scale = next((prior.scale for prior in PRIORS if prior.name == name), "plain")
    values = own_units
    if scale == "log":
        values = np.log(own_units)
    elif scale == "logit":
        values = np.log(own_units / (1 - own_units))
    low, middle, high = values[0]
    return np.asarray((values - middle) * 2 * NormalDist().inv_cdf(_OUTER) / (high - low))


def _totals(checks: list[PredictiveCheck], footer: str) -> Ranges:
    """Return places by category, each category on an axis of its own."""
    axes = tuple(
        count_axis(
            _("axis_places"),
            max(max(check.high, check.observed) for check in checks if check.label == label),
        )
        for label in _labels(checks)
    )
    return _checked("totals", checks, footer, axes)


def _moves(checks: list[PredictiveCheck], footer: str) -> Ranges:
    """Return the shares of falls, stays and rises."""
    axis = percent_axis(_("axis_share"), (0, 50, 100))
    return _checked("moves", checks, footer, (axis,) * len(_labels(checks)))


def _labels(checks: list[PredictiveCheck]) -> tuple[str, ...]:
    """Return what the checks speak of: categories from the lowest, or fall, stay and rise."""
    found = {check.label for check in checks}
    return tuple(label for label in (*CATEGORIES, *_MOVES) if label in found)


def _checked(
    name: str, checks: list[PredictiveCheck], footer: str, axes: tuple[Axis, ...]
) -> Ranges:
    """Return what was simulated beside the record, by evaluation, a panel per label."""
    labels = _labels(checks)
    years = sorted({check.year for check in checks})
    points = np.full((2, len(labels), len(years), 3), np.nan)
    for check in checks:
        place = labels.index(check.label), years.index(check.year)
        points[0, *place] = check.low, check.middle, check.high
        points[1, *place] = check.observed
    n_outside = sum(not check.low <= check.observed <= check.high for check in checks)
    return Ranges(
        name,
        _(f"figure_{name}", outside=number(n_outside), n=number(len(checks))),
        footer,
        panel_axes=axes,
        bands=(),
        panel_keys=labels,
        panel_labels=tuple(map(check_label, labels)),
        cycle_labels=tuple(map(str, years)),
        kind_keys=("simulated", "record"),
        kind_labels=(_("legend_simulated"), _("legend_record")),
        points=points,
        table_names=("kind", "label", "year", "p5", "p50", "p95"),
    )

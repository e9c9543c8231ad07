"""Figures of the joint back test: where counts fell in their forecast, and chances of all places.

Each is a table of numbers (written beside it as CSV) and a drawing of that table, in the drawing of
`calibration_figures`. Called by `backtest --joint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kla_sim.analysis.joint_forecasts import JOINT_FORECASTERS
from kla_sim.language import number, percent, text
from kla_sim.report.calibration_figures import BLUE, GREY, ORANGE, PALE, CalibrationFigure

if TYPE_CHECKING:
    from kla_sim.experiment.joint import JointBackTest, JointTest
    from kla_sim.report.agg import Axes

_ = partial(text, "calibration")

_PANEL_HEIGHT = 2.35
_COLORS = dict(zip(JOINT_FORECASTERS, (BLUE, ORANGE, GREY), strict=True))


def joint_figures(tested: JointBackTest) -> list[CalibrationFigure]:
    """Return the figures of a joint back test: PIT histograms, and the calibration of "all"."""
    from kla_sim.experiment.joint import MINIMUM_PLACES, n_provinces

    ways = [("joint_left_out", tested.left_out)]
    if tested.rolling:
        ways.append(("joint_rolling", tested.rolling))
    footer = _(
        "joint_footer",
        cases=number(len(tested.left_out.cases)),
        provinces=number(n_provinces(tested.left_out)),
        least=number(MINIMUM_PLACES),
    )
    panels = (len(ways), len(JOINT_FORECASTERS), _PANEL_HEIGHT * len(ways))
    return [
        CalibrationFigure(
            "joint_pit",
            f"{_('figure_joint_pit')}\n{_('figure_joint_pit_note')}",
            footer,
            ("way", "forecast", "low", "high", "share", "band_low", "band_high"),
            tuple(row for way, test in ways for row in _pit_rows(way, test)),
            _draw_pit,
            panels,
        ),
        CalibrationFigure(
            "joint_calibration",
            f"{_('figure_joint_all')}\n{_('figure_joint_all_note')}",
            footer,
            ("way", "forecast", "chance", "observed", "n", "band_low", "band_high"),
            tuple(
                (way, name, band.forecast, band.observed, band.n, band.band_low, band.band_high)
                for way, test in ways
                for name in JOINT_FORECASTERS
                for band in test.all_bands[name]
            ),
            _draw_all,
            panels,
        ),
    ]


def _pit_rows(way: str, test: JointTest) -> list[tuple[Any, ...]]:
    rows = []
    for name in JOINT_FORECASTERS:
        shares = test.pit[name]
        for place, share in enumerate(shares):
            ends = place / len(shares), (place + 1) / len(shares)
            rows.append((way, name, *ends, share, *test.pit_band))
    return rows


_Panels = list[tuple["Axes", str, str, list[tuple[Any, ...]]]]


def _by_panel(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]]) -> _Panels:
    """Return axes, way, forecaster and rows of every panel: a row a way, a column a forecaster."""
    ways = list(dict.fromkeys(row[0] for row in rows))
    pairs = [(way, name) for way in ways for name in JOINT_FORECASTERS]
    return [
        (axis, way, name, [row[2:] for row in rows if row[:2] == (way, name)])
        for axis, (way, name) in zip(axes, pairs, strict=True)
    ]


def _title(axis: Axes, way: str, name: str) -> None:
    heading = f"{_(f'legend_{way}')}\n{_(f'forecast_{name}')}"
    axis.set_title(heading, fontsize=8.5, loc="left")


def _draw_pit(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]]) -> None:
    highest = max(max(row[4], row[6]) for row in rows)
    for place, (axis, way, name, bins) in enumerate(_by_panel(axes, rows)):
        low, high = bins[0][3:]
        axis.axhspan(low, high, color=PALE, alpha=0.6, linewidth=0)
        lefts, widths = [one[0] for one in bins], [one[1] - one[0] for one in bins]
        shares = [one[2] for one in bins]
        axis.bar(lefts, shares, widths, align="edge", color=_COLORS[name], edgecolor="white")
        for line in (low, high):
            axis.axhline(line, color=GREY, linewidth=0.8, linestyle=":")
        axis.axhline(1 / len(bins), color="black", linewidth=0.8)
        axis.set(xlim=(0, 1), ylim=(0, 1.05 * highest))
        ends = [*lefts, 1.0]
        axis.set_xticks(ends, [number(end, 1) for end in ends])
        _title(axis, way, name)
        if place % len(JOINT_FORECASTERS) == 0:
            axis.set_ylabel(_("axis_pit_share"))
        if place >= len(axes) - len(JOINT_FORECASTERS):
            axis.set_xlabel(_("axis_pit"))
        axis.yaxis.set_major_formatter(lambda share, _place: percent(share))


def _draw_all(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]]) -> None:
    for place, (axis, way, name, bands) in enumerate(_by_panel(axes, rows)):
        axis.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
        for forecast, observed, n, low, high in bands:
            axis.plot([forecast] * 2, [low, high], color=PALE, linewidth=7, solid_capstyle="butt")
            axis.plot(forecast, observed, "o", color=_COLORS[name], markersize=5)
            axis.annotate(
                number(n),
                (forecast, observed),
                xytext=(6, -3),
                textcoords="offset points",
                fontsize=7.5,
            )
        axis.set(xlim=(0, 1), ylim=(-0.03, 1.03), aspect="equal")
        ticks = [0.0, 0.5, 1.0]
        labels = [percent(tick) for tick in ticks]
        axis.set_xticks(ticks, labels)
        axis.set_yticks(ticks, labels)
        _title(axis, way, name)
        if place % len(JOINT_FORECASTERS) == 0:
            axis.set_ylabel(_("axis_came"))
        if place >= len(axes) - len(JOINT_FORECASTERS):
            axis.set_xlabel(_("axis_given"))

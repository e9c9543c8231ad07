"""Figures of the fit and of the back test: what is drawn, apart from the drawing, and the drawing.

Each figure is a table of numbers (written beside it as CSV) and a drawing of that table.
Called by the commands `calibrate` and `backtest`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kla_sim.analysis.calibration import PRIORS
from kla_sim.analysis.forecast_scores import log_scores
from kla_sim.language import number, text
from kla_sim.language.safe import for_csv, shown
from kla_sim.report.files import Drawn, Files, write_each

if TYPE_CHECKING:
    from kla_sim.experiment.backtest import BackTest, Forecasts, Scores
    from kla_sim.experiment.calibrate import Calibration, PredictiveCheck
    from kla_sim.report.agg import Axes, Canvas

_ = partial(text, "calibration")

BLUE, ORANGE, GREY, PALE = "#0072b2", "#d55e00", "#5f5f5f", "#c9c9c9"
_WIDTH = 8.0
_DOTS_PER_INCH = 130
_STYLE: dict[str, Any] = {
    "svg.hashsalt": "kla_sim",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,
}


@dataclass(frozen=True)
class CalibrationFigure:
    """A table to draw.

    Attributes
    ----------
    columns, rows : the drawn numbers with their names, as the CSV shows them.
    draw : draws the rows into the axes of the sheet.
    panels : rows and columns of axes on the sheet, and its height in inches.
    """

    name: str
    title: str
    footer: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    draw: Callable[[Sequence[Axes], Sequence[tuple[Any, ...]]], None]
    panels: tuple[int, int, float]


def calibration_figures(fitted: Calibration) -> list[CalibrationFigure]:
    """Return the figures of a fit: its parameters, and two checks against the record."""
    meta = fitted.meta
    footer = _(
        "fit_until",
        year=str(meta["fitted_until"]),
        left_out=", ".join(meta["left_out"]) or _("nothing"),
        seed=str(meta["seed"]),
    )
    check_columns = ("year", "label", "observed", "p5", "p50", "p95")
    figures = [
        CalibrationFigure(
            "parameters",
            f"{_('figure_parameters')}\n{_('figure_parameters_note')}",
            footer,
            ("parameter", "prior_p5", "prior_p50", "prior_p95", "p5", "p50", "p95"),
            tuple(
                (name, *fitted.prior[name], *points) for name, points in fitted.parameters.items()
            ),
            _draw_parameters,
            (1, 1, 5.6),
        )
    ]
    n_years = len({check.year for check in fitted.checks if check.what == "total"})
    for what, name in (("total", "totals"), ("move", "moves")):
        rows = tuple(_check_row(check) for check in fitted.checks if check.what == what)
        n_rows = -(-n_years // 4)
        draw = partial(_draw_checks, unit=_("axis_places" if what == "total" else "axis_share"))
        figures.append(
            CalibrationFigure(
                name,
                _(f"figure_{name}"),
                footer,
                check_columns,
                rows,
                draw,
                (n_rows, 4, 2.5 * n_rows),
            )
        )
    return figures


def _check_row(check: PredictiveCheck) -> tuple[Any, ...]:
    return (check.year, check.label, check.observed, check.low, check.middle, check.high)


def backtest_figures(tested: BackTest) -> list[CalibrationFigure]:
    """Return the figures of a back test: calibration, and the score by evaluation."""
    ways: list[tuple[str, Scores, Forecasts]] = [("left_out", tested.left_out, tested.forecasts)]
    if tested.rolling and tested.rolling_forecasts:
        ways.append(("rolling", tested.rolling, tested.rolling_forecasts))
    footer = _(
        "scored",
        n=number(tested.left_out.n_forecasts),
        places=number(tested.left_out.n_places),
    )
    bands = tuple(
        (way, band.forecast, band.observed, band.n, band.band_low, band.band_high)
        for way, scores, _forecasts in ways
        for band in scores.calibration
    )
    by_year = tuple(
        row for way, _scores, forecasts in ways for row in _score_by_year(way, forecasts)
    )
    return [
        CalibrationFigure(
            "calibration",
            _("figure_calibration"),
            footer,
            ("way", "forecast", "observed", "n", "band_low", "band_high"),
            bands,
            _draw_calibration,
            (1, len(ways), 3.3),
        ),
        CalibrationFigure(
            "score_by_evaluation",
            f"{_('figure_score')}\n{_('better_below')}",
            footer,
            ("way", "year", "difference", "low", "high", "n"),
            by_year,
            _draw_score_by_year,
            (1, 1, 3.2),
        ),
    ]


def _score_by_year(way: str, forecasts: Forecasts) -> list[tuple[Any, ...]]:
    difference = log_scores(forecasts.chances["model"], forecasts.outcome) - log_scores(
        forecasts.chances["table_of_moves"], forecasts.outcome
    )
    rows = []
    for year in np.unique(forecasts.year):
        chosen = difference[forecasts.year == year]
        mean = float(chosen.mean())
        # each place has one move a year, so the moves of a year are separate places
        half = 1.96 * float(chosen.std(ddof=1)) / np.sqrt(len(chosen)) if len(chosen) > 1 else 0.0
        rows.append((way, int(year), mean, mean - half, mean + half, len(chosen)))
    return rows


def write_calibration_plots(figures: Sequence[CalibrationFigure], folder: Path) -> Drawn:
    """Write each figure as CSV, PNG and SVG; one that fails does not stop the others."""
    return write_each({figure.name: partial(_files, figure) for figure in figures}, folder)


def _files(figure: CalibrationFigure) -> Files:
    from kla_sim.report.agg import mpl

    yield "csv", _table(figure).encode()
    style: Any = _STYLE
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        drawing = _draw(figure)
        files = {suffix: _saved(drawing, suffix) for suffix in ("png", "svg")}
    yield from files.items()


def _saved(drawing: Canvas, suffix: str) -> bytes:
    buffer = io.BytesIO()
    metadata = {"Date": None} if suffix == "svg" else {}
    drawing.savefig(buffer, format=suffix, dpi=_DOTS_PER_INCH, metadata=metadata)
    return buffer.getvalue()


def _table(figure: CalibrationFigure) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(figure.columns)
    writer.writerows([map(for_csv, row) for row in figure.rows])
    return out.getvalue()


def _draw(figure: CalibrationFigure) -> Canvas:
    from kla_sim.report.agg import Canvas, FigureCanvasAgg

    n_rows, n_columns, height = figure.panels
    sheet = Canvas(figsize=(_WIDTH, height + 1.1), layout="constrained")
    FigureCanvasAgg(sheet)
    axes = sheet.subplots(n_rows, n_columns, squeeze=False).ravel().tolist()
    title, footer = _wrapped(figure.title, 10.5, "bold"), _wrapped(figure.footer, 7.5)
    sheet.suptitle(title, x=0.01, ha="left", fontsize=10.5, fontweight="bold")
    sheet.supxlabel(footer, x=0.01, ha="left", fontsize=7.5, color=GREY)
    figure.draw(axes, figure.rows)
    return sheet


def _wrapped(words: str, size: float, weight: str = "normal") -> str:
    """Return words broken where the sheet ends, and where they are broken already."""
    from kla_sim.report.sheet import wrap

    lines = [wrap(shown(line), size, _WIDTH - 0.3, weight) for line in words.split("\n")]
    return "\n".join(part for parts in lines for part in parts)


def _draw_parameters(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]]) -> None:
    axis = axes[0]
    scales = {prior.name: prior.scale for prior in PRIORS}
    for place, (name, *points) in enumerate(rows):
        prior, posterior = (
            _on_scale(scales.get(name, "plain"), part) for part in (points[:3], points[3:])
        )
        # 5 and 95 % points of a normal lie 1.645 standard deviations from its middle
        unit = (prior[2] - prior[0]) / (2 * 1.645)
        for values, color, lift in ((prior, PALE, 0.0), (posterior, BLUE, 0.0)):
            low, middle, high = (values - prior[1]) / unit
            width = 7.0 if color == PALE else 2.2
            axis.plot(
                [low, high], [place + lift] * 2, color=color, linewidth=width, solid_capstyle="butt"
            )
            if color != PALE:
                axis.plot(middle, place + lift, "o", color=color, markersize=4)
    axis.set_yticks(range(len(rows)), [_label(name) for name, *_points in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.axvline(0, color=GREY, linewidth=0.6)
    axis.set_xlabel(_("axis_sd"))


def _on_scale(scale: str, points: Sequence[float]) -> Any:
    values = np.asarray(points)
    if scale == "log":
        return np.log(values)
    return np.log(values / (1 - values)) if scale == "logit" else values


def _label(name: str) -> str:
    if name.startswith("strictness_") and name != "strictness_sd":
        return _("parameter_strictness", year=name.removeprefix("strictness_"))
    return _(f"parameter_{name}")


def _draw_checks(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]], unit: str) -> None:
    years = sorted({row[0] for row in rows})
    for axis, year in zip(axes, years, strict=False):
        chosen = [row for row in rows if row[0] == year]
        for place, (_year, _word, observed, low, middle, high) in enumerate(chosen):
            axis.plot([place, place], [low, high], color=BLUE, linewidth=6, alpha=0.35)
            axis.plot(place, middle, "_", color=BLUE, markersize=10)
            axis.plot(place, observed, "D", color=ORANGE, markersize=4.5)
        axis.set_title(str(year), fontsize=9, loc="left", fontweight="bold")
        labels = [_(row[1]) for row in chosen]
        axis.set_xticks(range(len(chosen)), labels, rotation=35, ha="right", fontsize=7.5)
        axis.set_xlim(-0.6, len(chosen) - 0.4)
        axis.set_ylim(bottom=0)
    axes[0].set_ylabel(unit)
    for axis in axes[len(years) :]:
        axis.set_axis_off()
    key = axes[len(years)] if len(axes) > len(years) else axes[0]
    key.plot([], [], "D", color=ORANGE, label=_("legend_record"))
    key.plot([], [], color=BLUE, linewidth=6, alpha=0.35, label=_("legend_simulated"))
    key.legend(loc="center" if len(axes) > len(years) else "upper right", frameon=False, fontsize=8)


def _draw_calibration(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]]) -> None:
    ways = list(dict.fromkeys(row[0] for row in rows))
    for axis, way in zip(axes, ways, strict=True):
        chosen = [row for row in rows if row[0] == way]
        axis.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
        for _way, forecast, observed, n, low, high in chosen:
            axis.plot([forecast] * 2, [low, high], color=PALE, linewidth=8, solid_capstyle="butt")
            axis.plot(forecast, observed, "o", color=BLUE)
            axis.annotate(
                number(n),
                (forecast, observed),
                xytext=(7, -3),
                textcoords="offset points",
                fontsize=7.5,
            )
        axis.plot([], [], color=PALE, linewidth=8, label=_("legend_band"))
        axis.legend(loc="upper left", frameon=False, fontsize=8)
        axis.set(xlim=(0, 1), ylim=(0, 1), xlabel=_("axis_given"), aspect="equal")
        axis.set_title(_(f"legend_{way}"), fontsize=9, loc="left")
    axes[0].set_ylabel(_("axis_came"))


def _draw_score_by_year(axes: Sequence[Axes], rows: Sequence[tuple[Any, ...]]) -> None:
    axis = axes[0]
    years = sorted({row[1] for row in rows})
    looks = {"left_out": (BLUE, "o", -0.08), "rolling": (ORANGE, "s", 0.08)}
    for way in dict.fromkeys(row[0] for row in rows):
        color, mark, lift = looks[way]
        chosen = [row for row in rows if row[0] == way]
        places = np.array([years.index(row[1]) for row in chosen]) + lift
        middle = np.array([row[2] for row in chosen])
        reach = [middle - [row[3] for row in chosen], [row[4] for row in chosen] - middle]
        axis.errorbar(places, middle, yerr=reach, fmt=mark, color=color, label=_(f"legend_{way}"))
    axis.axhline(0, color=GREY, linewidth=0.8)
    axis.set_xticks(range(len(years)), [str(year) for year in years])
    axis.set_ylabel("\n".join(_("axis_difference").split(", ")))
    axis.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)

"""Commands on the award record: fit the background law, and score forecasts against what came."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kla_sim.cli import options
from kla_sim.cli.notices import notice_entries, print_notices
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.cli.plots import show_plots
from kla_sim.errors import UsageError
from kla_sim.language import category, number, percent, text
from kla_sim.report.calibration_words import check_label, interval_words, parameter_label, verdict

if TYPE_CHECKING:
    from kla_sim.experiment.backtest import BackTest, Scores
    from kla_sim.experiment.calibrate import Calibration
    from kla_sim.experiment.dki_case import DkiCase
    from kla_sim.report.files import Drawn

_ = partial(text, "calibration")

Panel = Annotated[Path | None, typer.Option("--panel", help=_("opt_panel"))]
Until = Annotated[
    int | None, options.whole("--until", least=1900, most=2200, description=_("opt_until"))
]
Steps = Annotated[int, options.whole("--steps", least=6, most=100_000, description=_("opt_steps"))]
_FORECASTERS = ("model", "pooled", "logit", "table_of_moves", "no_change")
_NUMBERS = (1, 2, 3, 4, 5)


def calibrate(
    panel: Panel = None,
    until: Until = None,
    leave_out: Annotated[list[str] | None, typer.Option(help=_("opt_leave_out"))] = None,
    seed: options.Seed = 1,
    steps: Steps = 300,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Fit the background law to the award record."""
    from kla_sim.experiment.calibrate import (
        CalibrationRequest,
        calibration_document,
        check_writable,
        write_posterior,
    )
    from kla_sim.experiment.calibrate import calibrate as fit
    from kla_sim.store import PATIENCE, writing

    request = CalibrationRequest(panel, until, tuple(leave_out or ()), seed, steps)
    folder = out / "calibration"
    check_writable(folder)
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        fitted = fit(
            request,
            lambda done, asked: tell(_("progress_fit", done=number(done), asked=number(asked))),
        )
    with writing(folder, PATIENCE):
        table = write_posterior(fitted, folder, str(fitted.meta["fitted_until"]))
    if as_json:
        document = calibration_document(fitted)
        document["notices"] = notice_entries(fitted.notices, "calibration")
        print_json({"schema_version": 1, "file": str(table), **document})
    elif not quiet:
        print_notices(fitted.notices, "calibration")
        _print_fit(fitted)
        print_lines([_("written", file=str(table))])
    if not no_plots:
        show_plots(partial(_draw_fit, fitted, folder), folder, is_quiet=quiet or as_json)


def backtest(
    panel: Panel = None,
    posterior: Annotated[str, typer.Option(help=_("opt_posterior"))] = "2025",
    joint: Annotated[bool, typer.Option("--joint", help=_("opt_joint"))] = False,
    standing: Annotated[
        Path | None,
        typer.Option("--standing", metavar="FILE", help=text("standing", "opt_standing")),
    ] = None,
    seed: options.Seed = 1,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Score forecasts of awards against what came."""
    from kla_sim.domain.record import read_panel
    from kla_sim.experiment.backtest import backtest_panel, backtest_record
    from kla_sim.experiment.dki_case import dki_case

    if joint and panel is not None:
        raise UsageError("joint_of_a_panel")
    if standing is not None and (joint or panel is not None):
        raise UsageError("standing_of_all")
    folder = out / "backtest"
    if joint:
        from kla_sim.cli.joint import show_joint

        show_joint(seed, folder, has_plots=not no_plots, as_json=as_json, is_quiet=quiet)
        return
    case = None
    if panel is not None:
        tested = backtest_panel(panel, posterior)
    else:
        read = read_panel()
        with tell_on_terminal(is_quiet=quiet or as_json) as tell:
            tested = backtest_record(
                read.record,
                seed,
                lambda way, done, asked: tell(
                    _(f"progress_{way}", done=number(done), asked=number(asked))
                ),
            )._replace(notices=read.notices)
        case = dki_case()
        if standing is not None:
            _keep_standing(standing, tested, case, seed)
    if as_json:
        print_json(_document(tested, case))
    elif not quiet:
        print_notices(tested.notices, "calibration")
        _print_backtest(tested, is_shipped=panel is None)
        if case:
            _print_dki(case)
    if not no_plots:
        show_plots(partial(_draw_test, tested, folder), folder, is_quiet=quiet or as_json)


def _document(tested: BackTest, case: DkiCase | None) -> dict[str, Any]:
    """Return what `backtest --json` prints."""
    from kla_sim.experiment.backtest import scores_document
    from kla_sim.experiment.dki_case import dki_document

    document: dict[str, Any] = {
        "schema_version": 1,
        **scores_document(tested.left_out),
        "places_seen_in_fit": tested.seen_in_fit,
        "notices": notice_entries(tested.notices, "calibration"),
    }
    if tested.rolling:
        document["rolling"] = scores_document(tested.rolling)
    if case:
        document["dki"] = dki_document(case)
    return document


def _keep_standing(file: Path, tested: BackTest, case: DkiCase, seed: int) -> None:
    """Run the joint back test too, and keep what documents quote of all."""
    from kla_sim.domain.record import read_panel
    from kla_sim.experiment.joint import backtest_joint
    from kla_sim.experiment.standing import standing_document, write_standing

    joint = backtest_joint(read_panel().record, seed)
    write_standing(file, standing_document(tested, case, joint))


def _draw_fit(fitted: Calibration, folder: Path) -> Drawn:
    from kla_sim.report.calibration_figures import calibration_makers
    from kla_sim.report.drawing import write_figures

    return write_figures(calibration_makers(fitted), folder)


def _draw_test(tested: BackTest, folder: Path) -> Drawn:
    from kla_sim.report.backtest_figures import backtest_makers
    from kla_sim.report.drawing import write_figures

    return write_figures(backtest_makers(tested), folder)


def _print_fit(fitted: Calibration) -> None:
    from kla_sim.experiment.calibrate import tau_points

    meta = fitted.meta
    names = ", ".join(meta["left_out"]) or _("nothing")
    print_lines(
        [
            _("fit_title", places=number(meta["places"]), moves=number(meta["moves"])),
            _("fit_until", year=str(meta["fitted_until"]), left_out=names, seed=str(meta["seed"])),
            _(
                "fit_checks",
                r_hat=number(meta["largest_r_hat"], 3),
                size=number(meta["smallest_effective_size"]),
                ensembles=number(meta["ensembles"]),
            ),
            _("fit_joint"),
            "",
        ]
    )
    columns = ("parameter", "p5", "p50", "p95", "prior_range", "r_hat")
    table = new_table(
        _("parameters_title"),
        *(_(f"column_{name}") for name in columns),
        numbers=_NUMBERS,
    )
    for name, points in fitted.parameters.items():
        low, _middle, high = fitted.prior[name]
        table.add_row(
            parameter_label(name),
            *(_figure(point) for point in points),
            f"{_figure(low)} – {_figure(high)}",
            number(fitted.r_hat[name], 3),
        )
    print_table(table)
    tau = [number(point, 2) for point in tau_points(fitted.rows)]
    print_lines([_("fit_tau", low=tau[0], middle=tau[1], high=tau[2])])
    _print_checks(fitted)
    _print_sensitivity(fitted)


def _print_checks(fitted: Calibration) -> None:
    outside = [check for check in fitted.checks if not check.low <= check.observed <= check.high]
    n = len(fitted.checks)
    print_lines([_("checks_summary", outside=number(len(outside)), n=number(n))])
    if not outside:
        return
    columns = ("year", "check", "observed", "p5", "p95")
    table = new_table("", *(_(f"column_{name}") for name in columns), numbers=(2, 3, 4))
    for check in outside:
        is_share = check.what == "move"
        values = (check.observed, check.low, check.high)
        shown = [percent(value) if is_share else number(value) for value in values]
        table.add_row(
            str(check.year), _(f"check_{check.what}", label=check_label(check.label)), *shown
        )
    print_table(table)


def _print_sensitivity(fitted: Calibration) -> None:
    moved = [
        shift for shift in fitted.sensitivity if max(abs(shift.weaker), abs(shift.stronger)) > 0.3
    ]
    names = ", ".join(parameter_label(shift.name) for shift in moved) or _("nothing")
    print_lines([_("sensitivity", names=names)])


def _figure(value: float) -> str:
    return number(value, 3 if abs(value) < 2 else 1)


def _print_backtest(tested: BackTest, *, is_shipped: bool) -> None:
    title = _("left_out_title") if is_shipped else _("panel_title")
    _print_scores(tested.left_out, title)
    if tested.seen_in_fit:
        print_lines([_("seen_in_fit", n=number(tested.seen_in_fit))])
    if tested.rolling:
        _print_scores(tested.rolling, _("rolling_title"))


def _print_scores(scores: Scores, title: str) -> None:
    print_lines(
        ["", title, _("scored", n=number(scores.n_forecasts), places=number(scores.n_places))]
    )
    columns = ("forecast", "log_score", "model_better", "rps", "model_better")
    table = new_table("", *(_(f"column_{name}") for name in columns), numbers=(1, 2, 3, 4))
    for name in _FORECASTERS:
        table.add_row(
            _(f"forecast_{name}"),
            number(scores.log_score[name], 3),
            interval_words(scores.log_score_difference.get(name)),
            number(scores.rps[name], 4),
            interval_words(scores.rps_difference.get(name), digits=4),
        )
    print_table(table)
    against_table = scores.log_score_difference["table_of_moves"]
    pooled = scores.pooled_difference["table_of_moves"]
    print_lines(
        [
            _(verdict(against_table.low, against_table.high)),
            _("pooled_difference", interval=interval_words(pooled)),
        ]
    )
    columns = ("band", "forecast_share", "observed_share", "allowed", "n")
    table = new_table(
        _("calibration_title"), *(_(f"column_{name}") for name in columns), numbers=_NUMBERS
    )
    for band in scores.calibration:
        table.add_row(
            f"{percent(band.low)} – {percent(band.high)}",
            percent(band.forecast, 1),
            percent(band.observed, 1),
            f"{percent(band.band_low)} – {percent(band.band_high)}",
            number(band.n),
        )
    print_table(table)


def _print_dki(case: DkiCase) -> None:
    from kla_sim.domain.categories import CATEGORIES

    starts = (("given_both", "set"), ("given_score", "set"), ("given_history", "set"))
    columns = ("region", "year", "source", "came", *(name for pair in starts for name in pair))
    headings = [_(f"column_{name}") for name in columns]
    table = new_table(_("dki_title"), *headings, numbers=(1, 4, 6, 8))
    names = tuple(map(category, CATEGORIES))
    for one in case.forecasts:
        cells = []
        for name in ("model", "score", "history"):
            mark = "" if one.outcome in one.likely_sets[name] else " ✗"
            likely = ", ".join(names[outcome] for outcome in one.likely_sets[name])
            cells += [_chance(float(one.chances[name][one.outcome])), likely + mark]
        source = _("stated" if one.is_stated else "inferred")
        table.add_row(one.region, str(one.year), source, names[one.outcome], *cells)
    print_table(table)
    for group, scores in case.log_score.items():
        n = sum(group == "all" or one.is_stated == (group == "stated") for one in case.forecasts)
        words = {name: number(score, 3) for name, score in scores.items()}
        print_lines([_("dki_scores", group=_(f"group_{group}"), n=number(n), **words)])
    for name in ("model", "score", "history", "kaltara_2022"):
        _print_sets(case, name)


def _print_sets(case: DkiCase, name: str) -> None:
    from kla_sim.domain.categories import CATEGORIES

    hit, n, size = case.n_in_set[name], len(case.forecasts), case.set_size[name]
    print_lines(
        [
            _(
                "dki_sets",
                start=_(f"start_{name}"),
                hit=number(hit),
                n=number(n),
                size=number(size, 1),
            )
        ]
    )
    for one in case.forecasts:
        if one.outcome not in one.likely_sets[name]:
            missed = {
                "region": one.region,
                "year": str(one.year),
                "category": CATEGORIES[one.outcome],
                "chance": _chance(float(one.chances[name][one.outcome])),
            }
            print_lines(["  " + _("dki_missed", **missed)])


def _chance(value: float) -> str:
    """Return a chance as a percentage, never as a bare 0."""
    return f"< {percent(0.001, 1)}" if value < 0.001 else percent(value, 1)

"""The command `explain`: why futures of a run fail, and what would help most."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.listing import print_blocks
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.cli.plots import plots_folder, show_plots
from kla_sim.language import number, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kla_sim.analysis.relieved import ButFor
    from kla_sim.experiment.explain import Why
    from kla_sim.experiment.run import StoredRun
    from kla_sim.report.drawable import Drawable
    from kla_sim.report.files import Drawn
    from kla_sim.report.ledger_words import Sheet

_ = partial(text, "answers")


def explain(
    run: Annotated[str, typer.Argument(metavar="RUN", help=_("arg_run"))] = "latest",
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    out: options.Out = options.RESULTS,
    details: Annotated[
        bool, typer.Option("--details", help=text("explaining", "opt_details"))
    ] = False,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Say why futures of a run fail, and relieve one thing at a time in them."""
    from kla_sim.experiment.but_for import but_for
    from kla_sim.experiment.explain import why
    from kla_sim.experiment.run import read_run

    stored = read_run(find(run, out), replications)
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        found = why(stored)
        cases = but_for(
            stored,
            lambda done, asked: tell(_("cases_done", done=number(done), asked=number(asked))),
        )
    if as_json:
        _print_document(stored, cases, found)
    elif not quiet:
        _say(stored, cases)
        _say_why(stored, found, has_details=details)
    if not no_plots:
        show_plots(
            partial(_draw, stored, found, cases),
            plots_folder(stored),
            is_quiet=quiet or as_json,
            owner=stored.folder.path,
        )


def _print_document(run: StoredRun, cases: list[ButFor], found: Why) -> None:
    from kla_sim.report.explain_document import why_document

    print_json(
        {
            "schema_version": 1,
            "run": str(run.folder.path),
            "replications": run.summary.n,
            "odds": run.summary.all_cities._asdict(),
            "but_for": [case.document() for case in cases],
            **why_document(found, run.scenario),
        }
    )


def _draw(run: StoredRun, found: Why, cases: list[ButFor]) -> Drawn:
    from kla_sim.analysis.differences import RARE
    from kla_sim.report.captions import caption_of
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.ledger_figures import explain_makers
    from kla_sim.report.tornado_figures import but_for_tornado
    from kla_sim.report.waiting_figures import waiting

    footer = caption_of(run, found.ledgers.n).footer()
    makers: dict[str, Callable[[], Drawable]] = {
        **explain_makers(found.ledgers, found.plan, run.scenario, footer)
    }
    if cases:
        told = [case.document() for case in cases]
        footer = caption_of(run, run.summary.n).footer()
        is_rare = run.summary.all_cities.value < RARE
        makers["but-for"] = partial(but_for_tornado, told, run.scenario, footer, is_rare=is_rare)
        makers["waiting"] = partial(waiting, run.summary, run.scenario, footer, told)
    return write_figures(makers, plots_folder(run))


def _say(run: StoredRun, cases: list[ButFor]) -> None:
    from kla_sim.analysis.differences import RARE
    from kla_sim.experiment.remedies import remedies_at_hand
    from kla_sim.report.explain_words import case_cells, phrase_headline
    from kla_sim.report.first_screen import at_most_line

    odds = run.summary.all_cities.value
    print_lines([phrase_headline(cases, odds, run.scenario, is_rare=odds < RARE)])
    if not cases:
        return
    title = _(
        "but_for_title",
        failed=number(cases[0].n_failed),
        met=number(cases[0].n_met),
        n=number(run.summary.n),
    )
    columns = ("relieved", "rescued", "harmed", "odds_gain", "regions_gain", "price")
    table = new_table(
        title, *(_(f"column_{name}") for name in columns), numbers=(1, 2, 3, 4, 5), whole=(0,)
    )
    for case in cases:
        table.add_row(*case_cells(case, run.scenario))
    print_table(table)
    at_most = at_most_line(remedies_at_hand(run))
    print_lines([_("but_for_note"), *([at_most] if at_most else [])])


def _say_why(run: StoredRun, found: Why, *, has_details: bool) -> None:
    """Print the ledgers and tell the typical futures."""
    from kla_sim.report.ledger_words import (
        critical_lines,
        days_sheet,
        points_sheet,
        shortfall_sheet,
        verdicts_sheet,
    )
    from kla_sim.report.typical_words import tell_future

    ledgers, plan, scenario = found.ledgers, found.plan, run.scenario
    told = number(ledgers.n)
    if not found.n_failed:
        print_lines([text("explaining", "no_failures", told=told)])
        return
    if ledgers.n < run.summary.n:
        print_lines([text("explaining", "told_of", told=told, n=number(run.summary.n))])
    sheets = [
        verdicts_sheet(ledgers, plan),
        points_sheet(ledgers, plan),
        shortfall_sheet(ledgers, plan, scenario),
    ]
    if has_details:
        sheets.append(days_sheet(ledgers, plan, scenario))
    for sheet in sheets:
        if sheet.rows:
            _print_sheet(sheet)
    print_lines(critical_lines(ledgers, plan, scenario))
    failed = number(found.n_failed)
    n = number(len(found.typical))
    print_lines([text("explaining", "typical_title", n=n, failed=failed, told=told)])
    print_blocks(
        [
            f"{place}. " + " ".join(tell_future(future, found.n_failed, plan, scenario))
            for place, future in enumerate(found.typical, start=1)
        ],
        sys.stdout,
    )


def _print_sheet(sheet: Sheet) -> None:
    table = new_table(
        sheet.title, *sheet.columns, numbers=tuple(range(1, len(sheet.columns))), whole=(0,)
    )
    for row in sheet.rows:
        table.add_row(*row)
    print_table(table)

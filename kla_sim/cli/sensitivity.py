"""The command `sensitivity`: which unknowns matter, in a run, in a scenario, or for a choice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.output import new_table, print_json, print_lines, print_table
from kla_sim.cli.plots import caption_of, plots_folder, show_plots
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.experiment.run import StoredRun
    from kla_sim.experiment.sensitivity import Sensitivity
    from kla_sim.report.files import Drawn

_ = partial(text, "sensitivity")


def sensitivity(
    run: Annotated[str, typer.Argument(metavar="RUN", help=_("arg_names"))] = "latest",
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Show which unknowns matter most in the worlds of a run."""
    from kla_sim.experiment.run import read_run
    from kla_sim.experiment.sensitivity import sensitivity as influence

    stored = read_run(find(run, out), replications)
    found = influence(stored)
    if as_json:
        print_json({"schema_version": 1, "run": str(stored.folder.path), **found.document()})
    elif not quiet:
        _say(stored, found)
    if not no_plots:
        show_plots(
            partial(_draw, stored, found),
            plots_folder(stored),
            is_quiet=quiet or as_json,
            owner=stored.folder.path,
        )


def _say(run: StoredRun, found: Sensitivity) -> None:
    from kla_sim.report.sensitivity_words import (
        influence_cells,
        phrase_outcome,
        phrase_sensitivity,
        phrase_slice,
        standing_out,
    )

    print_lines(phrase_sensitivity(found, run.scenario))
    seen = standing_out(found)
    if not seen:
        return
    short = _("short_expected" if found.is_rare else "short_odds")
    table = new_table(
        _("title", outcome=phrase_outcome(found), worlds=number(found.n_worlds)),
        _("column_unknown"),
        _("column_influence"),
        _("column_interval"),
        _("column_lowest", outcome=short),
        _("column_highest"),
        numbers=(1, 2, 3, 4),
        whole=(0,),
    )
    for unknown, one in seen:
        table.add_row(*influence_cells(found, unknown, one, run.scenario))
    print_table(table)
    print_lines([_("note", floor=number(found.leading.floor, 2), slice=phrase_slice(found))])


def _draw(run: StoredRun, found: Sensitivity) -> Drawn:
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.sensitivity_figures import influence_dots

    draw = partial(influence_dots, found, run.scenario, caption_of(run).footer())
    return write_figures({"sensitivity": draw}, plots_folder(run))

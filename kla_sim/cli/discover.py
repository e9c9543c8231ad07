"""The command `discover`: when futures of a run fail, as rules that a planner reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.output import new_table, print_json, print_lines, print_table
from kla_sim.cli.plots import plots_folder, show_plots
from kla_sim.language import text

if TYPE_CHECKING:
    from kla_sim.experiment.discover import Discovery
    from kla_sim.experiment.run import StoredRun
    from kla_sim.report.files import Drawn

_ = partial(text, "discovering")

_COLUMNS = ("rule", "baseline", "density", "held", "interval", "coverage")


def discover(
    run: Annotated[str, typer.Argument(metavar="RUN", help=text("answers", "arg_run"))] = "latest",
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Describe by at most three rules when futures of a run fail."""
    from kla_sim.experiment.discover import discover as find_failures
    from kla_sim.experiment.run import read_run

    stored = read_run(find(run, out), replications)
    found = find_failures(stored)
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


def _say(run: StoredRun, found: Discovery) -> None:
    from kla_sim.report.discover_words import phrase_discovery, rule_cells
    from kla_sim.store.folder import SCENARIO

    print_lines(phrase_discovery(found, run.scenario, str(run.folder.path / SCENARIO)))
    if not found.found.rules:
        return
    headings = [_(f"column_{name}") for name in _COLUMNS]
    table = new_table(_("title"), *headings, numbers=(1, 2, 3, 4, 5))
    for place, rule in enumerate(found.found.rules):
        table.add_row(*rule_cells(place, rule))
    print_table(table)


def _draw(run: StoredRun, found: Discovery) -> Drawn:
    from kla_sim.report.captions import caption_of
    from kla_sim.report.discover_figures import rules_chart
    from kla_sim.report.drawing import write_figures

    draw = partial(rules_chart, found, run.scenario, caption_of(run, run.summary.n).footer())
    return write_figures({"discover": draw}, plots_folder(run))

"""The command `explain`: why futures of a run fail, and what would help most."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.analysis.relieved import ButFor
    from kla_sim.experiment.run import StoredRun

_ = partial(text, "answers")


def explain(
    run: Annotated[str, typer.Argument(metavar="RUN", help=_("arg_run"))] = "latest",
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    out: options.Out = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Relieve one thing at a time in the futures of a run."""
    from kla_sim.experiment.but_for import but_for
    from kla_sim.experiment.run import read_run

    stored = read_run(find(run, out), replications)
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        cases = but_for(
            stored,
            lambda done, asked: tell(_("cases_done", done=number(done), asked=number(asked))),
        )
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "run": str(stored.folder.path),
                "replications": stored.summary.n,
                "odds": stored.summary.all_cities._asdict(),
                "but_for": [case.document() for case in cases],
            }
        )
    elif not quiet:
        _say(stored, cases)


def _say(run: StoredRun, cases: list[ButFor]) -> None:
    from kla_sim.analysis.differences import RARE
    from kla_sim.report.explain_words import case_cells, phrase_headline

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
    print_lines([_("but_for_note")])

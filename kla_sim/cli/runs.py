"""The command `runs`: which runs are stored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kla_sim.cli import options
from kla_sim.cli.finding import say_passed_over
from kla_sim.cli.output import new_table, print_json, print_lines, print_table
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.errors import StoreError

_ = partial(text, "answers")


def runs(
    out: options.Out = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """List the stored runs."""
    from kla_sim.language import describe
    from kla_sim.store import list_runs

    refused: list[StoreError] = []
    found = list_runs(out, refused.append)
    if as_json:
        entries = [
            {"run": str(run.path), "n": run.manifest.n, **run.manifest.model_dump(mode="json")}
            for run in found
        ]
        passed_over = [describe(error) for error in refused]
        print_json({"schema_version": 1, "runs": entries, "passed_over": passed_over})
        return
    for error in refused:
        say_passed_over(error)
    if not found:
        print_lines([_("no_runs", folder=str(out))])
        return
    table = new_table(
        "",
        *(_(f"column_{name}") for name in ("run", "replications", "written", "state")),
        numbers=(1,),
        whole=(0,),
    )
    for run in found:
        table.add_row(
            run.path.name,
            number(run.manifest.n),
            f"{run.manifest.written.astimezone():%Y-%m-%d %H:%M}",
            _("state_complete" if run.manifest.is_finished else "state_incomplete"),
        )
    print_table(table)

"""The command `merge`: shards put into one run, with its summary."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.output import print_json, print_lines
from kla_sim.language import number, text

_ = partial(text, "answers")


def merge(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD ...", help=_("arg_shards"))],
    out: options.Out = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Put shards into one run, with its summary."""
    from kla_sim.cli.plots import set_plots_aside
    from kla_sim.cli.remedies import look_for_remedies
    from kla_sim.cli.run import run_document
    from kla_sim.cli.run_plots import show_run_plots
    from kla_sim.experiment.merge import merge_runs
    from kla_sim.store import open_folder

    merged = merge_runs([open_folder(shard) for shard in shards], out)
    n_workers = os.cpu_count() or 1
    remedies = look_for_remedies(merged.run, n_workers, is_quiet=quiet or as_json)
    document = run_document(merged.run, remedies)
    set_plots_aside(merged.run.folder, merged.run.summary.n)
    merged.run.folder.finish(document, merged.run.summary.n)
    if as_json:
        print_json(document)
    else:
        if merged.differences:
            print_lines([_("merged_differences"), *(f"  {line}" for line in merged.differences)])
        if not quiet:
            folder, n = merged.run.folder.path, merged.run.summary.n
            print_lines([_("merged", folder=str(folder), n=number(n))])
    show_run_plots(merged.run, is_quiet=quiet or as_json)

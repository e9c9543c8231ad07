"""The command `report`: a run as a document to be handed on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import monotonic
from typing import Annotated, Literal

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.output import print_json, print_lines, tell_on_terminal
from kla_sim.language import current, number, text

_ = partial(text, "reporting")


def report(
    runs: Annotated[list[str], typer.Argument(metavar="RUN ...", help=_("arg_runs"))],
    kind: Annotated[Literal["html", "xlsx"], typer.Option("--format", help=_("opt_format"))] = "html",
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("opt_file"))
    ] = None,
    results: Annotated[
        Path, typer.Option("--results", metavar="FOLDER", help=text("answers", "opt_out"))
    ] = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the report on a run."""
    from kla_sim.experiment.material import gather
    from kla_sim.report.run_report import run_report
    from kla_sim.store import write_atomic

    begun = monotonic()
    folder = find(runs[0], results)
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        tell(_("step_read"))
        material = gather(folder)
        tell(_("step_draw"))
        content = run_report(material).encode()
    target = file or folder.path / ("report.html" if current() == "id" else f"report.{current()}.html")
    write_atomic(target, content)
    seconds = monotonic() - begun
    if as_json:
        print_json({"schema_version": 1, "file": str(target), "bytes": len(content), "seconds": round(seconds, 3)})
    elif not quiet:
        print_lines([_("written", file=str(target), size=number(len(content)/1000), seconds=number(seconds, 1))])

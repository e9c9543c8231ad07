"""The command `export`: the tables of a run as CSV, or as one workbook."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.output import print_json, print_lines
from kla_sim.errors import UsageError
from kla_sim.language import current, text

if TYPE_CHECKING:
    from kla_sim.experiment.run import StoredRun

_ = partial(text, "tables")

_SEPARATORS = {";": ";", ",": ",", "tab": "\t"}


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help=text("answers", "arg_run"))] = "latest",
    kind: Annotated[Literal["csv", "xlsx"], typer.Option("--format", help=_("opt_format"))] = "csv",
    separator: Annotated[
        Literal[";", ",", "tab"], typer.Option("--separator", help=_("opt_separator"))
    ] = ";",
    decimal: Annotated[Literal[",", "."], typer.Option("--decimal", help=_("opt_decimal"))] = ",",
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help=_("opt_folder"))
    ] = None,
    results: Annotated[
        Path, typer.Option("--results", metavar="FOLDER", help=text("answers", "opt_out"))
    ] = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the tables of a run."""
    from kla_sim.experiment.run import read_run

    if kind == "csv" and separator == decimal:
        raise UsageError("separator_is_decimal", sign=decimal)
    stored = read_run(find(run, results))
    target = folder or stored.folder.path / "export"
    made = (
        _csv_files(stored, _SEPARATORS[separator], decimal)
        if kind == "csv"
        else {f"tables.{current()}.xlsx": _workbook(stored)}
    )
    files = _write(made, target)
    if as_json:
        names = [str(file) for file in files]
        print_json({"schema_version": 1, "run": str(stored.folder.path), "files": names})
    elif not quiet:
        named = ", ".join(file.name for file in files)
        print_lines([_("written", folder=str(target), files=named)])


def _csv_files(run: StoredRun, separator: str, decimal: str) -> dict[str, bytes]:
    from kla_sim.experiment.remedies import remedies_at_hand
    from kla_sim.experiment.written import plan_as_written
    from kla_sim.report.csv_tables import csv_of
    from kla_sim.report.plan_tables import all_tables

    tried = remedies_at_hand(run).every
    tables = all_tables(plan_as_written(run.folder), run.summary, run.folder.manifest, tried)
    return {
        f"{table.name}.{current()}.csv": csv_of(table, separator, decimal).encode()
        for table in tables
    }


def _workbook(run: StoredRun) -> bytes:
    from kla_sim.experiment.remedies import remedies_at_hand
    from kla_sim.experiment.written import plan_as_written
    from kla_sim.report.workbook import workbook

    tried = remedies_at_hand(run).every
    return workbook(plan_as_written(run.folder), run.summary, run.folder.manifest, tried)


def _write(made: dict[str, bytes], folder: Path) -> list[Path]:
    """Write files into a folder, each whole or not at all, and nothing else there."""
    from kla_sim.store import write_atomic

    files = [folder / name for name in made]
    for file, content in zip(files, made.values(), strict=True):
        write_atomic(file, content)
    return files

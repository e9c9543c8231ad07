"""The command `report`: a run, or several side by side, as a document to be handed on."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.listing import print_blocks
from kla_sim.cli.output import print_json, print_lines, tell_on_terminal
from kla_sim.errors import StoreError, UsageError
from kla_sim.language import current, describe, number, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kla_sim.store import RunFolder

_ = partial(text, "reporting")

MOST_RUNS = 12
"""Runs side by side; of more no reader would see anything."""

Kind = Literal["html", "xlsx"]


class _Made(NamedTuple):
    """A document, where it belongs if no file is named, and which parts of it are missing."""

    content: bytes
    folder: Path
    missing: list[str]


def report(
    runs: Annotated[list[str], typer.Argument(metavar="RUN ...", help=_("arg_runs"))],
    kind: Annotated[Kind, typer.Option("--format", help=_("opt_format"))] = "html",
    file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=_("opt_file"))] = None,
    results: Annotated[
        Path, typer.Option("--results", metavar="FOLDER", help=_("opt_results"))
    ] = options.RESULTS,
    details: Annotated[bool, typer.Option("--details", help=_("opt_details"))] = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the report on a run, or on several side by side."""
    begun = monotonic()
    if len(runs) > MOST_RUNS:
        raise UsageError("report_of_too_many", n=len(runs), most=MOST_RUNS)
    folders = [find(name, results) for name in runs]
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        if kind == "xlsx":
            made = _workbook(folders, tell, has_details=details)
        elif len(folders) > 1:
            made = _comparison(folders, results, tell)
        else:
            made = _report(folders[0], tell, has_details=details)
    target = file or made.folder / file_name(kind)
    _write(target, made.content, owner=None if file else made.folder)
    seconds = monotonic() - begun
    if not quiet:
        print_blocks([_("missing", reason=reason) for reason in made.missing], sys.stderr)
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "file": str(target),
                "bytes": len(made.content),
                "seconds": round(seconds, 3),
                "missing": made.missing,
            }
        )
    elif not quiet:
        size = number(len(made.content) / 1000)
        print_lines([_("written", file=str(target), size=size, seconds=number(seconds, 1))])


def file_name(kind: Kind) -> str:
    """Return the name of a report: in Indonesian without a word on the language."""
    return f"report.{kind}" if current() == "id" else f"report.{current()}.{kind}"


def _report(folder: RunFolder, tell: Callable[[str], None], *, has_details: bool) -> _Made:
    from kla_sim.report.side_by_side import drawing_beside

    with drawing_beside() as beside:
        from kla_sim.experiment.material import gather
        from kla_sim.experiment.run import read_run
        from kla_sim.report.run_report import early_makers, run_report

        tell(_("step_read"))
        run = read_run(folder)
        beside.begin(early_makers(run))
        material = gather(run, has_details=has_details)
        tell(_("step_draw"))
        content = run_report(material, beside).encode()
    missing = [describe(error) for error in material.missing.values()]
    return _Made(content, folder.path, missing)


def _comparison(folders: list[RunFolder], results: Path, tell: Callable[[str], None]) -> _Made:
    from kla_sim.cli.compare import caption_of_plans, folder_name, names_of
    from kla_sim.experiment.compare import compare_runs
    from kla_sim.experiment.run import read_run
    from kla_sim.report.comparison_report import comparison_report

    tell(_("step_read"))
    entries = [read_run(folder) for folder in folders]
    pairs = compare_runs(entries)
    tell(_("step_draw"))
    content = comparison_report(entries, pairs, names_of(entries), caption_of_plans(entries))
    return _Made(content.encode(), results / folder_name(entries, pairs), [])


def _workbook(folders: list[RunFolder], tell: Callable[[str], None], *, has_details: bool) -> _Made:
    from kla_sim.experiment.but_for import but_for
    from kla_sim.experiment.remedies import remedies_at_hand
    from kla_sim.experiment.run import read_run
    from kla_sim.experiment.written import plan_as_written
    from kla_sim.report.workbook import workbook

    if len(folders) > 1:
        raise UsageError("workbook_of_one", n=len(folders))
    tell(_("step_read"))
    run = read_run(folders[0])
    cases = [case.remedy for case in but_for(run)] if has_details else []
    tried = cases or remedies_at_hand(run).every
    content = workbook(plan_as_written(run.folder), run.summary, run.folder.manifest, tried)
    return _Made(content, run.folder.path, [])


def _write(target: Path, content: bytes, owner: Path | None) -> None:
    """Write a document whole; in a run's folder as its one writer.

    Raises
    ------
    StoreError : it cannot be written there.
    """
    from kla_sim.store import PATIENCE, is_read_only, write_atomic, writing

    if target.is_dir():
        raise UsageError("report_into_folder", path=str(target))
    try:
        if owner is None:
            write_atomic(target, content)
            return
        with writing(owner, PATIENCE):
            write_atomic(target, content)
    except StoreError as error:
        if owner is not None and is_read_only(error):
            raise UsageError("report_read_only", path=str(owner), name=target.name) from error
        raise

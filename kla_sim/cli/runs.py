"""The command `runs`: which runs are stored, the newest first, with the odds that each gave."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kla_sim.cli import options
from kla_sim.cli.finding import say_passed_over
from kla_sim.cli.output import new_table, print_json, print_lines, print_table
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.analysis.estimate import Estimate
    from kla_sim.errors import StoreError
    from kla_sim.store import RunFolder

_ = partial(text, "answers")

_COLUMNS = ("run", "plan", "odds", "interval", "replications", "seed", "written", "state")


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
    found = list_runs(out, refused.append)[::-1]
    if as_json:
        entries = [_entry(run) for run in found]
        passed_over = [describe(error) for error in refused]
        print_json({"schema_version": 1, "runs": entries, "passed_over": passed_over})
        return
    if found or refused:
        _print_runs(found, refused, out)
    else:
        print_lines([_("no_runs", folder=str(out))])
    for error in refused:
        say_passed_over(error)


def _entry(run: RunFolder) -> dict[str, object]:
    odds = _odds(run)
    manifest = run.manifest.model_dump(mode="json")
    return {
        "run": str(run.path),
        "n": run.manifest.n,
        "odds": None if odds is None else odds._asdict(),
        **manifest,
    }


def _odds(run: RunFolder) -> Estimate | None:
    """Return the odds that the kept answer gives for all the futures that are there."""
    from kla_sim.analysis.kept import UNFIT, read_estimate

    answer = run.read_answer()
    try:
        if answer is not None and answer["replications"] == run.manifest.n:
            return read_estimate(answer["odds"]["all_cities"])
    except UNFIT:
        pass
    return None


def _print_runs(found: list[RunFolder], refused: list[StoreError], folder: Path) -> None:
    """Print a row for each run, and for each folder that is none that can be read."""
    from kla_sim.report.words import phrase_interval, phrase_share

    title = _("runs_title", folder=str(folder))
    columns = (_(f"column_{name}") for name in _COLUMNS)
    table = new_table(title, *columns, numbers=(2, 3, 4, 5), whole=(0, 5))
    for run in found:
        manifest, odds = run.manifest, _odds(run)
        table.add_row(
            run.path.name,
            f"{manifest.scenario} ({manifest.label})" if manifest.label else manifest.scenario,
            "-" if odds is None else phrase_share(odds),
            "-" if odds is None else phrase_interval(odds),
            number(manifest.n),
            str(manifest.seed),
            f"{manifest.written.astimezone():%Y-%m-%d %H:%M}",
            _("state_complete" if manifest.is_finished else "state_incomplete"),
        )
    for error in refused:
        name = _folder_of(error)
        table.add_row(name, *("-" for _column in _COLUMNS[2:]), _("state_unreadable"))
    print_table(table)


def _folder_of(error: StoreError) -> str:
    """Return the name of the folder whose manifest was refused."""
    from kla_sim.store.manifest import NAME

    path = Path(str(error.fields["path"]))
    return path.parent.name if path.name == NAME else path.name

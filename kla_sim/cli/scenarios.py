"""Commands on scenario files: validate, lint, resolve, schema, new."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kla_sim.cli import options
from kla_sim.cli.listing import print_blocks, print_placed
from kla_sim.cli.output import print_json, print_lines
from kla_sim.language import current, describe_fault, number, percent, text

if TYPE_CHECKING:
    from kla_sim.errors import Fault
    from kla_sim.scenario.checks import Problem
    from kla_sim.scenario.loading import LoadedScenario

_ = partial(text, "answers")

MOST_WARNINGS = 5
"""How many warnings a run shows; `lint` shows all."""


def find_scenario(name: str) -> Path:
    """Return the file that a name on the command line means: a path, or a shipped scenario."""
    from kla_sim.scenario.shipped import shipped_names, shipped_scenario

    is_plain = not any(sign in name for sign in (os.sep, "/", ":")) and "." not in name
    if is_plain and name in shipped_names() and not Path(name).is_file():
        return shipped_scenario(name)
    return (
        Path(name.removeprefix("shipped:"))
        if not name.startswith("shipped:")
        else (shipped_scenario(name.removeprefix("shipped:")))
    )


def read(name: str, overrides: list[str] | None) -> LoadedScenario:
    """Read a scenario with all its faults at once."""
    from kla_sim.scenario.loading import read_scenario

    return read_scenario(find_scenario(name), overrides=overrides or [])


def lint_warnings(loaded: LoadedScenario) -> list[Fault]:
    """Return what lint has to say of a scenario, with places."""
    from kla_sim.scenario.lint import lint_loaded

    return lint_loaded(loaded, _contradictions(loaded))


def _contradictions(loaded: LoadedScenario) -> list[Problem]:
    """Return the scores that the histories beside them all but rule out."""
    baselines = [city.baseline for city in loaded.scenario.cities.values()]
    if all(one.score is None or one.history is None for one in baselines):
        return []  # nothing to ask the law, which takes a while to load
    from kla_sim.engine.contradiction import contradictions
    from kla_sim.scenario.checks import Problem

    return [
        Problem(
            "SCORE_CONTRADICTS_HISTORY",
            ("cities", found.city, "baseline", "score"),
            {"expected": round(found.expected), "chance": percent(found.chance, 3)},
        )
        for found in contradictions(loaded.scenario)
    ]


def set_warnings(loaded: LoadedScenario) -> list[Fault]:
    """Return what `--set` does besides setting a value, with places."""
    from kla_sim.scenario.lint import set_warnings as warnings_of

    return warnings_of(loaded)


def print_set_warnings(warnings: list[Fault]) -> None:
    """Print what `--set` does besides setting a value, before what a command prints."""
    if warnings:
        print_blocks(map(describe_warning, warnings))
        print_lines([""])


def validate(
    scenario: options.ScenarioName,
    overrides: options.Overrides = None,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Check a scenario and reckon its usual run; every fault has raised when this returns."""
    from kla_sim.cli.sizes import size_words, usual_size
    from kla_sim.experiment.size import refuse_too_large

    loaded = read(scenario, overrides)
    size, warnings = usual_size(loaded.scenario), set_warnings(loaded)
    refuse_too_large(size)
    if as_json:
        told = {"issues": [], "warnings": [issue(fault) for fault in warnings]}
        print_json({"schema_version": 1, **told, "size": size.document()})
    elif not quiet:
        print_set_warnings(warnings)
        more = [size_words(size)] if size.is_large else []
        print_lines([_("valid", file=str(find_scenario(scenario))), *more])


def lint(
    scenario: options.ScenarioName,
    overrides: options.Overrides = None,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Print the warnings of a valid scenario; they are no faults, so the exit code is 0."""
    loaded = read(scenario, overrides)
    warnings = lint_warnings(loaded)
    if as_json:
        issues = {"issues": [issue(fault) for fault in warnings]}
        print_json({"schema_version": 1, **issues, "money": _money_document(loaded)})
        return
    if warnings:
        print_blocks([describe_warning(fault) for fault in warnings])
        if not quiet:
            _say_how_to_waive(warnings)
    elif not quiet:
        print_lines([_("lint_clean", file=str(find_scenario(scenario)))])
    if not quiet:
        print_lines(_money_lines(loaded))


def _money_document(loaded: LoadedScenario) -> dict[str, object]:
    from kla_sim.scenario.budgets import total_of, yearly_amounts
    from kla_sim.scenario.lint.reach import reaching_years

    amounts = yearly_amounts(loaded.scenario)
    reaches = [reach._asdict() for reach in reaching_years(loaded.scenario)]
    return {"total": total_of(amounts), "accounts": amounts, "reaches": reaches}


def _money_lines(loaded: LoadedScenario) -> list[str]:
    """Say what the accounts come to in all, and which years hold for others too."""
    from kla_sim.scenario.budgets import total_of, yearly_amounts
    from kla_sim.scenario.lint.reach import reaching_years

    scenario = loaded.scenario
    total = total_of(yearly_amounts(scenario))
    if not total:
        return []
    span = {"first": scenario.start.year, "last": scenario.horizon.year}
    reaches = [
        _("lint_reach", year=reach.year, last=reach.last, accounts=", ".join(reach.accounts))
        for reach in reaching_years(scenario)
    ]
    return [_("lint_money", total=number(total), **span), *reaches]


def print_warnings(warnings: list[Fault]) -> None:
    """Print the first warnings on the plan of a run, and how many more there are."""
    print_lines([_("warnings_title")])
    print_blocks(map(describe_warning, warnings[:MOST_WARNINGS]))
    n_more = len(warnings) - MOST_WARNINGS
    print_lines([_("warnings_more", count=n_more), ""] if n_more > 0 else [""])


def _say_how_to_waive(warnings: list[Fault]) -> None:
    from kla_sim.scenario.lint import WAIVABLE

    waivable = [fault.code for fault in warnings if fault.code in WAIVABLE]
    if waivable:
        print_lines(["", _("lint_found", count=len(warnings), code=waivable[0])])


def describe_warning(fault: Fault) -> str:
    """Return a warning with the code that would waive it."""
    return f"{describe_fault(fault)} [{fault.code}]"


def issue(fault: Fault) -> dict[str, object]:
    """Return a fault or warning as `validate --json` lists it."""
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "path": fault.path,
        "code": fault.code,
        "message": describe_fault(fault),
    }


def resolve(
    scenario: options.ScenarioName,
    overrides: options.Overrides = None,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Print every value with the file and line it comes from."""
    from kla_sim.scenario.loading import resolve as resolve_values

    loaded = read(scenario, overrides)
    leaves, warnings = resolve_values(loaded), set_warnings(loaded)
    if as_json:
        rows = [leaf._asdict() for leaf in leaves]
        said = [issue(fault) for fault in warnings]
        print_json({"schema_version": 1, "values": rows, "warnings": said})
    else:
        if not quiet:
            print_set_warnings(warnings)
        print_placed([(f"{leaf.path}:", leaf.value, f"{leaf.file}:{leaf.line}") for leaf in leaves])


def schema(
    of: Annotated[Literal["scenario", "run"], typer.Option(help=_("opt_schema_of"))] = "scenario",
    folder: Annotated[Path | None, typer.Option("--out", help=_("opt_schema_out"))] = None,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Print a JSON schema in the current language, or write both: of scenarios, or of answers."""
    from kla_sim.scenario.schema import json_schema, write_schema

    if of == "run":
        from kla_sim.analysis.document_schema import run_schema as json_schema

        write_schema = _write_run_schema
    if folder is None:
        print_json(json_schema(current()))
        return
    files = [write_schema(folder, chosen) for chosen in ("id", "en")]
    if as_json:
        print_json({"schema_version": 1, "files": [str(file) for file in files]})
    elif not quiet:
        print_lines([_("schema_written", files=", ".join(str(file) for file in files))])


def _write_run_schema(folder: Path, language: str) -> Path:
    from kla_sim.analysis.document_schema import run_schema
    from kla_sim.store import to_json, write_atomic

    path = folder / f"run.schema.{language}.json"
    write_atomic(path, to_json(run_schema(language)))
    return path


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("arg_file"))],
    source: Annotated[str, typer.Option("--from", help=_("opt_from"))] = options.DEFAULT_SCENARIO,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a new commented scenario, with the schema beside it."""
    from kla_sim.scenario.starting import new_scenario

    written = new_scenario(file, source=source, language=current())
    if as_json:
        schemas = [str(path) for path in written[1:]]
        print_json({"schema_version": 1, "file": str(file), "schemas": schemas})
    elif not quiet:
        print_lines([_("scenario_written", file=str(file))])

"""The command `run`: from a scenario to odds in words, a run folder and plots."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kla_sim.cli import options
from kla_sim.cli.first_run import compiling_beside, is_to_compile
from kla_sim.cli.output import (
    new_table,
    print_json,
    print_lines,
    print_notice,
    print_table,
    rate_in_words,
    show_progress,
)
from kla_sim.cli.plots import set_plots_aside
from kla_sim.cli.remedies import look_for_remedies
from kla_sim.cli.run_plots import show_run_plots
from kla_sim.cli.scenarios import find_scenario, lint_warnings, print_warnings, read
from kla_sim.cli.schedule import refuse_options_of_chance, show_schedule
from kla_sim.cli.sizes import size_words
from kla_sim.language import day, describe_fault, number, text

if TYPE_CHECKING:
    from pathlib import Path

    from kla_sim.analysis.remedies import Remedies
    from kla_sim.errors import Fault
    from kla_sim.experiment.run import RunOutcome, RunRequest, StoredRun
    from kla_sim.experiment.takeover import Takeover
    from kla_sim.scenario.loading import LoadedScenario

_ = partial(text, "answers")


def run(
    context: typer.Context,
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    replications: options.ReplicationsOfRun = options.DEFAULT_REPLICATIONS,
    seed: options.Seed = 1,
    engine: options.Engine = options.DEFAULT_ENGINE,
    workers: options.Workers = None,
    executor: options.Executor = "local",
    precision: options.Precision = None,
    shard: options.Shard = None,
    overrides: options.Overrides = None,
    central: options.Central = False,
    label: options.Label = "",
    keep: options.Keep = None,
    out: options.Out = options.RESULTS,
    details: Annotated[
        bool, typer.Option("--details", help=text("first_screen", "opt_details"))
    ] = False,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Simulate, store, say and draw."""
    from kla_sim.experiment.run import Shard, check_request

    if central:
        refuse_options_of_chance(context)
    loaded = read(scenario, overrides)
    warnings = lint_warnings(loaded)
    changes = changes_of(scenario, loaded, overrides)
    path = str(find_scenario(scenario))
    if central:
        place = None if no_plots else out
        show_schedule(loaded, path, changes, warnings, place, as_json=as_json, quiet=quiet)
        return
    request = replace(
        request_of(loaded, replications, seed, engine, workers, out),
        executor=executor,
        shard=Shard.parse(shard) if shard else None,
        label=label,
        keeps_activities=keep == "activities",
        overrides=changes,
    )
    check_request(request)
    is_quiet = quiet or as_json
    told = _tell_size(request, in_rounds=precision is not None, is_quiet=is_quiet)
    with compiling_beside(engine, executor, told, is_quiet=is_quiet) as takeover:
        outcome = _simulate(request, precision, takeover, is_quiet=is_quiet)
        remedies = look_for_remedies(outcome.run, request.n_workers, takeover, is_quiet=is_quiet)
        document = run_document(outcome.run, remedies, outcome.seconds, path, warnings)
        asked = request.span[1] if precision is None else outcome.run.summary.n
        keep_answer(outcome, document, asked, first=request.span[0])
        if as_json:
            print_json({**document, "warnings": [*document["warnings"], *told]})
        elif not quiet:
            _say(outcome, remedies, warnings, has_details=details)
        if not no_plots and shard is None:
            show_run_plots(outcome.run, is_quiet=is_quiet)


def _tell_size(request: RunRequest, *, in_rounds: bool, is_quiet: bool) -> list[str]:
    """Say what a large run will take, and return what was said or is to be."""
    from kla_sim.experiment.run import size_of

    size = size_of(request, in_rounds=in_rounds)
    if not size.is_large:
        return []
    said = size_words(size)
    if not is_quiet:
        print_notice(said)
    return [said]


def _simulate(
    request: RunRequest, precision: float | None, takeover: Takeover | None, *, is_quiet: bool
) -> RunOutcome:
    from kla_sim.experiment.precise import run_to_precision
    from kla_sim.experiment.run import run as run_request

    with show_progress(is_quiet=is_quiet, first=_first_words(request)) as report:
        if precision is None:
            return run_request(request, report, takeover)
        return run_to_precision(request, precision, report, takeover)


def request_of(
    loaded: LoadedScenario,
    replications: int,
    seed: int,
    engine: options.EngineName,
    workers: int | None,
    out: Path,
) -> RunRequest:
    """Return the plain run of a scenario that was read; no number of workers means every core."""
    from kla_sim.experiment.run import RunRequest
    from kla_sim.scenario.loading import digest, dump_scenario
    from kla_sim.scenario.origin import origin_of

    return RunRequest(
        scenario=loaded.scenario,
        digest=digest(loaded.scenario),
        resolved=dump_scenario(loaded),
        replications=replications,
        seed=seed,
        engine=engine,
        n_workers=workers or os.cpu_count() or 1,
        results=out,
        origin=origin_of(loaded),
    )


def changes_of(name: str, loaded: LoadedScenario, overrides: list[str] | None) -> tuple[str, ...]:
    """Return what was set on the command line; nothing where the plan stayed as it is written."""
    from kla_sim.errors import ScenarioError
    from kla_sim.scenario.loading import digest

    if not overrides:
        return ()
    try:
        is_changed = digest(read(name, None).scenario) != digest(loaded.scenario)
    except ScenarioError:  # it holds only with what was set
        is_changed = True
    return tuple(overrides) if is_changed else ()


def _first_words(request: RunRequest) -> str:
    """Say that the engine is compiled once, where a cluster's workers will and nobody simulates."""
    is_here = request.executor == "local"
    return "" if is_here or not is_to_compile(request.engine) else _("compiling")


def run_document(
    run: StoredRun,
    remedies: Remedies,
    seconds: float = 0.0,
    path: str = "",
    warnings: list[Fault] | None = None,
) -> dict[str, Any]:
    """Return the document of `run --json`."""
    from kla_sim.analysis.document import SCHEMA_VERSION, summary_document
    from kla_sim.report.answer import alarms, narrow_lines

    manifest = run.folder.manifest
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": {
            "name": run.scenario.name,
            "digest": manifest.digest,
            "path": path,
            "overrides": manifest.overrides,
        },
        "run": str(run.folder.path),
        "engine": manifest.engine,
        "replications": run.summary.n,
        "seed": manifest.seed,
        "seconds": round(seconds, 3),
        **summary_document(run.summary),
        "remedies": remedies.document(),
        "warnings": [
            *(describe_fault(fault) for fault in warnings or []),
            *alarms(run.summary),
            *narrow_lines(run.summary),
        ],
    }


def keep_answer(
    outcome: RunOutcome, document: dict[str, Any], asked: int, *, first: int = 0
) -> None:
    """Write the answer beside its replications, unless the folder holds more of them."""
    if outcome.run.summary.n == outcome.run.folder.manifest.replications_done - first:
        set_plots_aside(outcome.run.folder, outcome.run.summary.n)
        outcome.run.folder.finish(document, asked)


def _say(
    outcome: RunOutcome, remedies: Remedies, warnings: list[Fault], *, has_details: bool
) -> None:
    """Print the first screen: five lines at most, the table of regions, and what follows it."""
    from kla_sim.report.first_screen import below_table, headlines, next_step

    stored = outcome.run
    summary, scenario, folder = stored.summary, stored.scenario, stored.folder
    above = headlines(summary, scenario, remedies, folder.manifest.overrides)
    below = below_table(summary, scenario)
    print_lines(above)
    _print_cities(stored)
    if warnings:
        print_warnings(warnings)
    is_shard = bool(folder.manifest.shard)
    print_lines(
        [
            *below,
            _("shard_next") if is_shard else next_step(summary, str(folder.path)),
            _effort(outcome),
            _("run_written", folder=str(folder.path)),
        ]
    )
    if has_details:
        _say_details(stored, remedies, [*above, *below])


def _say_details(run: StoredRun, remedies: Remedies, said: list[str]) -> None:
    """Print whatever a run says beyond its first screen."""
    from kla_sim.report.answer import answer
    from kla_sim.report.first_screen import tried_lines

    more = [
        line
        for line in answer(run.summary, run.scenario)
        if not any(line in before for before in said)
    ]
    tried = tried_lines(remedies, run.scenario)
    print_lines(["", text("first_screen", "details_title"), *more, *tried])


def _effort(outcome: RunOutcome) -> str:
    """Say how many futures were simulated, how fast, and how many were there already."""
    kept = number(outcome.run.summary.n - outcome.simulated)
    if outcome.simulated == 0:
        return _("run_time_none", kept=kept)
    rate = outcome.simulated / outcome.seconds if outcome.seconds > 0 else 0.0
    return _(
        "run_time_all" if outcome.simulated == outcome.run.summary.n else "run_time",
        simulated=number(outcome.simulated),
        seconds=number(outcome.seconds, 1),
        rate=rate_in_words(rate),
        kept=kept,
    )


def _print_cities(run: StoredRun) -> None:
    from kla_sim.report.words import phrase_interval, phrase_share, phrase_zones

    summary = run.summary
    deadline = summary.labels.start + dt.timedelta(days=summary.deadline_day)
    table = new_table(
        _("cities_title", deadline=day(deadline)),
        *(_(f"column_{name}") for name in ("city", "odds", "interval", "zones", "waits")),
        numbers=(1, 2, 3, 4),
    )
    for place, name in enumerate(summary.labels.city_names):
        table.add_row(
            name,
            phrase_share(summary.cities[place]),
            phrase_interval(summary.cities[place]),
            phrase_zones(
                float(summary.launches[place].sum()), summary.labels.cities[place], run.scenario
            ),
            number(float(summary.wait_days[1 + place].sum())),
        )
    print_table(table)

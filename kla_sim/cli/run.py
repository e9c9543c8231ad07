"""The command `run`: from a scenario to odds in words, a run folder and plots."""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kla_sim.cli import options
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, show_progress
from kla_sim.cli.scenarios import find_scenario, lint_warnings, read
from kla_sim.language import day, describe_fault, number, text

if TYPE_CHECKING:
    from kla_sim.errors import Fault
    from kla_sim.experiment.run import RunOutcome, RunRequest
    from kla_sim.scenario.loading import LoadedScenario

_ = partial(text, "answers")


def run(
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    seed: options.Seed = 1,
    engine: options.Engine = "reference",
    workers: options.Workers = None,
    overrides: options.Overrides = None,
    central: options.Central = False,
    label: options.Label = "",
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Simulate, store, say and draw."""
    from kla_sim.experiment.run import run as run_request

    loaded = read(scenario, overrides)
    warnings = lint_warnings(loaded)
    request = request_of(
        loaded,
        out=out,
        replications=replications,
        seed=seed,
        engine=engine,
        workers=workers,
        central=central,
        label=label,
    )
    with show_progress(is_quiet=quiet or as_json) as report:
        outcome = run_request(request, report)
    document = _document(request, outcome, warnings, str(find_scenario(scenario)))
    if outcome.folder.manifest.replications_done == replications:
        outcome.folder.finish(document, replications)
    if not no_plots:
        _draw(request, outcome)
    if as_json:
        print_json(document)
    elif not quiet:
        _say(loaded, outcome, warnings, has_plots=not no_plots)


def request_of(
    loaded: LoadedScenario, *, out: Path, workers: int | None, **settings: Any
) -> RunRequest:
    """Return the request that the command line makes of a scenario."""
    from kla_sim.experiment.run import RunRequest
    from kla_sim.scenario.loading import digest, dump_scenario

    return RunRequest(
        scenario=loaded.scenario,
        digest=digest(loaded.scenario),
        resolved=dump_scenario(loaded),
        n_workers=workers or os.cpu_count() or 1,
        results=out,
        **settings,
    )


def _document(
    request: RunRequest, outcome: RunOutcome, warnings: list[Fault], path: str
) -> dict[str, Any]:
    from kla_sim.analysis.document import SCHEMA_VERSION, summary_document

    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": {"name": request.scenario.name, "digest": request.digest, "path": path},
        "run": str(outcome.folder.path),
        "engine": request.engine,
        "replications": outcome.summary.n,
        "seed": request.seed,
        "seconds": round(outcome.seconds, 3),
        **summary_document(outcome.summary),
        "warnings": [describe_fault(fault) for fault in warnings],
    }


def _draw(request: RunRequest, outcome: RunOutcome) -> None:
    from kla_sim import __version__
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.figures import Caption, run_figures

    caption = Caption(
        scenario=request.scenario.name,
        digest=request.digest[:8],
        seed=request.seed,
        replications=outcome.summary.n,
        version=__version__,
    )
    write_figures(run_figures(outcome.summary, caption), outcome.folder.path / "plots")


def _say(
    loaded: LoadedScenario, outcome: RunOutcome, warnings: list[Fault], *, has_plots: bool
) -> None:
    from kla_sim.report.words import answer

    if warnings:
        print_lines([_("warnings_title"), *(describe_fault(fault) for fault in warnings), ""])
    print_lines(answer(outcome.summary, loaded.scenario))
    _print_cities(outcome)
    kept = outcome.summary.n - outcome.simulated
    rate = outcome.simulated / outcome.seconds if outcome.seconds > 0 else 0.0
    print_lines(
        [
            _(
                "run_time",
                simulated=number(outcome.simulated),
                seconds=number(outcome.seconds, 1),
                rate=number(rate),
                kept=number(kept),
            ),
            _("run_written", folder=str(outcome.folder.path)),
            *([_("plots_written", folder=str(outcome.folder.path / "plots"))] if has_plots else []),
        ]
    )


def _print_cities(outcome: RunOutcome) -> None:
    from kla_sim.report.words import phrase_interval, phrase_share

    summary = outcome.summary
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
            number(float(summary.launches[place].sum()), 1),
            number(float(summary.wait_days[1 + place].sum())),
        )
    print_table(table)



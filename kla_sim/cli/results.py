"""Commands on results: trace one future, compare runs, list runs."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find, is_file, say_passed_over
from kla_sim.cli.output import (
    new_table,
    print_json,
    print_lines,
    print_table,
    show_progress,
    table_width,
)
from kla_sim.cli.scenarios import find_scenario, read
from kla_sim.language import number, rupiah, text

if TYPE_CHECKING:
    from kla_sim.errors import StoreError
    from kla_sim.experiment.compare import Comparison
    from kla_sim.experiment.run import StoredRun
    from kla_sim.experiment.trace import Future
    from kla_sim.scenario.loading import LoadedScenario
    from kla_sim.store import RunFolder

_ = partial(text, "answers")

_MONEY = ("appropriated", "released", "spent", "lapsed", "held")
_NARROWEST_GANTT, _WIDEST_GANTT = 20, 100


def trace(
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    replication: Annotated[int, typer.Option(min=0, help=_("opt_replication"))] = 0,
    seed: options.Seed = 1,
    overrides: options.Overrides = None,
    central: options.Central = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Print one future: events, schedule, cash and categories."""
    from kla_sim.experiment.trace import trace_document, trace_future

    loaded = read(scenario, overrides)
    future = trace_future(loaded.scenario, seed, replication, central=central)
    if as_json:
        print_json({"schema_version": 1, **trace_document(future)})
        return
    print_lines(
        [_("trace_title", replication=replication, scenario=loaded.scenario.name, seed=seed), ""]
    )
    _print_events(future)
    _print_schedule(future)
    _print_cash(future)
    _print_standing(future)


def _print_events(future: Future) -> None:
    labels = future.plan.labels
    names = {"province": _("province"), **dict(zip(labels.cities, labels.city_names, strict=True))}
    table = new_table(
        _("trace_events"),
        *(_(f"column_{name}") for name in ("day", "date", "what", "subject", "detail")),
        numbers=(0,),
    )
    for event in future.trace.events:
        table.add_row(
            str(event.day),
            (labels.start + dt.timedelta(days=event.day)).isoformat(),
            _(f"what_{event.what}"),
            names.get(event.subject, event.subject),
            _detail(event.detail),
        )
    print_table(table)


def _detail(detail: dict[str, Any]) -> str:
    return ", ".join(_(f"detail_{key}", value=_shown(key, value)) for key, value in detail.items())


def _shown(key: str, value: Any) -> str:
    """Return a number of an event as people write it: money, points, a category, a count."""
    from kla_sim.domain.categories import CATEGORIES

    if key in ("cost", "amount"):
        return rupiah(value)
    if key == "category":
        return str(CATEGORIES[value])
    return number(value, 1) if isinstance(value, float) else str(value)


def _print_schedule(future: Future) -> None:
    """Draw each activity's attempts over the whole time, a column per equal stretch of days."""
    labels, horizon = future.plan.labels, future.plan.structure.horizon_day + 1
    room = table_width() - max(map(len, labels.activities), default=0) - 6
    n_columns = min(max(room, _NARROWEST_GANTT), _WIDEST_GANTT)
    years = [" "] * n_columns
    for year in labels.years:
        first = (dt.date(year, 1, 1) - labels.start).days * n_columns // horizon
        if 0 <= first <= n_columns - 4:
            years[first : first + 4] = str(year)
    table = new_table(_("trace_schedule"), _("column_activity"), "".join(years))
    for name, attempts in zip(labels.activities, future.trace.attempts, strict=True):
        if attempts:
            bar = [" "] * n_columns
            for attempt in attempts:
                first = attempt.start * n_columns // horizon
                last = (min(attempt.finish, horizon) - 1) * n_columns // horizon
                bar[first : last + 1] = "█" * (last + 1 - first)
            table.add_row(name, "".join(bar).rstrip())
    print_table(table)


def _print_cash(future: Future) -> None:
    labels, result = future.plan.labels, future.result
    table = new_table(
        _("trace_cash"),
        *(_(f"column_{name}") for name in ("account", "year", *_MONEY)),
        numbers=tuple(range(1, 2 + len(_MONEY))),
    )
    names = (_("province"), *labels.city_names)
    for place, account in enumerate(names):
        for column, year in enumerate(labels.years):
            amounts = (int(getattr(result, field)[0, place, column]) for field in _MONEY)
            millions = [number(amount / 1e6, 1) for amount in amounts]
            table.add_row(account, str(year), *millions)
    print_table(table)


def _print_standing(future: Future) -> None:
    from kla_sim.experiment.trace import trace_document

    standing = trace_document(future)["standing"]
    names = dict(zip(future.plan.labels.cities, future.plan.labels.city_names, strict=True))
    print_lines(
        [_("trace_standing"), *(f"  {names[city]}: {held}" for city, held in standing.items())]
    )


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="A B ...", help=_("arg_runs"))],
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    seed: options.Seed = 1,
    engine: options.Engine = options.DEFAULT_ENGINE,
    workers: options.Workers = None,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Set runs or scenarios side by side; scenarios are run first."""
    from kla_sim.errors import UsageError
    from kla_sim.experiment.compare import compare_runs

    if len(runs) < 2:
        raise UsageError("compare_needs_two")
    found = [_find(name, out) for name in runs]
    entries = [
        _open_or_run(one, replications, seed, engine, workers, out, is_quiet=quiet or as_json)
        for one in found
    ]
    comparisons = compare_runs(entries)
    folder = None if no_plots else _draw_comparison(entries, out)
    if as_json:
        pairs = [comparison.document() for comparison in comparisons]
        print_json({"schema_version": 1, "pairs": pairs})
    elif not quiet:
        _say_comparisons(entries, comparisons)
        if folder:
            print_lines([_("plots_written", folder=str(folder))])


def _find(name: str, out: Path) -> LoadedScenario | RunFolder:
    """Return a valid scenario or a stored run; every name is looked up before anything is run."""
    return read(name, None) if is_file(find_scenario(name)) else find(name, out)


def _open_or_run(
    found: LoadedScenario | RunFolder,
    replications: int,
    seed: int,
    engine: options.EngineName,
    workers: int | None,
    out: Path,
    *,
    is_quiet: bool,
) -> StoredRun:
    """Read a stored run, or run a scenario."""
    from kla_sim.cli.run import keep_answer, request_of, run_document
    from kla_sim.experiment.run import read_run
    from kla_sim.experiment.run import run as run_request
    from kla_sim.store import RunFolder

    if isinstance(found, RunFolder):
        return read_run(found)
    request = request_of(found, replications, seed, engine, workers, out)
    with show_progress(is_quiet=is_quiet) as report:
        outcome = run_request(request, report)
    keep_answer(outcome, run_document(outcome.run, outcome.seconds), replications)
    return outcome.run


def _draw_comparison(entries: list[StoredRun], out: Path) -> Path:
    from kla_sim import __version__
    from kla_sim.report.comparison import compare_figures
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.figures import Caption
    from kla_sim.store import PATIENCE, writing

    first = entries[0]
    caption = Caption(
        scenario=" / ".join(entry.scenario.name for entry in entries),
        digest=" / ".join(entry.folder.manifest.digest[:8] for entry in entries),
        seed=first.folder.manifest.seed,
        replications=min(entry.summary.n for entry in entries),
        version=__version__,
    )
    names = _names(entries)
    folder = out / ("compare-" + "-".join(entry.folder.manifest.digest[:8] for entry in entries))
    summaries = [entry.summary for entry in entries]
    scenarios = [entry.scenario for entry in entries]
    with writing(folder, PATIENCE):
        write_figures(compare_figures(summaries, scenarios, names, caption), folder)
    return folder


def _names(entries: list[StoredRun]) -> list[str]:
    """Return the names of the scenarios; those of the folders where two scenarios share one."""
    names = [entry.scenario.name for entry in entries]
    if len(set(names)) == len(names):
        return names
    return [entry.folder.path.name for entry in entries]


def _say_comparisons(entries: list[StoredRun], comparisons: list[Comparison]) -> None:
    from kla_sim.report.words import phrase_difference, phrase_interval, phrase_share

    table = new_table(
        "", *(_(f"column_{name}") for name in ("run", "odds", "interval", "replications")),
        numbers=(1, 2, 3),
    )  # fmt: skip
    names = _names(entries)
    for name, entry in zip(names, entries, strict=True):
        odds = entry.summary.all_cities
        n = number(odds.replications)
        table.add_row(name, phrase_share(odds), phrase_interval(odds), n)
    print_table(table)
    for name, comparison in zip(names[1:], comparisons, strict=True):
        print_lines(
            [
                _(
                    "compare_pair",
                    a=names[0],
                    b=name,
                    difference=phrase_difference(comparison.difference),
                    won=number(comparison.won),
                    lost=number(comparison.lost),
                    same=number(comparison.same),
                ),
                _("compare_shown" if comparison.is_shown else "compare_not_shown"),
            ]
        )


def merge(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD ...", help=_("arg_shards"))],
    out: options.Out = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Put shards into one run, with its summary."""
    from kla_sim.cli.run import draw, run_document
    from kla_sim.experiment.merge import merge_runs
    from kla_sim.store import open_folder

    merged = merge_runs([open_folder(shard) for shard in shards], out)
    document = run_document(merged.run)
    merged.run.folder.finish(document, merged.run.summary.n)
    draw(merged.run)
    if as_json:
        print_json(document)
        return
    if merged.differences:
        print_lines([_("merged_differences"), *(f"  {line}" for line in merged.differences)])
    if not quiet:
        folder, n = merged.run.folder.path, merged.run.summary.n
        print_lines([_("merged", folder=str(folder), n=number(n))])


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
    )
    for run in found:
        table.add_row(
            run.path.name,
            number(run.manifest.n),
            f"{run.manifest.written.astimezone():%Y-%m-%d %H:%M}",
            _("state_complete" if run.manifest.is_finished else "state_incomplete"),
        )
    print_table(table)

"""The command `compare`: runs or scenarios side by side, futures paired by their numbers."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find, is_file
from kla_sim.cli.first_run import compiling_beside
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, show_progress
from kla_sim.cli.plots import show_plots
from kla_sim.cli.scenarios import find_scenario, read
from kla_sim.language import day, number, text

if TYPE_CHECKING:
    from kla_sim.analysis.budgets import BudgetDifferences
    from kla_sim.experiment.compare import Comparison
    from kla_sim.experiment.run import RunRequest, StoredRun
    from kla_sim.experiment.takeover import Takeover
    from kla_sim.report.files import Drawn
    from kla_sim.scenario.loading import LoadedScenario
    from kla_sim.store import RunFolder

_ = partial(text, "answers")

_NAMED_IN_FOLDER, _SIGNS_OF_NAME = 2, 20
"""How many runs the name of a comparison's folder names, and how many signs of each."""

_NAMED_IN_FOOTER = 4


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
    from kla_sim.cli.run import request_of
    from kla_sim.errors import UsageError
    from kla_sim.experiment.compare import compare_runs
    from kla_sim.experiment.pairing import check_pairing, terms_of_request, terms_of_run
    from kla_sim.experiment.run import RunRequest, read_run
    from kla_sim.store import RunFolder

    if len(runs) < 2:
        raise UsageError("compare_needs_two")
    sources = [
        read_run(found)
        if isinstance(found, RunFolder)
        else request_of(found, replications, seed, engine, workers, out)
        for found in [_find(name, out) for name in runs]
    ]
    check_pairing(
        [
            terms_of_request(source) if isinstance(source, RunRequest) else terms_of_run(source)
            for source in sources
        ]
    )
    is_quiet = quiet or as_json
    needed = engine if any(isinstance(source, RunRequest) for source in sources) else ""
    told: list[str] = []
    with compiling_beside(needed, "local", told, is_quiet=is_quiet) as takeover:
        entries = [
            _run(source, takeover, is_quiet=is_quiet) if isinstance(source, RunRequest) else source
            for source in sources
        ]
    comparisons = compare_runs(entries)
    if as_json:
        pairs = [
            {**comparison.document(), "money": _budgets(entries[0], entry).document()}
            for entry, comparison in zip(entries[1:], comparisons, strict=True)
        ]
        print_json({"schema_version": 1, "pairs": pairs})
    elif not quiet:
        _say_comparisons(entries, comparisons)
    if not no_plots:
        folder = out / folder_name(entries, comparisons)
        show_plots(partial(_draw_comparison, entries, folder), folder, is_quiet=quiet or as_json)


def _find(name: str, out: Path) -> LoadedScenario | RunFolder:
    """Return a valid scenario or a stored run; every name is looked up before anything is run."""
    return read(name, None) if is_file(find_scenario(name)) else find(name, out)


def _run(request: RunRequest, takeover: Takeover | None, *, is_quiet: bool) -> StoredRun:
    """Run a scenario, and keep its answer as `run` would."""
    from kla_sim.cli.run import keep_answer, run_document
    from kla_sim.experiment.run import run as run_request

    with show_progress(is_quiet=is_quiet) as report:
        outcome = run_request(request, report, takeover)
    keep_answer(outcome, run_document(outcome.run, outcome.seconds), request.replications)
    return outcome.run


def folder_name(entries: list[StoredRun], comparisons: list[Comparison]) -> str:
    """Return the name of a comparison's folder: short, and another one for every other request.

    The digest is that of the scenarios with the model, of the seed and the way of running, of the
    names shown, and of the futures taken from each run.
    """
    from kla_sim.language.safe import for_file_name

    spans = [(0, 0), *((pair.first, pair.last) for pair in comparisons)]
    request = [
        (
            entry.folder.manifest.digest,
            entry.folder.manifest.seed,
            entry.folder.manifest.round_size,
            entry.folder.manifest.central,
            entry.summary.n,
            name,
            span,
        )
        for entry, name, span in zip(entries, _names(entries), spans, strict=True)
    ]
    digest = hashlib.sha256(json.dumps(request).encode()).hexdigest()[:12]
    shown = [
        for_file_name(entry.scenario.name)[:_SIGNS_OF_NAME] for entry in entries[:_NAMED_IN_FOLDER]
    ]
    n_more = len(entries) - len(shown)
    return "-".join(["compare", *shown, *([f"{n_more}_more"] if n_more else []), digest])


def _draw_comparison(entries: list[StoredRun], folder: Path) -> Drawn:
    from kla_sim import __version__
    from kla_sim.report.comparison import compare_makers
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.figures import Caption

    names = _names(entries)
    counts = sorted({entry.summary.n for entry in entries})
    caption = Caption(
        scenario=_some(names),
        digest=_some([entry.folder.manifest.digest[:8] for entry in entries]),
        seed=entries[0].folder.manifest.seed,
        replications=counts[0],
        version=__version__,
        most_replications=counts[-1],
    )
    summaries = [entry.summary for entry in entries]
    scenarios = [entry.scenario for entry in entries]
    return write_figures(compare_makers(summaries, scenarios, names, caption), folder)


def _some(words: list[str]) -> str:
    """Return the first of many words for a footer, and how many more there are."""
    n_more = len(words) - _NAMED_IN_FOOTER
    return " / ".join([*words[:_NAMED_IN_FOOTER], *([f"+{n_more}"] if n_more > 0 else [])])


def _names(entries: list[StoredRun]) -> list[str]:
    """Return the names of the plans, those of the folders where two plans share one; all unlike."""
    from kla_sim.report.words import phrase_plan

    names = [phrase_plan(entry.scenario.name, entry.folder.manifest.overrides) for entry in entries]
    names = [
        name if names.count(name) == 1 else entry.folder.path.name
        for name, entry in zip(names, entries, strict=True)
    ]
    return [
        name if name not in names[:place] else f"{name} #{1 + names[:place].count(name)}"
        for place, name in enumerate(names)
    ]


def _say_comparisons(entries: list[StoredRun], comparisons: list[Comparison]) -> None:
    from kla_sim.report.budget_words import phrase_budgets
    from kla_sim.report.words import phrase_difference, phrase_interval, phrase_share

    table = new_table(
        "", *(_(f"column_{name}") for name in ("run", "odds", "interval", "replications")),
        numbers=(1, 2, 3),
    )  # fmt: skip
    names = _names(entries)
    for name, entry in zip(names, entries, strict=True):
        odds = entry.summary.all_cities
        table.add_row(name, phrase_share(odds), phrase_interval(odds), number(odds.replications))
    print_table(table)
    for name, entry, comparison in zip(names[1:], entries[1:], comparisons, strict=True):
        pair = _(
            "compare_pair",
            a=names[0],
            b=name,
            difference=phrase_difference(comparison.difference),
            won=number(comparison.won),
            lost=number(comparison.lost),
            same=number(comparison.same),
        )
        shown = _("compare_shown" if comparison.is_shown else "compare_not_shown")
        money = phrase_budgets(_budgets(entries[0], entry), names[0], name)
        print_lines([pair, *_what_pairs(entries[0], entry, comparison), shown, *money])
    print_lines(_horizons(entries, names))


def _budgets(a: StoredRun, b: StoredRun) -> BudgetDifferences:
    from kla_sim.analysis.budgets import budget_differences

    return budget_differences(a.scenario, b.scenario)


def _what_pairs(a: StoredRun, b: StoredRun, comparison: Comparison) -> list[str]:
    """Say which futures were paired, where a run holds more of them."""
    n = comparison.last - comparison.first
    if a.summary.n == b.summary.n == n:
        return []
    return [
        _(
            "compare_common",
            n=number(n),
            first=number(comparison.first),
            last=number(comparison.last - 1),
        )
    ]


def _horizons(entries: list[StoredRun], names: list[str]) -> list[str]:
    """Say that runs end on different days, where they do."""
    horizons = [entry.scenario.horizon for entry in entries]
    if len(set(horizons)) == 1:
        return []
    ends = [f"{name} {day(horizon)}" for name, horizon in zip(names, horizons, strict=True)]
    return [_("compare_horizons", ends=", ".join(ends))]

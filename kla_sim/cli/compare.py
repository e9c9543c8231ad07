"""The command `compare`: runs or scenarios side by side, futures paired by their numbers."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find, is_file
from kla_sim.cli.first_run import compiling_beside
from kla_sim.cli.output import (
    new_table,
    print_json,
    print_lines,
    print_table,
    show_progress,
    tell_on_terminal,
)
from kla_sim.cli.plots import show_plots
from kla_sim.cli.scenarios import find_scenario, read
from kla_sim.language import day, number, percent, text

if TYPE_CHECKING:
    from kla_sim.analysis.across_worlds import AcrossWorlds
    from kla_sim.analysis.budgets import BudgetDifferences
    from kla_sim.analysis.shares import Share
    from kla_sim.experiment.compare import Comparison
    from kla_sim.experiment.run import RunRequest, StoredRun
    from kla_sim.experiment.takeover import Takeover
    from kla_sim.report.figures import Caption
    from kla_sim.report.files import Drawn
    from kla_sim.scenario.loading import LoadedScenario
    from kla_sim.store import RunFolder

_ = partial(text, "answers")

_NAMED_IN_FOLDER, _SIGNS_OF_NAME = 2, 20
"""How many runs the name of a comparison's folder names, and how many signs of each."""

_NAMED_IN_FOOTER = 4


class _Found(NamedTuple):
    """All that a comparison says."""

    entries: list[StoredRun]
    pairs: list[Comparison]
    shares: list[list[Share]]  # of each pair
    worlds: list[AcrossWorlds] | None
    above: float

    @property
    def is_rare(self) -> bool:
        """Whether the joint odds lie so low in every plan that the expected number leads."""
        from kla_sim.analysis.differences import RARE

        odds = [entry.summary.all_cities.value for entry in self.entries]
        return len(self.entries[0].summary.cities) > 1 and max(odds) < RARE


def _read_odds(given: str | float) -> float:
    from kla_sim.scenario.arguments import read_odds

    return read_odds(given, "--above") if isinstance(given, str) else given


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="A B ...", help=_("arg_runs"))],
    replications: options.Replications = options.DEFAULT_REPLICATIONS,
    seed: options.Seed = 1,
    engine: options.Engine = options.DEFAULT_ENGINE,
    workers: options.Workers = None,
    out: options.Out = options.RESULTS,
    worlds: Annotated[bool, typer.Option("--worlds", help=_("opt_compare_worlds"))] = False,
    above: Annotated[
        float,
        typer.Option("--above", metavar="ODDS", parser=_read_odds, help=_("opt_compare_above")),
    ] = 0.5,
    no_shares: Annotated[bool, typer.Option("--no-shares", help=_("opt_no_shares"))] = False,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Set runs or scenarios side by side; scenarios are run first."""
    from kla_sim.cli.run import request_of
    from kla_sim.errors import UsageError
    from kla_sim.experiment.compare import compare_runs
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
    _check_pairing(sources)
    is_silent = quiet or as_json
    needed = engine if any(isinstance(source, RunRequest) for source in sources) else ""
    with compiling_beside(needed, "local", [], is_quiet=is_silent) as takeover:
        entries = [
            _run(source, takeover, is_quiet=is_silent) if isinstance(source, RunRequest) else source
            for source in sources
        ]
    pairs = compare_runs(entries)
    found = _Found(
        entries,
        pairs,
        [[] if no_shares else _shares(entries[0], other, is_silent) for other in entries[1:]],
        _across_worlds(entries, pairs, above) if worlds else None,
        above,
    )
    if as_json:
        print_json(_document(found, has_worlds=worlds))
    elif not quiet:
        _say(found, has_worlds=worlds)
    if not no_plots:
        folder = out / folder_name(entries, pairs)
        show_plots(partial(_draw_comparison, found, folder), folder, is_quiet=is_silent)


def _check_pairing(sources: list[StoredRun | RunRequest]) -> None:
    from kla_sim.experiment.pairing import check_pairing, terms_of_request, terms_of_run
    from kla_sim.experiment.run import RunRequest

    check_pairing(
        [
            terms_of_request(source) if isinstance(source, RunRequest) else terms_of_run(source)
            for source in sources
        ]
    )


def _shares(a: StoredRun, b: StoredRun, is_silent: bool) -> list[Share]:
    from kla_sim.experiment.mixtures import shares

    with tell_on_terminal(is_quiet=is_silent) as tell:
        return shares(
            a, b, lambda done, asked: tell(_("mixtures", done=number(done), asked=number(asked)))
        )


def _across_worlds(
    entries: list[StoredRun], pairs: list[Comparison], above: float
) -> list[AcrossWorlds] | None:
    """Return what each plan does across the worlds, over the futures that all of them hold."""
    from kla_sim.analysis.across_worlds import across_worlds
    from kla_sim.experiment.compare import read_outcomes

    first, last = max(pair.first for pair in pairs), min(pair.last for pair in pairs)
    if first >= last or entries[0].folder.manifest.round_size:
        return None
    return across_worlds([read_outcomes(entry, first, last) for entry in entries], above)


def _document(found: _Found, *, has_worlds: bool) -> dict[str, Any]:
    first, *others = found.entries
    pairs = [
        {
            **pair.document(),
            "money": _budgets(first, entry).document(),
            "changes": [share.document() for share in shares],
        }
        for entry, pair, shares in zip(others, found.pairs, found.shares, strict=True)
    ]
    document: dict[str, Any] = {"schema_version": 1, "pairs": pairs}
    if has_worlds:
        document["above"] = found.above
        document["worlds"] = found.worlds and {
            entry.folder.path.name: across._asdict()
            for entry, across in zip(found.entries, found.worlds, strict=True)
        }
    return document


def _find(name: str, out: Path) -> LoadedScenario | RunFolder:
    """Return a valid scenario or a stored run; every name is looked up before anything is run."""
    return read(name, None) if is_file(find_scenario(name)) else find(name, out)


def _run(request: RunRequest, takeover: Takeover | None, *, is_quiet: bool) -> StoredRun:
    """Run a scenario, and keep its answer as `run` would."""
    from kla_sim.cli.run import keep_answer, run_document
    from kla_sim.experiment.remedies import remedies_at_hand
    from kla_sim.experiment.run import run as run_request

    with show_progress(is_quiet=is_quiet) as report:
        outcome = run_request(request, report, takeover)
    keep_answer(
        outcome,
        run_document(outcome.run, remedies_at_hand(outcome.run), outcome.seconds),
        request.replications,
    )
    return outcome.run


def folder_name(entries: list[StoredRun], comparisons: list[Comparison]) -> str:
    """Return the name of a comparison's folder."""
    return folder_of_plans("compare", entries, [(pair.first, pair.last) for pair in comparisons])


def folder_of_plans(kind: str, entries: list[StoredRun], spans: list[tuple[int, int]]) -> str:
    """Return the name of a folder on several plans: short, and another for every other request.

    The digest is that of the scenarios with the model, of the seed and the way of running, of the
    names shown, and of the futures taken from each run.

    Parameters
    ----------
    kind : the word it begins with.
    spans : of each plan but the first, its first future that is taken and the one behind the last.
    """
    from kla_sim.language.safe import for_file_name

    request = [
        (
            entry.folder.manifest.digest,
            entry.folder.manifest.seed,
            entry.folder.manifest.round_size,
            entry.summary.n,
            name,
            span,
        )
        for entry, name, span in zip(entries, names_of(entries), [(0, 0), *spans], strict=True)
    ]
    digest = hashlib.sha256(json.dumps(request).encode()).hexdigest()[:12]
    shown = [
        for_file_name(entry.scenario.name)[:_SIGNS_OF_NAME] for entry in entries[:_NAMED_IN_FOLDER]
    ]
    n_more = len(entries) - len(shown)
    return "-".join([kind, *shown, *([f"{n_more}_more"] if n_more else []), digest])


def _draw_comparison(found: _Found, folder: Path) -> Drawn:
    from kla_sim.report.comparison import compare_makers
    from kla_sim.report.difference_figures import compare_differences
    from kla_sim.report.drawing import write_figures

    entries = found.entries
    names = names_of(entries)
    caption = caption_of_plans(entries)
    summaries = [entry.summary for entry in entries]
    scenarios = [entry.scenario for entry in entries]
    pairs = [pair.differences for pair in found.pairs]
    makers = compare_makers(summaries, scenarios, names, caption, pairs)
    makers["compare-differences"] = partial(
        compare_differences, summaries, pairs, names, caption, is_rare=found.is_rare
    )
    return write_figures(makers, folder)


def caption_of_plans(entries: list[StoredRun]) -> Caption:
    """Return what stands below every figure of several plans."""
    from kla_sim import __version__
    from kla_sim.report.figures import Caption

    counts = sorted({entry.summary.n for entry in entries})
    return Caption(
        scenario=_some(names_of(entries)),
        digest=_some([entry.folder.manifest.digest[:8] for entry in entries]),
        seed=entries[0].folder.manifest.seed,
        replications=counts[0],
        version=__version__,
        most_replications=counts[-1],
    )


def _some(words: list[str]) -> str:
    """Return the first of many words for a footer, and how many more there are."""
    n_more = len(words) - _NAMED_IN_FOOTER
    return " / ".join([*words[:_NAMED_IN_FOOTER], *([f"+{n_more}"] if n_more > 0 else [])])


def names_of(entries: list[StoredRun]) -> list[str]:
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


def _say(found: _Found, *, has_worlds: bool) -> None:
    from kla_sim.report.answer import phrase_narrow
    from kla_sim.report.budget_words import phrase_budgets
    from kla_sim.report.difference_words import Names, phrase_pair, phrase_rare, phrase_shares

    first, *others = found.entries
    names = names_of(found.entries)
    _print_ranking(found, names)
    print_lines(
        [
            f"{name}: {phrase_narrow(entry.summary.n_worlds)}"
            for name, entry in zip(names, found.entries, strict=True)
            if entry.summary.is_joint_narrow
        ]
    )
    if found.is_rare:
        print_lines([phrase_rare()])
    for name, entry, pair, shares in zip(names[1:], others, found.pairs, found.shares, strict=True):
        labels = first.plan.labels
        subject = Names(names[0], name, list(labels.city_names), labels.start)
        told = phrase_pair(pair.differences, subject, is_rare=found.is_rare)
        print_lines([*([] if pair is found.pairs[0] else [""]), *told])
        print_lines(_what_pairs(first, entry, pair))
        if len(labels.cities) > 1:
            _print_regions(pair, first, entry, names[0], name)
        changes = phrase_shares(shares, is_rare=found.is_rare)
        print_lines([*([_("changes_title")] if changes else []), *changes])
        print_lines(phrase_budgets(_budgets(first, entry), names[0], name))
    if has_worlds:
        _print_worlds(found, names)
    print_lines(_horizons(found.entries, names))


def _print_ranking(found: _Found, names: list[str]) -> None:
    """Print the plans, the best first by what leads."""
    from kla_sim.report.words import phrase_expected, phrase_interval, phrase_share

    columns = ("run", "odds", "interval", "expected", "interval", "replications")
    summaries = [entry.summary for entry in found.entries]
    target = found.entries[0].scenario.target  # of every plan: no others are paired
    title = _("compare_title", category=target.category, deadline=day(target.deadline))
    table = new_table(title, *(_(f"column_{name}") for name in columns), numbers=(1, 2, 3, 4, 5))
    led = [s.expected_cities.value if found.is_rare else s.all_cities.value for s in summaries]
    for place in sorted(range(len(names)), key=lambda place: -led[place]):
        odds, expected = summaries[place].all_cities, summaries[place].expected_cities
        name = _("compare_base", name=names[0]) if place == 0 else names[place]
        table.add_row(
            name,
            phrase_share(odds),
            phrase_interval(odds),
            *phrase_expected(expected, len(summaries[place].cities)),
            number(odds.replications),
        )
    print_table(table)


def _print_regions(pair: Comparison, a: StoredRun, b: StoredRun, name_a: str, name_b: str) -> None:
    """Print the odds of each region under both plans, and in words what differs."""
    from kla_sim.report.difference_words import phrase_verdict
    from kla_sim.report.words import phrase_difference, phrase_share

    table = new_table(
        "", _("column_city"), name_a, name_b, _("column_difference"), _("column_verdict"),
        numbers=(1, 2, 3),
    )  # fmt: skip
    for place, city in enumerate(a.plan.labels.city_names):
        difference = pair.differences.cities[place]
        table.add_row(
            city,
            phrase_share(a.summary.cities[place]),
            phrase_share(b.summary.cities[b.plan.labels.cities.index(pair.cities[place])]),
            phrase_difference(difference),
            phrase_verdict(difference),
        )
    print_table(table)


def _print_worlds(found: _Found, names: list[str]) -> None:
    from kla_sim.analysis.estimate import MINIMUM_PER_WORLD
    from kla_sim.report.difference_words import worlds_cells

    if found.worlds is None:
        print_lines([_("worlds_too_few", needed=number(MINIMUM_PER_WORLD))])
        return
    table = new_table(
        _("worlds_title", n=number(found.entries[0].plan.n_worlds)),
        *(_(f"column_{name}") for name in ("run", "worst_tenth", "regret")),
        _("column_above", odds=percent(found.above)),
        numbers=(1, 2, 3),
    )
    for name, across in zip(names, found.worlds, strict=True):
        table.add_row(name, *worlds_cells(across))
    print_table(table)


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

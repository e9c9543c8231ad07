"""The command `solve`: how much of a lever is enough, or a map over two."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kla_sim.cli import options
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.cli.plots import show_plots
from kla_sim.cli.scenarios import find_scenario, read
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.experiment.solve import Goal, Map, Question, Solution
    from kla_sim.report.files import Drawn
    from kla_sim.scenario.varying import Lever

_ = partial(text, "solving")

_REPLICATIONS = 2_000
"""Futures of each plan: some twenty plans take about a minute on two cores."""

_ODDS = 0.5
_SIGNS_OF_NAME = 30


def _read_odds(given: str | float) -> float:
    from kla_sim.scenario.arguments import read_odds

    return read_odds(given, "--odds") if isinstance(given, str) else given


def _read_regions(given: str | float) -> float:
    from kla_sim.scenario.arguments import read_expected

    return read_expected(given, "--regions") if isinstance(given, str) else given


def solve(
    vary: Annotated[list[str], typer.Option("--vary", metavar="PATH", help=_("opt_vary"))],
    ranges: Annotated[list[str], typer.Option("--range", metavar="LOW:HIGH", help=_("opt_range"))],
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    odds: Annotated[
        float | None,
        typer.Option("--odds", metavar="ODDS", parser=_read_odds, help=_("opt_odds")),
    ] = None,
    regions: Annotated[
        float | None,
        typer.Option("--regions", metavar="N", parser=_read_regions, help=_("opt_regions")),
    ] = None,
    replications: options.Replications = _REPLICATIONS,
    seed: options.Seed = 1,
    engine: options.Engine = options.DEFAULT_ENGINE,
    workers: options.Workers = None,
    overrides: options.Overrides = None,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Search how much of a lever is enough."""
    from kla_sim.experiment.solve import Question, document_of, map_document, solve_map
    from kla_sim.experiment.solve import solve as find_least

    goal = _goal(odds, regions)
    loaded = read(scenario, overrides)
    question = Question(
        loaded=loaded,
        path=find_scenario(scenario),
        overrides=tuple(overrides or ()),
        goal=goal,
        levers=_levers(loaded.scenario, vary, ranges),
        replications=replications,
        seed=seed,
        engine=engine,
        n_workers=workers,
    )
    is_silent = quiet or as_json
    with tell_on_terminal(is_quiet=is_silent) as tell:

        def told(done: int, asked: int) -> None:
            tell(_("plans_done", done=number(done), asked=number(asked)))

        found: Solution | Map
        if len(question.levers) == 1:
            found = find_least(question, told)
            document = document_of(found)
        else:
            found = solve_map(question, told)
            document = map_document(found)
    if as_json:
        print_json({**_head(question), **document})
    elif not quiet:
        _say(question, found)
    if not no_plots:
        folder = out / _folder_name(question)
        show_plots(partial(_draw, question, found, folder), folder, is_quiet=is_silent)


def _goal(odds: float | None, regions: float | None) -> Goal:
    from kla_sim.errors import UsageError
    from kla_sim.experiment.solve import Goal

    if odds is not None and regions is not None:
        raise UsageError("solve_two_goals")
    if regions is not None:
        return Goal("regions", regions)
    return Goal("odds", _ODDS if odds is None else odds)


def _levers(scenario: Any, vary: list[str], ranges: list[str]) -> tuple[Lever, ...]:
    from kla_sim.errors import UsageError
    from kla_sim.scenario.varying import read_lever

    if len(vary) != len(ranges) or len(vary) > 2:
        raise UsageError("solve_pairs", vary=len(vary), ranges=len(ranges))
    return tuple(
        read_lever(scenario, pattern, span) for pattern, span in zip(vary, ranges, strict=True)
    )


def _head(question: Question) -> dict[str, Any]:
    from kla_sim.scenario.loading import digest
    from kla_sim.scenario.varying import dropped_ranges

    scenario = question.loaded.scenario
    return {
        "schema_version": 1,
        "scenario": {
            "name": scenario.name,
            "digest": digest(scenario),
            "path": str(question.path),
            "overrides": list(question.overrides),
        },
        "goal": question.goal._asdict(),
        "levers": [
            {
                "pattern": lever.pattern,
                "reading": lever.kind,
                "low": lever.low,
                "high": lever.high,
                "paths": [".".join(path) for path in lever.paths],
                "uncertain_dropped": dropped_ranges(question.loaded, lever),
            }
            for lever in question.levers
        ],
        "replications": question.replications,
        "seed": question.seed,
        "engine": question.engine,
    }


def _say(question: Question, found: Solution | Map) -> None:
    from kla_sim.experiment.solve import Solution
    from kla_sim.report.solve_words import answer, how_read, map_lines, narrow_lines

    if isinstance(found, Solution):
        print_lines(answer(question, found))
        _print_points(question, found)
        print_lines(narrow_lines(question, found))
    else:
        print_lines(map_lines(question, found))
        _print_map(question, found)
        print_lines(how_read(question))


def _print_points(question: Question, solution: Solution) -> None:
    from kla_sim.report.solve_words import estimate_cells, phrase_value

    (lever,) = question.levers
    table = new_table(
        _("points_title", n=number(question.replications)),
        lever.pattern, _(f"column_{question.goal.of}"), _("column_interval"), numbers=(0, 1, 2),
    )  # fmt: skip
    n_cities = len(question.loaded.scenario.cities)
    shown = ""
    for point in solution.curve.points:
        value = phrase_value(lever, point.value)
        if value != shown:  # a search ends with points that read the same
            table.add_row(value, *estimate_cells(question.goal, point.estimate, n_cities))
        shown = value
    print_table(table)


def _print_map(question: Question, found: Map) -> None:
    from kla_sim.report.solve_words import estimate_cells, phrase_value

    first, second = question.levers
    n_cities = len(question.loaded.scenario.cities)
    columns = [phrase_value(second, value) for value in found.values[1]]
    table = new_table(
        _("map_title", first=first.pattern, second=second.pattern, n=number(question.replications)),
        "", *columns, numbers=tuple(range(1 + len(columns))),
    )  # fmt: skip
    for value, row in zip(found.values[0], found.estimates, strict=True):
        cells = [estimate_cells(question.goal, one, n_cities)[0] for one in row]
        table.add_row(phrase_value(first, value), *cells)
    print_table(table)


def _folder_name(question: Question) -> str:
    """Return the name of the folder of plots: another one for every other question."""
    from kla_sim.language.safe import for_file_name

    head = {name: value for name, value in _head(question).items() if name != "scenario"}
    request = json.dumps([head, _head(question)["scenario"]["digest"]])
    digest = hashlib.sha256(request.encode()).hexdigest()[:12]
    return f"solve-{for_file_name(question.loaded.scenario.name)[:_SIGNS_OF_NAME]}-{digest}"


def _draw(question: Question, found: Solution | Map, folder: Path) -> Drawn:
    from kla_sim import __version__
    from kla_sim.experiment.solve import Solution
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.figures import Caption
    from kla_sim.report.solve_figures import curve_makers, map_makers
    from kla_sim.report.words import phrase_plan
    from kla_sim.scenario.loading import digest

    scenario = question.loaded.scenario
    caption = Caption(
        scenario=phrase_plan(scenario.name, question.overrides),
        digest=digest(scenario)[:8],
        seed=question.seed,
        replications=question.replications,
        version=__version__,
    )
    if isinstance(found, Solution):
        return write_figures(curve_makers(question, found, caption), folder)
    return write_figures(map_makers(question, found, caption), folder)

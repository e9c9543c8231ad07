"""The command `optimise`: which of the plans that the levers of a scenario admit is best."""

from __future__ import annotations

import os
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.cli.plots import show_plots
from kla_sim.cli.scenarios import print_set_warnings, read, set_warnings
from kla_sim.language import number, percent, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kla_sim.experiment.optimum import Optimum, Request, Step
    from kla_sim.report.files import Drawn

_ = partial(text, "optimising")

MOST_TRIALS = 100_000
_DEFAULT_TRIALS = 200


def _read_odds(given: str | float) -> float:
    from kla_sim.scenario.arguments import read_odds

    return read_odds(given, "--odds") if isinstance(given, str) else given


def optimise(
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    trials: Annotated[
        int, options.whole("--trials", least=10, most=MOST_TRIALS, description=_("opt_trials"))
    ] = _DEFAULT_TRIALS,
    odds: Annotated[
        float | None,
        typer.Option("--odds", metavar="ODDS", parser=_read_odds, help=_("opt_odds")),
    ] = None,
    seed: options.Seed = 1,
    engine: options.Engine = options.DEFAULT_ENGINE,
    workers: options.Workers = None,
    executor: options.Executor = "local",
    overrides: options.Overrides = None,
    out: options.Out = options.RESULTS,
    details: Annotated[bool, typer.Option("--details", help=_("opt_details"))] = False,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Look for the best plan, choose it on fresh futures, and write it and others as files."""
    from kla_sim.experiment.optimise import folder_of, optimise, workplace_of
    from kla_sim.experiment.optimum import Request
    from kla_sim.experiment.plan_files import write_plans

    loaded = read(scenario, overrides)
    request = Request(loaded, trials, seed, engine, odds)
    folder = folder_of(request, out)
    begun = monotonic()
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        found = optimise(
            request,
            folder,
            workplace_of(executor, workers or os.cpu_count() or 1),
            lambda step: tell(_where(step)),
        )
    files = write_plans(found, loaded, folder)
    seconds = monotonic() - begun
    if as_json:
        document = {"schema_version": 1, "scenario": str(loaded.path), "folder": str(folder)}
        plans = {name: str(path) for name, path in files.items()}
        print_json({**document, "seed": seed, "odds_asked": odds, **found.document(),
                    "files": plans, "seconds": seconds})  # fmt: skip
    elif not quiet:
        print_set_warnings(set_warnings(loaded))
        _say(found, odds, files, seconds, has_details=details)
    if not no_plots:
        draw = partial(_draw, found, request)
        show_plots(
            draw(folder / "plots"), folder / "plots", is_quiet=quiet or as_json, owner=folder
        )


def _where(step: Step) -> str:
    best = _("regions", value=number(step.best, 2)) if step.is_rare else percent(step.best, 1)
    return _(f"stage_{step.stage}", done=number(step.done), asked=number(step.asked), best=best)


def _say(
    found: Optimum,
    odds: float | None,
    files: dict[str, Path],
    seconds: float,
    *,
    has_details: bool,
) -> None:
    from kla_sim.experiment.stages import ALTERNATIVES
    from kla_sim.report.optimise_words import (
        phrase_alternative,
        phrase_best,
        phrase_choice,
        phrase_front,
        standing_cells,
    )

    n_others = len(found.alternatives)
    print_lines([*phrase_best(found, odds), ""])
    names = ("plan", "cost", "odds", "expected", "behind")
    table = new_table(
        _("table_title"), *(_(f"column_{name}") for name in names), numbers=(1, 2, 3, 4)
    )
    for one in (found.best, *found.alternatives, found.given, *found.rules):
        table.add_row(*standing_cells(one, found))
    print_table(table)
    print_lines([phrase_alternative(one, found) for one in found.alternatives])
    effort = {
        "n": number(found.n_futures), "kept": number(found.n_kept), "seconds": number(seconds, 1)
    }  # fmt: skip
    print_lines([
        *([_("alternatives_few", n=n_others)] if n_others < ALTERNATIVES else []),
        *phrase_front(found),
        _("files_written", files=", ".join(map(str, files.values())), best=files["best"]),
        _("effort_kept" if found.n_kept else "effort", **effort),
        *(["", *phrase_choice(found)] if has_details else []),
    ])  # fmt: skip


def _draw(found: Optimum, request: Request, folder: Path) -> Callable[[], Drawn]:
    from kla_sim import __version__
    from kla_sim.experiment.journal import BLOCK
    from kla_sim.experiment.stages import FIRST_BLOCKS
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.figures import Caption
    from kla_sim.report.front import front_figure
    from kla_sim.scenario.loading import digest

    caption = Caption(
        scenario=request.loaded.scenario.name,
        digest=digest(request.loaded.scenario)[:8],
        seed=request.seed,
        replications=FIRST_BLOCKS * BLOCK,
        version=__version__,
    )
    return partial(write_figures, {"front": partial(front_figure, found, caption)}, folder)

"""The command `sensitivity`: which unknowns matter, in a run, in a scenario, or for a choice."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from kla_sim.cli import options
from kla_sim.cli.compare import caption_of_plans, folder_of_plans, names_of
from kla_sim.cli.finding import find
from kla_sim.cli.output import (
    Table,
    new_table,
    print_json,
    print_lines,
    print_table,
    tell_on_terminal,
)
from kla_sim.cli.plots import plots_folder, show_plots
from kla_sim.cli.scenarios import read
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.report.files import Drawn
    from kla_sim.report.range_charts import Dots

_ = partial(text, "sensitivity")

Method = Literal["pawn", "sobol", "morris"]


class _Answer(NamedTuple):
    """What is printed, and drawn where."""

    document: dict[str, Any]
    lines: list[str]
    table: Table
    note: list[str]
    figure: partial[Dots]
    folder: Path
    owner: Path | None = None


def sensitivity(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="RUN ...", help=_("arg_names"))
    ] = None,
    method: Annotated[Method, typer.Option(help=_("opt_method"))] = "pawn",
    replications: Annotated[
        int,
        options.whole(
            "--replications", "-n", least=1, most=options.MOST_REPLICATIONS, description=_("opt_n")
        ),
    ] = options.DEFAULT_REPLICATIONS,
    seed: Annotated[
        int, options.whole("--seed", least=0, most=options.MOST_SEED, description=_("opt_seed"))
    ] = 1,
    engine: Annotated[
        options.EngineName, typer.Option(help=_("opt_engine"))
    ] = options.DEFAULT_ENGINE,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Show which unknowns matter, or are worth finding out before a choice."""
    from kla_sim.errors import UsageError

    names = runs or ["latest" if method == "pawn" else options.DEFAULT_SCENARIO]
    is_silent = quiet or as_json
    if method != "pawn":
        if len(names) > 1:
            raise UsageError("study_of_one", method=method, count=len(names))
        answer = _studied(names[0], method, replications, seed, engine, out, is_quiet=is_silent)
    elif len(names) > 1:
        answer = _chosen(names, replications, out)
    else:
        answer = _influences(names[0], replications, out)
    if as_json:
        print_json({"schema_version": 1, **answer.document})
    elif not quiet:
        print_lines(answer.lines)
        if answer.table.rows:
            print_table(answer.table)
            print_lines(answer.note)
    if not no_plots:
        draw = partial(_draw, answer.figure, answer.folder)
        show_plots(draw, answer.folder, is_quiet=is_silent, owner=answer.owner)


def _draw(make: partial[Dots], folder: Path) -> Drawn:
    from kla_sim.report.drawing import write_figures

    return write_figures({make().name: make}, folder)


def _influences(name: str, n: int, out: Path) -> _Answer:
    """Return which unknowns of a run matter."""
    from kla_sim.experiment.run import read_run
    from kla_sim.experiment.sensitivity import sensitivity as influence
    from kla_sim.report.captions import caption_of
    from kla_sim.report.sensitivity_figures import influence_dots
    from kla_sim.report.sensitivity_words import (
        influence_cells,
        phrase_outcome,
        phrase_sensitivity,
        phrase_slice,
        standing_out,
    )
    from kla_sim.store.folder import SCENARIO

    run = read_run(find(name, out), n)
    found = influence(run)
    table = new_table(
        _("title", outcome=phrase_outcome(found), worlds=number(found.n_worlds)),
        _("column_unknown"),
        _("column_influence"),
        _("column_interval"),
        _("column_lowest", outcome=_("short_expected" if found.is_rare else "short_odds")),
        _("column_highest"),
        numbers=(1, 2, 3, 4),
        whole=(0,),
    )
    for unknown, one in standing_out(found):
        table.add_row(*influence_cells(found, unknown, one, run.scenario))
    return _Answer(
        {"run": str(run.folder.path), **found.document()},
        phrase_sensitivity(found, run.scenario, str(run.folder.path / SCENARIO)),
        table,
        [
            _(
                "note",
                floor=number(found.leading.floor, 2),
                worlds=number(found.n_worlds),
                slice=phrase_slice(found),
            )
        ],
        partial(influence_dots, found, run.scenario, caption_of(run, run.summary.n).footer()),
        plots_folder(run),
        run.folder.path,
    )


def _chosen(names: list[str], n: int, out: Path) -> _Answer:
    """Return what is worth finding out before choosing among runs."""
    from kla_sim.experiment.finding_out import value_of_finding_out
    from kla_sim.experiment.run import read_run
    from kla_sim.report.choice_words import phrase_choice, worth_cells, worth_finding_out
    from kla_sim.report.sensitivity_figures import worth_dots

    runs = [read_run(find(name, out), n) for name in names]
    choice = value_of_finding_out(runs)
    plans, scenario = names_of(runs), runs[0].scenario
    span = choice.first, choice.last
    first, last = number(choice.first), number(choice.last - 1)
    table = new_table(
        _("choice_title", worlds=number(choice.n_worlds), first=first, last=last),
        *(_(f"column_{name}") for name in ("unknown", "worth", "other", "share")),
        numbers=(1, 3),
        whole=(0,),
    )
    for unknown, worth in worth_finding_out(choice):
        table.add_row(*worth_cells(choice, unknown, worth, plans, scenario))
    return _Answer(
        choice.document([run.folder.path.name for run in runs]),
        phrase_choice(choice, plans, scenario),
        table,
        [],
        partial(worth_dots, choice, scenario, caption_of_plans(runs).footer()),
        out / folder_of_plans("finding-out", runs, [span] * (len(runs) - 1)),
    )


def _studied(
    name: str,
    method: Literal["sobol", "morris"],
    n: int,
    seed: int,
    engine: options.EngineName,
    out: Path,
    *,
    is_quiet: bool,
) -> _Answer:
    """Return which uncertain numbers of a scenario matter, from futures of its own."""
    from kla_sim import __version__
    from kla_sim.experiment.study import FUTURES_OF_A_POINT, study
    from kla_sim.language.safe import for_file_name
    from kla_sim.report.figures import Caption
    from kla_sim.report.sensitivity_figures import effect_dots
    from kla_sim.report.study_words import column_names, effect_cells, phrase_studied, phrase_study
    from kla_sim.scenario.loading import digest

    scenario = read(name, None).scenario
    with tell_on_terminal(is_quiet=is_quiet) as tell:
        found = study(
            scenario, method, n, seed, engine,
            lambda done, asked: tell(_("points_done", done=number(done), asked=number(asked))),
        )  # fmt: skip
    table = new_table(
        _("study_title", outcome=phrase_studied(found)),
        _("column_unknown"),
        *column_names(found),
        numbers=(1, 2),
        whole=(0,),
    )
    for unknown, effect in found.ranked():
        table.add_row(*effect_cells(found, unknown, effect, scenario))
    short = digest(scenario)[:8]
    n_futures = found.n_points * FUTURES_OF_A_POINT
    footer = Caption(scenario.name, short, seed, n_futures, __version__).footer()
    parts = "sensitivity", method, for_file_name(scenario.name), short, str(seed), str(n_futures)
    headline, how = phrase_study(found, scenario)
    return _Answer(
        {"scenario": scenario.name, "seed": seed, **found.document()},
        [headline],
        table,
        [how],
        partial(effect_dots, found, scenario, footer),
        out / "-".join(parts),
    )

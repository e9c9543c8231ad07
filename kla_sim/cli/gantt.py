"""The command `gantt`: when work happens over the futures of a run, and what it uses by month.

Also here: the schedule that `run` draws beside its other plots. Both simulate the first futures of
the run again, since a run keeps no days of work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find
from kla_sim.cli.first_run import is_to_compile
from kla_sim.cli.output import print_json, print_lines
from kla_sim.cli.plots import plots_folder, show_plots
from kla_sim.language import text

if TYPE_CHECKING:
    from kla_sim.experiment.futures_schedule import FuturesSchedule
    from kla_sim.experiment.run import StoredRun
    from kla_sim.report.charts import Figure
    from kla_sim.report.drawable import Drawable
    from kla_sim.report.files import Drawn

_ = partial(text, "schedules")


def gantt(
    run: Annotated[str, typer.Argument(metavar="RUN", help=text("answers", "arg_run"))] = "latest",
    replications: Annotated[
        int | None,
        options.whole("--replications", "-n", least=1, most=10_000, description=_("opt_futures")),
    ] = None,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Say when work happens over the futures of a run, and draw its schedules."""
    from kla_sim.experiment.futures_schedule import FEW, futures_schedule, schedule_document
    from kla_sim.experiment.run import read_run

    stored = read_run(find(run, out), replications)
    first, last = _span(stored, replications or FEW)
    found = futures_schedule(stored.plan, first, last, stored.folder.manifest.engine)
    makers = _makers(stored, found)
    if as_json:
        document = schedule_document(stored.plan, found)
        print_json({"schema_version": 1, "run": str(stored.folder.path), **document})
    elif not quiet:
        print_lines(list(_findings(makers)))
    if not no_plots:
        folder, owner = plots_folder(stored), stored.folder.path
        show_plots(partial(_draw, makers, stored), folder, is_quiet=quiet or as_json, owner=owner)


def _span(run: StoredRun, most: int) -> tuple[int, int]:
    """Return the first future of a run, and the one behind the last that is looked at."""
    from kla_sim.analysis.precision import ROUND

    manifest = run.folder.manifest
    n = min(run.summary.n, most)
    return manifest.first, manifest.first + (min(n, ROUND) if manifest.round_size else n)


def _makers(run: StoredRun, found: FuturesSchedule) -> dict[str, Callable[[], Drawable]]:
    """Return what makes every schedule of a run, and its fans."""
    from kla_sim.report.captions import caption_of
    from kla_sim.report.schedule_figures import Shown, schedule_makers
    from kla_sim.report.use_figures import Used, use_makers

    n = found.moments.n
    footer = caption_of(run, n).footer()
    shown = Shown(found.moments, run.plan, run.scenario, footer)
    used = Used(found.staff, found.cash, n, run.plan, run.scenario, footer)
    return {**schedule_makers(shown, is_whole=True), **use_makers(used)}


def _findings(makers: dict[str, Callable[[], Any]]) -> list[str]:
    """Return what the main figures find, a line each."""
    main: list[Figure] = [
        makers[name]() for name in ("gantt", "staff-use", "cash-use") if name in makers
    ]
    return [figure.title for figure in main]


def _draw(makers: dict[str, Callable[[], Drawable]], run: StoredRun) -> Drawn:
    from kla_sim.report.drawing import write_figures

    return write_figures(makers, plots_folder(run))


def schedule_of(run: StoredRun) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the schedule that `run` draws: that of the zones, without the fans.

    Raises
    ------
    UsageError : from the maker, where the compiled engine is not there yet.
    """
    from kla_sim.errors import UsageError
    from kla_sim.experiment.futures_schedule import FEW, FEW_BY_REFERENCE

    engine = run.folder.manifest.engine
    first, last = _span(run, FEW if engine == "compiled" else FEW_BY_REFERENCE)

    def make() -> Drawable:
        from kla_sim.experiment.futures_schedule import gantt_of
        from kla_sim.report.captions import caption_of
        from kla_sim.report.schedule_figures import Shown, schedule_makers

        if is_to_compile(engine):
            raise UsageError("schedule_awaits_engine", run=run.folder.path.name)
        found = gantt_of(run.plan, first, last, engine)
        footer = caption_of(run, last - first).footer()
        return schedule_makers(Shown(found, run.plan, run.scenario, footer))["gantt"]()

    return {"gantt": make} if run.plan.structure.n_activities else {}

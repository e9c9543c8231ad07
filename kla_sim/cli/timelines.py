"""Draws one future, traced or without chance, into a folder of its own below `--out`.

Nothing else of such a future is kept, so the folder holds no run: `runs` and `latest` pass it over.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kla_sim.cli.plots import show_plots
from kla_sim.language import text

if TYPE_CHECKING:
    from kla_sim.experiment.trace import Future
    from kla_sim.report.files import Drawn
    from kla_sim.scenario.loading import LoadedScenario

_ = partial(text, "schedules")


def show_timelines(
    future: Future,
    loaded: LoadedScenario,
    changes: tuple[str, ...],
    out: Path,
    *,
    seed: int | None,
    is_whole: bool,
    is_quiet: bool,
) -> None:
    """Draw a future once it is told.

    Parameters
    ----------
    changes : what was set on the command line.
    seed : None = the future has none, it is that without chance.
    is_whole : with the work of each region.
    """
    from kla_sim.language.safe import for_file_name
    from kla_sim.scenario.loading import digest

    is_central = seed is None
    which = "central" if is_central else f"{seed}-trace-{future.replication}"
    name = for_file_name(loaded.scenario.name)
    folder = out / f"{name}-{digest(loaded.scenario)[:8]}-{which}" / "plots"
    draw = partial(_draw, future, loaded, changes, folder, seed, is_whole=is_whole)
    show_plots(draw, folder, is_quiet=is_quiet)


def _draw(
    future: Future,
    loaded: LoadedScenario,
    changes: tuple[str, ...],
    folder: Path,
    seed: int | None,
    *,
    is_whole: bool,
) -> Drawn:
    from kla_sim.analysis.one_future import one_future
    from kla_sim.language import number
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.timeline_figures import Told, timeline_makers

    n = number(future.replication)
    told = Told(
        one_future(future.plan, future.replication, future.result, future.trace),
        loaded.scenario,
        "central" if seed is None else f"trace-{future.replication}",
        _("heading_central") if seed is None else _("heading_trace", n=n),
        _footer(loaded, changes, seed),
    )
    return write_figures(timeline_makers(told, is_whole=is_whole), folder)


def _footer(loaded: LoadedScenario, changes: tuple[str, ...], seed: int | None) -> str:
    from kla_sim import __version__
    from kla_sim.report.words import phrase_plan
    from kla_sim.scenario.loading import digest

    fields = {
        "scenario": phrase_plan(loaded.scenario.name, changes),
        "digest": digest(loaded.scenario)[:8],
        "version": __version__,
    }
    return _("footer_central", **fields) if seed is None else _("footer_trace", **fields, seed=seed)

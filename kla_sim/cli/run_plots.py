"""The plots of a run, drawn once its answer is out: by `run`, and by `merge` for the run it made.

Not here: where they go, and what is said of them (`plots`); the schedule among them (`gantt`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kla_sim.cli.plots import plots_folder, show_plots

if TYPE_CHECKING:
    from kla_sim.experiment.run import StoredRun
    from kla_sim.report.files import Drawn


def draw_run(run: StoredRun) -> Drawn:
    """Draw the plots of a run into its folder."""
    from kla_sim.cli.gantt import schedule_of
    from kla_sim.report.captions import caption_of
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.figures import run_makers

    makers = run_makers(run.summary, run.scenario, caption_of(run, run.summary.n))
    return write_figures({**makers, **schedule_of(run)}, plots_folder(run))


def show_run_plots(run: StoredRun, *, is_quiet: bool) -> None:
    """Draw the plots of a run once its answer is out."""
    folder, owner = plots_folder(run), run.folder.path
    show_plots(partial(draw_run, run), folder, is_quiet=is_quiet, owner=owner)

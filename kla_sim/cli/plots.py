"""Plots come after the answer: nothing that goes wrong in a drawing hides a number.

The answer is printed and flushed before any command calls `show_plots`; a drawing that fails is a
warning on standard error, and the exit code stays 0, since the answer stands. Also here: where the
plots of a run go, so that plots and summary are always of the same futures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kla_sim.cli.listing import print_blocks
from kla_sim.cli.options import MOST_REPLICATIONS
from kla_sim.cli.output import print_lines
from kla_sim.language import text
from kla_sim.reading import read_bounded

if TYPE_CHECKING:
    from kla_sim.experiment.run import StoredRun
    from kla_sim.report.files import Drawn
    from kla_sim.store import RunFolder

_ = partial(text, "answers")

_SUFFIXES = (".csv", ".svg", ".png")
_MOST_BYTES = 2**26


def show_plots(
    draw: Callable[[], Drawn], folder: Path, *, is_quiet: bool, owner: Path | None = None
) -> None:
    """Draw into a folder once the answer is out, and say where the plots are or why not.

    Parameters
    ----------
    owner : the folder that one process at a time may write, if it is not that of the plots.
    """
    from kla_sim.store import PATIENCE, writing

    sys.stdout.flush()
    try:
        with writing(owner or folder, PATIENCE):
            drawn = draw()
    except Exception as error:
        from kla_sim.report.files import reason_of

        _warn("plots_missing", reason_of(error))
        return
    from kla_sim.report.files import same_reason

    if drawn.written and not is_quiet:
        print_lines([_("plots_written", folder=str(folder))])
    for reason, names in same_reason(drawn):
        _warn("plots_missing_some", reason, names=", ".join(names))


def _warn(key: str, reason: str, **fields: str) -> None:
    print_blocks([_(key, reason=reason.rstrip("."), **fields)], sys.stderr)


def plots_folder(run: StoredRun) -> Path:
    """Return where the plots of a run go: a shorter look at a longer run has a folder of its own.

    So the plots in `plots` are always of the futures of which the summary beside them speaks.
    """
    manifest, n = run.folder.manifest, run.summary.n
    whole = run.folder.path / "plots"
    return whole if n == manifest.replications_done - manifest.first else _of_first(whole, n)


def set_plots_aside(folder: RunFolder, n: int) -> None:
    """Put the plots of fewer futures where those belong, before a summary of n takes its place."""
    whole = folder.path / "plots"
    before = _summarised(folder.path / "summary.json")
    if before in (None, n) or not whole.is_dir():
        return
    aside = _of_first(whole, before)
    for path in sorted(whole.iterdir()):
        if path.is_file() and path.suffix in _SUFFIXES:
            aside.mkdir(exist_ok=True)
            path.replace(aside / path.name)


def _of_first(whole: Path, n: int | None) -> Path:
    return whole / f"first-{n}"


def _summarised(path: Path) -> int | None:
    """Return of how many futures a summary speaks; None if there is none that can be read."""
    from kla_sim.analysis.kept import UNFIT, read_count

    try:
        found = read_count(json.loads(read_bounded(path, _MOST_BYTES))["replications"])
    except (*UNFIT, OSError, RecursionError):
        return None
    return found if 0 < found <= MOST_REPLICATIONS else None

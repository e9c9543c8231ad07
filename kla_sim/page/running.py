"""What the page answers about whole runs: begun, how far they are, ended, and what they said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

from kla_sim.errors import KlaSimError, UsageError
from kla_sim.language import describe, text
from kla_sim.page.events import Asked, Desk, Event, opened_of, piece
from kla_sim.page.levers import levers_of, overrides_of
from kla_sim.page.odds import Wish
from kla_sim.page.runs import Run, Standing, Written
from kla_sim.page.views import render
from kla_sim.report.words import phrase_interval, phrase_odds, phrase_share
from kla_sim.scenario.arguments import Whole
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.origin import origin_of
from kla_sim.store import open_folder

_ = partial(text, "page")

_MOST = 1_000_000
_drawing = threading.Lock()
"""Figures are drawn one at a time: the drawing library's settings are the process's."""

_LONGEST_LABEL = 60


def begin(desk: Desk, asked: Asked, wish: Wish) -> Iterator[Event]:
    """Begin a run of what stands on the page, and yield how far it is.

    Raises
    ------
    ScenarioError : the text is wrong.
    UsageError : a number is, or enough runs are under way.
    """
    n = Whole(_("run_n"), 1, _MOST).read(asked.more.get("n", ""))
    label = asked.more.get("label", "")[:_LONGEST_LABEL]
    run = desk.runs.begin(_written(desk, asked), n, asked.seed, label)
    if run is None:
        raise UsageError("page_runs_under_way")
    yield from _followed(run, wish)


def follow(desk: Desk, asked: Asked, wish: Wish) -> Iterator[Event]:
    """Yield how far a run is."""
    yield from _followed(_run(desk, asked), wish)


def stop(desk: Desk, asked: Asked, _wish: Wish) -> Iterator[Event]:
    """End a run by hand; whoever follows it is told."""
    _run(desk, asked).stop()
    yield {"announce": _("run_stopping")}


def run_piece(run: Run) -> Event:
    """Return how far a run is, as a piece of the page."""
    now = run.standing
    return piece("run", "run", run=run, now=now, words=_in_words(now), most=max(now.asked, 1))


def report_of(desk: Desk, number: str) -> str:
    """Return the report of a run as a document, or a page that says why there is none."""
    run = desk.runs.find(number)
    if run is None or run.standing.folder is None:
        return render("no_report", reason=_("report_none"))
    from kla_sim.experiment.material import gather
    from kla_sim.experiment.run import read_run
    from kla_sim.report.run_report import run_report

    try:
        material = gather(read_run(open_folder(run.standing.folder)))
        with _drawing:
            return run_report(material)
    except KlaSimError as error:
        return render("no_report", reason=describe(error))


def _written(desk: Desk, asked: Asked) -> Written:
    """Return what stands on the page, and its origin where its text is that of its file."""
    opened = opened_of(desk, asked)
    loaded = read_scenario(opened.path, text=asked.text)
    overrides = []
    if asked.moved:
        overrides = overrides_of(levers_of(loaded.scenario, loaded.scenario), asked.moved)
        loaded = read_scenario(opened.path, text=asked.text, overrides=overrides)
    if not opened.mark or opened.text != asked.text:
        return Written(loaded, None, ())
    origin = origin_of(loaded)
    return Written(loaded, origin, tuple(overrides) if origin.set_here else ())


def _run(desk: Desk, asked: Asked) -> Run:
    found = desk.runs.find(asked.more.get("run", ""))
    if found is None:
        raise UsageError("page_run_unknown")
    return found


def _followed(run: Run, wish: Wish) -> Iterator[Event]:
    for _standing in run.wait():
        wish.check()
        yield run_piece(run)
    yield {"announce": _in_words(run.standing)}


def _in_words(now: Standing) -> str:
    if now.error is not None:
        return describe(now.error)
    if now.folder is not None and now.odds is not None:
        return _("run_done", odds=phrase_odds(now.odds))
    if now.odds is None:
        return _("run_preparing")
    return _("run_under_way", share=phrase_share(now.odds), interval=phrase_interval(now.odds))

"""The routes of the page: one page, its static files, and the questions that it asks.

A question is a form; its answer a stream of events, made in threads so that the server stays free
to be asked anew. When the reader goes on to another question, the answer's generator ends and its
simulation with it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kla_sim.errors import KlaSimError, ScenarioError
from kla_sim.language import LANGUAGES, current, describe, speaking, text
from kla_sim.page import answers, comparing, futures, pictures, running, saving
from kla_sim.page.events import Asked, Desk, Event, opened_of
from kla_sim.page.folder import Folder, Opened
from kla_sim.page.guard import Guard
from kla_sim.page.levers import levers_of
from kla_sim.page.odds import Answered, Memory, NotWantedError, Wish
from kla_sim.page.runs import Runs
from kla_sim.page.views import render
from kla_sim.scenario.loading import read_scenario

_STATIC = Path(__file__).parent / "static"
_MOST_FIELD = 3_500_000
_AT_ONCE = 4
"""Threads that reckon answers; what is given up frees its own within a fraction of a second."""

Answer = Callable[[Desk, Asked, Wish], Iterator[Event]]

_ANSWERS: dict[str, Answer] = {
    "/odds": answers.odds,
    "/compare": comparing.compare,
    "/difference": saving.difference,
    "/save": saving.save,
    "/take": saving.take,
    "/futures": futures.pick,
    "/replay": futures.replay,
    "/run": running.begin,
    "/follow": running.follow,
    "/stop": running.stop,
}

_OWN_FIELDS = frozenset(("name", "text", "mark", "seed", "lever", "edited"))
_OF_PICTURES = "default-src 'none'"
_OF_REPORTS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def make_app(folder: Folder, runs: Runs, port: int, token: str, language: str) -> Starlette:
    """Return the application.

    Parameters
    ----------
    runs : where whole runs go.
    port, token : of the printed address, which alone opens the page.
    language : spoken until another is chosen.
    """
    desk = Desk(folder, Memory(), runs)
    limiter = anyio.CapacityLimiter(_AT_ONCE)
    routes = [
        Route("/", partial(_show, desk), methods=["GET", "POST"]),
        *(
            Route(path, partial(_answer, desk, limiter, answer), methods=["POST"])
            for path, answer in _ANSWERS.items()
        ),
        Route("/picture/{name}/{which}.svg", partial(_picture, desk)),
        Route("/report/{run}", partial(_report, desk)),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    guard = Middleware(Guard, port=port, token=token, language=language)
    return Starlette(routes=routes, middleware=[guard])


async def _show(desk: Desk, request: Request) -> Response:
    """Show the page: as it was opened, or with the text that it was left with.

    Where there is no such file any more, and no text of it, that is said instead.
    """
    form = await _form(request) if request.method == "POST" else FormData()
    chosen = str(form.get("language", ""))
    language = chosen if chosen in LANGUAGES else current()
    with speaking(language):
        try:
            html = await anyio.to_thread.run_sync(_page, desk, form)
        except KlaSimError as error:
            return PlainTextResponse(describe(error), 404)
    answer = HTMLResponse(html)
    if chosen in LANGUAGES:
        name = f"kla_sim-language-{request.url.port}"
        answer.set_cookie(name, language, httponly=True, samesite="strict")
    return answer


def _page(desk: Desk, form: FormData) -> str:
    name = str(form.get("name") or desk.folder.first)
    asked = _asked(form)._replace(name=name)
    opened = opened_of(desk, asked) if "text" in form else desk.folder.open(name)
    content = asked.text if "text" in form else opened.text
    opened = opened._replace(mark=str(form.get("mark", opened.mark)))
    return render(
        "page",
        names=desk.folder.names(),
        opened=opened,
        shown_text=content,
        is_saved=content == opened.text,
        seed=asked.seed,
        run=desk.runs.latest(),
        **_levers(opened, content),
        **answers.told_values(opened, content, [], []),
    )


def _levers(opened: Opened, content: str) -> dict[str, Any]:
    try:
        scenario = read_scenario(opened.path, text=content).scenario
    except ScenarioError:
        return answers.lever_values([], None)
    saved = answers.saved_scenario(opened) or scenario
    return answers.lever_values(levers_of(scenario, saved), scenario)


async def _answer(
    desk: Desk, limiter: anyio.CapacityLimiter, answer: Answer, request: Request
) -> Response:
    """Answer a question of the page with a stream of events."""
    asked = _asked(await _form(request))
    return EventSourceResponse(_stream(desk, limiter, answer, asked))


async def _stream(
    desk: Desk, limiter: anyio.CapacityLimiter, answer: Answer, asked: Asked
) -> AsyncIterator[dict[str, str]]:
    """Yield events as they are reckoned, until nobody reads them any more."""
    wish = Wish()
    steps = answer(desk, asked, wish)
    try:
        while event := await anyio.to_thread.run_sync(
            _next, steps, abandon_on_cancel=True, limiter=limiter
        ):
            yield {"data": json.dumps(event, ensure_ascii=False)}
    finally:
        wish.end()


def _next(steps: Iterator[Event]) -> Event | None:
    """Return the next event, or None behind the last."""
    try:
        return next(steps, None)
    except NotWantedError:
        return None
    except KlaSimError as error:
        return {"announce": describe(error)}
    except Exception as error:  # a fault of ours ends one answer, not the page
        logging.getLogger(__name__).exception("an answer of the page broke")
        return {"announce": text("page", "broke", reason=f"{type(error).__name__}: {error}")}


async def _picture(desk: Desk, request: Request) -> Response:
    """Return a picture of what was answered: the tiles, the schedule, or one future."""
    answered = desk.memory.find(request.path_params["name"])
    if answered is None:
        return Response(status_code=404)
    svg = await anyio.to_thread.run_sync(_drawn, answered, request.path_params["which"])
    headers = {"content-security-policy": _OF_PICTURES}
    return Response(svg, 200 if svg else 404, headers, "image/svg+xml")


def _drawn(answered: Answered, which: str) -> str:
    """Return a picture, empty where there is none of that name."""
    if which == "tiles":
        return pictures.tiles_svg(pictures.tiles_of(answered))
    if which == "gantt":
        return pictures.gantt_svg(pictures.gantt_figure(answered))
    return pictures.future_svg(answered, which)


async def _report(desk: Desk, request: Request) -> Response:
    """Return the report of a run; it loads and runs nothing."""
    html = await anyio.to_thread.run_sync(running.report_of, desk, request.path_params["run"])
    return HTMLResponse(html, headers={"content-security-policy": _OF_REPORTS})


async def _form(request: Request) -> FormData:
    return await request.form(max_part_size=_MOST_FIELD)


def _asked(form: FormData) -> Asked:
    levers = (str(one).partition("=") for one in form.getlist("lever"))
    return Asked(
        name=str(form.get("name", "")),
        text=_lines(str(form.get("text", ""))),
        mark=str(form.get("mark", "")),
        seed=_seed(form),
        moved={name: value for name, _, value in levers},
        is_edited=bool(form.get("edited")),
        more={name: str(value) for name, value in form.items() if name not in _OWN_FIELDS},
    )


def _lines(text: str) -> str:
    """Return a text with the ends of lines that scenarios have; forms have others."""
    return text.replace("\r\n", "\n")


def _seed(form: FormData) -> int:
    given = str(form.get("seed", "1"))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 1

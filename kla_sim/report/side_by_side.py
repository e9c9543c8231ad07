"""Figures drawn on two cores: by this process from the first on, by another from the last.

matplotlib takes a fifth of a second and more for a figure and never lets go of the interpreter, so
that threads would gain nothing. The figures of a report are drawn apart from each other, their
bytes are the same wherever they are drawn. Called by `document`. Not here: how one is drawn
(`drawing`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from functools import partial
from typing import NamedTuple, TypeVar

from kla_sim import execution
from kla_sim.report.choice_charts import Drawable
from kla_sim.report.drawing import to_svg

Result = TypeVar("Result")

_FEWEST = 6
"""Figures for which another process is worth its start, which takes as long as three of them."""


class Drawn(NamedTuple):
    """A figure and its drawing, see `drawing.to_svg`."""

    figure: Drawable
    svg: bytes


def draw_each(makers: Mapping[str, Callable[[], Drawable]]) -> dict[str, Drawn | Exception]:
    """Return each figure drawn, or what went wrong with it; the others are drawn all the same.

    Where another process cannot be had, or is lost, everything is drawn here.
    """
    figures = {name: attempted(make) for name, make in makers.items()}
    under_way: dict[str, Future[bytes]] = {}
    if len(figures) < _FEWEST or (os.cpu_count() or 1) < 2:
        return _collected(figures, under_way)
    with execution.processes(1)() as beside:
        with suppress(OSError, BrokenExecutor):
            for name in reversed(figures):
                figure = figures[name]
                if not isinstance(figure, Exception):
                    under_way[name] = beside.executor.submit(to_svg, figure)
        return _collected(figures, under_way)


def _collected(
    figures: Mapping[str, Drawable | Exception], under_way: Mapping[str, Future[bytes]]
) -> dict[str, Drawn | Exception]:
    return {
        name: figure
        if isinstance(figure, Exception)
        else attempted(partial(_drawn, figure, under_way.get(name)))
        for name, figure in figures.items()
    }


def _drawn(figure: Drawable, future: Future[bytes] | None) -> Drawn:
    """Take a drawing from where it was begun; draw it here where nobody has begun it."""
    if future is not None and not future.cancel():
        with suppress(BrokenExecutor):
            return Drawn(figure, future.result())
    return Drawn(figure, to_svg(figure))


def attempted(make: Callable[[], Result]) -> Result | Exception:
    """Return what is made, or what went wrong."""
    try:
        return make()
    except Exception as error:
        return error

"""Figures drawn on two cores: by this process, and by another that may begin earlier.

matplotlib takes a fifth of a second and more for a figure and never lets go of the interpreter, so
that threads would gain nothing; it is loaded by whichever process draws, and not before. The
figures of a report are drawn apart from each other, their bytes are the same wherever they are
drawn. Called by `document`. Not here: how one is drawn (`drawing`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import NamedTuple, TypeVar

from kla_sim import execution
from kla_sim.report.drawable import Drawable

Result = TypeVar("Result")

_FEWEST = 6
"""Figures for which another process is worth its start, which takes as long as three of them."""


class Drawn(NamedTuple):
    """A figure and its drawing, see `drawing.to_svg`."""

    figure: Drawable
    svg: bytes


Makers = Mapping[str, Callable[[], Drawable]]
"""What makes each figure, by its name."""


class Beside:
    """Another process that draws while this one goes on; where it is lost, this one draws.

    Parameters
    ----------
    executor : of that process; None = there is none.
    """

    def __init__(self, executor: Executor | None) -> None:
        self._executor = executor
        self._under_way: dict[str, Future[bytes]] = {}

    def begin(self, makers: Makers) -> None:
        """Have figures drawn that `draw_each` will be asked for, the same under the same names."""
        self._begin({name: attempted(make) for name, make in makers.items()})

    def draw_each(self, makers: Makers) -> dict[str, Drawn | Exception]:
        """Return each figure drawn, or what went wrong with it; the others are drawn all the same.

        What is not begun yet is begun there from the last on, and drawn here from the first on.
        """
        figures = {name: attempted(make) for name, make in makers.items()}
        new = [name for name in reversed(figures) if name not in self._under_way]
        self._begin({name: figures[name] for name in new})
        return {
            name: figure
            if isinstance(figure, Exception)
            else attempted(partial(_drawn, figure, self._under_way.get(name)))
            for name, figure in figures.items()
        }

    def _begin(self, figures: Mapping[str, Drawable | Exception]) -> None:
        with suppress(OSError, BrokenExecutor):
            for name, figure in figures.items():
                if self._executor is not None and not isinstance(figure, Exception):
                    self._under_way[name] = self._executor.submit(_draw, figure)


@contextmanager
def drawing_beside() -> Iterator[Beside]:
    """Start another process that draws, unless this machine has one core only."""
    if (os.cpu_count() or 1) < 2:
        yield Beside(None)
        return
    with execution.processes(1)() as place:
        with suppress(OSError, BrokenExecutor):
            place.executor.submit(_load)
        yield Beside(place.executor)


def draw_each(makers: Makers) -> dict[str, Drawn | Exception]:
    """Return each figure drawn, see `Beside`; a few are drawn here alone."""
    if len(makers) < _FEWEST:
        return Beside(None).draw_each(makers)
    with drawing_beside() as beside:
        return beside.draw_each(makers)


def _drawn(figure: Drawable, future: Future[bytes] | None) -> Drawn:
    """Take a drawing from where it was begun; draw it here where nobody has begun it."""
    if future is not None and not future.cancel():
        with suppress(BrokenExecutor):
            return Drawn(figure, future.result())
    return Drawn(figure, _draw(figure))


def _load() -> None:
    """Load what draws."""
    import_module("kla_sim.report.drawing")


def _draw(figure: Drawable) -> bytes:
    from kla_sim.report.drawing import to_svg

    return to_svg(figure)


def attempted(make: Callable[[], Result]) -> Result | Exception:
    """Return what is made, or what went wrong."""
    try:
        return make()
    except Exception as error:
        return error

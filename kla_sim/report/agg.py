"""matplotlib as this program uses it: drawn in memory by Agg, whatever the environment says.

A backend that a notebook or a shell left in MPLBACKEND, settings in a matplotlibrc and words about
a folder that cannot be written must neither stop nor colour a drawing. This is the one place where
matplotlib is imported; who has imported it before us keeps it as it is.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

_FOREIGN = ("MPLBACKEND", "MATPLOTLIBRC")
"""Variables that matplotlib reads when it is imported, and refuses to work with if it dislikes."""


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Import without what the environment says, and without a word unless the import fails."""
    kept = {name: os.environ.pop(name) for name in _FOREIGN if name in os.environ}
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
        os.environ.update(kept)


with _undisturbed():
    import matplotlib as mpl
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas
    from matplotlib.font_manager import FontProperties
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle
    from matplotlib.textpath import text_to_path

__all__ = [
    "Axes",
    "Canvas",
    "FigureCanvasAgg",
    "FontProperties",
    "Line2D",
    "Rectangle",
    "mpl",
    "text_to_path",
]

"""The page in HTML: templates filled with words in the language spoken; every value is escaped."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kla_sim.language import LANGUAGES, current, number, text

_ = partial(text, "page")

PALETTE = (
    ("#4d4d4d", "", ""),
    ("#D55E00", "#ffffff", "M0 0L6 6"),
    ("#E69F00", "#7a5200", "M3 2.5v1M0 5.5v1M6 5.5v1"),
    ("#F0E442", "#8a8000", "M0 6L6 0"),
    ("#009E73", "", ""),
    ("#0072B2", "#ffffff", "M0 0L6 6M0 6L6 0"),
)
"""Colour of each category (Okabe and Ito), and the hatch that says it a second time."""


def render(template: str, **values: Any) -> str:
    """Return a template filled."""
    return _templates().get_template(f"{template}.html").render(language=current(), **values)


def render_svg(template: str, **values: Any) -> str:
    """Return a picture: a template filled with places, in pixels, and words."""
    return _templates().get_template(f"{template}.svg").render(palette=PALETTE, **values)


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(_=_, number=number, languages=LANGUAGES)
    return found

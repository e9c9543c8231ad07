"""The page in HTML: templates filled with words in the language spoken; every value is escaped."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kla_sim.language import LANGUAGES, current, number, text

_ = partial(text, "page")


def render(template: str, **values: Any) -> str:
    """Return a template filled."""
    return _templates().get_template(f"{template}.html").render(language=current(), **values)


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

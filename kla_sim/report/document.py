"""The report on a run as one HTML document that loads nothing: a file to be handed on.

jinja2 escapes every text; what a run or scenario holds is never markup. The same run gives the same
bytes. Not here: what the chapters say (`chapters`), and where the document is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from kla_sim.language import current, text
from kla_sim.language.safe import brief, shown
from kla_sim.report.blocks import Block, Chapter, Part, Picture
from kla_sim.report.files import reason_of
from kla_sim.report.side_by_side import Beside, Drawn, Makers, draw_each

_ = partial(text, "reporting")

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_TEXT = 4_000
"""Signs of one text; a name of more would bury what stands around it."""

_UNBROKEN = re.compile(
    r"(?<=\d) (?=%)|(?<=\bRp) (?=\d)"
    r"|(?<=\d) (?=(?:juta|miliar|triliun|million|billion|trillion)\b)"
)
"""Spaces inside a number with its unit, where no line may end."""


class Drawing(NamedTuple):
    """A figure as markup, or why it is missing."""

    title: str
    svg: Markup | None
    reason: str = ""


def html_document(
    title: str,
    facts: Sequence[str],
    chapters: list[Chapter],
    makers: Makers,
    beside: Beside | None = None,
) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    title, facts : what it is about, and the line of facts below.
    chapters : in their order; the first one fills one page of paper at most.
    makers : what makes each figure that a chapter has a place for, by its name.
    beside : where some of them are being drawn already.
    """
    drawings = _drawn({name: makers[name] for name in _named(chapters)}, beside)
    return (
        _environment()
        .get_template("report.html")
        .render(
            language=current(),
            title=title,
            facts=facts,
            chapters=chapters,
            drawings=drawings,
            style=Markup((_TEMPLATES / "report.css").read_text("utf-8")),
            _=_,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["typed"] = _typed
    return environment


def _typed(words: str) -> Markup:
    """Return words that are to be typed as they stand: whole, no space of theirs another."""
    return escape(shown(words))


def _safe(value: Any) -> Any:
    """Return a text whose controls and marks of direction are visible; markup stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNBROKEN.sub("\N{NO-BREAK SPACE}", brief(shown(value), _LONGEST_TEXT))
    return value


def _named(chapters: list[Chapter]) -> list[str]:
    return [name for chapter in chapters for name in _pictures(chapter.blocks)]


def _pictures(blocks: Sequence[Block]) -> list[str]:
    names = []
    for block in blocks:
        if isinstance(block, Picture):
            names.append(block.name)
        elif isinstance(block, Part):
            names += _pictures(block.blocks)
    return names


def _drawn(makers: Makers, beside: Beside | None) -> dict[str, Drawing]:
    """Return figures drawn; one that fails is said in its place and leaves the rest standing."""
    hatches: set[str] = set()
    drawn = beside.draw_each(makers) if beside else draw_each(makers)
    return {name: _inline(name, one, hatches) for name, one in drawn.items()}


def _inline(name: str, drawn: Drawn | Exception, hatches: set[str]) -> Drawing:
    from kla_sim.report.inline_svg import inline_svg

    try:
        if isinstance(drawn, Exception):
            return Drawing(name, None, reason_of(drawn))
        alt = brief(shown(drawn.figure.alt), _LONGEST_TEXT)
        return Drawing(drawn.figure.title, inline_svg(drawn.svg, f"{name}-", alt, hatches))
    except Exception as error:
        return Drawing(name, None, reason_of(error))

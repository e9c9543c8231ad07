"""What a reader of a table should know that stops nothing: one line each, and entries for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kla_sim.cli.output import print_lines
from kla_sim.language import text

if TYPE_CHECKING:
    from kla_sim.domain.record import Notice


def notice_entries(notices: tuple[Notice, ...], catalogue: str) -> list[dict[str, Any]]:
    """Return notices as JSON lists them, each with its sentence."""
    return [{**notice._asdict(), "message": _sentence(notice, catalogue)} for notice in notices]


def print_notices(notices: tuple[Notice, ...], catalogue: str) -> None:
    """Print notices with file and line."""
    print_lines(
        [f"{notice.file}:{notice.line}  {_sentence(notice, catalogue)}" for notice in notices]
    )


def _sentence(notice: Notice, catalogue: str) -> str:
    fields = {"place": notice.place, "value": notice.value, "nearest": notice.nearest}
    return text(catalogue, notice.code, **fields)

"""Long lists of text: wrapped with an indent on a terminal, one entry a line everywhere else.

What goes to a file or another program is never wrapped, so that grep finds whole entries.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable
from pathlib import PurePath
from typing import TextIO

from kla_sim.language.safe import shown

NARROWEST = 40
_INDENT = "    "


def print_blocks(texts: Iterable[str], stream: TextIO | None = None) -> None:
    """Print texts below each other, those longer than the terminal with an indent."""
    stream = stream or sys.stdout
    for text in map(shown, texts):
        print(_wrapped(text, _width(), "  ") if stream.isatty() else text, file=stream)


def print_placed(rows: list[tuple[str, str, str]]) -> None:
    """Print values with the place each comes from.

    Parameters
    ----------
    rows : label, value and place (`file:line`) of each; on a terminal files are named in short,
        with their full names at the end.
    """
    rows = [(shown(label), shown(value), shown(place)) for label, value, place in rows]
    if not sys.stdout.isatty():
        for label, value, place in rows:
            print(f"{place}  {label} {value}")
        return
    width = _width()
    short = _short_names({place.rpartition(":")[0] for _, _, place in rows})
    for label, value, place in rows:
        file, _, line = place.rpartition(":")
        print(*_placed(label, value, f"{short[file]}:{line}", width), sep="\n")
    renamed = [(name, file) for file, name in short.items() if name != file]
    if renamed:
        print()
    for name, file in sorted(renamed):
        print(_wrapped(f"{name} = {file}", width, _INDENT))


def _placed(label: str, value: str, place: str, width: int) -> list[str]:
    """Return the lines of one value: on one line where it fits, else below its label."""
    if len(label) + len(value) + len(place) + 3 <= width:
        left = f"{label} {value}"
        return [left + place.rjust(width - len(left))]
    head = label + place.rjust(max(len(place) + 2, width - len(label)))
    below = textwrap.wrap(value, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
    return [head, *below]


def _short_names(files: set[str]) -> dict[str, str]:
    """Return the last part of each file's path where no other file shares it."""
    names = [PurePath(file).name for file in files]
    return {
        file: PurePath(file).name if names.count(PurePath(file).name) == 1 else file
        for file in files
    }


def _wrapped(text: str, width: int, indent: str) -> str:
    return textwrap.fill(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _width() -> int:
    return max(NARROWEST, shutil.get_terminal_size((100, 24)).columns)

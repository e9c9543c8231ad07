"""What commands print: JSON on standard output, tables for people, progress on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kla_sim.language import number, percent, text

if TYPE_CHECKING:
    from rich.table import Table

    from kla_sim.experiment.run import Progress

_UNBROKEN = re.compile(r"(?<=\d) (?=%)|(?<=\bRp) (?=\d)|(?<=\d) (?=(?:juta|miliar|triliun)\b)")
"""Spaces inside a number with its unit, where no line may end."""

_WIDEST = 10_000
"""Columns that no table reaches."""


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document; what is not UTF-8 in a name becomes an escape of JSON."""
    from kla_sim.store import to_json

    sys.stdout.write(to_json(document).encode("utf-8", "backslashreplace").decode())


def print_lines(lines: list[str]) -> None:
    """Print sentences, one a line; on a terminal wrapped, what follows a break set in."""
    from textwrap import fill

    from rich.console import Console

    console = Console(highlight=False)
    for line in "\n".join(lines).split("\n") if lines else []:
        shown = line
        if console.is_terminal:
            shown = fill(
                _UNBROKEN.sub("\N{NO-BREAK SPACE}", line),
                console.width,
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            ).replace("\N{NO-BREAK SPACE}", " ")
        console.print(shown, markup=False, soft_wrap=True)


def new_table(title: str, *columns: str, numbers: tuple[int, ...] = ()) -> Table:
    """Return a calm table; the columns in `numbers` are aligned right, nothing is cut off."""
    from rich import box
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for place, column in enumerate(columns):
        is_number = place in numbers
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    return table


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal; elsewhere so wide that no entry is broken."""
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(highlight=False, width=table_width())
    if not console.is_terminal:
        unbroken = console.options.update(max_width=_WIDEST)
        widest = Measurement.get(console, unbroken, table).maximum
        console = Console(highlight=False, width=max(console.width, widest))
    console.print(table)


def table_width() -> int:
    """Return the columns of the terminal; where there is none, at least 120."""
    from rich.console import Console

    console = Console()
    return console.width if console.is_terminal else max(console.width, 120)


@contextmanager
def show_progress(
    *, is_quiet: bool, first: str = ""
) -> Iterator[Callable[[Progress], None] | None]:
    """Show how far a run is, on standard error, where that is a terminal.

    Parameters
    ----------
    first : shown until there is progress to show.
    """
    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status(first) as status:

        def report(progress: Progress) -> None:
            status.update(
                text(
                    "answers",
                    "progress",
                    done=number(progress.done),
                    asked=number(progress.asked),
                    rate=number(progress.replications_per_second),
                    left=number(progress.seconds_left),
                    odds=percent(min(0.99, max(0.01, progress.odds))),
                )
            )

        yield report


@contextmanager
def tell_on_terminal(*, is_quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the step under way, on standard error, where that is a terminal."""
    if is_quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update

"""What commands print: JSON on standard output, tables for people, progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kla_sim.language import number, percent, text

if TYPE_CHECKING:
    from rich.table import Table

    from kla_sim.experiment.run import Progress


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    from kla_sim.store import to_json

    sys.stdout.write(to_json(document))


def print_lines(lines: list[str]) -> None:
    """Print sentences, one a line, wrapped to the terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    for line in lines:
        console.print(line, markup=False, soft_wrap=not console.is_terminal)


def new_table(title: str, *columns: str, numbers: tuple[int, ...] = ()) -> Table:
    """Return a calm table; the columns in `numbers` are aligned right."""
    from rich import box
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place in numbers else "left")
    return table


def print_table(table: Table) -> None:
    """Print a table, at least 100 columns wide where there is no terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 120))
    console.print(table)


@contextmanager
def show_progress(*, is_quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Show how far a run is, on standard error, where that is a terminal."""
    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:

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

"""What commands print: JSON on standard output, tables for people, progress on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kla_sim.language import number, percent, text
from kla_sim.language.safe import brief, shown

if TYPE_CHECKING:
    from kla_sim.experiment.progress import Preparing, Progress

_UNBROKEN = re.compile(r"(?<=\d) (?=%)|(?<=\bRp) (?=\d)|(?<=\d) (?=(?:juta|miliar|triliun)\b)")
"""Spaces inside a number with its unit, where no line may end."""

_WORLDS_TOLD = 50
"""Worlds between two words on how many are made."""

_SLOW = 10.0
"""Futures a second, below which a decimal is told."""

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
    from rich.text import Text

    console = Console(highlight=False)
    for line in "\n".join(lines).split("\n") if lines else []:
        words = shown(line)
        if console.is_terminal:
            words = fill(
                _UNBROKEN.sub("\N{NO-BREAK SPACE}", words),
                console.width,
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            ).replace("\N{NO-BREAK SPACE}", " ")
        console.print(Text(words), soft_wrap=True)


@dataclass
class Table:
    """A table of texts, none of them interpreted: what looks like markup is printed as it is."""

    title: str
    columns: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    whole: tuple[int, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add_row(self, *cells: str) -> None:
        """Add one row, a text for each column."""
        self.rows.append(cells)


def rate_in_words(per_second: float) -> str:
    """Return a rate, a slow one with a decimal: none that was reached is told as 0."""
    return number(per_second, 1 if per_second < _SLOW else 0)


def new_table(
    title: str, *columns: str, numbers: tuple[int, ...] = (), whole: tuple[int, ...] = ()
) -> Table:
    """Return a calm table; the columns in `numbers` are aligned right, very long names are cut.

    Parameters
    ----------
    whole : the columns whose entries are never cut, since they are copied from there.
    """
    return Table(title, columns, numbers, whole)


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal; elsewhere so wide that no entry is broken."""
    from rich.console import Console
    from rich.measure import Measurement

    drawn = _drawn(table)
    console = Console(highlight=False, width=table_width())
    if not console.is_terminal:
        unbroken = console.options.update(max_width=_WIDEST)
        widest = Measurement.get(console, unbroken, drawn).maximum
        console = Console(highlight=False, width=max(console.width, widest))
    console.print(drawn)


def _drawn(table: Table) -> Any:
    """Return a table as rich draws it, every text of it a finished one."""
    from rich import box
    from rich.table import Table as Drawn
    from rich.text import Text

    title = Text(shown(table.title)) if table.title else None
    drawn = Drawn(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for place, column in enumerate(table.columns):
        side: Any = "right" if place in table.numbers else "left"
        drawn.add_column(Text(shown(column)), justify=side, overflow="fold")
    for row in table.rows:
        cells = [shown(cell) for cell in row]
        drawn.add_row(
            *(
                Text(cell if place in table.whole else brief(cell))
                for place, cell in enumerate(cells)
            )
        )
    return drawn


def table_width() -> int:
    """Return the columns of the terminal; where there is none, at least 120."""
    from rich.console import Console

    console = Console()
    return console.width if console.is_terminal else max(console.width, 120)


@contextmanager
def show_progress(
    *, is_quiet: bool, first: str = ""
) -> Iterator[Callable[[Progress | Preparing], None] | None]:
    """Show how far a run is, on standard error, where that is a terminal.

    Parameters
    ----------
    first : shown until there is progress to show.
    """
    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.text import Text

    from kla_sim.experiment.progress import Preparing

    with Console(stderr=True).status(Text(first)) as status:

        def report(progress: Progress | Preparing) -> None:
            if isinstance(progress, Preparing):
                if progress.done % _WORLDS_TOLD == 0 or progress.done == progress.asked:
                    status.update(Text(_worlds_made(progress) or first))
                return
            line = text(
                "answers",
                "progress",
                done=number(progress.done),
                asked=number(progress.asked),
                rate=rate_in_words(progress.replications_per_second),
                left=number(progress.seconds_left),
                odds=_odds_so_far(progress),
            )
            status.update(Text(line))

        yield report


def _odds_so_far(progress: Progress) -> str:
    """Say the running odds, with their interval where one holds."""
    if progress.estimate is None:
        return percent(min(0.99, max(0.01, progress.odds)))
    from kla_sim.report.words import phrase_interval, phrase_share

    return f"{phrase_share(progress.estimate)} ({phrase_interval(progress.estimate)})"


def _worlds_made(progress: Preparing) -> str:
    """Say how many worlds are made; nothing once all are."""
    if progress.done == progress.asked:
        return ""
    return text(
        "answers",
        "progress_worlds",
        done=number(progress.done),
        asked=number(progress.asked),
    )


def print_notice(line: str) -> None:
    """Print a sentence on standard error, beside what a command answers."""
    print(line, file=sys.stderr)


@contextmanager
def tell_on_terminal(*, is_quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the step under way, on standard error, where that is a terminal."""
    if is_quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status("") as status:
        yield lambda step: status.update(Text(shown(step)))
